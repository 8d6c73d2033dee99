"""What the server does for a chart."""

import json
from decimal import Decimal

import pytest

from lamplighter.web.frame import charts, codes, styleguide_charts


def test_data_cannot_close_its_script():
    text = charts.embedded(data={"label": "</script><script>alert(1)&"})

    assert "<" not in text
    assert json.loads(text) == {"label": "</script><script>alert(1)&"}


def test_a_gap_is_none_and_never_nan():
    with pytest.raises(ValueError, match="JSON compliant"):
        charts.embedded(data=[float("nan")])


def test_an_unknown_chart_is_refused():
    with pytest.raises(charts.ChartUnknown, match="pie"):
        charts.known(name="pie")


def test_pieces_fill_the_bar_and_keep_those_of_no_size():
    parts = [
        {"kind": "cause", "code": code, "value": Decimal(value), "text": "", "url": None}
        for code, value in (("SHORT_BALANCE", 1), ("DISPUTE", 0), ("UNKNOWN", 3))
    ]

    laid = charts.pieces(parts=parts)

    assert [(piece.start, piece.width) for piece in laid] == [
        ("0.000", "25.000"), ("25.000", "0.000"), ("25.000", "75.000"),
    ]  # fmt: skip


def test_a_negative_piece_is_refused():
    part = {"kind": "grade", "code": "A", "value": -1, "text": "", "url": None}

    with pytest.raises(ValueError, match="negative"):
        charts.pieces(parts=[part])


def test_a_sparkline_lifts_its_pen_over_gaps():
    line = charts.spark(values=[0, 10, None, 5, 10])

    assert line is not None
    assert line.path == "M0.0 22.0 L24.0 2.0 M72.0 12.0 L96.0 2.0"


def test_a_sparkline_of_nothing_is_nothing():
    assert charts.spark(values=[None, None]) is None


def test_the_key_counts_every_door():
    data = styleguide_charts.doors()

    key = charts.door_key(data=data)

    assert sum(entry.count or 0 for entry in key) == len(data["doors"])


def test_a_mark_of_no_kind_is_refused():
    data = styleguide_charts.story() | {"marks": [{"day": "2026-11-01", "kind": "DANCE"}]}

    with pytest.raises(codes.CodeUnknown, match="DANCE"):
        charts.story_key(data=data)
