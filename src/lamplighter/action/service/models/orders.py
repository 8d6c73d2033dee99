"""Service orders with their steps, waits and promises, and what came of them.

An order's clocks are kept as its waits: a clock runs whenever no wait does. The deadlines stored
beside them are read off the waits, so that they can be queried; they can always be read off again.
"""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, IntegerField, Q, Value

from lamplighter.action.service.models.records import REASON_AT_MOST
from lamplighter.facts.intake.versions import one_of

CHANNELS = ["PHONE", "APP", "COUNTER", "WEB", "VISIT", "SMS", "MAIL", "INSIDE"]
PRIORITIES = ["NORMAL", "URGENT", "EMERGENCY"]
OPEN, CONFIRMING, CLOSED, CANCELLED = "OPEN", "CONFIRMING", "CLOSED", "CANCELLED"
ORDER_STATES = [OPEN, CONFIRMING, CLOSED, CANCELLED]
AHEAD, READY, BEGUN, DONE, SKIPPED = "AHEAD", "READY", "BEGUN", "DONE", "SKIPPED"
STEP_STATES = [AHEAD, READY, BEGUN, DONE, SKIPPED]
CONFIRMATION = "CONFIRMATION"  # we finished; the customer has not said so yet
WAIT_REASONS = [
    *("DOCUMENTS", "PAYMENT", "CUSTOMER_WORKS", "ACCESS", "SIGNATURE", CONFIRMATION),
]
EVENT_KINDS = [
    *("OPENED", "BEGUN", "COMPLETED", "RETURNED", "HANDED_OVER", "REASSIGNED", "WAITING"),
    *("GONE_ON", "CHANGED_PRIORITY", "CHANGED_TYPE", "CHANGED_PROMISE", "FINISHED", "CONFIRMED"),
    *("REOPENED", "CANCELLED", "JOINED", "CHASED", "WARNED", "MISSED", "FAILED", "ATTACHED"),
    *("ESCALATED", "TAKEN_UP", "SETTLED", "OBJECTED", "ANSWERED", "WEIGHED", "RESTORED"),
]


class ServiceOrder(models.Model):
    """One request of one customer, from the first word to the customer's own yes."""

    number = models.CharField(max_length=40, unique=True)
    type_code = models.CharField(max_length=24)
    process_version = models.CharField(max_length=40)  # it runs on the version it began with
    round = models.IntegerField()  # 1, and one more whenever its type changed
    channel = models.CharField(max_length=8)
    customer = models.ForeignKey("customers.Customer", models.PROTECT, null=True, related_name="+")
    account = models.ForeignKey("customers.Account", models.PROTECT, null=True, related_name="+")
    premise = models.ForeignKey("customers.Premise", models.PROTECT, null=True, related_name="+")
    area = models.ForeignKey("network.Area", models.PROTECT, null=True, related_name="+")
    unit = models.ForeignKey("network.OrgUnit", models.PROTECT, related_name="+")
    phone_sealed = models.BinaryField(null=True)
    phone_masked = models.CharField(max_length=40)
    phone_index = models.CharField(max_length=64)  # keyed hash; empty: nobody's number is known
    words_sealed = models.BinaryField(null=True)  # the customer's own; gone once they expire
    place_sealed = models.BinaryField(null=True)  # as it was told where no account is named
    words_expire_date = models.DateField(null=True)
    owner = models.ForeignKey("network.Staff", models.PROTECT, null=True, related_name="+")
    priority = models.CharField(max_length=10)
    is_green = models.BooleanField()  # in the green channel, where the process has one
    aim_ratio = models.FloatField()  # the part of each promise that is planned with, 1: all of it
    cases = models.JSONField()  # dimension → value, by which promises differ
    state = models.CharField(max_length=10)
    incident = models.ForeignKey(
        "service.Incident", models.PROTECT, null=True, related_name="orders"
    )
    opened_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)  # all steps done; not yet said by the customer
    closed_at = models.DateTimeField(null=True)
    confirmed_at = models.DateTimeField(null=True)  # by the customer; null: nobody answered
    policy_version = models.CharField(max_length=40)
    request_key = models.CharField(max_length=64)  # the form's; empty where none was sent

    class Meta:
        constraints = [
            one_of(name="order_channel_known", field="channel", choices=CHANNELS),
            one_of(name="order_priority_known", field="priority", choices=PRIORITIES),
            one_of(name="order_state_known", field="state", choices=ORDER_STATES),
            models.CheckConstraint(
                name="order_closed_as_its_state_says",
                condition=Q(state__in=[CLOSED, CANCELLED], closed_at__isnull=False)
                | (~Q(state__in=[CLOSED, CANCELLED]) & Q(closed_at__isnull=True)),
            ),
            models.CheckConstraint(
                name="order_closes_after_it_opens",
                condition=Q(closed_at__isnull=True) | Q(closed_at__gte=F("opened_at")),
            ),
            models.CheckConstraint(
                name="order_confirmed_when_closed",
                condition=Q(confirmed_at__isnull=True) | Q(state=CLOSED),
            ),
            models.CheckConstraint(
                name="order_words_expire",
                condition=Q(words_sealed__isnull=True) | Q(words_expire_date__isnull=False),
            ),
            models.CheckConstraint(
                name="order_aim_within_promise", condition=Q(aim_ratio__gt=0, aim_ratio__lte=1)
            ),
            models.UniqueConstraint(
                name="order_one_per_request", fields=["request_key"], condition=~Q(request_key="")
            ),
        ]
        indexes = [
            models.Index(name="order_by_account", fields=["account", "opened_at"]),
            models.Index(name="order_by_customer", fields=["customer", "opened_at"]),
            models.Index(name="order_by_unit", fields=["unit", "opened_at"]),
            models.Index(name="order_by_area", fields=["area", "opened_at"]),
            models.Index(
                name="order_by_phone", fields=["phone_index"], condition=~Q(phone_index="")
            ),
            models.Index(
                name="order_open_by_area",
                fields=["area", "type_code"],
                condition=Q(closed_at__isnull=True),
            ),
            *(
                models.Index(  # what was asked before, however rare its type is
                    name=f"order_ended_by_{place}",
                    fields=[place, "type_code", "opened_at"],
                    include=["id"],
                    condition=Q(closed_at__isnull=False, words_sealed__isnull=False),
                )
                for place in ("unit", "area")
            ),
            models.Index(
                name="order_ended",
                fields=["-closed_at", "-id"],
                condition=Q(closed_at__isnull=False),
            ),
            models.Index(
                name="order_confirming",
                fields=["finished_at"],
                condition=Q(state=CONFIRMING),
            ),
            models.Index(
                name="order_words_by_expiry",
                fields=["words_expire_date"],
                condition=Q(words_sealed__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.number


class OrderStep(models.Model):
    """One step of one order: whose it is, until when, and how it went."""

    order = models.ForeignKey(ServiceOrder, models.CASCADE, related_name="steps")
    round = models.IntegerField()
    code = models.CharField(max_length=40)
    position = models.IntegerField()
    post = models.CharField(max_length=20)
    state = models.CharField(max_length=8)
    unit = models.ForeignKey("network.OrgUnit", models.PROTECT, related_name="+")
    owner = models.ForeignKey("network.Staff", models.PROTECT, null=True, related_name="+")
    begin_by_at = models.DateTimeField(null=True)  # worked back from the promise
    end_by_at = models.DateTimeField(null=True)
    inner_by_at = models.DateTimeField(null=True)  # the unit's own, stricter limit
    ready_at = models.DateTimeField(null=True)
    assigned_at = models.DateTimeField(null=True)
    begun_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    answer = models.CharField(max_length=40)  # of a step that decides; else empty
    n_reassigned = models.IntegerField()  # how often an owner was silent

    class Meta:
        constraints = [
            models.UniqueConstraint(name="step_once_a_round", fields=["order", "round", "code"]),
            one_of(name="step_state_known", field="state", choices=STEP_STATES),
            models.CheckConstraint(
                name="step_done_as_its_state_says",
                condition=Q(state=DONE, done_at__isnull=False)
                | (~Q(state=DONE) & Q(done_at__isnull=True)),
            ),
            models.CheckConstraint(
                name="step_ends_after_it_begins",
                condition=Q(done_at__isnull=True)
                | Q(begun_at__isnull=True)
                | Q(done_at__gte=F("begun_at")),
            ),
            models.CheckConstraint(
                name="step_owned_since_a_moment",
                condition=Q(owner__isnull=True) | Q(assigned_at__isnull=False),
            ),
        ]
        indexes = [
            models.Index(
                name="step_open_by_owner",
                fields=["owner", "end_by_at"],
                include=["state"],  # to count what people have without reading their steps
                condition=Q(state__in=[READY, BEGUN]),
            ),
            models.Index(
                name="step_open_by_assignment", fields=["assigned_at"], condition=Q(state=READY)
            ),
        ]

    def __str__(self) -> str:
        return f"order {self.order_id} {self.code} {self.state}"


class Wait(models.Model):
    """The clocks of an order stand, for what only the customer can do."""

    order = models.ForeignKey(ServiceOrder, models.CASCADE, related_name="waits")
    reason = models.CharField(max_length=16)
    step_code = models.CharField(max_length=40)  # empty: of the order as a whole
    begins_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            one_of(name="wait_reason_known", field="reason", choices=WAIT_REASONS),
            models.CheckConstraint(
                name="wait_ends_after_it_begins",
                condition=Q(ends_at__isnull=True) | Q(ends_at__gte=F("begins_at")),
            ),
            models.UniqueConstraint(
                name="wait_one_open", fields=["order"], condition=Q(ends_at__isnull=True)
            ),
            # A range of one order instead of "order =": equality in GiST needs an extension.
            ExclusionConstraint(
                name="wait_one_at_a_time",
                expressions=[
                    (
                        Func(
                            F("order_id"),
                            F("order_id"),
                            Value("[]"),
                            function="int8range",
                            output_field=IntegerField(),
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                    (
                        Func(
                            F("begins_at"),
                            F("ends_at"),
                            function="tstzrange",
                            output_field=DateTimeRangeField(),
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"order {self.order_id} {self.reason}"


class Promise(models.Model):
    """What an order's customer may hold us to, or what we measure ourselves by."""

    order = models.ForeignKey(ServiceOrder, models.CASCADE, related_name="promises")
    round = models.IntegerField()
    code = models.CharField(max_length=40)
    is_outward = models.BooleanField()
    calendar_code = models.CharField(max_length=20)  # empty: a fixed moment was promised
    allowed = models.DurationField(null=True)  # worked time of the calendar
    given_at = models.DateTimeField(null=True)  # the fixed moment
    starts_at = models.DateTimeField(null=True)  # null: the step before it is not done yet
    due_at = models.DateTimeField(null=True)  # null: not begun, or it waits
    is_provisional = models.BooleanField()  # due where no working days are announced yet
    warn_at = models.DateTimeField(null=True)
    warned_at = models.DateTimeField(null=True)  # set once
    missed_at = models.DateTimeField(null=True)  # set once: the moment it was used up
    ended_at = models.DateTimeField(null=True)  # its last step is done
    lapsed_at = models.DateTimeField(null=True)  # it no longer applies

    class Meta:
        constraints = [
            models.UniqueConstraint(name="promise_once_a_round", fields=["order", "round", "code"]),
            models.CheckConstraint(
                name="promise_is_an_amount_or_a_moment",
                condition=Q(given_at__isnull=False, allowed__isnull=True, calendar_code="")
                | (Q(given_at__isnull=True, allowed__isnull=False) & ~Q(calendar_code="")),
            ),
            models.CheckConstraint(
                name="promise_ends_after_it_starts",
                condition=Q(ended_at__isnull=True) | Q(ended_at__gte=F("starts_at")),
            ),
        ]
        indexes = [
            models.Index(
                name="promise_by_due",
                fields=["due_at"],
                condition=Q(ended_at__isnull=True, missed_at__isnull=True, lapsed_at__isnull=True),
            ),
            models.Index(
                name="promise_open_by_due",
                fields=["due_at"],
                condition=Q(ended_at__isnull=True, lapsed_at__isnull=True),
            ),
            models.Index(
                name="promise_open_by_warning",
                fields=["warn_at"],
                condition=Q(ended_at__isnull=True, lapsed_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"order {self.order_id} {self.code}"


class OrderEvent(models.Model):
    """One thing that happened to an order, in the order in which it did."""

    order = models.ForeignKey(ServiceOrder, models.CASCADE, related_name="events")
    kind = models.CharField(max_length=16)
    at = models.DateTimeField()
    actor = models.CharField(max_length=80)
    step_code = models.CharField(max_length=40)
    detail = models.JSONField()  # codes, numbers and moments
    reason = models.CharField(max_length=REASON_AT_MOST)  # a colleague's words
    is_outward = models.BooleanField()  # the customer is told
    request_key = models.CharField(max_length=64)

    class Meta:
        constraints = [
            one_of(name="order_event_kind_known", field="kind", choices=EVENT_KINDS),
            models.UniqueConstraint(
                name="order_event_one_per_request",
                fields=["order", "request_key"],
                condition=~Q(request_key=""),
            ),
        ]
        indexes = [
            models.Index(name="order_event_chased", fields=["order"], condition=Q(kind="CHASED")),
        ]

    def __str__(self) -> str:
        return f"order {self.order_id} {self.kind}"
