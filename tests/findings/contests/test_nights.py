"""What persons decide and what nights compute: each knows the other only as it should."""

import pyarrow.parquet as pq

from lamplighter.facts.customers.models import Account
from lamplighter.facts.metering.models import UsagePoint
from lamplighter.facts.network.models import Staff
from lamplighter.findings.contests.models import Contest, Decision, GradeDReview, Ruling
from tests.stations import CORRECTED, KNOWN_LATER
from tests.town.making import LAST_DAY


def inputs_of(station, night_id):
    folder = station.places.results_folder / f"{LAST_DAY}-{night_id}"
    return {
        file.name: pq.read_metadata(file).metadata[b"inputs_sha256"]
        for file in folder.glob("0*.parquet")
    }


def test_a_confirmed_grade_d_is_a_fact_of_its_account_from_the_moment_it_was_known(station, usual):
    first = station.run()
    account = Account.objects.order_by("pk")[0]
    GradeDReview.objects.create(
        account=account,
        night_id=first,
        verdict="CONFIRMED",
        reasons="visited twice",
        recorded_day=LAST_DAY,
        recorded_at=CORRECTED,
        recorded_by=Staff.objects.order_by("pk")[0],
        policy_version="contests/2021-11-01",
    )

    later = station.run(known_at=KNOWN_LATER)

    assert station.files(first) == usual
    before, after = inputs_of(station, first), inputs_of(station, later)
    shard = UsagePoint.objects.filter(account=account).values_list("shard", flat=True)[0]
    changed = {name for name in before if before[name] != after[name]}
    assert changed == {f"{shard:07d}-accounts.parquet", f"{shard:07d}-signals.parquet"}


def test_a_ruling_is_no_input_of_a_night(station, usual):
    first = station.run()
    account, who = Account.objects.order_by("pk")[0], Staff.objects.order_by("pk")[0]
    contest = Contest.objects.create(
        account=account,
        about="GRADE",
        wish="REVIEW",
        channel="PHONE",
        is_by_other=False,
        words="I always pay",
        night_id=first,
        machine={"value": "C"},
        opened_at=CORRECTED,
        opened_by=who,
        due_date=LAST_DAY,
        is_due_in_workdays=True,
        decided_at=CORRECTED,
        policy_version="contests/2021-11-01",
        request_key="",
    )
    decision = Decision.objects.create(
        contest=contest,
        outcome="CORRECTED",
        value="A",
        reasons="the receipts show it",
        wrong_fact="",
        decided_at=CORRECTED,
        decided_by=who,
        policy_version="contests/2021-11-01",
    )
    Ruling.objects.create(
        decision=decision,
        account=account,
        about="GRADE",
        outcome="CORRECTED",
        value="A",
        recorded_at=CORRECTED,
    )

    later = station.run(known_at=KNOWN_LATER)

    assert inputs_of(station, later) == inputs_of(station, first)
