"""What a customer is asked to pay, and how they are given their link."""

from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from lamplighter.action.service.progress.models import ProgressLink
from lamplighter.facts.customers.models import Agreement
from tests import factories as f
from tests.action.service import making as m
from tests.web.progress.homes import Home
from tests.web.signing_in import client_of

pytestmark = pytest.mark.django_db


class TestFees:
    def home(self, category, language="en"):
        home = Home(language=language)
        Agreement.objects.create(
            account=home.station.account, category=category, capacity_kva=Decimal(315),
            tariff_code="LARGE_INDUSTRY_TOU", is_prepaid=False, payment_method="APP",
            recorded_at=f.LONG_AGO, recorded_by="test",
        )  # fmt: skip
        f.make_bill(
            account=home.station.account,
            issued_date=f.TODAY.replace(day=1),
            amount_cny="15600.00",
            energy_kwh=Decimal(10000),
        )
        return home

    @pytest.mark.parametrize("language", ["en", "zh-hans"])
    def test_a_large_customer_sees_every_part_of_the_bill(self, language):
        home = self.home("LARGE_INDUSTRY", language)

        text = home.browser.get(home.url).content.decode()

        for said in ["6,000.00 kWh", "¥0.8900", "315.00", "¥8,820.00", "¥15,600.00"]:
            assert said in text
        assert home.station.account.number not in text

    def test_others_see_no_bill(self):
        assert self.home("RESIDENTIAL").page().fees is None


class TestGiving:
    def test_the_same_form_twice_gives_the_same_link_and_it_is_shown_with_a_message(self):
        home = Home()

        again = home.desk.post(
            reverse("progress:give", args=[home.order.number]), {"page_key": "k"}
        )

        page = again.context["page"]
        assert page.address.endswith(home.url)
        assert page.address in page.message
        assert ProgressLink.objects.count() == 1

    def test_is_given_only_by_whoever_may_change_the_order(self):
        home = Home()
        url = reverse("progress:give", args=[home.order.number])
        crew = client_of(home.station.staff["CREW"])
        stranger = client_of(f.make_staff(station=m.make_station().unit, post="BRANCH"))

        assert crew.post(url, {"page_key": "x"}).status_code == 403
        assert stranger.post(url, {"page_key": "x"}).status_code == 404
        assert Client().post(url, {"page_key": "x"}).status_code == 302
        assert home.desk.post(url).status_code == 404
        assert home.desk.get(url).status_code == 405
        end = reverse("progress:end", args=[home.order.number])
        assert stranger.post(end).status_code == 404
        assert ProgressLink.objects.filter(revoked_at=None).count() == 1
