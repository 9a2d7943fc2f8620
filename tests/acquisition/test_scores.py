"""Acquisitions by second routes: integrals, logarithms, mixtures, draws."""

import math

import numpy as np
import pytest
from scipy import integrate, stats

from bayesopt.acquisition import EI, PI, UCB, AcquisitionContext, Feasibility, LogEI, Thompson
from bayesopt.acquisition.base import BoundAcquisition, average
from bayesopt.surrogate import Component, Moments, Posterior
from bayesopt.testing.acquisitions import beliefs, process
from bayesopt.testing.spaces import named, some_points

POINTS = some_points(named("mixed"), 25, 1)
MOMENTS = process("mixed").predict(POINTS)
MEAN, VAR = MOMENTS.mean[:, 0], MOMENTS.var


def bind(acquisition, what, seed=0, candidates=POINTS):
    return acquisition.bind(what, candidates, np.random.default_rng(seed))


def incumbent(what):
    return what.incumbents[0][0]


def test_expected_improvement_is_the_integral():
    what = beliefs("mixed")
    best = incumbent(what)
    for m, v, ei in zip(MEAN, VAR, bind(EI(), what).values(POINTS), strict=True):
        density = stats.norm(m, math.sqrt(v)).pdf
        low = m - 12 * math.sqrt(v)
        if low < best:
            integral, _ = integrate.quad(
                lambda y, d=density: (best - y) * d(y), low, best, points=[m]
            )
            assert ei == pytest.approx(integral, rel=1e-6, abs=1e-9)


def test_log_ei_is_the_logarithm_of_ei():
    for options in ({}, {"fantasies": 4}, {"draws": 3}, {"draws": 2, "fantasies": 3}):
        what = beliefs("mixed", **options)
        ei = bind(EI(), what).values(POINTS)
        np.testing.assert_allclose(np.exp(bind(LogEI(), what).values(POINTS)), ei, rtol=1e-9)


def test_under_constraints_ei_orders_points_as_log_ei():
    what = beliefs("mixed", constrained=True)
    np.testing.assert_array_equal(
        bind(EI(), what).values(POINTS), bind(LogEI(), what).values(POINTS)
    )


def test_probability_of_improvement():
    what = beliefs("mixed")
    expected = stats.norm(MEAN, np.sqrt(VAR)).logcdf(incumbent(what))
    np.testing.assert_allclose(bind(PI(), what).values(POINTS), expected, rtol=1e-9)


@pytest.mark.parametrize("beta", [0.0, 0.5, 3.0])
def test_upper_confidence_bound(beta):
    values = bind(UCB(beta=beta), beliefs("mixed")).values(POINTS)
    np.testing.assert_allclose(values, -(MEAN - beta * np.sqrt(VAR)), rtol=1e-12)


@pytest.mark.parametrize("beta", [-1.0, math.nan, math.inf])
def test_an_impossible_beta_is_refused(beta):
    with pytest.raises(ValueError, match="beta must be a finite number from 0 to 1e"):
        UCB(beta=beta)


# ---- constraints ----------------------------------------------------------------------------


def test_feasibility_is_a_normal_probability():
    component = process("mixed", 1.3)
    m = component.predict(POINTS)
    log_probability = Feasibility(Posterior.single(component), 0.2).log_probability(POINTS)
    expected = stats.norm(m.mean[:, 0], np.sqrt(m.var)).logcdf(0.2)
    np.testing.assert_allclose(log_probability, expected, rtol=1e-9)


def test_feasibility_is_averaged_over_draws_as_a_probability():
    posterior = beliefs("mixed", draws=3).objective
    parts = [
        np.exp(Feasibility(Posterior.single(c), 0.2).log_probability(POINTS))
        for c in posterior.components
    ]
    together = Feasibility(posterior, 0.2).log_probability(POINTS)
    np.testing.assert_allclose(np.exp(together), posterior.weights @ np.array(parts), rtol=1e-10)


@pytest.mark.parametrize("acquisition", [LogEI(), PI(), UCB()], ids=repr)
def test_constraints_are_added(acquisition):
    plain, constrained = beliefs("mixed"), beliefs("mixed", constrained=True)
    (feasible,) = constrained.probabilities
    twice = AcquisitionContext(plain.objective, plain.incumbents, (feasible, feasible))
    base, p = bind(acquisition, plain).values(POINTS), feasible.log_probability(POINTS)
    np.testing.assert_allclose(bind(acquisition, constrained).values(POINTS), base + p, rtol=1e-12)
    np.testing.assert_allclose(bind(acquisition, twice).values(POINTS), base + 2 * p, rtol=1e-12)
    slope = feasible.log_probability_with_gradient(POINTS)[1]
    gradient = bind(acquisition, twice).values_with_gradient(POINTS)[1]
    base_gradient = bind(acquisition, plain).values_with_gradient(POINTS)[1]
    np.testing.assert_allclose(gradient, base_gradient + 2 * slope, rtol=1e-12)


# ---- mixtures -------------------------------------------------------------------------------


@pytest.mark.parametrize("acquisition", [LogEI(), EI(), PI(), UCB()], ids=repr)
def test_a_mixture_of_equal_draws_is_one_of_them(acquisition):
    one = beliefs("mixed")
    component, best = one.objective.components[0], one.incumbents[0]
    three = AcquisitionContext(Posterior((component,) * 3, np.array([0.2, 0.5, 0.3])), (best,) * 3)
    value, gradient = bind(acquisition, one).values_with_gradient(POINTS)
    value3, gradient3 = bind(acquisition, three).values_with_gradient(POINTS)
    np.testing.assert_allclose(value3, value, rtol=1e-12)
    np.testing.assert_allclose(gradient3, gradient, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("acquisition", [EI(), UCB()], ids=repr)
def test_acquisitions_are_averaged_not_moments(acquisition):
    what = beliefs("mixed", draws=3)
    parts = [
        bind(acquisition, AcquisitionContext(Posterior.single(c), (best,))).values(POINTS)
        for c, best in zip(what.objective.components, what.incumbents, strict=True)
    ]
    expected = what.objective.weights @ np.array(parts)
    np.testing.assert_allclose(bind(acquisition, what).values(POINTS), expected, rtol=1e-12)


def test_logarithms_are_averaged_without_overflow():
    scores = np.array([[-1e6, -5.0, -np.inf, 800.0], [-1e6 - 2, -np.inf, -np.inf, 801.0]])
    weights = np.array([0.25, 0.75])
    values, shares = average(scores, weights, in_log=True)
    expected = [-1e6 + math.log(0.25 + 0.75 * math.exp(-2)), -5 + math.log(0.25), -np.inf]
    np.testing.assert_allclose(values[:3], expected, rtol=1e-12)
    assert values[3] == pytest.approx(800 + math.log(0.25 + 0.75 * math.e))
    np.testing.assert_allclose(shares.sum(axis=0), 1.0)
    assert not np.isnan(shares).any()


# ---- Thompson sampling ----------------------------------------------------------------------


def test_one_draw_is_one_function():
    """Asked again, elsewhere or in other company, it has the same values."""
    score = bind(Thompson(n_points=20), beliefs("mixed", draws=3))
    first = score.values(POINTS)
    score.values_with_gradient(POINTS[:3])
    np.testing.assert_array_equal(score.values(POINTS), first)
    np.testing.assert_allclose(score.values_with_gradient(POINTS[5:9])[0], first[5:9], rtol=1e-12)


def test_another_stream_is_another_draw():
    scores = [bind(Thompson(), beliefs("mixed"), seed).values(POINTS) for seed in (0, 0, 1)]
    np.testing.assert_array_equal(scores[0], scores[1])
    assert np.abs(scores[0] - scores[2]).max() > 0.1


def test_draws_have_the_moments_of_the_posterior():
    what = beliefs("mixed")
    draws = np.array([-bind(Thompson(), what, seed).values(POINTS) for seed in range(400)])
    deviation = (draws.mean(axis=0) - MEAN) / np.sqrt(VAR / 400)
    assert np.abs(deviation).max() < 4.5
    np.testing.assert_allclose(draws.std(axis=0), np.sqrt(VAR), rtol=0.16)
    covariance = process("mixed").joint(POINTS)[1]
    np.testing.assert_allclose(np.cov(draws.T), covariance, atol=0.25)


def test_draws_of_a_mixture_come_from_its_parts_by_weight():
    what = beliefs("mixed", draws=2)
    far = Posterior((what.objective.components[0], process("mixed", 1.0, 3)), np.array([0.9, 0.1]))
    used = []
    for seed in range(100):
        score = bind(Thompson(n_points=1), AcquisitionContext(far, what.incumbents), seed)
        used.append(len(score.context.objective.components[0].points))
    counts = {n: used.count(n) for n in set(used)}
    assert set(counts) == {11, 4}
    assert 2 <= counts[4] <= 22


def test_a_draw_is_smooth_between_the_points_where_it_was_made():
    """Values off the drawn points lie within what is left of the posterior there."""
    space = named("mixed")
    candidates = some_points(space, 200, 2)
    score = bind(Thompson(), beliefs("mixed"), candidates=candidates)
    near = candidates.copy()
    near[:, 0] = np.clip(near[:, 0] + 1e-4, 0, 1)
    np.testing.assert_allclose(score.values(near), score.values(candidates), atol=2e-3)


@pytest.mark.parametrize("n_points", [0, -3])
def test_a_draw_at_no_points_is_refused(n_points):
    with pytest.raises(ValueError, match="n_points must be a whole number from 1"):
        Thompson(n_points=n_points)


# ---- posteriors without gradients -----------------------------------------------------------


class Flat(Component):
    noise_variance = 0.0

    def predict(self, coords, *, slopes=False):
        return Moments(np.zeros((len(coords), 1)), np.ones(len(coords)))

    def joint(self, coords):
        return np.zeros((len(coords), 1)), np.eye(len(coords))

    def condition(self, coords, y, noise):
        return self


def test_a_posterior_without_gradients_says_so():
    what = AcquisitionContext(Posterior.single(Flat()), (np.zeros(1),))
    score = BoundAcquisition(LogEI(), what)
    np.testing.assert_allclose(score.values(POINTS), math.log(stats.norm.pdf(0)))
    with pytest.raises(TypeError, match="pullback"):
        score.values_with_gradient(POINTS)
