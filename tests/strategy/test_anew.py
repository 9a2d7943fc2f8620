"""A search elsewhere that brings nothing begins anew, late in a run."""

from copy import copy
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bayesopt import Origin
from bayesopt.proposal.exploration import cover
from bayesopt.strategy import Measured, Objective, RunData, fit, propose
from bayesopt.strategy.elsewhere import SecondRegion, is_due
from bayesopt.strategy.settling import Regions
from tests.strategy.wells import CONFIG, DEEP, OTHER, SQUARE, two_wells


def near(well, n, seed, step=0.02):
    return well + step * np.random.default_rng(seed).standard_normal((n, 2))


def stalled(n=81):
    """Results of which the last ones bring nothing: the deep well has settled, the bottom of the
    other one is known, and then all lie beside the deep one.
    """
    points = np.random.default_rng(0).random((400, 2))
    middle = np.minimum(*(((points - well) ** 2).sum(axis=1) for well in (DEEP, OTHER)))
    known = np.concatenate([points[middle > 0.01][:14], DEEP[None], near(DEEP, 8, 1), OTHER[None]])
    return np.concatenate([known, near(DEEP, n - len(known), 2, 2e-4)])


def run(points, **more):
    return RunData.of(SQUARE, points, [Measured(Objective(), two_wells(points))], **more)


def region(data, number=None):
    return SecondRegion.of(fit(data, CONFIG), CONFIG, number)


def spread_elsewhere(data):
    """The points that a new search begins with, in their order."""
    points = cover(SQUARE, CONFIG.seed)
    taken = (points[:, None] == data.coords).all(axis=2).any(axis=1)
    return points[~taken & ~region(data).outside.holds(points)]


def test_a_search_that_brings_nothing_begins_with_points_spread_over_the_space():
    data = run(stalled())
    assert region(data).begins
    for number in (81, 82, 101, 102):  # beside the best point nothing at all is gained
        proposal = propose(data, CONFIG, number=number)
        assert proposal.origin is Origin.SECOND_REGION
        np.testing.assert_array_equal(proposal.coords, spread_elsewhere(data)[0])
    assert propose(data, CONFIG, number=88).origin is Origin.MODEL


def test_early_in_a_run_none_begins():
    found = region(run(stalled(79)))
    assert not found.begins
    assert len(found.model.data.evaluated) > 6


@cache
def begun():
    """A run in which a search has just begun anew, and which of its results are that search's."""
    points = stalled()
    for k in range(40):
        data = run(points)
        if not region(data).begins:
            break
        # in between it goes on beside the best point, which is no result of the new search
        more = near(DEEP, 1, k, 2e-4) if k % 4 == 3 else spread_elsewhere(data)[:1]
        points = np.concatenate([points, more])
    regions = Regions.of(fit(data, CONFIG))
    best = int(regions.order[0])
    late = np.arange(len(points)) >= len(stalled())
    return data, late & ~regions.in_valley(best, 6) & ~regions.beside(best)


def test_it_goes_by_its_own_results_alone():
    data, own = begun()
    found, points = region(data), data.evaluated_coords[own]
    assert own.sum() == 6
    np.testing.assert_array_equal(found.model.data.evaluated_coords, points)
    np.testing.assert_allclose(found.outside.centers, [DEEP], atol=0.01)
    assert (points[two_wells(points).argmin()] == points[found.best]).all()


def test_once_its_region_has_settled_another_begins():
    data, own = begun()
    points, values = data.evaluated_coords, data.objective.values
    hill = points[own][values[own].argmax()]  # of no use but for this search
    points = np.concatenate([points, near(hill, 24, 4, 2e-3)])
    there = np.exp(-60.0 * ((points - hill) ** 2).sum(axis=1))
    values = two_wells(points) - 0.75 * there
    later = RunData.of(SQUARE, points, [Measured(Objective(), values)])
    assert not region(data).begins
    assert region(later).begins


def test_what_is_pending_belongs_to_the_points_it_begins_with():
    data, batch = run(stalled()), []
    for number in range(81, 87):
        proposal = propose(data, CONFIG, number=number)
        batch.append(proposal.coords)
        data = data.with_pending(proposal.coords[None])
    np.testing.assert_array_equal(batch, spread_elsewhere(run(stalled()))[:6])


REGIONS = Regions.of(fit(run(stalled(40)), CONFIG))


def ended(steps):
    """Whether the deep well has ended after evaluations there that gain so much each, and the same
    one by one.
    """
    best = int(REGIONS.order[0])
    there = [i for i in range(40) if REGIONS.beside(best)[i]]
    regions, ranged = copy(REGIONS), REGIONS.median - REGIONS.values[best]
    regions.values = REGIONS.values.copy()
    regions.values[there] = regions.values[best]
    regions.values[there[-len(steps) :]] -= ranged * np.cumsum(steps)
    lowest = [min(regions.values[there[: k + 1]]) for k in range(len(there))]
    gained = lowest[-1 - regions.patience(best)] - lowest[-1]
    best = int(np.argmin(regions.values))
    return regions.has_converged(best), gained <= 1e-5 * (regions.median - regions.values[best])


@given(steps=st.lists(st.sampled_from([0.0, 1e-7, 4e-6, 1e-3]), min_size=1, max_size=12))
def test_a_region_has_ended_when_the_last_evaluations_there_gain_nothing_at_all(steps):
    has, one_by_one = ended(steps)
    assert has == one_by_one


def test_it_has_not_ended_while_digits_are_gained():
    assert REGIONS.patience(int(REGIONS.order[0])) == 6
    assert ended([0.0] * 6)[0]
    assert ended([1e-3] + [0.0] * 6)[0]
    assert not ended([1e-3] + [0.0] * 5)[0]
    assert not ended([1e-5] * 6)[0]


def test_the_last_tenth_of_a_long_run_goes_on_beside_the_best_point():
    data = run(stalled())
    for n_trials, number, elsewhere in (
        (95, 82, True),
        (95, 86, False),
        (95, 95, True),
        (700, 86, True),
    ):
        proposal = propose(data, replace(CONFIG, n_trials=n_trials), number=number)
        assert (proposal.origin is Origin.SECOND_REGION) == elsewhere
    few = replace(CONFIG, n_trials=50)
    assert propose(run(stalled(48)), few, number=49).origin is Origin.SECOND_REGION


@pytest.mark.parametrize("number", range(100, 108))
def test_late_at_most_half_are_due_while_anything_is_gained(number):
    assert is_due(0, number) == (number % 2 == 1)
    assert is_due(2, number) == (number % 4 == 1)
    assert is_due(2, number, ended=True)


def test_whatever_is_told_later_does_not_change_the_decision_before():
    data = run(stalled(90))
    part = data.part(np.arange(90) < 81)
    once, again = region(part), region(run(stalled(90)[:81]))
    assert once.begins == again.begins
    np.testing.assert_array_equal(once.outside.centers, again.outside.centers)
    assert replace(once, begins=False).best == again.best
