"""What the benchmarks' documents say is what was measured, and a missed aim is said."""

import importlib

import pytest

from benchmarks import __main__ as bench
from benchmarks import goals, pages_of_figures
from benchmarks.aims import AIMS

AIM = goals.Goal(words="hits", figure="hourly.hit_share", compare="≥", bound=0.9)


@pytest.mark.parametrize("name", bench.BENCHMARKS)
def test_each_benchmark_is_a_module_that_runs_and_stands_on_a_page(name):
    known = bench.BENCHMARKS[name]

    assert callable(importlib.import_module(known.module).run)
    assert (bench.DOCUMENTS / f"{known.page}.md").read_text(encoding="utf-8").count(bench.MARK) == 1


def test_aims_are_of_benchmarks_that_exist():
    assert set(AIMS) <= set(bench.BENCHMARKS)


def test_a_page_stands_for_all_of_its_own():
    assert bench.chosen(["speed", "twin"]) == [
        name for name, known in bench.BENCHMARKS.items() if known.page == "speed" or name == "twin"
    ]
    assert bench.chosen([]) == list(bench.BENCHMARKS)


@pytest.mark.parametrize(
    ("measured", "says"), [(0.91, "met"), (0.9, "met"), (0.89, "**fell short**")]
)
def test_a_missed_aim_is_said(measured, says):
    found = goals.reached(goals=(AIM,), figures={"hourly": {"hit_share": measured}})

    assert f"| hits | ≥ 0.9 | {measured} | {says} |" in pages_of_figures.goals_table(found)


@pytest.mark.parametrize("figures", [{}, {"hourly": 1.0}, {"hourly": {"hit": 1.0}}])
def test_an_aim_without_its_figure_is_an_error(figures):
    with pytest.raises(goals.NoSuchFigure, match=r"hourly\.hit_share"):
        goals.reached(goals=(AIM,), figures=figures)


def test_every_figure_is_in_a_table():
    figures = {
        "rows": 12_345,
        "by": {"level": {"hits": 0.25, "met": True}, "habit": {"hits": 0.5}},
        "deep": {"one": {"two": {"three": 3}}, "list": [{"x": 1}, {"x": 2}]},
        "seeds": [{"hits": 0.75, "of": {"hits": [1, 2]}}],
    }

    text = pages_of_figures.tables(figures)

    for cell in (
        "| rows | 12,345 |",
        "| level | 0.25 | yes |",
        "| habit | 0.5 |  |",
        "| two | 3 |",
    ):
        assert cell in text
