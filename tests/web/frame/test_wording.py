"""Every code that a kernel can give has its words, in both languages."""

import pytest
from django.utils import translation

from lamplighter.insight.arrears import risk
from lamplighter.insight.causes import evidence
from lamplighter.insight.grading import grades, trace
from lamplighter.web.frame import wording
from lamplighter.web.frame.codes import CodeUnknown

LANGUAGES = ("zh-hans", "en")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_code_of_the_kernels_has_words(language):
    with translation.override(language):
        said = [wording.risk_reason(c, raises=r) for c in risk.REASONS for r in (True, False)]
        said += [wording.cause_evidence(c) for c in evidence.EVIDENCES]
        said += [wording.grade_rule(c, dict.fromkeys(trace.INPUTS[c], 3)) for c in grades.RULES]
        limits = [wording.grade_limits(c, dict.fromkeys(trace.LIMITS[c], 3)) for c in grades.RULES]

    assert all(said)
    assert len(set(said)) == len(said)
    assert [bool(text) for text in limits] == [bool(trace.LIMITS[c]) for c in grades.RULES]
    is_chinese = [any("\u4e00" <= sign <= "\u9fff" for sign in text) for text in said]
    assert all(is_chinese) if language == "zh-hans" else not any(is_chinese)


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({}, ""),
        ({"grade": "A", "pays_debt": True, "quiet_months": 0}, "at once"),
        ({"grade": "B", "pays_debt": True, "quiet_months": 1}, "1 month without"),
        ({"grade": "B", "pays_debt": False, "quiet_months": 3}, "3 months without"),
    ],
)
def test_says_what_would_change_the_grade(change, text):
    with translation.override("en"):
        assert text in wording.grade_would_change(change)


def test_refuses_a_code_that_nobody_knows():
    with pytest.raises(CodeUnknown, match="NEVER_HEARD"):
        wording.risk_reason("NEVER_HEARD")


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_a_grade_a_that_rules_allow_a_reminder_is_not_told_as_one_without(language):
    with translation.override(language):
        never, once = (
            wording.grade_rule("NEVER_REMINDED", {"reminded_months": n, "months_of_history": 36})
            for n in (0, 1)
        )
    assert never != once
    assert "1" in once
