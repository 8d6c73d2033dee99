"""Questions to the customer: one set for every kind, in two languages, and never an accusation."""

import re

import pytest

from lamplighter.insight.change.terms import Kind
from lamplighter.policy import loader
from tests.insight import numbers

QUESTIONS = loader.load(name="questions", on=numbers.ON)
ACCUSING = re.compile(
    r"窃电|偷电|违约|违章|异常|可疑|嫌疑|欠费大户|theft|steal|suspicious|abnormal|illegal|violation",
    re.IGNORECASE,
)


@pytest.mark.parametrize("kind", list(Kind))
class TestEachKind:
    def test_has_questions_and_a_remedy(self, kind):
        rows = QUESTIONS.rows_below(f"{kind}.questions")

        assert len(rows) >= 2
        assert QUESTIONS.row(f"{kind}.remedy").value in {"CARE_VISIT", "LANDLORD_CALL"}

    def test_asks_and_does_not_accuse(self, kind):
        for row in QUESTIONS.rows_below(f"{kind}.questions"):
            words = QUESTIONS.text(row.key)
            for text in (words.zh, words.en):
                assert not ACCUSING.search(text), text
                assert (
                    "?" in text
                    or "请" in text
                    or "please" in text
                    or "welcome" in text
                    or ("可以" in text or "can explain" in text)
                ), text

    def test_fills_in_with_a_date_and_an_energy_alone(self, kind):
        for row in QUESTIONS.rows_below(f"{kind}.questions"):
            words = QUESTIONS.text(row.key)
            for text in (words.zh, words.en):
                assert "{" not in text.format(date="11 月 3 日", kwh="6")
