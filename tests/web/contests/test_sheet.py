"""The sheet for the customer: every finding told, without a code."""

import pytest
from django.urls import reverse

from tests import factories as make
from tests.web.contests.desks import TRACE, Desk
from tests.web.signing_in import client_of

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_customers_sheet_tells_every_finding_without_a_code(language):
    desk = Desk(language=language, grade_trace=TRACE)
    make.make_signal(account=desk.account, area=desk.area, night=make.make_night())

    answer = desk.clients["MANAGER"].get(
        reverse("customers:explanation", args=[desk.account.number])
    )

    text = answer.content.decode()
    main = text[text.index("<main") : text.index("</main")]
    assert "⚠" not in text
    abouts = [box.about for box in answer.context["page"].boxes]
    assert abouts == ["GRADE", "RISK", "CAUSE", "FORECAST", "VALUE", "CHANGE"]
    for code in ("UNPAID_AFTER", "PAY_TIME", "debits_never", "UNFUNDED", "SURGE", "log_odds"):
        assert code not in main
    assert desk.staff["MANAGER"].name not in main


def test_the_group_of_an_account_is_told_until_a_person_judges_its_value():
    desk = Desk(segment="FARM", segment_nature="FARM")
    before = desk.clients["MANAGER"].get(desk.page).context["page"].explained
    desk.contest(about="VALUE")
    desk.decide(value="HIGH")

    after = desk.clients["MANAGER"].get(desk.page).context["page"].explained

    assert before.segment.what.startswith("Counted among “Farms and irrigation”")
    assert after.segment is None


def test_a_sheet_before_the_first_night_says_so():
    station = make.make_station()
    manager = make.make_staff(station=station)
    account = make.make_account(area=make.make_area(station=station, staff=manager))

    answer = client_of(manager).get(reverse("customers:explanation", args=[account.number]))

    assert "Nothing has been found about this account yet." in answer.content.decode()
