"""The steps of an order as cards: what, who, when, where, why, how (5W1H)."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.text import capfirst
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from lamplighter.action.service.lines import OrderWhole, StepFound
from lamplighter.action.service.rules import Rules
from lamplighter.kernel.viewer import Viewer
from lamplighter.policy.processes import codes, wording
from lamplighter.policy.processes.shapes import Process
from lamplighter.policy.processes.shapes import Step as Card
from lamplighter.web.frame import service_words
from lamplighter.web.frame.service_words import Slack
from lamplighter.web.frame.step_forms import FieldShown, Noted
from lamplighter.web.orders.papers import Papers

OPEN = {"READY", "BEGUN"}
Pair = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class StepCard:
    """One step, and what its owner may do with it now."""

    code: str
    title: str
    state: str
    state_words: str
    what: str
    who: str
    owner: str
    when: str
    where: str
    why: str
    how: str
    script: str
    fields: tuple[str, ...]
    form: tuple[FieldShown, ...]  # to be filled in, where the viewer may do the step
    noted: tuple[Noted, ...]  # what the form of a step that is done holds
    known: tuple[Noted, ...]  # what the steps that led to an open one noted
    begin_by_at: datetime | None
    end_by_at: datetime | None
    inner_by_at: datetime | None
    slack: Slack | None
    begun_at: datetime | None
    done_at: datetime | None
    answer: str
    question: str
    answers: tuple[Pair, ...]  # how it may end; one without a name where nothing is decided
    is_open: bool
    is_customers: bool
    may_do: bool
    may_begin: bool
    may_return_to: tuple[Pair, ...]
    may_wait_for: tuple[Pair, ...]
    colleagues: tuple[Pair, ...]


def cards(
    *,
    whole: OrderWhole,
    process: Process,
    viewer: Viewer,
    rules: Rules,
    now: datetime,
    soon: timedelta,
    colleagues: dict[str, tuple[Pair, ...]],
    papers: Papers,
) -> tuple[StepCard, ...]:
    """Return the steps of the present round, in the order of the process.

    Parameters
    ----------
    whole, process
        The order and what it follows.
    viewer, rules, now, soon
        Who looks, by which rules, when, and what is called near.
    colleagues
        To whom a step of each post may be handed.
    papers
        What the forms of its steps ask and hold.
    """
    rows = {step.code: step for step in whole.steps if step.round == whole.round}
    return tuple(
        _card(
            card,
            rows[card.code],
            whole=whole,
            process=process,
            viewer=viewer,
            rules=rules,
            now=now,
            soon=soon,
            colleagues=colleagues.get(card.who, ()),
            papers=papers,
        )
        for card in process.steps
        if card.code in rows
    )


def _card(
    card: Card,
    row: StepFound,
    *,
    whole: OrderWhole,
    process: Process,
    viewer: Viewer,
    rules: Rules,
    now: datetime,
    soon: timedelta,
    colleagues: tuple[Pair, ...],
    papers: Papers,
) -> StepCard:
    own, language = service_words.own, get_language() or ""
    is_open = row.state in OPEN and whole.line.closed_at is None
    may_do = is_open and may(row, card=card, whole=whole, viewer=viewer, rules=rules)
    done = {step.code for step in whole.steps if step.round == whole.round and step.done_at}
    return StepCard(
        code=card.code,
        title=own(card.title),
        state=row.state,
        state_words=str(service_words.STEP_STATES[row.state]),
        what=own(card.what),
        who=service_words.post_name(code=card.who),
        owner=row.owner_name,
        when=wording.when(step=card, language=language),
        where=capfirst(own(codes.STAGES[card.where])),
        why=own(card.why),
        how=own(card.how),
        script=said_now(card, whole=whole, process=process, papers=papers) if is_open else "",
        fields=tuple(own(field.title) for field in card.fields),
        form=papers.form(card) if may_do else (),
        noted=papers.noted(card) if row.done_at else (),
        known=_known(card, done=done, process=process, papers=papers) if is_open else (),
        begin_by_at=row.begin_by_at,
        end_by_at=row.end_by_at,
        inner_by_at=row.inner_by_at,
        slack=service_words.slack(due_at=row.end_by_at, now=now, soon=soon) if is_open else None,
        begun_at=row.begun_at,
        done_at=row.done_at,
        answer=_answer(card, row.answer),
        question=own(card.choice.question) if card.choice else "",
        answers=tuple((one.code, capfirst(own(one.title))) for one in card.choice.answers)
        if card.choice
        else (("", _("Done")),),
        is_open=is_open,
        is_customers=card.when is None,
        may_do=may_do,
        may_begin=may_do and row.state == "READY" and card.when is not None,
        may_return_to=tuple(
            (way.step, own(process.step(way.step).title))
            for way in card.follows
            if way.step in done
        )
        if may_do
        else (),
        may_wait_for=_waits(card, whole=whole, process=process) if may_do else (),
        colleagues=colleagues if may_do else (),
    )


def _known(card: Card, *, done: set[str], process: Process, papers: Papers) -> tuple[Noted, ...]:
    """Return what the steps that led here noted: whoever goes on need not look for it."""
    before = dict.fromkeys(way.step for way in card.follows if way.step in done)
    return tuple(one for code in before for one in papers.noted(process.step(code)))


def may(row: StepFound, *, card: Card, whole: OrderWhole, viewer: Viewer, rules: Rules) -> bool:
    """Tell whether to offer a step to a person; the service decides."""
    if card.when is None:
        return may_change(whole=whole, viewer=viewer, rules=rules)
    if row.owner_id == viewer.staff_id or rules.has_right(viewer, "may_do_for_others"):
        return True
    return row.owner_id is None and viewer.role in rules.posts(row.post)


def may_change(*, whole: OrderWhole, viewer: Viewer, rules: Rules) -> bool:
    """Tell whether to offer a person to change an order; the service decides."""
    owners = {step.owner_id for step in whole.steps if step.state in OPEN}
    return viewer.staff_id in owners or rules.has_right(viewer, "may_change")


def _waits(card: Card, *, whole: OrderWhole, process: Process) -> tuple[Pair, ...]:
    if whole.line.waits_for:
        return ()
    return tuple(
        (pause.code, service_words.wait_name(code=pause.code))
        for pause in process.pauses
        if card.code in pause.steps
    )


def _answer(card: Card, code: str) -> str:
    found = [one for one in card.choice.answers if one.code == code] if card.choice else []
    return service_words.own(found[0].title) if found else ""


def said_now(card: Card, *, whole: OrderWhole, process: Process, papers: Papers) -> str:
    """Return what a step says to the customer, with this order's promises; empty where nothing."""
    if card.script is None:
        return ""
    own = {"used_days": str(papers.used.n_days)} if papers.used else {}
    for case in [*whole.cases.values(), "ALL"]:
        try:
            return wording.spoken(
                words=card.script,
                process=process,
                case=case,
                language=get_language() or "",
                own=own,
            )
        except KeyError:
            continue
    return service_words.own(card.script)
