"""The problems of the benchmark of several objectives, with named parameters.

The reactions need ``DATA/edboplus/experiments_yield_and_cost.csv`` (repository
doyle-lab-ucla/edboplus, MIT); ``lcbench`` and ``rpart`` need onnxruntime and ``DATA/yahpo``
(repository slds-lmu/yahpo_data).
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import bayesopt as bo
from bayesopt.acquisition.pareto import hypervolume
from benchmarks.trade_offs import PROBLEMS

Floats = NDArray[np.float64]
Params = dict[str, Any]


@dataclass(frozen=True)
class Task:
    """A problem with named parameters.

    Attributes
    ----------
    noise : standard deviations of what is told; None: it is exact.
    maximum : the largest hypervolume; NaN: unknown.
    limited : at most 0 where a point is feasible; None: all are.
    """

    space: bo.Space
    reference: tuple[float, ...]
    maximum: float
    evaluate: Callable[[Params], Floats]
    noise: tuple[float, ...] | None = None
    limited: Callable[[Params], float] | None = None


def _of_cube(name: str, noise: tuple[float, ...] | None = None) -> Task:
    problem = PROBLEMS[name]
    names = [f"x{j}" for j in range(problem.dimension)]
    space = bo.Space({name: bo.Float(0.0, 1.0) for name in names})

    def point(params: Params) -> Floats:
        return np.array([[params[name] for name in names]])

    limited = problem.limited
    return Task(
        space,
        problem.reference,
        problem.maximum,
        lambda params: problem.evaluate(point(params))[0],
        noise,
        None if limited is None else lambda params: float(limited(point(params))[0]),
    )


def reactions(data: Path) -> Task:
    """1,728 measured reactions: yield in percent up, cost down."""
    with (data / "edboplus" / "experiments_yield_and_cost.csv").open() as file:
        rows = list(csv.DictReader(file))
    names = ("base", "ligand", "solvent", "concentration", "temperature")
    outputs = {
        tuple(r[n] for n in names): np.array([-float(r["yield"]), float(r["cost"])]) for r in rows
    }
    levels = {n: sorted({r[n] for r in rows}) for n in names}
    numbers = {n: sorted(map(float, levels[n])) for n in names[3:]}
    text = {(n, float(v)): v for n in names[3:] for v in levels[n]}
    space = bo.Space(
        {n: bo.Categorical(levels[n]) for n in names[:3]}
        | {n: bo.Ordinal(numbers[n]) for n in names[3:]}
    )

    def evaluate(params: Params) -> Floats:
        key = [params[n] if n in names[:3] else text[n, params[n]] for n in names]
        return outputs[tuple(key)]

    values = np.array(list(outputs.values()))
    reference = (0.0, 1.1 * float(values[:, 1].max()))
    return Task(space, reference, hypervolume(values, np.array(reference)), evaluate)


_SHIFT = {"a": 0.0, "b": 0.08, "c": 0.25, "d": 0.4}


def mixed(params: Params) -> Floats:
    """Two numbers, a whole one, and a choice that decides which trade-off is to be had."""
    n, kind = params["n"] / 12.0, params["kind"]
    off = (params["y"] - 0.3 - 0.4 * n) ** 2 + _SHIFT[kind] * (1.0 - n) + 0.1 * (kind == "a") * n
    x = params["x"]
    return np.array([x + off, 1.0 - np.sqrt(x) * (0.7 + 0.3 * n) + off])


MIXED = bo.Space(
    x=bo.Float(0.0, 1.0),
    y=bo.Float(0.0, 1.0),
    n=bo.Int(0, 12),
    kind=bo.Categorical(["a", "b", "c", "d"]),
)


def _best_of_mixed() -> float:
    """The largest hypervolume of the mixed problem, from a fine grid."""
    points = [
        mixed({"x": float(x), "y": 0.3 + 0.4 * n / 12.0, "n": n, "kind": kind})
        for x in np.linspace(0.0, 1.0, 1001)
        for n in range(13)
        for kind in "abcd"
    ]
    return hypervolume(np.array(points), np.array([1.1, 1.1]))


FOREST = bo.Space(
    n_estimators=bo.Int(1, 128, log=True),
    max_depth=bo.Int(1, 20),
    min_samples_leaf=bo.Int(1, 32, log=True),
    max_features=bo.Float(0.05, 1.0),
    criterion=bo.Categorical(["gini", "entropy"]),
    extra=bo.Categorical([False, True]),
)


def forest(params: Params) -> Floats:
    """Share of digits that a forest has wrong, of half of them, and log10 of its nodes."""
    from sklearn.datasets import load_digits
    from sklearn.ensemble import ExtraTreesClassifier, RandomForestClassifier

    x, y = load_digits(return_X_y=True)
    options = {k: v for k, v in params.items() if k != "extra"}
    kind = ExtraTreesClassifier if params["extra"] else RandomForestClassifier
    fitted = kind(**options, random_state=0).fit(x[::2], y[::2])
    nodes = sum(tree.tree_.node_count for tree in fitted.estimators_)
    return np.array([1.0 - fitted.score(x[1::2], y[1::2]), np.log10(nodes)])


@cache
def _session(folder: Path) -> tuple[Any, dict[str, dict[str, int]]]:
    from onnxruntime import InferenceSession, SessionOptions

    options = SessionOptions()
    options.intra_op_num_threads = 1
    session = InferenceSession(str(folder / "model.onnx"), options)
    return session, json.loads((folder / "encoding.json").read_text())


def _surrogate(folder: Path, labels: dict[str, str], numbers: list[float]) -> NDArray[np.float32]:
    """All outputs of one of YAHPO Gym's surrogates; the order of inputs is that of its models."""
    session, encoding = _session(folder)
    inputs = {
        "x_cat": np.array([[encoding[name][label] for name, label in labels.items()]], np.int32),
        "x_cont": np.array([numbers], np.float32),
    }
    return np.asarray(session.run(None, inputs)[0][0])


def lcbench(data: Path) -> Task:
    """A network on OpenML task 167185 after 52 epochs: validation error in percent, and time."""
    space = bo.Space(
        batch_size=bo.Int(16, 512, log=True),
        learning_rate=bo.Float(1e-4, 0.1, log=True),
        momentum=bo.Float(0.1, 0.99),
        weight_decay=bo.Float(1e-5, 0.1),
        num_layers=bo.Int(1, 5),
        max_units=bo.Int(64, 1024, log=True),
        max_dropout=bo.Float(0.0, 1.0),
    )

    def evaluate(params: Params) -> Floats:
        names = ["learning_rate", "momentum", "weight_decay", "num_layers", "max_units"]
        numbers = [52, params["batch_size"], *(params[n] for n in names), params["max_dropout"]]
        found = _surrogate(data / "yahpo" / "lcbench", {"OpenML_task_id": "167185"}, numbers)
        return np.array([100.0 - found[1], found[0]], dtype=float)

    return Task(space, (20.0, 400.0), np.nan, evaluate)


def rpart(data: Path) -> Task:
    """A tree on OpenML task 41163: error, and memory."""
    space = bo.Space(
        cp=bo.Float(np.exp(-7.0), 1.0, log=True),
        maxdepth=bo.Int(1, 30),
        minbucket=bo.Int(1, 100),
        minsplit=bo.Int(1, 100),
        impute=bo.Categorical(["impute.mean", "impute.median", "impute.hist"]),
        trainsize=bo.Float(0.03, 1.0),
    )

    def evaluate(params: Params) -> Floats:
        names = ["cp", "maxdepth", "minbucket", "minsplit", "trainsize"]
        numbers = [*(params[n] for n in names), 10]
        labels = {"task_id": "41163", "num.impute.selected.cpo": params["impute"]}
        found = _surrogate(data / "yahpo" / "rbv2_rpart", labels, numbers)
        return np.array([1.0 - found[0], found[-1]], dtype=float)

    return Task(space, (0.5, 400.0), np.nan, evaluate)


TASKS: dict[str, Callable[[Path], Task]] = {
    **{name: (lambda _, name=name: _of_cube(name)) for name in PROBLEMS},
    "noisy_branin_currin": lambda _: _of_cube("branin_currin", (15.19, 0.63)),
    "mixed": lambda _: Task(MIXED, (1.1, 1.1), _best_of_mixed(), mixed),
    "reactions": reactions,
    "forest": lambda _: Task(FOREST, (0.5, 4.4), np.nan, forest),
    "lcbench": lcbench,
    "rpart": rpart,
}
