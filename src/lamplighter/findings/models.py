"""What the nightly foresight found, with where it came from."""

from django.db import models
from django.db.models import F, Q

from lamplighter.facts.billing.own_prices import BASES
from lamplighter.facts.intake.versions import one_of
from lamplighter.findings.fields import PackedField
from lamplighter.insight.segments.terms import NATURES, SEGMENTS

GRADES = ["A", "B", "C", "D", "N"]
BANDS = ["HIGH", "MEDIUM", "LOW"]
CAUSES = [
    *("UNFUNDED_DEBIT", "SHORT_BALANCE", "ABSENT_FAMILY", "DISPUTE", "HARDSHIP", "WILFUL"),
    *("UNKNOWN", ""),
]
SIGNALS = ["SURGE", "DROP", "VACANCY", "RETURN", "TURNOVER", "APPLIANCE"]
SIDES = ["BEFORE", "AFTER"]
COMPARED = ["GRADE", "WAITING", "RISK", "CAUSE"]


class Night(models.Model):
    """One run of the foresight: what it looked at, with which versions.

    Two runs over the same days, the same knowledge and the same versions are the same night.
    """

    as_of_day = models.DateField()
    known_at = models.DateTimeField()
    kernels = models.JSONField()  # kernel → version
    policies = models.JSONField()  # policy → version
    n_shards = models.IntegerField()
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(name="night_by_day", fields=["-as_of_day", "-known_at"])]

    def __str__(self) -> str:
        return f"night of {self.as_of_day}"


class Learning(models.Model):
    """What was learnt from all accounts together for the nights of one month."""

    month_day = models.DateField()  # first day of the month
    known_at = models.DateTimeField()
    policies = models.JSONField()
    kernels = models.JSONField()
    content = models.JSONField()  # see findings.learnt

    class Meta:
        indexes = [models.Index(name="learning_by_month", fields=["-month_day", "-id"])]

    def __str__(self) -> str:
        return f"learnt for {self.month_day:%Y-%m}"


class ShardDone(models.Model):
    """A part of a night that is finished: its results are written, and their hash."""

    night = models.ForeignKey(Night, models.CASCADE, related_name="shards")
    shard = models.IntegerField()
    n_accounts = models.IntegerField()
    result_sha256 = models.CharField(max_length=64)
    finished_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="shard_once_a_night", fields=["night", "shard"])
        ]

    def __str__(self) -> str:
        return f"night {self.night_id} shard {self.shard}"


def written_by() -> "models.ForeignKey[Night, Night]":
    """Return the field for the night since which a row reads as it does.

    Neither checked nor indexed by the database: the storing of a shard writes it beside the
    night's own row in hand, and checking it for each row cost more than writing the row.
    """
    return models.ForeignKey(
        Night, models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )


class AccountFinding(models.Model):
    """What we hold of one account after the newest night.

    A night rewrites only what reads otherwise: *night* is the one since which the row reads so.
    """

    account = models.OneToOneField(
        "customers.Account", models.CASCADE, primary_key=True, related_name="+"
    )
    night = written_by()
    area = models.ForeignKey(
        "network.Area", models.PROTECT, null=True, related_name="+", db_index=False
    )
    grade = models.CharField(max_length=1)
    grade_rule = models.CharField(max_length=40)
    grade_trace = PackedField(packed_as="grade_trace")
    grade_would_change = PackedField(packed_as="grade_would_change")
    candidate_grade = models.CharField(
        max_length=1, default=""
    )  # waits to be granted; empty when none does
    candidate_since_day = models.DateField(null=True)
    risk_probability = models.FloatField(null=True)
    risk_band = models.CharField(max_length=6)  # empty where there is nothing to pay
    risk_is_rule_based = models.BooleanField()
    risk_reasons = PackedField(packed_as="risk_reasons")
    risk_would_change = PackedField(packed_as="risk_would_change")
    cause = models.CharField(max_length=16)  # empty where there is no arrears pattern
    cause_probability = models.FloatField(null=True)
    cause_probabilities = PackedField(packed_as="cause_probabilities")
    cause_reasons = PackedField(packed_as="cause_reasons")
    value_band = models.CharField(max_length=6)
    value_yearly_cny = models.DecimalField(max_digits=14, decimal_places=2, null=True)
    value_growth_ratio = models.FloatField(null=True)
    value_reasons = PackedField(packed_as="value_reasons")
    forecast_energy_kwh = models.FloatField(null=True)
    forecast_amount_cny = models.DecimalField(max_digits=14, decimal_places=2, null=True)
    forecast_low_cny = models.DecimalField(max_digits=14, decimal_places=2, null=True)
    forecast_high_cny = models.DecimalField(max_digits=14, decimal_places=2, null=True)
    forecast_basis = models.CharField(max_length=9, default="")  # empty where no amount
    segment = models.CharField(max_length=20, default="")  # empty before a night with segments
    segment_conditions = models.SmallIntegerField(default=0)  # bits of CONDITIONS that hold
    segment_nature = models.CharField(max_length=10, default="")
    balance_due_cny = models.DecimalField(max_digits=14, decimal_places=2)
    overdue_cny = models.DecimalField(max_digits=14, decimal_places=2)
    days_overdue = models.IntegerField()
    months_reminded = models.IntegerField()
    profile = PackedField(packed_as="profile")  # the habit profile (S0-03)

    class Meta:
        constraints = [
            one_of(name="finding_grade_known", field="grade", choices=GRADES),
            one_of(name="finding_risk_band_known", field="risk_band", choices=[*BANDS, ""]),
            one_of(name="finding_cause_known", field="cause", choices=CAUSES),
            one_of(name="finding_value_band_known", field="value_band", choices=[*BANDS, ""]),
            one_of(name="finding_segment_known", field="segment", choices=[*SEGMENTS, ""]),
            one_of(name="finding_nature_known", field="segment_nature", choices=[*NATURES, ""]),
            one_of(name="finding_basis_known", field="forecast_basis", choices=BASES),
            models.CheckConstraint(
                name="finding_probability_is_one",
                condition=Q(risk_probability__isnull=True) | Q(risk_probability__range=(0, 1)),
            ),
        ]
        indexes = [
            models.Index(name="finding_by_area_grade", fields=["area", "grade"]),
            models.Index(name="finding_by_area_risk", fields=["area", "risk_band"]),
            models.Index(name="finding_by_area_segment", fields=["area", "segment"]),
        ]

    def __str__(self) -> str:
        return f"account {self.account_id} {self.grade}"


class Signal(models.Model):
    """A change of habit at a usage point, or a high use, as of the newest night.

    *night* is the one since which the row reads so.
    """

    night = written_by()
    account = models.ForeignKey("customers.Account", models.CASCADE, related_name="+")
    area = models.ForeignKey(
        "network.Area", models.PROTECT, null=True, related_name="+", db_index=False
    )
    usage_point = models.ForeignKey("metering.UsagePoint", models.CASCADE, related_name="+")
    list = models.CharField(max_length=8)  # CHANGE (history), JUMP or HIGH_USE
    kind = models.CharField(max_length=12)  # empty for HIGH_USE
    changed_date = models.DateField(null=True)
    size_kwh_per_day = models.FloatField()
    size_low_kwh_per_day = models.FloatField(null=True)
    size_high_kwh_per_day = models.FloatField(null=True)
    level_before_kwh_per_day = models.FloatField(null=True)
    level_after_kwh_per_day = models.FloatField(null=True)
    probability = models.FloatField(null=True)
    is_recent = models.BooleanField()
    rank = models.IntegerField()  # within the shard's list, 0 first

    class Meta:
        constraints = [
            one_of(name="signal_list_known", field="list", choices=["CHANGE", "JUMP", "HIGH_USE"]),
            one_of(name="signal_kind_known", field="kind", choices=[*SIGNALS, ""]),
        ]
        indexes = [
            models.Index(name="signal_by_account", fields=["account"]),
            models.Index(name="signal_by_area_list", fields=["area", "list"]),
        ]

    def __str__(self) -> str:
        return f"account {self.account_id} {self.list} {self.kind}"


class GradeChange(models.Model):
    """The grade on the pages became another one; never removed.

    A second night of the same day, with later knowledge, adds its own rows.
    """

    account = models.ForeignKey("customers.Account", models.CASCADE, related_name="+")
    as_of_day = models.DateField()
    night = models.ForeignKey(Night, models.PROTECT, related_name="+")
    grade_before = models.CharField(max_length=1)  # empty at the first night
    grade = models.CharField(max_length=1)
    rule = models.CharField(max_length=40)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="grade_change_once_a_night", fields=["account", "night"])
        ]

    def __str__(self) -> str:
        return f"account {self.account_id} {self.grade_before}→{self.grade}"


class Replay(models.Model):
    """Past nights decided twice: by less and by more knowledge, or by two policies.

    A replay has its own rows and files. It never touches a night's, nor what the pages show of
    today. The same wish is the same replay.
    """

    first_day = models.DateField()
    last_day = models.DateField()
    known_before_at = models.DateTimeField()
    known_after_at = models.DateTimeField()
    night = models.ForeignKey(Night, models.CASCADE, null=True, related_name="+")  # set beside
    candidates = models.JSONField()  # [{"name", "day", "sha256", "on_top_of", "text"}]
    shards = models.JSONField()  # of the accounts decided again
    kernels = models.JSONField()
    policies_before = models.JSONField()  # on the last day
    policies_after = models.JSONField()
    notes = models.JSONField()  # what a reader has to know: [{"code", …}]
    wish_sha256 = models.CharField(max_length=64)
    requested_at = models.DateTimeField()
    requested_by = models.CharField(max_length=80)
    n_done = models.IntegerField(default=0)  # shards of nights decided so far
    n_all = models.IntegerField()
    said_at = models.DateTimeField()  # when it last told how far it is
    failed_because = models.CharField(max_length=80)  # kind of error; empty: none
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="replay_once_a_wish", fields=["wish_sha256"]),
            models.CheckConstraint(
                name="replay_ends_after_it_starts", condition=Q(last_day__gte=F("first_day"))
            ),
            models.CheckConstraint(
                name="replay_knows_no_less_after",
                condition=Q(known_after_at__gte=F("known_before_at")),
            ),
        ]
        indexes = [models.Index(name="replay_by_time", fields=["-requested_at", "-id"])]

    def __str__(self) -> str:
        return f"replay of {self.first_day} to {self.last_day}"


class ReplayNight(models.Model):
    """One night of one side of a replay that is decided, and how it compares with a kept one."""

    replay = models.ForeignKey(Replay, models.CASCADE, related_name="nights")
    side = models.CharField(max_length=6)
    day = models.DateField()
    is_kept = models.BooleanField()  # taken from a night's files instead of being decided again
    n_accounts = models.IntegerField()
    result_sha256 = models.CharField(max_length=64)  # of all its shards' hashes, in their order
    n_shards_alike = models.IntegerField(null=True)  # byte for byte as kept; null: none is kept
    n_shards_unlike = models.IntegerField(null=True)
    finished_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="replay_night_once_a_side", fields=["replay", "side", "day"]
            ),
            one_of(name="replay_side_known", field="side", choices=SIDES),
        ]

    def __str__(self) -> str:
        return f"replay {self.replay_id} {self.side} {self.day}"


class ReplayCount(models.Model):
    """How many accounts of an area were found so on one side and so on the other, one day."""

    replay = models.ForeignKey(Replay, models.CASCADE, related_name="counts")
    area = models.ForeignKey("network.Area", models.CASCADE, null=True, related_name="+")
    day = models.DateField()
    about = models.CharField(max_length=8)
    before = models.CharField(max_length=16)
    after = models.CharField(max_length=16)
    n_accounts = models.IntegerField()

    class Meta:
        constraints = [
            one_of(name="replay_count_about_known", field="about", choices=COMPARED),
        ]
        indexes = [models.Index(name="replay_count_by_day", fields=["replay", "about", "day"])]

    def __str__(self) -> str:
        return f"replay {self.replay_id} {self.day} {self.before}→{self.after}"


class ReplayChange(models.Model):
    """An account that is found otherwise on the other side, on the last day, and why."""

    replay = models.ForeignKey(Replay, models.CASCADE, related_name="changes")
    account = models.ForeignKey("customers.Account", models.CASCADE, related_name="+")
    area = models.ForeignKey("network.Area", models.CASCADE, null=True, related_name="+")
    grade_before = models.CharField(max_length=1)
    grade_after = models.CharField(max_length=1)
    risk_before = models.CharField(max_length=6)
    risk_after = models.CharField(max_length=6)
    cause_before = models.CharField(max_length=16)
    cause_after = models.CharField(max_length=16)
    is_decision = models.BooleanField()  # grade, the one that waits, risk band or cause differ
    before = models.JSONField()  # all that is compared: see findings.replay.comparing
    after = models.JSONField()
    because = models.JSONField()  # [{"code", …}]: see findings.replay.reasons

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="replay_change_once_an_account", fields=["replay", "account"]
            ),
            *(
                one_of(name=f"replay_{about}_{side}_known", field=f"{about}_{side}", choices=words)
                for about, words in (
                    ("grade", [*GRADES, ""]),
                    ("risk", [*BANDS, ""]),
                    ("cause", CAUSES),
                )
                for side in ("before", "after")
            ),
        ]
        indexes = [models.Index(name="replay_change_by_area", fields=["replay", "area"])]

    def __str__(self) -> str:
        return f"replay {self.replay_id} account {self.account_id}"


class SegmentChange(models.Model):
    """An account came into another segment; the first one it was ever in is none."""

    account = models.ForeignKey("customers.Account", models.CASCADE, related_name="+")
    as_of_day = models.DateField()
    night = models.ForeignKey(Night, models.PROTECT, related_name="+")
    segment_before = models.CharField(max_length=20)
    segment = models.CharField(max_length=20)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="segment_change_once_a_night", fields=["account", "night"])
        ]
        indexes = [models.Index(name="segment_change_by_day", fields=["as_of_day"])]

    def __str__(self) -> str:
        return f"account {self.account_id} {self.segment_before}→{self.segment}"


class JudgeTurn(models.Model):
    """From a day on nights go by another judge of habit changes: a person's decision.

    Never edited: of several turns for one day the newest counts, and the way back is a turn too.
    """

    from_day = models.DateField()  # last day looked at of the first night that goes by it
    version = models.CharField(max_length=40)  # empty: the judge that ships
    content = models.BinaryField()  # his file, to the byte; empty for the judge that ships
    about = models.JSONField()  # what he was learnt from, and what he is worth
    because = models.TextField()
    decided_by = models.ForeignKey("network.Staff", models.PROTECT, related_name="+")
    decided_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="judge_turn_has_a_file_or_ships",
                condition=Q(version="", content=b"") | ~Q(version="") & ~Q(content=b""),
            ),
        ]
        indexes = [models.Index(name="judge_turn_by_day", fields=["-from_day", "-id"])]

    def __str__(self) -> str:
        return f"{self.version or 'the judge that ships'} from {self.from_day}"
