"""Laws that hold in every space: what is legal, what survives a round trip, what is counted."""

import itertools
import json
import pickle
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bayesopt.space import (
    Boolean,
    Categorical,
    Constant,
    Float,
    Int,
    LinearConstraint,
    Ordinal,
    Parameter,
    Space,
)

VALUES = [
    None,
    False,
    True,
    0,
    1,
    2,
    0.0,
    1.0,
    2.5,
    "1",
    "",
    "a b",
    (1, True),
    (1, 1),
    (1.0, None),
]


@st.composite
def floats(draw):
    kind = draw(st.sampled_from(["linear", "log", "step", "single", "narrow"]))
    if kind == "linear":
        low = draw(st.floats(-1e12, 1e12))
        return Float(low, low + draw(st.floats(1e-3, 1e12)))
    if kind == "log":
        low = 10.0 ** draw(st.floats(-300, 100))
        return Float(low, low * 10.0 ** draw(st.floats(1e-6, 200)), log=True)
    if kind == "step":
        step = draw(st.sampled_from([0.1, 0.05, 0.25, 1 / 3, 1e-5, 7.0, 2.5e6]))
        low = round(draw(st.integers(-50, 50)) * step, 10)
        return Float(low, low + draw(st.floats(1.0, 30.0)) * step, step=step)
    if kind == "single":
        value = draw(st.floats(-1e300, 1e300))
        return Float(value, value)
    low = draw(st.floats(1, 1e9))
    return Float(low, low * (1 + 1e-9), log=draw(st.booleans()))


@st.composite
def ints(draw):
    low = draw(st.integers(-(2**52), 2**52))
    width = draw(st.one_of(st.integers(0, 20), st.integers(0, 2**52)))
    if draw(st.booleans()):
        low = abs(low) % 10**6 + 1
        return Int(low, low + width % 10**12, log=True)
    step = draw(st.sampled_from([None, 1, 3]))
    return Int(low, low + width, step=step if step is not None and step <= width else None)


@st.composite
def choices(draw):
    values = draw(st.lists(st.sampled_from(VALUES), min_size=2, max_size=6, unique_by=repr))
    kind = draw(st.sampled_from(["ordinal", "placed", "categorical", "boolean"]))
    if kind == "ordinal":
        return Ordinal(values)
    if kind == "placed":
        gaps = draw(st.lists(st.floats(1e-6, 1e6), min_size=len(values), max_size=len(values)))
        return Ordinal(values, positions=np.cumsum(gaps))
    return Categorical(values) if kind == "categorical" else Boolean()


def parameters():
    constants = st.sampled_from(VALUES).map(Constant)
    return st.one_of(floats(), ints(), choices(), constants)


def some_values(draw, parent: Parameter) -> list:
    """Values that a discrete parent can take."""
    if isinstance(parent, Constant):
        return [parent.value]
    column = Space(parent=replace(parent, when=None))
    u = draw(st.lists(st.floats(0, 1), min_size=1, max_size=3))
    rows = column.to_rows(column.from_cube(np.array(u)[:, None]))
    return [column.decode(row)["parent"] for row in rows]


@st.composite
def spaces(draw, entry=None, largest=7):
    """Spaces of up to ``largest`` parameters whose later ones may depend on earlier ones."""
    listed = draw(st.lists(parameters() if entry is None else entry, min_size=1, max_size=largest))
    named: dict[str, Parameter] = {}
    for i, parameter in enumerate(listed):
        parents = [n for n, p in named.items() if not is_continuous(p)]
        chosen = (
            draw(st.lists(st.sampled_from(parents), max_size=2, unique=True)) if parents else []
        )
        when = {parent: some_values(draw, named[parent]) for parent in chosen}
        named[f"p{i}"] = replace(parameter, when=when)
    try:
        return Space(named)
    except ValueError as error:
        assume("can never be active" not in str(error))
        raise


def is_continuous(parameter: Parameter) -> bool:
    scale = parameter.scale()
    return scale is not None and bool(np.isinf(scale.n_levels).any())


def small_discrete():
    numbers = st.integers(1, 5).map(lambda k: Int(3, 2 + k))
    steps = st.integers(1, 4).map(lambda k: Float(0, k / 10, step=0.1))
    logs = st.integers(2, 5).map(lambda k: Int(1, k, log=True))
    constants = st.sampled_from(VALUES).map(Constant)
    return st.one_of(numbers, steps, logs, choices(), constants)


def cube(space: Space, seed: int, n: int = 30):
    """Points of the cube, its corners and faces among them."""
    rng = np.random.default_rng(seed)
    u = rng.random((n, space.n_columns))
    u[: n // 3] = rng.integers(0, 2, u[: n // 3].shape)
    u[0], u[1] = 0.0, 1.0
    u[n // 3 : n // 2, : space.n_columns // 2] = np.nextafter(1.0, 0.0)
    return u


seeds = st.integers(0, 2**32 - 1)


def identical(a, b) -> bool:
    """Equal with equal types, through tuples."""
    if isinstance(a, tuple) and isinstance(b, tuple):
        return len(a) == len(b) and all(map(identical, a, b))
    return type(a) is type(b) and a == b


def legal_value(parameter: Parameter, value) -> bool:
    if isinstance(parameter, Float):
        inside = type(value) is float and parameter.low <= value <= parameter.high
        if parameter.step is None or parameter.low == parameter.high:
            return inside
        steps = (value - parameter.low) / parameter.step
        return inside and abs(steps - round(steps)) < 1e-6
    if isinstance(parameter, Int):
        inside = type(value) is int and parameter.low <= value <= parameter.high
        return inside and (value - parameter.low) % (parameter.step or 1) == 0
    if isinstance(parameter, Constant):
        return identical(value, parameter.value)
    options = (False, True) if isinstance(parameter, Boolean) else list_of(parameter)
    return any(identical(value, option) for option in options)


def list_of(parameter):
    return parameter.values if isinstance(parameter, Ordinal) else parameter.choices


def active_names(space: Space, point: dict) -> set:
    """Second route to activity: from the params alone, without rows or coordinates."""

    def counts(name):
        when = space.parameters[name].conditions
        return all(
            counts(parent) and any(identical(point.get(parent), v) for v in values)
            for parent, values in when.items()
        )

    return {name for name in space.names if counts(name)}


@given(spaces(), seeds)
def test_every_point_of_the_cube_decodes_to_a_legal_one(space, seed):
    coords = space.from_cube(cube(space, seed))
    for row in space.to_rows(coords):
        point = space.decode(row)
        assert set(point) == active_names(space, point)
        for name, value in point.items():
            assert legal_value(space.parameters[name], value), (name, value)
        assert space.contains(point)


@given(spaces(), seeds)
def test_params_survive_the_row_exactly(space, seed):
    for row in space.to_rows(space.from_cube(cube(space, seed))):
        point = space.decode(row)
        again = space.decode(space.encode(point))
        assert list(again) == list(point)
        assert all(identical(again[name], point[name]) for name in point)
        np.testing.assert_array_equal(space.encode(point), row)


@given(spaces(), seeds)
def test_legal_coordinates_survive_the_row(space, seed):
    coords = space.from_cube(cube(space, seed))
    again = space.to_coords(space.to_rows(coords))
    discrete = np.isfinite(space.n_levels)
    np.testing.assert_array_equal(again[:, discrete], coords[:, discrete])
    np.testing.assert_allclose(again, coords, rtol=0, atol=1e-10)
    assert space.same(again, coords).diagonal().all()
    np.testing.assert_array_equal(
        space.to_rows(again)[:, discrete], space.to_rows(coords)[:, discrete]
    )


@given(spaces(), seeds)
def test_legal_coordinates_stay_where_snap_finds_them(space, seed):
    coords = space.from_cube(cube(space, seed))
    np.testing.assert_array_equal(space.snap(coords), coords)


@given(spaces(), seeds)
def test_snap_makes_anything_legal_and_nothing_more(space, seed):
    rng = np.random.default_rng(seed)
    wild = rng.normal(0.5, 2.0, (30, space.n_columns))
    wild[rng.random(wild.shape) < 0.2] = np.nan
    kept = wild.copy()
    coords = space.snap(wild)
    np.testing.assert_array_equal(wild, kept)  # the input is the caller's
    np.testing.assert_array_equal(space.snap(coords), coords)
    np.testing.assert_array_equal(np.isnan(coords), ~space.active(coords))
    for row in space.to_rows(coords):
        assert space.contains(space.decode(row))


@given(spaces(), seeds)
def test_snap_moves_to_the_nearest_level(space, seed):
    rng = np.random.default_rng(seed)
    wild = rng.random((20, space.n_columns)) * np.where(space.is_categorical, space.n_levels, 1)
    coords = space.snap(wild)
    for j in np.flatnonzero(space.n_levels <= 1000):
        levels = space.level_coords(j)
        for near, u in zip(coords[:, j], wild[:, j], strict=True):
            if not np.isnan(near):
                assert abs(near - u) <= np.abs(levels - u).min() + 1e-15


@given(spaces(), seeds)
def test_a_child_counts_only_where_its_parents_do(space, seed):
    coords = space.from_cube(cube(space, seed))
    active = space.active(coords)
    column = {name: j for j, name in enumerate(space.columns)}
    for name, j in column.items():
        for parent in space.parameters[name].conditions:
            if parent in column:
                assert not (active[:, j] & ~active[:, column[parent]]).any()
    assert active[:, ~space.is_conditional].all()


@given(spaces())
def test_json_gives_the_same_space(space):
    again = Space.from_json(json.loads(json.dumps(space.to_json(), allow_nan=False)))
    assert again == space
    assert hash(again) == hash(space)
    assert repr(again) == repr(space)
    u = cube(space, 0)
    np.testing.assert_array_equal(again.from_cube(u), space.from_cube(u))


@given(spaces())
def test_the_representation_is_the_code_that_makes_it(space):
    assert eval(repr(space)) == space  # the test's own text, for which repr is meant


@given(spaces(), seeds)
def test_a_pickled_space_does_the_same(space, seed):
    u = cube(space, seed)
    np.testing.assert_array_equal(
        pickle.loads(pickle.dumps(space)).from_cube(u), space.from_cube(u)
    )


@given(spaces())
def test_the_default_is_legal(space):
    default = space.default_coords()
    np.testing.assert_array_equal(space.snap(default[None])[0], default)
    before = default.copy()
    default[:] = -1
    np.testing.assert_array_equal(space.default_coords(), before)


@given(spaces(), seeds)
def test_a_default_that_is_given_is_taken(space, seed):
    row = space.to_rows(space.from_cube(cube(space, seed)))[2]
    point = space.decode(row)
    named = {}
    for name, parameter in space.parameters.items():
        chosen = name in point and not isinstance(parameter, Constant)
        named[name] = replace(parameter, default=point[name]) if chosen else parameter
    again = Space(named)
    np.testing.assert_array_equal(again.to_rows(again.default_coords()[None])[0], row)


def brute_force(space: Space) -> set:
    """All points by trying every combination of every value."""
    levels = [space.level_coords(j) for j in range(space.n_columns)]
    combinations = list(itertools.product(*levels))
    coords = space.snap(np.array(combinations).reshape(len(combinations), space.n_columns))
    return {tuple(-1.0 if np.isnan(u) else u for u in point) for point in coords}


@given(spaces(entry=small_discrete(), largest=5))
def test_listing_and_counting_agree_with_trying_everything(space):
    assume(np.prod(space.n_levels) <= 2000)
    listed = space.enumerate()
    points = [tuple(-1.0 if np.isnan(u) else u for u in point) for point in listed]
    assert len(set(points)) == len(points) == space.n_points
    assert set(points) == brute_force(space)
    assert len({space.key(point) for point in listed}) == len(points)
    np.testing.assert_array_equal(space.same(listed, listed), np.eye(len(listed), dtype=bool))
    np.testing.assert_array_equal(space.snap(listed), listed)


@given(spaces(), seeds)
def test_same_agrees_with_comparing_pair_by_pair(space, seed):
    coords = space.from_cube(cube(space, seed, n=12))
    others = coords[np.random.default_rng(seed).permutation(12)]
    rows, other_rows = space.to_rows(coords), space.to_rows(others)
    discrete = np.isfinite(space.n_levels)
    for i in range(12):
        for k in range(12):
            near = np.abs(coords[i] - others[k]) <= 1e-9
            equal = np.where(discrete, rows[i] == other_rows[k], near)
            both_absent = np.isnan(rows[i]) & np.isnan(other_rows[k])
            assert space.same(coords, others)[i, k] == (equal | both_absent).all()


@given(spaces(), seeds, st.integers(-5, 5))
def test_moving_by_levels_stays_on_levels_and_comes_back(space, seed, k):
    coords = space.from_cube(cube(space, seed))
    for j in np.flatnonzero(np.isfinite(space.n_levels)):
        moved = space.shift_levels(coords, int(j), k)
        others = np.arange(space.n_columns) != j
        np.testing.assert_array_equal(moved[:, others], coords[:, others])
        np.testing.assert_array_equal(np.isnan(moved[:, j]), np.isnan(coords[:, j]))
        if space.n_levels[j] <= 1000:
            levels = space.level_coords(int(j))
            index = np.searchsorted(levels, coords[:, j])
            here = ~np.isnan(coords[:, j])
            expected = levels[np.clip(index + k, 0, len(levels) - 1)[here]]
            np.testing.assert_array_equal(moved[here, j], expected)


@given(st.lists(st.floats(-5, 5), min_size=3, max_size=3), st.floats(-5, 5), seeds)
def test_linear_constraints_are_what_they_say(coefficients, upper, seed):
    a, b, c = coefficients
    parameters = {
        "x": Float(-1, 1),
        "n": Int(1, 10**6, log=True),
        "size": Ordinal([0.5, 1, 4], when={"n": [1, 2, 3, 10**6]}),
    }
    try:
        space = Space(
            parameters,
            constraints=[LinearConstraint({"x": a, "n": b, "size": c}, upper=upper)],
        )
    except ValueError as error:
        assume("no point can satisfy" not in str(error))
        raise
    coords = space.from_cube(cube(space, seed))
    for row, allowed in zip(space.to_rows(coords), space.allowed(coords), strict=True):
        point = space.decode(row)
        assert allowed == (a * point["x"] + b * point["n"] + c * point.get("size", 0) <= upper)
        assert space.contains(point) == allowed


@pytest.mark.parametrize("n", [0, 1])
def test_empty_batches_pass(n):
    space = Space(x=Float(0, 1), n=Int(1, 9, log=True), k=Boolean(), z=Int(1, 2, when={"k": True}))
    u = np.full((n, 4), 0.5)
    coords = space.from_cube(u)
    assert coords.shape == space.snap(coords).shape == space.to_rows(coords).shape == (n, 4)
    assert space.allowed(coords).shape == (n,)
    assert space.same(coords, u).shape == (n, n)
