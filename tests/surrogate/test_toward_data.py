"""Covariances of a point with the data's points against the joint posterior."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bayesopt.surrogate import GaussianProcess
from bayesopt.surrogate.toward_data import TowardData
from bayesopt.testing.numbers import slopes_in_points
from bayesopt.testing.spaces import MIXED, mixed_points
from tests.laws.covariances import hyperparameters

LOG_THETA = np.log([1.4, 0.03, 0.4, 0.7, 0.9, 1.6])


def fitted(seed, n=9, *, noise=None, log_theta=LOG_THETA):
    X = mixed_points(seed, n)
    y = np.random.default_rng(seed + 1).standard_normal(n)
    return GaussianProcess.fit(hyperparameters(MIXED, log_theta), X, y, noise), X


@given(st.integers(0, 1000), st.booleans(), st.booleans())
def test_moments_are_those_of_the_joint_posterior(seed, told, extended):
    noise = np.linspace(0.0, 0.5, 9) if told else None
    gp, X = fitted(seed, noise=noise)
    if extended:  # with two pending points, of three fantasies each
        more = mixed_points(seed + 2, 2)
        gp = gp.condition(more, np.arange(6.0).reshape(2, 3), np.full(2, 0.03))
        X = np.concatenate([X, more])
    new = mixed_points(seed + 3, 5)
    mean, covariance = gp.joint(np.concatenate([X, new]))
    toward = TowardData(gp)
    there = toward.predict(new)
    n = len(X)
    np.testing.assert_allclose(toward.means, mean[:n], rtol=1e-7, atol=1e-9)
    np.testing.assert_allclose(there.mean, mean[n:], rtol=1e-7, atol=1e-9)
    np.testing.assert_allclose(there.var, covariance.diagonal()[n:], rtol=1e-6, atol=1e-9)
    np.testing.assert_allclose(there.covariance, covariance[n:, :n], rtol=1e-6, atol=1e-9)


@given(st.integers(0, 1000))
def test_slopes_are_those_of_finite_differences(seed):
    gp, X = fitted(seed)
    toward, new = TowardData(gp), mixed_points(seed + 3, 4)
    rng = np.random.default_rng(seed)
    by_mean, by_var, by_covariance = (rng.standard_normal(s) for s in ((4, 1), 4, (4, len(X))))

    def values(points):
        there = toward.predict(points)
        return (
            (there.mean * by_mean).sum(axis=1)
            + there.var * by_var
            + (there.covariance * by_covariance).sum(axis=1)
        )

    slopes = toward.predict(new).pullback(by_mean, by_var, by_covariance)
    free = ~MIXED.categorical & ~np.isnan(new)
    expected = slopes_in_points(values, new)
    np.testing.assert_allclose(slopes[free], expected[free], rtol=1e-4, atol=1e-6)
    assert (slopes[~free] == 0.0).all()


def test_noise_includes_what_a_near_singular_covariance_needed():
    X = np.repeat(mixed_points(0, 2), 3, axis=0)
    theta = LOG_THETA.copy()
    theta[1] = np.log(1e-300)
    gp = GaussianProcess.fit(hyperparameters(MIXED, theta), X, np.arange(6.0))
    noise = TowardData(gp).noise
    assert noise == pytest.approx(np.full(6, noise[0]), rel=1e-3)
    assert noise[0] > 1e-11
