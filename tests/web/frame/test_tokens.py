"""The tokens: one dark theme written twice, and contrast that everybody can read."""

import re
from pathlib import Path

import pytest

from lamplighter.web.frame import navigation

CSS = (Path(navigation.__file__).parent / "assets/styles/tokens.css").read_text("utf-8")
BLOCKS = [
    dict(re.findall(r"--([a-z0-9-]+): (#[0-9a-f]{6});", block))
    for block in re.findall(r"{\s*color-scheme:[^}]+}", CSS)
]
LIGHT, DARK, DARK_CHOSEN = BLOCKS

TEXT_ON_GROUND = [
    (ink, ground)
    for ground in ("paper", "paper-deep", "surface", "surface-raised")
    for ink in ("ink", "ink-soft", "ink-faint", "action", "lamp-text", "harm-text")
] + [
    ("on-action", "action"),
    ("on-action", "action-hover"),
    ("lamp-text", "lamp-soft"),
    ("ink", "lamp-soft"),
    ("good-text", "good-soft"),
    ("warn-text", "warn-soft"),
    ("harm-text", "harm-soft"),
    ("action", "action-soft"),
    *[(f"grade-{letter}", f"grade-{letter}-soft") for letter in "abcd"],
]
LARGE_ON_SURFACE = ["lamp", "action", "good", "warn", "harm", "grade-n", "line-strong"]


def luminance(colour: str) -> float:
    channels = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [
        value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4
        for value in channels
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_the_dark_theme_is_one():
    assert DARK == DARK_CHOSEN
    assert LIGHT.keys() == DARK.keys()


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(("ink", "ground"), TEXT_ON_GROUND)
def test_text_can_be_read(theme, ink, ground):
    assert contrast(theme[ink], theme[ground]) >= 4.5


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("sign", LARGE_ON_SURFACE)
def test_signs_can_be_seen(theme, sign):
    assert contrast(theme[sign], theme["surface"]) >= 3
