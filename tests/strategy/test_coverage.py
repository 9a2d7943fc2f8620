"""Gaps in a front and its ends: which gap is the largest, and which trials are aimed at what."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import bayesopt as bo
from bayesopt.acquisition.front import nondominated
from bayesopt.acquisition.pareto import ReferencePoint
from bayesopt.strategy.coverage import aimed, largest_gap
from bayesopt.strategy.reference import Outlook


@given(st.integers(0, 10**6), st.integers(1, 14))
def test_the_largest_gap_is_that_of_all_pairs_of_neighbours(seed, n):
    points = np.random.default_rng(seed).integers(0, 9, (n, 2)).astype(float)
    front = sorted({tuple(p) for p in points[nondominated(points)].tolist()})
    found = largest_gap(points)
    if len(front) < 3:
        assert found is None
        return
    span = np.ptp(np.array(front), axis=0)
    widths = [
        np.linalg.norm((np.array(b) - np.array(a)) / span) for a, b in itertools.pairwise(front)
    ]
    if max(widths) < 0.3 - 1e-9:
        assert found is None
    elif max(widths) > 0.3 + 1e-9:
        corners = [
            (b[0], a[1])
            for (a, b), w in zip(itertools.pairwise(front), widths, strict=True)
            if w > max(widths) - 1e-9
        ]
        assert tuple(found) in corners
    scaled = largest_gap(points * [8.0, 0.25] + [16.0, -4.0])  # units and offsets do not matter
    if found is not None:
        np.testing.assert_array_equal(scaled, found * [8.0, 0.25] + [16.0, -4.0])


def test_a_trial_of_three_is_aimed_where_the_model_hopes_for_something():
    front = np.array([[0.0, 1.0], [0.1, 0.9], [0.2, 0.8], [0.9, 0.1], [1.0, 0.0]])
    reference = ReferencePoint.of(front)
    hopeful = Outlook(reference, np.array([[0.5, 0.5]]))
    assert [n for n in range(12) if aimed(n, front, hopeful) is reference] == [2, 4, 7, 8, 10, 11]
    found = aimed(3, front, hopeful)
    assert found.values.tolist() == [0.9, 0.8]
    assert found.inferred is reference.inferred
    hopeless = Outlook(reference, np.array([[0.5, 0.85], [0.95, 0.2]]))
    assert aimed(3, front, hopeless) is reference
    # a point beyond the reference point has no part in it
    told = Outlook(ReferencePoint.of(front, np.array([0.5, np.nan])), hopeful.hoped)
    assert aimed(3, front, told) is told.reference


@pytest.mark.parametrize("m", [2, 3])
def test_a_trial_of_four_is_aimed_at_the_ends(m):
    """Two objectives: as far as the worst of the points; more: as the model's front."""
    front = np.eye(m)
    reference = ReferencePoint.of(front)
    means = np.concatenate([front, np.linspace(0.0, 50.0, 98)[:, None] + np.eye(m)[:1]])
    found = aimed(5, means, Outlook(reference, 40.0 * front))
    if m == 2:
        np.testing.assert_array_equal(found.values, means.max(axis=0))
    else:
        np.testing.assert_allclose(found.values, 44.0)
    assert found.inferred is reference.inferred
    near = aimed(5, front / 9.0, Outlook(reference, front / 9.0))
    np.testing.assert_array_equal(near.values, reference.values)
    # a threshold stays, and noise leaves too much room
    told = ReferencePoint.of(front, np.array([0.5] + [np.nan] * (m - 1)))
    assert aimed(5, means, Outlook(told, 40.0 * front)).values[0] == 0.5
    assert aimed(5, means, Outlook(reference, 40.0 * front, noisy=True)) is reference


def test_gaps_are_of_two_objectives():
    front = np.eye(3)
    reference = ReferencePoint.of(front)
    assert aimed(3, front, Outlook(reference, front)) is reference


def test_both_ends_of_a_hollow_front_are_found():
    """One end is found at once and nothing near it lies on the front."""

    def f(p):
        g = 1.0 + 3.0 * (p["x1"] + p["x2"])
        return p["x0"], g - p["x0"] ** 2 / g

    space = bo.Space({f"x{j}": bo.Float(0.0, 1.0) for j in range(3)})
    objectives = dict.fromkeys("ab", "minimize")
    found = bo.minimize(f, space, objectives=objectives, n_trials=26, seed=0)
    values = np.array([[t.values["a"], t.values["b"]] for t in found.pareto])
    assert (np.ptp(values, axis=0) > 0.7).all()
