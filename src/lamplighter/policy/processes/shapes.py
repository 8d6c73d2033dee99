"""What a process is: its promises, steps, pauses, rules and failures. Values only."""

from dataclasses import dataclass
from datetime import date

from lamplighter.policy.loader import Words


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where a number comes from, and how sure that is (codes as in `loader.CERTAINTIES`)."""

    code: str
    text: Words
    certainty: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """An amount of time by one calendar."""

    amount: float
    unit: str  # minutes, hours or working_days
    calendar: str  # a code of the policy `calendars`
    source: Source
    minutes: float  # the same amount in minutes that this calendar counts


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """A part of the promise that a step belongs to."""

    share: float  # above 0, at most 1
    of: str  # code of the promise
    source: Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """What the customer may hold us to; one limit for each case."""

    code: str
    title: Words
    is_outward: bool  # published; otherwise our own measure
    after: str  # step from whose end it counts; empty: from the request
    until: str  # step whose end keeps it
    by: str  # a key of DIMENSIONS
    cases: dict[str, Limit]  # a limit for each value of that dimension

    def limit(self, *, case: str) -> Limit:
        """Return the limit of a case.

        Raises
        ------
        KeyError
            The promise is given by another dimension.
        """
        return self.cases["ALL" if self.by == "ALL" else case]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """What stops the clock: only what the customer alone can do."""

    code: str  # a key of PAUSES
    steps: tuple[str, ...]  # where it may be set
    customer: Words  # what we tell the customer
    agent: Words  # what the agent has to see before setting it


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A number or text of the business itself."""

    code: str
    about: Words
    value: float | str
    unit: str
    source: Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Which breach is a service failure of which level (S3-18)."""

    code: str
    title: Words
    level: str  # a key of LEVELS
    breach: str  # code of a promise or a step; empty: conduct, found by a person
    late_from: float  # from which share of the limit overrun; 0: from the first minute
    source: Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field of a step's form."""

    code: str
    title: Words
    kind: str  # one of FIELD_KINDS
    is_required: bool
    unit: str
    options: tuple[tuple[str, Words], ...]  # of a CHOICE


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One way on from a choice."""

    code: str
    title: Words


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What is decided when a step ends."""

    question: Words
    answers: tuple[Answer, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """One way into a step: the step before it and, where that decides, the answer."""

    step: str
    answer: str  # empty: the step before decides nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """The days that a form asks for, and the rules of the process they have to keep.

    Each rule is a code of the process's rules; empty where there is none.
    """

    first: str  # field with the first day
    until: str  # field with the day on which it ends
    answer: str  # the answer that says the rules are kept; empty: the step decides nothing
    more_than: str  # of one time, in days or months, like the two below
    at_least: str
    at_most: str
    a_year_at_most: str  # days or months of a calendar year
    times_a_year: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A 5W1H card (S3-17): what, who, when, where, why and how."""

    code: str
    title: Words
    what: Words  # work item
    who: str  # a key of POSTS
    when: Limit | Share | None  # None: the customer's own step, the clock is paused
    where: str  # a key of STAGES
    why: Words  # quality demand
    how: Words  # method
    script: Words | None  # what to say
    fields: tuple[Field, ...]  # form
    term: Term | None  # days of the form that have rules to keep
    follows: tuple[Arrival, ...]  # empty for the first step
    choice: Choice | None
    is_end: bool
    pause: str  # of the customer's own step: what the customer is waited for
    customer: Words | None  # what the customer sees; None: hidden
    page_title: Words | None  # what it is called on the customer's page before that is told
    ola: Limit | None  # the unit's own, stricter limit
    apart_from: tuple[str, ...]  # steps before it: whoever had one of them does not do this one

    @property
    def ahead(self) -> Words:
        """What the customer's page calls it before it is done."""
        return self.page_title or self.title


@dataclass(frozen=True, slots=True, kw_only=True)
class Green:
    """How much shorter members and large customers are served (S2-08)."""

    factor: float  # above 0, below 1: of each limit inside the promise
    about: Words
    source: Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """One version of one business type."""

    code: str  # a key of TYPES
    valid_from: date
    title: Words
    function: str  # F1 … F12
    about: Words
    begins: Words  # what starts it
    ends: Words  # what ends it
    confirmations: tuple[Arrival, ...]  # ways of steps by which the customer confirms the end
    requests: tuple[str, ...]  # types of the policy `demand_types` that begin it
    sources: tuple[Source, ...]
    promises: tuple[Promise, ...]
    rules: tuple[Rule, ...]
    pauses: tuple[Pause, ...]
    failures: tuple[Failure, ...]
    green: Green | None
    steps: tuple[Step, ...]  # in an order in which they can be done
    sha256: str

    @property
    def version(self) -> str:
        """The name by which an order keeps the version it began with."""
        return f"{self.code}/{self.valid_from.isoformat()}"

    @property
    def is_confirmed(self) -> bool:
        """Tell whether the customer is to confirm the end."""
        return bool(self.confirmations)

    def step(self, code: str) -> Step:
        """Return a step.

        Raises
        ------
        KeyError
            There is none of this code.
        """
        for step in self.steps:
            if step.code == code:
                return step
        raise KeyError(code)

    def first(self) -> Step:
        """Return the step that a new order begins with."""
        return self.steps[0]

    def followers(self, code: str, *, answer: str = "") -> tuple[Step, ...]:
        """Return the steps that a step, or one answer of it, leads to."""
        way = Arrival(step=code, answer=answer)
        return tuple(step for step in self.steps if way in step.follows)

    def promise(self, code: str) -> Promise:
        """Return a promise.

        Raises
        ------
        KeyError
            There is none of this code.
        """
        for promise in self.promises:
            if promise.code == code:
                return promise
        raise KeyError(code)
