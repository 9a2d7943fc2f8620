"""Outcome constraints that are noisy: what counts is what the model believes."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm

import bayesopt as bo
from bayesopt.strategy import Measured, Objective, OutcomeConstraint, ProposalConfig, RunData, fit
from bayesopt.strategy.belief import believed_feasible, feasibility, judged_by_model, limit

LINE = bo.Space(x=bo.Float(0, 1))
PLANE = bo.Space(x=bo.Float(0, 1), y=bo.Float(0, 1))


def run_of(x, c, *, sds=None, deterministic=False, outside=None):
    """Minimise -x, with a constraint of one's own, at points (n,) of the line."""
    x = np.asarray(x, dtype=float)
    given_sds = None if sds is None else np.full(len(x), sds)
    measured = [
        Measured(Objective(), -x),
        Measured(OutcomeConstraint("c"), np.asarray(c, dtype=float), given_sds),
    ]
    return RunData.of(LINE, x[:, None], measured, deterministic=deterministic, outside=outside)


def model_of(data):
    return fit(data, ProposalConfig(0))


@st.composite
def noisy_lines(draw):
    rng = np.random.default_rng(draw(st.integers(0, 10**6)))
    x = np.sort(rng.random(draw(st.integers(12, 25))))
    noise = draw(st.sampled_from([0.0, 0.01, 0.1]))
    c = x - 0.5 + noise * rng.standard_normal(len(x))
    c[rng.random(len(x)) < draw(st.sampled_from([0.0, 0.2]))] = np.nan
    return x, c, draw(st.sampled_from([None, 0.05]))


@settings(max_examples=20)
@given(noisy_lines(), st.booleans())
def test_what_is_declared_free_of_noise_counts_as_observed(line, told):
    x, c, sds = line
    data = run_of(x, c, sds=sds if told else None, deterministic=True)
    model = model_of(data)
    np.testing.assert_array_equal(model.feasible, data.feasible)
    np.testing.assert_array_equal(feasibility(data, model.constraints) == 1.0, data.feasible)
    assert not model.is_noisy


@settings(max_examples=20)
@given(noisy_lines())
def test_probabilities_are_those_of_the_posterior(line):
    x, c, _ = line
    data = run_of(x, c, sds=0.05)
    fits = model_of(data).constraints
    probability, believed = feasibility(data, fits), believed_feasible(data, fits)
    reported = ~np.isnan(c)
    if not reported.any():
        return
    mean, var = fits["c"].posterior.mean_var(data.evaluated_coords)
    normal = norm.cdf((limit(fits["c"]) - mean) / np.sqrt(var))
    np.testing.assert_allclose(probability[reported], normal[reported], rtol=1e-6, atol=1e-12)
    clear = reported & (np.abs(normal - 0.5) > 1e-9)
    np.testing.assert_array_equal(believed[clear], normal[clear] > 0.5)
    # what was not reported anywhere counts as met, as it does without noise
    np.testing.assert_array_equal(believed[~reported], data.feasible[~reported])


@pytest.mark.parametrize("seed", range(3))
def test_a_limit_without_noise_is_where_it_was_observed(seed):
    rng = np.random.default_rng(seed)
    x = rng.random(20)
    data = run_of(x, np.exp(2 * x) - 3.0)
    model = model_of(data)
    np.testing.assert_array_equal(model.feasible, data.feasible)
    assert model.recommended == int(np.argmin(np.where(data.feasible, -x, np.inf)))


@pytest.mark.parametrize("sds", [0.1, None])
def test_a_lucky_observation_is_neither_incumbent_nor_recommended(sds):
    """The limit is at .5; of twenty observations at .8 and .9 one is below it by luck."""
    rng = np.random.default_rng(1)
    x = np.concatenate([np.linspace(0, 1, 20), np.full(10, 0.8), np.full(10, 0.9)])
    c = x - 0.5 + 0.1 * rng.standard_normal(len(x))
    c[35] = -0.02
    data = run_of(x, c, sds=sds)
    model = model_of(data)
    assert data.feasible[35]
    assert not model.feasible[35]
    assert x[model.recommended] < 0.5
    assert x[model.order[0]] < 0.6
    assert model.is_noisy


def test_when_none_is_sure_the_most_probable_is_recommended():
    x, c = np.linspace(0, 1, 14), np.full(14, 0.3) + 0.1 * np.linspace(0, 1, 14)
    data = run_of(x, c, sds=1.0)
    model = model_of(data)
    probability = feasibility(data, model.constraints)
    assert probability.max() < 0.85
    assert probability[model.recommended] == probability.max()


def test_points_outside_the_space_are_not_recommended():
    x = np.linspace(0, 1, 14)
    outside = x < 0.4
    data = run_of(x, x - 0.5, sds=0.05, outside=outside)
    assert not outside[model_of(data).recommended]


@settings(max_examples=40)
@given(st.lists(st.tuples(st.integers(0, 3), st.sampled_from([1.0, 2.0, np.nan])), max_size=8))
def test_repeats_that_differ(pairs):
    x, values = (np.array(p, dtype=float) for p in zip(*pairs, strict=True)) if pairs else ([], [])
    data = run_of(np.asarray(x) / 3, values)
    differs = any(
        a == b and u != v and not np.isnan(u) and not np.isnan(v)
        for a, u in pairs
        for b, v in pairs
    )
    measured = data.constraints[0]
    assert data.repeats_differ(measured) == differs
    if len(pairs) and not np.isnan(values).all():
        fitted = model_of(data).constraints["c"]
        if differs:
            assert judged_by_model(data, measured, fitted)


@pytest.mark.slow
def test_under_noise_what_is_recommended_keeps_to_the_limit():
    """The true optimum lies on the border, at .632, and each of 30 trials has a chance of luck."""

    def true(p):
        return 0.05 * p["x"] ** 2 + 0.05 * p["y"] ** 2 - 0.01

    kept = 0
    for seed in range(3):
        rng = np.random.default_rng(seed)
        result = bo.maximize(
            lambda p, rng=rng: {
                "value": p["x"] + p["y"],
                "constraints": {"c": true(p) + 0.005 * rng.standard_normal()},
            },
            PLANE,
            n_trials=30,
            seed=seed,
        )
        kept += true(result.recommended.params) <= 0.0
    assert kept >= 2  # of what was observed to be best, none is
