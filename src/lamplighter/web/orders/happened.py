"""The timeline of an order in words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as later

from lamplighter.action.service import demands
from lamplighter.action.service.lines import EventFound, OrderWhole
from lamplighter.ledger.queries import Happening
from lamplighter.policy.processes import catalogue
from lamplighter.policy.processes.shapes import Process
from lamplighter.web.frame import service_words

Text = str | Promise
EVENTS: dict[str, Text] = {
    "OPENED": later("Opened"),
    "BEGUN": later("Started: %(step)s"),
    "COMPLETED": later("Done: %(step)s"),
    "RETURNED": later("Sent back: %(step)s"),
    "HANDED_OVER": later("Handed over: %(step)s"),
    "REASSIGNED": later("Given to another person, as nobody was at it: %(step)s"),
    "WAITING": later("Paused: %(waits)s"),
    "GONE_ON": later("Resumed"),
    "CHANGED_PRIORITY": later("Priority: %(priority)s"),
    "CHANGED_TYPE": later("Type changed: %(type)s"),
    "CHANGED_PROMISE": later("Promise changed"),
    "FINISHED": later("All is done"),
    "CONFIRMED": later("The customer said yes"),
    "REOPENED": later("Reopened: %(step)s"),
    "CANCELLED": later("Order withdrawn"),
    "JOINED": later("Joined an incident"),
    "CHASED": later("Chased"),
    "WARNED": later("Warning: a promise is nearly used up"),
    "MISSED": later("A promise was missed: %(promise)s"),
    "FAILED": later("A failure of service was noted"),
    "ATTACHED": later("A file was added"),
    "ESCALATED": later("Escalated to: %(post)s"),
    "TAKEN_UP": later("Taken in hand after it was escalated"),
    "OBJECTED": later("The customer objected after the end"),
    "ANSWERED": later("The customer was answered"),
    "WEIGHED": later("The losses of a failure were assessed"),
    "RESTORED": later("The shared fault is mended"),
    "SETTLED": later("Taken care of after it was escalated"),
}
ICONS = {
    "COMPLETED": "payment", "CONFIRMED": "payment", "FINISHED": "payment", "WARNED": "change",
    "MISSED": "change", "CHASED": "change", "FAILED": "complaint",
    "ESCALATED": "change", "OBJECTED": "complaint", "RESTORED": "payment",
}  # fmt: skip
OF_WHO_ASKED = ("OPENED", "CANCELLED")  # told to whoever asked for the order


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of the timeline."""

    at: datetime
    title: str
    who: str
    text: str
    is_outward: bool
    tone: str


def entries(
    *,
    whole: OrderWhole,
    process: Process,
    rows: Sequence[Happening],
    called: Mapping[str, str],
) -> tuple[Entry, ...]:
    """Return what happened, newest first: events of the order, and who read or quoted what.

    Parameters
    ----------
    whole, process
        The order and what it follows.
    rows
        What the ledger tells besides.
    called
        What those who did it are called, by how the ledger names them.
    """
    known = {process.code: process} | {
        code: catalogue.versions(code=code)[-1]
        for event in whole.events
        if (code := str(event.detail.get("type", "")))
    }  # steps of a type that was left behind are named by it
    is_ours = process.function in demands.OUR_OWN_FUNCTIONS
    found = [
        _event(event, processes=tuple(known.values()), called=called, is_ours=is_ours)
        for event in whole.events
    ]
    for row in rows:
        who = called[row.actor]
        if row.name == "service.knowledge.quoted":
            title = _("Quoted: %(article)s, version %(n)s") % {
                "article": row.payload["article"],
                "n": row.payload["version"],
            }
            found.append(Entry(at=row.at, title=title, who=who, text="", is_outward=True, tone=""))
        elif row.name == "service.order.words_read":
            found.append(
                Entry(
                    at=row.at,
                    title=_("The customer's words were read"),
                    who=who,
                    text=str(row.payload.get("reason", "")),
                    is_outward=False,
                    tone="",
                )
            )
    found.sort(key=lambda entry: entry.at)  # what happened at once keeps its order
    return tuple(found[::-1])


def _event(
    event: EventFound, *, processes: Sequence[Process], called: Mapping[str, str], is_ours: bool
) -> Entry:
    return Entry(
        at=event.at,
        title=str(EVENTS[event.kind]) % _values(event, processes),
        who=called[event.actor],
        text=service_words.chase_reason(reason=event.reason)
        if event.kind == "CHASED"
        else event.reason,
        is_outward=event.is_outward and _is_told(event, processes, is_ours=is_ours),
        tone=ICONS.get(event.kind, ""),
    )


def _is_told(event: EventFound, processes: Sequence[Process], *, is_ours: bool) -> bool:
    """Tell whether the customer is told: of a step that is done, only where its card says how.

    That we opened or withdrew what we began ourselves is told to nobody.
    """
    if event.kind in OF_WHO_ASKED:
        return not is_ours
    if event.kind != "COMPLETED":
        return True
    cards = [step for one in processes for step in one.steps if step.code == event.step_code]
    return any(step.customer is not None for step in cards)


def _values(event: EventFound, processes: Sequence[Process]) -> dict[str, str]:
    detail: dict[str, Any] = event.detail
    steps = {step.code: service_words.own(step.title) for one in processes for step in one.steps}
    promises = {
        promise.code: service_words.own(promise.title)
        for one in processes
        for promise in one.promises
    }
    step = steps.get(event.step_code, event.step_code) or _("the order itself")
    answer = _answer(processes, event.step_code, str(detail.get("answer", "")))
    kind = str(detail.get("type", ""))
    post = str(detail.get("post", ""))
    return {
        "post": service_words.post_name(code=post) if post else "",
        "step": f"{step} ({answer})" if answer else step,
        "waits": service_words.wait_name(code=str(detail.get("waits_for", ""))),
        "priority": str(service_words.PRIORITIES.get(str(detail.get("priority", "")), "")),
        "type": service_words.type_name(code=kind) if kind else "",
        "promise": promises.get(str(detail.get("promise", "")), str(detail.get("promise", ""))),
    }


def _answer(processes: Sequence[Process], step_code: str, code: str) -> str:
    found = [
        answer
        for process in processes
        for step in process.steps
        if step.code == step_code and step.choice
        for answer in step.choice.answers
        if answer.code == code
    ]
    return service_words.own(found[0].title) if found else ""
