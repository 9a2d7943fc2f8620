"""Each density against SciPy's, with the Jacobian of the logarithm, and against its own draws."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from bayesopt.surrogate.full_bayes.density import Gamma, HalfCauchy, LogNormalDensity

DENSITIES = {
    "lognormal": (LogNormalDensity(-1.3, 1.7), stats.lognorm(s=1.7, scale=np.exp(-1.3))),
    "halfcauchy": (HalfCauchy(0.1), stats.halfcauchy(scale=0.1)),
    "gamma": (Gamma(2.0, 0.15), stats.gamma(2.0, scale=1 / 0.15)),
    "gamma near 0": (Gamma(0.9, 10.0), stats.gamma(0.9, scale=0.1)),
}
each = st.sampled_from(sorted(DENSITIES))
logs = st.lists(st.floats(-20.0, 5.0), min_size=1, max_size=5)


@given(each, logs)
def test_density_of_the_logarithm(name: str, u: list[float]) -> None:
    ours, scipys = DENSITIES[name]
    at = np.array(u)
    value, _ = ours.log_density(at)
    expected = scipys.logpdf(np.exp(at)) + at  # p(u) = p(x) dx/du
    np.testing.assert_allclose(value, expected.sum(), rtol=1e-9, atol=1e-9)


@given(each, logs)
def test_gradient(name: str, u: list[float]) -> None:
    ours, _ = DENSITIES[name]
    at, step = np.array(u), 1e-5
    _, gradient = ours.log_density(at)
    for j in range(len(at)):
        e = step * (np.arange(len(at)) == j)
        slope = (ours.log_density(at + e)[0] - ours.log_density(at - e)[0]) / (2 * step)
        np.testing.assert_allclose(gradient[j], slope, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("name", sorted(DENSITIES))
def test_draws_are_from_the_density(name: str) -> None:
    ours, scipys = DENSITIES[name]
    drawn = ours.draw(np.random.default_rng(0), 2000)
    assert stats.kstest(drawn, scipys.cdf).pvalue > 1e-3


def test_far_out_nothing_overflows() -> None:
    for ours, _ in DENSITIES.values():
        for u in (np.array([-800.0]), np.array([800.0])):
            value, gradient = ours.log_density(u)
            assert not np.isnan(value)
            assert not np.isnan(gradient).any()
