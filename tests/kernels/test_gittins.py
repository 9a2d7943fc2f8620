"""The kernel of Gittins indices against SciPy, closed forms and finite differences."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import optimize, stats

from bayesopt_kernels import acquisition as kernels


def indices(mean, var, log_cost):
    out, d_mean, d_var = np.empty(len(var)), np.empty(mean.shape), np.empty(len(var))
    d_cost = np.empty(len(var))
    kernels.gittins_slopes(mean, var, log_cost, out, d_mean, d_var, d_cost)
    return out, d_mean, d_var, d_cost


def expected_improvement(g, mean, s):
    z = (g - mean) / s
    return (g - mean) * stats.norm.cdf(z) + s * stats.norm.pdf(z)


@given(st.floats(-3, 3), st.floats(-3, 1), st.floats(-6, 3))
def test_the_index_is_where_the_expected_improvement_is_the_cost(mean, log_s, log_cost):
    s, cost = 10.0**log_s, 10.0**log_cost * 10.0**log_s
    g = optimize.brentq(
        lambda g: expected_improvement(g, mean, s) - cost,
        mean - 12 * s,
        mean + cost + 12 * s,
        xtol=1e-13 * s,
        rtol=1e-13,
    )
    out = indices(np.array([[mean]]), np.array([s * s]), np.array([math.log(cost)]))[0]
    assert -out[0] == pytest.approx(g, abs=1e-7 * s)


@pytest.mark.parametrize("r", [-1e6, -300.0, -5.0, -0.92, -0.91, 0.0, 3.0, 50.0])
def test_the_inverse_is_one(r):
    z = kernels.inverse_log_h(r)
    assert kernels.log_h(z) == pytest.approx(r, rel=1e-9, abs=1e-9)


def test_closed_forms():
    """An evaluation that costs s phi(0) has its mean as index; a dear one mean + cost; a sure one
    too.
    """
    at_mean = math.log(0.3 / math.sqrt(2 * math.pi))
    mean, var = np.array([[0.7], [0.7], [0.7]]), np.array([0.09, 0.09, 0.0])
    log_cost = np.array([at_mean, math.log(50.0), math.log(2.0)])
    out = indices(mean, var, log_cost)[0]
    np.testing.assert_allclose(-out, [0.7, 50.7, 2.7], rtol=1e-9)


@given(st.integers(0, 10**6))
def test_slopes_are_those_of_finite_differences(seed):
    rng = np.random.default_rng(seed)
    mean, var, log_cost = rng.normal(size=(4, 3)), rng.uniform(0.05, 2, 4), rng.normal(size=4) - 1
    out, d_mean, d_var, d_cost = indices(mean, var, log_cost)
    h = 1e-5

    def slope(one, other):
        return (indices(*one)[0] - indices(*other)[0]) / (2 * h)

    np.testing.assert_allclose(
        d_var, slope((mean, var + h, log_cost), (mean, var - h, log_cost)), rtol=1e-5, atol=1e-7
    )
    np.testing.assert_allclose(
        d_cost, slope((mean, var, log_cost + h), (mean, var, log_cost - h)), rtol=1e-5, atol=1e-7
    )
    for f in range(3):
        moved = np.eye(3)[f] * h
        expected = slope((mean + moved, var, log_cost), (mean - moved, var, log_cost))
        np.testing.assert_allclose(d_mean[:, f], expected, rtol=1e-5)
    sure = indices(mean, np.zeros(4), log_cost)
    assert (sure[2] == 0.0).all()
    assert np.isfinite(sure[0]).all()
    assert np.isfinite(out).all()
