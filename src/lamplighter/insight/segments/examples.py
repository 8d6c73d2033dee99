"""The numbers for the examples in this room's docstrings."""

from lamplighter.insight.segments.terms import SegmentPolicy

POLICY = SegmentPolicy(
    known_bills=6,
    empty_kwh=120.0,
    empty_leave_kwh=180.0,
    large_kva=100.0,
    large_kwh=100_000.0,
    large_leave_kwh=80_000.0,
    late_bills=3,
    late_leave_bills=1,
    grows_from=0.2,
    grows_leave=0.08,
    much_leave_share=0.85,
)
