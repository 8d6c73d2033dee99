"""Looking behind the masks, and writing the archive by hand."""

from datetime import date

import pytest
from django.db import DatabaseError

from lamplighter.facts.customers import erasure, queries, services
from lamplighter.facts.customers.models import Contact, Facet, Flag, SurveyAnswer
from lamplighter.ledger.models import Event
from lamplighter.policy import loader
from tests.factories import TODAY
from tests.facts.customers.conftest import customer, take_in
from tests.facts.landings import KEY, LATER

ACCESS = loader.load(name="access", on=TODAY)
PERSONAL = loader.load(name="personal_data", on=TODAY)
AGREED = {
    "account_number": "001", "role": "CHILD_AWAY", "name": "王强", "phone": "19900001234",
    "purpose": "提醒", "basis": "CONSENT", "granted_day": date(2026, 10, 1),
    "expires_day": date(2026, 12, 1),
}  # fmt: skip


@pytest.fixture
def home(station):
    take_in("customer", customer(station.area, "001", "王晓明"))
    take_in("contact", AGREED)
    return station


def unmask(viewer, field="phone", reason="", contact_id=None):
    return services.unmask(
        viewer=viewer,
        on=TODAY,
        account_number="001",
        field=field,
        contact_id=contact_id or Contact.objects.latest("id").pk,
        reason=reason,
        now=LATER,
        field_key=KEY,
        policy=ACCESS,
    )


class TestUnmask:
    def test_shows_the_number_and_records_the_look_without_it(self, home):
        assert unmask(home.manager) == "19900001234"

        event = Event.objects.get()
        assert (event.name, event.actor) == ("customers.field.unmasked", home.manager.actor)
        assert event.payload["policy"] == ACCESS.version
        assert "1234" not in f"{event.payload}{event.subject}"

    def test_a_head_says_why_and_may_see_the_identity_number(self, home):
        with pytest.raises(services.ReasonMissing):
            unmask(home.head, "id_number")

        assert unmask(home.head, "id_number", "核对过户") == "99999919700101001"

    def test_refuses_and_records_nothing(self, home):
        with pytest.raises(services.NotAllowed):
            unmask(home.crew, "id_number")
        with pytest.raises(queries.AccountUnknown):
            unmask(home.stranger, reason="x")
        with pytest.raises(services.NothingToShow):
            unmask(home.manager, "address")
        Contact.objects.update(expires_date=date(2026, 11, 1))
        with pytest.raises(services.NothingToShow):
            unmask(home.manager)

        assert not Event.objects.exists()

    def test_shows_nothing_when_the_look_cannot_be_recorded(self, home, monkeypatch):
        def full_disk(*_args, **_kwargs):
            raise DatabaseError

        monkeypatch.setattr(services.ledger, "record", full_disk)

        with pytest.raises(DatabaseError):
            unmask(home.manager)


class TestErasure:
    def withdraw(self, home, viewer=None):
        erasure.withdraw_consent(
            viewer=viewer or home.manager,
            on=TODAY,
            account_number="001",
            contact_id=Contact.objects.latest("id").pk,
            now=LATER,
            policy=ACCESS,
        )

    def test_a_withdrawal_erases_at_once_and_for_the_past_too(self, home):
        take_in("contact", AGREED | {"name": "王小强"}, now=LATER)

        self.withdraw(home)

        held = Contact.objects.values_list("name", "phone_sealed", "phone_masked")
        assert {(name, bytes(sealed), masked) for name, sealed, masked in held} == {("", b"", "")}
        assert Event.objects.get().name == "customers.consent.withdrawn"
        with pytest.raises(services.NothingToShow):
            unmask(home.manager)

    def test_a_contact_of_the_contract_cannot_be_withdrawn(self, home):
        Contact.objects.update(basis="CONTRACT")

        with pytest.raises(services.NothingToShow):
            self.withdraw(home)
        with pytest.raises(services.NotAllowed):
            self.withdraw(home, home.crew)

    def test_what_is_over_is_erased_once(self, home):
        def purge(today):
            return erasure.purge_expired(today=today, now=LATER, actor="worker", policy=PERSONAL)

        assert sum(purge(date(2026, 12, 1)).values()) == 0
        assert purge(date(2026, 12, 2))["contacts"] == 1
        assert sum(purge(date(2026, 12, 2)).values()) == 0
        assert bytes(Contact.objects.get().phone_sealed) == b""
        assert Event.objects.get().payload["contacts"] == 1


class TestWriting:
    common: dict

    @pytest.fixture(autouse=True)
    def _desk(self, home):
        self.common = {
            "viewer": home.manager, "on": TODAY, "account_number": "001", "now": LATER,
            "access": ACCESS,
        }  # fmt: skip
        self.home = home

    def test_an_answer_expires_as_the_policy_says(self):
        services.record_survey_answer(
            **self.common, question="appliances", answer="空调", purpose="走访", basis="CONSENT",
            personal_data=PERSONAL,
        )  # fmt: skip

        one = SurveyAnswer.objects.get()
        assert (one.expires_date, one.recorded_by) == (date(2028, 11, 25), self.home.manager.actor)

    def test_a_note_is_signed_and_expires(self):
        services.record_note(**self.common, text="周末在家", personal_data=PERSONAL)

        one = Facet.objects.get()
        assert (one.item, one.expires_date) == (
            f"note:{self.home.manager.staff_number}",
            date(2027, 5, 25),
        )

    def test_a_flag_gets_its_last_day_as_a_further_version(self):
        def flag(last_day=None, **changed):
            values = {"kind": "HARDSHIP", "first_day": TODAY, "evidence": "低保"} | changed
            services.record_flag(**self.common, **values, last_day=last_day)

        flag()
        flag(date(2026, 12, 31))
        with pytest.raises(services.FlagUnproven):
            flag(kind="THEFT_VERIFIED", evidence=" ")
        with pytest.raises(services.ValueUnknown):
            flag(kind="HOSTILE")

        assert list(Flag.objects.order_by("id").values_list("last_day", "superseded_at")) == [
            (None, LATER),
            (date(2026, 12, 31), None),
        ]

    def test_a_contact_needs_a_right_a_word_and_an_end(self):
        values = {
            "role": "TENANT", "name": "赵六", "phone": "19900004321", "purpose": "联系",
            "basis": "CONSENT", "granted_date": TODAY, "expires_date": None,
            "field_key": KEY, "personal_data": PERSONAL,
        }  # fmt: skip

        services.record_contact(**self.common, **values)
        with pytest.raises(services.ConsentWithoutEnd):
            services.record_contact(**self.common, **values | {"granted_date": None})
        with pytest.raises(services.ValueUnknown):
            services.record_contact(**self.common, **values | {"role": "ENEMY"})
        with pytest.raises(services.NotAllowed):
            services.record_contact(**self.common | {"viewer": self.home.crew}, **values)

        assert Contact.objects.get(role="TENANT").expires_date == date(2028, 11, 25)
        assert [e.name for e in Event.objects.all()] == ["customers.contact.recorded"]
