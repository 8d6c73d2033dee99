"""A customer's own page: one order and nothing else, in plain words, with nobody signed in."""

import re

import pytest
from django.core import signing
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from lamplighter.action.service import services as service
from lamplighter.action.service.models import OrderEvent
from lamplighter.action.service.progress.models import CustomerAnswer, ProgressLink
from lamplighter.action.service.records.models import StepRecord
from lamplighter.kernel import sealing
from lamplighter.ledger.models import Event
from lamplighter.web.progress import tokens
from tests.action.service import making as m
from tests.web.progress.homes import Home

pytestmark = pytest.mark.django_db
MOST_QUERIES = 11


class TestWhatIsShown:
    def test_says_where_it_stands_until_when_and_whom_to_call(self):
        home = Home("FAULT_REPAIR", until="ARRIVE")

        answer = home.browser.get(home.url)

        page, text = answer.context["page"], answer.content.decode()
        assert [step.text for step in page.steps if step.state == "now"] == ["The crew arrives"]
        assert page.standing == "Now: The crew arrives."
        assert "The crew is on site" not in text
        assert "at the latest" in page.promises[0][0]
        assert "tel:95598" in text
        assert home.station.unit.name in text
        assert not page.is_asked

    def test_holds_nothing_of_who_asked(self):
        home = Home()

        text = home.browser.get(home.url).content.decode()

        staff = [person.name for person in home.station.staff.values()]
        for secret in ["王小明", "13800138000", "138****", home.station.account.number, *staff]:
            assert secret not in text

    def test_nobody_signs_in_nothing_is_kept_and_no_engine_finds_it(self):
        home = Home()

        answer = home.browser.get(home.url)

        assert answer.status_code == 200
        assert "noindex" in answer["X-Robots-Tag"]
        assert '<meta name="robots" content="noindex' in answer.content.decode()
        assert "no-store" in answer["Cache-Control"]
        # Nothing of the address leaves this site; yet a form may say where it came from.
        assert answer["Referrer-Policy"] == "same-origin"

    def test_works_without_a_script(self):
        text = Home().browser.get(Home().url).content.decode()

        body = text[text.index("<main") : text.index("</main>")]
        assert not re.search(r"<script|hx-|data-", body)

    def test_speaks_the_language_of_the_browser_or_the_one_that_is_chosen(self):
        home = Home("FAULT_REPAIR", language="zh-hans")

        first = home.browser.get(home.url).content.decode()
        switch = {"language": "en", "next": home.url}
        back = home.browser.post(reverse("set_language"), switch, follow=True)

        assert "我们的承诺" in first
        assert "What we promised" in back.content.decode()
        assert "⚠" not in first

    def test_a_broken_promise_is_owned(self, clock):
        home = Home("FAULT_REPAIR")
        clock.at = m.later(300)

        text, tone = home.page().promises[0]

        assert "We are late and sorry" in text
        assert tone == "harm"

    def test_what_we_need_from_the_customer_is_said(self, clock):
        home = Home("FAULT_REPAIR", until="ARRIVE")
        boss = m.asking(home.order, home.station.viewer("BRANCH"), home.minutes + 1)
        service.wait(boss, reason="ACCESS", step_code="ARRIVE")
        clock.at = m.later(home.minutes + 2)

        page = home.page()

        assert "let them in" in page.waits
        assert "We are waiting for you" in page.standing

    def test_asks_few_questions(self):
        home = Home()
        home.page()

        with CaptureQueriesContext(connection) as asked:
            home.page()

        assert len(asked) <= MOST_QUERIES, [query["sql"][:90] for query in asked]


class TestWhoIsLetIn:
    def gone(self, home, url, **sent):
        answer = home.browser.post(url, sent) if sent else home.browser.get(url)
        text = answer.content.decode()
        assert answer.status_code == 404
        assert "This link no longer works" in text
        assert "noindex" in answer["X-Robots-Tag"]
        assert home.order.number not in text
        assert "Verification" not in text
        return text

    def test_another_order_cannot_be_reached(self):
        home = Home()
        other = m.open_one(home.station)
        nonce = signing.Signer(salt=tokens.PURPOSE).unsign_object(token_of(home))[1]

        forged = tokens.token(number=other.number, nonce=nonce)

        self.gone(home, reverse("progress:show", args=[forged]))
        self.gone(home, reverse("progress:say", args=[forged, "confirm"]), page_key="k")
        assert not CustomerAnswer.objects.exists()

    @pytest.mark.parametrize("change", [lambda t: t[:-1], lambda t: "x" + t, lambda t: t * 9])
    def test_a_mistyped_link_tells_nothing(self, change):
        home = Home()

        self.gone(home, reverse("progress:show", args=[change(token_of(home))]))

    def test_a_signature_for_another_purpose_opens_nothing(self):
        home = Home()
        value = signing.Signer(salt=tokens.PURPOSE).unsign_object(token_of(home))

        other = signing.Signer(salt="lamplighter.other").sign_object(value)

        self.gone(home, reverse("progress:show", args=[other]))

    def test_a_replaced_an_ended_and_an_expired_link_tell_the_same_nothing(self, clock):
        home = Home()
        texts = []
        newer = home.given(key="other")
        texts.append(self.gone(home, home.url))
        home.desk.post(reverse("progress:end", args=[home.order.number]))
        texts.append(self.gone(home, newer))
        last = home.given(key="third")
        clock.at = ProgressLink.objects.get(revoked_at=None).expires_at
        texts.append(self.gone(home, last))
        texts.append(self.gone(home, reverse("progress:show", args=["nothing"])))

        bare = {re.sub(r'value="[^"]*"', "", re.sub(r"hx-headers='[^']*'", "", t)) for t in texts}
        assert len(bare) == 1

    def test_a_closed_order_shows_nothing_once_its_days_are_over(self, clock):
        home = Home()
        service.cancel(m.asking(home.order, home.station.viewer(), 3), reason="not needed")
        assert home.page().standing == "You withdrew this request."

        clock.at = m.later(3 + 15 * 24 * 60)

        self.gone(home, home.url)

    def test_opened_too_often_it_asks_to_wait(self, clock):
        home = Home()
        for _ in range(30):
            assert home.browser.get(home.url).status_code == 200

        answer = home.browser.get(home.url)

        assert (answer.status_code, answer["Retry-After"]) == (429, "60")
        assert home.order.number not in answer.content.decode()
        clock.at = m.later(2)
        assert home.browser.get(home.url).status_code == 200

    def test_no_log_holds_the_key(self, caplog, asked):
        for _ in range(31):
            asked.browser.get(asked.url)
        asked.browser.get(f"{asked.url}confirm/")
        asked.say("explode")
        Client(enforce_csrf_checks=True).post(f"{asked.url}confirm/")

        assert "Too Many Requests: /progress/" in caplog.text
        assert "CSRF" in caplog.text
        assert token_of(asked) not in caplog.text.replace("%3A", ":")

    def test_a_link_opens_no_other_door(self):
        home = Home()

        answer = home.browser.get(reverse("orders:order", args=[home.order.number]))

        assert answer.status_code == 302
        assert "sign-in" in answer["location"]


class TestWhatIsSaid:
    def test_yes(self, asked):
        assert asked.page().is_asked

        answers = [asked.say("confirm", page_key="k") for _ in range(2)]

        assert [answer.status_code for answer in answers] == [302, 302]
        assert m.step(asked.order, "CONFIRM").answer == "YES"
        assert CustomerAnswer.objects.filter(kind="CONFIRMED").count() == 1
        assert not asked.page().is_asked

    def test_no_with_what_is_missing(self, asked):
        short = asked.say("object", page_key="k", words="")
        said = asked.say("object", page_key="k", words="还是很快")

        assert short.status_code == 422
        assert "what is missing" in short.context["page"].fault
        assert said.status_code == 302
        assert m.step(asked.order, "CONFIRM").answer == "NO"
        assert "还是很快" not in str(list(Event.objects.values_list("payload", flat=True)))

    def test_a_rating_counts_once(self, asked):
        asked.say("confirm", page_key="k")

        answers = [
            asked.say("rate", page_key="a", stars="4", words="谢谢师傅"),
            asked.say("rate", page_key="a", stars="4", words="谢谢师傅"),
            asked.say("rate", page_key="b", stars="1"),
        ]

        assert [answer.status_code for answer in answers] == [302, 302, 422]
        assert CustomerAnswer.objects.get(kind="RATED").stars == 4
        page = asked.page()
        assert (page.may_rate, page.rated) == (False, "Good")

    @pytest.mark.parametrize("stars", ["", "0", "6", "٣", "five", "9" * 1000])
    def test_no_other_number_of_stars(self, asked, stars):
        asked.say("confirm", page_key="k")

        answer = asked.say("rate", page_key="a", stars=stars)

        assert answer.status_code == 422
        assert "one to five" in answer.context["page"].fault

    def test_while_work_goes_on_nothing_is_asked_and_nothing_taken(self):
        home = Home()

        answers = [home.say("confirm", page_key="a"), home.say("object", words="slow"),
                   home.say("rate", stars="1")]  # fmt: skip

        assert [answer.status_code for answer in answers] == [422] * 3
        assert not CustomerAnswer.objects.exists()
        assert OrderEvent.objects.filter(actor="customer").count() == 0

    @pytest.mark.parametrize(
        "words", ["😀" * 2000, "'; DROP TABLE x; --\x00", "<script>alert(1)</script>"]
    )
    def test_any_words_are_kept_as_text(self, asked, words):
        wrong = asked.say("rate", page_key="z", stars="9", words=words)
        said = asked.say("object", page_key="k", words=words)

        assert wrong.status_code == 422
        assert "<script>alert" not in wrong.content.decode()
        assert said.status_code == 302

    @pytest.mark.parametrize(("way", "more"), [("object", {}), ("rate", {"stars": "2"})])
    def test_more_words_than_can_be_kept_are_refused_and_given_back(self, asked, way, more):
        words = "又停电了" * 501

        refused = asked.say(way, **more, page_key="k", words=words)

        assert refused.status_code == 422
        assert words in refused.content.decode()
        assert not CustomerAnswer.objects.exists()

    def test_a_get_says_nothing_and_other_words_are_no_pages(self, asked):
        assert asked.browser.get(f"{asked.url}confirm/").status_code == 405
        assert asked.say("explode").status_code == 404

    def test_only_this_site_may_send_it(self, asked):
        strict = Client(enforce_csrf_checks=True)

        assert strict.post(f"{asked.url}confirm/", {"page_key": "k"}).status_code == 403
        assert not CustomerAnswer.objects.exists()


class TestWhatIsAskedWithTheAnswer:
    def test_a_no_keeps_its_form_and_what_is_missing_for_whoever_looks_again(self, clock):
        home = Home("NEW_LV_RESIDENT", until="CONFIRM")
        clock.at = m.later(home.minutes + 1)

        shown = home.browser.get(home.url)
        refused = home.say("object", page_key="a", words="还没有装表")
        taken = home.say("object", page_key="b", words="还没有装表", **{"field-FEES": "YES"})

        assert 'id="no-field-CONFIRM-FEES"' in shown.content.decode()
        assert [one.status_code for one in (refused, taken)] == [422, 302]
        assert "还没有装表" in refused.content.decode()
        assert m.step(home.order, "CONFIRM").answer == "NO"
        kept = StepRecord.objects.get(order=home.order, step_code="CONFIRM")
        said = sealing.unseal(bytes(kept.values_sealed), m.KEY)
        assert "YES" in said
        assert "还没有装表" in said
        assert m.step(home.order, "AGAIN").state == "READY"

    def test_a_no_to_a_complaints_answer_stands_in_the_form_of_who_asked(self, clock):
        home = Home("COMPLAINT", until="REVISIT")
        clock.at = m.later(home.minutes + 1)

        taken = home.say("object", page_key="a", words="没有向我道歉")

        assert taken.status_code == 302
        assert m.step(home.order, "REVIEW").state == "READY"
        kept = StepRecord.objects.get(order=home.order, step_code="REVISIT")
        assert "没有向我道歉" in sealing.unseal(bytes(kept.values_sealed), m.KEY)

    def test_the_steps_to_come_say_you(self, clock):
        texts = [
            step.text
            for language in ("en", "zh-hans")
            for step in Home("NEW_HV_SINGLE", language=language).page().steps
        ]

        assert {"You have it designed", "您委托设计", "We fit the meter"} <= set(texts)
        assert {"We take your application", "受理您的申请"} <= set(texts)
        assert not [text for text in texts if "customer" in text or "客户" in text]

    def test_a_new_supply_is_not_confirmed_without_saying_whether_money_was_asked(self, clock):
        home = Home("NEW_LV_RESIDENT", until="CONFIRM")
        clock.at = m.later(home.minutes + 1)

        refused = home.say("confirm", page_key="a")
        taken = home.say("confirm", page_key="b", **{"field-FEES": "NO"})
        again = home.say("confirm", page_key="b", **{"field-FEES": "NO"})

        assert [field.name for field in refused.context["page"].asked] == ["field-FEES"]
        assert [one.status_code for one in (refused, taken, again)] == [422, 302, 302]
        assert m.step(home.order, "CONFIRM").state == "DONE"
        assert home.page().standing == "You told us that it is done; we are putting it on file."
        kept = StepRecord.objects.get(order=home.order, step_code="CONFIRM")
        assert kept.recorded_by == "customer"
        assert "NO" in sealing.unseal(bytes(kept.values_sealed), m.KEY)


def token_of(home):
    return home.url.removeprefix("/progress/").strip("/").replace("%3A", ":")
