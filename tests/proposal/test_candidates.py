"""Candidates: where points are looked for."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import bayesopt as bo
from bayesopt.proposal.candidates import cross, cube_points, perturb, sample
from bayesopt.testing.proposers import context
from bayesopt.testing.spaces import each_space, named, some_points


def test_points_are_spread_evenly():
    points = cube_points(3, 256, np.random.default_rng(1))
    assert points.shape == (256, 3)
    assert (points >= 0).all()
    assert (points < 1).all()
    boxes = np.unique(np.floor(points * 4), axis=0)
    assert len(boxes) == 64  # random points would leave one or two empty
    assert abs(points.mean() - 0.5) < 0.01


def test_streams_shift_them():
    one, other = (cube_points(2, 64, np.random.default_rng(seed)) for seed in (1, 2))
    assert np.abs(one - other).max() > 0.1
    assert cube_points(0, 5, np.random.default_rng(0)).shape == (5, 0)


@given(each_space, st.integers(0, 10**6))
def test_spread_and_sprays_are_legal(name, seed):
    space = named(name)
    rng = np.random.default_rng(seed)
    near = perturb(space, some_points(space, 3, seed), 40, rng)
    np.testing.assert_array_equal(space.snap(near), near)
    wide = sample(context(space, seed=seed), 32)
    np.testing.assert_array_equal(space.snap(wide), wide)
    assert space.allowed(wide).all()
    assert 1 <= len(wide) <= 32


def test_sprays_move_something_by_at_least_a_level():
    space = bo.Space(k=bo.Int(0, 20), n=bo.Int(0, 10**12), o=bo.Ordinal([1, 2, 3]))
    center = space.default_coords()[None]
    near = perturb(space, center, 300, np.random.default_rng(2))
    assert ((near != center).any(axis=1)).mean() > 0.95


@given(each_space, st.integers(0, 10**6), st.integers(2, 5))
def test_crossings_are_legal_and_have_what_a_parent_has(name, seed, k):
    space = named(name)
    parents = some_points(space, k, seed)
    found = cross(space, parents, 60, np.random.default_rng(seed))
    np.testing.assert_array_equal(space.snap(found), found)
    labels = found[:, space.is_categorical]
    taken = (labels[:, None] == parents[None][:, :, space.is_categorical]).any(axis=1)
    was_inactive = np.isnan(parents).any(axis=0)[space.is_categorical]
    assert (taken | np.isnan(labels) | was_inactive).all()
    if not space.is_conditional.any() and space.table is None:
        assert (found >= parents.min(axis=0) - 1e-12)[:, ~space.is_categorical].all()
        assert (found <= parents.max(axis=0) + 1e-12)[:, ~space.is_categorical].all()


def test_crossings_are_of_two_parents():
    space = bo.Space({f"x{i}": bo.Float(0, 1) for i in range(8)})
    parents = np.array([[0.0] * 8, [1.0] * 8])
    found = cross(space, parents, 200, np.random.default_rng(0))
    picked = np.isin(found, [0.0, 1.0]).all(axis=1)
    assert 0.4 < picked.mean() < 0.6
    assert np.ptp(found[picked], axis=1).mean() > 0.9  # from both
    np.testing.assert_allclose(np.ptp(found[~picked], axis=1), 0.0)  # between them


def test_sprays_are_around_their_centres():
    space = bo.Space({f"x{i}": bo.Float(0, 1) for i in range(20)})
    center = np.full((1, 20), 0.5)
    near = perturb(space, center, 400, np.random.default_rng(3))
    changed = near != center
    assert changed.any(axis=1).all()
    assert 3 < changed.sum(axis=1).mean() < 8  # about five at a time
    assert np.abs(near - center).max(axis=1).min() < 0.01
    assert np.abs(near - center).max() > 0.3


def test_steps_over_a_border_are_reflected():
    space = bo.Space(x=bo.Float(0, 1))
    near = perturb(space, np.array([[0.001]]), 500, np.random.default_rng(4))
    assert (near == 0.0).mean() < 0.01
    assert near.min() >= 0.0


def test_what_is_inactive_is_filled_from_donors_first():
    space = named("conditional")
    points = some_points(space, 10, 5)
    donors = some_points(space, 30, 6)
    filled = space.filled(points, np.random.default_rng(7), donors)
    assert not np.isnan(filled).any()
    active = ~np.isnan(points)
    np.testing.assert_array_equal(filled[active], points[active])
    for i, j in np.argwhere(~active):
        first = donors[~np.isnan(donors[:, j]), j][0]
        assert filled[i, j] == first


@pytest.mark.parametrize("taken", [0, 5])
def test_only_open_points_are_spread(taken):
    space = bo.Space(a=bo.Int(0, 30), b=bo.Int(0, 2))
    used = some_points(space, taken, 8)
    wide = sample(context(space, taken=used), 64)
    assert not len(used) or not space.same(wide, used).any()
