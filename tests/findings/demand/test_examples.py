"""The labelled examples are whole and many, and what is learnt is kept as it was learnt."""

import re
from collections import Counter
from datetime import date

import numpy as np
import pytest

from lamplighter.findings.demand import learnt, letters, reading, taxonomy
from lamplighter.insight.demand import sorting, texts
from lamplighter.policy import loader

ON = date(2026, 11, 26)


@pytest.fixture(scope="module")
def known(learnt_folder):
    return learnt.known_on(day=ON, folder=learnt_folder)


def test_every_type_of_the_policy_has_families_and_texts():
    types = set(taxonomy.taxonomy_on(day=ON).types)
    families = Counter(sentence.type for sentence in reading.sentences())
    told = Counter(example.type for example in reading.examples())

    assert set(families) == set(told) == types
    assert min(families.values()) >= 15
    assert min(told.values()) >= 40
    assert len(reading.examples()) >= 2000


def test_no_text_and_no_family_comes_twice():
    every = reading.examples()

    assert len({example.text for example in every}) == len(every)
    assert len({sentence.family for sentence in reading.sentences()}) == len(reading.sentences())


def test_no_family_bears_the_sentence_of_another_type():
    kind_of = {}
    for sentence in reading.sentences():
        assert kind_of.setdefault(sentence.text, sentence.type) == sentence.type


def test_both_scripts_and_every_manner_are_there():
    simple = letters.letters().simple
    traditional = [any(c in simple for c in e.text) for e in reading.examples()]

    assert 0.15 < np.mean(traditional) < 0.5
    assert {sentence.manner for sentence in reading.sentences()} == set(reading.MANNERS)


def test_no_number_of_a_person_is_learnt():
    telling = re.compile(f"(?:{'|'.join(sorted(texts.TELLING_NUMBERS, key=len, reverse=True))})+")
    with_numbers = 0
    for example in reading.examples():
        reduced = texts.symbols(text=example.text, letters=letters.letters(), longest=2000).text
        with_numbers += bool(re.search(r"\d{6}", example.text))
        assert all(telling.fullmatch(run) for run in re.findall(r"\d+", reduced)), example.text
    assert with_numbers > 100


def test_what_is_kept_in_a_file_is_what_was_learnt(known, tmp_path):
    learnt._keep(tmp_path / "model.npz", known.model)
    again = learnt._read(tmp_path / "model.npz")

    assert again.types == known.model.types
    assert again.grams.columns == known.model.grams.columns
    assert np.array_equal(again.weights, known.model.weights)
    assert again.held.texts == known.model.held.texts
    asked = ["没电了", "電費多少", "你们服务太差"]
    assert sorting.sort(texts=asked, model=again, n_choices=3) == sorting.sort(
        texts=asked, model=known.model, n_choices=3
    )


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("[broken", "broken.toml"),
        ('ONE_HOME = "no list"', "no list of sentences"),
        ('ONE_HOME = ["c| "]', "empty sentence"),
    ],
)
def test_a_wrong_file_is_named(tmp_path, monkeypatch, content, said):
    (tmp_path / "broken.toml").write_text(content, encoding="utf-8")
    monkeypatch.setattr(reading, "FOLDER", tmp_path)
    reading.sentences.cache_clear()
    try:
        with pytest.raises(reading.ExamplesWrong, match=said.replace(".", r"\.")):
            reading.sentences()
    finally:
        monkeypatch.undo()
        reading.sentences.cache_clear()


def test_rules_that_begin_later_are_not_used():
    with pytest.raises(loader.PolicyUnknown):
        learnt.known_on(day=date(2000, 1, 1), folder=None)
