"""Spaces go to other tools and come back; points of the one are points of the other."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, reject
from hypothesis import strategies as st

import bayesopt as bo
from bayesopt.integrations.json_schema import from_json_schema, to_json_schema

texts = st.text("abcxyz", min_size=1, max_size=3)
numbers = st.integers(-50, 50)


@st.composite
def floats(draw, when):
    low = draw(st.sampled_from([1e-5, 0.25, 1.0, -3.0]))
    kind = draw(st.sampled_from(["plain", "log", "step"]))
    if kind == "log" and low > 0:
        return bo.Float(low, low * 100, log=True, when=when)
    if kind == "step":
        return bo.Float(0.0, draw(st.sampled_from([0.5, 2.0])), step=0.25, when=when)
    return bo.Float(low, low + draw(st.sampled_from([0.5, 7.0])), when=when)


@st.composite
def ints(draw, when):
    low = draw(st.integers(1, 5))
    kind = draw(st.sampled_from(["plain", "log", "step"]))
    if kind == "step":
        return bo.Int(low * 4, 40, step=4, when=when)
    return bo.Int(low, low + draw(st.integers(1, 30)), log=kind == "log", when=when)


@st.composite
def choices(draw, when, ordered=True):
    kinds = [bo.Categorical, bo.Ordinal] if ordered else [bo.Categorical]
    kind = draw(st.sampled_from([*kinds, bo.Boolean]))
    if kind is bo.Boolean:
        return bo.Boolean(when=when)
    values = draw(
        st.lists(draw(st.sampled_from([texts, numbers])), min_size=2, max_size=4, unique=True)
    )
    return kind(values, when=when)


def listed(parameter):
    if isinstance(parameter, bo.Boolean):
        return [False, True]
    return list(parameter.values if isinstance(parameter, bo.Ordinal) else parameter.choices)


@st.composite
def spaces(draw, ordered=True, one_parent=False, steps=True):
    parameters = {}
    for i in range(draw(st.integers(1, 6))):
        parents = {n: p for n, p in parameters.items() if hasattr(p, "_options") and
                   not isinstance(p, bo.Constant)}  # fmt: skip
        when = {}
        for name in draw(st.lists(st.sampled_from(sorted(parents)), max_size=2, unique=True)
                         if parents else st.just([])):  # fmt: skip
            values = listed(parents[name])
            some = draw(st.lists(st.sampled_from(values), min_size=1, unique=True))
            when[name] = [v for v in values if v in some]
            if one_parent:
                break
        make = draw(st.sampled_from([floats, ints, choices, "constant"]))
        if make == "constant":
            parameters[f"p{i}"] = bo.Constant(draw(texts | numbers), when=when or None)
        elif make is choices:
            parameters[f"p{i}"] = draw(choices(when or None, ordered))
        else:
            parameter = draw(make(when or None))
            if not steps and parameter.step is not None:
                parameter = bo.Float(0.0, 1.0, when=when or None)
            parameters[f"p{i}"] = parameter
    try:
        return bo.Space(parameters)
    except ValueError:  # one that could never be active
        reject()


def points(space, n=25):
    if not space.n_columns:
        return [space.decode(np.empty(0))]
    rows = space.to_rows(space.from_cube(np.random.default_rng(0).random((n, space.n_columns))))
    return [space.decode(row) for row in rows]


def assert_same_points(one, other):
    assert all(other.contains(point) for point in points(one))
    assert all(one.contains(point) for point in points(other))


# ------------------------------------------------------------------- JSON Schema


@given(spaces())
def test_json_schema_there_and_back(space):
    schema = json.loads(json.dumps(to_json_schema(space)))
    assert from_json_schema(schema) == space
    assert from_json_schema(json.dumps(schema)) == space


@given(spaces())
def test_the_points_are_the_instances_of_the_schema(space):
    jsonschema = pytest.importorskip("jsonschema")
    check = jsonschema.Draft202012Validator(to_json_schema(space)).is_valid
    for point in points(space, 8):
        assert check(point)
        name = next(iter(point))
        assert not check({k: v for k, v in point.items() if k != name})
        assert not check({**point, "other": 1})
        inactive = set(space.names) - set(point)
        for missing in inactive:
            assert not check({**point, missing: 1})


def test_a_schema_of_ones_own():
    space = from_json_schema(
        {
            "properties": {
                "rate": {"type": "number", "minimum": 1e-4, "maximum": 1, "x-log": True},
                "n": {"type": "integer", "exclusiveMinimum": 0, "exclusiveMaximum": 10},
                "batch": {"type": "integer", "minimum": 10, "maximum": 70, "multipleOf": 16},
                "kind": {"enum": ["tree", "net", None]},
                "depth": {"type": "integer", "minimum": 1, "maximum": 4, "default": 2},
                "fixed": {"const": "a"},
            },
            "allOf": [
                {
                    "if": {"properties": {"kind": {"const": "tree"}}},
                    "then": {"required": ["depth"]},
                }
            ],
        }
    )
    assert space == bo.Space(
        rate=bo.Float(1e-4, 1, log=True),
        n=bo.Int(1, 9),
        batch=bo.Int(16, 64, step=16),
        kind=bo.Categorical(["tree", "net", None]),
        depth=bo.Int(1, 4, default=2, when={"kind": "tree"}),
        fixed=bo.Constant("a"),
    )


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ({}, "'properties'"),
        ({"properties": {"x": {"type": "string"}}}, "x: expected a number"),
        ({"properties": {"x": {"type": "number", "minimum": 0}}}, "x: .*'maximum'"),
        ({"properties": {"x": 3}}, "x: expected an object"),
        ({"properties": {"x": {"const": 1}}, "allOf": [{"if": {}}]}, "allOf: expected"),
        (
            {
                "properties": {"x": {"const": 1}},
                "allOf": [
                    {"if": {"properties": {"x": {"const": 1}}}, "then": {"required": ["y"]}}
                ],
            },
            "'y', which is no property",
        ),
    ],
)
def test_a_schema_that_is_not_read_is_refused_by_name(schema, words):
    with pytest.raises(ValueError, match=words):
        from_json_schema(schema)


def test_what_has_no_place_is_said_before_it_is_lost():
    x = bo.Float(0, 1)
    with pytest.raises(ValueError, match="no place for the constraints"):
        to_json_schema(bo.Space({"x": x}, constraints=[bo.Linear({"x": 1}, upper=0.5)]))
    with pytest.raises(ValueError, match="no place for the role 'context'"):
        to_json_schema(bo.Space(x=x, y=bo.Float(0, 1, role="context")))
    with pytest.raises(ValueError, match=r"k: the choice .* is no JSON"):
        to_json_schema(bo.Space(k=bo.Categorical([1, 2j])))
    with pytest.raises(TypeError, match=r"bayesopt\.Space"):
        to_json_schema(3)
    with pytest.warns(UserWarning, match="x: JSON Schema has no place for its prior"):
        schema = to_json_schema(bo.Space(x=bo.Float(0, 1, prior=bo.Normal(0.3, 0.1))))
    assert from_json_schema(schema).names == ("x",)


# -------------------------------------------------------------------- ConfigSpace


@given(spaces(steps=False))
def test_configspace_there_and_back(space):
    pytest.importorskip("ConfigSpace")
    from bayesopt.integrations.configspace import from_configspace, to_configspace

    made = to_configspace(space, seed=1)
    back = from_configspace(made)
    assert set(back.names) == set(space.names)
    for name, parameter in space.parameters.items():
        other = back.parameters[name]
        assert type(other) is type(parameter)
        assert {k: set(v) for k, v in other.conditions.items()} == {
            k: set(v) for k, v in parameter.conditions.items()
        }
    assert_same_points(space, back)
    from bayesopt.checks import plain

    for configuration in made.sample_configuration(5):
        assert space.contains({k: plain(v) for k, v in configuration.items()})


def test_configspaces_own_conditions_and_forbidden_clauses():
    cs = pytest.importorskip("ConfigSpace")
    from bayesopt.integrations.configspace import from_configspace, to_configspace

    made = cs.ConfigurationSpace()
    kind = cs.CategoricalHyperparameter("kind", ["a", "b", "c"])
    n = cs.UniformIntegerHyperparameter("n", 1, 5)
    x = cs.UniformFloatHyperparameter("x", 0.0, 1.0)
    y = cs.NormalFloatHyperparameter("y", 0.5, 0.1, lower=0.0, upper=1.0)
    made.add([kind, n, x, y])
    made.add(
        cs.AndConjunction(cs.NotEqualsCondition(x, kind, "a"), cs.GreaterThanCondition(x, n, 2))
    )
    made.add(cs.OrConjunction(cs.EqualsCondition(y, kind, "a"), cs.EqualsCondition(y, kind, "b")))
    made.add(
        cs.ForbiddenAndConjunction(
            cs.ForbiddenEqualsClause(kind, "c"), cs.ForbiddenInClause(n, [1, 2])
        )
    )
    space = from_configspace(made)
    assert space.parameters["x"].conditions == {"kind": ("b", "c"), "n": (3, 4, 5)}
    assert space.parameters["y"].conditions == {"kind": ("a", "b")}
    assert space.parameters["y"].prior == bo.Normal(0.5, 0.1)
    assert not space.contains({"kind": "c", "n": 1})
    assert space.contains({"kind": "c", "n": 3, "x": 0.5})
    z = cs.UniformFloatHyperparameter("z", 0.0, 1.0)
    made.add([z])
    made.add(cs.GreaterThanCondition(z, y, 0.5))
    with pytest.raises(ValueError, match="z: a condition that compares 'y'"):
        from_configspace(made)
    stepped = bo.Space(x=bo.Float(0, 1, step=0.25))
    assert from_configspace(to_configspace(stepped)) == bo.Space(
        x=bo.Ordinal([0.0, 0.25, 0.5, 0.75, 1.0], default=0.0)  # it begins somewhere there
    )
    with pytest.raises(ValueError, match="x: ConfigSpace has no steps, and 10001"):
        to_configspace(bo.Space(x=bo.Float(0, 1, step=1e-4)))


# ------------------------------------------------------------------------- Optuna


@given(spaces(ordered=False))
def test_optunas_distributions_there_and_back(space):
    pytest.importorskip("optuna")
    from bayesopt.integrations.optuna import from_distributions, to_distributions

    bare = bo.Space(
        {
            n: type(p)(**{f: getattr(p, f) for f in p.__dataclass_fields__} | {"when": None})
            for n, p in space.parameters.items()
        }
    )
    assert from_distributions(to_distributions(space)) == bare


@given(spaces())
def test_optunas_trials_suggest_points_of_the_space(space):
    optuna = pytest.importorskip("optuna")
    from bayesopt.integrations.optuna import suggest, to_distributions

    for point in points(space, 8):
        trial = optuna.trial.FixedTrial(point)
        assert suggest(trial, space) == point
        known = to_distributions(space)
        assert all(known[n] == d for n, d in trial.distributions.items())


# ----------------------------------------------------------------------- Hyperopt


@given(spaces(one_parent=True))
def test_hyperopt_there_and_back(space):
    pytest.importorskip("hyperopt")
    from hyperopt.pyll import as_apply
    from hyperopt.pyll.stochastic import sample

    from bayesopt.integrations.hyperopt import flat_params, from_hyperopt, to_hyperopt

    on_numbers = [
        name
        for name, p in space.parameters.items()
        if any(isinstance(space.parameters[q], bo.Int | bo.Float) for q in p.conditions)
    ]
    assert not on_numbers, "the strategy takes choices for parents"
    expression = to_hyperopt(space)
    node, rng = as_apply(expression), np.random.default_rng(0)
    for _ in range(5):
        point = flat_params(sample(node, rng))
        for name, value in point.items():
            if isinstance(space.parameters[name], bo.Int):
                point[name] = int(value)
        assert space.contains(point)
    back = from_hyperopt(expression)
    constants = {n for n, p in space.parameters.items() if isinstance(p, bo.Constant)}
    assert set(back.names) | constants == set(space.names)
    for point in points(space, 10):
        active = set(point) - constants
        found = {name for name in back.names if _active(back, name, point)}
        assert active == found - constants


def _active(space, name, point):
    conditions = space.parameters[name].conditions
    return all(
        _active(space, p, point) and point.get(p) in values for p, values in conditions.items()
    )


def test_hyperopts_own_expressions():
    hp = pytest.importorskip("hyperopt").hp
    from bayesopt.integrations.hyperopt import from_hyperopt, to_hyperopt

    space = from_hyperopt(
        {
            "rate": hp.loguniform("rate", np.log(1e-4), 0.0),
            "n": hp.randint("n", 2, 7),
            "k": hp.uniformint("k", 1, 5),
            "shift": hp.normal("shift", 3.0, 0.5),
            "model": hp.choice(
                "model",
                [
                    {"type": "svm", "c": hp.uniform("c", 0, 1)},
                    {"type": "net", "act": hp.choice("act", ["relu", "tanh"])},
                ],
            ),
        }
    )
    assert space.parameters["rate"].low == pytest.approx(1e-4)
    assert space.parameters["rate"].log
    assert space.parameters["n"] == bo.Int(2, 6)
    assert space.parameters["k"] == bo.Int(1, 5)
    assert space.parameters["shift"] == bo.Float(1.0, 5.0, prior=bo.Normal(3.0, 0.5))
    assert space.parameters["act"] == bo.Categorical(["relu", "tanh"], when={"model": 1})
    assert space.parameters["c"] == bo.Float(0, 1, when={"model": 0})
    for parent in (bo.Int(1, 3), bo.Float(0, 1, step=0.5)):
        value = 1 if isinstance(parent, bo.Int) else 0.5
        with pytest.raises(ValueError, match="depends on the number 'n'"):
            to_hyperopt(bo.Space(n=parent, x=bo.Float(0, 1, when={"n": value})))
    with pytest.raises(ValueError, match="none of which depends on the others"):
        to_hyperopt(
            bo.Space(a=bo.Boolean(), b=bo.Boolean(), x=bo.Float(0, 1, when={"a": True, "b": True}))
        )
