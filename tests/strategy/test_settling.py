"""A second region once the search has settled in the first."""

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
from bayesopt.strategy.settling import SecondRegion

SQUARE = Space(x=Float(0, 1), y=Float(0, 1))
DEEP, OTHER = np.array([0.2, 0.25]), np.array([0.8, 0.75])
QUICK = AcquisitionSearch(n_candidates=64, n_sprays=64, n_starts=3, max_rounds=2)
CONFIG = ProposalConfig(0, initial_design=None, proposer=QUICK)


def two_wells(points):
    """-1 in one, -0.9 in the other."""
    return sum(
        -depth * np.exp(-12.0 * ((points[:, :2] - well) ** 2).sum(axis=1))
        for depth, well in ((1.0, DEEP), (0.9, OTHER))
    )


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
    return SecondRegion.of(fit(data, CONFIG))


SETTLED = run(np.concatenate([spread(), beside()]))


def test_the_best_point_outside_of_the_settled_basin_is_where_the_search_goes_on():
    found = region(SETTLED)
    assert found is not None
    there = SETTLED.evaluated_coords[found.best]
    assert ((there - OTHER) ** 2).sum() < ((there - DEEP) ** 2).sum()
    np.testing.assert_allclose(found.basins.centers, [DEEP])
    term = found.term
    inside, settled, far = term.log_probability(np.array([there, DEEP, [0.99, 0.01]]))
    assert inside > -0.5
    assert settled < -10.0
    assert far < -1.0
    assert found.order[0] == found.best
    assert sorted(found.order) == list(range(len(SETTLED.evaluated)))


def test_slopes_of_the_term_against_finite_differences():
    term = region(SETTLED).term
    points = np.random.default_rng(3).random((40, 2))
    values, slopes = term.log_probability_with_gradient(points)
    np.testing.assert_array_equal(values, term.log_probability(points))
    h = 1e-6
    for j, e in enumerate(np.eye(2)):
        up, down = (term.log_probability(points + s * h * e) for s in (1, -1))
        smooth = np.abs(up - down) < 1.0  # all but those at the border of a basin
        assert smooth.sum() > 30
        np.testing.assert_allclose(
            slopes[smooth, j], ((up - down) / (2 * h))[smooth], rtol=1e-4, atol=1e-6
        )


def test_a_barrier_is_what_parts_two_basins():
    found = region(SETTLED)
    way = DEEP + np.linspace(0.0, 1.0, 9)[:, None] * (OTHER - DEEP)
    held = found.basins.hold(way)
    assert held[:2].all()
    assert not held[-2:].any()


def held_one_by_one(basins, point):
    """Whether a point of the square is in a basin, from the definition."""
    mean = basins.posterior.components[0].mean
    for center in basins.centers:
        distance = np.linalg.norm((point - center) / basins.distances.lengthscales)
        ways = point + np.array([0.15, 0.3, 0.45, 0.6, 0.75])[:, None] * (center - point)
        rises = mean(ways).max() >= mean(point[None])[0, 0] + 0.05
        if distance < 1.0 or (distance < 3.0 and not rises):
            return True
    return False


@pytest.mark.parametrize("n", [20, 300])
def test_several_basins_against_points_one_by_one(n):
    found = region(SETTLED)
    rng = np.random.default_rng(n)
    distances = replace(found.basins.distances, lengthscales=np.array([0.15, 0.2]))
    centers = np.vstack([DEEP, [0.75, 0.7], rng.random((2, 2))])
    basins = replace(found.basins, distances=distances, centers=centers)
    points = rng.random((n, 2))
    expected = [held_one_by_one(basins, point) for point in points]
    assert {True, False} == set(expected)
    np.testing.assert_array_equal(basins.hold(points), expected)
    assert not replace(basins, centers=np.empty((0, 2))).hold(points).any()


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


def test_where_all_is_one_basin_there_is_no_second_region():
    points = np.concatenate([spread(), beside()])
    bowl = ((points - DEEP) ** 2).sum(axis=1)
    assert region(run(points, bowl)) is None


def test_two_settled_regions_are_both_left():
    points = np.concatenate([spread(), beside(), beside(OTHER)])
    found = region(run(points))
    if found is not None:  # a third one beside neither
        assert len(found.basins.centers) == 2
        there = points[found.best]
        assert not found.basins.hold(there[None])[0]


def test_points_that_break_a_constraint_are_no_second_region():
    points = np.concatenate([spread(), beside()])
    upper = OutcomeConstraint("sum")
    outputs = [Measured(Objective(), two_wells(points)), Measured(upper, points.sum(axis=1) - 1.2)]
    data = RunData.of(SQUARE, points, outputs)
    found = region(data)
    assert found is None or data.feasible[found.best]


def test_another_branch_is_another_basin():
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
    assert points[found.best, 0] == 1.0
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
    there = SETTLED.evaluated_coords[region(SETTLED).best]
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
        np.testing.assert_array_equal(once.basins.centers, again.basins.centers)


def test_a_batch_in_the_second_region_is_of_several_points():
    data, batch = SETTLED, []
    for number in (25, 26, 27):
        proposal = propose(data, CONFIG, number=number)
        assert proposal.origin is Origin.SECOND_REGION
        batch.append(proposal.coords)
        data = data.with_pending(proposal.coords[None])
    gaps = [np.abs(a - b).max() for i, a in enumerate(batch) for b in batch[:i]]
    assert min(gaps) > 1e-3


def test_what_is_to_be_improved_on_is_the_best_of_the_region():
    model = fit(SETTLED, CONFIG)
    found = SecondRegion.of(model)
    rng = np.random.default_rng(0)
    alone = found.context(model.acquisition_context(SETTLED.pending_coords, rng), np.empty((0, 2)))
    (best,) = alone.incumbents
    assert best == pytest.approx(model.means[found.best])
    pending = SETTLED.evaluated_coords[[found.best]] + 0.01
    known = model.acquisition_context(pending, rng)
    (fantasised,) = found.context(known, pending).incumbents
    assert fantasised.shape == known.incumbents[0].shape
    assert (fantasised <= known.objective.components[0].mean(pending)[0] + 1e-9).all()
