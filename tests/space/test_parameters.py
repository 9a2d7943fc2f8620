"""Each parameter alone: what it refuses, and the values that must come out exact."""

import math
from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest

from bayesopt.space import Boolean, Categorical, Constant, Float, Int, Ordinal, Space


def values_at(parameter, *u):
    """Values at the given points of the cube."""
    space = Space(p=parameter)
    return [space.decode(row)["p"] for row in space.to_rows(space.from_cube(np.array([u]).T))]


def all_values(parameter):
    space = Space(p=parameter)
    return [space.decode(row)["p"] for row in space.to_rows(space.level_coords(0)[:, None])]


REFUSED = [
    (lambda: Float(1, 0), ValueError, "Float(1, 0)", "swap"),
    (lambda: Int(1, 0), ValueError, "Int(1, 0)", "swap"),
    (lambda: Float(0, math.inf), ValueError, "high must be a finite number", "inf"),
    (lambda: Float(math.nan, 1), ValueError, "low must be a finite number", "nan"),
    (lambda: Int(0, math.inf), ValueError, "high must be a finite number", "inf"),
    (lambda: Float(0, 10**400), ValueError, "high must be a finite number", "1000"),
    (lambda: Float(-1.7e308, 1.7e308), ValueError, "range is larger", "log=True"),
    (lambda: Float("0", 1), TypeError, "low must be a finite number", "str"),
    (lambda: Float(0, True), TypeError, "high must be a finite number", "bool"),
    (lambda: Float(0, 1 + 2j), TypeError, "high must be a finite number", "complex"),
    (lambda: Int(0, 1.5), ValueError, "high must be a whole number", "1.5"),
    (lambda: Float(0, 1, log=True), ValueError, "log=True needs low > 0", "raise low"),
    (lambda: Float(-1, 1, log=True), ValueError, "log=True needs low > 0", "Float(-1, 1)"),
    (lambda: Int(0, 9, log=True), ValueError, "log=True needs low > 0", "Int(0, 9)"),
    (lambda: Float(1, 2, log="yes"), TypeError, "log must be True or False", "'yes'"),
    (lambda: Float(1, 2, log=True, step=0.1), ValueError, "log and step", "choose one"),
    (lambda: Int(1, 9, log=True, step=2), ValueError, "log and step", "choose one"),
    (lambda: Float(0, 1, step=2), ValueError, "larger than the range", "Constant"),
    (lambda: Int(0, 3, step=4), ValueError, "larger than the range", "Constant"),
    (lambda: Float(0, 1, step=0), ValueError, "step must be > 0", "0"),
    (lambda: Float(0, 1, step=-0.1), ValueError, "step must be > 0", "-0.1"),
    (lambda: Int(0, 9, step=0.5), ValueError, "step must be a whole number", "0.5"),
    (lambda: Float(1e6, 1e6 + 1, step=1e-9), ValueError, "too fine", "leave it out"),
    (lambda: Int(0, 2**53 + 1), ValueError, "2**53", "rescale"),
    (lambda: Int(-(2**53), 1), ValueError, "2**53", "rescale"),
    (lambda: Float(0, 1, default=2), ValueError, "default of Float(0, 1)", "2.0"),
    (lambda: Float(0, 1, step=0.1, default=0.15), ValueError, "not on the grid", "0.15"),
    (lambda: Int(0, 9, step=2, default=3), ValueError, "plus a multiple of 2", "3"),
    (lambda: Categorical(["a", "b"], default="c"), ValueError, "default of Categorical", "'c'"),
    (lambda: Categorical(["a"]), ValueError, "at least two", "Constant('a')"),
    (lambda: Ordinal([1]), ValueError, "at least two", "Constant(1)"),
    (lambda: Categorical([]), ValueError, "at least two", "[]"),
    (lambda: Categorical("abc"), TypeError, "must be a list", "'abc'"),
    (lambda: Categorical(7), TypeError, "must be a list", "7"),
    (lambda: Categorical(["a", "b", "a"]), ValueError, "'a' is listed twice", "once"),
    (lambda: Ordinal([1, 2, 1]), ValueError, "1 is listed twice", "once"),
    (lambda: Categorical([[1], [2]]), TypeError, "hashable", "tuple"),
    (lambda: Categorical([{"a": 1}, 2]), TypeError, "hashable", "dict"),
    (lambda: Categorical([math.nan, 1.0]), ValueError, "nan", "None"),
    (lambda: Constant([1, 2]), TypeError, "hashable", "tuple"),
    (lambda: Ordinal([1, 2], positions=[0]), ValueError, "expected 2 positions", "1"),
    (lambda: Ordinal([1, 2, 3], positions=[0, 2, 1]), ValueError, "must ascend", "[0"),
    (lambda: Ordinal([1, 2], positions=[1, 1]), ValueError, "must ascend", "[1"),
    (lambda: Float(0, 1, when="x"), TypeError, "when must map", "'x'"),
    (lambda: Float(0, 1, when={"x": []}), ValueError, "never holds", "'x'"),
]


@pytest.mark.parametrize(("make", "error", "first", "second"), REFUSED)
def test_what_is_refused_and_how_it_is_said(make, error, first, second):
    with pytest.raises(error) as caught:
        make()
    assert first in str(caught.value)
    assert second in str(caught.value)


VALUES_REFUSED = [
    (Float(0, 1), "0.5", TypeError),
    (Float(0, 1), True, TypeError),
    (Float(0, 1), None, TypeError),
    (Float(0, 1), math.nan, ValueError),
    (Float(0, 1), 1.0000001, ValueError),
    (Float(0, 1, step=0.1), 0.35, ValueError),
    (Int(0, 9), 3.5, ValueError),
    (Int(0, 9), "3", TypeError),
    (Int(0, 9), False, TypeError),
    (Int(0, 9), 10, ValueError),
    (Int(0, 9, step=3), 4, ValueError),
    (Categorical(["a", 1]), True, ValueError),
    (Categorical(["a", 1]), 1.0, ValueError),
    (Categorical(["a", 1]), ["a"], ValueError),
    (Boolean(), 0, ValueError),
    (Boolean(), None, ValueError),
    (Ordinal([0.0, 0.5]), 0.25, ValueError),
    (Ordinal([0.0, 0.5]), False, ValueError),
    (Constant(1), True, ValueError),
    (Constant(1), [1], ValueError),
]


@pytest.mark.parametrize(("parameter", "value", "error"), VALUES_REFUSED)
def test_a_wrong_value_is_refused_by_the_parameters_name(parameter, value, error):
    space = Space({"the name": parameter, "other": Boolean()})
    with pytest.raises(error, match="the name"):
        space.encode({"the name": value, "other": True})
    assert not space.contains({"the name": value, "other": True})


@pytest.mark.parametrize(
    ("parameter", "given", "kept"),
    [
        (Float(0, 1), 1, 1.0),
        (Float(0, 1), np.float32(0.5), 0.5),
        (Float(0, 1), np.int8(1), 1.0),
        (Float(0, 1, step=0.1), 0.1 + 0.2, 0.3),
        (Float(0, 1, step=0.1), 0.3, 0.3),
        (Int(0, 9), 3.0, 3),
        (Int(0, 9), np.int64(3), 3),
        (Categorical([1, 2]), np.int64(2), 2),
        (Categorical([True, 1]), np.bool_(True), True),
        (Categorical(["a", "b"]), np.str_("b"), "b"),
        (Ordinal([0.0, 0.5]), 0, 0.0),
        (Ordinal([0.0, 0]), 0, 0),
    ],
)
def test_a_value_written_otherwise_is_understood(parameter, given, kept):
    space = Space(p=parameter)
    value = space.decode(space.encode({"p": given}))["p"]
    assert value == kept
    assert type(value) is type(kept)


@pytest.mark.parametrize(
    ("low", "high", "step"),
    [
        ("0", "1", "0.1"),
        ("-1", "1", "0.05"),
        ("0.1", "0.9", "0.2"),
        ("1E-7", "0.00001", "1E-7"),
        ("0", "1", "0.3"),
        ("-0.7", "123.4", "0.7"),
        ("2.5", "1002.5", "12.5"),
    ],
)
def test_a_step_grid_is_decimal(low, high, step):
    first, last, stride = Decimal(low), Decimal(high), Decimal(step)
    expected = [float(first + i * stride) for i in range(int((last - first) / stride) + 1)]
    assert all_values(Float(float(low), float(high), step=float(step))) == expected


def test_a_step_that_is_no_decimal_still_reaches_the_end():
    assert all_values(Float(0, 2, step=2 / 3)) == pytest.approx([0, 2 / 3, 4 / 3, 2], rel=1e-15)
    assert all_values(Float(0.4, 0.5, step=0.1)) == [0.4, 0.5]
    assert max(all_values(Float(0, 1, step=1 / 7))) <= 1


def test_a_grid_too_long_to_list_is_exact_at_both_ends():
    assert values_at(Float(0, 1e9, step=0.001), 0, 0.3000000003, 1) == [0, 300000000.3, 1e9]
    assert values_at(Int(0, 10**12), 0, 1) == [0, 10**12]
    assert values_at(Int(-(2**52), 2**52), 0, 1) == [-(2**52), 2**52]
    assert values_at(Int(5, 10**15, step=7), 0, 1) == [5, 5 + (10**15 - 5) // 7 * 7]


@pytest.mark.parametrize("low", [1e-300, 1e-5, 0.1, 3.0, 1 / 3])
@pytest.mark.parametrize("ratio", [1 + 1e-9, 2.0, 7.0, 1e10, 1e300])
def test_the_ends_of_a_log_range_are_exact(low, ratio):
    high = low * ratio
    assert values_at(Float(low, high, log=True), 0, 1) == [low, high]
    middle = values_at(Float(low, high, log=True), 0.5)[0]
    assert middle == pytest.approx(math.sqrt(low) * math.sqrt(high), rel=1e-12)


def test_a_log_range_of_all_floats():
    space = Space(p=Float(1e-300, 1e300, log=True))
    assert space.to_coords([[1.0]])[0, 0] == pytest.approx(0.5, abs=1e-15)
    assert space.to_rows([[0.25]])[0, 0] == pytest.approx(1e-150, rel=1e-12)


def test_a_range_shorter_than_duplicates_keeps_to_the_floats_in_it():
    space = Space(p=Float(1e10, 1e10 + 1))
    coords = space.from_cube(np.random.default_rng(0).random((50, 1)))
    rows = space.to_rows(coords)
    np.testing.assert_array_equal(space.to_rows(space.to_coords(rows)), rows)
    np.testing.assert_array_equal(space.to_coords(rows), coords)


def test_whole_numbers_on_a_log_scale_own_the_cell_around_them():
    parameter = Int(1, 50, log=True)
    n = 20_000
    values = np.array(values_at(parameter, *((np.arange(n) + 0.5) / n)))
    length = math.log(50.5) - math.log(0.5)
    for value in range(1, 51):
        share = (math.log(value + 0.5) - math.log(value - 0.5)) / length
        assert np.mean(values == value) == pytest.approx(share, abs=2.1 / n)
    place = Space(p=parameter).to_coords(np.array([[1.0], [7], [50]]))[:, 0]
    np.testing.assert_allclose(place, [0, math.log(7) / math.log(50), 1], rtol=1e-15)


def test_levels_of_a_grid_are_equally_likely():
    u = (np.arange(1200) + 0.5) / 1200
    placed = Ordinal(list("abcdef"), positions=[0, 1, 2, 3, 4, 100])
    for parameter in (Int(1, 6), Ordinal(list("abcdef")), placed, Int(0, 50, step=10)):
        _, counts = np.unique(values_at(parameter, *u), return_counts=True)
        assert counts.tolist() == [200] * 6
    assert values_at(Boolean(), 0, 0.499, 0.5, 1) == [False, False, True, True]


def test_very_large_whole_numbers_move_by_one():
    space = Space(p=Int(0, 2**53 - 1))
    for value in (0, 1, 2**51 + 1, 2**52 + 3, 2**53 - 2):
        coords = space.to_coords([[float(value)]])
        assert space.to_rows(coords)[0, 0] == value
        assert space.to_rows(space.shift_levels(coords, 0, 1))[0, 0] == value + 1


def test_choices_of_equal_value_and_other_type_are_kept_apart():
    choices = [None, 1, True, 1.0, "1", (1,), (True,)]
    space = Space(p=Categorical(choices))
    for i, choice in enumerate(choices):
        row = space.encode({"p": choice})
        assert row[0] == i
        assert space.decode(row)["p"] is choice
    assert Categorical([1, 2]) != Categorical([True, 2])
    assert Categorical([1, 2]) != Ordinal([1, 2])
    assert Categorical([1, 2]) == Categorical((1, 2))


def test_defaults():
    space = Space(
        a=Float(0, 4),
        b=Float(1e-4, 1, log=True),
        c=Int(1, 100, log=True),
        d=Ordinal(["s", "m", "l"]),
        e=Categorical(["x", "y"]),
        f=Categorical(["x", None], default=None),
        g=Float(0, 1, step=0.1, default=0.1 + 0.2),
        h=Int(0, 10, default=9.0),
        i=Boolean(default=True),
        j=Float(5, 5),
    )
    values = space.decode(space.to_rows(space.default_coords()[None])[0])
    assert values.pop("b") == pytest.approx(0.01, rel=1e-12)
    assert values == {
        "a": 2.0, "c": 10, "d": "m", "e": "x", "f": None, "g": 0.3, "h": 9, "i": True, "j": 5.0,
    }  # fmt: skip
    assert type(space.parameters["h"].default) is int


def test_no_default_may_be_said_aloud():
    assert Categorical(["a", "b"], default=None) == Categorical(["a", "b"])
    assert Float(0, 1, default=None) == Float(0, 1)


def test_a_parameter_can_be_copied_with_changes():
    parameter = Int(1, 9, when={"a": (1, 2), "b": ["x", "y"]})
    assert replace(parameter, high=9) == parameter
    assert parameter.conditions == {"a": ((1, 2),), "b": ("x", "y")}
    assert replace(parameter, high=8) != parameter
    with pytest.raises(AttributeError):
        parameter.high = 8


def test_positions_are_scaled():
    space = Space(p=Ordinal(["a", "b", "c"], positions=[10, 20, 110]))
    np.testing.assert_allclose(space.level_coords(0), [0, 0.1, 1])
    np.testing.assert_array_equal(space.snap([[0.04], [0.06], [0.56]])[:, 0], [0, 0.1, 1])


def test_outside_values_are_taken_when_asked_for():
    space = Space(
        x=Float(0, 10), y=Float(1, 100, log=True), n=Int(0, 10, step=5), s=Float(0, 1, step=0.25)
    )
    point = {"x": 15.0, "y": 1000.0, "n": 13, "s": 0.3}
    row = space.encode(point, outside=True)
    assert space.decode(row) == point
    np.testing.assert_allclose(space.to_coords(row[None])[0], [1.5, 1.5, 1.3, 0.3])
    with pytest.raises(ValueError, match=r"y: on a log scale"):
        space.encode({**point, "y": -1.0}, outside=True)
    with pytest.raises(ValueError, match="x: expected a value in"):
        space.encode(point)


def test_unlisted_values_are_refused_even_outside():
    with pytest.raises(ValueError, match="expected one of"):
        Space(p=Categorical(["a", "b"])).encode({"p": "c"}, outside=True)


def test_whole_numbers_outside_have_limits_too():
    space = Space(n=Int(1, 9), g=Int(1, 9, log=True))
    with pytest.raises(ValueError, match=r"n: .*2\*\*53"):
        space.encode({"n": 2**53 + 1, "g": 1}, outside=True)
    with pytest.raises(ValueError, match="g: on a log scale"):
        space.encode({"n": 1, "g": 0}, outside=True)


def test_several_wanted_values_may_be_a_set():
    assert Boolean(when={"a": {"y", "x"}}) == Boolean(when={"a": ["x", "y"]})


def test_a_parameter_is_no_other_thing():
    assert Float(0, 1) != "Float(0.0, 1.0)"
    assert len({Float(0, 1), Float(0.0, 1.0), Float(0, 1, log=False), Float(0, 2)}) == 2
    assert repr(Categorical([None, (1, 2)]).default) == "UNSET"
