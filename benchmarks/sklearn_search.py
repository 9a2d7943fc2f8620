"""BayesSearchCV beside scikit-optimize's and random search, on tuning problems of scikit-learn.

    python benchmarks/sklearn_search.py --seeds 5 --n-iter 30 --out search.jsonl

Needs an environment with this package, scikit-learn and scikit-optimize. Every search gets the
same space, the same splits and one thread; defaults otherwise. Written down for each: the best
score in cross-validation after each candidate, and the processor time that went into fits and
into everything else, which is the search itself. A run that is in the file already is skipped.
"""

from __future__ import annotations

import argparse
import inspect
import json
import time
import warnings
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from scipy import stats
from sklearn import datasets
from sklearn.ensemble import GradientBoostingRegressor, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import KFold, RandomizedSearchCV, StratifiedKFold
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC, SVR
from threadpoolctl import threadpool_limits

# name -> ("real" | "int", low, high, log) or ("choice", values)
Space = dict[str, tuple[Any, ...]]


@dataclass(frozen=True)
class Pair:
    """A data set and an estimator."""

    data: Callable[..., Any]
    estimator: Any
    scoring: str
    space: Space
    n_samples: int | None = None


PAIRS: dict[str, Pair] = {
    "svm-digits": Pair(
        datasets.load_digits,
        SVC(),
        "accuracy",
        {
            "C": ("real", 1e-3, 1e3, True),
            "gamma": ("real", 1e-6, 1e1, True),
            "degree": ("int", 1, 8, False),
            "kernel": ("choice", ["linear", "poly", "rbf"]),
        },
        600,
    ),
    "forest-wine": Pair(
        datasets.load_wine,
        RandomForestClassifier(random_state=0),
        "neg_log_loss",
        {
            "n_estimators": ("int", 5, 60, False),
            "max_depth": ("int", 1, 20, False),
            "min_samples_split": ("int", 2, 20, False),
            "max_features": ("real", 0.1, 1.0, False),
        },
    ),
    "logistic-cancer": Pair(
        datasets.load_breast_cancer,
        make_pipeline(StandardScaler(), LogisticRegression(solver="liblinear")),
        "neg_log_loss",
        {
            "logisticregression__C": ("real", 1e-4, 1e4, True),
            "logisticregression__l1_ratio": ("choice", [0.0, 1.0]),
            "logisticregression__tol": ("real", 1e-5, 1e-1, True),
        },
    ),
    "mlp-digits": Pair(
        datasets.load_digits,
        make_pipeline(StandardScaler(), MLPClassifier(max_iter=25, random_state=0)),
        "neg_log_loss",
        {
            "mlpclassifier__hidden_layer_sizes": ("int", 4, 64, True),
            "mlpclassifier__alpha": ("real", 1e-6, 1e1, True),
            "mlpclassifier__learning_rate_init": ("real", 1e-5, 1e-1, True),
            "mlpclassifier__batch_size": ("int", 8, 128, True),
            "mlpclassifier__activation": ("choice", ["relu", "tanh", "logistic"]),
        },
        500,
    ),
    "boosting-diabetes": Pair(
        datasets.load_diabetes,
        GradientBoostingRegressor(random_state=0),
        "neg_mean_squared_error",
        {
            "learning_rate": ("real", 1e-3, 1.0, True),
            "n_estimators": ("int", 10, 150, False),
            "max_depth": ("int", 1, 8, False),
            "subsample": ("real", 0.2, 1.0, False),
            "min_samples_leaf": ("int", 1, 30, False),
        },
    ),
    "svr-diabetes": Pair(
        datasets.load_diabetes,
        make_pipeline(StandardScaler(), SVR()),
        "neg_mean_squared_error",
        {
            "svr__C": ("real", 1e-3, 1e4, True),
            "svr__epsilon": ("real", 1e-3, 1e2, True),
            "svr__gamma": ("real", 1e-6, 1e1, True),
        },
    ),
    "neighbours-digits": Pair(
        datasets.load_digits,
        make_pipeline(StandardScaler(), KNeighborsClassifier()),
        "neg_log_loss",
        {
            "kneighborsclassifier__n_neighbors": ("int", 1, 50, True),
            "kneighborsclassifier__weights": ("choice", ["uniform", "distance"]),
            "kneighborsclassifier__p": ("real", 1.0, 4.0, False),
        },
        500,
    ),
}  # fmt: skip


def ours(pair: Pair, **options: Any) -> Any:
    """This package's."""
    from bayesopt.integrations.sklearn import BayesSearchCV, Categorical, Integer, Real

    return timed(BayesSearchCV)(
        pair.estimator, _dimensions(pair.space, Real, Integer, Categorical), **options
    )


def skopt(pair: Pair, **options: Any) -> Any:
    """scikit-optimize's."""
    from skopt import BayesSearchCV
    from skopt.space import Categorical, Integer, Real

    return timed(BayesSearchCV)(
        pair.estimator, _dimensions(pair.space, Real, Integer, Categorical), **options
    )


def random(pair: Pair, **options: Any) -> Any:
    """RandomizedSearchCV."""
    distributions = {name: _distribution(*spec) for name, spec in pair.space.items()}
    return timed(RandomizedSearchCV)(pair.estimator, distributions, **options)


METHODS = {"bayesopt": ours, "scikit-optimize": skopt, "random": random}


def _dimensions(space: Space, real: Any, integer: Any, categorical: Any) -> dict[str, Any]:
    made = {}
    for name, (kind, *spec) in space.items():
        if kind == "choice":
            made[name] = categorical(spec[0])
        else:
            prior = "log-uniform" if spec[2] else "uniform"
            made[name] = (real if kind == "real" else integer)(spec[0], spec[1], prior=prior)
    return made


class _LogInteger:
    """Whole numbers, uniform in the logarithm."""

    def __init__(self, low: int, high: int) -> None:
        self.draws = stats.loguniform(low - 0.5, high + 0.5)
        self.ends = low, high

    def rvs(self, random_state: Any = None) -> int:
        return int(np.clip(round(self.draws.rvs(random_state=random_state)), *self.ends))


def _distribution(kind: str, *spec: Any) -> Any:
    if kind == "choice":
        return spec[0]
    low, high, log = spec
    if kind == "int":
        return _LogInteger(low, high) if log else stats.randint(low, high + 1)
    return stats.loguniform(low, high) if log else stats.uniform(low, high - low)


def timed(kind: Any) -> Any:
    """The search, with the processor time of its fits in ``fit_cpu_``."""

    class Timed(kind):  # type: ignore[misc]
        def _run_search(self, evaluate_candidates: Any, callback_ctx: Any = None) -> None:
            self.fit_cpu_ = 0.0

            def evaluate(candidates: Any, **options: Any) -> Any:
                started = time.process_time()
                try:
                    return evaluate_candidates(candidates, **options)
                finally:
                    self.fit_cpu_ += time.process_time() - started

            takes_context = "callback_ctx" in inspect.signature(kind._run_search).parameters
            context = {"callback_ctx": callback_ctx} if takes_context else {}
            super()._run_search(evaluate, **context)

    return Timed


def run(method: str, name: str, seed: int, n_iter: int) -> dict[str, Any]:
    """One search."""
    pair = PAIRS[name]
    X, y = pair.data(return_X_y=True)
    if pair.n_samples is not None:
        X, y = X[: pair.n_samples], y[: pair.n_samples]
    folds = KFold if pair.scoring.endswith("squared_error") else StratifiedKFold
    search = METHODS[method](
        pair, n_iter=n_iter, scoring=pair.scoring, cv=folds(3, shuffle=True, random_state=seed),
        random_state=seed, refit=False, n_jobs=1,
    )  # fmt: skip
    started, cpu = time.perf_counter(), time.process_time()
    with warnings.catch_warnings(), threadpool_limits(1):
        warnings.simplefilter("ignore")
        search.fit(X, y)
    cpu = time.process_time() - cpu
    best = np.maximum.accumulate(search.cv_results_["mean_test_score"])
    return {
        "method": method, "pair": name, "seed": seed, "n_iter": n_iter, "best": best.tolist(),
        "seconds": time.perf_counter() - started, "cpu": cpu, "fit_cpu": search.fit_cpu_,
    }  # fmt: skip


def table(runs: list[dict[str, Any]], n_iter: int) -> str:
    """Means over the seeds: scores at half and at all candidates, processor time."""
    half = n_iter // 2
    groups: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for r in runs:
        if r["n_iter"] == n_iter:
            groups[r["pair"], r["method"]].append(r)
    head = f"| pair | method | runs | best at {half} | best at {n_iter} | search, s | fits, s |"
    lines = [head, "|---|---|---|---|---|---|---|"]
    for (pair, method), some in sorted(groups.items()):
        at = [np.mean([r["best"][k - 1] for r in some]) for k in (half, n_iter)]
        own = np.mean([r["cpu"] - r["fit_cpu"] for r in some])
        fits = np.mean([r["fit_cpu"] for r in some])
        lines.append(
            f"| {pair} | {method} | {len(some)} | {at[0]:.5g} | {at[1]:.5g} "
            f"| {own:.2f} | {fits:.1f} |"
        )
    return "\n".join(lines)


def wins(runs: list[dict[str, Any]], n_iter: int, a: str, b: str) -> str:
    """In how many of the runs that both have one of two methods is better."""
    last = {
        (r["pair"], r["seed"], r["method"]): r["best"][-1] for r in runs if r["n_iter"] == n_iter
    }
    both = [(v, last[p, s, b]) for (p, s, m), v in last.items() if m == a and (p, s, b) in last]
    better, worse = sum(x > y for x, y in both), sum(x < y for x, y in both)
    return f"{a} better than {b} in {better} of {len(both)} runs, worse in {worse}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--n-iter", type=int, default=30)
    parser.add_argument("--pairs", nargs="*", default=list(PAIRS), choices=list(PAIRS))
    parser.add_argument("--methods", nargs="*", default=list(METHODS), choices=list(METHODS))
    parser.add_argument("--out", type=Path, default=Path("sklearn_search.jsonl"))
    given = parser.parse_args()
    runs = [json.loads(line) for line in given.out.open()] if given.out.exists() else []
    done = {(r["method"], r["pair"], r["seed"], r["n_iter"]) for r in runs}
    warm: set[str] = set()
    for seed in range(given.seeds):
        for pair in given.pairs:
            for method in given.methods:
                if (method, pair, seed, given.n_iter) in done:
                    continue
                if method not in warm:  # imports and compilation are no part of a search
                    run(method, "svr-diabetes", seed, 12)
                    warm.add(method)
                runs.append(run(method, pair, seed, given.n_iter))
                with given.out.open("a") as file:
                    file.write(json.dumps(runs[-1]) + "\n")
    print(table(runs, given.n_iter))
    for rival in given.methods[1:]:
        print(wins(runs, given.n_iter, given.methods[0], rival))


if __name__ == "__main__":
    main()
