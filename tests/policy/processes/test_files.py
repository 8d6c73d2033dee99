"""Our own processes: all types, the published figures, and what no file may say."""

import re

import pytest

from lamplighter.policy import loader
from lamplighter.policy.processes import catalogue, codes, wording
from tests.policy.processes import samples

PUBLISHED = [
    ("FAULT_REPAIR", "ARRIVAL", "URBAN", 45, "minutes", "C"),
    ("FAULT_REPAIR", "ARRIVAL", "RURAL", 90, "minutes", "C"),
    ("FAULT_REPAIR", "ARRIVAL", "REMOTE", 2, "hours", "C"),
    ("FAULT_REPAIR", "RESTORE", "URBAN", 3, "hours", "C"),
    ("FAULT_REPAIR", "RESTORE", "RURAL", 4, "hours", "C"),
    ("NEW_LV_RESIDENT", "SUPPLY", "ALL", 5, "working_days", "C"),
    ("NEW_LV_OTHER", "SUPPLY", "ALL", 6, "working_days", "C"),
    ("NEW_HV_SINGLE", "SUPPLY", "ALL", 22, "working_days", "C"),
    ("NEW_HV_DOUBLE", "SUPPLY", "ALL", 32, "working_days", "C"),
    ("MORE_LV", "SUPPLY", "RESIDENT", 5, "working_days", "C"),
    ("MORE_HV", "SUPPLY", "HV_DOUBLE", 32, "working_days", "C"),
    ("METER_TEST", "RESULT", "ALL", 5, "working_days", "C"),
    ("BILL_DOUBT", "RESULT", "ALL", 5, "working_days", "C"),
    ("COMPLAINT", "CONTACT", "ALL", 1, "working_days", "T"),
    ("COMPLAINT", "ANSWER", "ALL", 5, "working_days", "T"),
    ("RESTORE_ARREARS", "RESTORE", "ALL", 24, "hours", "T"),
]
RULES = [
    ("SUSPEND", "EACH_MORE_THAN", 15, "days", "T"),
    ("SUSPEND", "A_YEAR_AT_MOST", 6, "months", "T"),
    ("RELEASE_OUTAGE", "PLANNED_AHEAD", 7, "days", "C"),
    ("RELEASE_OUTAGE", "TEMPORARY_AHEAD", 24, "hours", "C"),
    ("COMPLAINT", "ANSWER_2022_SG", 5, "working_days", "U"),
    ("FAULT_REPAIR", "FLOOR_RURAL", 120, "minutes", "T"),
    ("NEW_HV_SINGLE", "SCHEME_2011_SG", 15, "working_days", "T"),
    ("NEW_HV_DOUBLE", "REVIEW_AT_MOST", 10, "working_days", "T"),
]
EVERY = catalogue.every(on=samples.DAY)


def test_every_type_has_its_process():
    assert [process.code for process in EVERY] == list(codes.TYPES)
    assert {process.function for process in EVERY} == set(codes.FUNCTIONS)


@pytest.mark.parametrize(("code", "promise", "case", "amount", "unit", "certainty"), PUBLISHED)
def test_what_was_published_is_promised(code, promise, case, amount, unit, certainty):
    limit = catalogue.in_force(code=code, on=samples.DAY).promise(promise).cases[case]

    assert (limit.amount, limit.unit, limit.source.certainty) == (amount, unit, certainty)


def test_nothing_else_is_said_to_be_published():
    confirmed = {
        (process.code, promise.code)
        for process in EVERY
        for promise in process.promises
        if promise.is_outward
    }
    assert confirmed == {(code, promise) for code, promise, *_ in PUBLISHED}


@pytest.mark.parametrize(("code", "rule", "value", "unit", "certainty"), RULES)
def test_rules_of_the_trade(code, rule, value, unit, certainty):
    rules = {one.code: one for one in catalogue.in_force(code=code, on=samples.DAY).rules}

    assert (rules[rule].value, rules[rule].unit) == (value, unit)
    assert rules[rule].source.certainty == certainty


def test_every_request_that_needs_work_begins_something():
    policy = loader.load(name="demand_types", on=samples.DAY)
    known = {row.key.split(".")[-1] for row in policy.rows_below("types")}
    begun = {request for process in EVERY for request in process.requests}

    assert known - begun == {"OUT_OF_SCOPE"}
    assert [p.code for p in catalogue.for_request(request="NEW_SUPPLY", on=samples.DAY)] == [
        "NEW_LV_RESIDENT", "NEW_LV_OTHER", "NEW_HV_SINGLE", "NEW_HV_DOUBLE",
    ]  # fmt: skip


def test_only_what_the_customer_alone_can_do_stops_a_clock():
    for process in EVERY:
        for step in process.steps:
            assert bool(step.pause) == (step.who == "CUSTOMER"), (process.code, step.code)
        if process.code in {"FAULT_REPAIR", "RESTORE_ARREARS", "VOLTAGE_COMPLAINT"}:
            assert {pause.code for pause in process.pauses} == {"ACCESS"}


def test_scripts_name_promises_and_repeat_no_number_of_them():
    for process in EVERY:
        for promise in process.promises:
            for step in process.steps:
                for case in promise.cases:
                    for language in ("zh", "en") if step.script else ():
                        said = wording.said(
                            words=step.script, process=process, case=case, language=language
                        )
                        assert not any("." in name for name in wording.asked(text=said))
        for step in process.steps:
            said = step.script.en.casefold() if step.script else ""
            assert not re.search(r"(\d+|one|two|five|six|ten) (working )?(hour|day|month)", said)


def test_scripts_and_words_to_customers_name_no_grade():
    for process in EVERY:
        for step in process.steps:
            for words in (step.script, step.customer):
                said = f"{words.zh} {words.en}".casefold() if words else ""
                assert "等级" not in said, (process.code, step.code)
                assert "grade" not in said, (process.code, step.code)
