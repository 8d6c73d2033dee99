"""Request texts of a file, from the command line."""

import csv
from io import StringIO

import pytest
from django.core.management import CommandError, call_command


@pytest.fixture(autouse=True)
def _folder(settings, learnt_folder):
    settings.LEARNT_FOLDER = learnt_folder


def run(tmp_path, text, *options, encoding="utf-8"):
    file, into = tmp_path / "in.csv", tmp_path / "out.csv"
    file.write_bytes(text.encode(encoding))
    said = StringIO()
    call_command("classify_requests", str(file), "--into", str(into), *options, stdout=said)
    with into.open(encoding="utf-8-sig", newline="") as opened:
        return list(csv.DictReader(opened)), said.getvalue()


def test_adds_the_type_and_the_words(tmp_path):
    rows, said = run(tmp_path, "编号,受理内容\n1,就我家没电 邻居都有电\n2,\n3,=1+1\n")

    assert [row["type"] for row in rows] == ["ONE_HOME", "", ""]
    assert rows[0]["type_zh"] == "单户无电"
    assert 0.5 < float(rows[0]["probability"]) <= 1.0
    assert rows[0]["words"]
    assert [row["left_to_people"] for row in rows] == ["", "yes", "yes"]
    assert rows[2]["受理内容"] == "'=1+1"
    assert "3 requests" in said


def test_reads_other_encodings_and_names_topics(tmp_path):
    usual = "".join(
        f"2026-{month:02d}-{day:02d} 08:00,这个月电费多少\n"
        for month in (1, 2, 3)
        for day in range(1, 28)
    )
    new = "2026-03-27 09:00,换了新表闸门发热\n" * 7

    rows, said = run(
        tmp_path,
        f"时间,内容\n{usual}{new}",
        *("--text-column", "内容", "--day-column", "时间", "--encoding", "gb18030"),
        encoding="gb18030",
    )

    assert len(rows) == 88
    assert "phrase" in said
    assert "2026-03-21 to 2026-03-27" in said


@pytest.mark.parametrize(
    ("text", "options", "said"),
    [
        ("a,b\n1,2\n", [], "no column 受理内容; there are: a, b"),
        ("", [], "there are: none"),
        ("受理内容,日\n没电,昨天\n", ["--day-column", "日"], "row 2: '昨天' begins with no"),
        ("受理内容\n没电\n", ["--encoding", "no-such"], "unknown encoding"),
    ],
)
def test_says_what_is_wrong_and_leaves_no_file(tmp_path, text, options, said):
    with pytest.raises(CommandError, match=said):
        run(tmp_path, text, *options)

    assert not (tmp_path / "out.csv").exists()


def test_says_which_encoding_to_try(tmp_path):
    with pytest.raises(CommandError, match="gb18030"):
        run(tmp_path, "受理内容\n没电\n", encoding="gb18030")


def test_writes_over_nothing(tmp_path):
    (tmp_path / "out.csv").write_text("mine")

    with pytest.raises(CommandError, match="exists"):
        run(tmp_path, "受理内容\n没电\n")

    assert (tmp_path / "out.csv").read_text() == "mine"


def test_says_in_chinese_what_it_wrote_and_what_rose(tmp_path, monkeypatch):
    monkeypatch.delenv("LC_MESSAGES", raising=False)
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")

    _rows, said = run(tmp_path, "日,受理内容\n2026-03-27,没电\n", "--day-column", "日")

    assert "1 件诉求已写入" in said
    assert "含个人信息，请妥善保管" in said
    assert "以往数据太少，无法查找新苗头" in said
