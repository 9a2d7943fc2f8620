"""Random and grid search: what people compare with must be what it says."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

import bayesopt as bo
from bayesopt.proposal import GridSearch, RandomSearch
from bayesopt.proposal.baselines import _Shuffled
from bayesopt.testing.proposers import context
from bayesopt.testing.spaces import named


def test_random_points_are_uniform_where_declared_log_uniform():
    space = bo.Space(
        x=bo.Float(-2, 6), r=bo.Float(1e-6, 1.0, log=True), c=bo.Categorical([*"abcd"])
    )
    points = np.array([RandomSearch().propose(context(space, seed=seed)) for seed in range(400)])
    rows = space.to_rows(points)
    assert stats.kstest(rows[:, 0], stats.uniform(-2, 8).cdf).pvalue > 0.01
    assert (
        stats.kstest(np.log(rows[:, 1]), stats.uniform(np.log(1e-6), -np.log(1e-6)).cdf).pvalue
        > 0.01
    )
    assert stats.chisquare(np.bincount(rows[:, 2].astype(int))).pvalue > 0.01


def run(proposer, space, n):
    taken = np.empty((0, space.n_columns))
    for number in range(n):
        found = proposer.propose(context(space, taken=taken, number=number, seed=number))
        taken = np.concatenate([taken, found[None]])
    return taken


def test_a_grid_has_every_combination_once():
    space = bo.Space(x=bo.Float(0, 1), k=bo.Int(1, 3), c=bo.Categorical([*"ab"]))
    points = run(GridSearch(levels=4), space, 4 * 3 * 2)
    assert len(np.unique(points, axis=0)) == 24
    np.testing.assert_allclose(np.unique(points[:, 0]), np.linspace(0, 1, 4))
    with pytest.raises(bo.SpaceExhausted, match="grid with 4 levels"):
        GridSearch(levels=4).propose(context(space, taken=points))


def test_a_grid_of_conditional_parameters_has_no_point_twice():
    space = bo.Space(
        kind=bo.Categorical(["a", "b"]),
        x=bo.Float(0, 1, when={"kind": "a"}),
        y=bo.Float(0, 1, when={"kind": "b"}),
    )
    points = run(GridSearch(levels=3), space, 6)
    with pytest.raises(bo.SpaceExhausted):
        GridSearch(levels=3).propose(context(space, taken=points))


def test_a_grid_cut_off_is_no_corner():
    space = bo.Space(x=bo.Float(0, 1), y=bo.Float(0, 1), z=bo.Float(0, 1))
    points = run(GridSearch(levels=5), space, 25)
    assert (np.abs(points.mean(axis=0) - 0.5) < 0.2).all()
    assert all(len(np.unique(points[:, j])) == 5 for j in range(3))


def test_a_grid_of_one_level_is_the_middle():
    space = bo.Space(x=bo.Float(0, 1), y=bo.Float(-1, 3))
    np.testing.assert_array_equal(run(GridSearch(levels=1), space, 1), [[0.5, 0.5]])


def test_a_grid_keeps_the_known_constraints():
    space = named("constrained")
    points = run(GridSearch(levels=4), space, 10)
    assert space.allowed(points).all()


def test_a_grid_of_fifty_columns():
    space = bo.Space({f"x{i}": bo.Float(0, 1) for i in range(50)})
    points = run(GridSearch(levels=3), space, 3)
    assert set(np.unique(points)) <= {0.0, 0.5, 1.0}


@given(st.integers(1, 400), st.integers(0, 2**32))
def test_the_order_is_a_permutation(total, seed):
    order = _Shuffled(total, seed)
    assert sorted(order[i] for i in range(total)) == [*range(total)]


@given(st.integers(2**40, 2**62), st.integers(0, 100))
def test_the_order_of_a_huge_grid(total, seed):
    order = _Shuffled(total, seed)
    some = [order[i] for i in range(100)]
    assert len(set(some)) == 100
    assert all(0 <= number < total for number in some)


def test_an_impossible_grid_is_refused():
    with pytest.raises(ValueError, match="levels must be a whole number from 1"):
        GridSearch(levels=0)


def test_random_search_finds_the_last_open_points_of_a_finite_space():
    space = bo.Space(a=bo.Int(0, 1999), b=bo.Categorical([*"xyz"]))
    every = space.enumerate()
    found = RandomSearch().propose(context(space, taken=np.delete(every, 4321, axis=0)))
    np.testing.assert_array_equal(found, every[4321])


def test_random_search_under_constraints_that_nothing_meets():
    space = bo.Space(x=bo.Float(0, 1), constraints=[lambda p: p["x"] > 2])
    with pytest.raises(bo.SpaceExhausted, match="Check the constraints"):
        RandomSearch().propose(context(space))
