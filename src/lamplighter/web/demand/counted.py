"""Counts of orders as rows, bars and rises, with which of them moved beyond chance."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from django.urls import reverse

from lamplighter.action.service.demands import GroupCount, Pair
from lamplighter.insight.demand import emerging, shifts
from lamplighter.insight.demand.emerging import EmergingPolicy
from lamplighter.web.frame import lists, service_words

NEW_WEEKS = 4
HEIGHT, BAR, GAP = 96, 10, 4  # of the picture


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One group of orders."""

    label: str
    note: str
    n_new: int  # in the newest four weeks
    share: float  # of all orders of the newest four weeks
    n_before: int  # in the four weeks before
    change: float | None  # ratio to before; None: nothing came before
    moved: str  # UP, DOWN or empty: chance may explain it
    n_all: int
    weeks: tuple[int, ...]
    url: str  # the orders behind it


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """All orders of one week."""

    x: int
    y: int
    height: int
    n: int
    is_new: bool
    ago: int  # weeks


@dataclass(frozen=True, slots=True, kw_only=True)
class Rise:
    """A type that rose at one area beyond chance in the newest week."""

    type: str
    area: str
    n: int
    expected: float
    url: str


def rows(
    *,
    groups: Sequence[GroupCount],
    name: Callable[[GroupCount], tuple[str, str]],
    by: str,
    wanted: Mapping[str, str],
    allowed: float,
) -> tuple[Row, ...]:
    """Return a row for each group; of those said to have moved, few by chance alone."""
    if not groups:
        return ()
    counts = np.array([group.n_by_week for group in groups], dtype=np.int64)
    after = counts[:, -NEW_WEEKS:].sum(axis=1)
    before = counts[:, -2 * NEW_WEEKS : -NEW_WEEKS].sum(axis=1)
    # Four weeks vary by a quarter of what one does, relative to the square of the mean.
    past = counts[:, :-NEW_WEEKS]
    level = np.ones(past.shape[1], dtype=np.int64)
    spread = emerging.spread_of(counts=past, volumes=np.broadcast_to(level, past.shape))
    chance = shifts.chances(before=before, after=after, spread=spread / NEW_WEEKS)
    moved = emerging.discoveries(chance=chance, allowed=allowed)
    n_new = max(int(after.sum()), 1)
    found = []
    for place, group in enumerate(groups):
        label, note = name(group)
        a, b = int(after[place]), int(before[place])
        found.append(
            Row(
                label=label,
                note="" if note == label else note,
                n_new=a,
                share=a / n_new,
                n_before=b,
                change=(a - b) / b if b else None,
                moved=("UP" if a > b else "DOWN") if moved[place] else "",
                n_all=group.n,
                weeks=group.n_by_week,
                url=lists.address(reverse("demand:orders"), **{**wanted, by: group.key})
                if group.key
                else "",
            )
        )
    return tuple(found)


def bars(*, groups: Sequence[GroupCount]) -> tuple[Bar, ...]:
    """Return one bar a week, from zero, the newest last."""
    if not groups:
        return ()
    weeks = [sum(week) for week in zip(*(group.n_by_week for group in groups), strict=True)]
    most = max(*weeks, 1)
    return tuple(
        Bar(
            x=place * (BAR + GAP),
            y=HEIGHT - round(HEIGHT * n / most),
            height=round(HEIGHT * n / most),
            n=n,
            is_new=place >= len(weeks) - NEW_WEEKS,
            ago=len(weeks) - place,
        )
        for place, n in enumerate(weeks)
    )


def rises(*, pairs: Sequence[Pair], n_tested: int, policy: EmergingPolicy) -> tuple[Rise, ...]:
    """Return what rose at one area beyond chance in the newest week, least chance first.

    *n_tested* pairs were looked at; those with too few orders count in the correction alone.
    """
    if not pairs:
        return ()
    found = emerging.rises(
        counts=np.array([pair.n_by_week for pair in pairs], dtype=np.int64),
        volumes=np.array([pair.volume_by_week for pair in pairs], dtype=np.int64),
        policy=policy,
        n_others=n_tested - len(pairs),
    )
    order = sorted(range(len(pairs)), key=lambda place: float(found.chance[place]))
    return tuple(
        Rise(
            type=service_words.type_name(code=pairs[place].type_code),
            area=pairs[place].area_name,
            n=int(found.count[place]),
            expected=float(found.expected[place]),
            url=lists.address(
                reverse("demand:orders"),
                type=pairs[place].type_code,
                area=pairs[place].area_code,
                weeks=1,
            ),
        )
        for place in order
        if found.is_emerging[place]
    )
