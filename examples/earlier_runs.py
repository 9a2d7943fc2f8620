"""Tune a support vector machine on new data, with what two earlier runs on like data found.

Needs scikit-learn. Run it: python examples/earlier_runs.py
"""

from __future__ import annotations

import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import cross_val_score
from sklearn.svm import SVC

import bayesopt as bo

X, y = load_digits(return_X_y=True)
SPACE = {"C": bo.Float(1e-3, 1e3, log=True), "gamma": bo.Float(1e-6, 10.0, log=True)}


def error(low: int):
    """The objective: telling the digit ``low`` from the next one, in bad light."""
    two = (y == low) | (y == low + 1)
    noise = np.random.default_rng(low).normal(0.0, 8.0, (int(two.sum()), X.shape[1]))

    def evaluate(params):
        model = SVC(C=params["C"], gamma=params["gamma"])
        return 1.0 - cross_val_score(model, X[two] + noise, y[two], cv=5).mean()

    return evaluate


def main(n_trials: int = 25, n_new: int = 10) -> None:
    """Two runs, then a new one with and without them."""
    earlier = [bo.minimize(error(low), SPACE, n_trials=n_trials, seed=1) for low in (2, 4)]
    alone = bo.minimize(error(8), SPACE, n_trials=n_new, seed=1)
    informed = bo.minimize(error(8), SPACE, n_trials=n_new, seed=1, earlier=earlier)
    print(f"error after {n_new} trials: alone {alone.best.value:.4f}", end=", ")
    print(f"with earlier runs {informed.best.value:.4f}")
    print("weights:", informed.diagnostics["surrogate"]["earlier_runs"]["weights"])


if __name__ == "__main__":
    main()
