"""How the steps of a process follow each other: which are open, skipped, or lead where.

A step may begin when every way into it is decided and at least one was taken. A way is dead when
another answer was given or the step before it was itself skipped. So branches run beside each
other, and join again, without further signs.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import product

from lamplighter.policy.processes.shapes import Process, Step

DONE, READY, WAITING, SKIPPED = "DONE", "READY", "WAITING", "SKIPPED"
MOST_SCENARIOS = 4096


class AnswerUnknown(LookupError):
    """A step was said to be done with an answer it does not know, or the step is unknown."""


def states(*, process: Process, done: Mapping[str, str]) -> dict[str, str]:
    """Return the state of each step.

    Parameters
    ----------
    process
        The process.
    done
        The answer given by each step that is done; empty where a step decides nothing.

    Raises
    ------
    AnswerUnknown
        A step or an answer is not of this process.
    """
    for code, answer in done.items():
        if not any(step.code == code and answer in answers(step) for step in process.steps):
            raise AnswerUnknown(f"{process.version}: {code}: {answer!r}")
    found: dict[str, str] = {}
    for step in process.steps:
        if step.code in done:
            found[step.code] = DONE
            continue
        ways = [_way(found[way.step], done.get(way.step, ""), way.answer) for way in step.follows]
        if WAITING in ways:
            found[step.code] = WAITING
        else:
            found[step.code] = READY if READY in ways or not ways else SKIPPED
    return found


def _way(state: str, given: str, wanted: str) -> str:
    if state == DONE:
        return READY if given == wanted else SKIPPED
    return SKIPPED if state == SKIPPED else WAITING


def open_steps(*, process: Process, done: Mapping[str, str]) -> tuple[Step, ...]:
    """Return the steps that may be worked on now.

    Raises
    ------
    AnswerUnknown
        A step or an answer is not of this process.
    """
    found = states(process=process, done=done)
    return tuple(step for step in process.steps if found[step.code] == READY)


def is_over(*, process: Process, done: Mapping[str, str]) -> bool:
    """Tell whether nothing is left to do.

    Raises
    ------
    AnswerUnknown
        A step or an answer is not of this process.
    """
    return not {READY, WAITING} & set(states(process=process, done=done).values())


def answers(step: Step) -> tuple[str, ...]:
    """Return the answers by which a step may end; one empty answer where it decides nothing."""
    return tuple(answer.code for answer in step.choice.answers) if step.choice else ("",)


def scenarios(steps: Sequence[Step]) -> int:
    """Return in how many ways the choices of these steps can be answered."""
    found = 1
    for step in steps:
        found *= len(answers(step))
    return found


def runs(process: Process) -> Iterator[tuple[dict[str, str], frozenset[str]]]:
    """Yield every way through: what each choice answers, and the steps that are then done."""
    choices = [step for step in process.steps if step.choice]
    for given in product(*(answers(step) for step in choices)):
        answered = {step.code: answer for step, answer in zip(choices, given, strict=True)}
        active: set[str] = set()
        for step in process.steps:
            ways = [
                way.step in active and answered.get(way.step, "") == way.answer
                for way in step.follows
            ]
            if any(ways) or not ways:
                active.add(step.code)
        yield answered, frozenset(active)


def ordered(*, steps: Sequence[Step]) -> tuple[Step, ...]:
    """Return steps so that each stands after those it follows, else as they were.

    Steps in a ring, and those behind one, are left out.
    """
    left, found, known = list(steps), [], set[str]()
    while ready := next((s for s in left if all(w.step in known for w in s.follows)), None):
        left.remove(ready)
        found.append(ready)
        known.add(ready.code)
    return tuple(found)


def before(*, code: str, steps: Iterable[Step]) -> frozenset[str]:
    """Return a step and all that lead to it; *steps* in the order of `ordered`."""
    found = {code}
    for step in reversed(tuple(steps)):
        if step.code in found:
            found |= {way.step for way in step.follows}
    return frozenset(found)


def behind(*, code: str, steps: Iterable[Step]) -> frozenset[str]:
    """Return all steps that come after one; *steps* in the order of `ordered`."""
    found = {code}
    for step in steps:
        if any(way.step in found for way in step.follows):
            found.add(step.code)
    return frozenset(found - {code})
