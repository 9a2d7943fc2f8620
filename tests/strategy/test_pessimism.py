"""Failed points inform the objective's model that an acquisition sees, and no prediction shown."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import bayesopt as bo
from bayesopt.strategy import Measured, Objective, ProposalConfig, RunData, RunModel, fit
from bayesopt.strategy.pessimism import pessimistic, pseudo_noise

PLANE = bo.Space(x=bo.Float(0, 1), y=bo.Float(0, 1))


def run_of(seed, n=15, failed=5):
    rng = np.random.default_rng(seed)
    points = rng.random((n + failed, 2))
    values = (points[:n] ** 2).sum(axis=1)
    measured = [Measured(Objective(), values)]
    return RunData.of(PLANE, points[:n], measured, failed=points[n:])


class Always:
    """A success model of one probability."""

    def __init__(self, probability):
        self.log = math.log(probability)

    def log_probability(self, coords):
        return np.full(len(coords), self.log)


@pytest.mark.parametrize("probability", [0.05, 0.5, 0.99])
def test_the_posterior_is_that_of_more_observations(probability):
    """Against the formula of a normal conditioned on noisy values, from the joint moments."""
    data = run_of(0)
    posterior = fit(data, ProposalConfig(0)).objective.posterior
    failed, (component,) = data.failed_coords, posterior.components
    queries = np.random.default_rng(1).random((6, 2))
    mean, cov = component.joint(np.concatenate([failed, queries]))
    f = len(failed)
    noise = component.noise_variance + max((probability / (1 - probability)) ** 2, 0.01)
    A = cov[:f, :f] + noise * np.eye(f)
    gain = np.linalg.solve(A, cov[:f, f:]).T
    expected = mean[f:, 0] + gain @ (2.0 - mean[:f, 0])
    var = np.diag(cov[f:, f:] - gain @ cov[:f, f:])
    seen = pessimistic(posterior, failed, Always(probability), 2.0)
    got_mean, got_var = seen.mean_var(queries)
    np.testing.assert_allclose(got_mean, expected, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(got_var, var, rtol=1e-4, atol=1e-6)


@given(st.lists(st.floats(-1e300, 0.0) | st.just(-math.inf), min_size=2, max_size=9))
def test_the_less_probable_success_is_the_surer_the_failure_counts(logs):
    logs = np.sort(logs)
    noise = pseudo_noise(logs)
    assert np.isfinite(noise).all()
    assert (noise >= 0.01).all()
    assert (np.diff(noise) >= 0.0).all()


def test_the_objective_that_is_shown_is_that_of_the_values():
    data = run_of(2)
    without = RunData.of(PLANE, data.evaluated_coords, list(data.measured))
    queries, shown = np.random.default_rng(3).random((5, 2)), []
    for known in (data, without):
        model = RunModel.fit(known, bo.MapGP(), {}, np.random.default_rng(0))
        shown.append(model.objective.posterior.mean_var(queries))
    np.testing.assert_array_equal(shown[0], shown[1])


def test_what_the_search_sees_is_worse_at_a_failure():
    data = run_of(4, failed=1)
    model = fit(data, ProposalConfig(0))
    context = model.acquisition_context(data.coords[:0], np.random.default_rng(0))
    seen, var = context.objective.mean_var(data.failed_coords)
    shown, shown_var = model.objective.posterior.mean_var(data.failed_coords)
    assert seen[0] > shown[0]
    assert var[0] < shown_var[0]


def branin(p):
    x, y = p["x"], p["y"]
    valley = y - 5.1 / (4 * math.pi**2) * x * x + 5 / math.pi * x - 6
    return valley**2 + 10 * (1 - 1 / (8 * math.pi)) * math.cos(x) + 10


@pytest.mark.slow
def test_failures_in_a_region_are_few():
    """41 % of the plane fail; without pseudo-values 11 of 40 trials did."""

    def objective(p):
        if p["y"] > 8.85:
            raise ArithmeticError("diverged")
        return branin(p)

    failed = []
    for seed in range(3):
        space = bo.Space(x=bo.Float(-5, 10), y=bo.Float(0, 15))
        result = bo.minimize(objective, space, n_trials=30, seed=seed)
        failed.append(sum(t.state is bo.TrialState.FAILED for t in result.trials))
        assert result.value < 1.0  # .398 is the least; a tenth of the space is below 8
    assert np.mean(failed) <= 8  # 4 or so


@pytest.mark.slow
def test_failures_at_random_do_not_hide_the_minimum():
    rng = np.random.default_rng(0)

    def objective(p):
        if rng.random() < 0.25:
            raise ArithmeticError("diverged")
        return branin(p)

    space = bo.Space(x=bo.Float(-5, 10), y=bo.Float(0, 15))
    best = [bo.minimize(objective, space, n_trials=35, seed=s).value for s in range(3)]
    assert np.median(best) < 0.6
