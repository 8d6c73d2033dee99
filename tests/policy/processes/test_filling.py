"""What the form of a step takes, kind by kind, and days held to the rules of their business."""

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as some

from lamplighter.policy.processes import catalogue, filling, terms

ON = date(2026, 11, 25)
ZONE = ZoneInfo("Asia/Shanghai")
ACCEPT = catalogue.in_force(code="SUSPEND", on=ON).step("ACCEPT")
SEAL = catalogue.in_force(code="SUSPEND", on=ON).step("SEAL")
TAKE = catalogue.in_force(code="FAULT_REPAIR", on=ON).step("TAKE")
TAKEN = {"SYMPTOM": "PART", "LIFE_SUPPORT": "NO", "CALL_BACK": "19900001234"}
SEALED = {"SEALED_AT": "2026-12-01T08:30", "SEAL": " A-17 ", "READING_KWH": "0012.50"}


def filled(step, **said):
    return filling.filled(step=step, said=said, zone=ZONE)


class TestFields:
    def test_each_is_kept_in_one_form(self):
        assert filled(TAKE, **TAKEN, NEIGHBOURS=" ") == TAKEN
        assert filled(SEAL, **SEALED) == {
            "SEALED_AT": "2026-12-01T00:30:00+00:00",
            "SEAL": "A-17",
            "READING_KWH": "12.50",
        }

    @pytest.mark.parametrize("code", sorted(TAKEN))
    def test_what_is_required_is_missed_by_name(self, code):
        with pytest.raises(filling.FieldWrong) as refused:
            filled(TAKE, **TAKEN | {code: "\x00 "})

        assert (refused.value.field.code, refused.value.is_missing) == (code, True)

    @pytest.mark.parametrize(
        ("step", "code", "text"),
        [
            (TAKE, "SYMPTOM", "EXPLODED"),
            (TAKE, "LIFE_SUPPORT", "true"),
            (TAKE, "CALL_BACK", "call me"),
            (SEAL, "SEALED_AT", "tomorrow"),
            (SEAL, "SEALED_AT", "0001-01-01T00:00"),
            (SEAL, "SEALED_AT", "20261-12-01T00:00"),
            (SEAL, "SEALED_AT", "9999-12-31T23:59"),
            (SEAL, "READING_KWH", "-1"),
            (SEAL, "READING_KWH", "1e9"),
            (SEAL, "READING_KWH", "NaN"),
            (SEAL, "READING_KWH", "१२"),
            (SEAL, "SEAL", "x" * 1001),
        ],
    )
    def test_what_its_kind_does_not_allow_is_refused(self, step, code, text):
        good = TAKEN if step is TAKE else SEALED

        with pytest.raises(filling.FieldWrong) as refused:
            filled(step, **good | {code: text})

        assert (refused.value.field.code, refused.value.is_missing) == (code, False)

    @pytest.mark.parametrize("until", ["9999-12-31", "2026-02-30", "tomorrow", "2026-12"])
    def test_a_day_that_cannot_be_meant_is_refused(self, until):
        said = {"ID_CHECKED": "YES", "TRANSFORMER": "1", "FROM_DATE": "2026-12-01"}

        with pytest.raises(filling.FieldWrong) as refused:
            filled(ACCEPT, **said, UNTIL_DATE=until)

        assert refused.value.field.code == "UNTIL_DATE"

    def test_a_field_that_is_not_asked_for_is_refused(self):
        with pytest.raises(filling.FieldUnknown):
            filled(TAKE, **TAKEN, GRADE="A")

    @given(some.dictionaries(some.sampled_from(sorted(TAKEN)), some.text()))
    def test_any_text_is_kept_again_as_it_was_kept(self, said):
        try:
            kept = filled(TAKE, **TAKEN | said)
        except filling.FieldWrong:
            return

        assert filled(TAKE, **kept) == kept


class TestTerms:
    process = catalogue.in_force(code="SUSPEND", on=ON)

    def broken(self, first: str, until: str, *earlier: tuple[str, str]) -> str:
        def days(one: tuple[str, str]) -> terms.Days:
            return date.fromisoformat(one[0]), date.fromisoformat(one[1])

        found = terms.broken(
            process=self.process,
            term=ACCEPT.term,
            days=days((first, until)),
            earlier=[days(one) for one in earlier],
        )
        return f"{found.rule.code} {found.found} {found.unit}" if found else ""

    def test_fifteen_days_are_too_few_and_sixteen_are_not(self):
        assert self.broken("2026-12-01", "2026-12-16") == "EACH_MORE_THAN 15 days"
        assert self.broken("2026-12-01", "2026-12-17") == ""

    def test_six_months_of_a_year_and_no_day_more(self):
        assert self.broken("2026-01-01", "2026-07-01") == ""
        assert self.broken("2026-01-01", "2026-07-02") == "A_YEAR_AT_MOST 182 days"
        assert self.broken("2028-01-01", "2028-07-01") == ""  # a leap year

    def test_days_count_in_the_year_in_which_they_lie(self):
        assert self.broken("2026-10-01", "2027-03-01", ("2026-01-01", "2026-03-01")) == ""
        assert (
            self.broken("2026-10-01", "2027-03-01", ("2026-01-01", "2026-05-01"))
            == "A_YEAR_AT_MOST 212 days"
        )

    def test_a_third_time_in_a_year_is_one_too_many(self):
        had = ("2026-01-01", "2026-01-20"), ("2026-03-01", "2026-03-20")

        assert self.broken("2026-05-01", "2026-05-20", *had) == "TIMES_A_YEAR 3 times"
        assert self.broken("2027-05-01", "2027-05-20", *had) == ""

    def test_days_that_end_before_they_begin_are_none(self):
        with pytest.raises(terms.TermImpossible):
            self.broken("2026-12-01", "2026-12-01")

    def test_shortest_and_longest_term_of_less_capacity(self):
        process = catalogue.in_force(code="LESS_CAPACITY", on=ON)
        first, term = date(2026, 1, 31), process.step("ACCEPT").term
        found = {}
        for until in (date(2026, 7, 30), date(2026, 7, 31), date(2028, 1, 31), date(2028, 2, 1)):
            one = terms.broken(process=process, term=term, days=(first, until), earlier=[])
            found[until.isoformat()] = one.rule.code if one else ""

        assert found == {
            "2026-07-30": "LEAST_MONTHS",
            "2026-07-31": "",
            "2028-01-31": "",
            "2028-02-01": "MOST_MONTHS",
        }

    @given(some.lists(some.tuples(some.dates(date(2020, 1, 1), date(2030, 1, 1)),
                                  some.integers(1, 900)), max_size=5))  # fmt: skip
    def test_the_days_of_the_years_are_all_the_days(self, drawn):
        earlier = [(first, first + timedelta(n)) for first, n in drawn]

        found = [terms.used(earlier=earlier, year=year) for year in range(2020, 2034)]

        assert sum(one.n_days for one in found) == sum(n for _, n in drawn)
        assert sum(one.n_times for one in found) == len(drawn)
