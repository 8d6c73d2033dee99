"""What a replay found, for a terminal: in the operator's language, or as JSON for a program."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from rich.console import Console
from rich.table import Table

from lamplighter.action.worklist.beside import PersonDay
from lamplighter.findings.replay.queries import Change, Changes, NightDecided, Pairs, ReplayFacts
from lamplighter.policy.loader import Words

ABOUT = ("GRADE", "WAITING", "RISK", "CAUSE")
ORDER = {
    "GRADE": ("A", "B", "C", "D", "N", ""),
    "WAITING": ("A", "B", "C", "D", ""),
    "RISK": ("HIGH", "MEDIUM", "LOW", ""),
    "CAUSE": (
        *("UNFUNDED_DEBIT", "SHORT_BALANCE", "ABSENT_FAMILY", "DISPUTE", "HARDSHIP", "WILFUL"),
        *("UNKNOWN", ""),
    ),
}
SAID = {
    "GRADE": Words(zh="等级", en="Grade"),
    "WAITING": Words(zh="待升或待确认的等级", en="Grade that waits"),
    "RISK": Words(zh="欠费风险", en="Risk of arrears"),
    "CAUSE": Words(zh="欠费原因", en="Cause of arrears"),
    "one night": Words(zh="重演 {id}: {first} 当夜", en="Replay {id}: the night of {first}"),
    "nights": Words(zh="重演 {id}: {first} 至 {last}", en="Replay {id}: {first} to {last}"),
    "known": Words(
        zh="前: 截至 {before} 所知; 后: 截至 {after} 所知",
        en="Before: as known at {before}; after: as known at {after}",
    ),
    "policy": Words(zh="规则 {name}: {before} → {after}", en="Rule {name}: {before} → {after}"),
    "same": Words(
        zh="一字不差: {n} 个分片的结果与当夜留存逐字节相同",
        en="Unchanged, byte for byte: {n} shards come out as they were kept",
    ),
    "unlike": Words(
        zh="{unlike} 个分片与当夜留存不同, {alike} 个逐字节相同",
        en="{unlike} shards come out otherwise than they were kept, {alike} byte for byte the same",
    ),
    "form": Words(
        zh="没有一户的研判不同: 不同的只是结果文件的写法",
        en="No account is found otherwise: only the form of the files differs",
    ),
    "none": Words(zh="没有一户的研判不同", en="No account is found otherwise"),
    "changed": Words(
        zh="{decisions} 户的等级、风险或原因不同; 连同金额、预测等共 {all} 户不同",
        en="{decisions} accounts differ in grade, risk or cause; {all} in anything",
    ),
    "before → after": Words(zh="前 ＼ 后", en="before \\ after"),
    "account": Words(zh="户", en="account"),
    "why": Words(zh="依据", en="why"),
    "more": Words(zh="另有 {n} 户, 见页面或 --json", en="{n} more: see the page, or --json"),
    "day": Words(zh="日期", en="day"),
    "differ": Words(zh="不同的户数", en="accounts that differ"),
    "person": Words(zh="台区经理", en="manager"),
    "items": Words(zh="条目 前→后", en="lines, before → after"),
    "minutes": Words(zh="分钟 前→后", en="minutes, before → after"),
    "on": Words(zh="新列入", en="come on"),
    "off": Words(zh="不再列入", en="drop off"),
    "other": Words(zh="换办法", en="other remedy"),
    "nobody": Words(zh="无", en="none"),
}
NOTES = {
    "NO_NIGHT_KEPT": Words(
        zh="没有同一天同一所知的留存夜可对照, 两边都重新研判",
        en="No night of that day and knowledge is kept: both sides were decided again",
    ),
    "FILES_GONE": Words(
        zh="当夜的结果文件已不在, 前一边重新研判",
        en="The kept night's files are gone: the side before was decided again",
    ),
    "BEFORE_GONE": Words(
        zh="当夜所接的前一夜等级已不在, 改由仍留存的更早一夜接起",
        en="What the kept night began with is gone: it was taken from the night before it",
    ),
    "KERNEL_DIFFERS": Words(
        zh="算法 {name} 当夜是 {kept}, 如今是 {now}",
        en="The kernel {name} was {kept} then and is {now} today",
    ),
    "POLICY_DIFFERS": Words(
        zh="规则 {name} 当夜是 {kept}, 重演用 {now}",
        en="The rule {name} was {kept} then; the replay uses {now}",
    ),
    "POLICY_GONE": Words(
        zh="当夜所用规则 {version} 已不在", en="The rule {version} used then is gone"
    ),
}
REASONS = {
    "BILL": Words(zh="账单", en="bill"),
    "PAYMENT": Words(zh="缴费", en="payment"),
    "DEBIT": Words(zh="代扣", en="debit"),
    "REMINDER": Words(zh="提醒", en="reminder"),
    "AGREEMENT": Words(zh="合同", en="agreement"),
    "PREMISE": Words(zh="用电地址", en="premise"),
    "CONTACT": Words(zh="联系人", en="contact"),
    "FLAG": Words(zh="标识", en="flag"),
    "READING": Words(zh="读数", en="readings"),
    "OUTCOME": Words(zh="办理结果", en="outcome of work"),
    "RULING": Words(zh="人的决定", en="a person's decision"),
    "RULES": Words(zh="规则或算法不同", en="other rules or kernels"),
    "OTHERS": Words(
        zh="邻居的读数或全体学得的评分有变",
        en="neighbours' readings, or what is learnt from all, became others",
    ),
    "NOTHING_FOUND": Words(zh="没有找到依据", en="nothing was found that explains it"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """All that a replay is told by."""

    replay: ReplayFacts
    nights: Sequence[NightDecided]
    pairs: Mapping[str, Mapping[date, Pairs]]  # by what is compared
    changes: Changes
    numbers: Mapping[int, str]  # account numbers by id
    work: Sequence[PersonDay]


def as_json(report: Report) -> dict[str, Any]:
    """Return the report as plain values; accounts by number, never by name."""
    replay = report.replay
    return {
        "replay": replay.replay_id,
        "first_day": replay.first_day.isoformat(),
        "last_day": replay.last_day.isoformat(),
        "known_before_at": replay.known_before_at.isoformat(),
        "known_after_at": replay.known_after_at.isoformat(),
        "kernels": replay.kernels,
        "policies_before": replay.policies_before,
        "policies_after": replay.policies_after,
        "notes": replay.notes,
        "nights": [
            {name: _plain(getattr(night, name)) for name in night.__dataclass_fields__}
            for night in report.nights
        ],
        "counts": {
            about.lower(): {
                day.isoformat(): [
                    {"before": one, "after": other, "n_accounts": n}
                    for (one, other), n in sorted(pairs.items())
                ]
                for day, pairs in days.items()
            }
            for about, days in report.pairs.items()
        },
        "n_changed": report.changes.n_all,
        "n_decisions_changed": report.changes.n_decisions,
        "changes": [
            {
                "account": report.numbers.get(change.account_id, ""),
                "before": change.before,
                "after": change.after,
                "because": change.because,
            }
            for change in report.changes.changes
        ],
        "work": [
            {
                name: _plain(getattr(row, name))
                for name in row.__dataclass_fields__
                if name != "name"
            }
            for row in report.work
        ],
    }


def _plain(value: Any) -> Any:
    return value if isinstance(value, int | str | None) else str(value)


def show(report: Report, *, console: Console, language: str, shown: int) -> None:
    """Print the report as tables."""
    speak = _Speaker(console=console, language=language)
    replay = report.replay
    key = "one night" if replay.first_day == replay.last_day else "nights"
    speak.line(SAID[key], id=replay.replay_id, first=replay.first_day, last=replay.last_day)
    before, after = (m.isoformat() for m in (replay.known_before_at, replay.known_after_at))
    speak.line(SAID["known"], before=before, after=after)
    for name, version in replay.policies_after.items():
        if replay.policies_before.get(name) != version:
            old = replay.policies_before.get(name, "")
            speak.line(SAID["policy"], name=name, before=old, after=version)
    for note in replay.notes:
        speak.line(NOTES[note["code"]], **note)
    _verdict(report, speak)
    for about, days in report.pairs.items():
        if replay.last_day in days and not replay.asks_for_the_same:
            _matrix(about, days[replay.last_day], speak)
    if replay.first_day != replay.last_day:
        _days(report, speak)
    if report.changes.changes:
        _changes(report, speak, shown=shown)
    if report.work:
        _work(report.work, speak)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Speaker:
    console: Console
    language: str

    def say(self, words: Words, **numbers: Any) -> str:
        return words.in_language(self.language).format_map(numbers)

    def line(self, words: Words, **numbers: Any) -> None:
        self.console.print(self.say(words, **numbers), highlight=False, soft_wrap=True)

    def table(self, *columns: str, numbers: bool = True) -> Table:
        table = Table(*columns, box=None, pad_edge=False, header_style="")
        for column in table.columns[1:]:
            column.justify = "right" if numbers else "left"
        return table

    def show(self, table: Table, *, title: Words | None = None) -> None:
        self.console.print()
        if title is not None:
            self.line(title)
        self.console.print(table)


def _verdict(report: Report, speak: _Speaker) -> None:
    compared = [night for night in report.nights if night.n_shards_alike is not None]
    alike = sum(night.n_shards_alike or 0 for night in compared)
    unlike = sum(night.n_shards_unlike or 0 for night in compared)
    if compared and not unlike:
        speak.line(SAID["same"], n=alike)
    elif compared:
        speak.line(SAID["unlike"], alike=alike, unlike=unlike)
        if not report.changes.n_all and report.replay.asks_for_the_same:
            speak.line(SAID["form"])
    if report.changes.n_all:
        n = report.changes
        speak.line(SAID["changed"], decisions=n.n_decisions, all=n.n_all)
    elif not report.replay.asks_for_the_same:
        speak.line(SAID["none"])


def _matrix(about: str, pairs: Pairs, speak: _Speaker) -> None:
    there = {code for pair in pairs for code in pair}
    codes = [code for code in ORDER[about] if code in there]
    table = speak.table(speak.say(SAID["before → after"]), *(c or "–" for c in codes))
    for old in codes:
        table.add_row(old or "–", *(str(pairs.get((old, new), 0)) for new in codes))
    speak.show(table, title=SAID[about])


def _days(report: Report, speak: _Speaker) -> None:
    table = speak.table(speak.say(SAID["day"]), *(speak.say(SAID[about]) for about in ABOUT))
    days = sorted({day for by_day in report.pairs.values() for day in by_day})
    for day in days:
        table.add_row(day.isoformat(), *(str(_differ(report.pairs[a].get(day, {}))) for a in ABOUT))
    speak.show(table, title=SAID["differ"])


def _differ(pairs: Pairs) -> int:
    return sum(n for (before, after), n in pairs.items() if before != after)


def _changes(report: Report, speak: _Speaker, *, shown: int) -> None:
    names = ("account", *ABOUT, "why")
    table = speak.table(*(speak.say(SAID[name]) for name in names), numbers=False)
    for change in report.changes.changes[:shown]:
        steps = (
            (change.grade_before, change.grade_after),
            tuple(side.get("candidate_grade", "") for side in (change.before, change.after)),
            (change.risk_before, change.risk_after),
            (change.cause_before, change.cause_after),
        )
        table.add_row(
            report.numbers.get(change.account_id, ""),
            *("" if old == new else f"{old or '–'} → {new or '–'}" for old, new in steps),
            "; ".join(_because(reason, speak) for reason in change.because) + _rule(change),
        )
    speak.show(table)
    left = report.changes.n_all - min(shown, len(report.changes.changes))
    if left:
        speak.line(SAID["more"], n=left)


def _rule(change: Change) -> str:
    """Return the rule of grading that now decides, where a grade or one that waits differs."""
    names = ("grade", "candidate_grade")
    if all(change.before.get(name) == change.after.get(name) for name in names):
        return ""
    steps = change.after.get("grade_trace") or [{"rule": ""}]
    return f" ({steps[0]['rule']})"


def _because(reason: Mapping[str, Any], speak: _Speaker) -> str:
    said = speak.say(REASONS[reason["code"]])
    if "recorded_at" not in reason:
        return said
    was, now = reason["was"] or {}, reason["now"] or {}
    names = [name for name in {**was, **now} if was.get(name) != now.get(name)]
    steps = ", ".join(f"{n} {was.get(n, '–')}→{now.get(n, '–')}" for n in names)
    source = reason["file_name"] or reason["recorded_by"]
    return f"{said} {reason['key']}: {steps} ({reason['recorded_at'][:16]}, {source})"


def _work(work: Sequence[PersonDay], speak: _Speaker) -> None:
    names = ("person", "day", "items", "minutes", "on", "off", "other")
    table = speak.table(*(speak.say(SAID[name]) for name in names))
    for row in work:
        table.add_row(
            row.name,
            row.day.isoformat(),
            f"{row.n_before} → {row.n_after}",
            f"{row.minutes_before} → {row.minutes_after}",
            *(str(n) for n in (row.n_on, row.n_off, row.n_other)),
        )
    speak.show(table)
