"""Who is supplied: accounts as arrays, one entry a customer, numbered area by area."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from lamplighter.town import behaviour as paying
from lamplighter.town.calendar import Days
from lamplighter.town.chance import stream
from lamplighter.town.places import Places
from lamplighter.town.plan import Plan
from lamplighter.town.profiles import HOME_SHARES, HOMES, INDEX

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

KINDS = ("PERSON", "ENTERPRISE", "INSTITUTION")
CATEGORIES = ("RESIDENTIAL", "GENERAL", "LARGE_INDUSTRY", "AGRICULTURE", "OTHER")
TARIFF_CODES = ("RES_TIER_2024", "RES_TOU_2024", "GENERAL", "LARGE_INDUSTRY_TOU", "AGRI")
METHODS = ("BANK_DEBIT", "WALLET", "APP", "COUNTER", "CASH")
FIRST_ACCOUNT = 4_600_000_001


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """All accounts. Codes are places in the tuples above."""

    area: npt.NDArray[np.int32]
    is_hard: Bools
    kind: Ints
    profile: Ints
    category: Ints
    tariff: Ints
    capacity_kva: npt.NDArray[np.int64]
    is_rented: Bools
    members: Ints
    born: Ints  # year of birth of the head of the household
    contract_epoch_day: Ints
    start: Ints  # first day of the life with supply
    is_prepaid: Bools
    method: Ints
    conduct: paying.Conduct

    def __len__(self) -> int:
        return len(self.area)

    @property
    def account_numbers(self) -> Ints:
        """Return the account numbers (户号)."""
        return FIRST_ACCOUNT + np.arange(len(self), dtype=np.int64)

    @property
    def is_home(self) -> Bools:
        """Return which accounts are dwellings."""
        return np.isin(self.profile, [INDEX[code] for code in HOMES])


def build(*, plan: Plan, places: Places, days: Days, seed: int, cycles: int) -> People:
    """Invent the accounts of a station."""
    rng = stream(seed=seed, concern="people")
    area = places.area_of_customer
    setting = np.array([a.committee.setting for a in places.areas])[area]
    is_hard = np.array([a.is_hard for a in places.areas])[area]
    profile = _profiles(rng, plan=plan, setting=setting, is_hard=is_hard)
    is_home = np.isin(profile, [INDEX[code] for code in HOMES])
    kind = _kinds(rng, profile=profile)
    category = _categories(profile)
    n = len(area)
    conduct = paying.assign(
        plan=plan,
        rng=stream(seed=seed, concern="conduct"),
        is_hard=is_hard,
        is_person=kind == 0,
        is_away=np.isin(profile, [INDEX["LEFT_BEHIND"], INDEX["ELDERLY"]]),
        cycles=cycles,
    )
    method = _methods(rng, conduct=conduct, is_person=kind == 0)
    born = np.where(
        np.isin(profile, [INDEX["ELDERLY"], INDEX["LEFT_BEHIND"]]),
        rng.integers(1938, 1964, n),
        rng.integers(1955, 1999, n),
    )
    contract, start = _contracts(rng, plan=plan, days=days, n=n)
    return People(
        area=area,
        is_hard=is_hard,
        kind=kind,
        profile=profile,
        category=category,
        tariff=_tariffs(rng, category=category),
        capacity_kva=_capacities(rng, category=category),
        is_rented=profile == INDEX["TENANT"],
        members=np.where(is_home, 1 + rng.binomial(6, 0.36, n), 0),
        born=born,
        contract_epoch_day=contract,
        start=start,
        is_prepaid=_prepaid(rng, plan=plan, kind=kind, method=method, conduct=conduct),
        method=method,
        conduct=conduct,
    )


def _profiles(
    rng: np.random.Generator, *, plan: Plan, setting: npt.NDArray[np.str_], is_hard: Bools
) -> Ints:
    """Draw what each account is: homes first, then exact numbers of everything else."""
    n = len(setting)
    profile = np.zeros(n, dtype=np.int64)
    for name, shares in HOME_SHARES.items():
        here = np.flatnonzero(setting == name)
        profile[here] = rng.choice(len(HOMES), size=len(here), p=np.array(shares) / sum(shares))
    rented = rng.random(n) < plan.rented_share * np.where(setting == "URBAN", 1.6, 0.7)
    profile[rented] = INDEX["TENANT"]
    free = rng.permutation(np.flatnonzero(~is_hard if plan.rest_customers else is_hard))
    kinds = rng.choice(3, size=plan.institutions, p=[0.5, 0.3, 0.2])
    institution = np.array([INDEX["OFFICE"], INDEX["SCHOOL"], INDEX["CLINIC"]])[kinds]
    taken = plan.institutions + plan.large_industry
    profile[free[: plan.institutions]] = institution
    profile[free[plan.institutions : taken]] = INDEX["FACTORY"]
    homes = profile < len(HOMES)
    profile[_some(rng, np.flatnonzero(homes), round(n * plan.shops_share))] = INDEX["SHOP"]
    elsewhere = (profile < len(HOMES)) & ~is_hard
    profile[_some(rng, np.flatnonzero(elsewhere), round(n * plan.works_share))] = INDEX["WORKS"]
    country = np.flatnonzero((profile < len(HOMES)) & (setting != "URBAN"))
    profile[_some(rng, country, round(n * plan.irrigation_share))] = INDEX["IRRIGATION"]
    lights = _some(rng, np.flatnonzero(profile < len(HOMES)), round(n * 0.0015))
    profile[lights] = INDEX["LIGHTING"]
    return profile


def _some(rng: np.random.Generator, candidates: Ints, count: int) -> Ints:
    return rng.permutation(candidates)[:count]


def _kinds(rng: np.random.Generator, *, profile: Ints) -> Ints:
    institution = np.isin(profile, [INDEX[c] for c in ("OFFICE", "SCHOOL", "CLINIC")])
    firm = np.isin(profile, [INDEX[c] for c in ("WORKS", "FACTORY", "LIGHTING")])
    # Two in three shops are run by a person under his or her own name.
    firm |= (profile == INDEX["SHOP"]) & (rng.random(len(profile)) < 0.34)
    return np.where(institution, 2, np.where(firm, 1, 0))


def _categories(profile: Ints) -> Ints:
    category = np.ones(len(profile), dtype=np.int64)
    category[profile < len(HOMES)] = 0
    category[profile == INDEX["FACTORY"]] = 2
    category[profile == INDEX["IRRIGATION"]] = 3
    category[profile == INDEX["LIGHTING"]] = 4
    return category


def _tariffs(rng: np.random.Generator, *, category: Ints) -> Ints:
    home = np.where(rng.random(len(category)) < 0.12, 1, 0)
    return np.choose(category, [home, 2, 3, 4, 2]).astype(np.int64)


def _capacities(rng: np.random.Generator, *, category: Ints) -> npt.NDArray[np.int64]:
    n = len(category)
    home = rng.choice([4, 6, 8, 12], size=n, p=[0.35, 0.3, 0.27, 0.08])
    general = rng.choice([8, 15, 30, 50, 80], size=n, p=[0.35, 0.3, 0.2, 0.1, 0.05])
    large = rng.choice([315, 400, 630, 1250], size=n)
    return np.choose(category, [home, general, large, 15, 10]).astype(np.int64)


def _contracts(rng: np.random.Generator, *, plan: Plan, days: Days, n: int) -> tuple[Ints, Ints]:
    """Draw when supply began; a few accounts are younger than the life."""
    first = int(days.epoch_day[0])
    contract = first - rng.integers(30, 365 * 22, n)
    start = np.zeros(n, dtype=np.int64)
    new = np.flatnonzero(rng.random(n) < plan.new_account_share)
    start[new] = rng.integers(5, max(6, len(days) - 20), len(new))
    contract[new] = first + start[new]
    return contract, start


def _methods(rng: np.random.Generator, *, conduct: paying.Conduct, is_person: Bools) -> Ints:
    n = len(is_person)
    person = rng.choice(5, size=n, p=[0.36, 0.30, 0.17, 0.12, 0.05])
    method = np.where(is_person, person, rng.choice([0, 2, 3], size=n, p=[0.62, 0.2, 0.18]))
    by_debit = conduct.has("UNFUNDED_DEBIT") | conduct.has("SHORT_BALANCE")
    in_hand = conduct.has("ABSENT_FAMILY") | conduct.has("WILFUL") | conduct.has("HARDSHIP")
    method = np.where(in_hand, rng.choice([3, 4], size=n, p=[0.7, 0.3]), method)
    method = np.where(conduct.has("UNKNOWN"), rng.choice([1, 2, 3], size=n), method)
    return np.where(by_debit, 0, method).astype(np.int64)


def _prepaid(
    rng: np.random.Generator, *, plan: Plan, kind: Ints, method: Ints, conduct: paying.Conduct
) -> Bools:
    """Choose the prepaid: persons who pay well and not through a bank's debit."""
    able = np.flatnonzero((kind == 0) & (method != 0) & (conduct.cause == 0))
    chosen = _some(rng, able, round(plan.prepaid_share * len(kind)))
    prepaid = np.zeros(len(kind), dtype=np.bool_)
    prepaid[chosen] = True
    return prepaid
