"""What energy costs under a tariff: exact in decimals, rounded to the fen once.

A price is the base price of the period plus the surcharge of the step in which the year's energy
stands (the steps count a calendar year). So the amount does not depend on how a period's energy
falls on the steps, and the amounts of two parts of a bill add up to the amount of the whole.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from lamplighter.kernel import money
from lamplighter.policy import loader
from lamplighter.policy.loader import Policy, Words

ZERO = Decimal(0)


class TariffUnknown(LookupError):
    """The policy has no tariff of this code."""


class TariffWrong(ValueError):
    """The rows of a tariff do not fit together; the text says how."""


class EnergyWrong(ValueError):
    """Energy is negative or no number, or in a period the tariff does not have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tariff:
    """Prices of one kind of supply, with where they come from."""

    code: str
    name: Words
    version: str  # of the policy
    base_cny_per_kwh: Mapping[str, Decimal]  # by period: "all", or "peak" and "valley"
    step_limits_kwh: tuple[Decimal, ...]  # energy of the calendar year, ascending
    step_surcharges_cny_per_kwh: tuple[Decimal, ...]  # one more than limits
    capacity_cny_per_kva_month: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A part of a bill: *step* is −1 for the base price, *period* empty for a surcharge."""

    period: str
    step: int
    quantity: Decimal  # kWh, or kVA × months for the capacity
    price_cny: Decimal
    amount_cny: Decimal  # exact, not rounded


@dataclass(frozen=True, slots=True, kw_only=True)
class Priced:
    """The amount of a bill and how it came about."""

    lines: tuple[Line, ...]
    exact_cny: Decimal
    amount_cny: Decimal  # rounded to the fen, half up


def tariff(*, policy: Policy, code: str) -> Tariff:
    """Return a tariff of the policy ``tariffs``.

    Raises
    ------
    TariffUnknown
        There is no such code.
    TariffWrong
        Limits do not ascend, or limits and surcharges do not fit.
    """
    rows = {row.key.removeprefix(f"{code}."): row.value for row in policy.rows_below(code)}
    if "name" not in rows:
        raise TariffUnknown(f"{code} in {policy.version}")
    where = f"{policy.version} {code}"
    base = {
        key.removeprefix("base_cny_per_kwh."): _decimal(value, where)
        for key, value in rows.items()
        if key.startswith("base_cny_per_kwh.")
    }
    limits = tuple(_decimal(value, where) for value in rows.get("step_limits_kwh", []))
    surcharges = tuple(
        _decimal(value, where) for value in rows.get("step_surcharges_cny_per_kwh", ["0"])
    )
    if not base or list(limits) != sorted(set(limits)) or len(surcharges) != len(limits) + 1:
        raise TariffWrong(f"{where}: {len(base)} periods, limits {limits}, surcharges {surcharges}")
    return Tariff(
        code=code,
        name=policy.text(f"{code}.name"),
        version=policy.version,
        base_cny_per_kwh=base,
        step_limits_kwh=limits,
        step_surcharges_cny_per_kwh=surcharges,
        capacity_cny_per_kva_month=_decimal(rows.get("capacity_cny_per_kva_month", "0"), where),
    )


def codes(*, policy: Policy) -> tuple[str, ...]:
    """Return the codes of all tariffs of a policy, in its order."""
    return tuple(dict.fromkeys(row.key.split(".")[0] for row in policy.rows))


def known_codes() -> tuple[str, ...]:
    """Return every tariff code that any version of the policy has, in order of first appearance.

    A new version only adds at the end: a place in this order keeps its meaning.

    >>> known_codes()[0]
    'RES_TIER_2024'
    """
    found = [codes(policy=policy) for policy in loader.versions(name="tariffs")]
    return tuple(dict.fromkeys(code for of_one in found for code in of_one))


def price(
    *,
    tariff: Tariff,
    energy_kwh: Mapping[str, Decimal],
    used_before_kwh: Decimal,
    capacity_kva: Decimal = ZERO,
    n_months: int = 0,
) -> Priced:
    """Return what energy costs.

    Parameters
    ----------
    energy_kwh
        Energy of the bill by period of the tariff. [kWh]
    used_before_kwh
        Energy of the same calendar year before this bill. [kWh]
    capacity_kva, n_months
        Contracted capacity and months of the bill, for tariffs with a capacity price.

    Raises
    ------
    EnergyWrong
        A negative or undefined quantity, or a period the tariff does not have.

    Examples
    --------
    >>> two_steps = Tariff(
    ...     code="X", name=Words(zh="例", en="example"), version="tariffs/2014-11-01",
    ...     base_cny_per_kwh={"all": Decimal("0.538")}, step_limits_kwh=(Decimal(2760),),
    ...     step_surcharges_cny_per_kwh=(Decimal(0), Decimal("0.05")),
    ...     capacity_cny_per_kva_month=Decimal(0),
    ... )
    >>> price(
    ...     tariff=two_steps, energy_kwh={"all": Decimal(100)}, used_before_kwh=Decimal(2700)
    ... ).amount_cny
    Decimal('55.80')
    """
    quantities = [*energy_kwh.values(), used_before_kwh, capacity_kva]
    if any(not one.is_finite() or one < 0 for one in quantities) or n_months < 0:
        raise EnergyWrong(f"{dict(energy_kwh)} after {used_before_kwh}")
    if unknown := set(energy_kwh) - set(tariff.base_cny_per_kwh):
        raise EnergyWrong(f"{tariff.code} has no period {', '.join(sorted(unknown))}")
    lines = [
        _line(period=period, step=-1, quantity=kwh, price=tariff.base_cny_per_kwh[period])
        for period, kwh in energy_kwh.items()
    ]
    after = used_before_kwh + sum(energy_kwh.values(), ZERO)
    edges = (ZERO, *tariff.step_limits_kwh, max(after, *tariff.step_limits_kwh, ZERO))
    for step, surcharge in enumerate(tariff.step_surcharges_cny_per_kwh):
        low, high = edges[step], edges[step + 1]
        inside = min(max(after, low), high) - min(max(used_before_kwh, low), high)
        if surcharge and inside:
            lines.append(_line(period="", step=step, quantity=inside, price=surcharge))
    if tariff.capacity_cny_per_kva_month:
        quantity = capacity_kva * n_months
        rate = tariff.capacity_cny_per_kva_month
        lines.append(_line(period="capacity", step=-1, quantity=quantity, price=rate))
    exact = sum((line.amount_cny for line in lines), ZERO)
    return Priced(
        lines=tuple(lines),
        exact_cny=exact,
        amount_cny=money.rounded_to_fen(amount_cny=exact),
    )


def _line(*, period: str, step: int, quantity: Decimal, price: Decimal) -> Line:
    return Line(
        period=period,
        step=step,
        quantity=quantity,
        price_cny=price,
        amount_cny=quantity * price,
    )


def _decimal(value: object, where: str) -> Decimal:
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        raise TariffWrong(f"{where}: {value!r} is no number") from None
    if not number.is_finite() or number < 0:
        raise TariffWrong(f"{where}: {value!r}")
    return number
