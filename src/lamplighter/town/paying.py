"""How each bill was paid: debits tried, reminders received, money that came.

All moments are local wall-clock seconds since 1970-01-01. A *lag* counts days from the morning of
the day a bill is issued; its fraction is the hour between 8:00 and 20:00.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from lamplighter.town.behaviour import CAUSES
from lamplighter.town.bills import Bills
from lamplighter.town.calendar import festivals
from lamplighter.town.chance import stream
from lamplighter.town.people import METHODS, People
from lamplighter.town.plan import Plan

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

DAY = 86_400
NEVER = 1.0e6
DEBIT_DAYS = (1, 4, 6)
OUTCOMES = ("PAID", "INSUFFICIENT", "NO_MANDATE", "ACCOUNT_CLOSED")
CHANNELS = ("SMS", "PHONE", "PAPER", "APP", "VISIT")
FIRST_REMINDER = 5.17  # the fifth day at ten
REMINDING = 0.06  # how long it takes to remind everybody, as a share of the working day


@dataclass(frozen=True, slots=True, kw_only=True)
class Events:
    """Things that happened to bills; *account* and *cycle* say to which. Sorted by moment."""

    account: Ints
    cycle: Ints
    at: Ints
    code: Ints  # method, outcome or channel
    fen: Ints  # zero where no money is named
    is_delivered: Bools


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """Everything that happened after the bills went out, up to the end of the life."""

    payments: Events
    debits: Events
    reminders: Events


@dataclass(slots=True, kw_only=True)
class _Month:
    """The course of each bill. (n_accounts, n_cycles)"""

    trouble: Bools
    lag: Floats  # when the (last) money comes
    part: Floats  # share that came earlier
    part_lag: Floats
    failed: Ints  # debits that fail
    window: Floats  # (n_cycles,): days from issue to the due day's end


def settle(
    *, plan: Plan, people: People, bills: Bills, last_epoch_day: int, seed: int
) -> Settlement:
    """Let time pass over the bills."""
    end = (last_epoch_day + 1) * DAY
    postpaid = bills.exists & (bills.fen > 0) & ~people.is_prepaid[:, None]
    month = _course(plan=plan, people=people, bills=bills, seed=seed)
    paid = _payments(people=people, bills=bills, month=month, postpaid=postpaid, seed=seed)
    topped = _top_ups(people=people, bills=bills, seed=seed)
    debits = _debits(people=people, bills=bills, month=month, postpaid=postpaid, seed=seed)
    reminders = _reminders(people=people, bills=bills, month=month, postpaid=postpaid, seed=seed)
    return Settlement(
        payments=_sorted([*paid, topped], end=end),
        debits=_sorted(debits, end=end),
        reminders=_sorted(reminders, end=end),
    )


def _course(*, plan: Plan, people: People, bills: Bills, seed: int) -> _Month:
    rng = stream(seed=seed, concern="course")
    shape = bills.wh.shape
    paying, conduct = plan.paying, people.conduct
    window = (bills.due_day - bills.issued_day + 1).astype(np.float64)
    chance = np.array([0.0, *(paying.trouble[cause] for cause in CAUSES[1:])])[conduct.cause]
    cycle = np.arange(shape[1])[None, :]
    is_turn = (cycle + conduct.phase[:, None]) % conduct.interval[:, None] == 0
    chance_now = np.where(conduct.behaviour[:, None] == 1, is_turn * 1.0, chance[:, None])
    chance_now = np.where(cycle >= conduct.onset[:, None], chance_now, 0.0)
    trouble = rng.random(shape) < chance_now
    slip = rng.random(shape) < paying.slip_share
    month = _Month(
        trouble=trouble,
        lag=0.25 + 4.6 * rng.beta(1.7, 3.6, shape),
        part=np.zeros(shape),
        part_lag=np.full(shape, NEVER),
        failed=np.zeros(shape, dtype=np.int64),
        window=window,
    )
    month.lag = np.where(slip, rng.uniform(FIRST_REMINDER, 9.0, shape), month.lag)
    for number, cause in enumerate(CAUSES[1:], start=1):
        rows, columns = np.nonzero(trouble & (conduct.cause == number)[:, None])
        lag = _late_lag(rng, plan, cause, window[columns], bills.issued_day[columns])
        month.lag[rows, columns] = lag
        if cause == "HARDSHIP":
            month.part[rows, columns] = rng.choice([0.0, 0.3, 0.4, 0.5], len(rows))
            month.part_lag[rows, columns] = rng.uniform(2.5, 6.5, len(rows))
    is_debit = (people.method == 0)[:, None] & np.ones(shape, dtype=np.bool_)
    _debit_course(rng, plan=plan, people=people, month=month, is_debit=is_debit, slip=slip)
    return month


def _late_lag(
    rng: np.random.Generator, plan: Plan, cause: str, window: Floats, issued: Ints
) -> Floats:
    """Draw when the money of a troubled month comes."""
    paying, n = plan.paying, len(window)
    if cause == "SHORT_BALANCE":  # decided by the debits; this is the rest that fails them all
        return np.asarray(window + 0.3 + rng.gamma(1.6, paying.late_days[cause] / 1.6, n))
    soon = FIRST_REMINDER + (window - FIRST_REMINDER - 0.05) * rng.random(n)
    late = window + 0.3 + rng.gamma(1.6, paying.late_days[cause] / 1.6, n)
    if cause == "ABSENT_FAMILY":
        days = festivals()
        due = issued + window.astype(np.int64)
        ahead = days[np.minimum(np.searchsorted(days, due), len(days) - 1)] - issued
        home = (rng.random(n) < 0.45) & (ahead < 110)
        late = np.where(home, ahead + rng.uniform(-2.0, 4.0, n), late)
        late = np.maximum(late, window + 0.1)
    lag = np.where(rng.random(n) < paying.in_window[cause], soon, late)
    never = rng.random(n) < paying.never_share.get(cause, 0.0)
    return np.asarray(np.where(never, NEVER, lag))


def _debit_course(
    rng: np.random.Generator,
    *,
    plan: Plan,
    people: People,
    month: _Month,
    is_debit: Bools,
    slip: Bools,
) -> None:
    """Decide how many debits of each bill fail, and let the bank pay where one succeeds."""
    shape = month.trouble.shape
    unfunded = month.trouble & people.conduct.has("UNFUNDED_DEBIT")[:, None]
    short = month.trouble & people.conduct.has("SHORT_BALANCE")[:, None]
    other = month.trouble & is_debit & ~unfunded & ~short  # a dispute with a blocked mandate
    drawn = 1 + rng.choice(3, size=shape, p=plan.paying.short_attempts)
    failed = np.where(short, drawn, 0)
    failed = np.where(slip & is_debit & ~month.trouble, 1, failed)
    failed = np.where(unfunded | other, 3, failed)
    month.failed[:] = failed
    clock = rng.uniform(0.05, 0.25, shape)
    by_bank = np.choose(np.minimum(failed, 2), DEBIT_DAYS) + clock
    month.lag[:] = np.where(is_debit & (failed < 3), by_bank, month.lag)


def _moments(bills: Bills, cycles: Ints, lag: Floats) -> Ints:
    """Turn lags into moments between 8:00 and 20:00."""
    whole = np.floor(lag)
    seconds = 8 * 3600 + (lag - whole) * 12 * 3600
    return np.asarray((bills.issued_day[cycles] + whole) * DAY + seconds, dtype=np.int64)


def _events(bills: Bills, rows: Ints, columns: Ints, lag: Floats, code: Ints, fen: Ints) -> Events:
    return Events(
        account=rows,
        cycle=columns,
        at=_moments(bills, columns, lag),
        code=code,
        fen=fen,
        is_delivered=np.ones(len(rows), dtype=np.bool_),
    )


def _payments(
    *, people: People, bills: Bills, month: _Month, postpaid: Bools, seed: int
) -> list[Events]:
    rng = stream(seed=seed, concern="payments")
    rows, columns = np.nonzero(postpaid & (month.lag < NEVER / 2))
    fen = bills.fen[rows, columns]
    early = np.rint(fen * month.part[rows, columns] / 1000).astype(np.int64) * 1000
    method = people.method[rows]
    # Where the bank did not pay, the customer did: at the counter, in cash, from a child's wallet.
    by_hand = rng.choice([3, 4, 1], size=len(rows), p=[0.6, 0.2, 0.2])
    method = np.where((method == 0) & (month.failed[rows, columns] == 3), by_hand, method)
    away = people.conduct.has("ABSENT_FAMILY")[rows] & month.trouble[rows, columns]
    method = np.where(away & (rng.random(len(rows)) < 0.5), METHODS.index("WALLET"), method)
    rest = _events(bills, rows, columns, month.lag[rows, columns], method, fen - early)
    part = np.flatnonzero(early > 0)
    first = _events(
        bills,
        rows[part],
        columns[part],
        np.minimum(month.part_lag, month.lag - 0.05)[rows[part], columns[part]],
        method[part],
        early[part],
    )
    return [rest, first]


def _top_ups(*, people: People, bills: Bills, seed: int) -> Events:
    """Let the prepaid keep their accounts in credit, in round amounts."""
    rng = stream(seed=seed, concern="top-ups")
    accounts = np.flatnonzero(people.is_prepaid)
    least = rng.integers(2000, 6000, len(accounts))  # what each likes to have left
    held = np.zeros(len(accounts), np.int64)  # all that was ever paid in is among the deliveries
    parts = []
    for k in range(bills.wh.shape[1]):
        need = bills.fen[accounts, k] + least - held
        top = np.where((need > 0) & bills.exists[accounts, k], -(-need // 5000) * 5000, 0)
        lag = -rng.uniform(2.0, 22.0, len(accounts))
        who = np.flatnonzero(top > 0)
        cycle = np.full(len(who), k)
        parts.append(
            _events(bills, accounts[who], cycle, lag[who], people.method[accounts[who]], top[who])
        )
        held = held + top - bills.fen[accounts, k]
    return _joined(parts) if parts else _nothing()


def _debits(
    *, people: People, bills: Bills, month: _Month, postpaid: Bools, seed: int
) -> list[Events]:
    rng = stream(seed=seed, concern="debits")
    made = []
    # Of the unfunded, a few lack the mandate or closed the passbook: for good, not by chance.
    why = rng.choice([1, 2, 3], size=len(people), p=[0.94, 0.03, 0.03])
    why = np.where(people.conduct.has("UNFUNDED_DEBIT"), why, 1)
    for number, day in enumerate(DEBIT_DAYS):
        tried = postpaid & (people.method == 0)[:, None] & (month.failed >= number)
        tried &= (month.lag >= day) & (month.window[None, :] > day)
        rows, columns = np.nonzero(tried)
        succeeds = month.failed[rows, columns] == number
        lag = np.where(succeeds, month.lag[rows, columns], day + 0.02)
        code = np.where(succeeds, 0, why[rows])
        made.append(_events(bills, rows, columns, lag, code, bills.fen[rows, columns]))
    return made


def _reminders(
    *, people: People, bills: Bills, month: _Month, postpaid: Bools, seed: int
) -> list[Events]:
    """Remind what is unpaid on the ladder's days; a failed debit is told the next day."""
    rng = stream(seed=seed, concern="reminders")
    window = month.window
    app = (people.method == METHODS.index("APP"))[:, None]
    steps: tuple[tuple[Floats, int], ...] = (
        (np.full(len(window), 2.1), 0),
        (np.full(len(window), 5.1), 0),
        (window - 0.85, 1),
        (window + 4.2, 1),
        (window + 11.2, 2),
        (window + 20.2, 4),
        (window + 40.2, 1),
    )
    chance = np.array([0.96, 0.70, 0.90, 0.97, 0.66])
    made = []
    for number, (day, channel) in enumerate(steps):
        due = postpaid & (month.lag > day[None, :] + REMINDING)
        if number == 0:
            due &= month.trouble & (people.method == 0)[:, None] & (month.failed > 0)
        elif number == 2:  # calls only where it mattered before: those late most months
            due &= (people.conduct.behaviour > 1)[:, None]
        rows, columns = np.nonzero(due)
        code = np.where((channel == 0) & app[rows, 0], CHANNELS.index("APP"), channel)
        zero = np.zeros(len(rows), dtype=np.int64)
        lag = day[columns] + rng.uniform(0.0, REMINDING, len(rows))
        events = _events(bills, rows, columns, lag, code, zero)
        reach = chance[code] * np.where(people.conduct.has("ABSENT_FAMILY")[rows], 0.7, 1.0)
        events.is_delivered[:] = rng.random(len(rows)) < reach
        made.append(events)
    return made


def _nothing() -> Events:
    none = np.zeros(0, dtype=np.int64)
    return Events(
        account=none, cycle=none, at=none, code=none, fen=none, is_delivered=none.astype(np.bool_)
    )


def _joined(parts: list[Events]) -> Events:
    return Events(
        account=np.concatenate([p.account for p in parts]),
        cycle=np.concatenate([p.cycle for p in parts]),
        at=np.concatenate([p.at for p in parts]),
        code=np.concatenate([p.code for p in parts]),
        fen=np.concatenate([p.fen for p in parts]),
        is_delivered=np.concatenate([p.is_delivered for p in parts]),
    )


def _sorted(parts: list[Events], *, end: int) -> Events:
    """Join events, drop what lies after the life, and put them in order of time."""
    whole = _joined(parts)
    kept = np.flatnonzero(whole.at < end)
    kept = kept[np.lexsort((whole.account[kept], whole.at[kept]))]
    return Events(
        account=whole.account[kept],
        cycle=whole.cycle[kept],
        at=whole.at[kept],
        code=whole.code[kept],
        fen=whole.fen[kept],
        is_delivered=whole.is_delivered[kept],
    )
