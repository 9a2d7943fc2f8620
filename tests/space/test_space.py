"""The space as a whole: how it is made, what it tells, and how it behaves at the extremes."""

import subprocess
import sys

import numpy as np
import pytest

from bayesopt.space import Boolean, Categorical, Constant, Float, Int, Ordinal, Space


def test_names_come_from_the_mapping_and_the_keywords():
    space = Space({"any name": Float(0, 1), "constraints": Int(1, 2)}, self=Boolean())
    assert space.names == ("any name", "constraints", "self")


@pytest.mark.parametrize(
    ("make", "error", "fragment"),
    [
        (lambda: Space(), ValueError, "at least one parameter"),
        (lambda: Space({}), ValueError, "at least one parameter"),
        (lambda: Space({"x": Float(0, 1)}, x=Float(0, 1)), ValueError, "x: given twice"),
        (lambda: Space({1: Float(0, 1)}), TypeError, "non-empty string; got 1"),
        (lambda: Space({"": Float(0, 1)}), TypeError, "non-empty string; got ''"),
        (lambda: Space(x=(0, 1)), TypeError, "x: expected a parameter"),
        (lambda: Space([Float(0, 1)]), TypeError, "mapping"),
    ],
)
def test_what_is_no_space_is_refused(make, error, fragment):
    with pytest.raises(error, match=fragment):
        make()


def test_wrong_shapes_are_refused():
    space = Space(x=Float(0, 1), y=Float(0, 1))
    with pytest.raises(ValueError, match=r"coords must have shape \(n, 2\); got \(2,\)"):
        space.snap(np.zeros(2))
    with pytest.raises(ValueError, match=r"cube must have shape \(n, 2\); got \(4, 3\)"):
        space.from_cube(np.zeros((4, 3)))
    with pytest.raises(ValueError, match=r"a row must have shape \(2,\); got \(1, 2\)"):
        space.decode(np.zeros((1, 2)))


def test_a_row_of_another_space_is_refused():
    with pytest.raises(ValueError, match="index"):
        Space(c=Categorical(["a", "b"])).decode([2.0])
    with pytest.raises(ValueError, match="index"):
        Space(c=Ordinal(["a", "b"])).decode([0.5])


def test_a_space_of_one_point():
    space = Space(x=Float(2, 2), n=Int(3, 3), c=Constant(None))
    assert space.n_points == 1
    coords = space.enumerate()
    np.testing.assert_array_equal(coords, [[0.5, 0.5]])
    assert space.decode(space.to_rows(coords)[0]) == {"x": 2.0, "n": 3, "c": None}
    np.testing.assert_array_equal(space.from_cube([[0, 1]]), coords)


def test_a_space_of_constants_alone():
    space = Space(a=Constant(1), b=Constant("x"))
    assert space.n_columns == 0
    assert space.n_points == len(space.enumerate()) == 1
    assert space.decode(space.encode({})) == {"a": 1, "b": "x"}
    assert space.from_cube(np.zeros((3, 0))).shape == (3, 0)
    assert space.same(np.zeros((1, 0)), np.zeros((2, 0))).all()


def test_large_spaces_work():
    columns = {f"p{i}": Float(0, 1) for i in range(20)}
    columns |= {f"n{i}": Int(0, 10**12) for i in range(20)}
    columns |= {f"g{i}": Int(1, 10**12, log=True) for i in range(9)}
    space = Space(columns, c=Categorical([f"choice {i}" for i in range(200)]))
    coords = space.from_cube(np.random.default_rng(0).random((500, 50)))
    rows = space.to_rows(coords)
    np.testing.assert_array_equal(space.to_rows(space.to_coords(rows))[:, 20:], rows[:, 20:])
    assert len({space.key(point) for point in coords}) == 500
    assert space.n_points is None
    with pytest.raises(ValueError, match="infinitely many"):
        space.enumerate()
    with pytest.raises(ValueError, match=r"n0: .*shift_levels"):
        space.level_coords(20)
    with pytest.raises(ValueError, match="p0"):
        space.level_coords(0)
    with pytest.raises(ValueError, match="no levels"):
        space.shift_levels(coords, 0, 1)


def test_a_space_too_large_to_list_is_counted():
    space = Space(a=Int(1, 10**6), b=Int(1, 10**6))
    assert space.n_points == 10**12
    with pytest.raises(ValueError, match="1000000000000 points"):
        space.enumerate()


def test_the_list_is_sorted():
    space = Space(b=Categorical(["z", "a"]), n=Int(1, 3), k=Boolean(when={"b": "a"}))
    points = [space.decode(row) for row in space.to_rows(space.enumerate())]
    z = [{"b": "z", "n": n} for n in (1, 2, 3)]
    a = [{"b": "a", "n": n, "k": k} for n in (1, 2, 3) for k in (False, True)]
    assert points == z + a


def test_near_points_are_the_same_and_keys_agree_with_them_away_from_the_seams():
    space = Space(x=Float(0, 1), n=Int(0, 10**12))
    point = space.snap([[0.3, 0.5]])
    assert space.same(point, point + np.array([1e-10, 0])).all()
    assert not space.same(point, point + np.array([2e-9, 0])).any()
    neighbour = space.shift_levels(point, 1, 1)  # 1e-12 away, but another whole number
    assert not space.same(point, neighbour).any()
    assert space.key(point[0]) == space.key(point[0] + np.array([1e-11, 0]))
    assert space.key(point[0]) != space.key(neighbour[0])


def test_absent_is_the_same_as_absent_only():
    space = Space(b=Boolean(), x=Float(0, 1, when={"b": True}))
    coords = np.array([[0, np.nan], [1, 0.0], [1, 0.5]])
    np.testing.assert_array_equal(space.same(coords, coords), np.eye(3, dtype=bool))
    assert len({space.key(point) for point in coords}) == 3


def test_equal_spaces():
    assert Space(x=Float(0, 1)) == Space({"x": Float(0.0, 1)})
    assert Space(x=Float(0, 1)) != Space(y=Float(0, 1))
    assert Space(x=Float(0, 1), y=Boolean()) != Space(y=Boolean(), x=Float(0, 1))
    assert Space(x=Float(0, 1)) != "space"


def test_the_space_needs_neither_compiler_nor_scipy():
    code = (
        "import sys, bayesopt.space\n"
        "heavy = {'numba', 'scipy', 'sklearn', 'pandas', 'matplotlib', 'pymc', 'torch'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_point_must_be_a_mapping():
    with pytest.raises(TypeError, match="mapping of names to values"):
        Space(x=Float(0, 1)).encode([0.5])
