"""What is foreseen of accounts, night after night, is what is foreseen of all of them anew."""

from dataclasses import fields, replace
from datetime import date

import numpy as np
import pytest

from lamplighter.findings import rules as night_rules
from lamplighter.findings.shard import foreseen, kept_arrays
from lamplighter.insight.arrears import scorecard
from lamplighter.insight.grading.histories import Histories
from tests.insight import payers

N = 300
RULES = night_rules.rules_on(day=date(2026, 11, 25))
LATE = scorecard.Card(
    name="late_share", edges=(0.1, 0.5), points=(0.0, 1.5, 3.0, 0.2), accounts=(9, 4, 2, 1),
    reference=0,
)  # fmt: skip
CARD = scorecard.Scorecard(
    cards=(LATE,), tables=(), base=-1.0, trained_accounts=16, trained_share=0.2
)


def reminded(seed: int, n: int) -> Histories:
    dice = np.random.default_rng(seed)
    return Histories(
        months_of_history=dice.integers(0, 40, n),
        is_reminded=dice.random((n, 12)) < dice.random((n, 1)) ** 2,
        unpaid_reminders=dice.integers(0, 5, n),
        days_overdue=dice.integers(0, 90, n) * (dice.random(n) < 0.3),
        has_verified_theft=dice.random(n) < 0.05,
        is_d_confirmed=dice.random(n) < 0.1,
        previous_grade=dice.integers(0, 5, n).astype(np.int8),
        candidate_grade=dice.integers(0, 5, n).astype(np.int8),
        candidate_months=dice.integers(0, 3, n),
    )


def with_rows(of, other, rows):
    """Return records of which some rows are those of other ones."""
    parts = {f.name: getattr(of, f.name).copy() for f in fields(of)}
    for name, values in parts.items():
        values[rows] = getattr(other, name)[rows]
    return type(of)(**parts)


def nights():
    """Yield what is asked on nights one after the other."""
    now = {
        "account_id": np.arange(N) * 3,
        "histories": reminded(1, N),
        "payments": payers.histories(1, accounts=N),
        "rules": RULES,
        "card": CARD,
    }
    yield now  # the first
    yield now  # nothing reads otherwise
    now = now | {"payments": with_rows(now["payments"], payers.histories(2, accounts=N), [3, 70])}
    yield now
    now = now | {"histories": with_rows(now["histories"], reminded(2, N), [70, 71, N - 1])}
    yield now
    stay = np.flatnonzero(np.arange(N) % 7 > 0)  # some move out, …
    now = now | {"account_id": now["account_id"][stay], "histories": now["histories"].rows(stay),
            "payments": now["payments"].rows(stay)}  # fmt: skip
    yield now
    ids = now["account_id"].copy()
    ids[5], ids[-1] = ids[5] + 1, ids[-1] + 9  # … others take their place
    now = now | {"account_id": ids}
    yield now
    now = now | {"card": replace(CARD, base=-0.5)}  # a month later
    yield now
    yield now | {"card": None}


def test_nights_that_go_on_foresee_what_is_foreseen_anew(tmp_path):
    for asked in nights():
        before = foreseen.read(folder=tmp_path, shard=8)
        found = foreseen.on(**asked, kept=before)
        foreseen.write(folder=tmp_path, shard=8, kept=found)
        anew = foreseen.on(**asked, kept=None)

        for part in foreseen.RISK | foreseen.GRADE:
            for field in fields(getattr(anew, part)):
                values = getattr(getattr(found, part), field.name)
                expected = getattr(getattr(anew, part), field.name)
                assert values.dtype == expected.dtype
                assert values.tobytes() == expected.tobytes(), (part, field.name)


def test_only_accounts_that_read_otherwise_are_asked_anew():
    first, *later = list(nights())[1:4]
    kept = foreseen.on(**first, kept=None)
    kept = replace(
        kept,
        risks=replace(kept.risks, probability=np.full(N, 2.0)),
        outlook=replace(kept.outlook, quiet_months=np.full(N, 99)),
    )

    for night in later:
        kept = foreseen.on(**night, kept=kept)

    assert np.flatnonzero(kept.risks.probability != 2.0).tolist() == [3, 70]
    assert np.flatnonzero(kept.outlook.quiet_months != 99).tolist() == [70, 71, N - 1]


def test_nobody_is_foreseen_nothing(tmp_path):
    nobody = {
        "account_id": np.empty(0, np.int64),
        "histories": reminded(1, 0),
        "payments": payers.histories(1, accounts=0),
        "rules": RULES,
        "card": CARD,
    }
    found = foreseen.on(**nobody, kept=None)
    foreseen.write(folder=tmp_path, shard=0, kept=found)
    again = foreseen.on(**nobody, kept=foreseen.read(folder=tmp_path, shard=0))

    assert len(again.risks.probability) == 0


@pytest.mark.parametrize("spoil", ["cut", "wiped", "turned", "gone"])
def test_a_file_that_the_disk_spoilt_reads_as_nothing(tmp_path, spoil):
    file = tmp_path / "some.arrays"
    arrays = {
        "name": np.array("名"), "none": np.empty((0, 3), np.int16), "flag": np.array([True]),
        "table": np.arange(6.0).reshape(2, 3).T,
    }  # fmt: skip
    kept_arrays.write(file, arrays)
    found = kept_arrays.read(file)
    assert found is not None
    for name, values in arrays.items():
        np.testing.assert_array_equal(found[name], values)
        assert found[name].flags.writeable

    content = bytearray(file.read_bytes())
    match spoil:
        case "cut":
            file.write_bytes(content[:-3])
        case "wiped":
            file.write_bytes(bytes(len(content)))
        case "turned":
            content[-1] ^= 1
            file.write_bytes(content)
        case "gone":
            file.unlink()
    assert kept_arrays.read(file) is None


def test_objects_are_not_kept(tmp_path):
    with pytest.raises(TypeError):
        kept_arrays.write(tmp_path / "some.arrays", {"names": np.array(["a"], object)})
    assert not list(tmp_path.iterdir())
