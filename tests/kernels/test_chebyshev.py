"""Log EI of the Chebyshev scalarisation against LogEI, mpmath, draws and finite differences."""

import math

import mpmath as mp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bayesopt_kernels import acquisition
from bayesopt_kernels import chebyshev as kernels

ORIGIN, WEIGHTS = np.array([-1.0, 0.3, 0.0, 0.2, -0.5]), np.array([0.3, 0.25, 0.2, 0.15, 0.1])


def slopes(mean, sd, best, rho=0.05):
    mean, sd = np.atleast_2d(mean).astype(float), np.atleast_2d(sd).astype(float)
    out = np.full(len(mean), np.nan)
    d_mean, d_sd = np.full(mean.shape, np.nan), np.full(mean.shape, np.nan)
    m = mean.shape[1]
    with np.errstate(all="ignore"):  # only uncompiled: NumPy scalars warn where C does not
        kernels.log_improvement_slopes(
            mean, sd, ORIGIN[:m].copy(), WEIGHTS[:m].copy(), best, rho, out, d_mean, d_sd
        )
    return out, d_mean, d_sd


def score(mean, sd, best, rho=0.05):
    return slopes(mean, sd, best, rho)[0]


def points(m, n=20, seed=0):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n, m)), 10.0 ** rng.uniform(-1.5, 0.5, (n, m))


@given(st.integers(0, 10**6))
def test_one_objective_is_log_ei(seed):
    mean, sd = points(1, 20, seed)
    rho = 0.3
    out, d_mean, d_sd = slopes(mean, sd, 0.1, rho)
    best = ORIGIN[:1] + 0.1 / WEIGHTS[0] / (1.0 + rho)
    expected, by_mean, by_var = np.empty(20), np.empty((20, 1)), np.empty(20)
    acquisition.score_slopes(0, mean, sd[:, 0] ** 2, best, 0.0, expected, by_mean, by_var)
    np.testing.assert_allclose(
        out - math.log((1.0 + rho) * WEIGHTS[0]), expected, rtol=1e-8, atol=1e-8
    )
    np.testing.assert_allclose(d_mean, by_mean, rtol=1e-7, atol=1e-7)
    np.testing.assert_allclose(d_sd[:, 0], 2 * sd[:, 0] * by_var, rtol=1e-7, atol=1e-7)


@pytest.mark.parametrize("best", [-3.0, 0.0, 0.4, 4.0])
def test_the_integral_with_many_digits(best):
    mean, sd = points(3, 3, 1)
    found = score(mean, sd, best)
    for x, s, value in zip(mean, sd, found, strict=True):
        shares = WEIGHTS[:3] * (x - ORIGIN[:3])
        a, b = shares + 0.05 * shares.sum(), 1.05 * WEIGHTS[:3] * s
        with mp.workdps(30):

            def integrand(t, a=a, b=b):
                return mp.fprod(mp.ncdf((t - p) / q) for p, q in zip(a, b, strict=True))

            # from the end where it is largest: quad's nodes crowd at ends
            edges = [best - 0.1 * b.min() * 2.0**k for k in range(-8, 14)]
            expected = mp.log(mp.quad(integrand, [*edges[::-1], best]))
        assert abs(value - expected) < 1e-7 * max(1.0, abs(value))


@pytest.mark.parametrize("m", [2, 5])
def test_mean_of_draws(m):
    mean, sd = np.full(m, 0.3), np.linspace(0.8, 0.4, m)
    y = mean + sd * np.random.default_rng(2).standard_normal((400_000, m))
    parts = WEIGHTS[:m] * (y - ORIGIN[:m])
    # exact without the augmentation, close with it
    # of the augmentation only one part is drawn: it lowers the mean a little
    for rho, tolerance in ((0.0, 0.01), (0.05, 0.15)):
        best = float(np.quantile(parts.max(axis=1) + rho * parts.sum(axis=1), 0.3))
        gain = np.maximum(best - parts.max(axis=1) - rho * parts.sum(axis=1), 0.0).mean()
        assert math.exp(score(mean, sd, best, rho)[0]) == pytest.approx(gain, rel=tolerance)


@pytest.mark.parametrize("m", [1, 2, 5])
def test_slopes_are_finite_differences(m):
    mean, sd = points(m, 30, 3)
    _, d_mean, d_sd = slopes(mean, sd, 0.2)
    for j in range(m):
        h = 1e-5 * (np.arange(m) == j)
        by_mean = (score(mean + h, sd, 0.2) - score(mean - h, sd, 0.2)) / 2e-5
        by_sd = (score(mean, sd + h, 0.2) - score(mean, sd - h, 0.2)) / 2e-5
        np.testing.assert_allclose(d_mean[:, j], by_mean, rtol=1e-5, atol=1e-5)
        np.testing.assert_allclose(d_sd[:, j], by_sd, rtol=1e-5, atol=1e-5)


@given(st.integers(0, 10**6), st.integers(1, 5))
def test_lower_means_never_score_less(seed, m):
    mean, sd = points(m, 10, seed)
    lower = mean - np.random.default_rng(seed).random(mean.shape)
    value = score(mean, sd, 0.2)
    assert (score(lower, sd, 0.2) >= value - 1e-6 * (1.0 + np.abs(value))).all()


def test_extreme_numbers_stay_numbers():
    for x in (0.0, 1e3, -1e3, 1e150, -1e150, 1e300, -1e300):
        for s in (0.0, 1e-15, 1e-6, 1.0, 1e100):
            for found in slopes(np.full(5, x), np.full(5, s), 0.2):
                assert not np.isnan(found).any(), (x, s)


def test_nan_is_not_hidden():
    mean, sd = np.array([[0.0, np.nan], [0.0, 1.0], [0.1, 0.2]]), np.ones((3, 2))
    sd[2, 0] = np.nan
    assert np.isnan(score(mean, sd, 0.1)).tolist() == [True, False, True]


def test_the_kernel_has_been_compiled_once():
    score([0.1, 0.2], [1.0, 1.0], 0.1)
    if not hasattr(kernels.log_improvement_slopes, "signatures"):
        pytest.skip("not compiled: NUMBA_DISABLE_JIT is set")
    assert len(kernels.log_improvement_slopes.signatures) == 1
