"""Covariances of sums of functions of one feature: a naive twin, and finite differences."""

import math

import numpy as np
import pytest

from bayesopt_kernels import additive as kernels
from tests.kernels.differences import slopes

FAMILIES = pytest.mark.parametrize("family", [kernels.MATERN52, kernels.RBF])


def value(family, x, y, w, scale):
    """The covariance of two values, as the paper writes it."""
    total = 0.0
    for a, b, v, s in zip(x, y, w, scale, strict=True):
        r = abs(a - b) / s
        t = math.sqrt(5.0) * r
        matern = (1.0 + t + t * t / 3.0) * math.exp(-t)
        total += v * (matern if family == kernels.MATERN52 else math.exp(-0.5 * r * r))
    return total


def row(family, x, y, i, j, w, scale, h=1e-4):
    """The covariance of two rows by central differences of the value's."""
    ends_x = [(x, 1.0)] if i < 0 else _ends(x, i, h)
    ends_y = [(y, 1.0)] if j < 0 else _ends(y, j, h)
    return sum(s * t * value(family, a, b, w, scale) for a, s in ends_x for b, t in ends_y)


def _ends(x, i, h):
    e = h * np.eye(len(x))[i]
    return [(x + e, 0.5 / h), (x - e, -0.5 / h)]


def setting(seed=0, n=5, q=3):
    rng = np.random.default_rng(seed)
    x = rng.uniform(-0.5, 0.5, (n, q))
    x[1] = x[0]  # the same point twice
    rows = [(p, f) for p in range(n) for f in range(-1, q) if rng.random() < 0.8]
    w, scale = rng.uniform(0.2, 1.5, q), rng.uniform(0.3, 1.5, q)
    return x, np.array(rows, dtype=np.int64), w, scale


def covariances(family, x, rows, w, scale):
    z, K = x / scale, np.empty((len(rows), len(rows)))
    kernels.between(family, z, rows, z, rows, np.concatenate([w, 1.0 / scale]), K)
    return K


@FAMILIES
def test_covariances_of_rows_are_derivatives_of_those_of_values(family):
    x, rows, w, scale = setting()
    K = covariances(family, x, rows, w, scale)
    for a, (p, i) in enumerate(rows):
        for b, (o, j) in enumerate(rows):
            at_kink = i == j >= 0 and np.array_equal(x[p], x[o])  # differences converge slowly
            wanted = row(family, x[p], x[o], i, j, w, scale)
            assert K[a, b] == pytest.approx(wanted, abs=2e-2 if at_kink else 2e-5)
    np.testing.assert_allclose(K, K.T, atol=1e-12)
    assert np.linalg.eigvalsh(K).min() > -1e-9
    own = [K[a, a] / w[i] * scale[i] ** 2 for a, (_, i) in enumerate(rows) if i >= 0]
    np.testing.assert_allclose(own, 5.0 / 3.0 if family == kernels.MATERN52 else 1.0)


@FAMILIES
def test_slopes_in_the_points(family):
    x, rows, w, scale = setting(3)
    new, theta = np.random.default_rng(1).uniform(-0.5, 0.5, (4, 3)), np.append(w, 1.0 / scale)
    G = np.random.default_rng(2).normal(size=(4, len(rows)))
    out = np.empty_like(new)
    kernels.slopes(family, new / scale, x / scale, rows, theta, G, out)

    def number(points):
        K, values = np.empty((4, len(rows))), np.column_stack([np.arange(4), np.full(4, -1)])
        kernels.between(family, points / scale, values, x / scale, rows, theta, K)
        return (G * K).sum()

    assert out / scale == pytest.approx(slopes(number, new), rel=1e-5, abs=1e-6)


@FAMILIES
def test_derivatives_in_the_hyperparameters(family):
    x, rows, w, scale = setting(5)
    W = np.random.default_rng(2).normal(size=(len(rows), len(rows)))
    W = W + W.T
    variances, scales = np.empty(3), np.empty(3)
    theta = np.append(w, 1.0 / scale)
    kernels.by_hyperparameters(family, x / scale, rows, theta, W, variances, scales)

    def number(log):
        return (W * covariances(family, x, rows, np.exp(log[:3]), np.exp(log[3:]))).sum()

    start, h = np.log(np.append(w, scale)), 1e-5
    found = [(number(start + h * e) - number(start - h * e)) / (2 * h) for e in np.eye(6)]
    np.testing.assert_allclose([*variances, *scales], found, rtol=1e-6, atol=1e-6)


@FAMILIES
def test_far_apart_nothing_is_shared(family):
    x, rows = np.array([[0.0], [1e5]]), np.array([[0, -1], [0, 0], [1, -1], [1, 0]])
    K = covariances(family, x, rows, np.ones(1), np.ones(1))
    assert np.isfinite(K).all()
    np.testing.assert_array_equal(K[2:, :2], 0.0)
