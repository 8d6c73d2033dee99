"""The demo's contests: customers doubt what a night found, and nobody has decided yet."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction

from lamplighter.facts.customers import lines as customers
from lamplighter.facts.network import queries as network
from lamplighter.findings import queries as findings
from lamplighter.findings.contests import queries as contests
from lamplighter.findings.contests.services import contests as services
from lamplighter.kernel.viewer import Viewer
from lamplighter.policy import calendars, loader


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What one customer says, to whom and when: while people are at work."""

    about: str
    wish: str
    channel: str
    role: str  # who writes it down
    days_ago: int
    time: time  # of that day
    words: str


SAID = (  # whom fewest fit comes first
    Said(
        about="CHANGE",
        wish="REVIEW",
        channel="VISIT",
        role="MANAGER",
        days_ago=1,
        time=time(16, 40),
        words="用电多了是因为儿子一家搬回来住, 添了两台取暖器, 不是换了住户, 以后不用再问.",
    ),
    Said(
        about="GRADE",
        wish="REVIEW",
        channel="PHONE",
        role="AGENT",
        days_ago=2,
        time=time(9, 15),
        words="我每个月都是一收到提醒当天就交了, 从来没拖过, 为什么评成 C 级? 请你们查一查.",
    ),
    Said(
        about="RISK",
        wish="NO_AUTOMATION",
        channel="COUNTER",
        role="AGENT",
        days_ago=5,
        time=time(10, 30),
        words="我不同意由电脑来判断我会不会欠费, 要求由工作人员来看我的情况.",
    ),
)


def contested(*, user_names: Sequence[str], now: datetime) -> None:
    """Let customers contest what the newest night found of them; once, all of it or nothing.

    Parameters
    ----------
    user_names
        Who may sign in to the demo; they write down what the customers say.
    now
        The demo's moment.
    """
    people, zone = _people(user_names), ZoneInfo(settings.TIME_ZONE)
    today = now.astimezone(zone).date()
    counts = [contests.counts(viewer=viewer, on=today) for viewer in people.values()]
    if any(count.n_open or count.n_decided for count in counts):
        return
    taken: set[int] = set()
    with transaction.atomic():
        for said in SAID:
            viewer, on = people.get(said.role), today - timedelta(said.days_ago)
            at = datetime.combine(on, said.time, zone).astimezone(UTC)
            if viewer is None:
                continue  # a small station has not everybody
            account_id = _account(said, viewer=viewer, on=on, taken=taken)
            if account_id is not None:
                taken.add(account_id)
                _open(said, viewer=viewer, account_id=account_id, at=at, on=on)


def _people(user_names: Sequence[str]) -> dict[str, Viewer]:
    users = User.objects.filter(username__in=user_names).order_by("username")
    found = [network.viewer_of_user(user_id=user.pk) for user in users]
    return {str(viewer.role): viewer for viewer in found if viewer is not None}


def _open(said: Said, *, viewer: Viewer, account_id: int, at: datetime, on: date) -> None:
    doors = customers.lines_of(viewer=viewer, on=on, account_ids=[account_id])
    services.open_contest(
        viewer=viewer,
        on=on,
        account_number=doors[account_id].account_number,
        about=said.about,
        wish=said.wish,
        channel=said.channel,
        is_by_other=False,
        words=said.words,
        request_key=f"demo-{said.about}",
        now=at,
        policy=loader.load(name="contests", on=on),
        calendar=calendars.work_calendar(on=on),
    )


def _account(said: Said, *, viewer: Viewer, on: date, taken: set[int]) -> int | None:
    """Return an account that what is said fits, and that has said nothing yet."""
    n = len(SAID)
    if said.about == "CHANGE":
        jumps, _n_all = findings.signal_list(
            viewer=viewer, on=on, name="JUMP", area_id=None, kind="SURGE", limit=n
        )
        ids = [jump.account_id for jump in jumps]
    else:
        page = findings.arrears(
            viewer=viewer,
            on=on,
            grade="C" if said.about == "GRADE" else None,
            risk_band="HIGH" if said.about == "RISK" else None,
            only_owing=False,
            limit=n,
        )
        ids = [one.account_id for one in page.findings]
    return next((account_id for account_id in ids if account_id not in taken), None)
