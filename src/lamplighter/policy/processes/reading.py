"""Reading one process file: every table, key and code of it, or a refusal with file and line."""

import hashlib
import tomllib
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from lamplighter.policy import service_hours
from lamplighter.policy.loader import CERTAINTIES
from lamplighter.policy.processes import checks, codes, tables
from lamplighter.policy.processes.shapes import (
    Answer,
    Arrival,
    Choice,
    Failure,
    Field,
    Green,
    Limit,
    Pause,
    Process,
    Promise,
    Rule,
    Share,
    Source,
    Step,
    Term,
)
from lamplighter.policy.processes.tables import Table
from lamplighter.policy.service_hours import WORKING, ServiceHours

TERM_RULES = ("more_than", "at_least", "at_most", "a_year_at_most", "times_a_year")
UNIT_MINUTES = {"minutes": 1, "hours": 60}


def read_file(file: Path) -> Process:
    """Read and check one version of a process.

    Raises
    ------
    tables.ProcessFileWrong
        It cannot be used; the text says file, line and reason.
    """
    name = f"{file.parent.name}/{file.name}"
    content = file.read_bytes()
    try:
        day = date.fromisoformat(file.stem)
        text = content.decode()
    except ValueError as error:
        raise tables.ProcessFileWrong(file=name, line=1, reason=str(error)) from error
    return read_text(text, code=file.parent.name, valid_from=day)


def read_text(text: str, *, code: str, valid_from: date) -> Process:
    """Read and check one version of a process from its text.

    Raises
    ------
    tables.ProcessFileWrong
        It cannot be used; the text says file, line and reason.
    """
    name = f"{code}/{valid_from.isoformat()}.toml"
    try:
        content = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        line = tables.line_of_syntax_error(said=str(error), text=text)
        raise tables.ProcessFileWrong(file=name, line=line, reason=f"no TOML: {error}") from error
    file = tables.File(name=name, lines=tables.lines_of(text=text))
    table = Table(content=content, path=(), file=file, what="")
    if code not in codes.TYPES:
        table.refuse(f"unknown type {code!r}; known are {', '.join(codes.TYPES)}")
    hours = service_hours.in_force(on=valid_from)
    sha256 = hashlib.sha256(text.encode()).hexdigest()
    process = _process(table, code=code, valid_from=valid_from, hours=hours, sha256=sha256)
    table.finish()
    return checks.checked(process=process, file=file, hours=hours)


def _process(
    table: Table, *, code: str, valid_from: date, hours: Mapping[str, ServiceHours], sha256: str
) -> Process:
    function = table.code("function", of=codes.FUNCTIONS)
    if function != codes.TYPES[code]:
        table.refuse(f"{code} is of {codes.TYPES[code]}, not {function}", key="function")
    sources = _sources(table.table("sources", what="sources"))
    numbers = Numbers(sources=sources, hours=hours)
    return Process(
        code=code,
        valid_from=valid_from,
        title=table.words("title"),
        function=function,
        about=table.words("about"),
        begins=table.words("begins"),
        ends=table.words("ends"),
        confirmations=tuple(_arrivals(table, "confirmed")),
        requests=tuple(table.codes("requests")),
        sources=tuple(sources.values()),
        promises=tuple(_promise(t, numbers) for t in table.tables("promises", what="promise")),
        rules=tuple(_rule(t, numbers) for t in table.tables("rules", what="rule")),
        pauses=tuple(_pause(t) for t in table.tables("pauses", what="pause")),
        failures=tuple(_failure(t, numbers) for t in table.tables("failures", what="failure")),
        green=_green(table.table("green"), numbers) if table.has("green") else None,
        steps=tuple(_step(t, numbers) for t in table.tables("steps", what="step")),
        sha256=sha256,
    )


def _sources(table: Table) -> dict[str, Source]:
    found = {}
    for code in table.content:
        one = table.table(code, what=f"source {code}")
        found[code] = Source(
            code=code, text=one.words("text"), certainty=one.code("certainty", of=CERTAINTIES)
        )
        one.finish()
    return found


class Numbers:
    """Reads numbers, each with its source and its calendar."""

    def __init__(self, *, sources: Mapping[str, Source], hours: Mapping[str, ServiceHours]) -> None:
        self.sources, self.hours = sources, hours

    def source(self, table: Table) -> Source:
        if not table.has("source"):
            table.refuse("a number without a source")
        return self.sources[table.code("source", of=self.sources or ("[sources] is empty",))]

    def limit(self, table: Table) -> Limit:
        amount, unit = table.number("amount"), table.code("unit", of=codes.UNITS)
        calendar = self.hours[table.code("calendar", of=self.hours)]
        if amount <= 0:
            table.refuse("amount is not above zero", key="amount")
        if unit == "working_days" and calendar.days != WORKING:
            table.refuse(f"{calendar.code} counts other days too", key="calendar")
        minutes = amount * UNIT_MINUTES.get(unit, calendar.minutes_a_day)
        limit = Limit(
            amount=amount,
            unit=unit,
            calendar=calendar.code,
            source=self.source(table),
            minutes=minutes,
        )
        table.finish()
        return limit

    def share(self, table: Table) -> Share:
        share = Share(share=table.number("share"), of=table.code("of"), source=self.source(table))
        if not 0 < share.share <= 1:
            table.refuse("share is above 0 and at most 1", key="share")
        table.finish()
        return share


def _promise(table: Table, numbers: Numbers) -> Promise:
    by = table.code("by", of=codes.DIMENSIONS)
    cases = table.table("cases")
    wanted = codes.DIMENSIONS[by]
    for case in cases.content:
        if case not in wanted:
            cases.refuse(f"unknown case {case!r}; {by} knows {', '.join(wanted)}", key=case)
    promise = Promise(
        code=table.code("code"),
        title=table.words("title"),
        is_outward=table.flag("outward"),
        after=table.code("after") if table.has("after") else "",
        until=table.code("until"),
        by=by,
        cases={case: numbers.limit(cases.table(case)) for case in wanted},
    )
    cases.finish()
    return promise


def _rule(table: Table, numbers: Numbers) -> Rule:
    value: Any = table.take("value")
    return Rule(
        code=table.code("code"),
        about=table.words("about"),
        value=table.text("value") if isinstance(value, str) else table.number("value"),
        unit=table.code("unit", of=codes.RULE_UNITS),
        source=numbers.source(table),
    )


def _pause(table: Table) -> Pause:
    return Pause(
        code=table.code("code", of=codes.PAUSES),
        steps=tuple(table.codes("steps")),
        customer=table.words("customer"),
        agent=table.words("agent"),
    )


def _failure(table: Table, numbers: Numbers) -> Failure:
    breach = table.code("breach") if table.has("breach") else ""
    late_from = table.number("late_from") if breach else 0.0
    if late_from < 0:
        table.refuse("late_from is below zero", key="late_from")
    return Failure(
        code=table.code("code"),
        title=table.words("title"),
        level=table.code("level", of=codes.LEVELS),
        breach=breach,
        late_from=late_from,
        source=numbers.source(table),
    )


def _green(table: Table, numbers: Numbers) -> Green:
    factor = table.number("factor")
    if not 0 < factor < 1:
        table.refuse("factor is above 0 and below 1", key="factor")
    green = Green(factor=factor, about=table.words("about"), source=numbers.source(table))
    table.finish()
    return green


def _step(table: Table, numbers: Numbers) -> Step:
    who = table.code("who", of=codes.POSTS)
    when, pause = None, ""
    if who == "CUSTOMER":
        pause = table.code("pause", of=codes.PAUSES)
        if table.has("when"):
            table.refuse("the customer's own step has no limit: the clock is paused", key="when")
    else:
        given = table.table("when")
        when = numbers.share(given) if given.has("share") else numbers.limit(given)
    return Step(
        code=table.code("code"),
        title=table.words("title"),
        what=table.words("what"),
        who=who,
        when=when,
        where=table.code("where", of=codes.STAGES),
        why=table.words("why"),
        how=table.words("how"),
        script=table.words("script") if table.has("script") else None,
        fields=tuple(_field(one) for one in table.tables("fields", what="field")),
        term=_term(table.table("term")) if table.has("term") else None,
        follows=tuple(_arrivals(table, "follows")),
        choice=_choice(table.table("choice")) if table.has("choice") else None,
        is_end=table.flag("end", default=False),
        pause=pause,
        customer=table.words("customer") if table.has("customer") else None,
        page_title=table.words("page_title") if table.has("page_title") else None,
        ola=numbers.limit(table.table("ola")) if table.has("ola") else None,
        apart_from=tuple(table.codes("apart_from")) if table.has("apart_from") else (),
    )


def _arrivals(table: Table, key: str) -> list[Arrival]:
    found = []
    for way in table.codes(key):
        step, colon, answer = way.partition(":")
        if not step or (colon and not answer):
            table.refuse(f"{key} {way!r} is not like STEP or STEP:ANSWER", key=key)
        found.append(Arrival(step=step, answer=answer))
    return found


def _choice(table: Table) -> Choice:
    choice = Choice(
        question=table.words("question"),
        answers=tuple(
            Answer(code=one.code("code"), title=one.words("title"))
            for one in table.tables("answers", what="answer")
        ),
    )
    if len(choice.answers) < 2:
        table.refuse("there is no choice with fewer than two answers")
    table.finish()
    return choice


def _term(table: Table) -> Term:
    term = Term(
        first=table.code("from"),
        until=table.code("until"),
        **{key: table.code(key) if table.has(key) else "" for key in ("answer", *TERM_RULES)},
    )
    table.finish()
    return term


def _field(table: Table) -> Field:
    kind = table.code("kind", of=codes.FIELD_KINDS)
    options = table.table("options") if kind == "CHOICE" else None
    found = tuple((code, options.words(code)) for code in options.content) if options else ()
    if options is not None and len(found) < 2:
        options.refuse("fewer than two options")
    return Field(
        code=table.code("code"),
        title=table.words("title"),
        kind=kind,
        is_required=table.flag("required", default=False),
        unit=table.text("unit") if table.has("unit") else "",
        options=found,
    )
