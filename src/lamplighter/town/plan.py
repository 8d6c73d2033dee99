"""How large a station is and how its people behave: every number of the twin in one place.

The figures of a whole station come from requirement rows S4-01, S4-03, S4-17 and S4-20. Where no
source gives a figure, the plan says what it assumes; nothing else in this package holds a number
about the station.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType


class Size(StrEnum):
    """Which station to generate."""

    STATION = "STATION"
    ZONE = "ZONE"
    TINY = "TINY"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tier:
    """One step of a price: energy of the calendar year up to a limit. [1e-4 yuan/kWh]"""

    up_to_kwh: int | None
    peak_e4: int
    valley_e4: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Tariff:
    """A price list. A tariff without time of use has the same price by day and by night."""

    code: str
    zh: str
    tiers: tuple[Tier, ...]
    fen_per_kva_month: int = 0


def _flat(code: str, zh: str, *, peak: int, valley: int, fen_per_kva: int = 0) -> Tariff:
    tier = Tier(up_to_kwh=None, peak_e4=peak, valley_e4=valley)
    return Tariff(code=code, zh=zh, tiers=(tier,), fen_per_kva_month=fen_per_kva)


# Residential steps: the published Zhejiang example (field-numbers N19). The others are prices of
# the demonstration only, of a usual order of magnitude.
TARIFFS: tuple[Tariff, ...] = (
    Tariff(
        code="RES_TIER_2024",
        zh="居民阶梯电价",
        tiers=(
            Tier(up_to_kwh=2760, peak_e4=5380, valley_e4=5380),
            Tier(up_to_kwh=4800, peak_e4=5880, valley_e4=5880),
            Tier(up_to_kwh=None, peak_e4=8380, valley_e4=8380),
        ),
    ),
    Tariff(
        code="RES_TOU_2024",
        zh="居民阶梯峰谷电价",
        tiers=(
            Tier(up_to_kwh=2760, peak_e4=5680, valley_e4=2880),
            Tier(up_to_kwh=4800, peak_e4=6180, valley_e4=3380),
            Tier(up_to_kwh=None, peak_e4=8680, valley_e4=5880),
        ),
    ),
    _flat("GENERAL", "一般工商业电价", peak=7150, valley=7150),
    _flat("LARGE_INDUSTRY_TOU", "大工业峰谷电价", peak=8900, valley=3600, fen_per_kva=2800),
    _flat("AGRI", "农业生产电价", peak=4860, valley=4860),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Causes:
    """How many accounts of a group pay late, and why. Shares of the group or of the late."""

    late_share: float
    shares: Mapping[str, float]
    every_month_share: float  # of the late: every month rather than once in 3-6 months


# S4-20: 40 % of the hard zone do not pay well; of these 70/20/9/1.
HARD_ZONE = Causes(
    late_share=0.40,
    shares=MappingProxyType(
        {"UNFUNDED_DEBIT": 0.70, "SHORT_BALANCE": 0.20, "ABSENT_FAMILY": 0.09, "WILFUL": 0.01}
    ),
    every_month_share=1.0,
)

# S4-17 and Q8: points of the whole base.
SELF_PAYING_SHARE, WINNABLE_SHARE, RESISTANT_SHARE = 0.80, 0.15, 0.05
# Assumed split of the winnable and of the resistant outside the hard zone. UNKNOWN: forgets.
WINNABLE = Causes(
    late_share=WINNABLE_SHARE,
    shares=MappingProxyType(
        {"UNKNOWN": 0.32, "SHORT_BALANCE": 0.30, "ABSENT_FAMILY": 0.18, "UNFUNDED_DEBIT": 0.20}
    ),
    every_month_share=0.40,
)
RESISTANT = Causes(
    late_share=RESISTANT_SHARE,
    shares=MappingProxyType({"DISPUTE": 0.33, "HARDSHIP": 0.52, "WILFUL": 0.15}),
    every_month_share=1.0,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Paying:
    """What a late payer does in a month of trouble. Days count from the day of the bill."""

    # Chance that a month is one of trouble for a payer who is late "every month".
    trouble: Mapping[str, float] = field(
        default_factory=lambda: MappingProxyType(
            {
                "UNFUNDED_DEBIT": 0.98,
                "SHORT_BALANCE": 0.92,
                "ABSENT_FAMILY": 0.96,
                "UNKNOWN": 0.95,
                "DISPUTE": 0.45,
                "HARDSHIP": 0.70,
                "WILFUL": 0.95,
            }
        )
    )
    # Chance that the money still comes before the month ends, after a reminder.
    in_window: Mapping[str, float] = field(
        default_factory=lambda: MappingProxyType(
            {
                "UNFUNDED_DEBIT": 0.38,
                "ABSENT_FAMILY": 0.30,
                "UNKNOWN": 0.88,
                "DISPUTE": 0.30,
                "HARDSHIP": 0.30,
                "WILFUL": 0.02,
            }
        )
    )
    # Mean days after the due date when it does not.
    late_days: Mapping[str, float] = field(
        default_factory=lambda: MappingProxyType(
            {
                "UNFUNDED_DEBIT": 8.0,
                "SHORT_BALANCE": 5.0,
                "ABSENT_FAMILY": 16.0,
                "UNKNOWN": 4.0,
                "DISPUTE": 38.0,
                "HARDSHIP": 18.0,
                "WILFUL": 62.0,
            }
        )
    )
    never_share: Mapping[str, float] = field(
        default_factory=lambda: MappingProxyType({"WILFUL": 0.08, "DISPUTE": 0.01})
    )
    slip_share: float = 0.002  # a good payer forgets a month
    short_attempts: tuple[float, float, float] = (0.46, 0.36, 0.18)  # 1, 2 or 3 debits fail
    later_onset_share: float = 0.20  # late payers who paid well at the start of the history
    interval_months: tuple[int, int] = (3, 6)  # S4-11: reminded once in 3-6 months


@dataclass(frozen=True, slots=True, kw_only=True)
class Dirt:
    """How imperfect the delivered readings are."""

    area_outages_per_year: float = 1.6  # days on which the collector of an area was silent
    late_share: float = 0.8  # of those days: read again and delivered later
    missing_share: float = 0.0008  # single days never read
    estimated_share: float = 0.002
    corrected_share: float = 0.0002  # delivered wrong, corrected later
    duplicated_rows: int = 40
    invalid_rows: int = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Requests:
    """Requests to the station, a year. Mix: regulator's hotline 12398 (peers.md); rate: S4-02."""

    complaints_per_10000: float = 3.77
    mix: Mapping[str, float] = field(
        default_factory=lambda: MappingProxyType(
            {"CONSULTATION": 0.8164, "COMPLAINT": 0.0599, "REPORT": 0.0067, "OTHER": 0.1170}
        )
    )
    opinions_per_complaint: float = 7 / 18  # S4-02; they are part of OTHER
    # The hotline of the regulator takes neither faults nor applications: assumed, on top.
    faults_per_10000: float = 260.0
    installations_per_10000: float = 95.0
    upheld_share: float = 0.45


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """How often a habit changes, per household and year, and by how much."""

    per_year: float
    factor: tuple[float, float]
    lasts_days: tuple[int, int] | None  # None: for good


CHANGES: Mapping[str, Change] = MappingProxyType(
    {
        "SURGE": Change(per_year=0.022, factor=(1.6, 2.8), lasts_days=(12, 75)),
        "DROP": Change(per_year=0.016, factor=(0.35, 0.65), lasts_days=None),
        "VACANCY": Change(per_year=0.014, factor=(0.02, 0.10), lasts_days=(35, 320)),
        "RETURN": Change(per_year=0.008, factor=(0.02, 0.10), lasts_days=None),
        "TURNOVER": Change(per_year=0.014, factor=(0.7, 1.5), lasts_days=None),
        "APPLIANCE": Change(per_year=0.026, factor=(0.25, 0.7), lasts_days=None),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A station to generate."""

    customers: int
    zone_customers: int
    areas: int
    zone_areas: int
    communities: int
    villages: int
    institutions: int
    shops_share: float = 0.058
    works_share: float = 0.006
    irrigation_share: float = 0.016
    large_industry: int = 36
    feeders: int = 14
    managers: int = 22
    agents: int = 12  # of the hotline, the hall and the back desk, in shifts: assumed
    crews: int = 8
    supervisors: int = 2
    area_customers: tuple[int, int] = (60, 250)
    map_km2: float = 313.0
    centre_lon_lat: tuple[float, float] = (110.0, 33.0)
    prepaid_share: float = 0.10
    rented_share: float = 0.07
    new_account_share: float = 0.03
    curve_share: float = 0.02
    curve_days: int = 60
    surveyed_share: float = 0.05
    block_customers: int = 4000
    zone_causes: Causes = HARD_ZONE
    paying: Paying = field(default_factory=Paying)
    dirt: Dirt = field(default_factory=Dirt)
    requests: Requests = field(default_factory=Requests)

    @property
    def rest_customers(self) -> int:
        """Customers outside the hard zone."""
        return self.customers - self.zone_customers


_PLANS: Mapping[Size, Plan] = MappingProxyType(
    {
        Size.STATION: Plan(
            customers=47_783,
            zone_customers=2_100,
            areas=430,
            zone_areas=17,
            communities=5,
            villages=33,
            institutions=424,
        ),
        Size.ZONE: Plan(
            customers=2_100,
            zone_customers=2_100,
            areas=17,
            zone_areas=17,
            communities=0,
            villages=3,
            institutions=14,
            large_industry=0,
            feeders=2,
            managers=2,
            agents=6,
            crews=4,
            supervisors=1,
            surveyed_share=0.3,
        ),
        Size.TINY: Plan(
            customers=240,
            zone_customers=100,
            areas=6,
            zone_areas=2,
            communities=1,
            villages=3,
            institutions=8,
            large_industry=1,
            feeders=2,
            managers=2,
            agents=1,
            crews=1,
            supervisors=1,
            area_customers=(25, 70),
            curve_share=0.05,
            curve_days=10,
            surveyed_share=0.3,
            block_customers=100,
        ),
    }
)


def plan_of(*, size: Size) -> Plan:
    """Return the plan of a station of this size."""
    return _PLANS[size]


def allocate(*, total: int, shares: Mapping[str, float]) -> dict[str, int]:
    """Split a whole number by shares so that the parts add up (largest remainder).

    Examples
    --------
    >>> allocate(total=840, shares=HARD_ZONE.shares)
    {'UNFUNDED_DEBIT': 588, 'SHORT_BALANCE': 168, 'ABSENT_FAMILY': 76, 'WILFUL': 8}
    """
    weight = sum(shares.values())
    exact = {key: total * share / weight for key, share in shares.items()}
    parts = {key: int(value + 1e-9) for key, value in exact.items()}
    left = total - sum(parts.values())
    for key in sorted(exact, key=lambda k: parts[k] - exact[k])[:left]:
        parts[key] += 1
    return parts


def causes_of(*, plan: Plan) -> tuple[dict[str, int], dict[str, int], dict[str, int]]:
    """Return how many accounts have each cause: hard zone, winnable and resistant elsewhere.

    The winnable and the resistant are points of the whole base (Q8), so the hard zone's own
    late payers are taken off first.
    """
    zone_late = round(plan.zone_customers * plan.zone_causes.late_share)
    zone = allocate(total=zone_late, shares=plan.zone_causes.shares)
    if plan.rest_customers == 0:
        return zone, {}, {}
    resistant = max(0, round(plan.customers * RESISTANT_SHARE) - zone["WILFUL"])
    late = max(0, round(plan.customers * (1 - SELF_PAYING_SHARE)) - zone_late)
    winnable = max(0, late - resistant)
    return (
        zone,
        allocate(total=winnable, shares=WINNABLE.shares),
        allocate(total=min(resistant, plan.rest_customers - winnable), shares=RESISTANT.shares),
    )
