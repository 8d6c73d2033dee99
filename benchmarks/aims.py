"""The aims of each benchmark: set before it ran, kept when they are missed."""

from benchmarks.goals import Goal

AIMS: dict[str, tuple[Goal, ...]] = {
    "import-readings": (
        Goal(
            words="import over the same rows written directly",
            figure="ratio_to_duckdb_sorted",
            compare="≤",
            bound=2.0,
        ),
    ),
    "import-bills": (
        Goal(words="import over COPY of the same rows", figure="ratio", compare="≤", bound=3.0),
    ),
}
