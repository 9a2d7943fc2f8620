"""Earlier runs: regret of a new run with and without three runs of like problems.

    python benchmarks/earlier_runs.py --seeds 10 --trials 20

Each seed draws three earlier problems and a new one of a family, runs the earlier ones, then the
new one in several ways. "unrelated" are earlier runs of another function of the same parameters.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

import bayesopt as bo

SHOWN = (5, 10, 15, 20)
Function = Callable[[Mapping[str, Any]], float]

HARTMANN_A = np.array(
    [
        [10, 3, 17, 3.5, 1.7, 8],
        [0.05, 10, 17, 0.1, 8, 14],
        [3, 3.5, 1.7, 10, 17, 8],
        [17, 8, 0.05, 10, 0.1, 14],
    ]
)
HARTMANN_P = 1e-4 * np.array(
    [
        [1312, 1696, 5569, 124, 8283, 5886],
        [2329, 4135, 8307, 3736, 1004, 9991],
        [2348, 1451, 3522, 2883, 3047, 6650],
        [4047, 8828, 8732, 5743, 1091, 381],
    ]
)


def branin(rng: np.random.Generator) -> Function:
    """Branin moved by up to a tenth of a range, stretched by up to a fifth."""
    move, stretch = rng.uniform(-0.1, 0.1, 2), rng.uniform(0.8, 1.2)

    def f(p: Mapping[str, Any]) -> float:
        x, y = 15 * (p["x"] + move[0]) - 5, 15 * (p["y"] + move[1])
        first = (y - 5.1 / (4 * np.pi**2) * x**2 + 5 / np.pi * x - 6) ** 2
        return float(stretch * (first + 10 * (1 - 1 / (8 * np.pi)) * np.cos(x) + 10))

    return f


def hartmann(rng: np.random.Generator) -> Function:
    """Hartmann-6 with other heights of its four bumps, as in Feurer et al."""
    low, high = [1.0, 1.0, 2.0, 2.0], [1.2, 1.4, 3.0, 3.4]
    alpha = rng.uniform(low, high)

    def f(p: Mapping[str, Any]) -> float:
        x = np.array([p[f"x{j}"] for j in range(6)])
        return float(-alpha @ np.exp(-(HARTMANN_A * (x - HARTMANN_P) ** 2).sum(axis=1)))

    return f


@cache
def tables() -> list[tuple[Any, Any]]:
    from sklearn import datasets

    x, y = datasets.load_digits(return_X_y=True)
    found = []
    for low in range(0, 10, 2):  # which of two digits it is, noisy: five problems
        two = (y == low) | (y == low + 1)
        rng = np.random.default_rng(low)
        labels = np.where(rng.random(two.sum()) < 0.1, 1 - y[two] % 2, y[two] % 2)
        found.append((x[two] / 16.0 + rng.normal(0.0, 0.5, (two.sum(), 64)), labels))
    a, b = datasets.load_breast_cancer(return_X_y=True)
    found.append(((a - a.mean(axis=0)) / a.std(axis=0), b))
    return found


def svm(number: int) -> Function:
    """Log loss in three folds of a support vector machine's margins on one of six data sets."""
    from sklearn.model_selection import StratifiedKFold, cross_val_predict
    from sklearn.svm import SVC

    x, y = tables()[number]
    folds = StratifiedKFold(3, shuffle=True, random_state=0)

    def f(p: Mapping[str, Any]) -> float:
        model = SVC(C=p["C"], gamma=p["gamma"])
        margins = cross_val_predict(model, x, y, cv=folds, method="decision_function")
        return float(np.logaddexp(0.0, -2.0 * (2.0 * y - 1.0) * margins).mean())

    return f


TWO = {"x": bo.Float(0, 1), "y": bo.Float(0, 1)}
SIX = {f"x{j}": bo.Float(0, 1) for j in range(6)}
SVM = {"C": bo.Float(1e-3, 1e3, log=True), "gamma": bo.Float(1e-5, 10, log=True)}


def smooth(space: Mapping[str, Any]) -> Callable[[np.random.Generator], Function]:
    """Random smooth functions: sums of 20 cosines."""

    def draw(rng: np.random.Generator) -> Function:
        w, phase = rng.normal(0, 5.0, (20, len(space))), rng.uniform(0, 2 * np.pi, 20)

        def f(p: Mapping[str, Any]) -> float:
            u = [p[name] for name in space]
            return float(np.cos(w @ np.array(u) + phase).sum())

        return f

    return draw


def mirrored(family: Callable[[np.random.Generator], Function], space: Mapping[str, Any]) -> Any:
    """The family with every parameter and the sign turned round: bad where the new one is good."""

    def draw(rng: np.random.Generator) -> Function:
        f = family(rng)
        return lambda p: -f(p)

    return draw


def problems(name: str, seed: int) -> tuple[Mapping[str, Any], Function, list[Function]]:
    """Space, new problem, earlier problems."""
    rng = np.random.default_rng([seed, 17])
    if name == "svm":
        order = rng.permutation(len(tables()))[:4]
        return SVM, svm(order[0]), [svm(k) for k in order[1:]]
    family, space = {"branin": (branin, TWO), "hartmann": (hartmann, SIX)}[name.partition("-")[0]]
    new = family(rng)
    other = family
    if name.endswith("unrelated"):
        other = smooth(space)
    if name.endswith("opposite"):
        other = mirrored(family, space)
    return space, new, [other(rng) for _ in range(3)]


def traces(name: str, seed: int, trials: int, ways: list[str]) -> dict[str, list[float]]:
    """The best value after each trial, by way."""
    space, new, earlier = problems(name, seed)
    runs = [
        bo.minimize(f, space, n_trials=30, seed=100 * seed + i, progress=False)
        for i, f in enumerate(earlier)
    ]
    options: dict[str, dict[str, Any]] = {
        "alone": {},
        "points": {"start": bo.earlier_points(space, runs)},
        "earlier": {"earlier": runs},
    }
    found = {}
    for way in ways:
        result = bo.minimize(
            new, space, n_trials=trials, seed=seed, progress=False, **options[way]
        )
        values = [np.inf if t.value is None else t.value for t in result.trials]
        found[way] = np.minimum.accumulate(values).tolist()
    return found


NAMES = ("branin", "hartmann", "svm", "branin-unrelated", "hartmann-unrelated", "branin-opposite")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--trials", type=int, default=20)
    parser.add_argument("--names", nargs="*", default=NAMES)
    parser.add_argument("--ways", nargs="*", default=["alone", "points", "earlier"])
    parser.add_argument("--out", type=Path)
    args = parser.parse_args()
    for name in args.names:
        each = []
        for s in range(args.seeds):
            each.append(traces(name, s, args.trials, args.ways))
            if args.out:
                args.out.mkdir(exist_ok=True)
                (args.out / f"{name}.json").write_text(json.dumps(each))
        show(name, each, args.trials)


def show(name: str, each: list[dict[str, list[float]]], trials: int) -> None:
    """Median best value, and wins over the run alone, at a few numbers of trials."""
    for way in each[0]:
        at = [n for n in SHOWN if n <= trials]
        best = [float(np.median([t[way][n - 1] for t in each])) for n in at]
        wins = [
            (
                sum(t[way][n - 1] < t["alone"][n - 1] - 1e-9 for t in each),
                sum(t[way][n - 1] > t["alone"][n - 1] + 1e-9 for t in each),
            )
            for n in at
        ]
        print(
            name,
            way,
            [f"{b:.4g} {w}:{x}" for b, (w, x) in zip(best, wins, strict=True)],
            flush=True,
        )


if __name__ == "__main__":
    main()
