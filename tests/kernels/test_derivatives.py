"""Covariances of values and derivatives: a naive twin, and finite differences of the value's."""

import math

import numpy as np
import pytest

from bayesopt_kernels import derivatives as kernels
from tests.kernels.differences import slopes

FAMILIES = pytest.mark.parametrize("family", [kernels.MATERN52, kernels.RBF])


def value(family, x, y, scale, codes, codes2, c, s2):
    """The covariance of two values, as the book writes it."""
    r2 = float(sum(((a - b) / s) ** 2 for a, b, s in zip(x, y, scale, strict=True)))
    k = s2 * math.exp(-sum(w for w, a, b in zip(c, codes, codes2, strict=True) if a != b))
    t = math.sqrt(5.0 * r2)
    if family == kernels.MATERN52:
        return k * (1.0 + t + t * t / 3.0) * math.exp(-t)
    return k * math.exp(-0.5 * r2)


def row(family, x, y, i, j, *rest, h=1e-4):
    """The covariance of two rows by central differences of the value's."""
    if i >= 0:
        e = h * np.eye(len(x))[i]
        return (row(family, x + e, y, -1, j, *rest) - row(family, x - e, y, -1, j, *rest)) / (
            2 * h
        )
    if j >= 0:
        e = h * np.eye(len(y))[j]
        return (value(family, x, y + e, *rest) - value(family, x, y - e, *rest)) / (2 * h)
    return value(family, x, y, *rest)


def setting(seed=0, n=5, q=3, h=2):
    rng = np.random.default_rng(seed)
    x = rng.uniform(-0.5, 0.5, (n, q))
    x[1] = x[0]  # the same point twice
    codes = rng.integers(0, 2, (n, h))
    codes[1] = codes[0]
    scale, c, s2 = rng.uniform(0.3, 1.5, q), rng.uniform(0.1, 1.0, h), 1.7
    rows = [(p, f) for p in range(n) for f in range(-1, q) if rng.random() < 0.8]
    at, of = (np.array(column, dtype=np.int64) for column in zip(*rows, strict=True))
    return x, codes, scale, c, s2, at, of


def covariances(family, x, codes, scale, c, s2, at, of):
    z, K = x / scale, np.empty((len(at), len(at)))
    rows, theta = np.column_stack([at, of]), np.concatenate([[s2], 1.0 / scale, c])
    kernels.between(family, z, codes, rows, z, codes, rows, theta, K)
    return K


@FAMILIES
def test_covariances_of_rows_are_derivatives_of_those_of_values(family):
    x, codes, scale, c, s2, at, of = setting()
    K = covariances(family, x, codes, scale, c, s2, at, of)
    for a in range(len(at)):
        for b in range(len(at)):
            rest = scale, codes[at[a]], codes[at[b]], c, s2
            if at[a] != at[b] and {at[a], at[b]} == {0, 1} and of[a] >= 0 and of[b] >= 0:
                continue  # the differences do not converge: Matern-5/2 has no third derivative
            wanted = row(family, x[at[a]], x[at[b]], of[a], of[b], *rest)
            loose = 2e-3 if at[a] == at[b] and of[a] >= 0 and of[b] >= 0 else 2e-6
            assert K[a, b] == pytest.approx(wanted, abs=loose * 10)
    np.testing.assert_allclose(K, K.T, atol=1e-12)
    # two different points at one place: as the point with itself
    same = of[at == 0]
    for i in same:
        for j in of[at == 1]:
            a, b = np.flatnonzero((at == 0) & (of == i))[0], np.flatnonzero((at == 1) & (of == j))
            own = (-1.0 if family == kernels.RBF else -5.0 / 3.0) * s2 / scale[i] / scale[j]
            wanted = s2 if i < 0 and j < 0 else (-own if i == j else 0.0)
            assert K[a, b[0]] == pytest.approx(wanted, abs=1e-12)
    assert np.linalg.eigvalsh(K + 1e-9 * np.eye(len(K))).min() > 0.0


@FAMILIES
def test_slopes_in_the_points(family):
    x, codes, scale, c, s2, at, of = setting(3)
    new, labels = np.random.default_rng(1).uniform(-0.5, 0.5, (4, 3)), codes[:4]
    G = np.random.default_rng(2).normal(size=(4, len(at)))
    out = np.empty_like(new)
    rows, theta = np.column_stack([at, of]), np.concatenate([[s2], 1.0 / scale, c])
    z = x / scale
    kernels.slopes(family, new / scale, labels, z, codes, rows, theta, G, out)

    def number(points):
        K, values = np.empty((4, len(at))), np.column_stack([np.arange(4), np.full(4, -1)])
        kernels.between(family, points / scale, labels, values, z, codes, rows, theta, K)
        return (G * K).sum()

    assert out / scale == pytest.approx(slopes(number, new), rel=1e-5, abs=1e-6)


@FAMILIES
def test_derivatives_in_the_hyperparameters(family):
    x, codes, scale, c, s2, at, of = setting(5)
    W = np.random.default_rng(2).normal(size=(len(at), len(at)))
    W = W + W.T
    scales, weights = np.empty(3), np.empty(2)
    rows, theta = np.column_stack([at, of]), np.concatenate([[s2], 1.0 / scale, c])
    total = kernels.by_hyperparameters(family, x / scale, codes, rows, theta, W, scales, weights)

    def number(log_scale, log_c, log_s2):
        K = covariances(
            family, x, codes, np.exp(log_scale), np.exp(log_c), math.exp(log_s2), at, of
        )
        return (W * K).sum()

    start = np.concatenate([np.log(scale), np.log(c), [math.log(s2)]])
    h = 1e-5
    found = [
        (number(u[:3], u[3:5], u[5]) - number(v[:3], v[3:5], v[5])) / (2 * h)
        for u, v in ((start + h * e, start - h * e) for e in np.eye(6))
    ]
    np.testing.assert_allclose([*scales, *weights, total], found, rtol=1e-6, atol=1e-6)


def test_without_categories_and_far_apart():
    x, at, of = np.array([[0.0], [1e5]]), np.array([0, 0, 1]), np.array([-1, 0, 0])
    none = np.empty((2, 0), dtype=np.int64)
    for family in (kernels.MATERN52, kernels.RBF):
        K = covariances(family, x, none, np.ones(1), np.empty(0), 2.0, at, of)
        assert np.isfinite(K).all()
        np.testing.assert_array_equal(K[2, :2], 0.0)
