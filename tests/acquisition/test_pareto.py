"""Fronts at the door: any points, clear refusals, reference points that move with the values."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bayesopt.acquisition.boxes import FreeBoxes
from bayesopt.acquisition.front import nondominated
from bayesopt.acquisition.pareto import (
    ReferencePoint,
    hypervolume,
    probability_nondominated,
    well_traded,
)

seeds = st.integers(0, 10**6)


def tied(seed, n, m):
    """Points with few different coordinates: ties, equal, dominated and far points among them."""
    return np.random.default_rng(seed).integers(0, 7, (n, m)).astype(float)


def drawn_volume(points, reference, low, n=20_000):
    """A share of draws below the reference point that some point dominates, times the volume."""
    y = low + (reference - low) * np.random.default_rng(0).random((n, len(reference)))
    inside = (points[:, None] <= y).all(axis=2).any(axis=0)
    return inside.mean() * np.prod(reference - low)


# ---- dominance and volume -------------------------------------------------------------------


def test_equal_points_are_both_on_the_front_and_nan_is_not():
    points = np.array([[0.0, 1.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0], [np.nan, -9.0]])
    assert nondominated(points).tolist() == [True, True, True, False, False]
    assert nondominated(np.empty((0, 3))).tolist() == []


@given(seeds, st.integers(0, 10), st.integers(1, 6))
def test_dominated_far_and_equal_points_add_nothing(seed, n, m):
    points, reference = tied(seed, n, m), np.full(m, 5.0)
    front = points[nondominated(points) & (points < reference).all(axis=1)]
    expected = hypervolume(front, reference)
    repeated = np.concatenate([points, points, np.full((1, m), 5.0)])
    assert hypervolume(repeated[::-1], reference) == expected
    assert expected <= 5.0**m
    assert (expected > 0.0) == bool(len(front))


@pytest.mark.parametrize("m", [1, 2, 3, 4, 5, 6])
def test_volume_by_draws(m):
    points = np.random.default_rng(m).random((8, m)) ** 2
    found = hypervolume(points, np.ones(m))
    assert found == pytest.approx(drawn_volume(points, np.ones(m), np.zeros(m)), abs=0.02)


@pytest.mark.parametrize("m", [2, 3, 4])
def test_volume_by_the_boxes_of_what_is_free(m):
    points = np.random.default_rng(m).random((25, m))
    boxes = FreeBoxes.of(points, np.ones(m))
    free = (boxes.upper - np.maximum(boxes.lower, -1.0)).prod(axis=1).sum()
    assert hypervolume(points, np.ones(m)) == pytest.approx(2.0**m - free, rel=1e-10)


@pytest.mark.parametrize("m", [5, 6])
def test_volume_of_more_than_four_objectives_beside_moocore(m):
    moocore = pytest.importorskip("moocore")
    points = np.random.default_rng(m).random((30, m))
    expected = moocore.hypervolume(points, ref=np.ones(m))
    assert hypervolume(points, np.ones(m)) == pytest.approx(expected, rel=1e-10)


# ---- boxes ----------------------------------------------------------------------------------


@given(seeds, st.integers(0, 10), st.integers(1, 4))
def test_boxes_of_any_points(seed, n, m):
    points, reference = tied(seed, n, m), np.full(m, 5.0)
    boxes = FreeBoxes.of(points, reference)
    lower, upper = np.maximum(boxes.lower, -1.0), boxes.upper
    assert (lower < upper).all()  # none is empty
    assert len(boxes.front) == len(np.unique(boxes.front, axis=0))
    assert (boxes.front < reference).all()
    taken = hypervolume(points, reference)
    assert (upper - lower).prod(axis=1).sum() == 6.0**m - taken
    size = len(boxes.front)
    assert len(boxes.boxes) <= {1: 1, 2: size + 1, 3: 2 * size + 1, 4: (size + 1) ** 2}[m]
    for y in np.random.default_rng(seed).uniform(-1.0, 5.0, (20, m)):
        free = not (boxes.front <= y).all(axis=1).any()
        assert ((lower <= y) & (y < upper)).all(axis=1).sum() == free


def test_an_empty_front_is_one_box():
    boxes = FreeBoxes.of(np.empty((0, 3)), np.array([1.0, 2.0, 3.0]))
    assert boxes.upper.tolist() == [[1.0, 2.0, 3.0]]
    assert boxes.lower.tolist() == [[-math.inf] * 3]
    beyond = FreeBoxes.of(np.array([[9.0, 0.0, 0.0]]), boxes.reference)
    np.testing.assert_array_equal(beyond.upper, boxes.upper)


@pytest.mark.parametrize(
    ("points", "reference", "message"),
    [
        (np.zeros((2, 3)), np.zeros(2), r"shape \(n, 2\).*got \(2, 3\)"),
        (np.zeros(2), np.zeros(2), r"shape \(n, 2\)"),
        (np.array([[0.0, np.nan]]), np.zeros(2), "points must be finite"),
        (np.zeros((1, 2)), np.array([np.inf, 1.0]), "reference point must be finite"),
        (np.zeros((1, 2)), np.array(1.0), "one number per objective"),
        (np.zeros((1, 0)), np.empty(0), "one number per objective"),
    ],
)
def test_impossible_points_are_refused(points, reference, message):
    for call in (hypervolume, FreeBoxes.of):
        with pytest.raises(ValueError, match=message):
            call(points, reference)


# ---- probabilities --------------------------------------------------------------------------


def test_probability_of_being_on_the_front():
    rng = np.random.default_rng(0)
    mean = np.array([[0.0, 1.0], [1.0, 0.0], [0.5, 0.5], [3.0, 3.0]])
    found = probability_nondominated(mean + 0.01 * rng.standard_normal((200, 4, 2)))
    assert found.tolist() == [1.0, 1.0, 1.0, 0.0]
    # of two points with equal independent outputs one dominates the other with probability 1/2
    found = probability_nondominated(rng.standard_normal((20_000, 2, 2)))
    np.testing.assert_allclose(found, 0.75, atol=0.015)
    with pytest.raises(ValueError, match="S >= 1"):
        probability_nondominated(np.empty((0, 4, 2)))


# ---- reference points -----------------------------------------------------------------------


@given(seeds, st.integers(1, 12), st.integers(1, 4))
def test_a_reference_point_moves_and_stretches_with_the_values(seed, n, m):
    rng = np.random.default_rng(seed)
    points = tied(seed, n, m)
    scale, shift = 2.0 ** rng.integers(-3, 4, m), rng.integers(-50, 50, m).astype(float)
    found, moved = ReferencePoint.of(points), ReferencePoint.of(points * scale + shift)
    varies = np.ptp(points, axis=0) > 0.0  # else there is no scale to follow
    np.testing.assert_allclose(
        moved.values[varies], (found.values * scale + shift)[varies], atol=1e-9
    )
    assert found.met
    assert (well_traded(points) < found.values).all()


@given(seeds, st.integers(1, 12), st.integers(1, 4), st.sampled_from([0.05, 0.2]))
def test_well_traded_points_are_those_that_no_trade_improves(seed, n, m, trade):
    points = tied(seed, n, m)
    front = points[nondominated(points)]
    span = np.where(np.ptp(front, axis=0) > 0.0, np.ptp(front, axis=0), 1.0)
    kept = []
    for p in front:
        change = (front - p) / span  # of going to each other point of the front
        judged = change + trade * change.sum(axis=1, keepdims=True)
        better = (judged <= -1e-12).any(axis=1) & (judged <= 1e-12).all(axis=1)
        kept.append(not better.any())
    np.testing.assert_array_equal(well_traded(points, trade), front[kept])
    assert len(well_traded(points, trade))


def test_a_point_that_pays_much_for_little_does_not_stretch_the_reference_point():
    t = np.linspace(0.0, 1.0, 11)
    fair = np.stack([t, 1.0 - t], axis=1)
    poor = np.concatenate([fair, [[-0.01, 8.0]]])
    assert nondominated(poor).all()
    np.testing.assert_allclose(ReferencePoint.of(poor).values, ReferencePoint.of(fair).values)


def test_a_front_that_was_searched_ends_where_its_trades_do():
    """An octant of a sphere, and points in front of it that are bad in all but one objective."""
    rng = np.random.default_rng(0)
    sphere = np.abs(rng.standard_normal((4000, 3)))
    sphere /= np.linalg.norm(sphere, axis=1, keepdims=True)
    poor = np.array([[-0.02, 2.0, 3.0], [1.8, -0.01, 1.7], [4.0, 1.2, -0.03]])
    found = ReferencePoint.of(np.concatenate([sphere, poor]), searched=True)
    np.testing.assert_allclose(found.values, 1.1, atol=0.1)


@pytest.mark.parametrize(("n", "margin"), [(2, 1.0), (3, 1 / 2), (6, 1 / 5), (11, 0.1), (40, 0.1)])
def test_a_reference_point_lies_beyond_the_front(n, margin):
    t = np.linspace(0.0, 1.0, n)
    points = np.concatenate([np.stack([2.0 * t, 4.0 * (1.0 - t)], axis=1), [[9.0, 9.0]]])
    expected = [2.0 * (1.0 + margin), 4.0 * (1.0 + margin)]
    np.testing.assert_allclose(ReferencePoint.of(points).values, expected)


@pytest.mark.parametrize(("n", "margin"), [(3, 1.0), (6, 1 / 2), (9, 1 / 2), (10, 1 / 3)])
def test_three_objectives_need_more_points_for_the_same_margin(n, margin):
    points = np.eye(3)[
        np.arange(n) % 3
    ]  # H divisions of a triangle are (H + 1) (H + 2) / 2 points
    np.testing.assert_allclose(ReferencePoint.of(points).values, 1.0 + margin)


def test_a_front_of_one_point_has_the_range_of_all():
    single = ReferencePoint.of(np.array([[0.0, 0.0], [5.0, 20.0]]))
    np.testing.assert_allclose(single.values, [5.0, 20.0])
    np.testing.assert_allclose(ReferencePoint.of(np.array([[-7.0, 3.0]])).values, [-6.0, 4.0])


@pytest.mark.parametrize("share", [0.0, 1e-6, 0.015])
def test_a_front_of_hardly_any_range_has_the_range_of_all(share):
    """Of a front only one end is known: the other one has to be looked for."""
    t = np.linspace(0.0, 1.0, 30)
    end = np.stack([4.0 * share * t, 10.0 - t], axis=1)
    others = np.stack([np.linspace(0.0, 4.0, 30), np.full(30, 20.0)], axis=1)
    points = np.concatenate([end, others])
    found = ReferencePoint.of(points).values
    assert 3.0 < found[0] <= 5.0
    outlier = np.concatenate([points, [[1e9, 1e9]]])
    np.testing.assert_allclose(ReferencePoint.of(outlier).values, found, rtol=0.1)
    assert ReferencePoint.of(end).values[0] == pytest.approx(4.4 * share or 1.0)


def test_thresholds_are_taken_as_they_are():
    points = np.array([[0.0, 4.0], [1.0, 3.0], [2.0, 0.0]])
    found = ReferencePoint.of(points, np.array([1.5, np.nan]))
    # of the points that meet it the worst second value is 4, the best 3
    np.testing.assert_allclose(found.values, [1.5, 5.0])
    assert found.inferred.tolist() == [False, True]
    assert found.met
    unmet = ReferencePoint.of(points, np.array([-1.0, np.nan]))
    assert not unmet.met
    np.testing.assert_allclose(unmet.values, [-1.0, 6.0])


def test_impossible_thresholds_are_refused():
    with pytest.raises(ValueError, match="thresholds must be 2 numbers"):
        ReferencePoint.of(np.zeros((1, 2)), np.zeros(3))
    for points in (np.empty((0, 2)), np.array([[np.nan, 0.0]])):
        with pytest.raises(ValueError, match="at least one row of finite numbers"):
            ReferencePoint.of(points)
