"""A finite table of candidates."""

import json

import numpy as np
import pytest

from bayesopt.space import Categorical, Constant, Ordinal, Space
from bayesopt.space.table import nearest

POINTS = [
    {"temp": 20, "solvent": "water", "size": "m", "load": 0.1, "ph": 7},
    {"temp": 30, "solvent": "ethanol", "size": "s", "load": 1, "ph": 7},
    {"temp": 70, "solvent": None, "size": "l", "load": 0.1, "ph": 7},
    {"temp": 20, "solvent": "water", "size": "m", "load": 0.1, "ph": 7},
]


@pytest.fixture
def table():
    return Space.from_table(POINTS, ordinal={"size": ["s", "m", "l"]})


def test_columns_become_what_they_look_like(table):
    assert dict(table.parameters) == {
        "temp": Ordinal([20, 30, 70], positions=[20, 30, 70]),
        "solvent": Categorical(["water", "ethanol", None]),
        "size": Ordinal(["s", "m", "l"]),
        "load": Ordinal([0.1, 1], positions=[0.1, 1]),
        "ph": Constant(7),
    }
    place = table.to_coords(table.encode(POINTS[1])[None])[0]
    np.testing.assert_allclose(place, [0.2, 1, 0, 1])


def test_the_points_are_the_given_ones_once_each(table):
    assert table.n_points == len(table.enumerate()) == len(table.table) == 3
    points = [table.decode(row) for row in table.to_rows(table.table)]
    for point in POINTS:
        assert point in points
        assert table.contains(point)


def test_everything_else_is_refused(table):
    other = {**POINTS[0], "temp": 30}
    assert not table.contains(other)
    with pytest.raises(ValueError, match="not in the table"):
        table.validate(other)


def test_whatever_is_drawn_or_snapped_is_in_the_table(table):
    rng = np.random.default_rng(0)
    wild = rng.normal(0.5, 1.0, (40, 4))
    wild[rng.random(wild.shape) < 0.1] = np.nan
    for coords in (
        table.from_cube(rng.random((40, 4))),
        table.snap(wild),
        table.default_coords()[None],
    ):
        assert table.same(coords, table.table).any(axis=1).all()
        np.testing.assert_array_equal(table.snap(coords), coords)
    np.testing.assert_array_equal(table.snap(table.table), table.table)


def test_snapping_finds_the_nearest_point_by_hand():
    points = [{"x": float(x), "c": c} for x in (0, 1, 2, 4) for c in "ab"]
    table = Space.from_table(points)
    rng = np.random.default_rng(1)
    coords = np.column_stack([rng.random(30), rng.integers(0, 2, 30)])
    for given, found in zip(coords, table.snap(coords), strict=True):
        levels = table.level_coords(0)
        start = levels[np.abs(levels - given[0]).argmin()]  # snap goes to a level first
        distance = [(start - t[0]) ** 2 + (given[1] != t[1]) for t in table.table]
        np.testing.assert_array_equal(found, table.table[int(np.argmin(distance))])


def test_every_point_can_be_drawn():
    rng = np.random.default_rng(2)
    table = Space.from_table(
        [{"x": float(x), "c": c} for x, c in zip(rng.random(30), "ab" * 15, strict=True)]
    )
    drawn = table.from_cube(rng.random((5000, 2)))
    assert table.same(table.table, drawn).any(axis=1).all()


def test_a_table_survives_json(table):
    again = Space.from_json(json.loads(json.dumps(table.to_json())))
    assert again == table
    np.testing.assert_array_equal(again.table, table.table)
    assert Space(dict(table.parameters)) != table


def test_a_table_of_one_point():
    table = Space.from_table([{"x": 1, "y": "a"}])
    assert table.n_points == 1
    assert table.decode(table.to_rows(table.table)[0]) == {"x": 1, "y": "a"}
    assert Space.from_json(table.to_json()) == table


def test_whole_and_fractional_numbers_mix():
    table = Space.from_table([{"x": 1}, {"x": 1.5}, {"x": 1.0}])
    assert table.n_points == 2
    assert [table.decode(row)["x"] for row in table.to_rows(table.table)] == [1, 1.5]
    assert table.contains({"x": 1.0})


def test_truth_values_are_not_numbers():
    table = Space.from_table([{"x": True}, {"x": False}, {"x": 1}])
    assert table.parameters["x"] == Categorical([True, False, 1])


def test_numbers_too_far_apart_for_float64_are_evenly_spaced():
    table = Space.from_table([{"x": x} for x in (0.0, 1e-300, 1e300)])
    np.testing.assert_array_equal(table.level_coords(0), [0, 0.5, 1])


def test_evenly_spaced_on_request():
    table = Space.from_table([{"x": x} for x in (1, 100, 10)], ordinal=["x"])
    assert table.parameters["x"] == Ordinal([1, 10, 100])


@pytest.mark.parametrize(
    ("points", "ordinal", "error", "fragment"),
    [
        ([], (), ValueError, "at least one point"),
        ([{}], (), ValueError, "at least one parameter"),
        ({"x": [1, 2]}, (), TypeError, "list of mappings"),
        ([{"x": 1}, 3], (), TypeError, "point 1"),
        ([{"x": 1}, {"y": 1}], (), ValueError, "point 1 of the table has the names 'y'"),
        ([{"x": [1]}, {"x": [2]}], (), TypeError, "column 'x'"),
        ([{"x": float("nan")}, {"x": 1.0}], (), ValueError, "column 'x'.*nan"),
        ([{"x": 1}, {"x": 2}], "x", TypeError, r"ordinal=\['x'\]"),
        ([{"x": 1}, {"x": 2}], ["z"], ValueError, "'z' is not a column"),
        ([{"x": "a"}, {"x": 2}], ["x"], TypeError, "column 'x'"),
        ([{"x": "a"}, {"x": "b"}], {"x": ["a", "c"]}, ValueError, "x: expected one of 'a', 'c'"),
    ],
)
def test_what_is_no_table_is_refused(points, ordinal, error, fragment):
    with pytest.raises(error, match=fragment):
        Space.from_table(points, ordinal=ordinal)


def test_the_nearest_row_is_the_one_by_all_distances():
    rng = np.random.default_rng(0)
    given = np.column_stack([rng.integers(0, 4, 60), rng.integers(0, 9, 60) / 8.0, rng.random(60)])
    category = np.array([True, False, False])
    others = np.concatenate([given[::7], given[::5] + 0.01, rng.random((20, 3))])
    unlike = others[:, None, :] != given[None]
    apart = np.where(category, unlike, (others[:, None, :] - given[None]) ** 2).sum(axis=2)
    found = nearest(others, given, category)
    np.testing.assert_array_equal(found, given[apart.argmin(axis=1)])
    np.testing.assert_array_equal(found[:9], given[::7])
