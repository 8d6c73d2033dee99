"""Process files: ours are whole, and a wrong one is refused with file, line and reason."""

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lamplighter.policy import loader
from lamplighter.policy.processes import catalogue, codes, flow, reading, tables
from lamplighter.policy.processes.shapes import Limit, Share
from tests.policy.processes import samples

FILES = sorted(catalogue.FILES.rglob("*.toml"))


class TestOurFiles:
    @pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.name}/{file.stem}")
    def test_hold_together(self, file: Path):
        process = reading.read_file(file)

        assert process.version == f"{file.parent.name}/{file.stem}"
        assert catalogue.by_version(version=process.version) == process
        assert all(step.script for step in process.steps if step.code == "TAKE")

    @pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.name}/{file.stem}")
    def test_say_nothing_as_sure_that_was_not_confirmed(self, file: Path):
        process = reading.read_file(file)

        for source in process.sources:
            assert source.certainty in loader.CERTAINTIES
            if "own" in source.text.en.casefold().split():
                assert source.certainty == "O"
        for promise in process.promises:
            for limit in promise.cases.values():
                assert limit.source.certainty != "U"

    @pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.name}/{file.stem}")
    def test_end_whatever_is_answered(self, file: Path):
        process = reading.read_file(file)

        for _, active in flow.runs(process):
            assert any(step.is_end and step.code in active for step in process.steps)


class TestReading:
    def test_fills_the_card_of_each_step(self):
        process = samples.read(samples.TEXT)

        take, visit, do = process.steps
        assert [field.kind for field in take.fields] == ["PHONE", "CHOICE"]
        assert [code for code, _ in take.fields[1].options] == ["A", "B"]
        assert isinstance(take.when, Limit)
        assert (take.when.minutes, take.when.calendar) == (120, "OFFICE_HOURS")
        assert isinstance(visit.when, Share)
        assert isinstance(do.when, Limit)
        assert do.when.minutes == 24 * 60
        assert do.ola is not None
        assert do.ola.minutes == 180
        assert process.first() is take
        assert process.followers("TAKE", answer="NO") == (do,)
        assert process.promise("DAYS").limit(case="URBAN").amount == 5
        with pytest.raises(KeyError):
            process.step("DONT")

    def test_orders_steps_so_that_they_can_be_done(self):
        process = samples.read(samples.HEAD + samples.TAKE + samples.DO + samples.VISIT)

        assert [step.code for step in process.steps] == ["TAKE", "VISIT", "DO"]


WRONG = [
    (
        "OFFICE_HOURS",
        "OFFICE",
        "unknown calendar 'OFFICE'; known are ALWAYS",
        "when = { amount = 2",
    ),
    ('who = "METERING"', 'who = "METERS"', "step VISIT: unknown who 'METERS'", 'who = "METERS"'),
    ('where = "SITE"', 'where = "MOON"', "step VISIT: unknown where 'MOON'", 'where = "MOON"'),
    ('["TAKE:YES"]', '["TAKES:YES"]', "step VISIT: follows TAKES, which is no step", "TAKES:YES"),
    (
        '["TAKE:YES"]',
        '["TAKE:MAYBE"]',
        "follows TAKE by answer MAYBE; its answers: YES, NO",
        "MAYBE",
    ),
    ('["TAKE:YES"]', '["TAKE"]', "step VISIT: follows TAKE by no answer", 'follows = ["TAKE"]'),
    ('["TAKE:YES"]', '["TAKE:"]', "is not like STEP or STEP:ANSWER", "TAKE:"),
    ('["TAKE:YES"]', '["TAKE:YES", "TAKE:YES"]', "says something twice", "TAKE:YES"),
    ('["TAKE:YES"]', '["TAKE:YES", "AFTER"]', "goes round: VISIT → AFTER → VISIT", "AFTER"),
    ('["TAKE:YES"]', "[]", "step VISIT: is never reached", 'code = "VISIT"'),
    ("follows = []", 'follows = ["DO"]', "step TAKE: is the first step", 'follows = ["DO"]'),
    ("end = true\n", "", "no step ends the process", "[[steps]]"),
    ('["VISIT", "TAKE:NO"]', '["VISIT"]', "nothing follows its answer NO", 'code = "TAKE"'),
    ('["VISIT", "TAKE:NO"]', '["TAKE:NO"]', "step VISIT: nothing follows it", 'code = "VISIT"'),
    (
        "share = 0.5",
        "share = 0.7",
        "ALL: the longest path TAKE → VISIT → DO takes up to",
        "ALL = {",
    ),
    ("share = 0.5", "share = 1.5", "share is above 0 and at most 1", "share = 1.5"),
    ('of = "DAYS"', 'of = "YEARS"', "a share of YEARS, which is no promise", "YEARS"),
    ('code = "VISIT"', 'code = "TAKE"', "step TAKE: this code is there twice", 'code = "TAKE"', 1),
    ('code = "VISIT"', 'code = "visit"', "is not written like THIS_1", 'code = "visit"'),
    ('zh = "上门", en = "Visit"', 'zh = "上门"', "title needs zh and en", 'zh = "上门"'),
    ('zh = "上门"', 'zh = "Visit"', "title.zh is no Chinese text", 'zh = "Visit"'),
    ('en = "Visit"', 'en = "上门"', "title.en is no English text", 'en = "上门"'),
    (', of = "DAYS", source = "own"', ', of = "DAYS"', "a number without a source", "share = 0.5"),
    (
        'unit = "CNY"\nsource = "own"',
        'unit = "CNY"',
        "rule FEE: a number without a source",
        "[[rules]]",
    ),
    (
        'unit = "CNY"\nsource = "own"',
        'unit = "CNY"\nsource = "her"',
        "unknown source 'her'",
        '"her"',
    ),
    ("amount = 2,", 'amount = "two",', "amount is no number", 'amount = "two"'),
    ("amount = 2,", "amount = nan,", "out of all bounds", "amount = nan"),
    ("amount = 2,", "amount = true,", "amount is no number", "amount = true"),
    ("amount = 2,", "amount = -2,", "amount is not above zero", "amount = -2"),
    (
        'unit = "hours", calendar = "OFFICE_HOURS", source = "own" }\nwhere = "INTAKE"',
        'unit = "working_days", calendar = "ALWAYS", source = "own" }\nwhere = "INTAKE"',
        "ALWAYS counts other days too",
        "amount = 2",
    ),
    (
        'amount = 5, unit = "working_days", calendar = "WORKING_DAYS"',
        'amount = 500, unit = "hours", calendar = "ALWAYS"',
        "cannot be compared with its steps: OFFICE_HOURS counts on fewer days",
        "[[promises]]",
    ),
    (
        'until = "DO"',
        'until = "DONE"',
        "promise DAYS: until DONE, which is no step",
        'until = "DONE"',
    ),
    (
        'until = "DO"',
        'until = "VISIT"\nafter = "DO"',
        "VISIT is not after its beginning",
        "until =",
    ),
    ('by = "ALL"', 'by = "VOLTAGE"', "unknown case 'ALL'; VOLTAGE knows LV, HV", "ALL = {"),
    ("ALL = {", "#", "ALL is missing", "[promises.cases]"),
    ('code = "DAYS"', 'code = "DO"', "promise DO: a step has the same code", 'code = "DO"'),
    ("amount = 3, ", "amount = 8, ", "ola takes up to 2880 of 1440 minutes", "ola ="),
    ('breach = "DAYS"', 'breach = "NIGHTS"', "NIGHTS is neither promise nor step", "NIGHTS"),
    ("late_from = 0", "late_from = -1", "late_from is below zero", "late_from"),
    ('level = "ERROR"', 'level = "BAD"', "unknown level 'BAD'; known are ERROR, OBSTACLE", "BAD"),
    ('steps = ["DO"]', 'steps = ["DONE"]', "pause ACCESS: DONE is no step", 'steps = ["DONE"]'),
    (
        'code = "ACCESS"',
        'code = "HOLIDAY"',
        "unknown code 'HOLIDAY'; known are DOCUMENTS",
        "HOLIDAY",
    ),
    (
        'who = "MANAGER"',
        'who = "CUSTOMER"\npause = "ACCESS"',
        "has no limit: the clock is paused",
        "when = { amount = 1",
    ),
    ('function = "F7"', 'function = "F6"', "METER_TEST is of F7, not F6", "function"),
    (
        'requests = ["METER_TEST"]',
        'requests = ["METER"]',
        "'METER' is not in demand_types/",
        "requests",
    ),
    ('kind = "PHONE"', 'kind = "FAX"', "step TAKE: field PHONE: unknown kind 'FAX'", '"FAX"'),
    (', B = { zh = "乙", en = "b" }', "", "fewer than two options", 'code = "KIND"'),
    (
        '  { code = "NO", title = { zh = "不要", en = "no" } },\n',
        "",
        "fewer than two answers",
        "[steps.choice]",
    ),
    (
        'customer = { zh = "已受理", en = "Taken" }\n',
        "",
        "the customer sees no step",
        "[[steps]]",
    ),
    ('["DO"]', '["DONE"]', "confirmed DONE is no answer of a step", "confirmed"),
    ('["DO"]', '["TAKE:MAYBE"]', "confirmed TAKE:MAYBE is no answer of a step", "confirmed"),
    ('["DO"]', "true", "confirmed is no list of codes", "confirmed"),
    (
        '["DO"]',
        '["TAKE:YES"]',
        "step TAKE: asks the customer, so its form has a TEXT SAID",
        "fields = [",
    ),
    (
        'follows = ["TAKE:YES"]\n',
        'follows = ["TAKE:YES"]\npage_title = { zh = "等", en = "Wait" }\n',
        "step VISIT: page_title, but the customer is not told",
        "page_title",
    ),
    (
        'en = "Taken" }',
        'en = "Taken" }\npage_title = { zh = "受理客户申请", en = "Take it" }',
        "step TAKE: the customer reads '受理客户申请': say you",
        "page_title",
    ),
    (
        'en = "Taken" }',
        'en = "The customer was heard" }',
        "step TAKE: the customer reads 'The customer was heard': say you",
        "was heard",
    ),
    ("outward = true", "outward = 1", "outward is neither true nor false", "outward"),
    ("[sources]", "colour = 1\n[sources]", "unknown key 'colour'", "colour"),
    (
        'why = { zh = "为什么", en = "Why" }',
        'wy = { zh = "为什么", en = "Why" }',
        "why is missing",
        "[[steps]]",
    ),
    (
        'customer = { zh = "已受理", en = "Taken" }',
        'customer = { zh = "已", en = "T" }\n'
        'script = { zh = "您{rule.NO}", en = "{name} {rule.FEE}" }',
        "step TAKE: script says {rule.NO}, which is not there",
        "script =",
    ),
    ('unit = "CNY"', 'unit = "DEM"', "rule FEE: unknown unit 'DEM'", '"DEM"'),
    ("[[pauses]]", "[[pauses]", "no TOML: ", "[[pauses]"),
    ("amount = 3, ", "amount = , ", "no TOML: ", "ola ="),
]
AFTER = samples.step("AFTER", ["VISIT"], is_end=False)


class TestRefusals:
    @pytest.mark.parametrize("case", WRONG, ids=lambda case: case[2][:40])
    def test_name_file_line_and_reason(self, case: tuple[str, str, str, str]):
        right, wrong, said, place, *nth = case
        text = samples.TEXT + (AFTER if "AFTER" in wrong else "")
        assert right in text
        text = text.replace(right, wrong, 1)

        with pytest.raises(tables.ProcessFileWrong) as refused:
            samples.read(text)

        error = refused.value
        assert said in error.reason
        assert str(error) == f"METER_TEST/2020-01-01.toml:{error.line}: {error.reason}"
        lines = [number for number, line in enumerate(text.splitlines(), 1) if place in line]
        assert error.line == lines[nth[0] if nth else 0], text.splitlines()[error.line - 1]

    def test_a_step_of_the_customers_own_is_named_as_one_says_it_to_them(self):
        text = samples.TEXT.replace('steps = ["DO"]', 'steps = ["VISIT"]').replace(
            'who = "METERING"\nwhen = { share = 0.5, of = "DAYS", source = "own" }',
            'who = "CUSTOMER"\npause = "ACCESS"\ncustomer = { zh = "请您来", en = "Please come" }',
        )

        with pytest.raises(tables.ProcessFileWrong, match=r"step VISIT: .* needs a page_title"):
            samples.read(text)
        named = 'en = "Please come" }\npage_title = { zh = "您来办", en = "You come" }'
        process = samples.read(text.replace('en = "Please come" }', named))
        assert process.step("VISIT").ahead.en == "You come"

    @pytest.mark.parametrize("code", [c for c, f in codes.TYPES.items() if f not in {"F2", "F6"}])
    def test_no_green_channel_where_everybody_is_served_alike(self, code: str):
        green = (
            '[green]\nfactor = 0.5\nsource = "own"\n'
            'about = { zh = "更快", en = "Faster" }\n\n[[steps]]'
        )
        text = samples.TEXT.replace('"F7"', f'"{codes.TYPES[code]}"')
        text = text.replace("[[steps]]", green, 1)

        with pytest.raises(tables.ProcessFileWrong, match="everybody is served alike") as refused:
            samples.read(text, code=code)

        assert text.splitlines()[refused.value.line - 1] == "[green]"

    def test_a_type_nobody_named(self):
        with pytest.raises(tables.ProcessFileWrong, match=r"TEA/.*:1: unknown type 'TEA'; known"):
            samples.read(samples.TEXT, code="TEA")

    def test_a_file_is_named_by_its_first_day(self, tmp_path: Path):
        file = tmp_path / "METER_TEST" / "latest.toml"
        file.parent.mkdir()
        file.write_text(samples.TEXT, encoding="utf-8")

        with pytest.raises(tables.ProcessFileWrong, match=r"METER_TEST/latest\.toml:1: "):
            reading.read_file(file)

    def test_a_file_that_is_no_text(self, tmp_path: Path):
        file = tmp_path / "METER_TEST" / "2020-01-01.toml"
        file.parent.mkdir()
        file.write_bytes(b"title = \xff\n")

        with pytest.raises(tables.ProcessFileWrong, match="utf-8"):
            reading.read_file(file)

    @given(text=st.text(max_size=200))
    def test_nothing_but_its_own_error_for_any_text(self, text: str):
        with pytest.raises(tables.ProcessFileWrong):
            samples.read(text)

    @given(data=st.data())
    def test_nothing_but_its_own_error_for_a_file_bent_anywhere(self, data: st.DataObject):
        begin = data.draw(st.integers(0, len(samples.TEXT)))
        length = data.draw(st.integers(0, 60))
        piece = data.draw(
            st.sampled_from(["", "[[", "]", "{", '"', "'''", "1", "nan", "a.b=1\n", "🙂"])
        )
        text = samples.TEXT[:begin] + piece + samples.TEXT[begin + length :]
        try:
            samples.read(text)
            line = 1
        except tables.ProcessFileWrong as error:
            line = error.line
        assert 1 <= line <= text.count("\n") + 2

    def test_brackets_nested_without_end(self):
        with pytest.raises(tables.ProcessFileWrong):
            samples.read("a = " + "[" * 100_000)


class TestVersions:
    @pytest.fixture
    def files(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setattr(catalogue, "FILES", tmp_path)
        catalogue.versions.cache_clear()
        yield tmp_path
        catalogue.versions.cache_clear()

    def test_orders_keep_the_version_they_began_with(self, files: Path):
        folder = files / samples.CODE
        folder.mkdir()
        (folder / "2020-01-01.toml").write_text(samples.TEXT, encoding="utf-8")
        (folder / "2021-07-01.toml").write_text(
            samples.TEXT.replace("value = 3", "value = 4"), encoding="utf-8"
        )

        days = {date(2020, 1, 1): 3, date(2021, 6, 30): 3, date(2021, 7, 1): 4, date(2026, 1, 1): 4}

        for day, fee in days.items():
            process = catalogue.in_force(code=samples.CODE, on=day)
            assert process.rules[0].value == fee
            assert catalogue.by_version(version=process.version) is process
        assert len(catalogue.versions(code=samples.CODE)) == 2
        for version in (f"{samples.CODE}/2020-01-02", "TEA/2020-01-01", "../x", ""):
            with pytest.raises(catalogue.ProcessUnknown):
                catalogue.by_version(version=version)
        with pytest.raises(catalogue.ProcessUnknown, match="METER_TEST on 2019-12-31"):
            catalogue.in_force(code=samples.CODE, on=date(2019, 12, 31))
