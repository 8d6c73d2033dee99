"""A decision is half a page: what was decided and what it costs, and its figures are the code's."""

from pathlib import Path

import pytest

from lamplighter.facts.billing import books
from lamplighter.findings import judges
from lamplighter.insight.judge import following

ROOT = Path(__file__).parents[2]
DECISIONS = sorted((ROOT / "docs/adr").glob("*.md"))
WORDS_AT_MOST = 420


def name(path: Path) -> str:
    return path.stem


def decision(number: str) -> str:
    (path,) = [path for path in DECISIONS if path.name.startswith(f"{number}-")]
    return path.read_text(encoding="utf-8")


def test_decisions_are_numbered_without_a_gap():
    assert [path.name[:5] for path in DECISIONS] == [
        f"{number:04d}-" for number in range(1, len(DECISIONS) + 1)
    ]


@pytest.mark.parametrize("path", DECISIONS, ids=name)
def test_a_decision_is_half_a_page_and_names_its_price(path: Path):
    text = path.read_text(encoding="utf-8")

    assert len(text.split()) <= WORDS_AT_MOST
    assert text.startswith("# ")
    assert text.count("**Decision") == 1
    assert text.count("**Price") == 1
    assert text.index("**Decision") < text.index("**Price")


def test_the_judge_of_the_decision_is_the_one_that_ships():
    judge = judges.of_changes()
    days, hours = judge.days, judge.hours
    text = " ".join(decision("0016").split())

    assert (
        f"a forest of {len(days.column)} trees over {len(days.traits)} figures by daily totals, "
        f"of {len(hours.column):,} over {len(hours.traits)} with hours"
    ) in text
    assert judge.every == 3
    assert "He looks every third day" in text
    assert len(judge.glances) == 3
    assert "three cheaper forests" in text
    assert f"up to {following.PEERS_MOST} neighbours" in text


def test_a_book_holds_as_many_accounts_as_the_decision_says():
    assert f"a book for {books.ACCOUNTS_A_BOOK:,} accounts" in decision("0012")
