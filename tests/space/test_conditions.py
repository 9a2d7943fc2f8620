"""Parameters that count only sometimes."""

import numpy as np
import pytest

from bayesopt.space import Boolean, Categorical, Constant, Float, Int, Ordinal, Space


@pytest.fixture
def pipeline():
    return Space(
        depth=Int(1, 9, when={"model": ["forest", "trees"]}),  # declared before its parent
        model=Categorical(["svm", "forest", "trees", None]),
        kernel=Categorical(["rbf", "poly"], when={"model": "svm"}),
        degree=Int(2, 5, when={"kernel": "poly"}),
        coef=Float(0, 1, when={"kernel": "poly", "degree": [3, 5]}),
        engine=Constant("libsvm", when={"model": "svm"}),
        shrink=Boolean(when={"engine": "libsvm", "kernel": "rbf"}),
    )


@pytest.mark.parametrize(
    "point",
    [
        {"model": None},
        {"model": "forest", "depth": 3},
        {"model": "trees", "depth": 9},
        {"model": "svm", "kernel": "rbf", "engine": "libsvm", "shrink": True},
        {"model": "svm", "kernel": "poly", "degree": 2, "engine": "libsvm"},
        {"model": "svm", "kernel": "poly", "degree": 5, "coef": 0.25, "engine": "libsvm"},
    ],
)
def test_exactly_the_active_names_are_wanted(pipeline, point):
    row = pipeline.encode(point)
    assert pipeline.decode(row) == point
    assert pipeline.contains(point)
    coords = pipeline.to_coords(row[None])
    np.testing.assert_array_equal(pipeline.active(coords), ~np.isnan(coords))
    for name in point:
        rest = {n: v for n, v in point.items() if n != name}
        if name == "engine":  # a constant need not be said
            np.testing.assert_array_equal(pipeline.encode(rest), row)
        else:
            with pytest.raises(ValueError, match=name):
                pipeline.encode(rest)


def test_an_inactive_name_is_refused_with_what_it_needs(pipeline):
    with pytest.raises(ValueError, match=r"degree: is inactive.*kernel = 'poly'.*leave it out"):
        pipeline.encode({"model": "forest", "depth": 1, "degree": 2})
    with pytest.raises(ValueError, match=r"engine: is inactive.*model = 'svm'"):
        pipeline.encode({"model": None, "engine": "libsvm"})
    with pytest.raises(ValueError, match=r"kernal.*did you mean 'kernel'"):
        pipeline.encode({"model": "svm", "kernal": "rbf"})


def test_order_and_columns_are_those_of_the_declaration(pipeline):
    assert pipeline.names == ("depth", "model", "kernel", "degree", "coef", "engine", "shrink")
    assert pipeline.columns == ("depth", "model", "kernel", "degree", "coef", "shrink")
    assert list(pipeline.parameters) == list(pipeline.names)
    assert pipeline.n_columns == 6
    assert pipeline.is_categorical.tolist() == [False, True, True, False, False, True]
    assert pipeline.is_conditional.tolist() == [True, False, True, True, True, True]
    assert pipeline.n_levels.tolist() == [9, 4, 2, 4, np.inf, 2]
    assert pipeline.n_points is None


def test_an_active_value_that_is_missing_gets_its_default(pipeline):
    nothing = np.full((1, 6), np.nan)
    point = pipeline.decode(pipeline.to_rows(pipeline.snap(nothing))[0])
    assert point == {"model": "svm", "kernel": "rbf", "engine": "libsvm", "shrink": False}


def test_a_value_that_equals_the_wanted_one_but_is_another_does_not_switch_on():
    space = Space(a=Categorical([1, True, 1.0]), b=Boolean(when={"a": True}))
    assert space.n_points == 4
    assert space.contains({"a": True, "b": False})
    assert space.contains({"a": 1})
    assert not space.contains({"a": 1.0, "b": True})


def test_numeric_parents():
    space = Space(
        n=Int(0, 10**12),
        s=Float(0, 1, step=0.1),
        one=Float(3, 3),
        o=Ordinal([0.0, 0.5]),
        a=Boolean(when={"n": [10**12, 5]}),
        b=Boolean(when={"s": [0.3, 0.1 + 0.2 + 0.4]}),
        c=Boolean(when={"one": 3, "o": 0}),
    )
    common = {"n": 5, "s": 0.7, "one": 3.0, "o": 0.0}
    assert space.contains(common | {"a": True, "b": True, "c": True})
    assert space.n_points == (10**12 + 1 + 2) * (11 + 2) * (2 + 1)


REFUSED = [
    ({"b": Boolean(when={"aa": True}), "a": Boolean()}, ["b:", "unknown parameter 'aa'"]),
    ({"model": Boolean(), "b": Boolean(when={"modle": True})}, ["b:", "did you mean 'model'"]),
    ({"a": Boolean(when={"a": True})}, ["circle", "a -> a"]),
    ({"a": Boolean(when={"b": True}), "b": Boolean(when={"a": True})}, ["circle", "->"]),
    ({"a": Int(0, 3), "b": Boolean(when={"a": 4})}, ["b:", "'a'", "[0, 3]", "4"]),
    ({"a": Categorical(["x", "y"]), "b": Boolean(when={"a": ["x", "z"]})}, ["b:", "'z'"]),
    ({"a": Categorical([1, 2]), "b": Boolean(when={"a": True})}, ["b:", "'a'", "True", "bool"]),
    ({"a": Categorical(["x", "y"]), "b": Boolean(when={"a": ("x", "y")})}, ["b:", "as a list"]),
    ({"a": Float(0, 1), "b": Boolean(when={"a": 0.5})}, ["b:", "'a'", "step"]),
    ({"a": Constant(1), "b": Boolean(when={"a": 2})}, ["b:", "'a'", "2"]),
    (
        {
            "a": Boolean(),
            "b": Boolean(when={"a": True}),
            "c": Boolean(when={"a": False, "b": True}),
        },
        ["c:", "never"],
    ),
]


@pytest.mark.parametrize(("parameters", "fragments"), REFUSED)
def test_impossible_conditions_are_refused(parameters, fragments):
    with pytest.raises(ValueError) as caught:
        Space(parameters)
    for fragment in fragments:
        assert fragment in str(caught.value)


def test_many_parents_are_counted_without_trying_them_all():
    switches = {f"s{i}": Boolean() for i in range(40)}
    leaves = {f"x{i}": Int(1, 9, when={f"s{i}": True}) for i in range(40)}
    assert Space({**switches, **leaves}).n_points == 10**40


def test_a_long_chain_is_counted_and_listed():
    chain = {"p0": Boolean()}
    for i in range(1, 60):
        chain[f"p{i}"] = Boolean(when={f"p{i - 1}": True})
    space = Space(chain)
    assert space.n_points == len(space.enumerate()) == 61


def test_many_parents_of_one_child():
    parents = {f"s{i}": Boolean() for i in range(20)}
    space = Space({**parents, "last": Boolean(when=dict.fromkeys(parents, True))})
    assert space.n_points == 2**20 + 1


def test_conditions_too_entangled_to_count_are_said_to_be():
    parents = {f"s{i}": Boolean() for i in range(40)}
    pairs = {f"x{i}": Boolean(when={f"s{i}": True, f"s{39 - i}": True}) for i in range(20)}
    space = Space({**parents, **pairs})
    assert space.n_points is None
    assert space.from_cube(np.ones((1, 60)))[0].tolist() == [1.0] * 60


@pytest.mark.parametrize("nothing", [None, float("nan"), np.float64("nan")])
def test_nothing_in_place_of_an_inactive_parameter_is_none(nothing):
    """As rows of data frames have it: reading a table back, every point is that of its row."""
    space = Space(kind=Categorical(["a", "b"]), k=Int(1, 9, when={"kind": "a"}))
    assert np.array_equal(
        space.encode({"kind": "b", "k": nothing}), space.encode({"kind": "b"}), equal_nan=True
    )
    with pytest.raises(ValueError, match="inactive"):
        space.encode({"kind": "b", "k": 3})
    with pytest.raises((TypeError, ValueError), match="k"):
        space.encode({"kind": "a", "k": nothing})
