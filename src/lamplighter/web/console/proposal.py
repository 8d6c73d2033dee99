"""What the words seem to ask for: types and how sure they are, promises, who asked before."""

import re
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from lamplighter.action.service import places
from lamplighter.action.service import queries as service
from lamplighter.action.service.rules import Rules
from lamplighter.findings.demand import learnt, proposing
from lamplighter.findings.demand.proposing import Reading
from lamplighter.kernel.viewer import Viewer
from lamplighter.policy.processes import catalogue, wording
from lamplighter.policy.processes.shapes import Process
from lamplighter.web.console.caller import Caller, OutageSaid
from lamplighter.web.console.known import FAULTS
from lamplighter.web.frame import formats, order_shorts, service_words
from lamplighter.web.frame.order_shorts import OrderShort

MOST_CHOICES, MOST_SAME = 4, 5
LOUD_PARTS = 4
FAINT = 0.01
WORD = re.compile(r"\w{2,}")  # a lone character tells a person nothing
LEAST_ALIKE = 0.5  # of the pairs of characters of a told place


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A type that may be meant."""

    code: str
    name: str
    because: str  # the kind of request it was read as
    percent: int
    said: str  # how sure; empty: what was read goes another way here, as sure as above
    is_chosen: bool
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """An example like the request."""

    text: str
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """What the middle shows under the words."""

    heading: str
    note: str
    choices: tuple[Choice, ...]
    first: str  # the likeliest type
    loud: tuple[str, ...]  # the words that spoke for it
    promises: tuple[str, ...]
    script: str
    same: tuple[OrderShort, ...]  # open orders of the same fault nearby
    outages: tuple[OutageSaid, ...]  # what runs there and can be joined
    join: str  # the order, or the outage's incident, that was chosen to be joined
    alike: tuple[Example, ...]


def nothing() -> Proposal:
    """Return what is shown before a word was typed."""
    return Proposal(
        heading="",
        note="",
        choices=(),
        first="",
        loud=(),
        promises=(),
        script="",
        same=(),
        outages=(),
        join="",
        alike=(),
    )


def proposal(
    *,
    viewer: Viewer,
    rules: Rules,
    now: datetime,
    caller: Caller,
    words: str,
    chosen: str,
    followed: str,
    other: str = "",
    join: str | None = None,
    where: str = "",
) -> Proposal:
    """Read the words under the rules of the day. Four queries at most.

    Parameters
    ----------
    viewer, rules, now, caller
        Who looks, by which rules, when; and for whom.
    words
        What the customer said.
    chosen, followed
        The type that is chosen now, and what was likeliest when it was: where they are the same
        nobody has chosen by hand yet, and the likeliest is followed.
    other
        A type that was taken from the list of all.
    join
        The order whose incident it is to share, or the incident of an outage; None where nobody
        has chosen yet: then the outage that runs there is proposed.
    where
        The place as it is told, where nobody's account is named.
    """
    if not words.strip() and not other:
        return nothing()
    reading = _read(words, rules)
    choices = _choices(reading, rules)
    first = choices[0].code if choices and reading.proposal.type else ""
    by_hand = bool(chosen) and chosen != followed and any(c.code == chosen for c in choices)
    code = other or (chosen if by_hand else first)
    process = catalogue.in_force(code=code, on=rules.on) if code else None
    same = _same(viewer, rules, now, caller, process, where)
    is_fault = process is not None and process.code in FAULTS
    off = tuple(one for one in caller.outages if one.incident) if is_fault else ()
    known = learnt.known_on(day=rules.on, folder=Path(settings.LEARNT_FOLDER))
    names = known.taxonomy
    return Proposal(
        heading=_heading(reading, process, is_other=bool(other)),
        note=_note(reading, answer_from=known.model.answer_from),
        choices=tuple(
            Choice(
                code=one.code,
                name=one.name,
                because=one.because,
                percent=one.percent,
                said=one.said,
                is_chosen=not other and one.code == code,
                key=one.key,
            )
            for one in choices
        ),
        first=first,
        loud=_loud(reading),
        promises=_promises(process, caller),
        script=_script(process, caller),
        same=same,
        outages=off,
        join=_join(join, same, off),
        alike=tuple(
            Example(
                text=one.text,
                label=names.types[one.type].in_language(get_language() or ""),
            )
            for one in reading.alike
        ),
    )


def likely_types(*, words: str, rules: Rules) -> list[str]:
    """Return the types of order that words may mean, the likeliest first. No query."""
    return [choice.code for choice in _choices(_read(words, rules), rules)]


def _join(chosen: str | None, same: tuple[OrderShort, ...], off: tuple[OutageSaid, ...]) -> str:
    if chosen is None:
        return off[0].incident if off else ""
    known = {one.number for one in same} | {one.incident for one in off}
    return chosen if chosen in known else ""


def _read(words: str, rules: Rules) -> Reading:
    known = learnt.known_on(day=rules.on, folder=Path(settings.LEARNT_FOLDER))
    _numbers, _emerging, policy = learnt.numbers_on(day=rules.on)
    return proposing.read(
        text=words,
        known=known,
        n_choices=policy.integer("choices_shown"),
        n_alike=policy.integer("similar_shown"),
        is_simplified_first=get_language() == "zh-hans",
    )


def _choices(reading: Reading, rules: Rules) -> list[Choice]:
    known = learnt.known_on(day=rules.on, folder=Path(settings.LEARNT_FOLDER))
    language = get_language() or ""
    found: dict[str, Choice] = {}
    for place, likely in enumerate(reading.proposal.choices):
        if reading.proposal.type and place and likely.probability < FAINT:
            break  # it is sure, and the rest is not worth a line
        for nth, process in enumerate(catalogue.for_request(request=likely.type, on=rules.on)):
            if process.code in found or len(found) == MOST_CHOICES:
                continue
            found[process.code] = Choice(
                code=process.code,
                name=service_words.own(process.title),
                because=known.taxonomy.types[likely.type].in_language(language),
                percent=round(100 * likely.probability),
                said="" if nth else _said(likely.probability),
                is_chosen=False,
                key=str(len(found) + 1),
            )
    return list(found.values())


def _said(probability: float) -> str:
    if probability > 0.99:
        return "> 99%"
    if probability < FAINT:
        return "< 1%"
    return f"{formats.number(value=100 * probability, digits=0)}%"


def _heading(reading: Reading, process: Process | None, *, is_other: bool) -> str:
    if process is not None and (is_other or reading.proposal.type):
        return service_words.own(process.title)
    if not reading.proposal.choices:
        return _("Nothing recognised yet: please ask")
    return _("Not sure: please choose")


def _note(reading: Reading, *, answer_from: float) -> str:
    if reading.was_cut:
        return _("Only the beginning of this long text was read.")
    if reading.proposal.choices and not reading.proposal.type:
        limit = round(100 * answer_from)
        return _("Under %(limit)s%% sureness nothing is proposed.") % {"limit": limit}
    return ""


def _loud(reading: Reading) -> tuple[str, ...]:
    if reading.explanation is None:
        return ()
    parts = reading.explanation.telling(at_most=LOUD_PARTS)
    ordered = sorted(parts, key=lambda part: part.begin)
    return tuple(word for part in ordered for word in WORD.findall(part.text))


def _promises(process: Process | None, caller: Caller) -> tuple[str, ...]:
    if process is None:
        return ()
    language = get_language() or ""
    said = []
    for promise in process.promises:
        if not promise.is_outward:
            continue
        case = _case(promise.by, caller)
        limits = [promise.cases[case]] if case in promise.cases else list(promise.cases.values())
        amounts = dict.fromkeys(wording.limit(limit, language=language) for limit in limits)
        title = service_words.own(promise.title)
        said.append(formats.labelled(label=title, text=" / ".join(amounts)))
    return tuple(said)


def _case(by: str, caller: Caller) -> str:
    return caller.setting if by == "AREA_TYPE" else by


def _script(process: Process | None, caller: Caller) -> str:
    """Return what the first step says to the customer; empty where the place is not known."""
    if process is None or (script := process.first().script) is None:
        return ""
    named = {promise.by for promise in process.promises}
    case = _case("AREA_TYPE" if "AREA_TYPE" in named else "ALL", caller)
    try:
        return wording.spoken(
            words=script, process=process, case=case, language=get_language() or "", own={}
        )
    except KeyError:
        return ""


def _same(
    viewer: Viewer,
    rules: Rules,
    now: datetime,
    caller: Caller,
    process: Process | None,
    where: str,
) -> tuple[OrderShort, ...]:
    """Return open orders of the same fault: at places told alike, then at the caller's area."""
    if process is None or process.code not in FAULTS:
        return ()
    told = places.open_near(
        viewer=viewer,
        rules=rules,
        type_codes=[process.code],
        place="" if caller.customer else where,
        field_key=settings.FIELD_KEY,
        least=LEAST_ALIKE,
        limit=MOST_SAME,
    )
    found = [
        replace(short, said=f"{one.place} · {short.said}")
        for one in told
        for short in [order_shorts.order_short(line=one.line, rules=rules, now=now)]
    ]
    known = {one.number for one in found}
    if caller.area_id is not None:
        here = service.open_at_area(
            viewer=viewer,
            rules=rules,
            area_id=caller.area_id,
            type_codes=[process.code],
            limit=MOST_SAME,
        )
        found += [
            order_shorts.order_short(line=one, rules=rules, now=now)
            for one in here
            if one.number not in known
        ]
    return tuple(found[:MOST_SAME])
