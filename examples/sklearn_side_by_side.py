"""Grid, random, random-grid and Bayesian search on the same problems, several seeds, as a table.

    python examples/sklearn_side_by_side.py                 # 5 seeds; about a quarter of an hour
    python examples/sklearn_side_by_side.py "SVM on digits" # one of the problems

Needs the extra: pip install 'bayesopt-engine[sklearn]'; for the network also Keras and a backend:
pip install keras jax, and KERAS_BACKEND=jax

All but the grid get the same number of candidates. "random" draws from ranges, "random grid"
from lists of values. Scores are macro averages on a test set that no search has seen. A few seeds
are an illustration, not a benchmark (for that see benchmarks/sklearn_search.py).
"""

import sys
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

import numpy as np
from scipy.stats import loguniform, randint
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.datasets import load_breast_cancer, load_digits, load_iris
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, precision_recall_fscore_support
from sklearn.model_selection import GridSearchCV, RandomizedSearchCV, train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from bayesopt.integrations.sklearn import BayesSearchCV


@dataclass(frozen=True)
class Problem:
    """A data set, an estimator, and where its parameters are looked for."""

    name: str
    data: Any
    estimator: Any
    grid: dict[str, list[Any]]
    lists: dict[str, list[Any]]  # for random-grid search
    distributions: dict[str, Any]  # for random search; Bayesian search reads them as well


class KerasDigits(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """A small network, as an estimator: what is tuned are its learning rate and batch size."""

    def __init__(self, learning_rate: float = 1e-3, batch_size: int = 32, epochs: int = 5) -> None:
        self.learning_rate = learning_rate
        self.batch_size = batch_size
        self.epochs = epochs

    def fit(self, X: Any, y: Any) -> "KerasDigits":
        """Train."""
        import keras

        keras.utils.set_random_seed(0)
        self.classes_, labels = np.unique(y, return_inverse=True)
        self.model_ = keras.Sequential(
            [
                keras.Input((X.shape[1],)),
                keras.layers.Dense(32, "relu"),
                keras.layers.Dense(len(self.classes_), "softmax"),
            ]
        )
        optimizer = keras.optimizers.Adam(float(self.learning_rate))
        self.model_.compile(optimizer, "sparse_categorical_crossentropy")
        size = int(self.batch_size)
        self.model_.fit(X / 16.0, labels, batch_size=size, epochs=self.epochs, verbose=0)
        return self

    def predict(self, X: Any) -> Any:
        """The likeliest class of each row."""
        shares = self.model_.predict(X / 16.0, verbose=0)
        return self.classes_[np.argmax(shares, axis=1)]


PROBLEMS = [
    Problem(
        "random forest on iris",
        load_iris,
        RandomForestClassifier(random_state=0),
        {
            "n_estimators": [10, 50, 100, 200],
            "max_depth": [None, 5, 10],
            "min_samples_split": [2, 5, 10],
        },
        {
            "n_estimators": [*range(10, 201, 10)],
            "max_depth": [None, 2, 3, 4, 5, 7, 10, 15, 20],
            "min_samples_split": [2, 3, 4, 5, 7, 10, 15, 20],
        },
        {
            "n_estimators": randint(10, 201),
            "max_depth": [None, *range(2, 21)],
            "min_samples_split": randint(2, 21),
        },
    ),
    Problem(
        "SVM on digits",
        load_digits,
        SVC(),
        {
            "C": [0.1, 1, 10, 100],
            "gamma": [1e-4, 1e-3, 1e-2],
            "kernel": ["linear", "rbf", "poly"],
        },
        {
            "C": np.logspace(-3, 3, 13).tolist(),
            "gamma": np.logspace(-5, 0, 11).tolist(),
            "kernel": ["linear", "rbf", "poly"],
        },
        {
            "C": loguniform(1e-3, 1e3),
            "gamma": loguniform(1e-5, 1),
            "kernel": ["linear", "rbf", "poly"],
        },
    ),
    Problem(
        "logistic regression (l1, l2) on breast cancer",
        load_breast_cancer,
        make_pipeline(StandardScaler(), LogisticRegression(solver="liblinear")),
        {
            "logisticregression__C": [1e-3, 1e-2, 0.1, 1, 10, 100],
            "logisticregression__l1_ratio": [0.0, 1.0],  # 0: l2 penalty, 1: l1
        },
        {
            "logisticregression__C": np.logspace(-4, 3, 15).tolist(),
            "logisticregression__l1_ratio": [0.0, 1.0],
        },
        {
            "logisticregression__C": loguniform(1e-4, 1e3),
            "logisticregression__l1_ratio": [0.0, 1.0],
        },
    ),
    Problem(
        "Keras network on digits",
        load_digits,
        KerasDigits(),
        {"learning_rate": [1e-4, 1e-3, 1e-2, 1e-1], "batch_size": [16, 32, 64, 128]},
        {
            "learning_rate": np.logspace(-5, 0, 16).tolist(),
            "batch_size": [8, 16, 32, 64, 128, 256],
        },
        {"learning_rate": loguniform(1e-5, 1), "batch_size": [8, 16, 32, 64, 128, 256]},
    ),
]


def searches(problem: Problem, n_iter: int, cv: int, seed: int) -> dict[str, Any]:
    """The four ways to search."""
    common = {"n_iter": n_iter, "cv": cv, "random_state": seed}
    return {
        "grid": GridSearchCV(problem.estimator, problem.grid, cv=cv),
        "random grid": RandomizedSearchCV(problem.estimator, problem.lists, **common),
        "random": RandomizedSearchCV(problem.estimator, problem.distributions, **common),
        "Bayesian": BayesSearchCV(problem.estimator, problem.distributions, **common),
    }


def scores(search: Any, problem: Problem, seed: int) -> list[float]:
    """What one search found: its own mean and sd, and four scores on unseen data."""
    X, y = problem.data(return_X_y=True)
    X_train, X_test, y_train, y_test = train_test_split(X, y, stratify=y, random_state=seed)
    search.fit(X_train, y_train)
    found = search.predict(X_test)
    averages = precision_recall_fscore_support(y_test, found, average="macro", zero_division=0.0)
    sd = search.cv_results_["std_test_score"][search.best_index_]
    fits = search.n_splits_ * len(search.cv_results_["params"])
    return [search.best_score_, sd, accuracy_score(y_test, found), *averages[:3], fits]


def main(
    n_iter: int = 15, cv: int = 3, seeds: Iterable[int] = range(5), problems: Any = None
) -> None:
    """Print a table for each problem: means over the seeds, of which each splits anew."""
    if problems is None:
        problems = [p for p in PROBLEMS if "Keras" not in p.name or find_spec("keras")]
    for problem in problems:
        table: dict[str, list[list[float]]] = {}
        for seed in seeds:
            for name, search in searches(problem, n_iter, cv, seed).items():
                table.setdefault(name, []).append(scores(search, problem, seed))
        print(
            f"\n| {problem.name} | CV mean | CV sd | accuracy | precision | recall | F1 | fits |"
        )
        print("|---|---|---|---|---|---|---|---|", flush=True)
        for name, rows in table.items():
            means, sds = np.mean(rows, axis=0), np.std(rows, axis=0)
            cells = [f"{mean:.4f}" for mean in means[:-1]]
            cells[0] += f" ± {sds[0]:.4f}"
            cells[2] += f" ± {sds[2]:.4f}"
            print(f"| {name} | {' | '.join(cells)} | {means[-1]:.0f} |", flush=True)


if __name__ == "__main__":
    main(problems=[p for p in PROBLEMS if p.name in sys.argv[1:]] or None)
