"""Proposed grades D on their page: confirmed or refused by a person."""

import pytest
from django.urls import reverse

from lamplighter.findings.contests.models import GradeDReview
from lamplighter.findings.models import AccountFinding
from lamplighter.ledger.models import Event
from tests.factories import TODAY
from tests.web.contests.desks import REASONS, TRACE, Desk

pytestmark = pytest.mark.django_db


class TestGradeD:
    def desk(self, **changed):
        found = {"candidate_grade": "D", "candidate_since_day": TODAY, "grade_trace": TRACE}
        return Desk(**found | changed)

    def review(self, desk, post="SUPERVISOR", *, verdict="CONFIRMED", reasons=REASONS):
        prefix = f"d{desk.account.pk}"
        said = {f"{prefix}-verdict": verdict, f"{prefix}-reasons": reasons}
        return desk.clients[post].post(reverse("contests:review", args=[desk.account.pk]), said)

    @pytest.mark.parametrize("language", ["en", "zh-hans"])
    def test_is_proposed_with_its_reason_and_confirmed_by_a_person(self, language):
        desk = self.desk(language=language)
        head = desk.clients["STATION_HEAD"]

        listed = head.get(reverse("contests:proposals"))
        page = head.get(desk.page)
        kept = self.review(desk)
        after = head.get(reverse("contests:proposals"))
        told = head.get(desk.page).context["page"].explained.grade

        (line,) = listed.context["page"].lines
        assert "45" in line.why
        for shown in (listed, page, after):
            assert "⚠" not in shown.content.decode()
        assert page.context["page"].explained.grade.human.is_waiting
        assert page.context["page"].explained.grade.code == "C"
        assert kept.status_code == 302
        assert after.context["page"].lines == ()
        assert told.human.quote == REASONS
        assert Event.objects.get().payload["verdict"] == "CONFIRMED"

    def test_is_not_for_a_manager_to_confirm(self):
        desk = self.desk()

        listed = desk.clients["MANAGER"].get(reverse("contests:proposals"))

        assert listed.context["page"].lines[0].form is None
        assert self.review(desk, "MANAGER").status_code == 403

    def test_asks_for_reasons_and_tells_the_second_that_it_is_done(self):
        desk = self.desk()

        short = self.review(desk, reasons="no")
        self.review(desk)
        second = self.review(desk, "STATION_HEAD", verdict="REFUSED")
        AccountFinding.objects.update(candidate_grade="")
        gone = self.review(desk, "STATION_HEAD", verdict="REFUSED")

        assert short.status_code == 422
        assert "reasons in a sentence" in short.content.decode()
        assert second.status_code == 422
        assert "in the meantime" in second.content.decode()
        assert gone.status_code == 404
        assert GradeDReview.objects.get().verdict == "CONFIRMED"

    @pytest.mark.parametrize("language", ["en", "zh-hans"])
    def test_is_not_confirmed_before_the_impact_assessment_is_approved(self, language):
        desk = self.desk(language=language)
        desk.approval.delete()

        listed = desk.clients["SUPERVISOR"].get(reverse("contests:proposals"))
        agents = desk.clients["AGENT"].get(reverse("contests:proposals"))
        kept = self.review(desk)
        refused = self.review(desk, verdict="REFUSED")

        assert not listed.context["page"].is_approved
        assessment = reverse("policies:policy", args=["impact_assessments"])
        assert assessment in listed.content.decode()
        assert assessment not in agents.content.decode()  # he may not open it
        assert kept.status_code == 422
        assert refused.status_code == 302
        assert GradeDReview.objects.get().verdict == "REFUSED"
