"""``lamplighter classify_requests FILE --into FILE``: the types of request texts in a CSV file."""

import csv
from argparse import ArgumentParser
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from django.conf import settings
from django.core.management.base import CommandError
from django.utils import timezone
from django.utils.translation import get_language, gettext_noop, pgettext
from django.utils.translation import gettext as _

from lamplighter.cli import commands
from lamplighter.findings.demand import learnt, letters
from lamplighter.findings.demand.learnt import Known
from lamplighter.insight.demand import emerging, sorting, topics
from lamplighter.policy import loader

ROWS_AT_ONCE = 2_000
MOST_ROWS = 1_000_000
TEXT_COLUMN = "受理内容"
WORDS = 3
DAYS = 7
ADDED = (
    *("type", "type_zh", "type_en", "group", "probability", "left_to_people"),
    *("likeliest", "words", "second", "second_probability"),
)


@dataclass
class Told:
    """What the topics are looked for in."""

    texts: list[str]
    types: list[str]
    days: list[date]


class Command(commands.SpokenCommand):
    """Adds columns to a file; nothing is kept of it."""

    help = gettext_noop(
        "Write a CSV of requests again, with the type of each, how sure, and the telling words."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help=_("CSV with a heading"))
        parser.add_argument("--into", type=Path, required=True, help=_("where to write"))
        column = _("the column of the words; default: %(column)s") % {"column": TEXT_COLUMN}
        parser.add_argument("--text-column", default=TEXT_COLUMN, help=column)
        parser.add_argument("--day-column", help=_("begins with YYYY-MM-DD; gives topics too"))
        parser.add_argument(
            "--encoding", default="utf-8-sig", help=_("e.g. gb18030; default utf-8")
        )

    def handle(
        self,
        *,
        file: Path,
        into: Path,
        text_column: str,
        day_column: str | None,
        encoding: str,
        **_options: Any,
    ) -> None:
        if into.exists():
            raise CommandError(_("%(file)s exists") % {"file": into})
        today = timezone.localdate()
        try:
            known = learnt.known_on(day=today, folder=Path(settings.LEARNT_FOLDER))
            told = Told(texts=[], types=[], days=[])
            with (
                file.open(encoding=encoding, newline="") as opened,
                into.open("x", encoding="utf-8-sig", newline="") as written,
            ):
                n = _write(opened, written, known, told, (text_column, day_column))
        except (loader.PolicyUnknown, OSError, csv.Error, LookupError) as error:
            into.unlink(missing_ok=True)
            said = _("%(file)s cannot be read: %(error)s")
            raise CommandError(said % {"file": file, "error": error}) from error
        except UnicodeDecodeError as error:
            into.unlink(missing_ok=True)
            said = _("%(file)s is not %(encoding)s: try --encoding gb18030")
            raise CommandError(said % {"file": file, "encoding": encoding}) from error
        except CommandError:
            into.unlink(missing_ok=True)
            raise
        into.chmod(0o600)
        said = _("%(n)s requests in %(file)s: with personal data, keep it safe")
        self.stdout.write(said % {"n": n, "file": into})
        if day_column is not None:
            for line in _topics(told, known=known, today=today):
                self.stdout.write(line)


def _write(
    opened: Any, written: Any, known: Known, told: Told, columns: tuple[str, str | None]
) -> int:
    rows = csv.DictReader(opened)
    names = rows.fieldnames or []
    for name in columns:
        if name is not None and name not in names:
            there = ", ".join(names) or pgettext("columns", "none")
            said = _("no column %(name)s; there are: %(there)s")
            raise CommandError(said % {"name": name, "there": there})
    writer = csv.writer(written)
    writer.writerow([*names, *ADDED])
    n = 0
    while part := list(islice(rows, ROWS_AT_ONCE)):
        n += len(part)
        if n > MOST_ROWS:
            raise CommandError(_("more than %(n)s rows: cut the file") % {"n": MOST_ROWS})
        found = sorting.sort(
            texts=[row[columns[0]] or "" for row in part], model=known.model, n_choices=2
        )
        for number, (row, proposal) in enumerate(zip(part, found, strict=True), start=1):
            text = row[columns[0]] or ""
            if columns[1] is not None:
                told.days.append(_day(row[columns[1]], row_number=n - len(part) + number + 1))
                told.texts.append(text)
                told.types.append(proposal.type)
            cells = [row[name] or "" for name in names]
            writer.writerow([_safe(cell) for cell in [*cells, *_cells(text, proposal, known)]])
    return n


def _cells(text: str, found: sorting.Proposal, known: Known) -> Iterator[str]:
    words = known.taxonomy.types
    yield found.type
    yield words[found.type].zh if found.type else ""
    yield words[found.type].en if found.type else ""
    yield found.group
    yield f"{found.choices[0].probability:.3f}" if found.choices else ""
    yield "" if found.type else "yes"
    best = found.choices[0].type if found.choices else ""
    yield best
    if best:
        why = sorting.explain(text=text, type=best, model=known.model)
        yield " / ".join(part.text for part in why.telling(at_most=WORDS))
    else:
        yield ""
    second = found.choices[1:2]
    yield second[0].type if second else ""
    yield f"{second[0].probability:.3f}" if second else ""


def _safe(cell: str) -> str:
    """Keep a cell from running as a formula where the file is opened."""
    return f"'{cell}" if cell.lstrip().startswith(("=", "+", "-", "@")) else cell


def _day(text: str | None, *, row_number: int) -> date:
    try:
        return date.fromisoformat((text or "").strip()[:10].replace("/", "-"))
    except ValueError as error:
        said = _("row %(n)s: %(text)s begins with no YYYY-MM-DD")
        raise CommandError(said % {"n": row_number, "text": repr(text)}) from error


def _topics(told: Told, *, known: Known, today: date) -> Sequence[str]:
    """Say which topics rose in the newest seven days of the file."""
    if not told.days:
        return [_("no requests, no topics")]
    numbers, policy, rows = learnt.numbers_on(day=today)
    newest = max(told.days)
    n_weeks = rows.integer("topics.weeks_looked_back") + 1
    ages = np.array([(newest - day).days // DAYS for day in told.days])
    kept = np.flatnonzero(ages < n_weeks)
    n_known = int(ages[kept].max()) + 1
    try:
        found = topics.find(
            texts=[told.texts[n] for n in kept],
            types=[told.types[n] for n in kept],
            places=[""] * len(kept),
            weeks=n_known - 1 - ages[kept],
            n_weeks=n_known,
            letters=letters.letters(),
            longest=numbers.longest_characters,
            policy=policy,
            n_examples=1,
        )
    except emerging.WeeksTooFew as error:
        return [_("too little past for topics: %(error)s") % {"error": error}]
    begin = newest - timedelta(DAYS - 1)
    if not found.topics:
        said = _("nothing rose beyond chance from %(first)s to %(last)s")
        return [said % {"first": begin, "last": newest}]
    said = _("%(name)s: %(n)s from %(first)s to %(last)s, %(expected).1f expected (%(kind)s)")
    return [
        said
        % {
            "name": topic.name,
            "n": topic.count,
            "first": begin,
            "last": newest,
            "expected": topic.expected,
            "kind": known.taxonomy.types[topic.name].in_language(get_language() or "")
            if topic.kind == topics.TYPE
            else _("phrase"),
        }
        for topic in found.topics
    ]
