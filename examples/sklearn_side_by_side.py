"""Grid, random and Bayesian search on the same problems: quality on unseen data, and the cost.

    python examples/sklearn_side_by_side.py

Needs the extra: pip install 'bayesopt-engine[sklearn]'

Random and Bayesian search get the same number of candidates, grid search the grid that one would
write down. Scores are macro averages on a test set that no search has seen; one run of each is
an illustration, not a benchmark (for that see benchmarks/sklearn_search.py).
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from scipy.stats import loguniform, randint
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
    distributions: dict[str, Any]  # for random search; Bayesian search reads them as well


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
            "logisticregression__C": loguniform(1e-4, 1e3),
            "logisticregression__l1_ratio": [0.0, 1.0],
        },
    ),
]


def searches(problem: Problem, n_iter: int, cv: int) -> dict[str, Any]:
    """The three ways to search."""
    common = {"n_iter": n_iter, "cv": cv, "random_state": 0}
    return {
        "grid": GridSearchCV(problem.estimator, problem.grid, cv=cv),
        "random": RandomizedSearchCV(problem.estimator, problem.distributions, **common),
        "Bayesian": BayesSearchCV(problem.estimator, problem.distributions, **common),
    }


def main(n_iter: int = 25, cv: int = 5, problems: Sequence[Problem] = PROBLEMS) -> None:
    """Print a table for each problem."""
    for problem in problems:
        X, y = problem.data(return_X_y=True)
        X_train, X_test, y_train, y_test = train_test_split(X, y, stratify=y, random_state=0)
        print(f"\n{problem.name}")
        print(f"{'':10}{'CV mean':>8}{'CV sd':>8}{'accuracy':>10}{'precision':>11}", end="")
        print(f"{'recall':>8}{'F1':>8}{'fits':>7}{'seconds':>9}")
        for name, search in searches(problem, n_iter, cv).items():
            started = time.perf_counter()
            search.fit(X_train, y_train)
            seconds = time.perf_counter() - started
            found = search.predict(X_test)
            precision, recall, f1, _ = precision_recall_fscore_support(
                y_test, found, average="macro", zero_division=0.0
            )
            accuracy = accuracy_score(y_test, found)
            fits = cv * len(search.cv_results_["params"])
            sd = search.cv_results_["std_test_score"][search.best_index_]
            print(
                f"{name:10}{search.best_score_:8.4f}{sd:8.4f}{accuracy:10.4f}{precision:11.4f}{recall:8.4f}"
                f"{f1:8.4f}{fits:7d}{seconds:9.1f}"
            )


if __name__ == "__main__":
    main()
