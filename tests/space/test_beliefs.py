"""Beliefs about the best value of a parameter: their numbers, forms, and what is refused."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

import bayesopt as bo
from bayesopt.space.belief_columns import BeliefColumns

SPACE = bo.Space(
    heat=bo.Float(20, 120, prior=bo.Normal(80, 10)),
    rate=bo.Float(1e-5, 1.0, log=True, prior=bo.LogNormal(1e-3, 3.0)),
    n=bo.Int(1, 9, prior=bo.Normal(7, 1)),
    leaves=bo.Int(2, 300, log=True, prior=bo.LogNormal(31, 2)),
    kind=bo.Categorical(["a", "b", "c"], prior={"b": 5, "c": 0}),
    level=bo.Ordinal([1, 2, 4], prior=[1, 2, 3]),
    on=bo.Boolean(prior={True: 4}),
    deep=bo.Float(0, 1, when={"on": True}, prior=bo.Normal(0.2, 0.1)),
    free=bo.Float(0, 1),
)
cubes = st.lists(st.floats(0, 1), min_size=SPACE.n_columns, max_size=SPACE.n_columns)


def log_weight(params):
    """By SciPy, from the point as the user has it."""
    total = stats.norm(80, 10).logpdf(params["heat"]) - stats.norm(80, 10).logpdf(80)
    rate = stats.norm(np.log(1e-3), np.log(3.0))
    total += rate.logpdf(np.log(params["rate"])) - rate.logpdf(np.log(1e-3))
    total += stats.norm(7, 1).logpdf(params["n"]) - stats.norm(7, 1).logpdf(7)
    leaves = stats.norm(np.log(31), np.log(2))
    total += leaves.logpdf(np.log(params["leaves"])) - leaves.logpdf(np.log(31))
    with np.errstate(divide="ignore"):
        total += np.log({"a": 1, "b": 5, "c": 0}[params["kind"]] / 5)
    total += np.log({1: 1, 2: 2, 4: 3}[params["level"]] / 3)
    total += np.log((4 if params["on"] else 1) / 4)
    if params["on"]:
        deep = stats.norm(0.2, 0.1)
        total += deep.logpdf(params["deep"]) - deep.logpdf(0.2)
    return total


@given(cubes)
def test_the_weight_is_that_of_the_distributions(cube):
    coords = SPACE.from_cube([cube])
    params = SPACE.decode(SPACE.to_rows(coords)[0])
    np.testing.assert_allclose(SPACE.beliefs.log_weight(coords)[0], log_weight(params), atol=1e-8)


@given(st.floats(0.01, 0.99), st.floats(0.01, 0.99))
def test_slopes_are_those_of_finite_differences(u, v):
    space = bo.Space(
        a=bo.Float(-5, 10, prior=bo.Normal(2, 3)),
        b=bo.Float(1e-3, 10, log=True, prior=bo.LogNormal(0.1, 2)),
        c=bo.Float(1, 10, prior=bo.LogNormal(2, 2)),
        d=bo.Float(1, 10, log=True, prior=bo.Normal(2, 2)),
    )
    at, h = np.array([[u, v, u, v]]), 1e-6
    numeric = [
        (space.beliefs.log_weight(at + h * e) - space.beliefs.log_weight(at - h * e))[0] / (2 * h)
        for e in np.eye(4)
    ]
    np.testing.assert_allclose(space.beliefs.slopes(at)[0], numeric, rtol=1e-5, atol=1e-5)


def test_points_are_drawn_from_the_belief():
    cube = np.random.default_rng(0).random((20_000, SPACE.n_columns))
    rows = SPACE.to_rows(SPACE.from_cube(SPACE.beliefs.drawn(cube)))
    points = [SPACE.decode(row) for row in rows]
    heat = np.array([p["heat"] for p in points])
    exact = stats.truncnorm(-6, 4, 80, 10)
    assert stats.kstest(heat, exact.cdf).statistic < 0.02
    log_rate = np.log([p["rate"] for p in points])
    scale = np.log(3.0)
    ends = (np.log([1e-5, 1.0]) - np.log(1e-3)) / scale
    exact = stats.truncnorm(*ends, np.log(1e-3), scale)
    assert stats.kstest(log_rate, exact.cdf).statistic < 0.02
    kinds = [p["kind"] for p in points]
    assert kinds.count("c") == 0
    assert kinds.count("b") / len(kinds) == pytest.approx(5 / 6, abs=0.02)
    assert np.mean([p["on"] for p in points]) == pytest.approx(0.8, abs=0.02)
    assert np.array_equal(SPACE.beliefs.drawn(cube)[:, -1], cube[:, -1])


def test_the_most_likely_values_are_the_ones_to_begin_with():
    default = SPACE.decode(SPACE.to_rows(SPACE.default_coords()[None])[0])
    assert default.pop("free") == 0.5
    assert default == pytest.approx(
        {"heat": 80, "rate": 1e-3, "n": 7, "leaves": 31, "level": 4, "on": True, "deep": 0.2}
        | {"kind": "b"}
    )
    assert bo.Float(0, 1, default=0.5, prior=bo.Normal(9, 1)).default_number() == 0.5
    assert bo.Float(0, 1, prior=bo.Normal(9, 1)).default_number() == 1.0
    assert bo.Float(0, 1, step=0.25, prior=bo.Normal(0.3, 1)).default_number() == 0.25


def test_a_belief_survives_documents():
    assert bo.Space.from_json(SPACE.to_json()) == SPACE
    text = """
    [space.heat]
    type = "float"
    low = 20
    high = 120
    prior = {normal = [80, 10]}
    [space.rate]
    type = "float"
    low = 1e-5
    high = 1
    log = true
    prior = {log_normal = [0.001, 3]}
    [space.kind]
    type = "categorical"
    choices = ["a", "b"]
    prior = {b = 3}
    """
    assert bo.Space.from_toml(text) == bo.Space(
        heat=bo.Float(20, 120, prior=bo.Normal(80, 10)),
        rate=bo.Float(1e-5, 1, log=True, prior=bo.LogNormal(1e-3, 3)),
        kind=bo.Categorical(["a", "b"], prior=[1, 3]),
    )
    assert eval(repr(SPACE.parameters["heat"]), vars(bo)) == SPACE.parameters["heat"]
    assert "prior" not in str(bo.Space(x=bo.Float(0, 1)).to_json())
    assert not BeliefColumns(("x",), {"x": bo.Float(0, 1)})


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: bo.Normal(0, 0), "Normal: sd must be .*> 0"),
        (lambda: bo.Normal("a", 1), "Normal: mean must be"),
        (lambda: bo.LogNormal(-1, 2), "LogNormal: median must be"),
        (lambda: bo.LogNormal(1, 1), "LogNormal: factor must be"),
        (lambda: bo.Float(0, 1, prior=bo.LogNormal(1, 2)), "LogNormal belief needs low > 0"),
        (lambda: bo.Float(0, 1, prior=[1, 2]), r"prior must be a belief such as bo.Normal\(80"),
        (lambda: bo.Float(0, 1, prior={"nomal": [1, 2]}), "did you mean 'normal'"),
        (lambda: bo.Float(0, 1, prior={"normal": [1]}), "prior must be a belief"),
        (lambda: bo.Categorical(["a", "b"], prior=[1]), "prior must have 2 weights; got 1"),
        (lambda: bo.Categorical(["a", "b"], prior=[0, 0]), "must have a weight > 0"),
        (lambda: bo.Categorical(["a", "b"], prior=[1, -1]), "a weight of prior must be"),
        (lambda: bo.Categorical(["red", "b"], prior={"rde": 1}), "did you mean 'red'"),
        (lambda: bo.Categorical(["a", "b"], prior=bo.Normal(0, 1)), "a weight for each choice"),
    ],
)
def test_what_is_no_belief_is_refused(make, words):
    with pytest.raises((TypeError, ValueError), match=words):
        make()
