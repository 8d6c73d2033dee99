"""What the tests of replays lay out: replays, their counts, and accounts that differ."""

from datetime import date, timedelta

from lamplighter.findings.models import Replay, ReplayChange, ReplayCount
from tests import factories as make

LAST = make.TODAY - timedelta(1)
CANDIDATE = """
[title]
zh = "试行"
en = "On trial"
[rows.reminded_months_a]
value = 1
unit = "months"
zh = "A 级"
en = "Grade A: at most"
source = "test"
certainty = "O"
"""


def side(grade: str, **changed) -> dict:
    trace = {"rule": "SOMETIMES_REMINDED", "says": "B", "inputs": {"reminded_months": 1}}
    values = {
        "grade": grade,
        "candidate_grade": "",
        "risk_band": "LOW",
        "risk_probability": 0.04,
        "cause": "",
        "cause_probability": None,
        "balance_due_cny": 120.0,
        "overdue_cny": 0.0,
        "forecast_low_cny": 80.0,
        "forecast_high_cny": 120.0,
        "grade_trace": [{**trace, "limits": {"reminded_months_b": 4}}],
        "risk_reasons": [{"code": "PAY_TIME", "log_odds": 0.4}],
        "cause_reasons": [],
    }
    return values | changed


def made(*, first: date = LAST, candidates: list | None = None, **changed) -> Replay:
    values = {
        "first_day": first,
        "last_day": LAST,
        "known_before_at": make.MORNING,
        "known_after_at": make.MORNING,
        "candidates": candidates or [],
        "shards": [0],
        "kernels": {},
        "policies_before": {"grading": "grading/2021-11-01"},
        "policies_after": {"grading": "grading/2021-11-01"},
        "notes": [{"code": "NO_NIGHT_KEPT"}],
        "wish_sha256": f"{Replay.objects.count():064d}",
        "requested_at": make.MORNING,
        "requested_by": "cli:replay",
        "said_at": make.MORNING,
        "n_done": 2,
        "n_all": 2,
        "failed_because": "",
        "finished_at": make.MORNING,
    }
    return Replay.objects.create(**values | changed)


def counted(replay: Replay, area, *pairs, day: date = LAST) -> None:
    for about, before, after, n in pairs:
        ReplayCount.objects.create(
            replay=replay, area=area, day=day, about=about, before=before, after=after, n_accounts=n
        )


def changed(replay: Replay, street, *, because: list, before: dict, after: dict):
    account = make.make_account(area=street.area)
    ReplayChange.objects.create(
        replay=replay,
        account=account,
        area=street.area,
        grade_before=before["grade"],
        grade_after=after["grade"],
        risk_before=before["risk_band"],
        risk_after=after["risk_band"],
        cause_before=before["cause"],
        cause_after=after["cause"],
        is_decision=True,
        before=before,
        after=after,
        because=because,
    )
    return account
