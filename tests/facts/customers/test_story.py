"""One account's story: all of it, only for those who may look, as it was known."""

from datetime import date

import pytest
from django.db import IntegrityError, transaction

from lamplighter.facts.customers import newest, queries
from lamplighter.facts.customers.models import (
    Contact,
    Facet,
    Flag,
    Holding,
    Identity,
    Premise,
    Relation,
)
from lamplighter.ledger import services as ledger
from tests import factories
from tests.factories import TODAY
from tests.facts.customers.conftest import customer, take_in
from tests.facts.landings import FIRST, LATER


@pytest.fixture
def household(station):
    take_in(
        "customer", customer(station.area, "001", "王晓明"), customer(station.area, "002", "李四")
    )
    person = {"account_number": "001", "name": "王强", "purpose": "提醒"}
    take_in(
        "contact",
        person | {"role": "PAYER", "phone": "19900001234", "basis": "CONTRACT"},
        person
        | {
            "role": "CHILD_AWAY", "phone": "19900005678", "basis": "CONSENT",
            "granted_day": date(2026, 10, 1), "expires_day": date(2026, 11, 20),
        },
    )  # fmt: skip
    take_in(
        "relation",
        {"account_number": "002", "related_account_number": "001", "kind": "LANDLORD_OF"},
    )
    take_in(
        "flag", {"account_number": "001", "kind": "LIFE_SUPPORT", "first_day": date(2026, 1, 1)}
    )
    return station


def tell(station, *, viewer=None, known_at=LATER, number="001"):
    return queries.account_story_head(
        viewer=viewer or station.manager,
        on=TODAY,
        account_number=number,
        known_at=known_at,
        with_papers=True,
        with_versions=True,
    )


def test_tells_who_where_whom_to_call_and_what_belongs_together(household):
    story = tell(household)

    assert (story.who.name, story.place.area_id) == ("王晓明", household.area.pk)
    assert [(c.role, c.consent, c.name, c.phone_masked) for c in story.contacts] == [
        ("CHILD_AWAY", "EXPIRED", "", ""),
        ("PAYER", "VALID", "王强", "199****1234"),
    ]
    assert [(r.kind, r.is_from_here, r.name) for r in story.relations] == [
        ("LANDLORD_OF", False, "李四")
    ]
    assert [f.kind for f in story.flags if f.is_in_force] == ["LIFE_SUPPORT"]
    assert list(story.papers.facets) == [
        *("BASIC", "OPERATION", "FINANCE", "CREDIT", "COOPERATION", "RECOVERY")
    ]
    assert any(line.item == "category" for line in story.papers.facets["BASIC"])


def test_names_no_related_account_the_viewer_may_not_see(household):
    elsewhere = factories.make_area(station=factories.make_station())
    Premise.objects.filter(account__number="002").update(area=elsewhere)

    assert [(r.account_number, r.name) for r in tell(household).relations] == [("", "")]


def test_another_station_sees_nothing(household):
    with pytest.raises(queries.AccountUnknown):
        tell(household, viewer=household.stranger)

    assert (
        queries.accounts_in_area(viewer=household.stranger, on=TODAY, area_id=household.area.pk)
        == []
    )
    ids = [flag.account_id for flag in Flag.objects.all()]
    for viewer, is_seen in ((household.stranger, False), (household.manager, True)):
        for account_id in ids:
            found = newest.glance(viewer=viewer, on=TODAY, account_id=account_id, n_requests=3)
            assert bool(found.flags) is is_seen


def test_is_told_as_it_was_known_and_says_what_changed(household):
    take_in("customer", customer(household.area, "001", "王小明", tariff_code="TOU"), now=LATER)

    assert tell(household, known_at=FIRST).who.name == "王晓明"
    now = tell(household)
    assert now.who.name == "王小明"
    assert {(v.subject, v.fields) for v in now.versions if not v.is_first} == {
        ("IDENTITY", ("name",)),
        ("AGREEMENT", ("tariff_code",)),
    }
    assert {v.recorded_by for v in now.versions} == {"test"}
    assert now.n_versions == len(now.versions) > len(tell(household, known_at=FIRST).versions) > 0


def test_the_accounts_of_an_area_in_order(household):
    lines = queries.accounts_in_area(viewer=household.manager, on=TODAY, area_id=household.area.pk)

    assert [(line.account_number, line.name) for line in lines] == [
        ("001", "王晓明"),
        ("002", "李四"),
    ]


@pytest.mark.parametrize(("parts", "n"), [((), 12), (("papers",), 16), (("versions",), 18)])
def test_costs_a_fixed_number_of_queries(household, django_assert_num_queries, parts, n):
    with django_assert_num_queries(n):
        story = queries.account_story_head(
            viewer=household.manager,
            on=TODAY,
            account_number="002",  # has a relation, which costs two queries
            known_at=LATER,
            **{f"with_{part}": True for part in parts},
        )

    assert story.papers is None or "papers" in parts
    assert story.versions is None or "versions" in parts


@pytest.mark.parametrize(
    ("model", "constraint", "change"),
    [
        (Identity, "identity_one_current_version", {}),
        (Identity, "identity_kind_known", {"kind": "GHOST", "superseded_at": LATER}),
        (Identity, "identity_importance_known", {"importance": "?", "superseded_at": LATER}),
        (Holding, "holding_one_current_version", {}),
        (Holding, "holding_superseded_after_recorded", {"superseded_at": factories.LONG_AGO}),
        (Premise, "premise_one_current_version", {}),
        (Contact, "contact_one_current_version", {}),
        (Contact, "contact_role_known", {"role": "?", "superseded_at": LATER}),
        (Contact, "contact_basis_known", {"basis": "?", "superseded_at": LATER}),
        (Relation, "relation_one_current_version", {}),
        (Flag, "flag_one_current_version", {}),
        (Flag, "flag_kind_known", {"kind": "?", "superseded_at": LATER}),
        (Flag, "flag_ends_after_it_starts", {"kind": "HARDSHIP", "last_day": date(2000, 1, 1)}),
        (Flag, "flag_theft_names_its_evidence", {"kind": "THEFT_VERIFIED", "evidence": ""}),
    ],
)
def test_the_database_refuses_what_breaks_a_promise(household, model, constraint, change):
    values = model.objects.order_by("id").values()[0] | change
    del values["id"]

    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        model.objects.create(**values)

    assert ledger.violates(refused.value, constraint)


def test_a_relation_needs_two_accounts_and_a_facet_its_order(household):
    relation = Relation.objects.values().get()
    facet = {
        "account_id": relation["account_id"], "facet": "CREDIT", "item": "x", "content": "y",
        "stated_date": TODAY, "expires_date": date(2000, 1, 1),
        "recorded_at": FIRST, "recorded_by": "test",
    }  # fmt: skip

    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        Relation.objects.update(related_id=relation["account_id"])
    assert ledger.violates(refused.value, "relation_between_two_accounts")
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        Facet.objects.create(**facet)
    assert ledger.violates(refused.value, "facet_expires_after_it_was_stated")
