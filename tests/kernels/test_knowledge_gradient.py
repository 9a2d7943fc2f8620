"""The kernel of the knowledge gradient against quadrature, closed forms and finite differences."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bayesopt_kernels import knowledge_gradient as kernels
from tests.kernels.differences import slopes

seeds = st.integers(0, 10**6)


def gains(known, moved, mean, own):
    """Values of B points and their slopes, without fantasies."""
    out, d_moved, d_mean, d_own = averaged(known[None], moved, mean[:, None], own)
    return out, d_moved, d_mean[:, 0], d_own


def averaged(known, moved, mean, own):
    """Values of B points and their slopes, over fantasies: known (F, n), mean (B, F)."""
    found = np.empty(len(own)), np.empty(moved.shape), np.empty(mean.shape), np.empty(len(own))
    kernels.knowledge_gradient(known, moved, mean, own, *found)
    return found


@given(seeds)
def test_fantasies_are_averaged(seed):
    """As one after the other."""
    rng = np.random.default_rng(seed)
    _, moved, _, own = lines(seed)
    known, mean = rng.standard_normal((4, moved.shape[1])), rng.standard_normal((len(own), 4))
    out, d_moved, d_mean, d_own = averaged(known, moved, mean, own)
    each = [gains(k, moved, m, own) for k, m in zip(known, mean.T, strict=True)]
    np.testing.assert_allclose(out, np.mean([e[0] for e in each], axis=0), rtol=1e-12, atol=1e-15)
    np.testing.assert_allclose(d_moved, np.mean([e[1] for e in each], axis=0), atol=1e-14)
    np.testing.assert_allclose(d_mean, np.transpose([e[2] for e in each]) / 4, atol=1e-14)
    np.testing.assert_allclose(d_own, np.mean([e[3] for e in each], axis=0), atol=1e-14)


def lines(seed, n=6, B=3):
    rng = np.random.default_rng(seed)
    moved = 0.5 * rng.standard_normal((B, n))
    moved[0, : n // 2] = moved[0, 0]  # equal slopes
    return rng.standard_normal(n), moved, rng.standard_normal(B), rng.uniform(0.01, 1.0, B)


def by_quadrature(a, b):
    """min a - E[min(a + b z)], the expectation piece by piece between all crossings."""
    crossings = [
        (a[j] - a[i]) / (b[i] - b[j])
        for i in range(len(a))
        for j in range(i)
        if b[i] != b[j] and abs(a[j] - a[i]) < 12.0 * abs(b[i] - b[j])
    ]
    nodes, weights = np.polynomial.legendre.leggauss(30)
    ends = np.unique(np.concatenate([crossings, np.arange(-12.0, 12.5, 0.5)]))
    low, high = ends[:-1, None], ends[1:, None]
    z = 0.5 * (low + high) + 0.5 * (high - low) * nodes
    density = np.exp(-0.5 * z * z) / math.sqrt(2.0 * math.pi) * 0.5 * (high - low) * weights
    return a.min() - float(
        (np.min(a[:, None, None] + b[:, None, None] * z, axis=0) * density).sum()
    )


@given(seeds)
def test_the_value_is_that_of_quadrature(seed):
    known, moved, mean, own = lines(seed)
    out = gains(known, moved, mean, own)[0]
    expected = [
        by_quadrature(np.append(known, m), np.append(b, o))
        for b, m, o in zip(moved, mean, own, strict=True)
    ]
    np.testing.assert_allclose(out, expected, rtol=1e-9, atol=1e-12)


@given(seeds)
def test_slopes_are_those_of_finite_differences(seed):
    known, moved, mean, own = lines(seed)
    by = {"rtol": 2e-5, "atol": 1e-7}

    def total(m, b, o):
        return gains(known, b, m, o)[0].sum()

    moved = moved + 1e-3 * np.arange(moved.shape[1])  # equal ones are the least at no z alone
    _, d_moved, d_mean, d_own = gains(known, moved, mean, own)
    np.testing.assert_allclose(d_moved, slopes(lambda b: total(mean, b, own), moved), **by)
    np.testing.assert_allclose(d_mean, slopes(lambda m: total(m, moved, own), mean), **by)
    np.testing.assert_allclose(d_own, slopes(lambda o: total(mean, moved, o), own), **by)


@given(seeds, st.floats(0.1, 10.0), st.floats(-5.0, 5.0))
def test_laws(seed, scale, shift):
    """It is no loss, knows no order of the points and no origin, and grows as all values do."""
    known, moved, mean, own = lines(seed)
    out = gains(known, moved, mean, own)[0]
    assert (out >= 0.0).all()
    order = np.random.default_rng(seed).permutation(len(known))
    turned = gains(known[order], moved[:, order].copy(), mean, own)[0]
    np.testing.assert_allclose(turned, out, rtol=1e-9, atol=1e-14)
    shifted = gains(known + shift, moved, mean + shift, own)[0]
    np.testing.assert_allclose(shifted, out, rtol=1e-6, atol=1e-12)
    scaled = gains(scale * known, scale * moved, scale * mean, scale * own)[0]
    np.testing.assert_allclose(scaled, scale * out, rtol=1e-9, atol=1e-14)


def test_closed_forms():
    """Beside one point that does not move it is the expected improvement over that; what moves
    all points alike is worth nothing.
    """
    z = 0.3 / 0.5
    h = math.exp(-0.5 * z * z) / math.sqrt(2 * math.pi) - z * 0.5 * math.erfc(z / math.sqrt(2))
    out = gains(np.array([1.0]), np.zeros((1, 1)), np.array([1.3]), np.array([0.5]))[0]
    assert out[0] == pytest.approx(0.5 * h, rel=1e-12)
    alike = gains(np.array([1.0, 2.0]), np.full((1, 2), 0.5), np.array([1.3]), np.array([0.5]))
    assert alike[0][0] == 0.0


def test_far_in_the_tail_digits_remain():
    """Seven standard deviations out the difference of two expectations would have none left."""
    out = gains(np.array([0.0]), np.zeros((1, 1)), np.array([7.0]), np.array([1.0]))[0]
    # phi(z) / z^2 (1 - 3 / z^2 + 15 / z^4 - 105 / z^6 + 945 / z^8)
    series = 1 - 3 / 49 + 15 / 49**2 - 105 / 49**3 + 945 / 49**4
    expected = math.exp(-24.5) / math.sqrt(2 * math.pi) / 49 * series
    assert out[0] == pytest.approx(expected, rel=5e-4)
