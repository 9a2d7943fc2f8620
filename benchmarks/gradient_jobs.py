"""Real jobs with derivatives: penalties, kernels and a small network, tuned with and without.

``python -m benchmarks.gradient_jobs --seeds 5`` prints the table of ``GRADIENTS.md``. The
derivatives are those of the validation loss with respect to the hyperparameters (hypergradients):
of ridge and kernel ridge in closed form, of the elastic net on its active set (implicit
differentiation), and of a network through all of its training steps (forward mode, by complex
steps: Squire & Trapp 1998). Needs scikit-learn.
"""

from __future__ import annotations

import argparse
import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

import bayesopt as bo

Floats = NDArray[np.float64]
Params = Mapping[str, float]
Job = Callable[[Params], tuple[float, dict[str, float]]]

_FOLDS = 5
_MOST = 5_000  # iterations of ADMM
_STEP = 1e-30  # of complex-step derivatives: below rounding, so they are exact


@cache
def _diabetes() -> tuple[Floats, Floats]:
    from sklearn.datasets import load_diabetes

    X, y = load_diabetes(return_X_y=True)
    return X / X.std(axis=0), (y - y.mean()) / y.std()


def _folds(n: int) -> Iterator[tuple[NDArray[np.bool_], NDArray[np.bool_]]]:
    fold = np.random.default_rng(0).permutation(n) % _FOLDS
    for k in range(_FOLDS):
        yield fold != k, fold == k


def ridge(params: Params) -> tuple[float, dict[str, float]]:
    """Cross-validated error of a linear model with a penalty for each feature.

    ``A w = X'y`` with ``A = X'X + diag(p)``, so ``dw/dp_j = -A^-1 e_j w_j``.
    """
    X, y = _diabetes()
    p = np.array(list(params.values()))
    loss, slope = 0.0, np.zeros(len(p))
    for train, test in _folds(len(y)):
        inverse = np.linalg.inv(X[train].T @ X[train] + np.diag(p))
        w = inverse @ (X[train].T @ y[train])
        r = X[test] @ w - y[test]
        loss += float(r @ r) / len(y)
        slope -= 2.0 * (X[test].T @ r / len(y)) @ inverse * w
    return loss, dict(zip(params, slope.tolist(), strict=True))


def elastic_net(params: Params) -> tuple[float, dict[str, float]]:
    """Cross-validated error of a quadratic model with an l1 and an l2 penalty, each for the
    linear and for the product terms.

    On the active set S the weights solve ``(X'X/n + diag(l2)) w = X'y/n - l1 sign(w)``.
    """
    X, y = _quadratic()
    linear = np.arange(X.shape[1]) < _diabetes()[0].shape[1]
    l1 = np.where(linear, params["l1_linear"], params["l1_products"])
    l2 = np.where(linear, params["l2_linear"], params["l2_products"])
    loss, slope = 0.0, dict.fromkeys(params, 0.0)
    for train, test in _folds(len(y)):
        n = int(train.sum())
        gram, right = X[train].T @ X[train] / n, X[train].T @ y[train] / n
        w = _elastic_weights(gram, right, l1, l2)
        active = w != 0.0
        r = X[test] @ w - y[test]
        loss += float(r @ r) / len(y)
        A = gram[np.ix_(active, active)] + np.diag(l2[active])
        adjoint = np.linalg.solve(A, 2.0 * X[test][:, active].T @ r / len(y))
        for group, name in ((linear, "linear"), (~linear, "products")):
            of = group[active]
            slope[f"l1_{name}"] -= float(adjoint[of] @ np.sign(w[active][of]))
            slope[f"l2_{name}"] -= float(adjoint[of] @ w[active][of])
    return loss, slope


@cache
def _quadratic() -> tuple[Floats, Floats]:
    X, y = _diabetes()
    i, j = np.triu_indices(X.shape[1])
    products = X[:, i] * X[:, j]
    products = products[:, products.std(axis=0) > 1e-9]
    products = (products - products.mean(axis=0)) / products.std(axis=0)
    return np.hstack([X, products]), y


def _elastic_weights(gram: Floats, right: Floats, l1: Floats, l2: Floats) -> Floats:
    """The weights: their active set by ADMM (Boyd et al. 2011), then exactly."""
    rho = float(np.trace(gram)) / len(right)
    inverse = np.linalg.inv(gram + np.diag(l2) + rho * np.eye(len(right)))
    z = dual = np.zeros(len(right))
    for _ in range(_MOST):
        w = inverse @ (right + rho * (z - dual))
        before, z = z, np.sign(w + dual) * np.maximum(np.abs(w + dual) - l1 / rho, 0.0)
        dual = dual + w - z
        if max(np.abs(z - before).max(), np.abs(w - z).max()) < 1e-9:
            break
    active = z != 0.0
    A = gram[np.ix_(active, active)] + np.diag(l2[active])
    found = np.zeros(len(right))
    found[active] = np.linalg.solve(A, right[active] - l1[active] * np.sign(z[active]))
    return found


def kernel_ridge(params: Params) -> tuple[float, dict[str, float]]:
    """Cross-validated error of kernel ridge regression with a lengthscale for each feature.

    ``alpha = (K + p I)^-1 y``; the adjoint of the prediction gives all derivatives at once.
    """
    X, y = _diabetes()
    scale = np.array([params[f"lengthscale_{k}"] for k in range(X.shape[1])])
    squared = (X[:, None, :] - X[None, :, :]) ** 2
    K = np.exp(-0.5 * (squared / scale**2).sum(axis=-1))
    loss, by_scale, by_penalty = 0.0, np.zeros(len(scale)), 0.0
    for train, test in _folds(len(y)):
        a, b = np.flatnonzero(train), np.flatnonzero(test)
        A = K[np.ix_(a, a)] + params["penalty"] * np.eye(len(a))
        alpha = np.linalg.solve(A, y[a])
        r = K[np.ix_(b, a)] @ alpha - y[b]
        loss += float(r @ r) / len(y)
        adjoint = 2.0 * r / len(y)
        back = np.linalg.solve(A, K[np.ix_(a, b)] @ adjoint)
        by_penalty -= float(back @ alpha)
        W = np.outer(adjoint, alpha) * K[np.ix_(b, a)]
        V = np.outer(back, alpha) * K[np.ix_(a, a)]
        by_scale += np.einsum("ij,ijk->k", W, squared[np.ix_(b, a)]) / scale**3
        by_scale -= np.einsum("ij,ijk->k", V, squared[np.ix_(a, a)]) / scale**3
    slopes = {f"lengthscale_{k}": float(v) for k, v in enumerate(by_scale)}
    return loss, {**slopes, "penalty": by_penalty}


def network(params: Params) -> tuple[float, dict[str, float]]:
    """Validation loss of a small network after training, by learning rates, momentum and weight
    decays.
    """
    value = float(np.real(_trained({k: complex(v) for k, v in params.items()})))
    slopes = {}
    for name in params:
        stepped = {k: complex(v, _STEP if k == name else 0.0) for k, v in params.items()}
        slopes[name] = float(np.imag(_trained(stepped)) / _STEP)
    return value, slopes


@cache
def _digits() -> tuple[Floats, NDArray[np.int64], Floats, NDArray[np.int64]]:
    from sklearn.datasets import load_digits

    X, y = load_digits(return_X_y=True)
    order = np.random.default_rng(0).permutation(len(y))
    X, y = X[order] / 16.0 - 0.5, y[order].astype(np.int64)
    return X[:300], y[:300], X[300:900], y[300:900]


_HIDDEN, _UPDATES = 12, 40


def _trained(p: Mapping[str, complex]) -> complex:
    """Validation loss after gradient descent with momentum on the whole training set; analytic in
    every hyperparameter.
    """
    X, y, X_new, y_new = _digits()
    rng = np.random.default_rng(0)
    V = rng.normal(size=(X.shape[1], _HIDDEN)).astype(complex) / np.sqrt(X.shape[1])
    W = rng.normal(size=(_HIDDEN, 10)).astype(complex) / np.sqrt(_HIDDEN)
    dV, dW, labels = np.zeros_like(V), np.zeros_like(W), np.eye(10)[y]
    for _ in range(_UPDATES):
        hidden = np.tanh(X @ V)
        wrong = (_softmax(hidden @ W) - labels) / len(y)
        by_hidden = wrong @ W.T * (1.0 - hidden**2)
        dW = p["momentum"] * dW + hidden.T @ wrong + p["decay_out"] * W
        dV = p["momentum"] * dV + X.T @ by_hidden + p["decay_in"] * V
        W, V = W - p["rate_out"] * dW, V - p["rate_in"] * dV
    chosen = _softmax(np.tanh(X_new @ V) @ W)[np.arange(len(y_new)), y_new]
    return complex(-np.log(chosen).mean())


def _softmax(z: Any) -> Any:
    e = np.exp(z - np.real(z).max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def _log(low: float, high: float) -> bo.Float:
    return bo.Float(low, high, log=True)


JOBS: dict[str, tuple[Job, dict[str, bo.Float]]] = {
    "ridge, 10 penalties": (ridge, {f"penalty_{k}": _log(1e-2, 1e4) for k in range(10)}),
    "elastic net, 4 penalties": (
        elastic_net,
        {f"{p}_{t}": _log(1e-4, 1.0) for p in ("l1", "l2") for t in ("linear", "products")},
    ),
    "kernel ridge, 11 hyperparameters": (
        kernel_ridge,
        {
            **{f"lengthscale_{k}": _log(0.3, 100.0) for k in range(10)},
            "penalty": _log(1e-3, 10.0),
        },
    ),
    "network, 5 hyperparameters": (
        network,
        {
            "rate_in": _log(1e-3, 3.0),
            "rate_out": _log(1e-3, 3.0),
            "momentum": bo.Float(0.0, 0.95),
            "decay_in": _log(1e-5, 1e-1),
            "decay_out": _log(1e-5, 1e-1),
        },
    ),
}


@dataclass(frozen=True)
class Way:
    """With derivatives or without, by which proposer."""

    told: bool
    proposer: Any = None


WAYS = {
    "none": Way(told=False),
    "right": Way(told=True),
    "L-BFGS-B alone": Way(told=True, proposer=bo.MultistartGradient()),
}


def run(job: str, way: Way, n: int, seed: int) -> Floats:
    """Best value after each of n evaluations."""
    objective, space = JOBS[job]
    options = {} if way.proposer is None else {"proposer": way.proposer}
    opt = bo.Optimizer(space, seed=seed, n_trials=n, **options)
    values = []
    for _ in range(n):
        trial = opt.ask()
        value, slopes = objective(trial.params)
        usable = np.isfinite(value)
        if not usable:
            opt.tell_failed(trial)
        else:
            opt.tell(trial, {"value": value, **({"gradient": slopes} if way.told else {})})
        values.append(value if usable else np.inf)
    return np.minimum.accumulate(values)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--evaluations", type=int, default=40)
    parser.add_argument("--jobs", nargs="+", default=list(JOBS))
    given = parser.parse_args()
    logging.disable(logging.WARNING)
    n = given.evaluations
    print("| job | derivatives | median loss after 1/4, 1/2, all | there at |")
    print("|---|---|---|---|")
    for job in given.jobs:
        runs = {
            name: np.array([run(job, way, n, seed) for seed in range(given.seeds)])
            for name, way in WAYS.items()
        }
        for name, found in runs.items():
            shown = " / ".join(f"{np.median(found[:, k - 1]):.5g}" for k in (n // 4, n // 2, n))
            print(f"| {job} | {name} | {shown} | {there(found, runs['none'])} |", flush=True)


def there(found: Floats, plain: Floats) -> str:
    """The share of the evaluations after which a run has what the same seed has at the end
    without derivatives (median).
    """
    shares = []
    for mine, other in zip(found, plain, strict=True):
        first = np.flatnonzero(other <= other[-1])[0] + 1
        at = np.flatnonzero(mine <= other[-1])
        shares.append((at[0] + 1) / first if len(at) else np.inf)
    middle = float(np.median(shares))
    return "not" if np.isinf(middle) else f"{100 * middle:.0f} %"


if __name__ == "__main__":
    main()
