"""The pages of replays: both sides, why, files to keep; for those who lead, within their areas."""

import csv
import io
from datetime import timedelta
from decimal import Decimal

import pytest

from lamplighter.action.worklist.models import WorkBeside, WorkBesideLine
from lamplighter.findings.models import Replay, ReplayNight
from tests import factories as make
from tests.web import signed_in
from tests.web.replay import making

pytestmark = pytest.mark.django_db
MOST_QUERIES = 60  # of the three parts


@pytest.fixture(autouse=True)
def _today(settings, tmp_path):
    settings.DEMO_TODAY = make.TODAY
    settings.CANDIDATES_FOLDER = tmp_path / "candidates"
    settings.REPLAYS_FOLDER = tmp_path / "replays"


@pytest.fixture
def street():
    return signed_in.street()


@pytest.fixture
def rules_beside_rules(street):
    """A replay of two nights by rules on trial, with everything a page can show."""
    candidate = {
        "name": "grading",
        "day": "2026-12-01",
        "sha256": "a" * 64,
        "on_top_of": "grading/2021-11-01",
        "text": making.CANDIDATE,
    }
    replay = making.made(first=making.LAST - timedelta(1), candidates=[candidate])
    for day in (making.LAST - timedelta(1), making.LAST):
        making.counted(
            replay,
            street.area,
            *(("GRADE", "A", "A", 5), ("GRADE", "B", "A", 2), ("WAITING", "", "D", 1)),
            *(("WAITING", "", "", 6), ("RISK", "LOW", "LOW", 7), ("CAUSE", "", "", 7)),
            day=day,
        )
    account = making.changed(
        replay, street, because=[{"code": "RULES"}], before=making.side("B"), after=making.side("A")
    )
    beside = WorkBeside.objects.create(
        replay=replay,
        staff=street.manager,
        day=make.TODAY,
        is_partial=True,
        n_before=3,
        n_after=4,
        minutes_before=60,
        minutes_after=80,
        benefit_before_cny=Decimal(10),
        benefit_after_cny=Decimal(12),
        n_candidates_before=5,
        n_candidates_after=5,
    )
    WorkBesideLine.objects.create(
        beside=beside,
        account=account,
        area=street.area,
        remedy_before="",
        remedy_after="ASK_CAUSE",
        why_before={"code": "NO_TIME", "numbers": {}},
        why_after={},
    )
    return replay, account


class TestOneReplay:
    @pytest.mark.parametrize("language", ["en", "zh-hans"])
    def test_shows_rules_grades_work_and_names(
        self, street, rules_beside_rules, language, django_assert_max_num_queries
    ):
        replay, account = rules_beside_rules
        client = signed_in.client_of(street.head, language=language)

        with django_assert_max_num_queries(MOST_QUERIES):
            answer = client.get(f"/replay/{replay.pk}/")
            listed = client.get(f"/replay/{replay.pk}/", {"part": "accounts"})
            planned = client.get(f"/replay/{replay.pk}/", {"part": "work"})

        page = answer.context["page"]
        text = "".join(one.content.decode() for one in (answer, listed, planned))
        assert "⚠" not in text
        assert [tab.count for tab in page.tabs] == [None, 1, 1]
        assert [(row.before, row.after) for row in page.rules] == [("0", "1")]
        assert (
            page.summary
            == {
                "en": "Of 7 accounts: 2 with another grade, 1 with another grade waiting. "
                "The work of 1 day: 1 more, 0 fewer, 0 by another remedy.",
                "zh-hans": "7 户中：等级不同 2 户、待定等级不同 1 户。"
                "1 天的工作中：新列入 1 条、不再列入 0 条、换办法 0 条。",
            }[language]
        )
        assert page.versions == ()  # both sides name one version
        assert [(row.code, [cell.n for cell in row.cells]) for row in page.matrix.rows] == [
            ("A", [5, 0]),
            ("B", [2, 0]),
        ]
        (moves,) = page.moves
        assert [move.n for move in moves.moves] == [1]
        (drawn,) = [c for c in page.grades_charts if "A" in c.title and len(page.grades_charts)]
        assert [one["values"] for one in drawn.data["series"]] == [[5, 5], [7, 7]]
        lines = listed.context["page"].lines
        assert [line.account_number for line in lines] == [account.number]
        work = planned.context["page"].work
        assert [(row.n_before, row.n_after, row.n_on) for row in work.totals] == [(3, 4, 1)]
        assert (page.lines, page.work, page.work_lines) == ((), None, ())  # each in its part
        assert f"/replay/{replay.pk}/account/{account.number}/" in text

    def test_says_versions_by_their_days_and_by_their_exact_names(self, street):
        after = {"grading": "grading/2026-12-01#680efb7f6742", "risk": "risk/2014-11-01"}
        before = {"grading": "grading/2021-11-01", "risk": "risk/2014-11-01"}
        replay = making.made(policies_before=before, policies_after=after)
        making.counted(replay, street.area, ("GRADE", "A", "A", 5))

        (rule,) = (
            signed_in.client_of(street.head).get(f"/replay/{replay.pk}/").context["page"].versions
        )

        assert (rule.before, rule.after) == ("from 1 Nov 2021", "on trial, from 1 Dec 2026")
        assert rule.exact == "grading/2021-11-01 → grading/2026-12-01#680efb7f6742"

    def test_the_list_calls_whoever_asked_by_a_name(self, street):
        for asker in (f"staff:{street.head.number}", "cli:replay"):
            making.counted(making.made(requested_by=asker), street.area, ("GRADE", "A", "A", 5))

        page = signed_in.client_of(street.head).get("/replay/").context["page"]

        assert {line.requested_by for line in page.lines} == {street.head.name, "the system"}

    def test_a_cell_leads_to_its_accounts(self, street, rules_beside_rules):
        replay, account = rules_beside_rules
        client = signed_in.client_of(street.head)

        there = client.get(f"/replay/{replay.pk}/", {"before": "B", "after": "A"})
        elsewhere = client.get(f"/replay/{replay.pk}/", {"before": "A", "after": "B"})

        assert [line.account_number for line in there.context["page"].lines] == [account.number]
        assert elsewhere.context["page"].lines == ()
        assert client.get(f"/replay/{replay.pk}/", {"before": "X"}).status_code == 404

    def test_a_name_is_masked_above_the_station(self, street, rules_beside_rules):
        replay, _account = rules_beside_rules
        branch = make.make_staff(station=street.head.org_unit, post="BRANCH")
        heads, branches = (
            signed_in.client_of(who)
            .get(f"/replay/{replay.pk}/", {"part": "accounts"})
            .context["page"]
            .lines[0]
            .name
            for who in (street.head, branch)
        )

        assert heads != branches
        assert "*" in branches

    def test_is_exported_as_xlsx_and_csv(self, street, rules_beside_rules):
        replay, account = rules_beside_rules
        client = signed_in.client_of(street.head)

        book = client.get(f"/replay/{replay.pk}/", {"as": "xlsx"})
        text = client.get(f"/replay/{replay.pk}/", {"as": "csv"}).content.decode("utf-8-sig")

        assert book.content.startswith(b"PK")
        head, row = csv.reader(io.StringIO(text))
        assert row[head.index("Account number")] == account.number
        assert row[head.index("Grade before") : head.index("Grade after") + 1] == ["B", "A"]
        assert client.get(f"/replay/{replay.pk}/", {"as": "pdf"}).status_code == 404

    def test_says_that_a_night_came_out_the_same(self, street):
        replay = making.made(notes=[])
        making.counted(replay, street.area, ("GRADE", "A", "A", 5))
        ReplayNight.objects.create(
            replay=replay,
            side="AFTER",
            day=making.LAST,
            is_kept=False,
            n_accounts=5,
            result_sha256="0" * 64,
            n_shards_alike=3,
            n_shards_unlike=0,
            finished_at=make.MORNING,
        )

        page = signed_in.client_of(street.head).get(f"/replay/{replay.pk}/").context["page"]

        assert page.verdict.tone == "good"
        assert "3 parts" in page.verdict.text

    def test_one_that_stopped_can_go_on(self, street):
        replay = making.made(
            finished_at=None,
            failed_because="ShardFailed",
            requested_by=f"staff:{street.head.number}",
        )

        text = signed_in.client_of(street.head).get(f"/replay/{replay.pk}/").content.decode()

        assert "It stopped: some of the accounts could not be decided." in text
        assert "For whoever runs the system: ShardFailed" in text
        assert f"/replay/{replay.pk}/go-on/" in text

    def test_the_doors_of_one_day(self, street, rules_beside_rules):
        replay, account = rules_beside_rules
        client = signed_in.client_of(street.head)
        path = f"/replay/{replay.pk}/"

        there = client.get(path, {"part": "work", "day": make.TODAY.isoformat()}).context["page"]
        other = client.get(path, {"part": "work", "day": making.LAST.isoformat()}).context["page"]

        assert [line.url for line in there.work_lines] == [f"/customers/{account.number}/"]
        assert there.work_lines[0].why_before == "No time left that day"
        assert (other.work_lines, other.work.n_lines) == ((), 0)
        for wrong in ({"part": "work", "day": "yesterday"}, {"part": "people"}):
            assert client.get(path, wrong).status_code == 404


class TestWhoMaySeeIt:
    @pytest.mark.parametrize("post", ["MANAGER", "AGENT", "CREW"])
    def test_only_those_who_lead(self, street, rules_beside_rules, post):
        replay, account = rules_beside_rules
        client = signed_in.client_of(make.make_staff(station=street.head.org_unit, post=post))

        for address in ("", f"{replay.pk}/", f"{replay.pk}/account/{account.number}/"):
            assert client.get(f"/replay/{address}").status_code == 404

    def test_no_other_district_sees_anything(self, street, rules_beside_rules):
        replay, account = rules_beside_rules
        client = signed_in.client_of(street.other_branch)

        assert client.get("/replay/").context["page"].lines == ()
        assert client.get(f"/replay/{replay.pk}/").status_code == 404
        assert client.get(f"/replay/{replay.pk}/account/{account.number}/").status_code == 404
        assert client.post(f"/replay/{replay.pk}/go-on/").status_code == 404

    def test_of_a_replay_of_both_districts_each_sees_its_own(self, street, rules_beside_rules):
        replay, _account = rules_beside_rules
        theirs = make.make_area(station=street.other_branch.org_unit)
        making.counted(replay, theirs, ("GRADE", "C", "C", 9))

        client = signed_in.client_of(street.other_branch)
        page, accounts, work = (
            client.get(f"/replay/{replay.pk}/", {"part": part}).context["page"]
            for part in ("", "accounts", "work")
        )

        assert page.matrix.codes == ("C",)
        assert [tab.count for tab in page.tabs] == [None, 0, None]
        assert (accounts.lines, work.work, work.work_lines) == ((), None, ())


class TestBeginning:
    def test_says_what_is_needed_first(self, street):
        text = signed_in.client_of(street.head).get("/replay/").content.decode()

        assert "No night has run yet" in text

    @pytest.mark.parametrize("language", ["en", "zh-hans"])
    def test_the_list_and_its_forms(self, street, rules_beside_rules, language):
        make.make_night()

        answer = signed_in.client_of(street.head, language=language).get("/replay/")

        assert "⚠" not in answer.content.decode()
        assert len(answer.context["page"].lines) == 1

    def test_the_rules_on_trial_are_offered_by_name_whatever_a_file_is_called(
        self, street, settings
    ):
        make.make_night()
        self.candidate(settings, making.CANDIDATE)
        (settings.CANDIDATES_FOLDER / "grading" / "notes.toml").write_text("", encoding="utf-8")

        answer = signed_in.client_of(street.head).get("/replay/")

        assert answer.context["page"].rules.fields["candidate"].choices[1:] == [
            ("grading/2026-12-01", "Customer grades (from 1 Dec 2026)"),
            ("grading/notes", "grading/notes"),
        ]

    @pytest.mark.parametrize(
        ("sent", "field"),
        [
            ({"candidate": ""}, "candidate"),
            ({"last_day": making.LAST - timedelta(3)}, "last_day"),
            ({"candidate": "grading/2026-12-09"}, "candidate"),
            ({"first_day": "tomorrow"}, "first_day"),
            ({"last_day": make.TODAY}, "last_day"),
            ({"first_day": making.LAST - timedelta(80)}, "last_day"),
            ({"area": "nowhere"}, "area"),
        ],
    )
    def test_a_wrong_form_says_where(self, street, settings, sent, field):
        make.make_night()
        self.candidate(settings, making.CANDIDATE)
        usual = {
            "candidate": "grading/2026-12-01",
            "first_day": making.LAST,
            "last_day": making.LAST,
            "area": "",
        }

        answer = signed_in.client_of(street.head).post("/replay/rules/", {**usual, **sent})

        assert answer.status_code == 422
        assert field in answer.context["page"].rules.errors
        assert not Replay.objects.exists()

    @pytest.mark.parametrize("moment", ["", "2099-01-01T08:00", "soon"])
    def test_a_moment_that_is_missing_or_still_to_come_is_refused_at_its_field(
        self, street, moment
    ):
        night = make.make_night()
        sent = {"night": night.pk, "knowledge": "MOMENT", "moment": moment}

        answer = signed_in.client_of(street.head).post("/replay/night/", sent)

        assert answer.status_code == 422
        assert set(answer.context["page"].night.errors) == {"moment"}
        assert len(answer.context["page"].night.errors["moment"]) == 1
        assert not Replay.objects.exists()

    @pytest.mark.parametrize(
        ("language", "text", "said"),
        [
            ("en", making.CANDIDATE.replace("value = 1", 'value = "1"'), "reminded_months_a"),
            (
                "en",
                making.CANDIDATE.replace("reminded_months_a", "reminded_months_z"),
                "no such row",
            ),
            ("zh", making.CANDIDATE.replace("reminded_months_a", "reminded_months_z"), "没有规则"),
            ("en", "[title", "2026-12-01.toml: not TOML"),
            ("zh", "[title", "2026-12-01.toml：不是有效的 TOML 文件"),
        ],
    )
    def test_wrong_rules_are_refused_by_file_and_row(self, street, settings, language, text, said):
        make.make_night()
        self.candidate(settings, text)

        answer = signed_in.client_of(street.head, language=language).post(
            "/replay/rules/",
            {
                "candidate": "grading/2026-12-01",
                "first_day": making.LAST,
                "last_day": making.LAST,
                "area": "",
            },
        )

        assert answer.status_code == 422
        assert said in str(answer.context["page"].rules.non_field_errors())
        assert not Replay.objects.exists()

    def candidate(self, settings, text: str) -> None:
        file = settings.CANDIDATES_FOLDER / "grading" / "2026-12-01.toml"
        file.parent.mkdir(parents=True)
        file.write_text(text, encoding="utf-8")
