"""Real networks: tables of TaskSet, and trees that stand for networks with switches (HSS).

``taskset/TASK`` needs ``DATA/taskset`` (repository releaunifreiburg/DPL): 1,000 settings of an
optimizer and their losses; the nearest setting that the run has not used answers. ``hss/SET``
needs ``DATA/hss`` (repository facebook/Ax): boosted trees over a space with two switches.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.problems.base import Problem
from benchmarks.space import Parameter, Space

_TASKS = (
    "imdb_patch128_LSTM128_avg_bs64",
    "imdb_patch128_LSTM128_embed128_bs64",
    "imdb_patch32_GRU128_bs128",
    "imdb_patch32_IRNN64_relu_avg_bs128",
    "imdb_patch32_IRNN64_relu_last_bs128",
    "imdb_patch32_LSTM128_bs128",
    "imdb_patch32_VRNN128_tanh_bs128",
    "imdb_patch32_VRNN64_tanh_avg_bs128",
)
_SETS = ("cifar10", "fashion_mnist")
_LINEAR = ("beta1", "beta2")


class TaskSet(Problem):
    """The last loss of a training; one that diverged to NaN fails."""

    group = "plateau"

    def __init__(self, name: str, path: Path) -> None:
        self.name = name
        with np.load(path) as table:
            names = [str(n) for n in table["names"]]
            settings = np.asarray(table["hyperparameters"], dtype=float)
            self.losses = np.asarray(table["valid_loss"], dtype=float)[:, -1]
        self.optimum = float(np.nanmin(self.losses))
        low, high = settings.min(axis=0), settings.max(axis=0)
        self.space = Space(
            tuple(
                Parameter(n, "float", low[i], high[i], log=n not in _LINEAR)
                for i, n in enumerate(names)
            )
        )
        self.places = np.array(
            [self._unit(dict(zip(names, row, strict=True))) for row in settings]
        )
        self.answers: dict[tuple[Any, ...], int] = {}

    def begin(self, seed: int) -> None:
        self.answers = {}

    def _unit(self, params: Mapping[str, Any]) -> list[float]:
        unit = []
        for p in self.space.parameters:
            low, high, at = p.low, p.high, float(params[p.name])
            if p.log:
                low, high, at = np.log(low), np.log(high), np.log(at)
            unit.append((at - low) / (high - low))
        return unit

    def value(self, params: Mapping[str, Any]) -> float:
        key = self.space.key(params)
        if key not in self.answers:
            distance = ((self.places - self._unit(params)) ** 2).sum(axis=1)
            distance[list(self.answers.values())] = np.inf
            self.answers[key] = int(np.argmin(distance))
        return float(self.losses[self.answers[key]])


class Switched(Problem):
    """Minus the accuracy of a network with two optional parts."""

    group = "conditional"

    def __init__(self, name: str, folder: Path, chosen: str) -> None:
        self.name = name
        self.space = Space(
            (
                Parameter("lr", "float", 1e-5, 1e-1, log=True),
                Parameter("two-more-blocks", "categorical", choices=(False, True)),
                Parameter("use_softplus_activation", "categorical", choices=(False, True)),
                Parameter(
                    "softplus_beta", "float", 0.5, 2.0, when={"use_softplus_activation": (True,)}
                ),
                Parameter("use_weight_decay", "categorical", choices=(False, True)),
                Parameter(
                    "weight_decay",
                    "float",
                    1e-8,
                    1e-2,
                    log=True,
                    when={"use_weight_decay": (True,)},
                ),
            )
        )
        self.models = [Trees(folder / f"{chosen}_{i}.json") for i in range(4)]

    def value(self, params: Mapping[str, Any]) -> float:
        given = [float(params["lr"]), float(params["two-more-blocks"])]
        softplus, decay = params["use_softplus_activation"], params["use_weight_decay"]
        given += [float(params["softplus_beta"])] if softplus else []
        given += [float(params["weight_decay"])] if decay else []
        return -self.models[2 * bool(softplus) + bool(decay)](given)


class Trees:
    """A sum of regression trees, as XGBoost writes them."""

    def __init__(self, path: Path) -> None:
        learner = json.loads(path.read_text())["learner"]
        self.base = float(learner["learner_model_param"]["base_score"].strip("[]"))
        self.trees = learner["gradient_booster"]["model"]["trees"]

    def __call__(self, x: list[float]) -> float:
        return self.base + sum(_leaf(tree, x) for tree in self.trees)


def _leaf(tree: Mapping[str, Any], x: list[float]) -> float:
    at = 0
    while tree["left_children"][at] >= 0:
        # single precision, as the library compares
        below = np.float32(x[tree["split_indices"][at]]) < np.float32(tree["split_conditions"][at])
        at = tree["left_children"][at] if below else tree["right_children"][at]
    return float(tree["split_conditions"][at])


def names() -> list[str]:
    return [f"taskset/{t}" for t in _TASKS] + [f"hss/{s}" for s in _SETS]


def load(name: str, data: Path | None = None) -> Problem:
    suite, _, chosen = name.partition("/")
    known = _TASKS if suite == "taskset" else _SETS
    if chosen not in known:
        raise ValueError(f"unknown problem {name!r}: expected {suite}/ with one of {known}")
    if data is None or not (data / suite).is_dir():
        raise RuntimeError(f"{name} needs --data FOLDER with {suite}/; got {data}")
    if suite == "taskset":
        return TaskSet(name, data / suite / f"{chosen}.npz")
    return Switched(name, data / suite, chosen)
