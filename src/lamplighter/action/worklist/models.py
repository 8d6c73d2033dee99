"""Today's work for each person, and what became of it."""

from django.db import models
from django.db.models import Q

from lamplighter.facts.intake.versions import one_of

REMEDIES = [
    *("MOVE_TO_MAIN_ACCOUNT", "SCHEDULED_REMINDER", "CONTACT_CHILD_AWAY", "SETTLE_DISPUTE"),
    *("HARDSHIP_PLAN", "PEER_AND_PERSISTENCE", "ASK_CAUSE", "CARE_VISIT", "LANDLORD_CALL"),
    "ROUND_VISIT",
]
OUTCOMES = [
    *("DONE", "PROMISED", "NOT_REACHED", "REFUSED", "WRONG_NUMBER", "MOVED_AWAY", "NOT_NEEDED")
]
LEFT_OUT_REASONS = ["NO_TIME", "CONTACTED_RECENTLY", "WAITING", "LOW_BENEFIT", "HOLD"]


class Plan(models.Model):
    """One person's chosen work for one day."""

    day = models.DateField()
    staff = models.ForeignKey("network.Staff", models.PROTECT, related_name="+")
    night = models.ForeignKey("findings.Night", models.PROTECT, related_name="+")
    policy_version = models.CharField(max_length=80)
    minutes_available = models.IntegerField()
    minutes_planned = models.IntegerField()
    n_candidates = models.IntegerField()
    benefit_cny = models.DecimalField(max_digits=14, decimal_places=2)
    is_proved_optimal = models.BooleanField()
    left_out_counts = models.JSONField(
        default=dict
    )  # reason → how many, those not kept by name too
    made_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="plan_once_a_person_and_day", fields=["staff", "day"]),
            models.CheckConstraint(
                name="plan_within_hours",
                condition=Q(minutes_planned__lte=models.F("minutes_available")),
            ),
        ]

    def __str__(self) -> str:
        return f"staff {self.staff_id} on {self.day}"


class Item(models.Model):
    """One line of a plan: a door, the reason, the remedy."""

    plan = models.ForeignKey(Plan, models.CASCADE, related_name="items")
    position = models.IntegerField()
    account = models.ForeignKey("customers.Account", models.PROTECT, related_name="+")
    contact_account = models.ForeignKey(  # whose people are called: the landlord's, or empty
        "customers.Account", models.PROTECT, null=True, related_name="+"
    )
    area = models.ForeignKey("network.Area", models.PROTECT, null=True, related_name="+")
    remedy = models.CharField(max_length=24)
    is_visit = models.BooleanField()
    minutes = models.IntegerField()
    benefit_cny = models.DecimalField(max_digits=12, decimal_places=2)
    at_stake_cny = models.DecimalField(max_digits=12, decimal_places=2)
    help_probability = models.FloatField()
    reason = models.JSONField()  # code and numbers; the page words it

    class Meta:
        constraints = [
            models.UniqueConstraint(name="item_one_position", fields=["plan", "position"]),
            models.UniqueConstraint(name="item_one_door_a_day", fields=["plan", "account"]),
            one_of(name="item_remedy_known", field="remedy", choices=REMEDIES),
        ]
        indexes = [models.Index(name="item_by_account", fields=["account"])]

    def __str__(self) -> str:
        return f"plan {self.plan_id} #{self.position} {self.remedy}"


class LeftOut(models.Model):
    """A candidate that is not on the plan, and why."""

    plan = models.ForeignKey(Plan, models.CASCADE, related_name="left_out")
    account = models.ForeignKey("customers.Account", models.PROTECT, related_name="+")
    remedy = models.CharField(max_length=24)
    benefit_cny = models.DecimalField(max_digits=12, decimal_places=2)
    minutes = models.IntegerField()
    why = models.CharField(max_length=20)
    detail = models.JSONField()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="left_out_once", fields=["plan", "account"]),
            one_of(name="left_out_why_known", field="why", choices=LEFT_OUT_REASONS),
            one_of(name="left_out_remedy_known", field="remedy", choices=REMEDIES),
        ]

    def __str__(self) -> str:
        return f"plan {self.plan_id} without {self.account_id}: {self.why}"


class Outcome(models.Model):
    """What happened at the door or on the phone; a correction is a further row."""

    item = models.ForeignKey(Item, models.PROTECT, related_name="outcomes")
    outcome = models.CharField(max_length=16)
    promised_date = models.DateField(null=True)
    note = models.CharField(max_length=400)
    recorded_at = models.DateTimeField()
    recorded_by = models.CharField(max_length=80)
    superseded_at = models.DateTimeField(null=True)
    request_key = models.CharField(max_length=64, default="")  # of the tap; empty: none was given

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="outcome_one_per_request",
                fields=["item", "request_key"],
                condition=~Q(request_key=""),
            ),
            one_of(name="outcome_known", field="outcome", choices=OUTCOMES),
            models.UniqueConstraint(
                name="outcome_one_current",
                fields=["item"],
                condition=Q(superseded_at__isnull=True),
            ),
            models.CheckConstraint(
                name="outcome_promise_names_its_day",
                condition=~Q(outcome="PROMISED", promised_date__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"item {self.item_id} {self.outcome}"


class WorkBeside(models.Model):
    """One person's day as it would be planned under either side of a replay; nobody works by it.

    Both sides know the same of people, debits and earlier contacts: only the findings differ.
    """

    replay = models.ForeignKey("findings.Replay", models.CASCADE, related_name="+")
    staff = models.ForeignKey("network.Staff", models.CASCADE, related_name="+")
    day = models.DateField()  # the day of the work: the one after the night
    is_partial = models.BooleanField()  # not all areas the person answers for were decided
    n_before = models.IntegerField()
    n_after = models.IntegerField()
    minutes_before = models.IntegerField()
    minutes_after = models.IntegerField()
    benefit_before_cny = models.DecimalField(max_digits=14, decimal_places=2)
    benefit_after_cny = models.DecimalField(max_digits=14, decimal_places=2)
    n_candidates_before = models.IntegerField()
    n_candidates_after = models.IntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="work_beside_once_a_person_and_day", fields=["replay", "staff", "day"]
            ),
        ]

    def __str__(self) -> str:
        return f"replay {self.replay_id} staff {self.staff_id} on {self.day}"


class WorkBesideLine(models.Model):
    """A door that stands on one side's plan and not on the other's, or with another remedy."""

    beside = models.ForeignKey(WorkBeside, models.CASCADE, related_name="lines")
    account = models.ForeignKey("customers.Account", models.CASCADE, related_name="+")
    area = models.ForeignKey("network.Area", models.CASCADE, null=True, related_name="+")
    remedy_before = models.CharField(max_length=24)  # empty: not on the plan
    remedy_after = models.CharField(max_length=24)
    why_before = models.JSONField()  # {"parts": […]} on the plan, {"code", "numbers"} left out, {}
    why_after = models.JSONField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="work_beside_line_once_a_door", fields=["beside", "account"]
            ),
            one_of(
                name="work_beside_remedy_before_known",
                field="remedy_before",
                choices=[*REMEDIES, ""],
            ),
            one_of(
                name="work_beside_remedy_after_known", field="remedy_after", choices=[*REMEDIES, ""]
            ),
        ]

    def __str__(self) -> str:
        return f"account {self.account_id} {self.remedy_before}→{self.remedy_after}"
