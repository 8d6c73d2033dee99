"""Requests to types: by hand, by learning again, whatever the order, and with any input."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lamplighter.insight.demand import grams, learning, products, similar, sorting, varying
from lamplighter.insight.demand.learning import DemandPolicy
from lamplighter.insight.demand.texts import Letters, NoLength, symbols

LETTERS = Letters(
    simple={"電": "电", "沒": "没"},
    sounds={"电": "\ue001", "店": "\ue001", "没": "\ue002", "交": "\ue003", "费": "\ue004"},
)
NUMBERS = DemandPolicy(
    ridge=0.1,
    texts_at_least=1,
    longest_characters=60,
    precision_wanted=0.8,
    answers_at_least=2,
)
TOLD = {
    "FAULT": ["家里没电", "停电了没人修", "整栋楼没电", "灯都不亮没有电", "又停电"],
    "PAY": ["怎么交电费", "电费在哪交", "我要缴费", "代扣电费", "交费方式"],
    "MOVE": ["电表挪个位置", "移表", "表要移到外墙", "把表箱移走", "挪表"],
}
TEXTS = [text for kind in TOLD.values() for text in (*kind, *(f"您好{t}" for t in kind))]
TYPES = [kind for kind, told in TOLD.items() for _ in range(2 * len(told))]
FAMILIES = [f"{kind}{n}" for kind, told in TOLD.items() for _ in range(2) for n in range(len(told))]
GROUPS = {"FAULT": "F", "PAY": "P", "MOVE": "P"}


def learned(order=None, policy=NUMBERS):
    order = range(len(TEXTS)) if order is None else order
    return learning.fit(
        texts=[TEXTS[n] for n in order],
        types=[TYPES[n] for n in order],
        families=[FAMILIES[n] for n in order],
        groups=GROUPS,
        letters=LETTERS,
        policy=policy,
    )


@pytest.fixture(scope="module")
def model():
    return learned()


def dense(rows):
    out = np.zeros((len(rows), rows.n_columns))
    for n in range(len(rows)):
        part = slice(rows.starts[n], rows.starts[n + 1])
        out[n, rows.columns[part]] = rows.values[part]
    return out


class TestSymbols:
    def test_both_scripts_widths_and_cases_are_one(self):
        told = ["沒電了ABC", "没电了abc", "没电了ＡＢＣ!", "没 电\x00了\ud800ａBc😅"]

        assert {symbols(text=t, letters=LETTERS, longest=99).text for t in told} == {"没电了abc"}

    @pytest.mark.parametrize(
        "number", ["13800001111", "3201234567", "４４０１０２１９９００１０１１２３４"]
    )
    def test_no_long_number_is_kept(self, number):
        found = symbols(text=f"我的号{number}呢", letters=LETTERS, longest=99).text

        assert found == "我的号№呢"

    @given(st.text(alphabet=st.characters(), max_size=80), st.integers(1, 50))
    @settings(max_examples=200, deadline=None)
    def test_any_text_gives_signs_that_lead_back_to_it(self, text, longest):
        found = symbols(text=text, letters=LETTERS, longest=longest)

        assert len(found.begins) == len(found.ends) == len(found.text)
        assert all(
            0 <= b < e <= min(len(text), longest)
            for b, e in zip(found.begins, found.ends, strict=True)
        )
        assert not any(sign.isspace() or "\ud800" <= sign <= "\udfff" for sign in found.text)
        assert found.was_cut == (len(text) > longest)

    def test_a_text_of_no_length_is_refused(self):
        with pytest.raises(NoLength):
            symbols(text="x", letters=LETTERS, longest=0)


class TestProducts:
    def test_agree_with_dense_ones(self, model, monkeypatch):
        rows = grams.vectors(texts=TEXTS, grams=model.grams)
        table = dense(rows)

        assert np.allclose(products.times(rows=rows, weights=model.weights), table @ model.weights)
        right = np.arange(len(TEXTS) * 2.0).reshape(-1, 2)
        assert np.allclose(products.turned_times(rows=rows, weights=right), table.T @ right)
        for often in (2, 48):  # as a dense block, and pair by pair
            monkeypatch.setattr(products, "DENSE_FROM", often)
            monkeypatch.setattr(products, "CELLS_AT_ONCE", 50)
            assert np.allclose(products.gram(rows=rows), table @ table.T)
            assert np.allclose(
                products.times(rows=rows, weights=model.weights), table @ model.weights
            )

    def test_every_text_with_known_runs_of_all_kinds_has_length_one(self, model):
        table = dense(grams.vectors(texts=TEXTS, grams=model.grams))

        assert np.allclose(np.linalg.norm(table, axis=1)[[0, 1, 5]], 1.0, atol=0.5)
        assert (np.linalg.norm(table, axis=1) < 1.0 + 1e-9).all()

    def test_weights_of_another_shape_are_refused(self, model):
        rows = grams.vectors(texts=TEXTS, grams=model.grams)

        with pytest.raises(products.ShapesDisagree):
            products.times(rows=rows, weights=np.zeros((3, 2)))


class TestLearning:
    def test_weights_are_those_of_ridge_regression_by_hand(self, model):
        names = sorted(set(FAMILIES))
        table = dense(grams.vectors(texts=TEXTS, grams=model.grams))
        means = np.array([table[[f == n for f in FAMILIES]].mean(axis=0) for n in names])
        kind = [TYPES[FAMILIES.index(n)] for n in names]
        wanted = np.array([[k == t for t in model.types] for k in kind]) - 1.0 / 3.0
        normal = means.T @ means + NUMBERS.ridge * np.eye(means.shape[1])

        assert np.allclose(model.weights, np.linalg.solve(normal, means.T @ wanted), atol=1e-5)

    def test_a_family_left_out_scores_as_if_it_had_never_been_learnt(self, model):
        names = sorted(set(FAMILIES))
        table = dense(grams.vectors(texts=TEXTS, grams=model.grams))
        means = np.array([table[[f == n for f in FAMILIES]].mean(axis=0) for n in names])
        for left in (0, 7, 14):
            rest = np.delete(np.arange(len(names)), left)
            kind = [TYPES[FAMILIES.index(names[n])] for n in rest]
            wanted = np.array([[k == t for t in model.types] for k in kind]) - 1.0 / 3.0
            normal = means[rest].T @ means[rest] + NUMBERS.ridge * np.eye(means.shape[1])
            weights = np.linalg.solve(normal, means[rest].T @ wanted)
            shared = (means > 0.0).sum(axis=0) > 1
            known = replace(
                model.grams,
                columns={run: n for run, n in model.grams.columns.items() if shared[n]},
            )
            probe = grams.vectors(texts=[model.held.texts[left]], grams=known)
            probe = dense(replace(probe, n_columns=means.shape[1]))

            assert np.allclose(model.held.scores[left], (probe @ weights)[0] + 1.0 / 3.0)

    @pytest.mark.parametrize("seed", [1, 2])
    def test_the_order_of_the_texts_is_of_no_account(self, model, seed):
        other = learned(np.random.default_rng(seed).permutation(len(TEXTS)))

        assert other.types == model.types
        assert list(other.grams.columns) == list(model.grams.columns)
        assert np.allclose(other.weights, model.weights, atol=1e-6)
        assert other.held.texts == model.held.texts

    def test_the_limit_keeps_the_precision_on_families_left_out(self, model):
        chances = learning.probabilities(scores=model.held.scores, sharpness=model.sharpness)
        answered = chances.max(axis=1) >= model.answer_from
        is_right = chances.argmax(axis=1) == model.held.truth

        assert answered.sum() >= NUMBERS.answers_at_least
        assert is_right[answered].mean() >= NUMBERS.precision_wanted

    def test_nothing_is_proposed_where_no_limit_keeps_the_precision(self):
        model = learned(policy=replace(NUMBERS, answers_at_least=1000))

        (found,) = sorting.sort(texts=["家里没电"], model=model, n_choices=2)

        assert found.is_abstained
        assert found.choices[0].type == "FAULT"

    def test_refuses_torn_families_and_too_few(self):
        with pytest.raises(learning.FamilyTorn):
            learning.fit(
                texts=["a", "b"],
                types=["X", "Y"],
                families=["f", "f"],
                groups={},
                letters=LETTERS,
                policy=NUMBERS,
            )
        with pytest.raises(learning.TooFewToLearn):
            learning.fit(
                texts=["a", "b"],
                types=["X", "Y"],
                families=["f", "g"],
                groups={},
                letters=LETTERS,
                policy=NUMBERS,
            )
        with pytest.raises(grams.NothingToKnow):
            learned(policy=replace(NUMBERS, texts_at_least=99))


class TestSorting:
    @pytest.mark.parametrize(
        "text", ["家里没电", "您好電費在哪交", "把表移走吧13800001111", "隔壁店铺"]
    )
    def test_contributions_add_up_to_the_score(self, model, text):
        rows = grams.vectors(texts=[text], grams=model.grams)
        scores = products.times(rows=rows, weights=model.weights)[0] + model.start
        for n, kind in enumerate(model.types):
            why = sorting.explain(text=text, type=kind, model=model)

            told = why.start + sum(part.contribution for part in why.parts)
            assert told == pytest.approx(scores[n], abs=1e-12)
            assert why.score == pytest.approx(scores[n], abs=1e-12)
            assert all(part.text == text[part.begin : part.end] for part in why.parts)

    @pytest.mark.parametrize("text", ["", "  ", "\x00\x00", "\ud800", "😂" * 250_000, "???!!!"])
    def test_nothing_known_is_no_choice(self, model, text):
        (found,) = sorting.sort(texts=[text], model=model, n_choices=3)

        assert found.sureness == sorting.NOTHING_KNOWN
        assert (found.type, found.group, found.choices) == ("", "", ())
        assert sorting.explain(text=text, type="FAULT", model=model).score == model.start

    def test_groups_add_up_and_the_likeliest_come_first(self, model):
        for found in sorting.sort(texts=TEXTS, model=model, n_choices=3):
            chances = [choice.probability for choice in found.choices]
            assert sum(chances) == pytest.approx(1.0)
            assert chances == sorted(chances, reverse=True)
            of_group = sum(c.probability for c in found.choices if c.group == found.likeliest_group)
            assert found.group_probability == pytest.approx(of_group)

    def test_many_texts_are_sorted_as_each_alone(self, model, monkeypatch):
        monkeypatch.setattr(sorting, "TEXTS_AT_ONCE", 4)
        together = sorting.sort(texts=TEXTS, model=model, n_choices=2)

        for text, found in zip(TEXTS, together, strict=True):
            (alone,) = sorting.sort(texts=[text], model=model, n_choices=2)
            assert alone.type == found.type
            assert alone.choices[0].probability == pytest.approx(found.choices[0].probability)

    def test_refuses_unknown_types_and_no_choice(self, model):
        with pytest.raises(sorting.TypeUnknown):
            sorting.explain(text="x", type="NOWHERE", model=model)
        with pytest.raises(sorting.NoneWanted):
            sorting.sort(texts=[], model=model, n_choices=0)


class TestSimilar:
    def test_finds_what_a_loop_over_all_finds(self, model):
        index = similar.build(texts=TEXTS, grams=model.grams)
        table = dense(grams.vectors(texts=TEXTS, grams=model.grams))
        probe = dense(grams.vectors(texts=["家里没有电了"], grams=model.grams))[0]
        by_hand = sorted(range(len(TEXTS)), key=lambda n: (-round(table[n] @ probe, 12), n))[:4]

        found = similar.nearest(index=index, text="家里没有电了", n_wanted=4)

        assert [match.number for match in found] == by_hand
        assert found[0].cosine == pytest.approx(table[by_hand[0]] @ probe)

    def test_those_preferred_come_before_all_others_and_each_by_likeness(self, model):
        index = similar.build(texts=TEXTS, grams=model.grams)
        every = [
            match.number
            for match in similar.nearest(index=index, text="家里没有电了", n_wanted=len(TEXTS))
        ]
        preferred = np.array([n % 3 == 1 for n in range(len(TEXTS))])
        by_hand = sorted(every, key=lambda n: n % 3 != 1)  # the order of likeness stays

        for n in (1, 3, len(TEXTS)):
            found = similar.nearest(
                index=index, text="家里没有电了", n_wanted=n, preferred=preferred
            )
            assert [match.number for match in found] == by_hand[:n]
        with pytest.raises(similar.PreferenceWrong):
            similar.nearest(index=index, text="没电", n_wanted=1, preferred=preferred[1:])

    def test_says_nothing_where_nothing_is_shared(self, model):
        index = similar.build(texts=TEXTS, grams=model.grams)

        assert similar.nearest(index=index, text="xyz", n_wanted=3) == ()
        assert (
            similar.nearest(
                index=similar.build(texts=[], grams=model.grams), text="没电", n_wanted=3
            )
            == ()
        )
        with pytest.raises(similar.NoneWanted):
            similar.nearest(index=index, text="没电", n_wanted=0)


class TestVarying:
    def vary(self, sentence, ways=varying.WAYS, family="f"):
        return varying.vary(
            sentence=sentence,
            family=family,
            ways=ways,
            letters=LETTERS,
            traditional={"电": "電"},
            confusable={"\ue001": "店电", "\ue002": "没"},
        )

    def test_the_same_family_gives_the_same_variants(self):
        assert self.vary("{家里/屋里}没电{k}天") == self.vary("{家里/屋里}没电{k}天")
        assert self.vary("没电{h}") != self.vary("没电{h}", family="g")

    def test_each_way_does_what_it_says(self):
        found = {v.way: v.text for v in self.vary("我家里今天晚上没电")}

        assert found["HOMOPHONES"] == "我家里今天晚上没店"
        assert found["TRADITIONAL"] == "我家里今天晚上没電"
        assert "没电" in found["FRAMED"]

    @pytest.mark.parametrize("sentence", ["{家里没电", "家里}没电", "{zzz}没电"])
    def test_open_marks_are_refused(self, sentence):
        with pytest.raises(varying.MarksOpen):
            self.vary(sentence)
