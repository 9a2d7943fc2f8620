"""Known constraints."""

from unittest.mock import patch

import numpy as np
import pytest

from bayesopt.space import (
    AtMost,
    Boolean,
    Categorical,
    Constant,
    Float,
    Int,
    LinearConstraint,
    Ordinal,
    Space,
    Sum,
)

XY = {"x": Float(0, 1), "y": Float(0, 1)}


def test_without_constraints_everything_is_allowed():
    space = Space(XY)
    assert not space.has_constraints
    assert space.allowed(np.zeros((3, 2))).tolist() == [True] * 3


def test_linear_and_callable_together():
    space = Space(
        XY,
        constraints=[LinearConstraint({"x": 1, "y": 2}, upper=1.5), lambda p: p["x"] > p["y"]],
    )
    coords = np.array([[0.6, 0.4], [0.9, 0.4], [0.4, 0.5]])
    assert space.allowed(coords).tolist() == [True, False, False]
    assert space.has_constraints
    assert len(space.constraints) == 2


def test_the_callable_sees_only_what_the_linear_constraint_passed():
    seen = []

    def note(params):
        seen.append(params)
        return True

    space = Space(XY, constraints=[note, LinearConstraint({"x": 1}, upper=0.5)])
    space.allowed([[0.25, 0.0], [0.75, 0.0]])
    assert seen == [{"x": 0.25, "y": 0.0}]


def test_validate_names_the_constraint():
    def not_too_long(params):
        return params["x"] < 0.5

    space = Space(XY, constraints=[LinearConstraint({"x": 1, "y": -2}, lower=0), not_too_long])
    with pytest.raises(ValueError, match="constraint not_too_long"):
        space.validate({"x": 0.9, "y": 0.0})
    with pytest.raises(ValueError, match=r"constraint 0 <= 1\*x \+ -2\*y"):
        space.validate({"x": 0.1, "y": 0.3})
    space.validate({"x": 0.4, "y": 0.1})
    assert not space.contains({"x": 0.9, "y": 0.0})


def test_a_sum_on_a_grid_is_not_spoilt_by_round_off():
    grid = {name: Float(0, 1, step=0.1) for name in "abc"}
    mixture = LinearConstraint({"a": 1, "b": 1, "c": 1}, lower=0.3, upper=0.3)
    space = Space(grid, constraints=[mixture])
    assert 0.1 + 0.2 != 0.3
    points = [space.decode(row) for row in space.to_rows(space.enumerate())]
    assert len(points) == 10  # compositions of 3 in 3 parts
    assert {"a": 0.1, "b": 0.2, "c": 0.0} in points


def test_a_continuous_bound_is_not_exceeded_by_anything():
    space = Space(XY, constraints=[LinearConstraint({"x": 1, "y": 1}, upper=1)])
    edge = np.array([[0.3, 0.7], [0.3, 0.7 + 3e-16], [0.5, 0.5]])
    expected = [float(x) + float(y) <= 1 for x, y in edge]
    assert space.allowed(edge).tolist() == expected
    assert False in expected


def test_absent_parameters_count_nothing():
    space = Space(
        big=Boolean(),
        n=Int(1, 9, when={"big": True}),
        size=Ordinal([1, 10, 100]),
        base=Constant(5),
        extra=Constant(50, when={"big": True}),
        constraints=[
            LinearConstraint({"n": 1, "size": 1, "base": 1, "extra": 1, "big": 2}, upper=70)
        ],
    )
    assert space.contains({"big": False, "size": 10})
    assert not space.contains({"big": False, "size": 100})
    assert space.contains({"big": True, "n": 3, "size": 10})
    assert not space.contains({"big": True, "n": 4, "size": 10})


@pytest.mark.parametrize(
    ("make", "error", "fragment"),
    [
        (lambda: LinearConstraint({"x": 1}), ValueError, "give upper="),
        (lambda: LinearConstraint({"x": 1}, upper=0, lower=1), ValueError, "swap"),
        (lambda: LinearConstraint({}, upper=0), TypeError, "coefficients"),
        (lambda: LinearConstraint([1, 2], upper=0), TypeError, "coefficients"),
        (lambda: LinearConstraint({"x": "1"}, upper=0), TypeError, "coefficient of 'x'"),
        (
            lambda: LinearConstraint({"x": 1}, upper=float("nan")),
            ValueError,
            "upper must be a finite number",
        ),
        (lambda: Space(XY, constraints=LinearConstraint({"x": 1}, upper=1)), TypeError, "a list"),
        (lambda: Space(XY, constraints=["x < y"]), TypeError, "AtMost or a function"),
        (lambda: Space(XY, constraints=3), TypeError, "a list"),
    ],
)
def test_what_is_no_constraint_is_refused(make, error, fragment):
    with pytest.raises(error, match=fragment):
        make()


@pytest.mark.parametrize(
    ("coefficients", "bounds", "fragment"),
    [
        ({"z": 1}, {"upper": 1}, "unknown parameter 'z'"),
        ({"c": 1}, {"upper": 1}, "'c' is not a number"),
        ({"o": 1}, {"upper": 1}, "'o' is not a number"),
        ({"x": 1, "y": 1}, {"upper": -0.5}, r"no point can satisfy.*\[0, 2\]"),
        ({"x": 1, "y": -1}, {"lower": 1.5}, r"no point can satisfy.*\[-1, 1\]"),
    ],
)
def test_constraints_that_do_not_fit_the_space_are_refused(coefficients, bounds, fragment):
    others = {"c": Categorical([1, "a"]), "o": Ordinal(["s", "l"])}
    with pytest.raises(ValueError, match=fragment):
        Space({**XY, **others}, constraints=[LinearConstraint(coefficients, **bounds)])


def test_a_constraint_that_answers_nonsense_is_told_so():
    def nonsense(params):
        return params["x"]

    space = Space(XY, constraints=[nonsense])
    with pytest.raises(TypeError, match="nonsense must return True or False"):
        space.allowed([[0.5, 0.5]])
    with pytest.raises(TypeError, match="nonsense"):
        space.contains({"x": 0.5, "y": 0.5})
    assert Space(XY, constraints=[lambda p: np.bool_(True)]).allowed([[0.5, 0.5]]).all()


def test_a_constraint_that_raises_says_where():
    def broken(params):
        return params["z"] > 0

    with pytest.raises(KeyError) as caught:
        Space(XY, constraints=[broken]).allowed([[0.5, 0.5]])
    assert "constraint broken" in caught.value.__notes__[0]


def test_equal_constraints_are_equal_in_sets():
    assert len({LinearConstraint({"x": 1}, upper=2), LinearConstraint({"x": 1.0}, upper=2)}) == 1


@pytest.mark.parametrize("n_constraints", [1, 5])
def test_a_row_is_decoded_once_for_all_functions(n_constraints):
    space = Space(XY, constraints=[lambda p: True] * n_constraints)
    decoded = []
    decode = Space.decode
    with patch.object(Space, "decode", lambda *a: (decoded.append(1), decode(*a))[1]):
        assert space.allowed(np.full((7, 2), 0.5)).all()
    assert len(decoded) == 7


def test_a_function_cannot_change_what_the_next_one_sees():
    def greedy(params):
        params.clear()
        return True

    seen = []
    space = Space(XY, constraints=[greedy, lambda p: (seen.append(p), True)[1]])
    assert space.contains({"x": 0.5, "y": 0.25})
    assert seen == [{"x": 0.5, "y": 0.25}]


@pytest.mark.parametrize("listed", [["x", "x"], ["x", "y", "x"]])
def test_a_name_listed_twice_is_refused(listed):
    with pytest.raises(ValueError, match="'x' is listed twice"):
        Sum(listed, equals=1)
    with pytest.raises(ValueError, match="'x' is listed twice"):
        AtMost(1, of=listed)


@pytest.mark.parametrize("listed", [[], "xy", [1], 3])
def test_what_is_no_list_of_names_is_refused_in_the_words_of_the_call(listed):
    with pytest.raises(TypeError, match=r"^Sum: the first argument must be a list of names"):
        Sum(listed, equals=1)
    with pytest.raises(TypeError, match=r"^AtMost: of must be a list of names"):
        AtMost(1, of=listed)


def test_at_most_explains_its_call():
    with pytest.raises(TypeError, match=r"AtMost\(\) takes only k by position"):
        AtMost(1, ["x"])
