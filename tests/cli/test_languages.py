"""Whoever types a command reads it in the language of their terminal."""

import ast
import io
import re
from argparse import ArgumentParser, _SubParsersAction
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command, get_commands, load_command_class
from django.core.management.base import BaseCommand

from lamplighter import cli
from lamplighter.cli import commands, languages
from lamplighter.findings.models import Night
from tests.facts.intake.conftest import UNITS

OURS = sorted((name, app) for name, app in get_commands().items() if app == "lamplighter.cli")
FILES = sorted(Path(cli.__file__).parent.rglob("*.py"))
HAN = re.compile(r"[\u4e00-\u9fff]")
DJANGOS = {
    option
    for action in BaseCommand().create_parser("lamplighter", "any")._actions
    for option in action.option_strings
}


@pytest.fixture(autouse=True)
def _today(settings):
    settings.DEMO_TODAY = date(2026, 11, 25)


@pytest.fixture
def terminal(monkeypatch):
    """Set what the terminal says of its language."""

    def say(language: str) -> None:
        for name in ("LC_ALL", "LC_MESSAGES"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("LANG", language)

    return say


def helps(parser: ArgumentParser) -> Iterator[str]:
    """Yield all that a command of ours explains, its verbs with it."""
    if parser.description:
        yield parser.description
    for action in parser._actions:
        if isinstance(action, _SubParsersAction):
            yield from (str(verb.help) for verb in action._choices_actions)
            for verb in action.choices.values():
                yield from helps(verb)
        elif not set(action.option_strings) & DJANGOS:
            yield str(action.help)


def test_the_commands_are_found():
    assert len(OURS) >= 15


@pytest.mark.parametrize(("name", "n_told"), [("worker", 4), ("night", 2)])
def test_the_worker_explains_itself_in_both_languages_at_once(name, n_told):
    command = load_command_class("lamplighter.worker", name)

    told = list(helps(command.create_parser("lamplighter", name)))

    assert len(told) == n_told
    assert all(HAN.search(text) and re.search("[a-z]{3}", text) for text in told)


@pytest.mark.parametrize(("name", "app"), OURS)
def test_each_command_explains_itself_in_both_languages(terminal, name, app):
    command = load_command_class(app, name)
    assert isinstance(command, commands.SpokenCommand)

    terminal("zh_CN.UTF-8")
    chinese = list(helps(command.create_parser("lamplighter", name)))
    terminal("en_GB.UTF-8")
    english = list(helps(command.create_parser("lamplighter", name)))

    assert len(chinese) == len(english)
    assert [text for text in chinese if not HAN.search(text)] == []
    assert [text for text in english if HAN.search(text.replace("受理内容", ""))] == []


@pytest.mark.parametrize(("name", "app"), OURS)
def test_help_is_printed_in_the_language_of_the_terminal(terminal, capsys, name, app):
    terminal("zh_CN.UTF-8")

    with pytest.raises(SystemExit):
        load_command_class(app, name).run_from_argv(["lamplighter", name, "--help"])

    assert HAN.search(capsys.readouterr().out)


@pytest.mark.parametrize(
    ("told", "language"),
    [
        ({"LANG": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "C.UTF-8"}, "zh"),
        ({}, "zh"),
        ({"LANG": "en_GB.UTF-8"}, "en"),
        ({"LANG": "zh_CN.UTF-8", "LC_MESSAGES": "en_US.UTF-8"}, "en"),
        ({"LANG": "en_US.UTF-8", "LC_ALL": "zh_CN.UTF-8"}, "zh"),
    ],
)
def test_a_terminal_that_does_not_ask_for_english_is_chinese(monkeypatch, told, language):
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in told.items():
        monkeypatch.setenv(name, value)

    assert languages.of_the_terminal() == language


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("command", "chinese", "english"),
    [
        (["nightly", "--as-of", "24.11.2026"], "不是日期：请写成 2026-11-24", "is no day"),
        (["nightly", "--as-of", "2999-01-01"], "还没有到：今天是", "still to come: today is"),
        (["nightly", "--as-of", "2026-11-24", "--workers", "0"], "1 以上", "1 or more"),
        (["nightly", "--as-of", "2026-11-24"], "还没有用电户", "there is no account yet"),
        (
            ["nightly", "--as-of", "2026-11-24", "--engine", "cluster"],
            "两者须同时给出",
            "give both",
        ),
        (
            ["nightly", "--as-of", "2026-11-24", "--scheduler", "127.0.0.1"],
            "调度器无法使用：'127.0.0.1'",
            "scheduler cannot be used",
        ),
        (["plan_day", "2026-11-25"], "请先运行 nightly", "run nightly first"),
        (["give_login", "NOBODY"], "人员名单中没有工号 NOBODY", "nobody of the staff"),
        (["quarantine", "9", "--output", "x"], "没有编号为 9 的导入记录", "no delivery 9"),
        (["import_files", "none.csv", "--mapping", "m"], "没有文件 none.csv", "no file none.csv"),
        (["import_files", "."], "清单应写成 {", "manifest.json: write {"),
        (["replay", "--from", "2026-11-24"], "--from 和 --to 须同时给出", "go together"),
        (
            ["replay", "--as-of", "2026-11-24", "--areas", "X"],
            "没有编码为 X 的台区",
            "no station area X",
        ),
        (
            ["replay", "--from", "2026-11-24", "--to", "2026-11-01"],
            "最后一天 2026-11-01 早于第一天 2026-11-24",
            "2026-11-01 is before 2026-11-24",
        ),
        (["api_tokens", "revoke", "9"], "没有编号为 9 的令牌", "no token 9"),
        (["webhooks", "end", "9"], "没有编号为 9 的推送", "no subscription 9"),
        (["judge_in_force", "--ships"], "须由人决定", "a person decides"),
        (["publish_articles", "none"], "none 不是文件夹", "none is no folder"),
    ],
)
def test_what_is_wrong_is_said_in_both_languages(
    terminal, settings, tmp_path, monkeypatch, command, chinese, english
):
    monkeypatch.chdir(tmp_path)
    terminal("zh_CN.UTF-8")
    with pytest.raises(CommandError) as in_chinese:
        call_command(*command)
    terminal("en_GB.UTF-8")
    with pytest.raises(CommandError) as in_english:
        call_command(*command)

    assert chinese in str(in_chinese.value)
    assert english in str(in_english.value)
    assert not HAN.search(str(in_english.value))
    assert not Night.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("command", "chinese", "english"),
    [
        (["status"], "还没有做过夜间研判", "no night has run yet"),
        (["erase_expired"], "0 件异议、0 条复核决定", "0 contests, 0 decisions"),
        (["judge_in_force"], "一直使用产品自带的判定模型", "always been in force"),
    ],
)
def test_what_was_done_is_said_in_both_languages(
    terminal, settings, tmp_path, command, chinese, english
):
    settings.ATTACHMENTS_FOLDER = tmp_path
    said = {}
    for language in ("zh_CN.UTF-8", "en_GB.UTF-8"):
        terminal(language)
        out = io.StringIO()
        call_command(*command, stdout=out)
        said[language] = out.getvalue()

    assert chinese in said["zh_CN.UTF-8"]
    assert english in said["en_GB.UTF-8"]
    assert not HAN.search(said["en_GB.UTF-8"])


@pytest.mark.django_db
def test_what_became_of_a_file_is_said_in_both_languages(terminal, settings, tmp_path):
    settings.ARCHIVE_FOLDER, settings.LAKE_FOLDER = tmp_path / "archive", tmp_path / "lake"
    mapping, file, empty = (tmp_path / name for name in ("units.toml", "a.csv", "b.csv"))
    mapping.write_text(UNITS, encoding="utf-8")
    file.write_bytes("单位编码,单位类型,单位名称,上级单位\nP,省公司,省,无\n".encode("gb18030"))
    empty.write_bytes(b"")

    said = {}
    for language in ("zh_CN.UTF-8", "en_GB.UTF-8"):
        terminal(language)
        out = io.StringIO()
        call_command("import_files", str(file), mapping=mapping, stdout=out)
        with pytest.raises(CommandError) as refused:
            call_command("import_files", str(empty), mapping=mapping, stdout=out)
        mapping.with_name("bad.toml").write_text("record = ", encoding="utf-8")
        with pytest.raises(CommandError) as wrong:
            call_command("import_files", str(file), mapping=mapping.with_name("bad.toml"))
        said[language] = f"{out.getvalue()}{refused.value}\n{wrong.value}"

    assert "读到 1\t导入 1\t未变 0\t暂扣 0\n" in said["zh_CN.UTF-8"]
    assert "1 个文件中有 1 个被退回" in said["zh_CN.UTF-8"]
    assert "read 1\timported 1\tunchanged 0\tquarantined 0\talready known\n" in said["en_GB.UTF-8"]
    assert "1 of 1 files refused" in said["en_GB.UTF-8"]
    assert all(HAN.search(line) for line in said["zh_CN.UTF-8"].splitlines())
    assert not HAN.search(said["en_GB.UTF-8"])


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_no_sentence_is_printed_past_the_catalogues(path):
    printed = [
        ast.unparse(call)
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call)
        and re.search(
            r"(CommandError|ArgumentTypeError|\.write|add_parser)$", ast.unparse(call.func)
        )
        and any(is_bare(argument) for argument in [*call.args, *(k.value for k in call.keywords)])
    ]

    assert printed == []


def is_bare(argument: ast.expr) -> bool:
    """Tell a sentence that no catalogue translates; columns for programs are none."""
    parts = argument.values if isinstance(argument, ast.JoinedStr) else [argument]
    words = "".join(str(part.value) if isinstance(part, ast.Constant) else "" for part in parts)
    return bool(re.search(r"[A-Za-z]{2,}", words)) and " " in words and "\t" not in words


@pytest.mark.django_db
def test_an_option_for_the_language_wins(terminal):
    terminal("zh_CN.UTF-8")

    with pytest.raises(CommandError, match="a person decides"):
        call_command("judge_in_force", "--ships", "--language", "en")
