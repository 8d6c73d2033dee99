"""Every finding tells itself in two sentences, in both languages, and accuses nobody."""

import re
from datetime import date
from decimal import Decimal

import pytest
from django.utils import translation

from lamplighter.config import catalogues
from lamplighter.findings import explaining
from lamplighter.findings.contests.models import WRONG_FACTS
from lamplighter.findings.explaining import Told
from lamplighter.findings.models import BANDS, CAUSES, SIGNALS
from lamplighter.findings.queries import SignalFound
from lamplighter.insight.arrears.risk import REASONS
from lamplighter.insight.causes.evidence import EVIDENCES
from lamplighter.insight.grading.grades import RULES
from lamplighter.insight.segments.terms import SEGMENTS
from lamplighter.insight.value.value import REASONS as VALUE_REASONS
from lamplighter.web.customers import phrases, sentences

LANGUAGES = ("en", "zh-hans")
LONGEST = {"en": 230, "zh-hans": 110}  # characters of one sentence
ACCUSING = {
    "en": r"\b(bad|fraud|steal|stole|theft|thief|suspicious|abnormal|cheat|refuse|unwilling|"
    r"delinquen\w*|offend\w*|violat\w*|hostile|lazy|wilful|blame|fault)\b",
    "zh-hans": "异常|可疑|窃电|偷|欺|恶意|赖|拒不|拒缴|违约|违规|不良|失信|态度|刁|责任在",
}
GRADE = {
    "grade": "C",
    "months_of_history": 24,
    "min_months_of_history": 3,
    "reminded_months": 6,
    "reminded_months_a": 0,
    "reminded_months_b": 4,
    "reminded_months_every": 10,
    "unpaid_reminders": 3,
    "unpaid_reminders_d": 3,
    "days_overdue": 45,
    "days_overdue_d": 30,
    "days_overdue_a": 30,
    "candidate_months": 1,
    "months_to_improve": 2,
    "months_to_confirm_d": 0,
    "is_brought_to_a_year": False,
}
CHANGE = {
    "day": date(2026, 11, 3),
    "kwh": 6.1,
    "low": 5.2,
    "high": 7.3,
    "before": 4.0,
    "after": 10.1,
    "probability": 0.97,
}
RISK = {"probability": 0.6, "raises": ["PAY_TIME"], "lowers": ["PAY_METHOD"]}
CAUSE = {
    "probability": 0.9,
    "signs": ["debits_never_funded", "pays_otherwise_after_failure"],
    "others": [("SHORT_BALANCE", 0.3)],
}
VALUE = {"yearly_cny": Decimal("900.00"), "growth": 0.05, "reasons": ["SMALL_CONTRIBUTION"]}
FORECAST = {"mid": Decimal("90.00"), "low": Decimal("80.00"), "high": Decimal("101.00")}

SO_FAR = {
    "so_far_kwh": 120.4,
    "whole_kwh": 151.0,
    "first_day": date(2026, 11, 1),
    "last_day": date(2026, 11, 24),
    "n_days": 24,
    "n_measured": 24,
    "n_to_come": 6,
}


def told(about, code, numbers, **changed):
    return Told(about=about, code=code, numbers=numbers | changed)


CASES = [
    *(told("GRADE", rule, GRADE) for rule in (*RULES, "NO_TRACE")),
    *(told("GRADE", "NEVER_REMINDED", GRADE, reminded_months=n, grade="A") for n in (0, 1)),
    told("GRADE", "SOMETIMES_REMINDED", GRADE, reminded_months=1, reminded_months_b=1),
    told("GRADE", "SOMETIMES_REMINDED", GRADE, is_brought_to_a_year=True),
    told("GRADE", "OFTEN_REMINDED", GRADE, reminded_months_b=1),
    told("GRADE", "TOO_NEW", GRADE, months_of_history=1, min_months_of_history=1),
    *(told("GRADE", "HELD_UNTIL_IT_LASTS", GRADE, candidate_months=n) for n in (0, 2)),
    told("GRADE", "HELD_UNTIL_IT_LASTS", GRADE, months_to_improve=1),
    *(told("RISK", code, RISK) for code in ("LEARNED", "BY_RULE")),
    *(told("RISK", "LEARNED", RISK, probability=p) for p in (0.0, 0.01, 0.999, None)),
    told("RISK", "LEARNED", RISK, raises=[]),
    told("RISK", "LEARNED", RISK, lowers=[]),
    told("RISK", "LEARNED", RISK, raises=[], lowers=[]),
    *(told("CAUSE", code, CAUSE) for code in CAUSES if code),
    *(told("CAUSE", "HARDSHIP", CAUSE, probability=p) for p in (0.5, 0.7, 0.99, None)),
    told("CAUSE", "UNFUNDED_DEBIT", CAUSE, signs=[]),
    told("CAUSE", "UNKNOWN", CAUSE, others=[]),
    told("CAUSE", "UNKNOWN", CAUSE, others=[("HARDSHIP", 0.11)]),
    *(told("CHANGE", kind, CHANGE) for kind in (*SIGNALS, "HIGH_USE")),
    *(told("CHANGE", kind, CHANGE, low=None, high=None, after=None, before=None, probability=None)
      for kind in (*SIGNALS, "HIGH_USE")),
    told("CHANGE", "SURGE", CHANGE, kwh=123.4, low=100.0, high=150.0),
    told("CHANGE", "HIGH_USE", CHANGE, before=0.0),
    *(told("VALUE", band, VALUE) for band in BANDS),
    *(told("VALUE", "LOW", VALUE, growth=g) for g in (None, -0.2, 0.004)),
    told("VALUE", "LOW", VALUE, reasons=[]),
    told("FORECAST", "MONTH", FORECAST),
    *(told("FORECAST", "MONTH", FORECAST | SO_FAR, n_to_come=n) for n in (0, 1, 6)),
    told("FORECAST", "MONTH", FORECAST | SO_FAR, n_measured=20),
    *(told("SEGMENT", code, {}) for code in SEGMENTS),
]  # fmt: skip


ENDS = {"en": r"[.?](?= |$)", "zh-hans": "[。？]"}


@pytest.fixture(autouse=True, scope="module")
def _compiled():
    catalogues.compile_all()


def said(case, language):
    with translation.override(language):
        found = sentences.explain(told=case)
    return found.what, found.why


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.about}-{case.code}")
def test_each_finding_has_two_whole_sentences_that_accuse_nobody(case, language):
    for sentence in said(case, language):
        assert len(sentence) <= LONGEST[language], sentence
        assert re.findall(ENDS[language], sentence) == [sentence[-1]], sentence
        assert "%(" not in sentence
        assert "None" not in sentence
        assert "  " not in sentence
        assert not re.search(ACCUSING[language], sentence.lower()), sentence
        first = sentence[0]
        assert first.isupper() if language == "en" else re.match(r"[\u4e00-\u9fffA-D%1]", first)


UNITS = {
    "en": r"(kWh|%|days?\b|months?\b|bills|reminders|times|in 10\b|of the last|of 12|stays?\b|such|"
    r"that grade A allows|to \d)",
    "zh-hans": r"(度|%|天|个月|张|次|月|倍|到 \d)",
}
DAYS = re.compile(r"\d{1,2} [A-Z][a-z]{2} \d{4}|\d{4}年\d{1,2}月\d{1,2}日|8 times in 10")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.about}-{case.code}")
def test_every_number_has_its_unit(case, language):
    for sentence in said(case, language):
        text = DAYS.sub("", sentence)
        for number in re.finditer(r"¥?\d[\d,]*(\.\d+)?", text):
            after = text[number.end() :]
            has_unit = re.match(rf" ?{UNITS[language]}", after)
            assert number.group().startswith("¥") or has_unit, (text, number.group())


@pytest.mark.parametrize("kind", SIGNALS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_change_is_asked_about(kind, language):
    what, question = said(told("CHANGE", kind, CHANGE), language)

    assert question.endswith("?" if language == "en" else "？")
    assert ("3 Nov 2026" if language == "en" else "2026年11月3日") in what


def test_says_what_the_design_page_wishes():
    what, question = said(told("CHANGE", "SURGE", CHANGE), "zh-hans")

    assert what.startswith(
        "这户的用电从 2026年11月3日 起几乎可以肯定每天多了约 6.1 度（5.2 到 7.3 度"
    )
    assert what.endswith("，邻居没有变化。")
    assert question == "是不是添了电器，或家里多了人？"


def test_counts_one_and_many_in_english():
    one = told("GRADE", "SOMETIMES_REMINDED", GRADE, grade="B", reminded_months=1)
    many = told("GRADE", "SOMETIMES_REMINDED", GRADE, grade="B", reminded_months=3)

    assert said(one, "en")[0] == "Grade B: a reminder was needed in 1 of the last 12 months."
    assert said(many, "en")[0] == "Grade B: reminders were needed in 3 of the last 12 months."


@pytest.mark.parametrize(
    ("probability", "words"),
    [(0.97, "almost certainly"), (0.85, "very probably"), (0.6, "probably"), (0.2, "perhaps"),
     (None, "perhaps")],
)  # fmt: skip
def test_says_in_words_how_sure_it_is(probability, words):
    with translation.override("en"):
        assert phrases.sureness(probability=probability) == words


def test_an_unlikely_cause_is_not_named():
    assert (
        "In hardship" in said(told("CAUSE", "UNKNOWN", CAUSE, others=[("HARDSHIP", 0.4)]), "en")[0]
    )
    assert (
        "In hardship"
        not in said(told("CAUSE", "UNKNOWN", CAUSE, others=[("HARDSHIP", 0.11)]), "en")[0]
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_reason_sign_and_way_has_its_words(language):
    with translation.override(language):
        for code in REASONS:
            assert phrases.factor(code=code)
        assert all(phrases.signs(codes=[code]) for code in EVIDENCES)
        assert all(phrases.value_reasons(codes=[code]) for code in VALUE_REASONS)


@pytest.mark.parametrize(
    ("changed", "band", "way"),
    [
        (None, "LOW", "It stays low as long as bills are paid in time."),
        (None, "HIGH", "No lower band is in sight within a year of bills."),
        ({"bills_in_time": 1}, "HIGH", "1 bill paid in full and in time brings it to “Low risk”."),
        ({"bills_in_time": 3}, "HIGH", "3 bills paid in full and in time bring it to “Low risk”."),
        (
            {"bills_in_time": 0, "pays_debt": True},
            "HIGH",
            "Paying what is overdue brings it to “Low risk” at once.",
        ),
        (
            {"bills_in_time": 2, "pays_debt": True},
            "HIGH",
            "Paying what is overdue, and then 2 bills in full and in time, brings it to "
            "“Low risk”.",
        ),
        (
            {"bills_in_time": None, "method": "WALLET"},
            "HIGH",
            "Accounts like this one that pay by “Alipay or WeChat” stand at “Medium risk”.",
        ),
    ],
)
def test_says_what_would_lower_a_risk(changed, band, way):
    found = {
        "pays_debt": False,
        "bills_in_time": None,
        "band": "LOW",
        "method": None,
        "method_band": "MEDIUM",
    }
    change = {} if changed is None else found | changed

    with translation.override("en"):
        assert phrases.risk_way(change=change, band=band) == way
    with translation.override("zh-hans"):
        assert re.match(r"[\u4e00-\u9fff].*。$", phrases.risk_way(change=change, band=band))


def test_a_code_nobody_knows_is_refused_and_not_left_out():
    for about in ("RISK", "SEGMENT"):
        with pytest.raises(sentences.NothingToSay, match=f"{about} 'NEW'"):
            sentences.explain(told=told(about, "NEW", RISK))


def test_every_fact_that_may_be_wrong_has_a_word():
    from lamplighter.web.contests import words

    assert set(words.FACTS) | {""} == set(WRONG_FACTS)


def test_the_rule_that_decides_is_told_and_a_wait_comes_before_it():
    step = {"inputs": {"reminded_months": 6, "months_of_history": 5}, "limits": {}}
    trace = [
        {**step, "rule": "OFTEN_REMINDED", "says": "C"},
        {"rule": "LONG_OVERDUE", "inputs": {"days_overdue": 40}, "limits": {}, "says": "B"},
    ]

    class Found:
        machine = {}
        grade = "C"
        grade_trace = trace

    decided = explaining.grade(finding=Found())
    Found.grade_trace = [*trace, {**step, "rule": "HELD_UNTIL_IT_LASTS", "says": "C"}]

    assert (decided.code, decided.numbers["is_brought_to_a_year"]) == ("OFTEN_REMINDED", True)
    assert explaining.grade(finding=Found()).code == "HELD_UNTIL_IT_LASTS"


def signal(day, *, kind="SURGE", is_recent=False, name="CHANGE"):
    return SignalFound(
        account_id=1,
        area_id=1,
        usage_point_id=1,
        list=name,
        kind="" if name == "HIGH_USE" else kind,
        changed_date=day,
        size_kwh_per_day=6.0,
        size_low_kwh_per_day=None,
        size_high_kwh_per_day=None,
        level_before_kwh_per_day=None,
        level_after_kwh_per_day=None,
        probability=0.9,
        is_recent=is_recent,
    )


def test_asks_about_what_changed_last_and_not_about_what_has_changed_again():
    empty = signal(date(2026, 6, 15), kind="VACANCY")
    back = signal(date(2026, 11, 10), kind="RETURN", is_recent=True)
    twin = signal(date(2026, 11, 10), kind="RETURN", is_recent=True, name="JUMP")
    also = signal(date(2026, 11, 1), is_recent=True)
    high = signal(None, name="HIGH_USE")
    since = date(2026, 5, 25)

    def asked(*signals):
        return explaining.newest_changes(signals=signals, since=since)

    assert asked(empty, twin, back, also, high) == [back, also, high]
    assert asked(empty) == [empty]
    assert asked(signal(date(2025, 6, 15))) == []
