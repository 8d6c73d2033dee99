"""The demo's customers have their say, and failures are weighed, through the services."""

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal

from django.conf import settings

from lamplighter.action.service import demands, failing, queues
from lamplighter.action.service import services as service
from lamplighter.action.service.progress import links
from lamplighter.action.service.progress import services as progress
from lamplighter.action.service.progress.links import Holder
from lamplighter.action.service.queues import Wanted
from lamplighter.action.service.rules import Rules
from lamplighter.kernel import sealing
from lamplighter.kernel.viewer import Viewer
from lamplighter.policy import loader

RATINGS: Sequence[tuple[int, str]] = (
    (5, "师傅半小时就到了，收拾得也干净"),
    (5, ""),
    (4, "说话客气，就是排队久了点"),
    (4, ""),
    (2, "打了三次电话才有人来"),
    (5, "办得快"),
    (1, "说好上午来，等到下午四点"),
    (3, ""),
)
OBJECTIONS = ("又跳闸了，跟上次一样", "账单还是没改过来")


def have_their_say(*, viewer: Viewer, rules: Rules) -> None:
    """Let customers of orders that ended rate them, and some object; one is answered."""
    policy = loader.load(name=links.NAME, on=rules.on)
    wanted = Wanted(view=queues.ENDED)
    ended = queues.listed(viewer=viewer, rules=rules, wanted=wanted, limit=200).lines
    closed = [
        line
        for line in ended
        if line.state == "CLOSED" and line.closed_at and line.type_code not in demands.OUR_OWN
    ]
    holders = []
    for line in closed[: len(RATINGS)]:
        at = line.closed_at or line.opened_at
        nonce = sealing.blind_index(line.number, settings.FIELD_KEY, "demo")
        asking = service.Asking(viewer=viewer, number=line.number, now=at, rules=rules)
        progress.give_link(asking, nonce=nonce, policy=policy)
        holders.append(
            Holder(
                number=line.number,
                nonce=nonce,
                now=at + timedelta(minutes=1),
                rules=rules,
                policy=policy,
            )
        )
    key = settings.FIELD_KEY
    for holder, (stars, words) in zip(holders, RATINGS, strict=False):
        progress.rate(holder, stars=stars, words=words, field_key=key, request_key="demo")
    for holder, words in zip(holders[4::2], OBJECTIONS, strict=False):
        progress.object_to(holder, words=words, field_key=key, request_key="demo-no")


def weigh_some(*, viewer: Viewer, rules: Rules, n: int) -> None:
    """Let a supervisor weigh the first failures, so that both kinds stand in the list."""
    found = failing.listed(viewer=viewer, rules=rules, wanted=failing.Wanted(), limit=n)
    for line in found:
        at = line.failure.found_at
        asking = service.Asking(viewer=viewer, number=line.number, now=at, rules=rules)
        weight = service.Weight(
            economic_cny=Decimal("80.00"),
            political=0,
            reputation=1,
            honour=0,
            method="值班长复盘",
            remedy="夜间增派一组抢修人员，超时前一小时由督导电话提醒",
        )
        service.weigh_failure(asking, failure_id=line.failure.failure_id, weight=weight)
