"""Tuning scikit-learn models on its bundled data: real problems with conditional spaces.

``sklearn/MODEL-DATA``. The models are Bayesmark's nine (Turner and Kiili, bayesmark), re-expressed
for the current scikit-learn, with the dependent parameters as conditions, plus gradient boosting,
a pipeline and the choice of the algorithm itself. The value is a cross-validated loss: log loss
for a classifier, mean squared error over the target's variance for a regressor.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.problems.base import Problem
from benchmarks.problems.tuning_models import MODELS
from benchmarks.space import Space

_SETS = ("iris", "wine", "digits", "breast", "diabetes")
_DEFAULT_SETS = ("wine", "breast", "digits", "diabetes")
_MAX_ROWS = 600  # a part of digits is enough, and keeps an evaluation under a second or so
_FOLDS = 3


def read_data(name: str) -> tuple[np.ndarray, np.ndarray, bool]:
    """Standardised features (n, p), target (n,) and whether it is a regression."""
    from sklearn import datasets

    loaders: dict[str, Callable[..., Any]] = {
        "iris": datasets.load_iris,
        "wine": datasets.load_wine,
        "digits": datasets.load_digits,
        "breast": datasets.load_breast_cancer,
        "diabetes": datasets.load_diabetes,
    }
    x, y = loaders[name](return_X_y=True)
    order = np.random.default_rng(0).permutation(len(y))[:_MAX_ROWS]
    x, y = x[order], y[order]
    return (x - x.mean(axis=0)) / (x.std(axis=0) + 1e-12), y, name == "diabetes"


class Tuning(Problem):
    """Cross-validated loss of a model on a data set."""

    def __init__(self, name: str, model: str, data: str) -> None:
        self.name = name
        self.model = MODELS[model]
        self.x, self.y, self.regression = read_data(data)
        self.space: Space = self.model.space
        self.group = "conditional" if self.space.conditional else "mixed"

    def value(self, params: Mapping[str, Any]) -> float:
        from sklearn.model_selection import KFold, StratifiedKFold, cross_val_score

        estimator = self.model.build(dict(params), self.regression)
        folds = KFold if self.regression else StratifiedKFold
        splits = folds(_FOLDS, shuffle=True, random_state=0)
        scoring = "neg_mean_squared_error" if self.regression else "neg_log_loss"
        with warnings.catch_warnings():
            warnings.simplefilter(
                "ignore"
            )  # convergence warnings: a bad setting shows in its loss
            scores = cross_val_score(
                estimator, self.x, self.y, cv=splits, scoring=scoring, error_score="raise"
            )
        loss = -float(np.mean(scores))
        return loss / float(np.var(self.y)) if self.regression else loss


def names() -> list[str]:
    return [f"sklearn/{m}-{d}" for m in MODELS for d in _DEFAULT_SETS]


def load(name: str, data: Path | None = None) -> Problem:
    model, _, chosen = name.partition("/")[2].partition("-")
    if model not in MODELS or chosen not in _SETS:
        raise ValueError(
            f"unknown problem {name!r}: expected sklearn/MODEL-DATA with MODEL of "
            f"{sorted(MODELS)} and DATA of {_SETS}"
        )
    return Tuning(name, model, chosen)
