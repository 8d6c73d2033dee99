"""What people said against a finding, what a person decided, and what stands since."""

from django.db import models
from django.db.models import F, Q

from lamplighter.facts.intake.versions import one_of

ABOUT = ["GRADE", "RISK", "CAUSE", "CHANGE", "VALUE"]
WISHES = ["REVIEW", "NO_AUTOMATION"]
CHANNELS = ["PHONE", "COUNTER", "VISIT", "WEB", "PAPER", "APP"]
OUTCOMES = ["UPHELD", "CORRECTED", "AUTOMATION_REFUSED"]
WRONG_FACTS = [
    *("PAYMENT", "REMINDER", "READING", "BILL", "HOLDER", "CONTACT", "FLAG", "OTHER", ""),
]
VERDICTS = ["CONFIRMED", "REFUSED"]
WORDS_AT_MOST = 1000


def kept_or_erased(*, name: str, field: str) -> models.CheckConstraint:
    """Return the constraint that words are there until the day they were erased, and not after."""
    kept = ~Q(**{field: ""}) & Q(erased_at__isnull=True)
    gone = Q(**{field: ""}) & Q(erased_at__isnull=False)
    return models.CheckConstraint(name=name, condition=kept | gone)


class Contest(models.Model):
    """Somebody says a finding is wrong, or refuses to be judged by a machine alone (PIPL Art. 24).

    The words are the customer's own; like a request's they never go into the ledger.
    """

    account = models.ForeignKey("customers.Account", models.PROTECT, related_name="+")
    about = models.CharField(max_length=8)
    wish = models.CharField(max_length=16)
    channel = models.CharField(max_length=8)
    is_by_other = models.BooleanField()  # somebody spoke for the customer
    words = models.CharField(max_length=WORDS_AT_MOST)
    erased_at = models.DateTimeField(null=True)  # set when the time to keep the words was over
    night = models.ForeignKey("findings.Night", models.PROTECT, related_name="+")
    machine = models.JSONField()  # what was contested: codes and numbers of that night
    opened_at = models.DateTimeField()
    opened_by = models.ForeignKey("network.Staff", models.PROTECT, related_name="+")
    due_date = models.DateField()  # the last day to decide
    is_due_in_workdays = models.BooleanField()  # False: beyond the calendar, every day counted
    decided_at = models.DateTimeField(null=True)  # set once, by the one decision
    policy_version = models.CharField(max_length=40)
    request_key = models.CharField(max_length=40)  # the form's; empty where none was sent

    class Meta:
        constraints = [
            one_of(name="contest_about_known", field="about", choices=ABOUT),
            one_of(name="contest_wish_known", field="wish", choices=WISHES),
            one_of(name="contest_channel_known", field="channel", choices=CHANNELS),
            kept_or_erased(name="contest_has_words", field="words"),
            models.UniqueConstraint(
                name="contest_one_open_per_finding",
                fields=["account", "about"],
                condition=Q(decided_at__isnull=True),
            ),
            models.UniqueConstraint(
                name="contest_one_per_request",
                fields=["request_key"],
                condition=~Q(request_key=""),
            ),
        ]
        indexes = [
            models.Index(name="contest_by_account", fields=["account", "opened_at"]),
            models.Index(name="contest_by_due", fields=["decided_at", "due_date"]),
        ]

    def __str__(self) -> str:
        return f"#{self.pk} account {self.account_id} {self.about}"


class Decision(models.Model):
    """What a person decided about one contest, and why; never edited."""

    contest = models.OneToOneField(Contest, models.PROTECT, related_name="decision")
    outcome = models.CharField(max_length=20)
    value = models.CharField(max_length=16)  # the person's own; empty where none is given
    reasons = models.CharField(max_length=WORDS_AT_MOST)
    erased_at = models.DateTimeField(null=True)  # set when the time to keep the words was over
    wrong_fact = models.CharField(max_length=8)  # what has to be put right; empty where nothing
    valid_until_date = models.DateField(null=True)  # last day; None: until it is ended
    decided_at = models.DateTimeField()
    decided_by = models.ForeignKey("network.Staff", models.PROTECT, related_name="+")
    policy_version = models.CharField(max_length=40)
    fact_corrected_at = models.DateTimeField(null=True)  # set once, when it has been put right
    fact_corrected_by = models.ForeignKey(
        "network.Staff", models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        constraints = [
            one_of(name="decision_outcome_known", field="outcome", choices=OUTCOMES),
            one_of(name="decision_wrong_fact_known", field="wrong_fact", choices=WRONG_FACTS),
            kept_or_erased(name="decision_has_reasons", field="reasons"),
            models.CheckConstraint(
                name="decision_fact_corrected_by_somebody",
                condition=Q(fact_corrected_at__isnull=True, fact_corrected_by__isnull=True)
                | Q(fact_corrected_at__isnull=False, fact_corrected_by__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"contest {self.contest_id} {self.outcome}"


class Ruling(models.Model):
    """What stands in place of a finding since a decision, whatever the nights compute."""

    decision = models.OneToOneField(Decision, models.PROTECT, related_name="ruling")
    account = models.ForeignKey("customers.Account", models.PROTECT, related_name="+")
    about = models.CharField(max_length=8)
    outcome = models.CharField(max_length=20)
    value = models.CharField(max_length=16)  # empty: nothing is shown in its place
    hides_until_date = models.DateField(null=True)  # of CHANGE: changes up to this day
    recorded_at = models.DateTimeField()
    valid_until_date = models.DateField(null=True)
    ended_at = models.DateTimeField(null=True)  # set once: by a later ruling, or by a person
    ended_by = models.ForeignKey("network.Staff", models.PROTECT, null=True, related_name="+")
    ended_because = models.CharField(max_length=WORDS_AT_MOST)

    class Meta:
        constraints = [
            one_of(name="ruling_about_known", field="about", choices=ABOUT),
            one_of(name="ruling_outcome_known", field="outcome", choices=OUTCOMES[1:]),
            models.UniqueConstraint(
                name="ruling_one_stands",
                fields=["account", "about"],
                condition=Q(ended_at__isnull=True),
            ),
            models.CheckConstraint(
                name="ruling_ends_after_it_begins",
                condition=Q(ended_at__isnull=True) | Q(ended_at__gte=F("recorded_at")),
            ),
        ]

    def __str__(self) -> str:
        return f"account {self.account_id} {self.about} {self.value}"


class GradeDReview(models.Model):
    """A person confirmed or refused the grade D that a night proposed; never edited."""

    account = models.ForeignKey("customers.Account", models.PROTECT, related_name="+")
    night = models.ForeignKey("findings.Night", models.PROTECT, related_name="+")
    verdict = models.CharField(max_length=10)
    reasons = models.CharField(max_length=WORDS_AT_MOST)
    erased_at = models.DateTimeField(null=True)  # set when the time to keep the words was over
    recorded_day = models.DateField()  # local; compared with the days of reminders and payments
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey("network.Staff", models.PROTECT, related_name="+")
    policy_version = models.CharField(max_length=40)

    class Meta:
        constraints = [
            one_of(name="grade_d_verdict_known", field="verdict", choices=VERDICTS),
            kept_or_erased(name="grade_d_has_reasons", field="reasons"),
            models.UniqueConstraint(
                name="grade_d_one_review_a_day", fields=["account", "recorded_day"]
            ),
        ]
        indexes = [models.Index(name="grade_d_by_account", fields=["account", "recorded_at"])]

    def __str__(self) -> str:
        return f"account {self.account_id} {self.verdict}"


class AssessmentApproval(models.Model):
    """A person approved one version of the impact assessment (PIPL Art. 55); never edited."""

    policy_version = models.CharField(max_length=40)
    statement = models.CharField(max_length=WORDS_AT_MOST)  # what the person checked
    approved_at = models.DateTimeField()
    approved_by = models.ForeignKey("network.Staff", models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(name="approval_has_a_statement", condition=~Q(statement="")),
            models.UniqueConstraint(name="approval_one_per_version", fields=["policy_version"]),
        ]

    def __str__(self) -> str:
        return self.policy_version
