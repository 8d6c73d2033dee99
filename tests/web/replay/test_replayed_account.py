"""One account in a replay: what differs, which facts or rules do it, and who recorded them."""

from datetime import timedelta

import pytest

from tests import factories as make
from tests.web import signed_in
from tests.web.replay import making

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _today(settings, tmp_path):
    settings.DEMO_TODAY = make.TODAY
    settings.CANDIDATES_FOLDER = tmp_path / "candidates"
    settings.REPLAYS_FOLDER = tmp_path / "replays"


@pytest.fixture
def street():
    return signed_in.street()


def test_tells_what_was_corrected_by_whom_and_from_which_file(street):
    replay = making.made(known_after_at=make.MORNING + timedelta(hours=9))
    making.counted(replay, street.area, ("GRADE", "B", "B", 1))
    because = {
        "code": "BILL",
        "key": "B-1",
        "was": {"amount_cny": "100.00", "issued_date": "2026-11-22"},
        "now": {"amount_cny": "80.00", "issued_date": "2026-11-22"},
        "recorded_at": make.MORNING.isoformat(),
        "recorded_by": f"staff:{street.manager.number}",
        "delivery_id": None,
        "file_name": "bills-corrected.csv",
    }
    account = making.changed(
        replay,
        street,
        because=[because],
        before=making.side("B"),
        after=making.side("B", risk_band="MEDIUM"),
    )
    client = signed_in.client_of(street.head)

    answer = client.get(f"/replay/{replay.pk}/account/{account.number}/")

    (told,) = answer.context["page"].because
    assert [(step.was, step.now) for step in told.steps] == [("¥100.00", "¥80.00")]
    assert told.recorded_by == street.manager.name
    text = answer.content.decode()
    assert "bills-corrected.csv" in text
    assert "⚠" not in text
    row = client.get(f"/replay/{replay.pk}/", {"part": "accounts"}).context["page"].lines[0]
    assert row.why == ("Bill B-1 ¥100.00 → ¥80.00",)


def test_names_what_differs_and_the_rules_that_bear_on_it(street):
    day, base = "2026-12-01", "grading/2021-11-01"
    text = making.CANDIDATE + making.CANDIDATE[making.CANDIDATE.index("[rows") :].replace(
        "months_a", "months_b"
    )
    candidate = {"name": "grading", "day": day, "sha256": "a" * 64, "on_top_of": base}
    replay = making.made(candidates=[candidate | {"text": text}])
    making.counted(replay, street.area, ("GRADE", "B", "A", 1))
    before, after = making.side("B", candidate_grade="D"), making.side("A")
    account = making.changed(
        replay, street, because=[{"code": "RULES"}], before=before, after=after
    )

    page = (
        signed_in.client_of(street.head)
        .get(f"/replay/{replay.pk}/account/{account.number}/")
        .context["page"]
    )

    assert (page.grade_before, page.grade_after) == ("B", "A")
    assert [step[1:] for step in page.steps] == [("Grade D", "none")]
    assert [rule.key for rule in page.rules] == ["reminded_months_b"]  # what the trace compared


@pytest.mark.parametrize("code", ["OTHERS", "NOTHING_FOUND", "RULES"])
def test_says_so_where_no_fact_of_its_own_differs(street, code):
    replay = making.made()
    making.counted(replay, street.area, ("GRADE", "B", "B", 1))
    account = making.changed(
        replay, street, because=[{"code": code}], before=making.side("B"), after=making.side("C")
    )

    answer = signed_in.client_of(street.head).get(f"/replay/{replay.pk}/account/{account.number}/")

    assert answer.context["page"].because[0].text


@pytest.mark.parametrize(
    ("was", "now", "said"),
    [
        (
            None,
            {"method": "COUNTER", "amount_cny": "465.88"},
            "Payment P-1 ¥465.88, recorded later",
        ),
        ({"method": "COUNTER", "amount_cny": "5.00"}, None, "Payment P-1 ¥5.00, no longer held"),
        ({"method": "COUNTER"}, {"method": "WALLET"}, "Payment P-1 Counter → Alipay or WeChat"),
    ],
)
def test_the_list_tells_a_fact_by_its_amount(street, was, now, said):
    replay = making.made(known_after_at=make.MORNING + timedelta(hours=9))
    making.counted(replay, street.area, ("GRADE", "B", "B", 1))
    because = {
        "code": "PAYMENT",
        "key": "P-1",
        "was": was,
        "now": now,
        "recorded_at": make.MORNING.isoformat(),
        "recorded_by": "cli:deliver",
        "delivery_id": None,
        "file_name": "",
    }
    before, after = making.side("B"), making.side("B", risk_band="MEDIUM")
    making.changed(replay, street, because=[because], before=before, after=after)

    answer = signed_in.client_of(street.head).get(f"/replay/{replay.pk}/", {"part": "accounts"})

    assert answer.context["page"].lines[0].why == (said,)
