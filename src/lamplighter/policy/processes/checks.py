"""Whether a process holds together: its steps, its promises and what refers to them."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import NoReturn

from lamplighter.policy import loader
from lamplighter.policy.processes import codes, flow, timing, wording
from lamplighter.policy.processes.shapes import Limit, Process, Promise, Share, Step
from lamplighter.policy.processes.tables import File
from lamplighter.policy.service_hours import ServiceHours

THIRD_PERSON = re.compile(r"客户(?!经理)|\bcustomers?\b(?! manager)")  # for somebody who reads it


def checked(*, process: Process, file: File, hours: Mapping[str, ServiceHours]) -> Process:
    """Return a process with its steps in an order in which they can be done.

    Raises
    ------
    tables.ProcessFileWrong
        It does not hold together; the text says file, line and reason.
    """
    check = _Check(process=process, file=file, hours=hours)
    check.requests()
    check.ways()
    steps = check.order()
    check.promises(steps)
    check.times(steps)
    check.inner_limits()
    check.pauses()
    check.terms()
    check.apart(steps)
    check.failures()
    check.confirmations()
    check.page_titles()
    check.green()
    check.wordings()
    return replace(process, steps=steps)


class _Check:
    def __init__(self, *, process: Process, file: File, hours: Mapping[str, ServiceHours]) -> None:
        self.process, self.file, self.hours = process, file, hours
        self.by_code = {step.code: step for step in process.steps}

    def refuse_step(self, step: Step, reason: str, key: str = "code") -> NoReturn:
        place = self.process.steps.index(step)
        self.file.refuse(("steps", place, key), f"step {step.code}: {reason}")

    def refuse_promise(self, promise: Promise, reason: str, *keys: str) -> NoReturn:
        place = self.process.promises.index(promise)
        self.file.refuse(("promises", place, *keys), f"promise {promise.code}: {reason}")

    def requests(self) -> None:
        """Requests are types that the sorting of requests knows."""
        policy = loader.load(name="demand_types", on=self.process.valid_from)
        known = {row.key.split(".")[-1] for row in policy.rows_below("types")}
        for code in self.process.requests:
            if code not in known:
                self.file.refuse(("requests",), f"requests: {code!r} is not in {policy.version}")

    def ways(self) -> None:
        """Each way leads from a step that is there, by an answer it knows; each answer leads on."""
        steps = self.process.steps
        if not steps:
            self.file.refuse((), "there are no steps")
        first, *others = self.process.steps
        if first.follows:
            self.refuse_step(first, "is the first step, so it follows nothing", "follows")
        for step in others:
            if not step.follows:
                self.refuse_step(step, "is never reached: only the first step follows nothing")
        for step in steps:
            for way in step.follows:
                self._way(step, way.step, way.answer)
        if not any(step.is_end for step in steps):
            self.file.refuse(("steps",), "no step ends the process: one needs end = true")
        if not any(step.customer for step in steps):
            self.file.refuse(("steps",), "the customer sees no step")
        used = {(way.step, way.answer) for step in steps for way in step.follows}
        for step in steps:
            leads = {answer for code, answer in used if code == step.code}
            if step.is_end and (leads or step.choice):
                self.refuse_step(step, "ends the process, so nothing follows it", "end")
            for answer in flow.answers(step) if not step.is_end else ():
                if answer not in leads:
                    said = (
                        f"nothing follows its answer {answer}" if answer else "nothing follows it"
                    )
                    self.refuse_step(step, f"{said}, and it has no end = true")

    def _way(self, step: Step, code: str, answer: str) -> None:
        before = self.by_code.get(code)
        if before is None:
            self.refuse_step(step, f"follows {code}, which is no step", "follows")
        elif answer not in flow.answers(before):
            known = ", ".join(flow.answers(before)) if before.choice else "none"
            said = f"answer {answer}" if answer else "no answer"
            self.refuse_step(step, f"follows {code} by {said}; its answers: {known}", "follows")

    def order(self) -> tuple[Step, ...]:
        """No ring, and every step reached from the first."""
        steps = flow.ordered(steps=self.process.steps)
        left = [step for step in self.process.steps if step not in steps]
        if left:
            ring = _ring(left)
            self.refuse_step(ring[0], f"goes round: {' → '.join(s.code for s in ring)}", "follows")
        if flow.scenarios(steps) > flow.MOST_SCENARIOS:
            self.file.refuse(("steps",), "the choices can be answered in too many ways")
        return steps

    def promises(self, steps: tuple[Step, ...]) -> None:
        """Promises end at a step that comes after their beginning; shares lie inside them."""
        if not self.process.promises:
            self.file.refuse((), "there is no promise")
        for promise in self.process.promises:
            if promise.code in self.by_code:
                self.refuse_promise(promise, "a step has the same code", "code")
            for key, code in (("after", promise.after), ("until", promise.until)):
                if code and code not in self.by_code:
                    self.refuse_promise(promise, f"{key} {code}, which is no step", key)
            later = flow.behind(code=promise.after, steps=steps)
            if promise.after and promise.until not in later:
                self.refuse_promise(promise, f"{promise.until} is not after its beginning", "until")
        known = {promise.code: promise for promise in self.process.promises}
        for step in steps:
            if not isinstance(step.when, Share):
                continue
            if step.when.of not in known:
                self.refuse_step(step, f"a share of {step.when.of}, which is no promise", "when")
            if step.code not in inside(promise=known[step.when.of], steps=steps):
                self.refuse_step(step, f"lies outside its promise {step.when.of}", "when")

    def times(self, steps: tuple[Step, ...]) -> None:
        """The longest path is within each promise, in each case, whenever an order begins."""
        for promise in self.process.promises:
            for case, limit in promise.cases.items():
                try:
                    path = timing.longest(
                        promise=promise,
                        case=case,
                        steps=steps,
                        promises=self.process.promises,
                        hours=self.hours,
                    )
                except timing.NoBound as error:
                    self.refuse_promise(promise, f"cannot be compared with its steps: {error}")
                if not timing.fits(minutes=path.minutes, limit=limit):
                    self.refuse_promise(
                        promise,
                        f"{case}: the longest path {' → '.join(path.steps)} takes up to"
                        f" {path.minutes:g} of {limit.minutes:g} minutes of {limit.calendar}",
                        "cases",
                        case,
                    )

    def inner_limits(self) -> None:
        """A unit's own limit is stricter than the step's."""
        for step in self.process.steps:
            if step.ola is None:
                continue
            if step.when is None:
                self.refuse_step(step, "the customer's own step has no ola", "ola")
                return
            for minutes, calendar in self._whens(step.when):
                try:
                    taken = timing.at_most(
                        minutes=step.ola.minutes,
                        calendar=step.ola.calendar,
                        of=calendar,
                        hours=self.hours,
                    )
                except timing.NoBound as error:
                    self.refuse_step(step, f"ola cannot be compared with when: {error}", "ola")
                if taken > minutes:
                    self.refuse_step(
                        step, f"ola takes up to {taken:g} of {minutes:g} minutes", "ola"
                    )

    def _whens(self, when: Limit | Share) -> list[tuple[float, str]]:
        if isinstance(when, Limit):
            return [(when.minutes, when.calendar)]
        cases = self.process.promise(when.of).cases.values()
        return [(when.share * limit.minutes, limit.calendar) for limit in cases]

    def pauses(self) -> None:
        """A pause is set at steps that are there; a customer's step is one of them."""
        for place, pause in enumerate(self.process.pauses):
            for code in pause.steps:
                if code not in self.by_code:
                    path = ("pauses", place, "steps")
                    self.file.refuse(path, f"pause {pause.code}: {code} is no step")
        allowed = {(pause.code, code) for pause in self.process.pauses for code in pause.steps}
        for step in self.process.steps:
            if step.pause and (step.pause, step.code) not in allowed:
                self.refuse_step(step, f"pause {step.pause} is not allowed at it", "pause")

    def terms(self) -> None:
        """Days to be kept to rules are days of the form, and the rules are there, in their unit."""
        units = {rule.code: rule.unit for rule in self.process.rules}
        for step in self.process.steps:
            term = step.term
            if term is None:
                continue
            days = {field.code for field in step.fields if field.kind == "DATE"}
            for code in (term.first, term.until):
                if code not in days:
                    self.refuse_step(step, f"term {code} is no DATE of its form", "term")
            if term.answer not in flow.answers(step):
                self.refuse_step(step, f"term {term.answer or 'without answer'}: no such", "term")
            spans = (term.more_than, term.at_least, term.at_most, term.a_year_at_most)
            wanted = {code: ["days", "months"] for code in spans if code}
            if term.times_a_year:
                wanted[term.times_a_year] = ["times"]
            for code, allowed in wanted.items():
                if units.get(code) not in allowed:
                    said = f"term {code} is no rule in {' or '.join(allowed)}"
                    self.refuse_step(step, said, "term")

    def apart(self, steps: tuple[Step, ...]) -> None:
        """Whoever is kept from a step is known when it begins: they had a step before it."""
        for step in self.process.steps:
            earlier = flow.before(code=step.code, steps=steps) - {step.code}
            for code in step.apart_from:
                if code not in earlier:
                    self.refuse_step(step, f"apart_from {code}, no step before it", "apart_from")

    def confirmations(self) -> None:
        """The customer confirms by an answer to a step that is there."""
        for way in self.process.confirmations:
            step = self.by_code.get(way.step)
            if step is None or way.answer not in flow.answers(step):
                said = f"{way.step}:{way.answer}" if way.answer else way.step
                self.file.refuse(("confirmed",), f"confirmed {said} is no answer of a step")
            elif way.answer and self.process.function != codes.RETURN_VISITS:
                kept = [field.kind for field in step.fields if field.code == codes.OWN_WORDS]
                if kept != ["TEXT"]:
                    said = f"asks the customer, so its form has a TEXT {codes.OWN_WORDS}"
                    self.refuse_step(step, said, "fields")

    def page_titles(self) -> None:
        """The customer's page names each step as one says it to them."""
        for step in self.process.steps:
            if step.customer is None:
                if step.page_title is not None:
                    self.refuse_step(step, "page_title, but the customer is not told", "page_title")
                continue
            if step.when is None and step.page_title is None:
                self.refuse_step(step, "is the customer's own: it needs a page_title", "title")
            title = "page_title" if step.page_title else "title"
            for key, words in (("customer", step.customer), (title, step.ahead)):
                for text in (words.zh, words.en):
                    if THIRD_PERSON.search(text):
                        self.refuse_step(step, f"the customer reads {text!r}: say you", key)

    def failures(self) -> None:
        """A failure breaks a promise or a step that is there."""
        known = {*self.by_code, *(promise.code for promise in self.process.promises)}
        for place, failure in enumerate(self.process.failures):
            if failure.breach and failure.breach not in known:
                reason = f"{failure.breach} is neither promise nor step"
                self.file.refuse(("failures", place, "breach"), f"failure {failure.code}: {reason}")

    def wordings(self) -> None:
        """What the agent says names promises and rules that are there."""
        known = wording.names(process=self.process)
        for step in self.process.steps:
            for text in (step.script.zh, step.script.en) if step.script else ():
                for name in wording.asked(text=text):
                    if "." in name and name not in known:
                        self.refuse_step(
                            step, f"script says {{{name}}}, which is not there", "script"
                        )

    def green(self) -> None:
        """Repair, price and terms of supply are the same for everybody."""
        if self.process.green and self.process.function not in codes.GREEN_FUNCTIONS:
            self.file.refuse(
                ("green",), f"no green channel for {self.process.code}: everybody is served alike"
            )


def inside(*, promise: Promise, steps: tuple[Step, ...]) -> frozenset[str]:
    """Return the steps whose time a promise holds."""
    found = flow.before(code=promise.until, steps=steps)
    if promise.after:
        found &= flow.behind(code=promise.after, steps=steps)
    return found


def _ring(left: list[Step]) -> list[Step]:
    """Return a ring among steps that each follow another of them; its first step is again last."""
    by_code = {step.code: step for step in left}
    seen = [left[0]]
    while True:
        before = next(way.step for way in seen[-1].follows if way.step in by_code)
        step = by_code[before]
        if step in seen:
            ring = seen[seen.index(step) :]
            return [step, *reversed(ring)]
        seen.append(step)
