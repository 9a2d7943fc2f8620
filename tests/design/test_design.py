"""The first points: how many, which, and what constraints leave of them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import bayesopt as bo
from bayesopt.design import InitialDesign
from bayesopt.testing.spaces import ALL, each_space, named


def points(space, n, *, seed=0, **options):
    return InitialDesign(**options).points(space, n, np.random.default_rng(seed))


def cube(p):
    return bo.Space({f"x{i}": bo.Float(0, 1) for i in range(p)})


@pytest.mark.parametrize(
    ("p", "n_trials", "n"),
    [
        (1, None, 5),
        (3, None, 5),
        (4, None, 6),
        (10, None, 12),
        (18, None, 20),
        (50, None, 20),
        (10, 20, 5),
        (10, 40, 6),
        (10, 80, 12),
        (10, 1000, 12),
        (2, 1, 5),
    ],
)
def test_the_number_of_points(p, n_trials, n):
    assert InitialDesign().size(cube(p), n_trials) == n
    assert InitialDesign(n=3).size(cube(p), n_trials) == 3


@given(each_space, st.integers(1, 40), st.integers(0, 10**6))
def test_points_are_legal_allowed_and_distinct(name, n, seed):
    space = named(name)
    found = points(space, n, seed=seed)
    assert 1 <= len(found) <= n
    np.testing.assert_array_equal(space.snap(found), found)
    assert space.allowed(found).all()
    assert space.same(found, found).sum() == len(found)
    if space.n_points is None and not space.has_constraints:
        assert len(found) == n


@pytest.mark.parametrize("name", sorted(set(ALL) - {"constrained"}))
def test_the_default_comes_first(name):
    space = named(name)
    np.testing.assert_array_equal(points(space, 5)[0], space.default_coords())
    without = points(space, 5, start_at_default=False)
    assert not space.same(without[:1], space.default_coords()[None]).all() or name == "table"


def test_a_given_default_comes_first():
    space = bo.Space(x=bo.Float(0, 10, default=7.5), k=bo.Int(1, 9, default=2))
    assert space.decode(space.to_rows(points(space, 3))[0]) == {"x": 7.5, "k": 2}


def test_a_default_against_the_constraints_is_left_out():
    space = bo.Space(x=bo.Float(0, 1), constraints=[lambda p: p["x"] > 0.7])
    found = points(space, 6)
    assert len(found) == 6
    assert (found > 0.7).all()


def test_the_points_are_spread():
    found = points(cube(2), 17, start_at_default=False)
    boxes = {tuple(b) for b in np.floor(found * 4).astype(int)}
    assert len(boxes) >= 14


@pytest.mark.parametrize("seed", range(3))
def test_as_many_categories_as_there_are_points_are_seen(seed):
    space = bo.Space(c=bo.Categorical(range(4)), x=bo.Float(0, 1), k=bo.Int(1, 32))
    found = points(space, 9, seed=seed)
    assert len(np.unique(found[:, 0])) == 4


def test_seeds_make_the_points():
    space = named("mixed")
    np.testing.assert_array_equal(points(space, 8, seed=1), points(space, 8, seed=1))
    assert not np.array_equal(points(space, 8, seed=1)[1:], points(space, 8, seed=2)[1:])


def test_a_small_space_gives_all_its_points():
    space = bo.Space(a=bo.Boolean(), b=bo.Int(1, 3))
    assert len(points(space, 20)) == 6


def test_a_space_of_one_point():
    assert points(bo.Space(a=bo.Constant(1)), 5).shape == (1, 0)


def test_constraints_that_leave_little_room():
    space = bo.Space(
        {n: bo.Float(0, 1) for n in "xyz"},
        constraints=[lambda p: max(abs(p[n] - 0.3) for n in "xyz") < 0.06],
    )
    found = points(space, 5)
    assert 1 <= len(found) <= 5
    assert space.allowed(found).all()


def test_constraints_that_leave_no_room():
    space = bo.Space(x=bo.Float(0, 1), constraints=[lambda p: p["x"] > 2])
    assert points(space, 5).shape == (0, 1)


@pytest.mark.parametrize("n", [0, -1, 10**9])
def test_an_impossible_number(n):
    with pytest.raises(ValueError, match="n must be a whole number from 1 to 10000 or None"):
        InitialDesign(n=n)


TREE = bo.Space(
    model=bo.Categorical(["line", "tree", "net", "forest"]),
    depth=bo.Int(1, 20, when={"model": ["tree", "forest"]}),
    n_trees=bo.Int(10, 1000, log=True, when={"model": "forest"}),
    rate=bo.Float(1e-4, 1.0, log=True, when={"model": "net"}),
    shift=bo.Float(-1.0, 1.0),
)


@pytest.mark.parametrize("seed", range(5))
def test_the_middle_of_each_branch_is_tried_and_another_point_of_it(seed):
    rows = TREE.to_rows(points(TREE, 12, seed=seed))
    found = [TREE.decode(row) for row in rows]
    assert len(found) == 12
    assert found[0]["model"] == "line"
    models = [p["model"] for p in found]
    assert all(models.count(branch) >= 2 for branch in ("tree", "net", "forest"))
    middle = np.array([TREE.fix({"model": m}).default_coords() for m in ("tree", "net", "forest")])
    places, which = np.nonzero(TREE.same(TREE.to_coords(rows), middle))
    assert sorted(which) == [0, 1, 2]
    assert (np.diff(places) > 1).all()  # in turn with others


def test_middles_of_branches_are_at_most_a_third_and_an_option():
    few = points(TREE, 6)
    middle = [TREE.fix({"model": m}).default_coords() for m in ("tree", "net", "forest")]
    assert TREE.same(few, np.array(middle)).sum() == 2
    without = points(TREE, 12, branch_middles=False)
    assert TREE.same(without, np.array(middle)).sum() == 0
    with pytest.raises(TypeError, match="branch_middles"):
        InitialDesign(branch_middles=3)
