"""The part of a space where some parameters have given values."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import bayesopt as bo
from bayesopt.testing.spaces import ALL, each_space, named, some_points

seeds = st.integers(0, 10**6)
THIN = bo.Space(
    {f"w{i}": bo.Float(0.0, 1.0) for i in range(6)},
    constraints=[bo.LinearConstraint({f"w{i}": 1.0 for i in range(6)}, lower=1.0, upper=1.0)],
)


def chosen(space, seed, share):
    """Some of the values of a legal point, and those that it has everywhere."""
    (coords,) = some_points(space, 1, seed)
    params = space.decode(space.to_rows(coords[None])[0])
    rng = np.random.default_rng(seed)
    return {name: value for name, value in params.items() if rng.random() < share}


def has(space, coords, values):
    """(n,) whether points have exactly these values."""
    points = [space.decode(row) for row in space.to_rows(coords)]
    return [all(name in p and p[name] == v for name, v in values.items()) for p in points]


@given(each_space, seeds, st.sampled_from([0.3, 0.7, 1.0]))
def test_every_form_has_exactly_the_fixed_values(name, seed, share):
    space = named(name)
    values = chosen(space, seed, share)
    part = space.fix(values)
    cube = np.random.default_rng(seed).random((40, space.n_columns))
    for points in (part.from_cube(cube), part.snap(cube), part.default_coords()[None]):
        assert all(has(part, points, values))
        np.testing.assert_array_equal(part.snap(points), points)
        for row in part.to_rows(points):
            assert space.decode(row) == part.decode(row)
            space.encode(space.decode(row))
    for points in (part.filled(cube, np.random.default_rng(0)), np.full_like(cube, np.nan)):
        assert all(has(part, part.snap(points), values))


@given(st.sampled_from(["discrete", "table"]), seeds, st.sampled_from([0.0, 0.4, 0.7]))
def test_the_points_listed_are_those_of_the_whole_that_have_the_values(name, seed, share):
    space = named(name)
    values = chosen(space, seed, share)
    every = space.enumerate()
    expected = every[has(space, every, values)]
    np.testing.assert_array_equal(space.fix(values).enumerate(), expected)
    assert space.fix(values).n_points == len(expected)


TREE = bo.Space(
    kind=bo.Categorical(["tree", "net", "line"]),
    depth=bo.Int(1, 4, when={"kind": "tree"}),
    rate=bo.Ordinal([1, 2, 3], when={"kind": ["tree", "net"]}),
    act=bo.Categorical(["relu", "tanh"], when={"kind": "net"}),
    slope=bo.Int(0, 2, when={"kind": "net", "act": "relu"}),
)


@pytest.mark.parametrize(
    "values",
    [
        {"kind": "line"}, {"kind": "net"}, {"rate": 2}, {"slope": 1}, {"act": "tanh"},
        {"depth": 3, "rate": 1}, {"act": "tanh", "rate": 3}, {},
    ],
)  # fmt: skip
def test_a_conditional_value_makes_its_parents_have_values_for_which_it_counts(values):
    every = TREE.enumerate()
    expected = every[has(TREE, every, values)]
    part = TREE.fix(values)
    np.testing.assert_array_equal(part.enumerate(), expected)
    assert part.n_points == len(expected)
    drawn = part.from_cube(np.random.default_rng(0).random((3000, 5)))
    assert part.same(expected, drawn).any(axis=1).all()
    assert part.same(drawn, expected).any(axis=1).all()


@pytest.mark.parametrize("name", ["tree", "net"])
def test_a_part_where_nothing_continuous_is_active_is_listed(name):
    """The continuous parameter of another branch does not make it infinite."""
    space = bo.Space(
        kind=bo.Categorical(["tree", "net", "svm"]),
        depth=bo.Int(1, 30, when={"kind": "tree"}),
        layers=bo.Int(1, 40, when={"kind": "net"}),
        act=bo.Categorical(["relu", "tanh"], when={"kind": ["net", "tree"]}),
        gamma=bo.Float(0, 1, when={"kind": "svm"}),
    )
    part = space.fix({"kind": name})
    drawn = part.from_cube(np.random.default_rng(0).random((4000, 5)))
    every = part.enumerate()
    assert part.n_points == len(every) == {"tree": 60, "net": 80}[name]
    assert part.same(every, drawn).any(axis=1).all()
    assert part.same(drawn, every).any(axis=1).all()
    optimizer = bo.Optimizer(space, seed=3)
    for i in range(12):
        trial = optimizer.ask()
        optimizer.tell(trial, float(i % 5))
    asked = [optimizer.ask(fixed={"kind": name}).params for _ in range(2)]
    assert all(p["kind"] == name for p in asked)
    with pytest.raises(ValueError, match="infinitely many"):
        space.enumerate()


def test_fixed_values_stay_where_points_are_made_to_meet_constraints():
    part = THIN.fix({"w0": 0.4, "w3": 0.25})
    points = part.from_cube(np.random.default_rng(0).random((200, 6)))
    rows = part.to_rows(points)
    np.testing.assert_array_equal(rows[:, [0, 3]], np.tile([0.4, 0.25], (200, 1)))
    assert part.allowed(points).mean() > 0.99
    assert len(np.unique(points, axis=0)) > 150


def test_the_whole_stays_as_it_is():
    space = ALL["conditional"]()
    whole = ALL["conditional"]()
    part = space.fix({"kind": "tree", "depth": 3})
    assert space == whole
    assert part != space
    assert dict(part.fixed) == {"kind": "tree", "depth": 3}
    cube = np.random.default_rng(1).random((50, space.n_columns))
    np.testing.assert_array_equal(space.from_cube(cube), whole.from_cube(cube))


def test_parts_of_parts():
    part = TREE.fix({"kind": "net"}).fix({"rate": 2})
    np.testing.assert_array_equal(
        part.enumerate(), TREE.fix({"kind": "net", "rate": 2}).enumerate()
    )


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"knd": "net"}, "unknown parameter 'knd'; did you mean 'kind'"),
        ({"kind": "forest"}, "kind"),
        ({"kind": "line", "depth": 2}, "depth: is inactive where kind is 'line'"),
        ({"depth": 2, "act": "relu"}, "is inactive where kind is"),
        ({"depth": 2.5}, "depth"),
    ],
)
def test_values_that_cannot_be_are_refused(values, words):
    with pytest.raises((TypeError, ValueError), match=words):
        TREE.fix(values)
    with pytest.raises(TypeError, match="fixed must map names to values"):
        TREE.fix(["kind"])


def test_a_table_without_such_a_point_says_so():
    space = bo.Space.from_table([{"a": 1.0, "b": "x"}, {"a": 2.0, "b": "y"}])
    with pytest.raises(ValueError, match="no point of the table has"):
        space.fix({"a": 1.0, "b": "y"})
