"""What was learnt of requests: kept in a file that names what it was learnt from."""

import hashlib
import json
import os
from dataclasses import asdict, dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from lamplighter.findings.demand import letters as tables
from lamplighter.findings.demand import reading, taxonomy
from lamplighter.insight.demand import learning, similar
from lamplighter.insight.demand.emerging import EmergingPolicy
from lamplighter.insight.demand.grams import Grams
from lamplighter.insight.demand.learning import DemandPolicy, Held, Model
from lamplighter.policy import loader
from lamplighter.policy.loader import Policy

KEPT_AT_ONCE = 2  # models in the memory of one process: this rule's and one other's


class TypeWithoutExamples(LookupError):
    """The examples and the policy name different types."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A model, the examples that show its types, and where both come from."""

    model: Model
    taxonomy: taxonomy.Taxonomy
    plain: tuple[reading.Example, ...]  # the sentences themselves, without slips and greetings
    index: similar.Index  # over the plain examples
    is_simplified: npt.NDArray[np.bool_]  # (n_plain,) no character of the traditional script
    version: str  # of kernel, examples and policies


def numbers_on(*, day: date) -> tuple[DemandPolicy, EmergingPolicy, Policy]:
    """Return the numbers in force on a day, as the kernels take them.

    Raises
    ------
    PolicyUnknown
        The policy begins later.
    """
    policy = loader.load(name="demand", on=day)
    emerging = EmergingPolicy(
        false_share_allowed=policy.number("topics.false_share_allowed"),
        texts_at_least=policy.integer("topics.texts_at_least"),
        rise_at_least_ratio=policy.number("topics.rise_at_least_ratio"),
        weeks_at_least=policy.integer("topics.weeks_at_least"),
    )
    return loader.numbers_for(policy=policy, shape=DemandPolicy), emerging, policy


def known_on(*, day: date, folder: Path | None) -> Known:
    """Return what is known under the rules of a day.

    It is read from *folder* when the same examples were learnt under the same rules before;
    otherwise it is learnt, which takes some seconds, and kept there (``None``: in memory alone).

    Raises
    ------
    PolicyUnknown
        A policy begins later.
    TypeWithoutExamples
        The examples and the policy name different types.
    ExamplesWrong
        A file of examples cannot be used.
    """
    return _known(
        loader.load(name="demand", on=day).valid_from,
        loader.load(name="demand_types", on=day).valid_from,
        folder,
    )


@lru_cache(maxsize=KEPT_AT_ONCE)
def _known(numbers_day: date, types_day: date, folder: Path | None) -> Known:
    numbers, _emerging, _policy = numbers_on(day=numbers_day)
    names = taxonomy.taxonomy_on(day=types_day)
    examples = reading.examples()
    if {example.type for example in examples} != set(names.types):
        differ = {example.type for example in examples} ^ set(names.types)
        raise TypeWithoutExamples(", ".join(sorted(differ)))
    version = _version(examples, numbers, names)
    file = folder / f"demand-{version}.npz" if folder else None
    model = _read(file) if file and file.exists() else None
    if model is None:
        model = learning.fit(
            texts=[example.text for example in examples],
            types=[example.type for example in examples],
            families=[example.family for example in examples],
            groups=names.group_of,
            letters=tables.letters(),
            policy=numbers,
        )
        if file:
            _keep(file, model)
    plain = tuple(example for example in examples if example.way == "PLAIN")
    index = similar.build(texts=[example.text for example in plain], grams=model.grams)
    traditional = tables.letters().simple.keys()
    return Known(
        model=model,
        taxonomy=names,
        plain=plain,
        index=index,
        is_simplified=np.array([traditional.isdisjoint(example.text) for example in plain], bool),
        version=version,
    )


def _version(
    examples: tuple[reading.Example, ...], numbers: DemandPolicy, names: taxonomy.Taxonomy
) -> str:
    content = json.dumps(
        [
            learning.KERNEL_VERSION,
            asdict(numbers),
            names.group_of,
            [(example.text, example.type, example.family) for example in examples],
        ],
        ensure_ascii=True,
    )
    return hashlib.sha256(content.encode()).hexdigest()[:16]


def _keep(file: Path, model: Model) -> None:
    """Write a file wholly or not at all; two that write it at once write the same."""
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_suffix(f".{os.getpid()}.part")
    with part.open("wb") as opened:
        np.savez(
            opened,
            types=np.array(model.types),
            groups=np.array(model.groups),
            runs=np.array(sorted(model.grams.columns)),
            rarity=model.grams.rarity,
            weights=model.weights.astype(np.float32),
            numbers=np.array(
                [model.start, model.sharpness, model.answer_from, model.group_answer_from]
            ),
            sizes=np.array([model.n_texts, model.n_families, model.grams.longest]),
            scores=model.held.scores,
            truth=model.held.truth,
            probes=np.array(model.held.texts),
        )
        opened.flush()
        os.fsync(opened.fileno())
    part.replace(file)


def _read(file: Path) -> Model:
    with np.load(file, allow_pickle=False) as kept:
        start, sharpness, answer_from, group_answer_from = (float(n) for n in kept["numbers"])
        n_texts, n_families, longest = (int(n) for n in kept["sizes"])
        return Model(
            types=tuple(str(name) for name in kept["types"]),
            groups=tuple(str(name) for name in kept["groups"]),
            grams=Grams(
                columns={str(run): column for column, run in enumerate(kept["runs"])},
                rarity=kept["rarity"],
                letters=tables.letters(),
                longest=longest,
            ),
            weights=kept["weights"].astype(np.float64),
            start=start,
            sharpness=sharpness,
            answer_from=answer_from,
            group_answer_from=group_answer_from,
            n_texts=n_texts,
            n_families=n_families,
            held=Held(
                scores=kept["scores"],
                truth=kept["truth"],
                texts=tuple(str(text) for text in kept["probes"]),
            ),
        )
