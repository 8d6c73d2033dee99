"""Putting a reason into words: the policy holds the sentence, the line holds its numbers."""

from collections.abc import Mapping, Sequence
from typing import Any

from lamplighter.policy.loader import Policy, PolicyRowUnknown, Words


class NumberMissing(LookupError):
    """A sentence names a number that the reason does not carry."""


def sentence(*, policy: Policy, key: str, numbers: Mapping[str, Any]) -> Words:
    """Return one sentence with its numbers.

    Raises
    ------
    PolicyRowUnknown
        The policy has no such sentence.
    NumberMissing
        The sentence names a number that is not given.
    """
    text = policy.text(key)
    try:
        return Words(zh=text.zh.format_map(numbers), en=text.en.format_map(numbers))
    except KeyError as error:
        raise NumberMissing(f"{policy.version}: {key} needs {error.args[0]}") from error


def reason(*, policy: Policy, parts: Sequence[Mapping[str, Any]]) -> Words:
    """Return why a line stands on the plan: its parts, one sentence after another.

    Raises
    ------
    PolicyRowUnknown
        A part's code has no sentence, or there is no part.
    NumberMissing
        A sentence names a number that is not given.
    """
    if not parts:
        raise PolicyRowUnknown(f"{policy.version}: a reason without parts")
    said = [
        sentence(policy=policy, key=f"reason.{part['code']}", numbers=part["numbers"])
        for part in parts
    ]
    return Words(zh=" ".join(w.zh for w in said), en=" ".join(w.en for w in said))


def left_out(*, policy: Policy, detail: Mapping[str, Any]) -> Words:
    """Return why a door is not on the plan.

    Raises
    ------
    PolicyRowUnknown
        The code has no sentence.
    NumberMissing
        The sentence names a number that is not given.
    """
    key = f"left_out.{detail['code']}"
    return sentence(policy=policy, key=key, numbers=detail["numbers"])
