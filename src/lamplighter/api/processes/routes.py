"""Processes in force, one with its steps, and its diagram."""

from datetime import date

from django.http import HttpResponse
from ninja import Router, Schema

from lamplighter.api.door import ApiRequest, Code
from lamplighter.policy.processes import bpmn, catalogue, flow
from lamplighter.policy.processes.shapes import Limit, Process, Promise, Step

router = Router(tags=["processes"])


class ProcessLine(Schema):
    """A process in a list."""

    code: str
    version: str
    function: str
    title: str


class Processes(Schema):
    """All processes in force today."""

    items: list[ProcessLine]


class ProcessLimit(Schema):
    """An amount of time by one calendar."""

    case: str  # ALL, or what the promise differs by
    amount: float
    unit: str
    calendar: str
    source: str
    certainty: str


class ProcessPromise(Schema):
    """What the customer may hold us to, or our own measure."""

    code: str
    title: str
    is_outward: bool
    after: str
    until: str
    by: str
    limits: list[ProcessLimit]


class ProcessStep(Schema):
    """One step: what, who, where, why, how."""

    code: str
    title: str
    what: str
    post: str
    stage: str
    why: str
    how: str
    after: list[str]
    answers: list[str]  # by which it ends; empty: it decides nothing
    waits_for: str


class ProcessOut(Schema):
    """One process as it is in force."""

    code: str
    version: str
    valid_from: date
    function: str
    title: str
    about: str
    begins: str
    ends: str
    wait_reasons: list[str]
    promises: list[ProcessPromise]
    steps: list[ProcessStep]


@router.get("", response=Processes)
def processes(request: ApiRequest) -> Processes:
    """List the processes in force, in the order of the twelve functions."""
    caller = request.auth
    return Processes(
        items=[
            ProcessLine(
                code=one.code,
                version=one.version,
                function=one.function,
                title=one.title.in_language(caller.language),
            )
            for one in catalogue.every(on=caller.today)
        ]
    )


@router.get("/{code}", response=ProcessOut)
def process(request: ApiRequest, code: Code) -> ProcessOut:
    """Return the process by which a new order of a type would go."""
    found = catalogue.in_force(code=code, on=request.auth.today)
    return _process(found, language=request.auth.language)


@router.get(
    "/{code}/bpmn",
    response={200: None},
    openapi_extra={
        "responses": {
            200: {
                "description": "BPMN 2.0",
                "content": {"application/xml": {"schema": {"type": "string"}}},
            }
        }
    },
)
def diagram(request: ApiRequest, code: Code) -> HttpResponse:
    """Return the diagram of a process, for modelling tools."""
    found = catalogue.in_force(code=code, on=request.auth.today)
    text = bpmn.bpmn(process=found, language=request.auth.language)
    return HttpResponse(text, content_type="application/xml; charset=utf-8")


def _process(found: Process, *, language: str) -> ProcessOut:
    return ProcessOut(
        code=found.code,
        version=found.version,
        valid_from=found.valid_from,
        function=found.function,
        title=found.title.in_language(language),
        about=found.about.in_language(language),
        begins=found.begins.in_language(language),
        ends=found.ends.in_language(language),
        wait_reasons=[pause.code for pause in found.pauses],
        promises=[_promise(promise, language=language) for promise in found.promises],
        steps=[_step(step, language=language) for step in found.steps],
    )


def _promise(promise: Promise, *, language: str) -> ProcessPromise:
    return ProcessPromise(
        code=promise.code,
        title=promise.title.in_language(language),
        is_outward=promise.is_outward,
        after=promise.after,
        until=promise.until,
        by=promise.by,
        limits=[_limit(case, limit, language=language) for case, limit in promise.cases.items()],
    )


def _limit(case: str, limit: Limit, *, language: str) -> ProcessLimit:
    return ProcessLimit(
        case=case,
        amount=limit.amount,
        unit=limit.unit,
        calendar=limit.calendar,
        source=limit.source.text.in_language(language),
        certainty=limit.source.certainty,
    )


def _step(step: Step, *, language: str) -> ProcessStep:
    return ProcessStep(
        code=step.code,
        title=step.title.in_language(language),
        what=step.what.in_language(language),
        post=step.who,
        stage=step.where,
        why=step.why.in_language(language),
        how=step.how.in_language(language),
        after=[way.step for way in step.follows],
        answers=[answer for answer in flow.answers(step) if answer],
        waits_for=step.pause,
    )
