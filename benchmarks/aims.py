"""The aims of each benchmark: set before it ran, kept when they are missed."""

from benchmarks.goals import Goal

AIMS: dict[str, tuple[Goal, ...]] = {
    "service-orders": (
        Goal(
            words="opening an order over its bare inserts",
            figure="opening_one.service_over_bare",
            compare="≤",
            bound=2.0,
        ),
        *(
            goal
            for name in (
                *("pop by phone", "search by phone", "search by account number"),
                "search by name",
            )
            for goal in (
                Goal(
                    words=f"{name}, 100 agents, median ms in the server",
                    figure=f"agents.median.{name}.server_ms",
                    compare="≤",
                    bound=20.0,
                ),
                Goal(
                    words=f"{name}, 100 agents, over a bare view",
                    figure=f"agents.median.{name}.server_over_bare",
                    compare="≤",
                    bound=1.5,
                ),
            )
        ),
    ),
    "nightly": (
        Goal(
            words="night over reading its lake once",
            figure="ratio_to_reading.night, two processes",
            compare="≤",
            bound=2.0,
        ),
    ),
    "incremental": (
        Goal(
            words="night from nothing over the night after one more day",
            figure="from_nothing_over_incremental",
            compare="≥",
            bound=50.0,
        ),
        Goal(words="equal files (1: all)", figure="files_are_equal", compare="≥", bound=1.0),
        Goal(words="equal rows (1: all)", figure="rows_are_equal", compare="≥", bound=1.0),
    ),
    "growth": (
        Goal(
            words="seconds of a night of a million",
            figure="largest.seconds",
            compare="≤",
            bound=300.0,
        ),
        Goal(
            words="MiB of its processes together",
            figure="largest.peak_mib_together",
            compare="≤",
            bound=4096.0,
        ),
        Goal(
            words="slope of log seconds on log customers",
            figure="slope_of_log_seconds",
            compare="≤",
            bound=1.05,
        ),
    ),
    "splice": (
        Goal(
            words="hits by hours, meters apart", figure="hourly.hit_rate", compare="≥", bound=0.90
        ),
        Goal(words="hits by daily totals alone", figure="daily.hit_rate", compare="≥", bound=0.70),
        Goal(
            words="hits by daily totals in homes, a station's own judge, learnt on half of them",
            figure="homes_stand_in.daily.station_own_judge.hit_rate",
            compare="≥",
            bound=0.40,
        ),
    ),
    "forecast": tuple(
        Goal(words=words, figure=f"{where}.coverage", compare=compare, bound=bound)
        for where, place in (("real", "on real meters"), ("twin", "in the twin"))
        for words, compare, bound in (
            (f"coverage of the 80 % interval {place}, least", "≥", 0.78),
            (f"coverage of the 80 % interval {place}, most", "≤", 0.82),
        )
    ),
    "change-speed": (
        Goal(
            words="KernelCPD's time over that of all of find_changes",
            figure="kernel_cpd_over_find_changes",
            compare="≥",
            bound=100.0,
        ),
    ),
    "arrears": (
        Goal(
            words="AUC without personal traits",
            figure="cross_validated.scorecard.auc",
            compare="≥",
            bound=0.788,
        ),
        Goal(
            words="the same of the best boosted peer",
            figure="boosted_best",
            compare="≥",
            bound=0.788,
        ),
        Goal(
            words="AUC beyond which something leaks",
            figure="cross_validated.scorecard.auc",
            compare="≤",
            bound=0.80,
        ),
        Goal(
            words="calibration error, the worst of the seeds",
            figure="cross_validated.scorecard.ece",
            compare="≤",
            bound=0.01,
        ),
        Goal(
            words="what boosting gains, or it would be shipped",
            figure="boosted_gain",
            compare="≤",
            bound=0.005,
        ),
    ),
    "cluster": (
        Goal(words="same bytes (1: all nights)", figure="all_bytes_same", compare="≥", bound=1.0),
    ),
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
