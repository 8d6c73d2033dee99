"""Orders by programs: opened, read and worked on, once a key, within what a person may see."""

import pytest

from lamplighter.action.service.models import OrderEvent, ServiceOrder
from lamplighter.action.service.records.models import StepRecord
from lamplighter.ledger.models import Event
from tests.action.service import making as m
from tests.api.programs import all_of, program_of

pytestmark = pytest.mark.django_db
PROBLEM = "application/problem+json; charset=utf-8"


def asked(station, **changed):
    return {
        "type": "FAULT_REPAIR",
        "channel": "PHONE",
        "account_number": station.account.number,
        "words": "家里没电了",
    } | changed


class TestOpening:
    def test_opens_an_order_that_can_be_read_in_chinese_as_it_was_said(self):
        station = m.make_station()
        program = program_of(station.staff["AGENT"])

        opened = program.post("/orders", asked(station, phone="19900001234"))

        assert opened.status_code == 201, opened.content
        assert (opened.status_code, opened.json()["state"]) == (201, "OPEN")
        number = opened.json()["number"]
        found = program.get(f"/orders/{number}")
        assert "家里没电了" in found.content.decode("utf-8")
        whole = found.json()
        assert whole["order"]["phone_masked"] == "199****1234"
        assert {promise["code"] for promise in whole["promises"]} == {"ARRIVAL", "RESTORE"}
        assert whole["timeline"][0]["kind"] == "OPENED"
        assert [order["number"] for order in all_of(program, "/orders")] == [number]

    def test_the_same_key_opens_one_order_and_is_answered_alike(self):
        station = m.make_station()
        program = program_of(station.staff["AGENT"])

        first = program.post("/orders", asked(station), key="form-0001")
        again = program.post("/orders", asked(station), key="form-0001")

        assert (again.status_code, again.json()) == (201, first.json())
        assert "Idempotency-Replayed" not in first
        assert again["Idempotency-Replayed"] == "true"
        assert ServiceOrder.objects.count() == 1
        assert Event.objects.filter(name="service.order.opened").count() == 1

    def test_the_same_key_with_another_body_is_refused_and_opens_nothing(self):
        station = m.make_station()
        program = program_of(station.staff["AGENT"])
        program.post("/orders", asked(station), key="form-0001")

        other = program.post("/orders", asked(station, words="又停电了"), key="form-0001")

        assert (other.status_code, other["Content-Type"]) == (422, PROBLEM)
        assert other.json()["type"] == "urn:lamplighter:problem:key-reused"
        assert ServiceOrder.objects.count() == 1

    def test_two_programs_may_choose_the_same_key(self):
        station = m.make_station()
        programs = [program_of(station.staff[post]) for post in ("AGENT", "SUPERVISOR")]

        numbers = {
            program.post("/orders", asked(station), key="form-0001").json()["number"]
            for program in programs
        }

        assert len(numbers) == 2

    def test_a_refused_write_may_be_sent_again_with_its_key(self):
        station = m.make_station()
        program = program_of(station.staff["AGENT"])
        refused = program.post("/orders", asked(station, type="NO_SUCH"), key="form-0001")

        right = program.post("/orders", asked(station), key="form-0001")

        assert refused.status_code == 404
        assert right.status_code == 201

    @pytest.mark.parametrize(
        ("changed", "status", "code"),
        [
            ({"type": "NO_SUCH"}, 404, "process-unknown"),
            ({"account_number": "nobody"}, 404, "place-unknown"),
            ({"account_number": "", "area_code": "nowhere"}, 404, "place-unknown"),
            ({"phone": "12"}, 422, "phone-unusable"),
            ({"channel": "PIGEON"}, 422, "invalid"),
            ({"words": "a\x00b"}, 422, "invalid"),
            ({"words": "\ud800"}, 422, "invalid"),
            ({"words": "🔥" * 20_001}, 422, "invalid"),
            ({"type": "'; DROP TABLE service_serviceorder; --"}, 422, "invalid"),
            ({"owner": "me"}, 422, "invalid"),
        ],
    )
    def test_refuses_what_cannot_be_and_writes_nothing(self, changed, status, code):
        station = m.make_station()
        program = program_of(station.staff["AGENT"])

        refused = program.post("/orders", asked(station, **changed))

        assert (refused.status_code, refused["Content-Type"]) == (status, PROBLEM)
        assert refused.json()["type"] == f"urn:lamplighter:problem:{code}"
        assert not ServiceOrder.objects.exists()

    def test_a_megabyte_of_emoji_is_too_large_to_be_read(self):
        station = m.make_station()
        program = program_of(station.staff["AGENT"])

        refused = program.post("/orders", asked(station, words="🔥" * 262_144))

        assert refused.status_code == 413
        assert not ServiceOrder.objects.exists()

    def test_script_and_quotes_are_kept_as_they_were_said(self):
        station = m.make_station()
        program = program_of(station.staff["AGENT"])
        words = "<script>alert('x')</script> '; DROP TABLE service_serviceorder; --"

        number = program.post("/orders", asked(station, words=words)).json()["number"]

        assert program.get(f"/orders/{number}").json()["words"] == words


class TestWorking:
    def test_each_change_moves_the_order_as_the_services_do(self):
        station = m.make_station()
        program = program_of(station.staff["AGENT"])
        number = program.post("/orders", asked(station)).json()["number"]
        chief = program_of(station.staff["SUPERVISOR"])

        urgent = chief.post(f"/orders/{number}/priority", {"priority": "URGENT"})
        chased = chief.post(f"/orders/{number}/chase", {"reason": "customer called again"})
        ended = chief.post(f"/orders/{number}/cancel", {"reason": "power came back by itself"})

        assert [urgent.status_code, chased.status_code, ended.status_code] == [200, 200, 200]
        assert ended.json() == {"number": number, "state": "CANCELLED"}
        kinds = [line["kind"] for line in program.get(f"/orders/{number}").json()["timeline"]]
        assert kinds == ["OPENED", "CHANGED_PRIORITY", "CHASED", "CANCELLED"]

    def test_a_crew_may_not_change_what_is_not_theirs(self):
        station = m.make_station()
        order = m.open_one(station)

        refused = program_of(station.staff["CREW"]).post(
            f"/orders/{order.number}/priority", {"priority": "URGENT"}
        )

        assert (refused.status_code, refused.json()["type"]) == (
            403,
            "urn:lamplighter:problem:not-allowed",
        )

    @pytest.mark.parametrize(
        ("fields", "status", "problem"),
        [
            ({"SYMPTOM": "PART", "LIFE_SUPPORT": "NO", "CALL_BACK": "19900001234"}, 200, ""),
            ({"SYMPTOM": "PART", "LIFE_SUPPORT": "NO"}, 422, "field-wrong"),
            ({"SYMPTOM": "PART", "GRADE": "A"}, 422, "field-unknown"),
            (None, 200, ""),  # the program keeps the form itself
        ],
    )
    def test_a_step_takes_its_form_or_is_left_undone(self, fields, status, problem):
        station = m.make_station()
        program = program_of(station.staff["AGENT"])
        order = m.open_one(station)
        body = {"answer": "NEW"} | ({} if fields is None else {"fields": fields})

        answer = program.post(f"/orders/{order.number}/steps/TAKE/complete", body)

        assert answer.status_code == status, answer.content
        assert problem in answer.json().get("type", "")
        assert m.step(order, "TAKE").state == ("DONE" if status == 200 else "READY")
        assert StepRecord.objects.count() == (1 if fields and status == 200 else 0)

    def test_a_step_completed_twice_is_told_to_be_done(self):
        station = m.make_station()
        program = program_of(station.staff["AGENT"])
        number = program.post("/orders", asked(station)).json()["number"]
        (step,) = all_of(program, "/steps")

        path = f"/orders/{number}/steps/{step['step']}/complete"
        answers = (
            m.catalogue.by_version(version=ServiceOrder.objects.get().process_version)
            .first()
            .choice
        )
        body = {"answer": answers.answers[0].code if answers else ""}
        first, second = program.post(path, body), program.post(path, body)

        assert first.status_code == 200, first.content
        assert (second.status_code, second.json()["type"]) == (
            409,
            "urn:lamplighter:problem:step-not-open",
        )
        assert OrderEvent.objects.filter(kind="COMPLETED").count() == 1

    def test_problems_are_told_in_the_language_asked_for(self):
        station = m.make_station()
        titles = {
            language: program_of(station.staff["AGENT"], language=language)
            .get("/orders/2611250000000")
            .json()["title"]
            for language in ("en", "zh-CN", "fr")
        }

        assert titles["en"] == "No such order where you may look"
        assert titles["zh-CN"] == titles["fr"] == "没有此工单，或不在您的权限范围内"
