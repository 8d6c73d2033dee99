"""Deciding a contest: by whom, with which outcome, and what stands since."""

from datetime import timedelta

import pytest
from django.db import DatabaseError

from lamplighter.findings import attention, queries
from lamplighter.findings.areas import queries as areas
from lamplighter.findings.contests import errors
from lamplighter.findings.contests import queries as contests
from lamplighter.findings.contests.models import Contest, Decision, Ruling
from lamplighter.findings.contests.services import contests as services
from lamplighter.findings.contests.services import rulings as ending
from lamplighter.ledger.models import Event
from tests import factories as make
from tests.factories import MORNING, TODAY
from tests.findings.contests.street import POLICY, REASONS, Street

pytestmark = pytest.mark.django_db


class TestDeciding:
    def test_a_persons_grade_is_shown_and_the_machines_is_kept_beside_it(self):
        street = Street()

        street.decide(street.open())

        found = street.found()
        assert (found.grade, found.machine) == ("B", {"GRADE": "C"})
        (kept,) = contests.of_account(viewer=street.manager, on=TODAY, account_id=street.account.pk)
        decision = kept.decision
        assert (decision.reasons, decision.decided_by) == (REASONS, street.supervisor.name)
        assert decision.valid_until_date == TODAY + timedelta(180)
        assert decision.stands(on=TODAY + timedelta(180))
        assert not decision.stands(on=TODAY + timedelta(181))
        area_id = street.area.pk
        listed = areas.grades(viewer=street.head, on=TODAY, area_ids=[area_id])
        assert listed == {area_id: {"B": 1}}
        health = queries.areas_health(viewer=street.head, on=TODAY)[street.area.pk]
        assert health.n_by_grade == {"B": 1}
        shown = queries.arrears(viewer=street.head, on=TODAY, grade="B", limit=5)
        assert [f.account_id for f in shown.findings] == [street.account.pk]
        assert not queries.arrears(viewer=street.head, on=TODAY, grade="C", limit=5).n_all
        doors = queries.doors(viewer=street.head, on=TODAY, area_id=street.area.pk)
        assert doors[0][1] == "B"

    def test_the_nights_grade_comes_back_when_the_decision_has_run_out(self):
        street = Street()

        street.decide(street.open(), valid_until_date=TODAY + timedelta(30))

        assert street.found(on=TODAY + timedelta(30)).grade == "B"
        assert street.found(on=TODAY + timedelta(31)).grade == "C"

    def test_a_later_night_does_not_overwrite_it(self):
        street = Street()
        street.decide(street.open())
        later = make.make_night(as_of_day=TODAY)

        make.AccountFinding.objects.filter(pk=street.account.pk).delete()
        make.make_finding(account=street.account, area=street.area, night=later, grade="D")

        assert (street.found().grade, street.found().machine) == ("B", {"GRADE": "D"})

    def test_upheld_changes_nothing_and_is_kept(self):
        street = Street()

        street.decide(street.open(), outcome="UPHELD", value="")

        assert street.found().grade == "C"
        assert not Ruling.objects.exists()
        (kept,) = contests.of_account(viewer=street.manager, on=TODAY, account_id=street.account.pk)
        assert (kept.decision.outcome, kept.decision.reasons) == ("UPHELD", REASONS)

    def test_a_wrong_fact_waits_to_be_put_right_and_is_put_right_once(self):
        street = Street()
        decision = street.decide(street.open(), value="", wrong_fact="PAYMENT")
        said = {"viewer": street.manager, "on": TODAY, "now": MORNING, "policy": POLICY}

        waiting = contests.facts_to_correct(viewer=street.manager, on=TODAY, limit=5)
        ending.note_fact_corrected(decision_id=decision, **said)

        assert [c.decision.wrong_fact for c in waiting] == ["PAYMENT"]
        assert not contests.facts_to_correct(viewer=street.manager, on=TODAY, limit=5)
        with pytest.raises(errors.FactUnknown):
            ending.note_fact_corrected(decision_id=decision, **said)
        assert street.found().grade == "C"

    def test_a_cause_a_person_names_is_what_the_work_is_planned_by(self):
        street = Street()

        street.decide(street.open(about="CAUSE"), value="HARDSHIP")

        (door,) = attention.doors_owing(area_ids=[street.area.pk], also_account_ids=[], on=TODAY)
        assert (door.cause, door.cause_probabilities) == ("HARDSHIP", {"HARDSHIP": 1.0})
        shares = queries.unpaid_by_cause(viewer=street.head, on=TODAY)
        assert [(s.cause, s.n_accounts) for s in shares] == [("HARDSHIP", 1)]

    def test_who_refuses_the_machine_is_judged_by_a_person_alone(self):
        street = Street()

        street.decide(
            street.open(about="RISK", wish="NO_AUTOMATION"),
            outcome="AUTOMATION_REFUSED",
            value="",
        )

        found = street.found(on=TODAY + timedelta(4000))
        assert (found.risk_band, found.risk_probability) == ("", None)
        (door,) = attention.doors_owing(area_ids=[street.area.pk], also_account_ids=[], on=TODAY)
        assert (door.risk_band, door.risk_probability) == ("", None)

    @pytest.mark.parametrize("refuses", [True, False])
    def test_a_change_is_not_asked_about_again(self, refuses):
        street = Street()
        where = {"account": street.account, "area": street.area, "night": street.night}
        make.make_signal(**where)
        contest = street.open(about="CHANGE", wish="NO_AUTOMATION" if refuses else "REVIEW")
        outcome = ("AUTOMATION_REFUSED", "") if refuses else ("CORRECTED", "EXPLAINED")
        street.decide(contest, outcome=outcome[0], value=outcome[1])
        make.make_signal(**where, kind="DROP", changed_date=TODAY + timedelta(9))

        seen = queries.signals_of(viewer=street.manager, on=TODAY, account_id=street.account.pk)
        work = attention.recent_signals(
            area_ids=[street.area.pk],
            on=TODAY + timedelta(10),
            span_days=60,
            probability_least=0.5,
        )

        left = [] if refuses else ["DROP"]
        assert [s.kind for s in seen] == [s.kind for s in work] == left
        health = queries.areas_health(viewer=street.head, on=TODAY)[street.area.pk]
        assert health.n_jumps == len(left)

    def test_a_decision_that_was_ended_gives_way_to_the_night_again(self):
        street = Street()
        street.decide(street.open())
        ruling = Ruling.objects.get()
        said = {"viewer": street.head, "on": TODAY, "policy": POLICY, "now": MORNING}

        ending.end_ruling(ruling_id=ruling.pk, because="the customer agrees again", **said)

        assert street.found().grade == "C"
        with pytest.raises(errors.RulingUnknown):
            ending.end_ruling(ruling_id=ruling.pk, because="the customer agrees again", **said)
        assert Event.objects.filter(name="contests.ruling.ended").count() == 1

    def test_a_second_contest_may_replace_what_the_first_set(self):
        street = Street()
        street.decide(street.open())

        street.decide(street.open(now=MORNING + timedelta(1)), value="A",
                      now=MORNING + timedelta(1))  # fmt: skip

        assert street.found().grade == "A"
        assert Ruling.objects.filter(ended_at__isnull=True).count() == 1
        assert Decision.objects.count() == 2

    @pytest.mark.parametrize(
        ("changed", "error"),
        [
            ({"reasons": "no"}, errors.WordsMissing),
            ({"reasons": "长" * 1001}, errors.WordsTooLong),
            ({"outcome": "MAYBE"}, errors.AboutUnknown),
            ({"value": "Z"}, errors.AboutUnknown),
            ({"wrong_fact": "MOON"}, errors.AboutUnknown),
            ({"value": ""}, errors.OutcomeImpossible),
            ({"outcome": "UPHELD"}, errors.OutcomeImpossible),
            ({"outcome": "AUTOMATION_REFUSED"}, errors.OutcomeImpossible),
            ({"value": "D"}, errors.MadeWorse),
            ({"valid_until_date": TODAY - timedelta(1)}, errors.DayImpossible),
            ({"valid_until_date": TODAY + timedelta(181)}, errors.DayImpossible),
        ],
    )
    def test_refuses_a_decision_that_may_not_be_taken(self, changed, error):
        street = Street()
        contest = street.open()

        with pytest.raises(error):
            street.decide(contest, **changed)

        assert not Decision.objects.exists()
        assert Contest.objects.get().decided_at is None

    def test_a_refusal_of_the_machine_cannot_be_turned_down(self):
        street = Street()
        contest = street.open(wish="NO_AUTOMATION")

        for outcome in ("UPHELD", "CORRECTED"):
            with pytest.raises(errors.OutcomeImpossible):
                street.decide(contest, outcome=outcome, value="" if outcome == "UPHELD" else "B")
        with pytest.raises(errors.OutcomeImpossible):
            street.decide(contest, outcome="AUTOMATION_REFUSED", value="")

    def test_neither_the_manager_nor_who_recorded_it_decides(self):
        street = Street()
        contest = street.open(viewer=street.supervisor)

        with pytest.raises(errors.NotAllowed):
            street.decide(contest, viewer=street.manager)
        with pytest.raises(errors.OwnContest):
            street.decide(contest, viewer=street.supervisor)
        street.decide(contest, viewer=street.head)

    def test_nobody_of_another_station_decides_or_sees(self):
        street, other = Street(), Street()
        contest = street.open()

        with pytest.raises(errors.ContestUnknown):
            street.decide(contest, viewer=other.head)
        assert contests.contest(viewer=other.head, on=TODAY, contest_id=contest) is None
        assert contests.waiting(viewer=other.head, on=TODAY, limit=5) == ([], 0)
        assert not contests.counts(viewer=other.head, on=TODAY).n_open

    def test_leaves_nothing_when_the_ledger_cannot_be_written(self, monkeypatch):
        street = Street()
        contest = street.open()

        def full_disk(*_args, **_kwargs):
            raise DatabaseError

        monkeypatch.setattr(services.ledger, "record", full_disk)
        with pytest.raises(DatabaseError):
            street.decide(contest)

        assert Contest.objects.get().decided_at is None
        assert not Ruling.objects.exists()

    def test_the_same_decision_twice_is_one_and_another_is_refused(self):
        street = Street()
        contest = street.open()

        first = street.decide(contest)
        again = street.decide(contest)

        assert first == again
        with pytest.raises(errors.AlreadyDecided):
            street.decide(contest, viewer=street.head)
        assert Event.objects.filter(name="contests.contest.decided").count() == 1
