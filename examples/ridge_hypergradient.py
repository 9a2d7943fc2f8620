"""Ten ridge penalties, one a feature, with the derivative of the cross-validated error.

Needs the extra: pip install 'bayesopt-engine[sklearn]'
"""

import numpy as np
from sklearn.datasets import load_diabetes
from sklearn.model_selection import KFold

import bayesopt as bo

X, y = load_diabetes(return_X_y=True)
X, y = X / X.std(axis=0), y - y.mean()
SPACE = {f"penalty_{j}": bo.Float(1e-2, 1e4, log=True) for j in range(X.shape[1])}


def error(params: dict[str, float]) -> dict[str, object]:
    """Mean squared error of five folds, and its derivative in each penalty.

    The weights solve ``A w = X'y`` with ``A = X'X + diag(penalties)``, so ``dw/dp_j`` is
    ``-A^-1 e_j w_j``.
    """
    penalties = np.array([params[name] for name in SPACE])
    total, gradient = 0.0, np.zeros(len(penalties))
    for train, test in KFold(5, shuffle=True, random_state=0).split(X):
        inverse = np.linalg.inv(X[train].T @ X[train] + np.diag(penalties))
        weights = inverse @ (X[train].T @ y[train])
        residuals = X[test] @ weights - y[test]
        total += float(residuals @ residuals) / len(y)
        gradient -= 2.0 * (X[test].T @ residuals / len(y)) @ inverse * weights
    return {"value": total, "gradient": dict(zip(SPACE, gradient.tolist(), strict=True))}


def value_only(params: dict[str, float]) -> object:
    """The same without the derivatives."""
    return error(params)["value"]


def main(n_trials: int = 40) -> None:
    """Compare with and without, and with gradient search alone."""
    runs = {
        "with derivatives": (error, {}),
        "values alone": (value_only, {}),
        "L-BFGS-B from random starts": (error, {"proposer": bo.MultistartGradient()}),
    }
    for name, (objective, options) in runs.items():
        result = bo.minimize(
            objective, SPACE, n_trials=n_trials, seed=0, progress=False, **options
        )
        print(f"{name}: {result.best.value:.2f}")


if __name__ == "__main__":
    main()
