"""EHVI and ParEGO over posteriors: gradients, mixtures, fantasies, constraints, a run."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bayesopt.acquisition import (
    EHVI,
    AcquisitionContext,
    Feasibility,
    LogEI,
    MultiObjectiveContext,
    ParEGO,
)
from bayesopt.acquisition.front import nondominated
from bayesopt.acquisition.multi_objective import Scenario, draw_outputs, mean_outputs
from bayesopt.acquisition.pareto import (
    ReferencePoint,
    front_first,
    hypervolume,
    probability_nondominated,
)
from bayesopt.design import InitialDesign
from bayesopt.proposal import AcquisitionSearch
from bayesopt.proposal.base import ProposalContext
from bayesopt.space import Float, Space
from bayesopt.surrogate import Columns, MapGP, Observations, Posterior, sample_joint
from bayesopt.testing.acquisitions import process
from bayesopt.testing.numbers import slopes_in_points
from bayesopt.testing.spaces import named, some_points

EVALUATED = some_points(named("mixed"), 10, 11)
POINTS = some_points(named("mixed"), 12, 1)
PENDING = some_points(named("mixed"), 2, 12)
EACH = pytest.mark.parametrize("acquisition", [EHVI(), ParEGO()], ids=repr)


def posterior(j, draws=1):
    """Of one of several objectives: each is another function of the same points."""
    components = []
    for i in range(draws):
        c = process("mixed", 0.6 + 0.4 * j + 0.5 * i)
        components.append(c.with_values(np.roll(c.y, 3 * j, axis=0)))
    return Posterior(tuple(components), np.full(draws, 1.0 / draws))


def context(m=3, *, draws=1, fantasies=0, constrained=False, **options):
    if fantasies:
        normals = np.random.default_rng(3).standard_normal((m, len(PENDING), fantasies))
        options |= {"pending": PENDING, "normals": normals}
    limits = (Feasibility(Posterior.single(process("mixed", 1.3)), 0.2),) * constrained
    posteriors = [posterior(j, draws) for j in range(m)]
    return MultiObjectiveContext.of(posteriors, EVALUATED, probabilities=limits, **options)


def bind(acquisition, what, seed=0):
    return acquisition.bind(what, POINTS, np.random.default_rng(seed))


# ---- scores -----------------------------------------------------------------------------------


def test_ehvi_is_the_mean_volume_of_joint_draws():
    what = context(3)
    score = np.exp(bind(EHVI(), what).values(POINTS[:2]))
    (known,) = what.known(what.scenarios[0])
    reference = what.reference.values
    before = hypervolume(known, reference)
    normals = np.random.default_rng(0).standard_normal((3, 2, 300))
    draws = np.stack(
        [
            sample_joint(p.components[0], POINTS[:2], z)
            for p, z in zip(what.posteriors, normals, strict=True)
        ],
        axis=2,
    )
    for value, outcomes in zip(score, draws, strict=True):
        gains = [hypervolume(np.vstack([known, y]), reference) - before for y in outcomes]
        assert abs(value - np.mean(gains)) < 5.0 * np.std(gains) / len(gains) ** 0.5


def test_ehvi_of_one_objective_is_log_ei():
    what = MultiObjectiveContext.of([posterior(0)], EVALUATED)
    best = what.posteriors[0].components[0].mean(EVALUATED).min(axis=0)
    expected = LogEI().bind(
        AcquisitionContext(what.posteriors[0], (best,)), POINTS, np.random.default_rng(0)
    )
    value, gradient = bind(EHVI(), what).values_with_gradient(POINTS)
    value_2, gradient_2 = expected.values_with_gradient(POINTS)
    np.testing.assert_allclose(value, value_2, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(gradient, gradient_2, rtol=1e-7, atol=1e-9)


@EACH
@pytest.mark.parametrize(
    "options",
    [{"m": 2}, {"m": 4}, {"m": 2, "draws": 2, "fantasies": 3, "constrained": True}],
    ids=repr,
)
def test_gradients(acquisition, options):
    score = bind(acquisition, context(**options))
    space = named("mixed")
    inside = np.where(space.is_categorical, POINTS, np.clip(POINTS, 0.02, 0.98))
    free = ~np.isnan(inside) & ~space.is_categorical
    values, gradient = score.values_with_gradient(inside)
    np.testing.assert_allclose(values, score.values(inside), rtol=1e-9, atol=1e-9)
    expected = slopes_in_points(score.values, inside)
    scale = max(1.0, float(np.abs(expected[free]).max()))
    np.testing.assert_allclose(gradient[free], expected[free], rtol=1e-4, atol=1e-5 * scale)
    assert (gradient[~free] == 0.0).all()


@EACH
def test_constraints_are_added(acquisition):
    plain, constrained = context(2), context(2, constrained=True)
    (feasible,) = constrained.probabilities
    expected = bind(acquisition, plain).values(POINTS) + feasible.log_probability(POINTS)
    np.testing.assert_allclose(bind(acquisition, constrained).values(POINTS), expected, rtol=1e-12)
    assert (plain.constrained, constrained.constrained) == (False, True)


@EACH
def test_with_nothing_feasible_known_feasibility_alone_counts(acquisition):
    feasible = Feasibility(Posterior.single(process("mixed", 1.3)), 0.2)
    for posteriors, points in (([], EVALUATED), ([posterior(0), posterior(1)], EVALUATED[:0])):
        what = MultiObjectiveContext.of(posteriors, points, probabilities=[feasible])
        value, gradient = bind(acquisition, what).values_with_gradient(POINTS)
        expected, slope = feasible.log_probability_with_gradient(POINTS)
        np.testing.assert_array_equal(value, expected)
        np.testing.assert_array_equal(gradient, slope)


def test_cheap_scores_are_upper_bounds():
    score = bind(EHVI(), context(3, draws=2))
    assert (score.optimistic_values(POINTS) >= score.values(POINTS) - 1e-9).all()


@EACH
def test_a_mixture_of_equal_components_is_one_of_them(acquisition):
    one = context(2)
    repeated = [Posterior(p.components * 3, np.array([0.2, 0.5, 0.3])) for p in one.posteriors]
    three = MultiObjectiveContext.of(repeated, EVALUATED)
    value, gradient = bind(acquisition, one).values_with_gradient(POINTS)
    value_3, gradient_3 = bind(acquisition, three).values_with_gradient(POINTS)
    np.testing.assert_allclose(value_3, value, rtol=1e-10)
    np.testing.assert_allclose(gradient_3, gradient, rtol=1e-8, atol=1e-10)


def test_scenarios_keep_the_proportions_of_each_mixture():
    three = Posterior(posterior(0, 3).components, np.array([0.25, 0.5, 0.25]))
    four = posterior(1, 4)
    scenarios = Scenario.every([three, four, posterior(2)])
    assert sum(s.weight for s in scenarios) == pytest.approx(1.0)
    for j, p in ((0, three), (1, four)):
        for c, w in zip(p.components, p.weights, strict=True):
            assert sum(s.weight for s in scenarios if s.components[j] is c) == pytest.approx(w)


def test_equal_mixtures_are_taken_together():
    scenarios = Scenario.every([posterior(0, 3), posterior(1, 3)])
    assert len(scenarios) == 3


@pytest.mark.parametrize("joint", [True, False])
def test_draws_have_the_moments_of_the_posterior(joint):
    what = [posterior(0, 2), posterior(1)]
    draws = draw_outputs(what, POINTS, 4000, np.random.default_rng(0), joint=joint)
    for j, p in enumerate(what):
        mean, var = p.mean_var(POINTS)
        error = (draws[:, :, j].mean(axis=0) - mean) / np.sqrt(var / 4000)
        assert np.abs(error).max() < 4.5
        np.testing.assert_allclose(draws[:, :, j].var(axis=0), var, rtol=0.2)
    covariance = what[1].components[0].joint(POINTS)[1] if joint else np.diag(var)
    np.testing.assert_allclose(np.cov(draws[:, :, 1].T), covariance, atol=0.15)


def test_points_on_the_front_of_means_are_more_probably_on_the_front():
    what = context(2)
    found = probability_nondominated(
        draw_outputs(what.posteriors, EVALUATED, 200, np.random.default_rng(0))
    )
    (known,) = what.known(what.scenarios[0])
    front = nondominated(known)
    assert ((found >= 0.0) & (found <= 1.0)).all()
    assert found[front].min() > found[~front].mean()


# ---- pending points ---------------------------------------------------------------------------


def test_a_pending_point_lowers_what_is_expected_near_it():
    before = bind(EHVI(), context(2)).values(PENDING)
    after = bind(EHVI(), context(2, fantasies=8)).values(PENDING)
    assert (after < before - 0.1).all()


def test_fantasies_share_one_reference_point():
    plain, pending = context(3), context(3, fantasies=4)
    np.testing.assert_array_equal(plain.reference.values, pending.reference.values)
    assert [len(k) for k in pending.known(pending.scenarios[0])] == [12] * 4


def test_a_pending_point_that_may_be_infeasible_is_on_the_front_only_where_it_is_not():
    counted = np.array([[True, False, False], [True, True, False]])
    what = context(2, fantasies=3, counted=counted)
    assert [len(k) for k in what.known(what.scenarios[0])] == [12, 11, 10]
    assert np.isfinite(bind(EHVI(), what).values(POINTS)).all()


def test_normals_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match=r"normals must have shape \(2, 2\)"):
        MultiObjectiveContext.of([posterior(0), posterior(1)], EVALUATED, pending=PENDING)


# ---- options ----------------------------------------------------------------------------------


def test_a_reference_point_that_is_given_is_taken_and_met_by_points_alone():
    posteriors = [posterior(0), posterior(1)]
    means = mean_outputs(posteriors, EVALUATED)
    inferred = MultiObjectiveContext.of(posteriors, EVALUATED).reference
    np.testing.assert_array_equal(inferred.values, ReferencePoint.of(means).values)
    order = np.argsort(means[:, 0])
    few, limit = EVALUATED[order[5:]], 0.5 * (means[order[0], 0] + means[order[5], 0])
    given = ReferencePoint.of(means, np.array([limit, np.nan]))
    assert given.met
    found = MultiObjectiveContext.of(posteriors, few, reference=given).reference
    assert found.values.tolist() == given.values.tolist()
    assert found.values[0] == limit
    assert not found.met


def test_more_than_four_objectives_are_for_parego():
    what = context(5)
    with pytest.raises(ValueError, match=r"at most 4 objectives; got 5: use ParEGO\(\)"):
        bind(EHVI(), what)
    assert np.isfinite(bind(ParEGO(), what).values(POINTS)).all()


def test_parego_draws_new_weights_each_time_and_the_same_for_the_same_stream():
    what = context(3)
    first, again, other = (bind(ParEGO(), what, seed).values(POINTS) for seed in (0, 0, 1))
    np.testing.assert_array_equal(first, again)
    assert np.abs(first - other).max() > 0.1


@pytest.mark.parametrize("rho", [-0.1, np.nan, np.inf])
def test_an_impossible_rho_is_refused(rho):
    with pytest.raises(ValueError, match="rho must be a finite number >= 0"):
        ParEGO(rho=rho)


def test_the_front_comes_first():
    values = np.random.default_rng(0).random((30, 2))
    order = front_first(values, np.random.default_rng(1))
    assert sorted(order) == list(range(30))
    front = nondominated(values)
    assert front[order[: front.sum()]].all()


# ---- a run ------------------------------------------------------------------------------------


@EACH
def test_the_proposer_finds_a_front(acquisition):
    """Distances to two corners of a square: the front lies on the diagonal between them."""
    space = Space({name: Float(0.0, 1.0) for name in "ab"})
    columns = Columns(space.is_categorical, space.is_conditional)
    rng = np.random.default_rng(4)
    points = InitialDesign().points(space, 6, rng)

    def evaluated(x):
        return np.stack([(x**2).sum(axis=1), ((1.0 - x) ** 2).sum(axis=1)], axis=1)

    for number in range(6, 18):
        fits = [
            MapGP().fit(
                columns, Observations(points, y, np.full(len(y), np.nan)), state=None, rng=rng
            )
            for y in evaluated(points).T
        ]
        what = MultiObjectiveContext.of([f.posterior for f in fits], points)
        at = ProposalContext(space, points, points, rng, number, 4, acquisition, what)
        points = np.concatenate([points, AcquisitionSearch().propose(at)[None]])
    assert len(np.unique(points, axis=0)) == 18
    reference = np.full(2, 2.2)
    largest = 2.2**2 - 2.0 / 3.0  # what lies below sqrt(a) + sqrt(b) = sqrt(2)
    missing = [
        largest - hypervolume(evaluated(np.random.default_rng(seed).random((18, 2))), reference)
        for seed in range(31)
    ]
    found = largest - hypervolume(evaluated(points), reference)
    assert 0.0 < found < 0.8 * np.median(missing)


@pytest.mark.parametrize("m", [2, 3, 4])
@given(seed=st.integers(0, 10**6))
def test_candidates_are_screened_by_a_bound(m, seed):
    rng = np.random.default_rng(seed)
    known = rng.random((60, m))
    known /= np.linalg.norm(known, axis=1, keepdims=True) ** rng.integers(0, 2)
    reference = ReferencePoint(np.full(m, 1.1), np.zeros(m, dtype=bool), True)
    mean, sd = rng.random((20, m)) * 1.3, 0.3 * rng.random((20, m))
    exact = EHVI().log_score(known, reference, rng)(mean, sd)[0]
    bound = EHVI().log_bound(known, reference, rng)(mean, sd)[0]
    assert (bound >= exact - 1e-9).all()
    few = EHVI().log_bound(known[:9], reference, rng)(mean, sd)[0]
    np.testing.assert_array_equal(few, EHVI().log_score(known[:9], reference, rng)(mean, sd)[0])
