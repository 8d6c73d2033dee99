"""Request texts sorted into types: on families kept apart, and on texts of another style.

The examples are split by family (the sentence a text descends from), a fifth kept apart; nothing of
a kept family is learnt. Beside the kernel, on the same split: TF-IDF with a linear support vector
machine and with logistic regression (scikit-learn), the nearest neighbour, and rules of keywords.
A further set, written in another style before the kernel was first run, is scored by what was
learnt from all examples. Streams made from the examples show how often a topic is named when
nothing changed, and how often one that did is found.

    python -m benchmarks.quality.demand
"""

import hashlib
import json
import time
import tomllib
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.quality import demand_streams
from lamplighter.findings.demand import learnt, letters, reading, taxonomy
from lamplighter.insight.demand import learning, products, similar, sorting
from lamplighter.insight.demand.grams import vectors
from lamplighter.insight.demand.learning import Model
from lamplighter.insight.demand.texts import symbols

Floats = npt.NDArray[np.float64]
Texts = Sequence[reading.Example]

HARD = Path(__file__).with_name("demand_hard.toml")
ON = date(2026, 11, 26)
PARTS = 5  # one of so many families is kept apart
MANY = 300_000  # past texts among which similar ones are looked for
KEYWORDS: dict[str, tuple[str, ...]] = {
    "OUT_OF_SCOPE": ("打错", "水费", "燃气", "宽带", "物业", "快递"),
    "PRAISE": ("表扬", "感谢", "点赞", "锦旗"),
    "SUGGESTION": ("建议", "希望", "意见"),
    "THEFT_REPORT": ("偷电", "窃电", "私拉", "绕表"),
    "STAFF_REPORT": ("举报", "红包", "冒充"),
    "COMPLAINT_SERVICE": ("态度", "没人接"),
    "COMPLAINT_WORKS": ("施工", "挖路", "立杆"),
    "COMPLAINT_QUALITY": ("长期低电压", "电压低了几年"),
    "COMPLAINT_OUTAGE": ("频繁停电", "老停电", "停电不通知"),
    "COMPLAINT_BUSINESS": ("超时限", "乱收费", "投诉"),
    "DAMAGE_CLAIM": ("赔", "烧坏"),
    "DANGER": ("冒烟", "着火", "电杆", "电线断", "触电", "漏电", "火花"),
    "TRIP": ("跳闸", "空开", "漏保"),
    "PART_POWER": ("缺相", "一相", "一半"),
    "VOLTAGE": ("电压",),
    "METER_FAULT": ("黑屏", "不显示", "表坏"),
    "ONE_HOME": ("邻居有电", "我家没电", "隔壁有电"),
    "RESTORE_ARREARS": ("复电", "欠费停电", "交完"),
    "OUTAGE_QUERY": ("计划停电", "停电通知", "停不停电", "检修"),
    "WHOLE_AREA": ("停电", "没电"),
    "PV": ("光伏", "太阳能"),
    "EV": ("充电桩", "充电站"),
    "INVOICE": ("发票", "专票"),
    "PAID_NOT_CREDITED": ("没到账", "退费", "退款", "重复"),
    "PAY_CHANNEL": ("代扣", "怎么交", "缴费"),
    "BILL_DOUBT": ("电费高", "多收", "异议", "怎么这么多"),
    "METER_TEST": ("校表", "校验", "不准", "检定"),
    "TRANSFER": ("过户", "更名", "户名"),
    "CLOSE": ("销户", "注销", "不用电"),
    "TAKE_DOWN": ("暂拆", "拆表"),
    "SPLIT": ("分户", "分家"),
    "MERGE": ("并户", "合并"),
    "MOVE_METER": ("移表", "移位", "挪"),
    "MOVE_SITE": ("迁址", "搬迁", "搬"),
    "SWAP_TRANSFORMER": ("暂换", "临时换"),
    "RESUME": ("恢复", "启用"),
    "SUSPEND": ("暂停", "报停"),
    "LESS_CAPACITY": ("减容",),
    "MORE_CAPACITY": ("增容", "加大"),
    "CHANGE_VOLTAGE": ("改压", "高压"),
    "CHANGE_CLASS": ("改类", "类别"),
    "NEW_SUPPLY": ("新装", "装表", "装电"),
    "CONTACT_CHANGE": ("手机号", "联系方式"),
    "SPECIAL_NEED": ("呼吸机", "病人", "残疾"),
    "APP_HELP": ("app", "绑定", "登录"),
    "PROGRESS_QUERY": ("进度", "到哪"),
    "ACCOUNT_QUERY": ("户号",),
    "USAGE_QUERY": ("多少度", "电量"),
    "TARIFF": ("电价", "峰谷", "阶梯"),
    "SAVING_ADVICE": ("省电", "节约", "安全用电"),
    "BALANCE_QUERY": ("余额", "欠费", "电费"),
    "PROCEDURE": ("怎么办", "手续", "营业厅", "材料"),
}


def is_apart(family: str) -> bool:
    """Tell the families that are kept apart, by a hash of their name."""
    return int(hashlib.sha256(f"split{family}".encode()).hexdigest(), 16) % PARTS == 0


def learned(examples: Texts) -> Model:
    """Learn from examples under the rules in force."""
    numbers, _emerging, _policy = learnt.numbers_on(day=ON)
    return learning.fit(
        texts=[example.text for example in examples],
        types=[example.type for example in examples],
        families=[example.family for example in examples],
        groups=taxonomy.taxonomy_on(day=ON).group_of,
        letters=letters.letters(),
        policy=numbers,
    )


def chances_of(model: Model, texts: Sequence[str]) -> Floats:
    """Return the probability of every type for every text."""
    rows = vectors(texts=texts, grams=model.grams)
    scores = products.times(rows=rows, weights=model.weights) + model.start
    return learning.probabilities(scores=scores, sharpness=model.sharpness)


def calibration_error(sure: Floats, is_right: npt.NDArray[np.bool_], n_bins: int = 10) -> float:
    """Return the mean distance of stated and met probability over equal steps."""
    step = np.minimum((sure * n_bins).astype(int), n_bins - 1)
    return float(
        sum(
            abs(is_right[step == n].mean() - sure[step == n].mean()) * (step == n).mean()
            for n in range(n_bins)
            if (step == n).any()
        )
    )


def f1_of(truth: Sequence[str], said: Sequence[str]) -> dict[str, float]:
    """Return F1 of each type that occurs in the truth."""
    out = {}
    for kind in sorted(set(truth)):
        both = sum(t == s == kind for t, s in zip(truth, said, strict=True))
        out[kind] = 2.0 * both / (truth.count(kind) + list(said).count(kind))  # type: ignore[attr-defined]
    return out


def judged(model: Model, texts: Sequence[str], truth: Sequence[str]) -> dict[str, Any]:
    """Return the figures of one model on one set."""
    chances = chances_of(model, texts)
    names = np.array(model.types)
    wanted = np.array(truth)
    order = np.argsort(-chances, axis=1, kind="stable")
    best, sure = names[order[:, 0]], chances.max(axis=1)
    is_right = best == wanted
    answered = sure >= model.answer_from
    groups = dict(zip(model.types, model.groups, strict=True))
    same_group = np.array([groups[a] == groups[b] for a, b in zip(best, wanted, strict=True)])
    return {
        "n_texts": len(texts),
        "top1": float(is_right.mean()),
        "top3": float((names[order[:, :3]] == wanted[:, None]).any(axis=1).mean()),
        "group_top1": float(same_group.mean()),
        "macro_f1": float(np.mean(list(f1_of(list(truth), best.tolist()).values()))),
        "answer_from": model.answer_from,
        "coverage": float(answered.mean()),
        "precision_when_answered": float(is_right[answered].mean()) if answered.any() else None,
        "calibration_error": calibration_error(sure, is_right),
    }


def shares_by(keys: Sequence[str], is_right: npt.NDArray[np.bool_]) -> dict[str, Any]:
    """Return the share that is right and the number, by key."""
    of = np.array(keys)
    return {
        str(key): {"top1": float(is_right[of == key].mean()), "n": int((of == key).sum())}
        for key in np.unique(of)
    }


def worst_pairs(truth: Sequence[str], said: Sequence[str], n: int = 10) -> list[list[Any]]:
    """Return what is most often taken for what."""
    counts: dict[tuple[str, str], int] = {}
    for a, b in zip(truth, said, strict=True):
        if a != b:
            counts[a, b] = counts.get((a, b), 0) + 1
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:n]
    return [[a, b, count] for (a, b), count in ranked]


def peers(train: Texts, test: Texts) -> dict[str, Any]:
    """Return accuracy and macro F1 of other ways on the same split."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.svm import LinearSVC

    raw = TfidfVectorizer(analyzer="char", ngram_range=(1, 4), sublinear_tf=True, min_df=2)
    table = raw.fit_transform([example.text for example in train])
    asked = raw.transform([example.text for example in test])
    labels = [example.type for example in train]
    truth = [example.type for example in test]
    said: dict[str, list[str]] = {}
    for name, model in (
        ("tfidf_linear_svm", LinearSVC(C=0.5, random_state=0)),
        ("tfidf_logistic", LogisticRegression(C=10.0, max_iter=200)),
    ):
        said[name] = [str(kind) for kind in model.fit(table, labels).predict(asked)]
    near = (asked @ table.T).toarray().argmax(axis=1)
    said["tfidf_nearest_neighbour"] = [labels[n] for n in near]
    said["keyword_rules"] = [by_keywords(example.text) for example in test]
    return {
        name: {
            "top1": float(np.mean([a == b for a, b in zip(found, truth, strict=True)])),
            "macro_f1": float(np.mean(list(f1_of(truth, found).values()))),
        }
        for name, found in said.items()
    }


def by_keywords(text: str) -> str:
    """Return the first type one of whose keywords stands in the text."""
    reduced = symbols(text=text, letters=letters.letters(), longest=2000).text
    for kind, words in KEYWORDS.items():
        if any(word in reduced for word in words):
            return kind
    return ""


def hard_set() -> tuple[list[tuple[str, str, str]], list[str]]:
    """Return texts of another style (manner, type, text), and texts of no type at all."""
    content = tomllib.loads(HARD.read_text(encoding="utf-8"))
    outside = content.pop("out_of_scope")["NOT_OURS"]
    told = [
        (manner, kind, text)
        for manner, kinds in content.items()
        for kind, texts in kinds.items()
        for text in texts
    ]
    return told, outside


def hard_figures(model: Model) -> dict[str, Any]:
    """Return the figures on texts of another style, and how many foreign ones are set aside."""
    told, outside = hard_set()
    texts, truth = [text for _m, _k, text in told], [kind for _m, kind, _t in told]
    chances = chances_of(model, texts)
    best = np.array(model.types)[chances.argmax(axis=1)]
    foreign = sorting.sort(texts=outside, model=model, n_choices=1)
    aside = [found.type in {"", "OUT_OF_SCOPE"} for found in foreign]
    return {
        **judged(model, texts, truth),
        "by_manner": shares_by([manner for manner, _k, _t in told], best == np.array(truth)),
        "foreign_set_aside": float(np.mean(aside)),
        "n_foreign": len(outside),
    }


def speed(model: Model, examples: Texts) -> dict[str, Any]:
    """Return milliseconds a text, alone and among 300,000 past ones."""
    texts = [example.text for example in examples]
    begin = time.perf_counter()
    sorting.sort(texts=texts, model=model, n_choices=3)
    sorted_ms = (time.perf_counter() - begin) / len(texts) * 1e3
    many = [f"{texts[n % len(texts)]} {n}" for n in range(MANY)]
    begin = time.perf_counter()
    index = similar.build(texts=many, grams=model.grams)
    built_s = time.perf_counter() - begin
    took = []
    for text in texts[:50]:
        begin = time.perf_counter()
        similar.nearest(index=index, text=text, n_wanted=3)
        took.append((time.perf_counter() - begin) * 1e3)
    return {
        "sort_ms_a_text": sorted_ms,
        "similar_build_s": built_s,
        "similar_ms_median": float(np.median(took)),
        "n_past_texts": MANY,
    }


def about(examples: Texts) -> dict[str, Any]:
    """Return how many examples there are, of what kind."""
    written = reading.sentences()
    per_type = [sum(e.type == kind for e in examples) for kind in {e.type for e in examples}]
    families = [sum(s.type == kind for s in written) for kind in {s.type for s in written}]
    return {
        "n_sentences_by_hand": len(written),
        "n_texts": len(examples),
        "n_types": len(per_type),
        "fewest_texts_of_a_type": min(per_type),
        "fewest_families_of_a_type": min(families),
        "sentences_by_manner": {
            reading.MANNERS[m]: sum(s.manner == m for s in written) for m in reading.MANNERS
        },
        "texts_by_way": {w: sum(e.way == w for e in examples) for w in {e.way for e in examples}},
        "share_with_traditional_characters": float(
            np.mean([any(c in letters.letters().simple for c in e.text) for e in examples])
        ),
    }


def run(*, with_speed: bool = True, n_streams: int = 60) -> dict[str, Any]:
    """Return every figure; the same examples give the same figures, times aside."""
    examples = reading.examples()
    train = [example for example in examples if not is_apart(example.family)]
    apart = [example for example in examples if is_apart(example.family)]
    begin = time.perf_counter()
    model = learned(train)
    fit_s = time.perf_counter() - begin
    texts, truth = [e.text for e in apart], [e.type for e in apart]
    best = np.array(model.types)[chances_of(model, texts).argmax(axis=1)]
    is_right = best == np.array(truth)
    whole = learned(examples)
    return {
        "examples": about(examples),
        "split": {
            "by": "family",
            "n_train": len(train),
            "n_apart": len(apart),
            "n_families_apart": len({e.family for e in apart}),
        },
        "apart": judged(model, texts, truth),
        "apart_by_way": shares_by([e.way for e in apart], is_right),
        "apart_by_manner": shares_by([reading.MANNERS[e.manner] for e in apart], is_right),
        "apart_f1_by_type": f1_of(truth, best.tolist()),
        "apart_worst_pairs": worst_pairs(truth, best.tolist()),
        "peers": peers(train, apart),
        "another_style": hard_figures(whole),
        "fit_s": fit_s,
        **({"speed": speed(whole, apart)} if with_speed else {}),
        "topics": demand_streams.figures(examples=examples, n_streams=n_streams),
    }


if __name__ == "__main__":
    print(json.dumps(run(), ensure_ascii=False, indent=1))
