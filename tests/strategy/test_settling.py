"""Another region once the search has settled in the first."""

import logging
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bayesopt import AcquisitionSearch, Categorical, Float, Origin, RandomSearch, Space
from bayesopt.strategy import (
    Cache,
    Measured,
    Objective,
    OutcomeConstraint,
    ProposalConfig,
    RunData,
    fit,
    propose,
)
from bayesopt.strategy.elsewhere import SecondRegion, is_due, not_too_many
from bayesopt.strategy.settling import Regions, Valley
from tests.strategy.wells import CONFIG, DEEP, OTHER, SQUARE, two_wells


def spread(n=14, seed=0):
    """Points over the square, none of them in a well's middle."""
    points = np.random.default_rng(seed).random((40 * n, 2))
    middle = np.minimum(*(((points - well) ** 2).sum(axis=1) for well in (DEEP, OTHER)))
    return points[middle > 0.01][:n]


def beside(well=DEEP, n=10, seed=1):
    """The well's middle, and points that gain nothing over it."""
    step = 0.02 * np.random.default_rng(seed).standard_normal((n, 2))
    return np.concatenate([well[None], well + step])


def run(points, values=None, space=SQUARE, **more):
    values = two_wells(points) if values is None else values
    return RunData.of(space, points, [Measured(Objective(), values)], **more)


def region(data):
    return SecondRegion.of(fit(data, CONFIG), CONFIG)


SETTLED = run(np.concatenate([spread(), beside()]))


def test_the_search_goes_on_outside_of_the_settled_valley():
    found = region(SETTLED)
    assert found is not None
    there = found.model.data.evaluated_coords[found.best]
    assert ((there - OTHER) ** 2).sum() < ((there - DEEP) ** 2).sum()
    np.testing.assert_allclose(found.outside.centers, [DEEP])
    assert (found.centers[0] == there).all()
    assert sorted(map(tuple, found.centers)) == sorted(
        map(tuple, found.model.data.evaluated_coords)
    )


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_its_model_sees_all_but_the_results_in_the_valley(sign):
    points = np.concatenate([spread(20), beside()])
    objective = Objective(direction="minimize" if sign > 0.0 else "maximize")
    data = RunData.of(SQUARE, points, [Measured(objective, sign * two_wells(points))])
    model = fit(data, CONFIG)
    regions, best = Regions.of(model), int(model.order[0])
    hidden = regions.in_valley(best, 6)
    assert hidden[20:].all()
    assert not hidden.all()
    elsewhere = SecondRegion.of(model, CONFIG).model.data
    np.testing.assert_array_equal(elsewhere.evaluated_coords, points[~hidden])
    np.testing.assert_array_equal(elsewhere.objective.values, data.objective.values[~hidden])
    np.testing.assert_array_equal(elsewhere.coords, data.coords)  # none of them proposed again


def test_settled_points_and_the_valley_are_kept_away_from():
    found = region(SETTLED)
    term, seen = found.outside, found.model.data.evaluated_coords
    points = np.random.default_rng(3).random((200, 2))
    values, slopes = term.log_probability_with_gradient(points)
    np.testing.assert_array_equal(values, term.log_probability(points))
    assert not slopes.any()
    near = np.linalg.norm((points - DEEP) / term.distances.lengthscales, axis=1) < 1.5
    known = SETTLED.evaluated_coords
    scaled = (points[:, None] - known) / term.valley.distances.lengthscales
    nearest = known[np.linalg.norm(scaled, axis=2).argmin(axis=1)]
    unseen = ~(nearest[:, None] == seen).all(axis=2).any(axis=1)
    assert (unseen & ~near).any()
    np.testing.assert_array_equal(values < -10.0, near | unseen)
    assert (values[~(near | unseen)] == 0.0).all()
    assert term.holds(term.valley.unseen).all()


def test_a_valley_is_as_narrow_as_leaves_results_elsewhere():
    model = fit(SETTLED, CONFIG)
    regions, best = Regions.of(model), int(model.order[0])
    n, sizes = len(model.means), []
    for fewest in range(1, n + 1):
        valley = regions.in_valley(best, fewest)
        if valley is None:
            assert n - regions.beside(best, 1.0).sum() < fewest
            break
        assert valley[best]
        assert n - valley.sum() >= fewest
        sizes.append(valley.sum())
    assert sizes == sorted(sizes, reverse=True)
    assert 0 < len(sizes) < n


def held_one_by_one(valley, point):
    """Whether a point of the square is in a valley, from the definition."""
    mean, center = valley.posterior.components[0].mean, valley.center
    distance = np.linalg.norm((point - center) / valley.distances.lengthscales)
    ways = point + np.array([0.15, 0.3, 0.45, 0.6, 0.75])[:, None] * (center - point)
    rises = mean(ways).max() >= mean(point[None])[0, 0] + 0.05
    return distance < 1.5 or (distance < 3.0 and not rises)


@pytest.mark.parametrize("center", [DEEP, OTHER, np.array([0.5, 0.4])])
def test_a_barrier_is_what_parts_two_valleys(center):
    regions = Regions.of(fit(SETTLED, CONFIG))
    distances = replace(regions.distances, lengthscales=np.array([0.15, 0.2]))
    valley = Valley(distances, regions.posterior, center)
    points = np.random.default_rng(5).random((200, 2))
    expected = [held_one_by_one(valley, point) for point in points]
    assert {True, False} == set(expected)
    np.testing.assert_array_equal(valley.holds(points), expected)
    assert valley.holds(center[None])[0]


def test_nothing_has_settled_while_evaluations_gain():
    approach = DEEP + np.linspace(0.12, 0.0, 11)[:, None] * [0.6, 0.8]  # the best comes last
    points = np.concatenate([spread(), approach])
    assert region(run(points)) is None


def test_nothing_has_settled_after_few_evaluations_beside_the_best_point():
    assert region(run(np.concatenate([spread(), beside(n=4)]))) is None
    assert region(run(beside(n=8))) is None  # of few observations at all


def test_evaluations_far_worse_than_the_best_do_not_settle_a_region_but_many_do():
    turn = np.linspace(0.0, 6.0, 30)
    around = DEEP + 0.12 * np.column_stack([np.cos(turn), np.sin(turn)])
    for n, settled in ((10, False), (20, True)):
        points = np.concatenate([spread(), DEEP[None], around[:n]])
        assert (region(run(points)) is not None) == settled


def test_under_noise_nothing_has_settled():
    points, values = SETTLED.evaluated_coords, SETTLED.objective.values
    noisy = values + 0.2 * np.random.default_rng(0).standard_normal(len(values))
    assert region(run(points, noisy)) is None
    measured = [Measured(Objective(), values, np.full(len(values), 0.1))]
    assert region(RunData.of(SQUARE, points, measured)) is None


def test_two_settled_regions_are_both_left():
    points = np.concatenate([spread(), beside(), beside(OTHER, seed=2)])
    found = region(run(points))
    if found is not None:  # a third one beside neither
        np.testing.assert_allclose(found.outside.centers, [DEEP, OTHER])
        there = found.model.data.evaluated_coords[found.best]
        assert found.outside.log_probability(there[None])[0] == 0.0


def test_points_that_break_a_constraint_are_no_second_region():
    points = np.concatenate([spread(), beside()])
    upper = OutcomeConstraint("sum")
    outputs = [Measured(Objective(), two_wells(points)), Measured(upper, points.sum(axis=1) - 1.2)]
    found = region(RunData.of(SQUARE, points, outputs))
    assert found is None or found.model.data.feasible[found.best]


def test_another_branch_is_another_valley():
    space = Space(
        kind=Categorical(["a", "b"]),
        x=Float(0, 1, when={"kind": "a"}),
        y=Float(0, 1, when={"kind": "b"}),
    )
    rng = np.random.default_rng(0)
    u = rng.random(8)
    nan = np.full(8, np.nan)
    b = np.column_stack([np.ones(8), nan, u])
    near = np.concatenate([[0.3], 0.3 + 0.02 * rng.standard_normal(9)])
    a = np.column_stack([np.zeros(18), np.concatenate([u, near]), np.full(18, np.nan)])
    points = np.concatenate([b, a])
    values = np.where(
        points[:, 0] == 0.0, (points[:, 1] - 0.3) ** 2, 0.05 + (points[:, 2] - 0.7) ** 2
    )
    found = region(run(points, values, space))
    assert found is not None
    seen = found.model.data.evaluated_coords
    assert seen[found.best, 0] == 1.0
    assert (seen[:, 0] == 0.0).any()  # or that branch would look as if it had never been tried
    assert propose(run(points, values, space), CONFIG, number=27).coords[0] == 1.0


@pytest.mark.parametrize("number", [*range(24, 32), 100, 101, 102, 103])
def test_seven_of_eight_proposals_search_the_second_region_and_late_half(number, caplog):
    with caplog.at_level(logging.INFO, "bayesopt"):
        proposal = propose(SETTLED, CONFIG, number=number)
    assert proposal.from_model
    if number % (AcquisitionSearch().settled_every if number < 100 else 2):
        assert proposal.origin is Origin.SECOND_REGION
        assert ((proposal.coords - OTHER) ** 2).sum() < ((proposal.coords - DEEP) ** 2).sum()
        assert f"trial {number} searches a second region" in caplog.text
    else:
        assert proposal.origin is Origin.MODEL
        assert "second region" not in caplog.text


def test_a_cached_model_knows_what_is_pending_now():
    cache = Cache()
    fit(SETTLED, CONFIG, cache=cache)
    there = region(SETTLED).centers[0]
    coords = np.vstack([there + 0.01, SETTLED.coords])  # handed out before all, not told yet
    data = replace(SETTLED, coords=coords, evaluated=SETTLED.evaluated + 1, pending=np.array([0]))
    model = fit(data, CONFIG, cache=cache)
    assert model.data is data
    np.testing.assert_array_equal(data.coords[data.evaluated], SETTLED.evaluated_coords)
    proposals = [propose(data, CONFIG, number=27, cache=c) for c in (cache, None)]
    np.testing.assert_array_equal(proposals[0].coords, proposals[1].coords)
    assert proposals[0].origin is Origin.SECOND_REGION


def test_whether_to_leave_is_an_option():
    stays = AcquisitionSearch(n_candidates=64, n_sprays=64, n_starts=3, settled_every=0)
    config = ProposalConfig(0, initial_design=None, proposer=stays)
    assert propose(SETTLED, config, number=25).origin is Origin.MODEL
    config = ProposalConfig(0, initial_design=None, proposer=RandomSearch())
    assert propose(SETTLED, config, number=25).origin is Origin.RANDOM
    with pytest.raises(ValueError, match=r"settled_every must .*; got -1"):
        AcquisitionSearch(settled_every=-1)


@settings(max_examples=4)
@given(seed=st.integers(0, 50))
def test_the_decision_depends_on_the_results_only(seed):
    points = np.concatenate([spread(seed=seed), beside(seed=seed)])
    once, again = region(run(points)), region(run(points.copy(), pending=spread(3)))
    assert (once is None) == (again is None)
    if once is not None:
        assert once.best == again.best
        np.testing.assert_array_equal(once.outside.centers, again.outside.centers)


def test_a_batch_in_the_second_region_is_of_several_points():
    data, batch = SETTLED, []
    for number in (25, 26, 27):
        proposal = propose(data, CONFIG, number=number)
        assert proposal.origin is Origin.SECOND_REGION
        batch.append(proposal.coords)
        data = data.with_pending(proposal.coords[None])
    gaps = [np.abs(a - b).max() for i, a in enumerate(batch) for b in batch[:i]]
    assert min(gaps) > 1e-3


def test_what_is_to_be_improved_on_is_the_best_elsewhere():
    found, rng = region(SETTLED), np.random.default_rng(0)
    known = found.model.acquisition_context(SETTLED.pending_coords, rng)
    (best,) = found.context(known).incumbents
    assert best == pytest.approx(found.model.means[found.best])
    assert found.model.means[found.best] == found.model.means.min()


def test_what_is_pending_elsewhere_is_to_be_improved_on_as_well():
    there = region(SETTLED).centers[0] + 0.01
    data = SETTLED.with_pending(np.array([there, DEEP]))  # and one beside the settled point
    found, rng = region(data), np.random.default_rng(0)
    known = found.model.acquisition_context(data.pending_coords, rng)
    (best,) = found.context(known).incumbents
    points = np.array([found.centers[0], there])
    np.testing.assert_allclose(best, known.objective.components[0].mean(points).min(axis=0))
    assert best.shape == known.incumbents[0].shape


def stalls(values):
    """Those after evaluations of these values far from the settled point, in this order."""
    values = np.asarray(values)
    turn = np.linspace(0.0, 6.0, len(values))
    around = OTHER + 0.1 * np.column_stack([np.cos(turn), np.sin(turn)])
    points = np.concatenate([SETTLED.evaluated_coords, around])
    data = run(points, np.concatenate([SETTLED.objective.values, values]))
    model = fit(data, CONFIG)
    regions, best = Regions.of(model), int(model.order[0])
    return regions.stalls(best, regions.settled_at(best))


def test_evaluations_that_bring_nothing_elsewhere_nearer_are_stalls():
    falling = np.linspace(-0.3, -0.7, 13)
    assert stalls(falling) == 0
    assert stalls(falling[::-1]) == 2  # twelve after the first: six each
    assert stalls(np.concatenate([falling[::-1], [-0.9]])) == 0
    assert stalls([-0.3]) == 0


def test_evaluations_beside_the_best_point_are_stalls_as_well():
    points = np.concatenate([SETTLED.evaluated_coords, beside(n=24, seed=2)])
    model = fit(run(points), CONFIG)
    regions, best = Regions.of(model), int(model.order[0])
    at = regions.settled_at(best)
    assert regions.stalls(best, at) == (len(points) - 1 - at) // 6


def test_a_region_has_settled_with_the_evaluation_that_was_enough():
    early = Regions.of(fit(SETTLED, CONFIG))
    at = early.settled_at(14)
    assert at == 14 + 6  # as many evaluations as gain nothing
    assert early.settled_at(14, np.arange(len(early.values)) < at) is None


@given(stalls=st.integers(0, 9))
def test_the_more_stalls_the_rarer_but_never_given_up(stalls):
    due = sum(is_due(stalls, number) for number in range(64))
    assert due == {0: 64, 1: 32}.get(stalls, 16)


@given(n=st.integers(1, 900), seed=st.integers(0, 9))
def test_of_many_results_the_best_are_kept_and_some_of_the_others(n, seed):
    rng = np.random.default_rng(seed)
    known, order = rng.random(n) < 0.9, rng.permutation(n)[: max(1, n - 20)]
    kept = not_too_many(known, order)
    assert not (kept & ~known).any()
    assert kept.sum() <= 200
    if known.sum() <= 200:
        np.testing.assert_array_equal(kept, known)
    else:
        assert kept[order[known[order]][:100]].all()
        assert kept.sum() >= 150


def test_a_part_of_a_run_has_the_values_of_its_points():
    outputs = [
        Measured(
            Objective(),
            two_wells(SETTLED.evaluated_coords),
            sds=np.linspace(0.1, 1.0, 25),
            gradients=np.arange(50.0).reshape(25, 2),
        ),
        Measured(OutcomeConstraint("c"), np.linspace(-1.0, 1.0, 25)),
    ]
    data = RunData.of(
        SQUARE, SETTLED.evaluated_coords, outputs, failed=spread(2), outside=np.arange(25) > 20
    )
    kept = np.arange(25) % 3 == 1
    part = replace(data, costs=np.arange(25.0)).part(kept)
    np.testing.assert_array_equal(part.evaluated_coords, data.evaluated_coords[kept])
    for mine, whole in zip(part.measured, data.measured, strict=True):
        np.testing.assert_array_equal(mine.values, whole.values[kept])
    np.testing.assert_array_equal(part.objective.sds, data.objective.sds[kept])
    np.testing.assert_array_equal(part.objective.gradients, data.objective.gradients[kept])
    np.testing.assert_array_equal(part.outside, data.outside[kept])
    np.testing.assert_array_equal(part.costs, np.arange(25.0)[kept])
    np.testing.assert_array_equal(part.eligible, data.eligible[kept])
    np.testing.assert_array_equal(part.failed_coords, data.failed_coords)
