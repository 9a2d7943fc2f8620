"""Descents: scaling and stopping early change the way, not where it leads."""

import numpy as np
import pytest

from bayesopt.surrogate.descent import DescentSettings, descend
from bayesopt.surrogate.evidence import Evidence
from bayesopt.surrogate.prior import Priors
from bayesopt.testing.spaces import numeric
from tests.laws.covariances import default, log_prior
from tests.surrogate.test_map_gp import smooth_data

PRIOR = log_prior(Priors(), 2, 0, deterministic=False)


def evidence_of(n):
    data = smooth_data(n, noise=0.1)
    z = (data.values - data.values.mean()) / data.values.std()
    return Evidence(default(numeric(2)), data.coords, z, np.zeros(n))


def cost(evidence, log_theta):
    return evidence(log_theta)[0] + PRIOR.cost(log_theta)[0]


def test_the_scale_of_the_steps_does_not_move_the_optimum():
    evidence = evidence_of(60)
    plain, at = descend(evidence, PRIOR, PRIOR.center, DescentSettings(tolerance=1e-10))
    scaled, there = descend(evidence, PRIOR, PRIOR.center, DescentSettings.near(60, 60, 1e-9))
    assert scaled == pytest.approx(plain, abs=1e-3)
    np.testing.assert_allclose(there, at, atol=0.05)
    assert plain == pytest.approx(cost(evidence, at), abs=1e-9)


def test_a_few_steps_from_nearby_get_most_of_what_is_to_be_had():
    evidence = evidence_of(60)
    best, at = descend(evidence, PRIOR, PRIOR.center, DescentSettings(tolerance=1e-10))
    start = np.clip(at + 0.2 * np.array([1.0, -1.0, 1.0, -1.0]), PRIOR.low, PRIOR.high)
    before = cost(evidence, start)
    after, _ = descend(evidence, PRIOR, start, DescentSettings.near(60, 6, 0.01))
    assert best - 1e-6 <= after < best + 0.2 * (before - best)


def test_where_nothing_can_be_factorised_the_start_comes_back():
    evidence = evidence_of(12)
    evidence.noise[:] = -9.0
    value, at = descend(evidence, PRIOR, PRIOR.center, DescentSettings())
    assert value == 1e10
    np.testing.assert_array_equal(at, PRIOR.center)


def test_bounds_hold_to_the_last_digit():
    evidence = evidence_of(30)
    low = np.where(np.arange(4) == 1, PRIOR.low, PRIOR.center - 0.01)
    prior = type(PRIOR)(PRIOR.center, PRIOR.sd, low, PRIOR.center + 0.01)
    _, at = descend(evidence, prior, PRIOR.center, DescentSettings.near(30, 60, 1e-6))
    assert (at >= prior.low).all()
    assert (at <= prior.high).all()
