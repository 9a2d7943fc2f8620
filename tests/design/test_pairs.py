"""Pairs of levels in the initial design: as many as there can be."""

from itertools import combinations, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import bayesopt as bo
from bayesopt.design import InitialDesign
from bayesopt.pairs import paired
from bayesopt.space.sobol import sobol_points

FACTORS = {
    "categorical": lambda k: bo.Categorical([f"v{i}" for i in range(k)]),
    "whole": lambda k: bo.Int(1, k),
    "ordinal": lambda k: bo.Ordinal(list(range(k))),
    "step": lambda k: bo.Float(0.0, 1.0, step=1.0 / (k - 1)),
}


def factors(sizes, kinds, n_floats=0):
    space = {
        f"f{i}": FACTORS[kind](k) for i, (k, kind) in enumerate(zip(sizes, kinds, strict=True))
    }
    return bo.Space(space | {f"x{i}": bo.Float(0, 1) for i in range(n_floats)})


def pairs(points, columns):
    """How many pairs of levels there are, summed over the pairs of columns."""
    return sum(len(np.unique(points[:, [a, b]], axis=0)) for a, b in combinations(columns, 2))


def design(space, n, seed, **options):
    return InitialDesign(**options).points(space, n, np.random.default_rng(seed))


some_factors = st.lists(
    st.tuples(st.integers(2, 4), st.sampled_from(sorted(FACTORS))), min_size=2, max_size=4
)


@pytest.mark.parametrize("kind", sorted(FACTORS))
@pytest.mark.parametrize("n", [8, 9])
def test_two_factors_of_three_levels_meet(kind, n):
    space = factors([3, 3], [kind, "categorical"], 2)
    for seed in range(10):
        found = design(space, n, seed)
        assert len(found) == n
        assert pairs(found, [0, 1]) >= 8


def test_four_factors_of_three_levels_are_an_orthogonal_array():
    """Nine points, the first given: each of the six pairs of factors shows all nine pairs."""
    space = factors([3] * 4, ["categorical"] * 4)
    assert np.mean([pairs(design(space, 9, seed), range(4)) for seed in range(5)]) >= 52


@settings(max_examples=30)
@given(some_factors, st.integers(9, 16), st.integers(0, 10**6))
def test_no_fewer_pairs_than_without_and_more_than_random_points_show(given_factors, n, seed):
    space = factors(*zip(*given_factors, strict=True), 1)
    columns = range(len(given_factors))
    plain = sobol_points(space.n_columns, 4, np.random.default_rng(seed))[:n]
    none = np.empty((0, space.n_columns))
    ours = space.from_cube(paired(space, plain, none, np.random.default_rng(seed)))
    rng = np.random.default_rng(seed)
    random = [space.from_cube(rng.random((n, space.n_columns))) for _ in range(20)]
    assert pairs(ours, columns) >= np.mean([pairs(points, columns) for points in random])
    counts = [np.unique(ours[:, j], return_counts=True)[1] for j in columns]
    assert all(c.max() - c.min() <= 3 for c in counts)
    np.testing.assert_array_equal(ours[:, -1], space.from_cube(plain)[:, -1])


@settings(max_examples=30)
@given(st.integers(0, 10**6), st.integers(2, 12))
def test_what_is_exchanged_lies_in_the_cube_and_repeats(seed, n):
    space = bo.Space(
        kind=bo.Categorical(["a", "b"]),
        k=bo.Int(1, 3, when={"kind": "a"}),
        rate=bo.Int(1, 8, log=True),
        x=bo.Float(0, 1),
    )
    cube = np.random.default_rng(seed).random((n, 4))
    first = space.default_coords()[None]
    one, two = (paired(space, cube, first, np.random.default_rng(1)) for _ in range(2))
    np.testing.assert_array_equal(one, two)
    assert ((one >= 0.0) & (one < 1.0)).all()
    np.testing.assert_array_equal(one[:, 3], cube[:, 3])


def test_branches_are_all_met_with_their_own_levels():
    space = bo.Space(
        kind=bo.Categorical(["a", "b"]),
        k=bo.Categorical(["u", "v", "w"], when={"kind": "a"}),
        x=bo.Float(0, 1),
    )
    for seed in range(5):
        found = [space.decode(r) for r in space.to_rows(design(space, 9, seed))]
        met = {(p["kind"], p.get("k")) for p in found}
        assert met == {*product("a", "uvw"), ("b", None)}


def test_many_points_are_left_alone():
    space = factors([3, 3], ["whole", "whole"], 1)
    cube = np.random.default_rng(0).random((500, 3))
    assert paired(space, cube, np.empty((0, 3)), np.random.default_rng(0)) is cube
