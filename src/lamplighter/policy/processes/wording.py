"""Limits, promises and rules in words, and what an agent says with the numbers of the day.

A script names numbers, it does not repeat them: ``{promise.ARRIVAL}`` is the promise in the case
at hand, ``{rule.MOST_MONTHS}`` a rule. Other names, like ``{time}``, are the order's own.
"""

import re
from collections.abc import Mapping

from lamplighter.policy.loader import Words
from lamplighter.policy.processes import codes
from lamplighter.policy.processes.shapes import Limit, Process, Rule, Share, Step

GAP = "……"  # for the one who speaks to fill
_NAME = re.compile(r"\{([A-Za-z_][A-Za-z0-9_.]*)\}")


def limit(limit: Limit, *, language: str) -> str:
    """Return a limit in words: ``45 分钟``, ``5 working days``."""
    return _amount(limit.amount, codes.UNITS[limit.unit], language=language)


def rule(rule: Rule, *, language: str) -> str:
    """Return the value of a rule in words."""
    if isinstance(rule.value, str):
        return rule.value
    return _amount(rule.value, codes.RULE_UNITS[rule.unit], language=language)


def when(*, step: Step, language: str) -> str:
    """Return a step's limit in words; a share as a part of its promise, nothing where paused."""
    if step.when is None:
        return codes.PAUSES[step.pause].in_language(language)
    if isinstance(step.when, Share):
        share = f"{step.when.share * 100:.10g}%"
        return Words(zh=f"时限的 {share}", en=f"{share} of the promise").in_language(language)
    return limit(step.when, language=language)


def said(*, words: Words, process: Process, case: str, language: str) -> str:
    """Return words with the promises and rules they name filled in; other names stay.

    >>> from datetime import date
    >>> from lamplighter.policy.processes import catalogue
    >>> fault = catalogue.in_force(code="FAULT_REPAIR", on=date(2026, 11, 27))
    >>> hello = Words(zh="{promise.ARRIVAL}内到", en="With you within {promise.ARRIVAL}, {name}.")
    >>> said(words=hello, process=fault, case="RURAL", language="en")
    'With you within 90 minutes, {name}.'

    Raises
    ------
    KeyError
        The promise has no such case.
    """
    found = {f"rule.{one.code}": rule(one, language=language) for one in process.rules} | {
        f"promise.{one.code}": limit(one.limit(case=case), language=language)
        for one in process.promises
        if one.by == "ALL" or case in one.cases
    }
    text = words.in_language(language)
    missing = [name for name in asked(text=text) if "." in name and name not in found]
    if missing:
        raise KeyError(f"{process.version}: {missing[0]} in case {case}")
    return _NAME.sub(lambda name: found.get(name[1], name[0]), text)


def spoken(
    *, words: Words, process: Process, case: str, language: str, own: Mapping[str, str]
) -> str:
    """Return words as they can be read out: what the order itself does not know is a gap.

    Raises
    ------
    KeyError
        The promise has no such case.
    """
    text = said(words=words, process=process, case=case, language=language)
    return _NAME.sub(lambda name: own.get(name[1], GAP), text)


def asked(*, text: str) -> tuple[str, ...]:
    """Return the names that a text leaves open.

    >>> asked(text="{name}: {promise.ARRIVAL}")
    ('name', 'promise.ARRIVAL')
    """
    return tuple(_NAME.findall(text))


def names(*, process: Process) -> frozenset[str]:
    """Return the names that a process can fill."""
    rules = {f"rule.{one.code}" for one in process.rules}
    return frozenset(rules | {f"promise.{one.code}" for one in process.promises})


def _amount(amount: float, unit: Words, *, language: str) -> str:
    name = unit.in_language(language)
    if name.endswith("s") and amount == 1:
        name = name[:-1]
    return f"{amount:.10g} {name}"
