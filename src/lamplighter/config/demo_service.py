"""The demo's service centre: orders of every type in every state, through the services themselves.

One transaction makes all of it or none, so that a killed run begins again. The same station, seed
and moment make the same orders.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction

from lamplighter.action.service import queries as orders
from lamplighter.action.service import queues
from lamplighter.action.service import rules as service_rules
from lamplighter.action.service import services as service
from lamplighter.action.service.escalations import ladder
from lamplighter.action.service.escalations import queries as waiting
from lamplighter.action.service.escalations import services as escalations
from lamplighter.action.service.knowledge import services as knowledge
from lamplighter.action.service.knowledge import starting
from lamplighter.action.service.lines import OrderWhole
from lamplighter.action.service.rules import Rules
from lamplighter.config import demo_forms, demo_outages, demo_past, demo_voices
from lamplighter.config.demo_past import CASES, CHANNELS, SEED
from lamplighter.facts.customers import queries as customers
from lamplighter.facts.network import queries as network
from lamplighter.findings.demand import reading
from lamplighter.kernel.viewer import Viewer
from lamplighter.policy.processes import catalogue, codes, flow
from lamplighter.policy.processes.shapes import Process, Step

ACTOR = "demo"
AREAS, ACCOUNTS_AN_AREA = 12, 20
LOOKED_AT = [timedelta(hours=hours) for hours in (72, 48, 24, 8, 3, 1, 0)]  # before now
LEFT_NEW, LEFT_TAKEN = 8, 4  # of what was escalated
OF_NOBODY = {"F3", "F4", "F9", "F10"}  # functions that we begin, for many customers at once
CALLED_AGAIN, URGED = "客户再次来电，请尽快回复", "已过内控时限，请今天办出结果"
MOVED_SHARE = 0.7  # of what was chased
TAKEN_WITHIN = timedelta(minutes=25)
# How far an order has come, and which part of its first promise was over when it was looked at.
STATES = (
    ("OPENED", 0.15),
    ("BEGUN", 0.35),
    ("HALF", 0.6),
    ("WAITING", 0.5),
    ("LATE", 1.4),
    ("ASKED", 0.7),
    ("FINISHED", 0.8),
    ("CANCELLED", 0.4),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """Whose orders these may be."""

    account_number: str
    area_id: int


def living_centre(
    *, user_names: Sequence[str], now: datetime, bar: Callable[[str], Callable[[float], None]]
) -> None:
    """Publish the articles, and open and work on orders of every type, once.

    Parameters
    ----------
    user_names
        Who may sign in to the demo; whoever sees most does the work.
    now
        The demo's moment.
    bar
        Opens a progress bar.
    """
    knowledge.publish_all(drafts=starting.drafts(), actor=ACTOR, now=now)
    viewer = _viewer(user_names)
    zone = ZoneInfo(settings.TIME_ZONE)
    rules = service_rules.in_force(on=now.astimezone(zone).date(), zone=zone)
    doors = _doors(viewer, rules)
    counts = queues.counted(viewer=viewer, rules=rules)
    with transaction.atomic():
        area_id = doors[0].area_id
        incident = demo_outages.off_and_planned(
            viewer=viewer, rules=rules, now=now, area_id=area_id
        )
        if counts.n_running + counts.n_waiting:
            return
        advance = bar("受理工单 Opening orders")
        accounts = [door.account_number for door in doors]
        demo_past.half_a_year(viewer=viewer, rules=rules, now=now, accounts=accounts)
        for place, code in enumerate(codes.TYPES):
            _of_type(code, viewer=viewer, rules=rules, now=now, doors=doors)
            advance((place + 1) / (len(codes.TYPES) + 1))
        _one_fault_of_many(viewer, rules, now, doors, incident)
        _gone_up(viewer, rules, now)
        demo_voices.have_their_say(viewer=viewer, rules=rules)
        demo_voices.weigh_some(viewer=viewer, rules=rules, n=3)
    advance(1.0)


def _gone_up(viewer: Viewer, rules: Rules, now: datetime) -> None:
    """Let clocks be looked at and what is late be escalated; most of it is taken care of."""
    levels = ladder.in_force(on=rules.on, rules=rules)
    for before in LOOKED_AT:
        service.sweep(now=now - before, rules=rules, actor=ACTOR)
        escalations.escalate(now=now - before, rules=rules, ladder=levels, actor=ACTOR)
    found = waiting.listed(viewer=viewer, rules=rules, state=waiting.NEW, limit=1000)
    for place, one in enumerate(found[LEFT_NEW:]):
        at = min(one.raised_at + TAKEN_WITHIN, now)
        asking = service.Asking(viewer=viewer, number=one.number, now=at, rules=rules)
        taking = escalations.Taking(asking=asking, level=one.level, ladder=levels)
        escalations.take(taking, words="已电话联系责任班组，加派一组人，今天下班前回话")
        if place >= LEFT_TAKEN:
            escalations.settle(taking, words="班组已到现场，客户已知道新的时间")


def _viewer(user_names: Sequence[str]) -> Viewer:
    users = User.objects.filter(username__in=user_names).order_by("username")
    found = [network.viewer_of_user(user_id=user.pk) for user in users]
    seen = [viewer for viewer in found if viewer is not None and viewer.role == "BRANCH"]
    return seen[0]


def _doors(viewer: Viewer, rules: Rules) -> list[Door]:
    areas = network.areas_in_charge(viewer=viewer, on=rules.on)[:AREAS]
    return [
        Door(account_number=line.account_number, area_id=area.area_id)
        for area in areas
        for line in customers.accounts_in_area(viewer=viewer, on=rules.on, area_id=area.area_id)[
            :ACCOUNTS_AN_AREA
        ]
    ]


def _of_type(
    code: str, *, viewer: Viewer, rules: Rules, now: datetime, doors: Sequence[Door]
) -> None:
    chance = Random(f"{SEED} {code}")  # noqa: S311 - a demo's choices, no secret
    process = catalogue.in_force(code=code, on=rules.on)
    said = _said(process)
    for state, part in STATES:
        opened_at = demo_past.opened_at(process=process, part=part, now=now, rules=rules)
        opened_at = min(opened_at, now - timedelta(minutes=6))
        door, phone = chance.choice(doors), f"199{chance.randrange(10**8):08d}"
        request = service.Request(
            type_code=code,
            channel=chance.choice(CHANNELS),
            asked_at=opened_at,
            account_number=door.account_number,
            phone=phone,
            words=chance.choice(said),
            priority="URGENT" if state == "LATE" else "NORMAL",
            cases=CASES,
            request_key=f"demo-{code}-{state}",
        )
        if process.function in OF_NOBODY:
            request = replace(
                request, channel="INSIDE", account_number="", area_id=door.area_id, phone=""
            )
        chased = ""
        if code == "CHASE":  # of an order of its own, that nobody has touched since
            other = replace(
                request,
                type_code="METER_TEST",
                asked_at=opened_at - timedelta(hours=1),
                words="",
                request_key=f"demo-chased-{state}",
            )
            chased = _opened(viewer, rules, now, other)
        _Work(
            number=_opened(viewer, rules, now, request),
            viewer=viewer,
            rules=rules,
            begun_at=opened_at,
            now=now,
            chased=chased,
        ).bring_to(state, process=process)


def _opened(viewer: Viewer, rules: Rules, now: datetime, request: service.Request) -> str:
    return service.open_order(
        viewer=viewer, request=request, now=now, rules=rules, field_key=settings.FIELD_KEY
    ).number


def _said(process: Process) -> list[str]:
    """Return what customers say when they want this."""
    texts = [
        example.text
        for example in reading.examples()
        if example.way == "PLAIN" and example.type in process.requests
    ]
    return texts or [process.about.zh]


class _Work:
    """One order that is worked on, at moments spread over its life so far."""

    def __init__(
        self,
        *,
        number: str,
        viewer: Viewer,
        rules: Rules,
        begun_at: datetime,
        now: datetime,
        chased: str,
    ) -> None:
        self.number, self.viewer, self.rules, self.now = number, viewer, rules, now
        self.chased = chased
        self.at, self.stride = begun_at, (now - begun_at) / 16

    def bring_to(self, state: str, *, process: Process) -> None:
        """Work until an order is as far as its state says."""
        if state == "CANCELLED":
            service.cancel(self.asking(), reason="客户来电说已不需要")
        elif state == "BEGUN":
            self.begin()
        elif state == "HALF":
            self.complete(at_most=max(len(process.steps) // 3, 1))
            self.begin()
        elif state == "ASKED":
            self.complete(at_most=20, until=[way.step for way in process.confirmations])
        elif state == "FINISHED":
            self.complete(at_most=12)
        elif state == "WAITING":
            self.wait(process)
        elif state == "LATE":
            if process.promises and process.promises[0].after:
                self.complete(at_most=12, until=[process.promises[0].until])
            is_ours = process.function in OF_NOBODY
            service.chase(self.asking(), reason=URGED if is_ours else CALLED_AGAIN)
            if Random(self.number).random() < MOVED_SHARE:  # noqa: S311 - a demo's choices, no secret
                self.begin()

    def asking(self) -> service.Asking:
        self.at = min(self.at + self.stride, self.now)
        return service.Asking(viewer=self.viewer, number=self.number, now=self.at, rules=self.rules)

    def open_codes(self) -> list[str]:
        return orders.open_step_codes(viewer=self.viewer, rules=self.rules, number=self.number)

    def order(self) -> OrderWhole:
        found = orders.order(
            viewer=self.viewer,
            rules=self.rules,
            number=self.number,
            now=self.now,
            field_key=settings.FIELD_KEY,
        )
        if found is None:
            raise LookupError(self.number)
        return found

    def begin(self) -> None:
        for code in self.open_codes()[:1]:
            service.begin_step(self.asking(), step_code=code)

    def complete(self, *, at_most: int, until: Sequence[str] = ()) -> None:
        """Do steps until one of some can begin, each by the first answer that leads there."""
        process = catalogue.by_version(version=self.order().process_version)
        for _ in range(at_most):
            codes_ = self.open_codes()
            if not codes_ or set(codes_) & set(until):
                return
            step = process.step(codes_[0])
            demo_forms.complete(
                self.asking(),
                process=process,
                step=step,
                answer=_towards(step, until, process),
                chased=self.chased,
            )

    def wait(self, process: Process) -> None:
        """Let it wait for the customer, where its process has anything to wait for."""
        at = [code for pause in process.pauses for code in pause.steps]
        self.complete(at_most=12, until=at)
        found = self.order()
        if found.line.waits_for or found.line.closed_at is not None:
            return
        for pause in process.pauses:
            for code in set(pause.steps) & set(self.open_codes()):
                service.wait(self.asking(), reason=pause.code, step_code=code)
                return


def _towards(step: Step, wanted: Sequence[str], process: Process) -> str:
    """Return the first answer of a step that leads to one of some steps, else just the first."""
    if step.choice is None:
        return ""
    leading = {before for code in wanted for before in flow.before(code=code, steps=process.steps)}
    ways = {
        way.answer
        for card in process.steps
        for way in card.follows
        if way.step == step.code and (card.code in leading or card.code in wanted)
    }
    answers = [answer.code for answer in step.choice.answers]
    return next((answer for answer in answers if answer in ways), answers[0])


def _one_fault_of_many(
    viewer: Viewer, rules: Rules, now: datetime, doors: Sequence[Door], incident: str
) -> None:
    """Let neighbours report one fault, and their orders join the outage that runs there."""
    area = doors[0].area_id
    neighbours = [door for door in doors if door.area_id == area][:3]
    for place, door in enumerate(neighbours):
        at = now - timedelta(minutes=20 - 5 * place)
        opened = service.open_order(
            viewer=viewer,
            request=service.Request(
                type_code="FAULT_REPAIR",
                channel="PHONE",
                asked_at=at,
                account_number=door.account_number,
                words="我们这一片都停电了，变压器那里响了一声",
                request_key=f"demo-incident-{place}",
            ),
            now=now,
            rules=rules,
            field_key=settings.FIELD_KEY,
        )
        if incident:
            asking = service.Asking(viewer=viewer, number=opened.number, now=at, rules=rules)
            service.join_incident(asking, incident_number=incident)
