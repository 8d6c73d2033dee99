"""Requests to the station, in the mix of the regulator's hotline and at the rate of S4-02.

The hotline's mix (81.64 % enquiries, 11.70 % other, 5.99 % complaints, 0.67 % reports) is scaled
so that complaints come at 3.77 for 10,000 customers and year; opinions (suggestions) are part of
"other". The hotline takes neither fault reports nor applications: those come on top.
"""

import numpy as np
import numpy.typing as npt

from lamplighter.town import words
from lamplighter.town.chance import stream
from lamplighter.town.files import Columns, moments_of
from lamplighter.town.life import Life
from lamplighter.town.plan import allocate

KINDS: dict[str, tuple[str, ...]] = {
    "CONSULTATION": words.CONSULTATIONS,
    "COMPLAINT": words.COMPLAINTS,
    "REPORT": words.REPORTS,
    "SUGGESTION": words.SUGGESTIONS,
    "FAULT": words.FAULTS,
    "INSTALLATION": words.INSTALLATIONS,
    "OTHER": words.OTHERS,
}
KIND_WORDS = {
    "CONSULTATION": "咨询",
    "COMPLAINT": "投诉",
    "REPORT": "举报",
    "SUGGESTION": "意见建议",
    "FAULT": "故障报修",
    "INSTALLATION": "业扩报装",
    "OTHER": "其他",
}
CHANNELS = ("95598电话", "网上国网", "营业厅", "网站", "上门走访")


def counts(*, life: Life) -> dict[str, int]:
    """Return how many requests of each kind the life brings."""
    rule = life.plan.requests
    customer_years = len(life.people) * len(life.days) / 365.25
    complaints = max(1, round(customer_years * rule.complaints_per_10000 / 1e4))
    parts = allocate(total=round(complaints / rule.mix["COMPLAINT"]), shares=rule.mix)
    opinions = min(parts["OTHER"], round(complaints * rule.opinions_per_complaint))
    parts["SUGGESTION"], parts["OTHER"] = opinions, parts["OTHER"] - opinions
    parts["FAULT"] = round(customer_years * rule.faults_per_10000 / 1e4)
    parts["INSTALLATION"] = round(customer_years * rule.installations_per_10000 / 1e4)
    return {kind: parts[kind] for kind in KINDS}


def requests(*, life: Life) -> Columns:
    """Return the requests of the life in order of time, as columns of the delivered file."""
    rng = stream(seed=life.seed, concern="requests")
    kinds = np.repeat(list(KINDS), list(counts(life=life).values()))
    n = len(kinds)
    account = rng.integers(0, len(life.people), n)
    disputed = np.flatnonzero(life.people.conduct.has("DISPUTE"))
    if len(disputed):
        swap = (kinds == "COMPLAINT") & (rng.random(n) < 0.35)
        account = np.where(swap, rng.choice(disputed, n), account)
    day = _days(rng, life=life, n=n)
    at = day * 86_400 + rng.integers(7 * 3600, 22 * 3600, n)
    hours = np.where(kinds == "FAULT", rng.gamma(2.0, 1.6, n), rng.gamma(1.4, 20.0, n))
    closed = at + (hours * 3600).astype(np.int64)
    order = np.argsort(at, kind="stable")
    kinds, account, at, closed = kinds[order], account[order], at[order], closed[order]
    village = [life.places.areas[a].committee.name for a in life.people.area[account]]
    nameless = rng.random(n) < 0.06
    upheld = rng.random(n) < life.plan.requests.upheld_share
    is_open = closed >= (int(life.days.epoch_day[-1]) + 1) * 86_400
    areas = np.array([area.code for area in life.places.areas])[life.people.area[account]]
    return {
        "工单编号": [f"GD{k + 1:08d}" for k in range(n)],
        "户号": np.where(nameless, "", life.people.account_numbers[account].astype(str)),
        "台区编号": areas,
        "业务类型": [KIND_WORDS[kind] for kind in kinds],
        "受理渠道": rng.choice(CHANNELS, n, p=[0.72, 0.13, 0.09, 0.03, 0.03]),
        "受理时间": moments_of(at),
        "办结时间": np.where(is_open, "", moments_of(closed).cast("string").to_numpy(False)),
        "受理内容": [
            _text(rng, str(kind), place) for kind, place in zip(kinds, village, strict=True)
        ],
        "是否属实": [
            "" if kind not in ("COMPLAINT", "REPORT") or still else "属实" if true else "不属实"
            for kind, true, still in zip(kinds, upheld, is_open, strict=True)
        ],
    }


def _days(rng: np.random.Generator, *, life: Life, n: int) -> npt.NDArray[np.int64]:
    """Draw days: more when it is hot, when bills are out, and when families are at home."""
    weight = np.ones(len(life.days))
    weight += 1.5 * life.weather.is_heat_wave + 0.8 * life.days.spring
    weight += np.array([0.7 if day.day >= 22 else 0.0 for day in life.days.dates])
    chosen = rng.choice(len(life.days), size=n, p=weight / weight.sum())
    return np.asarray(life.days.epoch_day[chosen], dtype=np.int64)


def _text(rng: np.random.Generator, kind: str, village: str) -> str:
    phrases = KINDS[kind]
    return phrases[int(rng.integers(len(phrases)))].format(
        n=int(rng.integers(12, 160)),
        m=int(rng.integers(1, 13)),
        k=int(rng.integers(2, 6)),
        a=words.APPLIANCES[int(rng.integers(len(words.APPLIANCES)))],
        v=village,
    )
