"""The electronic archive: who takes supply, under which agreement, where, and whom to call."""

from django.db import models
from django.db.models import F, Q

from lamplighter.facts.customers.kinds import CATEGORIES, KINDS
from lamplighter.facts.intake.versions import Version, one_current, one_of

IMPORTANCE = ["NONE", "SPECIAL", "FIRST", "SECOND", "TEMPORARY"]
PAYMENT_METHODS = ["BANK_DEBIT", "WALLET", "APP", "COUNTER", "CASH"]
ROLES = ["OWNER", "TENANT", "PAYER", "CHILD_AWAY", "HOUSEHOLD_HEAD", "OTHER"]
BASES = ["CONTRACT", "CONSENT", "LEGAL_DUTY"]
RELATIONS = ["LANDLORD_OF", "FAMILY_OF", "EMPLOYS", "NEIGHBOUR_OF"]
FACETS = ["BASIC", "OPERATION", "FINANCE", "CREDIT", "COOPERATION", "RECOVERY"]
FLAGS = [
    *("LIFE_SUPPORT", "ELDERLY_ALONE", "HARDSHIP", "IMPORTANT", "THEFT_VERIFIED", "HOLD_DISPUTE")
]
REQUEST_KINDS = [
    *("CONSULTATION", "COMPLAINT", "REPORT", "SUGGESTION", "FAULT", "INSTALLATION", "OTHER")
]
REQUEST_CHANNELS = ["PHONE", "APP", "COUNTER", "WEB", "VISIT"]


class Customer(models.Model):
    """A person or organisation that takes supply (CIM Customer)."""

    number = models.CharField(max_length=60, unique=True)

    def __str__(self) -> str:
        return self.number


class Account(models.Model):
    """What a customer is billed under (CIM CustomerAccount): 户号."""

    number = models.CharField(max_length=60, unique=True)
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="accounts")

    def __str__(self) -> str:
        return self.number


class Holding(Version):
    """Whose account it is: a change of holder (过户) keeps the account's number.

    ``Account.customer`` is the holder now; this table says who it was before.
    """

    account = models.ForeignKey(Account, models.PROTECT, related_name="holdings")
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="holdings")

    class Meta:
        constraints = one_current(name="holding", fields=["account"])

    def __str__(self) -> str:
        return f"account {self.account_id} of customer {self.customer_id}"


class Identity(Version):
    """Who the customer is, as known at one time."""

    customer = models.ForeignKey(Customer, models.PROTECT, related_name="identities")
    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=12)
    id_number_sealed = models.BinaryField(null=True)
    id_number_masked = models.CharField(max_length=40)
    id_number_index = models.CharField(max_length=64, default="")  # keyed hash; empty: unknown
    industry = models.CharField(max_length=80)
    importance = models.CharField(max_length=10)

    class Meta:
        constraints = [
            *one_current(name="identity", fields=["customer"]),
            one_of(name="identity_kind_known", field="kind", choices=KINDS),
            one_of(name="identity_importance_known", field="importance", choices=IMPORTANCE),
        ]
        indexes = [
            models.Index(
                name="identity_by_id_number",
                fields=["id_number_index"],
                condition=Q(superseded_at__isnull=True) & ~Q(id_number_index=""),
            ),
            models.Index(
                name="identity_by_name",
                fields=["name", "customer"],
                condition=Q(superseded_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"customer {self.customer_id} from {self.recorded_at:%Y-%m-%d}"


class Agreement(Version):
    """Under which terms the account is supplied (CIM CustomerAgreement)."""

    account = models.ForeignKey(Account, models.PROTECT, related_name="agreements")
    category = models.CharField(max_length=20)
    capacity_kva = models.DecimalField(max_digits=12, decimal_places=3, null=True)
    tariff_code = models.CharField(max_length=40)
    is_prepaid = models.BooleanField()
    payment_method = models.CharField(max_length=12)
    first_day = models.DateField(null=True)
    last_day = models.DateField(null=True)

    class Meta:
        constraints = [
            *one_current(name="agreement", fields=["account"]),
            one_of(name="agreement_category_known", field="category", choices=CATEGORIES),
            one_of(
                name="agreement_payment_method_known",
                field="payment_method",
                choices=PAYMENT_METHODS,
            ),
            models.CheckConstraint(
                name="agreement_capacity_not_negative",
                condition=Q(capacity_kva__isnull=True) | Q(capacity_kva__gte=0),
            ),
            models.CheckConstraint(
                name="agreement_ends_after_it_starts",
                condition=Q(last_day__isnull=True)
                | Q(first_day__isnull=True)
                | Q(last_day__gte=F("first_day")),
            ),
        ]

    def __str__(self) -> str:
        return f"account {self.account_id} {self.tariff_code}"


class Premise(Version):
    """Where the account is supplied (CIM ServiceLocation)."""

    account = models.ForeignKey(Account, models.PROTECT, related_name="premises")
    area = models.ForeignKey("network.Area", models.PROTECT, null=True, related_name="+")
    address = models.CharField(max_length=300)
    longitude_deg = models.FloatField(null=True)
    latitude_deg = models.FloatField(null=True)

    class Meta:
        constraints = one_current(name="premise", fields=["account"])
        indexes = [
            models.Index(
                name="premise_now_by_area",
                fields=["area", "account"],
                condition=Q(superseded_at__isnull=True),
            )
        ]

    def __str__(self) -> str:
        return f"account {self.account_id} in area {self.area_id}"


class PersonalField(Version):
    """Personal data beyond the contract: why we hold it, on what basis, until when (Q4)."""

    purpose = models.CharField(max_length=120)
    basis = models.CharField(max_length=12)
    granted_date = models.DateField(null=True)
    expires_date = models.DateField(null=True)
    withdrawn_at = models.DateTimeField(null=True)
    erased_at = models.DateTimeField(null=True)  # the content is gone, the row stays as a promise

    class Meta:
        abstract = True


class Contact(PersonalField):
    """Somebody to call about the account, with their role."""

    account = models.ForeignKey(Account, models.PROTECT, related_name="contacts")
    role = models.CharField(max_length=16)
    name = models.CharField(max_length=120)
    phone_sealed = models.BinaryField()
    phone_masked = models.CharField(max_length=40)
    phone_index = models.CharField(max_length=64)  # keyed hash of the whole number, for search
    phone_tail_index = models.CharField(max_length=64, default="")  # the same of its last digits

    class Meta:
        constraints = [
            *one_current(name="contact", fields=["account", "role", "phone_index"]),
            one_of(name="contact_role_known", field="role", choices=ROLES),
            one_of(name="contact_basis_known", field="basis", choices=BASES),
        ]
        indexes = [
            models.Index(name="contact_by_phone", fields=["phone_index"]),
            models.Index(name="contact_by_phone_tail", fields=["phone_tail_index"]),
        ]

    def __str__(self) -> str:
        return f"account {self.account_id} {self.role}"


class Relation(Version):
    """How two accounts belong together."""

    account = models.ForeignKey(Account, models.PROTECT, related_name="relations")
    related = models.ForeignKey(Account, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=16)
    first_day = models.DateField(null=True)

    class Meta:
        constraints = [
            *one_current(name="relation", fields=["account", "related", "kind"]),
            one_of(name="relation_kind_known", field="kind", choices=RELATIONS),
            models.CheckConstraint(
                name="relation_between_two_accounts", condition=~Q(account=F("related"))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account_id} {self.kind} {self.related_id}"


class Facet(Version):
    """One statement under one of the six facets of the archive (S2-04)."""

    account = models.ForeignKey(Account, models.PROTECT, related_name="facets")
    facet = models.CharField(max_length=12)
    item = models.CharField(max_length=80)
    content = models.CharField(max_length=400)
    stated_date = models.DateField()
    expires_date = models.DateField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="facet_expires_after_it_was_stated",
                condition=Q(expires_date__isnull=True) | Q(expires_date__gte=F("stated_date")),
            ),
            *one_current(name="facet", fields=["account", "facet", "item"]),
            one_of(name="facet_known", field="facet", choices=FACETS),
        ]

    def __str__(self) -> str:
        return f"account {self.account_id} {self.facet} {self.item}"


class Flag(Version):
    """A coded fact that changes how we must treat the account: protection, importance, hold."""

    account = models.ForeignKey(Account, models.PROTECT, related_name="flags")
    kind = models.CharField(max_length=16)
    first_day = models.DateField()
    last_day = models.DateField(null=True)
    evidence = models.CharField(max_length=200)

    class Meta:
        constraints = [
            *one_current(name="flag", fields=["account", "kind", "first_day"]),
            one_of(name="flag_kind_known", field="kind", choices=FLAGS),
            models.CheckConstraint(
                name="flag_ends_after_it_starts",
                condition=Q(last_day__isnull=True) | Q(last_day__gte=F("first_day")),
            ),
            models.CheckConstraint(
                name="flag_theft_names_its_evidence",
                condition=~Q(kind="THEFT_VERIFIED", evidence=""),
            ),
        ]

    def __str__(self) -> str:
        return f"account {self.account_id} {self.kind}"


class Assessment(Version):
    """The safety grade of the equipment, or the credit grade of the market (S3-08)."""

    account = models.ForeignKey(Account, models.PROTECT, related_name="assessments")
    kind = models.CharField(max_length=8)
    grade = models.CharField(max_length=20)
    assessed_date = models.DateField()
    assessor = models.CharField(max_length=80)

    class Meta:
        constraints = [
            *one_current(name="assessment", fields=["account", "kind", "assessed_date"]),
            one_of(name="assessment_kind_known", field="kind", choices=["SAFETY", "CREDIT"]),
        ]

    def __str__(self) -> str:
        return f"account {self.account_id} {self.kind} {self.grade}"


class SurveyAnswer(PersonalField):
    """An answer given on a visit (S4-05); blank answers are simply absent."""

    account = models.ForeignKey(Account, models.PROTECT, related_name="survey_answers")
    question = models.CharField(max_length=60)
    answer = models.CharField(max_length=400)
    asked_date = models.DateField()
    asked_by = models.CharField(max_length=80)

    class Meta:
        constraints = [
            *one_current(name="survey_answer", fields=["account", "question", "asked_date"]),
            one_of(name="survey_answer_basis_known", field="basis", choices=BASES),
        ]

    def __str__(self) -> str:
        return f"account {self.account_id} {self.question}"


class ServiceRequest(Version):
    """What a customer asked for in the past, in their words (service history, S1-01, S3-08)."""

    number = models.CharField(max_length=60)
    account = models.ForeignKey(Account, models.PROTECT, null=True, related_name="requests")
    area = models.ForeignKey("network.Area", models.PROTECT, null=True, related_name="+")
    kind = models.CharField(max_length=16)
    channel = models.CharField(max_length=8)
    requested_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    content = models.TextField()
    is_upheld = models.BooleanField(null=True)

    class Meta:
        constraints = [
            *one_current(name="service_request", fields=["number"]),
            one_of(name="service_request_kind_known", field="kind", choices=REQUEST_KINDS),
            one_of(name="service_request_channel_known", field="channel", choices=REQUEST_CHANNELS),
        ]
        indexes = [
            models.Index(name="service_request_by_account", fields=["account"]),
            models.Index(name="service_request_by_time", fields=["requested_at", "area"]),
        ]

    def __str__(self) -> str:
        return self.number


class SearchEntry(models.Model):
    """What an account can be found by; rebuilt from the current versions by every import."""

    account = models.OneToOneField(
        Account, models.CASCADE, primary_key=True, related_name="search_entry"
    )
    area = models.ForeignKey("network.Area", models.PROTECT, null=True, related_name="+")
    terms = models.TextField()  # space-separated; the migration indexes them as lexemes (GIN)

    def __str__(self) -> str:
        return f"account {self.account_id}"
