"""What becomes of customers' records on their way in."""

from datetime import date
from typing import Any

import pytest
from django.db import connection

from lamplighter.facts.customers.landing import DOORWAYS
from lamplighter.facts.customers.models import (
    Account,
    Agreement,
    Contact,
    Facet,
    Flag,
    Holding,
    Identity,
    Premise,
    SearchEntry,
    ServiceRequest,
)
from lamplighter.facts.intake.versions import known_at
from lamplighter.kernel import sealing
from tests import factories
from tests.facts.landings import FIRST, KEY, LATER, deliver, reasons

pytestmark = pytest.mark.django_db


def person(number: str = "001", **changed: Any) -> dict[str, Any]:
    return {
        "account_number": number,
        "customer_number": f"c{number}",
        "name": "单小明",
        "kind": "PERSON",
        "id_number": "999999197001010120",
        "category": "RESIDENTIAL",
        "tariff_code": "RES",
        "is_prepaid": False,
        "payment_method": "APP",
        "address": "幸福路12号",
        **changed,
    }


def contact(**changed: Any) -> dict[str, Any]:
    return {
        "account_number": "001",
        "role": "PAYER",
        "name": "单小明",
        "phone": "199 0000 1234",
        "purpose": "电费提醒",
        "basis": "CONTRACT",
        **changed,
    }


@pytest.fixture
def account() -> Account:
    deliver(DOORWAYS, "customer", [person()])
    return Account.objects.get()


class TestTheArchive:
    def test_a_row_becomes_account_identity_agreement_premise_and_search_words(self):
        area = factories.make_area(station=factories.make_station())

        landed = deliver(DOORWAYS, "customer", [person(area_code=area.code)])

        assert landed.n_imported == 1
        account = Account.objects.get()
        identity = Identity.objects.get(customer=account.customer)
        assert sealing.unseal(identity.id_number_sealed, KEY) == "999999197001010120"
        assert identity.id_number_masked == "9***************20"
        assert Premise.objects.get(account=account).area == area
        assert Agreement.objects.get(account=account).tariff_code == "RES"
        assert "pshanxiaoming" in SearchEntry.objects.get(account=account).terms.split()

    def test_the_same_again_changes_nothing(self, account):
        before = Identity.objects.get()

        landed = deliver(DOORWAYS, "customer", [person()], now=LATER)

        assert (landed.n_imported, landed.n_unchanged) == (0, 1)
        assert Identity.objects.get() == before

    def test_a_correction_leaves_what_was_known_before(self, account):
        deliver(DOORWAYS, "customer", [person(name="单晓明")], now=LATER)

        assert Identity.objects.get(known_at(FIRST)).name == "单小明"
        assert Identity.objects.get(known_at(LATER)).name == "单晓明"
        assert Agreement.objects.count() == 1
        assert "n晓" in SearchEntry.objects.get().terms.split()

    def test_a_change_of_holder_keeps_the_account_and_its_past(self, account):
        deliver(DOORWAYS, "customer", [person(customer_number="c9", name="解珍")], now=LATER)

        account.refresh_from_db()
        assert account.customer.number == "c9"
        assert Holding.objects.get(known_at(FIRST)).customer.number == "c001"
        assert "pxiezhen" in SearchEntry.objects.get().terms.split()

    def test_refuses_an_unknown_area_and_rows_that_deny_each_other(self):
        landed = deliver(
            DOORWAYS,
            "customer",
            [
                person("001", area_code="nowhere"),
                person("002", customer_number="c7"),
                person("003", customer_number="c7", name="别人"),
                person(
                    "004", contract_first_day=date(2024, 2, 1), contract_last_day=date(2024, 1, 1)
                ),
            ],
        )

        assert sorted(reasons(landed)) == [
            (1, "area_code", "UNKNOWN_REFERENCE"),
            (3, "customer_number", "CUSTOMER_DIFFERS"),
            (4, "contract_last_day", "ENDS_BEFORE_START"),
        ]
        assert [a.number for a in Account.objects.all()] == ["002"]

    def test_one_customer_may_hold_two_accounts(self):
        landed = deliver(
            DOORWAYS,
            "customer",
            [person("001", customer_number="c7"), person("002", customer_number="c7")],
        )

        assert landed.n_imported == 2
        assert Identity.objects.count() == 1


class TestContacts:
    def test_the_number_is_sealed_masked_and_findable(self, account):
        deliver(DOORWAYS, "contact", [contact()])

        one = Contact.objects.get()
        assert one.phone_masked == "199****1234"
        assert one.phone_index == sealing.blind_index("19900001234", KEY, "phone")
        assert sealing.unseal(one.phone_sealed, KEY) == "19900001234"

    def test_no_clear_number_reaches_the_database(self, account):
        seen = []

        def spy(execute, statement, parameters, many, context):
            seen.append(f"{statement} {parameters}")
            return execute(statement, parameters, many, context)

        with connection.execute_wrapper(spy):
            deliver(DOORWAYS, "contact", [contact()])

        assert not any("19900001234" in one or "199 0000 1234" in one for one in seen)

    def test_the_same_number_written_otherwise_is_unchanged(self, account):
        deliver(DOORWAYS, "contact", [contact()])

        landed = deliver(DOORWAYS, "contact", [contact(phone="+86-199-0000-1234")], now=LATER)

        assert landed.n_unchanged == 1

    def test_refusals_never_repeat_what_is_personal(self, account):
        rows = [
            contact(phone="010-95598"),
            contact(account_number="unknown"),
            contact(basis="CONSENT"),
            contact(basis="CONSENT", expires_day=date(2026, 10, 1)),
        ]

        landed = deliver(DOORWAYS, "contact", rows)

        assert sorted(reasons(landed)) == [
            (1, "phone", "PHONE_UNUSABLE"),
            (2, "account_number", "UNKNOWN_REFERENCE"),
            (3, "expires_day", "CONSENT_WITHOUT_END"),
            (4, "expires_day", "EXPIRED"),
        ]
        assert not any("95598" in f"{one.value}{one.detail}" for one in landed.refusals)

    def test_a_consent_lasts_as_long_as_the_policy_says(self, account):
        deliver(DOORWAYS, "contact", [contact(basis="CONSENT", granted_day=date(2026, 1, 15))])

        assert Contact.objects.get().expires_date == date(2028, 1, 15)

    def test_a_withdrawn_consent_stays_withdrawn_until_granted_anew(self, account):
        given = contact(basis="CONSENT", granted_day=date(2026, 1, 15))
        deliver(DOORWAYS, "contact", [given])
        Contact.objects.update(withdrawn_at=FIRST, name="", erased_at=FIRST)

        again = deliver(DOORWAYS, "contact", [given], now=LATER)
        anew = deliver(DOORWAYS, "contact", [given | {"granted_day": date(2026, 11, 5)}], now=LATER)

        assert (again.n_unchanged, anew.n_imported) == (1, 1)
        assert Contact.objects.get(known_at(LATER)).withdrawn_at is None


class TestTheOthers:
    def test_flags_need_an_order_and_theft_its_evidence(self, account):
        row = {"account_number": "001", "kind": "LIFE_SUPPORT", "first_day": date(2026, 1, 1)}

        landed = deliver(
            DOORWAYS,
            "flag",
            [
                row,
                row | {"kind": "HARDSHIP", "last_day": date(2025, 1, 1)},
                row | {"kind": "THEFT_VERIFIED"},
            ],
        )

        assert reasons(landed) == [
            (2, "last_day", "ENDS_BEFORE_START"),
            (3, "evidence", "EVIDENCE_MISSING"),
        ]
        assert Flag.objects.get().kind == "LIFE_SUPPORT"

    def test_a_relation_joins_two_accounts(self, account):
        row = {
            "account_number": "001",
            "related_account_number": "001",
            "kind": "LANDLORD_OF",
        }

        assert reasons(deliver(DOORWAYS, "relation", [row])) == [
            (1, "related_account_number", "SAME_ACCOUNT")
        ]

    def test_facets_assessments_and_answers_land(self, account):
        day = date(2026, 10, 20)
        common = {"account_number": "001"}

        facet = {"facet": "CREDIT", "item": "信用", "content": "良好", "stated_day": day}
        assessment = {"kind": "SAFETY", "grade": "甲", "assessed_day": day, "assessor": "李"}
        answer = {
            "question": "appliances", "answer": "空调", "asked_day": day,
            "purpose": "走访", "basis": "CONSENT", "expires_day": date(2027, 1, 1),
        }  # fmt: skip

        assert deliver(DOORWAYS, "facet", [common | facet]).n_imported == 1
        assert deliver(DOORWAYS, "assessment", [common | assessment]).n_imported == 1
        assert deliver(DOORWAYS, "survey_answer", [common | answer]).n_imported == 1
        assert Facet.objects.get().content == "良好"

    def test_a_request_may_name_no_account_but_none_that_is_unknown(self, account):
        row = {
            "number": "R1", "kind": "COMPLAINT", "channel": "PHONE",
            "requested_at": FIRST, "content": "停电了", "is_upheld": True,
        }  # fmt: skip

        landed = deliver(
            DOORWAYS,
            "service_request",
            [
                row,
                row | {"number": "R2", "account_number": "001"},
                row | {"number": "R3", "account_number": "999"},
            ],
        )

        assert reasons(landed) == [(3, "account_number", "UNKNOWN_REFERENCE")]
        assert ServiceRequest.objects.count() == 2
