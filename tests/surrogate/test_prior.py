"""Priors: the MAP form of a log-normal, bounds, growth with the dimension."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

import bayesopt as bo
from bayesopt.output import Objective
from bayesopt.strategy import Measured, RunData
from bayesopt.surrogate import NormalInLog, Priors
from bayesopt.surrogate.covariance import ShortScale, as_covariance, bind
from bayesopt.testing.numbers import finite_differences
from tests.laws.covariances import log_prior


@given(st.floats(-5, 5), st.floats(0.1, 2), st.floats(-8, 8), st.floats(-8, 8))
def test_map_form_is_the_density_over_theta_seen_from_log_theta(mu, sigma, a, b):
    """log p(θ), not log p(log θ): the two differ by log θ, and so by where the peak lies."""
    prior = NormalInLog.from_log_normal(mu, sigma, low=1e-30, high=1e30)
    density = stats.lognorm(s=sigma, scale=math.exp(mu))

    def ours(t):
        return -0.5 * ((t - math.log(prior.center)) / prior.sd) ** 2

    expected = density.logpdf(math.exp(a)) - density.logpdf(math.exp(b))
    assert ours(a) - ours(b) == pytest.approx(expected, rel=1e-6, abs=1e-6)


def test_the_peak_is_the_mode_of_the_log_normal():
    prior = NormalInLog.from_log_normal(math.sqrt(2), math.sqrt(3), low=0.025, high=100.0)
    grid = np.linspace(0.01, 2, 200_001)
    mode = grid[np.argmax(stats.lognorm(s=math.sqrt(3), scale=math.exp(math.sqrt(2))).pdf(grid))]
    assert prior.center == pytest.approx(mode, abs=2e-5)
    assert prior.center == pytest.approx(0.2, abs=0.005)  # the centre that was measured to be best


def test_a_peak_beyond_a_bound_is_moved_to_it():
    assert NormalInLog.from_log_normal(-20.0, 1.0, low=0.1, high=2.0).center == 0.1
    assert NormalInLog.from_log_normal(20.0, 1.0, low=0.1, high=2.0).center == 2.0


@pytest.mark.parametrize(
    ("center", "sd", "low", "high"),
    [(1, 1, 0, 2), (1, 1, 2, 3), (3, 1, 1, 2), (1, 1, 0.5, math.inf), (math.nan, 1, 0.5, 2)],
)
def test_impossible_bounds_are_refused(center, sd, low, high):
    with pytest.raises(ValueError, match=r"of a prior must be|low <= center <= high"):
        NormalInLog(center, sd, low, high)


@pytest.mark.parametrize("sd", [0.0, -1.0, math.nan])
def test_impossible_widths_are_refused(sd):
    with pytest.raises(ValueError, match="sd of a prior must be a finite number > 0"):
        NormalInLog(1.0, sd, 0.5, 2.0)


def test_lengthscales_grow_with_the_root_of_the_dimension_and_weights_shrink():
    one = log_prior(Priors(), 1, 0, deterministic=False)
    many = log_prior(Priors(), 16, 9, deterministic=False)
    assert len(many.center) == 2 + 16 + 9
    np.testing.assert_allclose(many.center[2:18] - one.center[2], math.log(5.0))
    label = log_prior(Priors(), 0, 1, deterministic=False)
    np.testing.assert_allclose(many.center[18:] - label.center[2], -math.log(25.0))
    # a hundred parameters: everything stays within its bounds
    huge = log_prior(Priors(), 2000, 2000, deterministic=False)
    assert (huge.center <= huge.high).all()
    assert (huge.center >= huge.low).all()


def test_no_columns_at_all():
    assert len(log_prior(Priors(), 0, 0, deterministic=True).center) == 2


def test_a_deterministic_objective_has_the_least_noise():
    prior = log_prior(Priors(), 3, 1, deterministic=True)
    assert prior.center[1] == prior.low[1] == prior.high[1] == pytest.approx(math.log(1e-6))
    rng = np.random.default_rng(0)
    assert {prior.draw(rng)[1] for _ in range(5)} == {prior.low[1]}


def test_cost_is_the_negative_log_density():
    prior = log_prior(Priors(), 2, 1, deterministic=False)
    rng = np.random.default_rng(1)
    a, b = (prior.center + rng.standard_normal(5) for _ in range(2))
    normal = stats.norm(prior.center, prior.sd)
    difference = prior.cost(a)[0] - prior.cost(b)[0]
    assert difference == pytest.approx(normal.logpdf(b).sum() - normal.logpdf(a).sum(), rel=1e-12)
    np.testing.assert_allclose(
        prior.cost(a)[1],
        finite_differences(lambda t: prior.cost(t)[0], a, 1e-3),
        rtol=1e-8,
        atol=1e-9,
    )
    assert prior.cost(prior.center)[0] == 0.0


@given(st.integers(0, 2**31))
def test_draws_stay_within_the_bounds(seed):
    prior = log_prior(Priors(), 4, 3, deterministic=False)
    draw = prior.draw(np.random.default_rng(seed))
    assert (prior.low <= draw).all()
    assert (draw <= prior.high).all()


SEARCH = bo.Space(
    algorithm=bo.Categorical(["svm", "knn", "mlp"]),
    shared=bo.Float(0, 1),
    cost=bo.Float(0, 1, when={"algorithm": "svm"}),
    width=bo.Float(0, 1, when={"algorithm": "svm"}),
    neighbors=bo.Int(1, 40, when={"algorithm": "knn"}),
    weights=bo.Categorical(["even", "distance"], when={"algorithm": "knn"}),
    decay=bo.Float(0, 1, when={"algorithm": "mlp"}),
)


def centers(space):
    """The prior's centre of each column's lengthscale, or weight, by name; and of all others."""
    nothing = Measured(Objective("value"), np.empty(0))
    columns = RunData.of(space, np.empty((0, space.n_columns)), [nothing]).columns
    bound = bind(as_covariance("matern52") + ShortScale(), columns)
    center = bound.vector.prior(Priors(), deterministic=False).center
    where = bound.vector.where
    names = np.array(columns.names)
    found = dict(zip(names[columns.numeric], center[where["lengthscale"]], strict=True))
    return found | dict(
        zip(names[columns.categories], center[where["category_weight"]], strict=True)
    )


@pytest.mark.parametrize("branch", ["svm", "knn", "mlp"])
def test_a_branch_has_the_priors_that_it_has_alone(branch):
    """Parameters of other branches, which its points do not have, count for nothing."""
    own = [n for n, p in SEARCH.parameters.items() if branch in p.conditions.get("algorithm", ())]
    alone = bo.Space(
        {n: replace(SEARCH.parameters[n], when=None) for n in ["algorithm", "shared", *own]}
    )
    whole, part = centers(SEARCH), centers(alone)
    assert own
    for name in own:
        assert whole[name] == pytest.approx(part[name], abs=1e-9)


def test_what_all_branches_have_counts_those_active_on_average():
    one = log_prior(Priors(), 1, 0, deterministic=False).center[2]
    label = log_prior(Priors(), 0, 1, deterministic=False).center[2]
    d = np.mean([4, 4, 3])  # algorithm, shared and those of each branch
    found = centers(SEARCH)
    assert found["shared"] == pytest.approx(one + 0.5 * math.log(d), abs=0.01)
    assert found["algorithm"] == pytest.approx(label - math.log(d), abs=0.01)


def test_a_parameter_that_hardly_any_point_has_active_changes_no_other():
    labels = [str(i) for i in range(40)]
    first, second = bo.Categorical(labels), bo.Categorical(labels, when={"first": "0"})
    few = bo.Space(first=first, second=second, x=bo.Float(0, 1))
    rare = bo.Space(
        first=first, second=second, x=bo.Float(0, 1), y=bo.Float(0, 1, when={"second": "7"})
    )
    found = centers(rare)
    assert np.isfinite(found["y"])
    for name, center in centers(few).items():
        assert found[name] == pytest.approx(center, abs=0.1)
