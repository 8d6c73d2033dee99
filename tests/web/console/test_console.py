"""The console: who calls is known before anybody speaks, and the words find their type."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from lamplighter.action.service.knowledge import services as knowledge
from lamplighter.action.service.knowledge import starting
from lamplighter.action.service.models import Incident, OrderEvent, ServiceOrder
from lamplighter.kernel import sealing
from lamplighter.ledger.models import Event
from tests import factories as f
from tests.action.outages import making as o
from tests.action.service import making as m
from tests.web.console.calling import PHONE, WORDS, Hotline, known
from tests.web.signing_in import client_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]
MOST_QUERIES = 20
DOUBTFUL = "电费 没电"  # the bill, or the power
HTMX = {"hx-request": "true"}


def page_of(client, **sent):
    return client.post(reverse("console:console"), sent).context["page"]


class TestWhoCalls:
    def test_a_number_pops_customer_orders_and_faults_nearby_before_a_word(self):
        hotline = Hotline()
        ours = m.open_one(hotline.station, "METER_TEST")
        neighbour = f.make_account(area=hotline.station.area)
        fault = m.open_one(hotline.station, account_number=neighbour.number)
        f.make_flag(account=hotline.station.account, kind="LIFE_SUPPORT")
        f.make_request(
            account=hotline.station.account, content="电表是不是坏了", requested_at=f.MORNING
        )

        answer = hotline.agent.get(reverse("console:console"), {"caller": PHONE})

        who, known = answer.context["page"].caller, answer.context["page"].known
        assert who.customer.account_number == hotline.station.account.number
        assert (who.customer.name, who.phone_masked) == ("王*明", "199****1234")
        assert known.account.flags == ("LIFE_SUPPORT",)
        assert [one.number for one in known.orders] == [ours.number]
        assert [one.number for one in known.nearby] == [fault.number]
        assert "1 fault is reported" in known.reported
        assert [one.content for one in known.account.requests] == ["电表是不是坏了"]
        text = answer.content.decode()
        assert "王小明" not in text
        assert "⚠" not in text

    def test_what_is_off_at_the_place_is_said_with_when_it_is_back(self):
        hotline = Hotline()
        running = o.record(hotline.station, o.fault(hotline.station))
        coming = o.record(hotline.station, o.draft(hotline.station))
        m.open_one(hotline.station)

        page = page_of(hotline.agent, caller=PHONE)

        who = page.caller
        assert [one.number for one in who.outages] == [running.number, coming.number]
        assert "It should be back at" in who.outages[0].said
        assert "Please prepare" in who.outages[1].said
        assert [bool(one.incident) for one in who.outages] == [True, False]
        assert page.known.reported == ""

    def test_a_fault_where_an_outage_runs_is_proposed_to_join_it_and_does(self):
        hotline = Hotline()
        outage = o.record(hotline.station, o.fault(hotline.station))
        read = hotline.agent.post(
            reverse("console:read"), hotline.sent(words="家里没电了", type_code="")
        )

        proposed = read.context["page"].proposal.join
        hotline.open(join=proposed)
        hotline.open(join="", request_key="form-2")

        assert proposed == outage.incident.number
        joined = ServiceOrder.objects.filter(type_code="FAULT_REPAIR").order_by("pk")
        assert [one.incident_id for one in joined] == [outage.incident_id, None]

    def test_one_number_of_several_customers_asks_who_calls(self):
        hotline = Hotline()
        other = f.make_account(area=hotline.station.area)
        known(other, name="李四方")

        who = page_of(hotline.agent, caller=PHONE).caller

        assert who.customer is None
        assert {one.account_number for one in who.candidates} == {
            hotline.station.account.number,
            other.number,
        }
        chosen = page_of(hotline.agent, caller=PHONE, account=other.number).caller
        assert chosen.customer.account_number == other.number
        nobody = page_of(hotline.agent, caller=PHONE, account="-").caller
        assert (nobody.customer, nobody.candidates, nobody.phone) == (None, (), PHONE)
        assert [area.area_id for area in nobody.areas] == [hotline.station.area.pk]

    @pytest.mark.parametrize(
        ("asked", "said"),
        [
            ("", "Nobody is on the line"),
            ("withheld", "withheld"),
            ("匿名", "withheld"),
            ("+++", "withheld"),
            ("13911112222", "Nobody is known by this number"),
            ("nobody of this name", "Nobody in your areas"),
        ],
    )
    def test_callers_that_nobody_knows_are_told_apart(self, asked, said):
        who = page_of(Hotline().agent, caller=asked).caller

        assert said in who.note
        assert who.customer is None

    def test_an_unknown_number_shows_what_it_asked_for_before(self):
        hotline = Hotline()
        order = m.open_one(
            hotline.station, account_number="", area_id=hotline.station.area.pk, phone="13911112222"
        )

        known = page_of(hotline.agent, caller="139 1111 2222").known

        assert [one.number for one in known.orders] == [order.number]

    def test_htmx_gets_the_caller_alone_then_what_is_known_and_the_words_are_read_again(self):
        hotline = Hotline()
        order = m.open_one(hotline.station, "METER_TEST")
        asked = {"caller": PHONE}

        first = hotline.agent.post(reverse("console:console"), asked, headers=HTMX)
        rest = hotline.agent.post(reverse("console:known"), asked, headers=HTMX)

        assert first["HX-Trigger-After-Swap"] == "caller"
        name, known = first.content.decode(), rest.content.decode()
        assert "王*明" in name
        assert f'hx-post="{reverse("console:known")}" hx-trigger="load"' in name
        assert order.number not in name
        assert order.number in known
        assert "<html" not in name + known


class TestTheWords:
    def test_propose_a_type_with_its_sureness_the_words_and_the_promise(self):
        page = self.read(Hotline())

        found = page.proposal
        assert found.first == "FAULT_REPAIR"
        assert [one.code for one in found.choices if one.is_chosen] == ["FAULT_REPAIR"]
        assert found.loud
        assert any("90 minutes" in said for said in found.promises)  # a rural area
        assert "90 minutes" in found.script
        assert found.alike

    def test_say_how_sure_once_for_all_ways_that_one_request_may_go(self):
        found = self.read(Hotline(), words="新盖的房子要装电表").proposal

        same = [one for one in found.choices if one.because == found.choices[0].because]
        assert len(same) > 1
        assert [bool(one.said) for one in same] == [True] + [False] * (len(same) - 1)

    def test_abstain_where_nothing_is_known(self):
        found = self.read(Hotline(), words="xyzzy").proposal

        assert (found.first, found.promises) == ("", ())
        assert "please ask" in found.heading

    def test_follow_the_likeliest_until_a_person_has_chosen(self):
        hotline = Hotline()
        before = self.read(hotline, words=DOUBTFUL).proposal
        first, other = (one.code for one in before.choices[:2])

        followed = self.read(hotline, words=DOUBTFUL, proposed="CLOSE", followed="CLOSE")
        by_hand = self.read(hotline, words=DOUBTFUL, proposed=other, followed=before.first)

        chosen = [one.code for one in followed.proposal.choices if one.is_chosen]
        assert chosen == ([first] if before.first else [])
        assert [one.code for one in by_hand.proposal.choices if one.is_chosen] == [other]

    def test_show_neighbours_with_the_same_fault_to_join(self):
        hotline = Hotline()
        neighbour = f.make_account(area=hotline.station.area)
        fault = m.open_one(hotline.station, account_number=neighbour.number)

        assert [one.number for one in self.read(hotline).proposal.same] == [fault.number]

    def test_htmx_gets_the_middle_with_the_answers_beside_it(self):
        hotline = Hotline()

        answer = hotline.agent.post(
            reverse("console:read"), hotline.sent(type_code=""), headers=HTMX
        )

        text = answer.content.decode()
        assert "<html" not in text
        assert 'id="answers" hx-swap-oob' in text
        assert "⚠" not in text

    def read(self, hotline, **changed):
        sent = hotline.sent(**{"type_code": "", **changed})
        return hotline.agent.post(reverse("console:read"), sent).context["page"]


class TestOpening:
    def test_opens_one_order_and_goes_to_it(self):
        hotline = Hotline()

        answer = hotline.open()

        order = ServiceOrder.objects.get()
        assert answer.url == reverse("orders:order", args=[order.number])
        assert (order.type_code, order.account_id) == (
            "FAULT_REPAIR",
            hotline.station.account.pk,
        )
        assert order.phone_masked == "199****1234"
        assert sealing.unseal(bytes(order.words_sealed), m.KEY) == WORDS

    def test_sent_twice_it_is_one_order_and_one_quote(self, articles):
        hotline = Hotline()

        first, again = hotline.open(quote=articles), hotline.open(quote=articles)

        assert first.url == again.url
        assert ServiceOrder.objects.count() == 1
        order = ServiceOrder.objects.get()
        quoted = Event.objects.filter(name="service.knowledge.quoted")
        assert [(row.subject, row.payload["article"]) for row in quoted] == [
            (f"order:{order.pk}", articles[0])
        ]

    def test_joins_the_incident_of_a_neighbour(self):
        hotline = Hotline()
        neighbour = f.make_account(area=hotline.station.area)
        fault = m.open_one(hotline.station, account_number=neighbour.number)

        hotline.open(join=fault.number)
        hotline.open(join=fault.number)

        incident = Incident.objects.get()
        assert incident.orders.count() == 2
        assert OrderEvent.objects.filter(kind="JOINED").count() == 1

    def test_a_closed_neighbour_cannot_be_joined_and_the_order_stays(self):
        hotline = Hotline()

        answer = hotline.open(join="no-such-order")

        assert answer.status_code == 302
        assert ServiceOrder.objects.get().incident is None
        page = hotline.agent.get(answer.url)
        assert "could not be joined" in page.content.decode()

    def test_an_anonymous_caller_names_a_place(self):
        hotline = Hotline()

        hotline.open(caller="withheld", account="", area=hotline.station.area.pk, where="村口")

        order = ServiceOrder.objects.get()
        assert (order.account_id, order.area_id) == (None, hotline.station.area.pk)
        assert order.phone_index == ""
        assert sealing.unseal(bytes(order.words_sealed), m.KEY) == WORDS
        assert sealing.unseal(bytes(order.place_sealed), m.KEY) == "村口"
        shown = hotline.agent.get(reverse("orders:order", args=[order.number]))
        assert "村口" in shown.content.decode()

    def test_a_place_told_alike_is_proposed_to_join_without_an_account_or_area(self):
        hotline, said = Hotline(), {"caller": "withheld", "account": ""}
        hotline.open(**said, area=hotline.station.area.pk, where="东关街加油站对面")
        stranger = Hotline()
        stranger.open(**said, area=stranger.station.area.pk, where="东关街加油站", request_key="s")
        asked = hotline.sent(**said, where="东关街, 加油站旁", type_code="")

        near = hotline.agent.post(reverse("console:read"), asked).context["page"].proposal.same
        far = hotline.agent.post(reverse("console:read"), asked | {"where": "西山村口"})

        ours = ServiceOrder.objects.get(area=hotline.station.area)
        assert [one.number for one in near] == [ours.number]
        assert near[0].said.startswith("东关街加油站对面")
        assert far.context["page"].proposal.same == ()

    @pytest.mark.parametrize(
        ("changed", "said"),
        [
            ({"type_code": ""}, "choose what it is about"),
            ({"words": " "}, "write down what the customer says"),
            ({"caller": "", "account": ""}, "choose the customer or the area"),
            ({"type_code": "CLOSE"}, "The promise depends on this"),
            ({"type_code": "TELEPORT"}, "TELEPORT is not one of"),
            ({"type_code": "", "proposed": "TELEPORT"}, "There is no such type"),
            ({"channel": "PIGEON"}, "PIGEON is not one of"),
        ],
    )
    def test_says_why_nothing_was_opened_and_keeps_what_was_typed(self, changed, said):
        hotline = Hotline()

        answer = hotline.open(**changed)

        assert answer.status_code == 422
        text = answer.content.decode().replace("&#x27;", "'")
        assert said in text
        if changed.get("words") != " ":
            assert WORDS in text
        assert not ServiceOrder.objects.exists()

    def test_a_key_of_another_type_is_told(self):
        hotline = Hotline()
        hotline.open()

        answer = hotline.open(type_code="COMPLAINT")

        assert answer.status_code == 422
        assert "another type already" in answer.content.decode()

    @pytest.mark.parametrize(
        "words",
        [
            "<script>alert(1)</script> 没电",
            "'; DROP TABLE service_serviceorder; --",
            "😀" * 20_000,
            "没电\x00了",
        ],
        ids=["script", "sql", "as much as an order keeps", "nul"],
    )
    def test_whatever_is_typed_opens_an_order_and_harms_nobody(self, words):
        hotline = Hotline()

        read = hotline.agent.post(reverse("console:read"), hotline.sent(words=words))
        answer = hotline.open(words=words)

        assert "<script>alert(1)" not in read.content.decode()
        assert answer.status_code == 302
        shown = hotline.agent.get(answer.url).content.decode()
        assert "<script>alert(1)" not in shown
        assert ServiceOrder.objects.count() == 1

    def test_a_megabyte_of_emoji_is_refused_aloud_and_stays_in_the_form(self):
        hotline = Hotline()
        words = "😀" * 262_144

        read = hotline.agent.post(reverse("console:read"), hotline.sent(words=words))
        answer = hotline.open(words=words)

        assert (read.status_code, answer.status_code) == (200, 422)
        assert "262,144 characters, and an order keeps 20,000" in answer.content.decode()
        assert words in answer.content.decode()
        assert not ServiceOrder.objects.exists()

    @pytest.fixture
    def articles(self):
        drafts = starting.drafts()[:1]
        knowledge.publish_all(drafts=drafts, actor="test", now=f.MORNING)
        return [drafts[0].code]


class TestWhoMay:
    def test_another_district_sees_nothing_and_opens_nothing_here(self):
        hotline, there = Hotline(), m.make_station()
        stranger = client_of(f.make_staff(station=there.unit, post="AGENT"))
        order = m.open_one(hotline.station)

        page = page_of(stranger, caller=PHONE)
        answer = hotline.open(client=stranger)

        assert (page.caller.customer, page.known.orders, page.known.nearby) == (None, (), ())
        assert hotline.station.account.number not in str(page)
        rest = stranger.post(reverse("console:known"), {"caller": PHONE}, headers=HTMX)
        assert order.number not in rest.content.decode()
        assert answer.status_code == 422
        assert ServiceOrder.objects.count() == 1

    def test_an_area_of_another_district_is_none(self):
        hotline, there = Hotline(), m.make_station()
        m.open_one(there)

        page = page_of(hotline.agent, caller="", area=there.area.pk)
        answer = hotline.open(caller="", account="", area=there.area.pk)

        assert page.known.nearby == ()
        assert answer.status_code == 422

    def test_nobody_who_is_not_signed_in(self, client):
        assert client.get(reverse("console:console")).status_code == 302


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_console_asks_few_questions_and_speaks_both_languages(language):
    hotline = Hotline(language=language)
    m.open_one(hotline.station)
    hotline.agent.post(reverse("console:read"), hotline.sent())

    with CaptureQueriesContext(connection) as asked:
        answer = hotline.agent.post(reverse("console:read"), hotline.sent(type_code=""))

    assert answer.status_code == 200
    assert len(asked) <= MOST_QUERIES, [query["sql"][:120] for query in asked]
    assert "⚠" not in answer.content.decode()
