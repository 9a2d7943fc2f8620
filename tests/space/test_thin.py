"""Thin feasible sets: what linear constraints allow is reached, covered and stayed in."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize as scipy_minimize
from scipy.spatial.distance import pdist

import bayesopt as bo
from bayesopt.space.sobol import sobol_points
from tests.optimizer.running import QUICK

NAMES = [f"w{i}" for i in range(8)]
WEIGHTS = {name: bo.Float(0, 1) for name in NAMES}
PARTS = {name: bo.Int(0, 100, step=5) for name in NAMES[:7]}


def few(k: int) -> bo.Space:
    """Up to three ingredients of eight, each present or not: gates and amounts are constrained."""
    uses = {f"use{i}": bo.Boolean() for i in range(k)}
    amounts = {f"x{i}": bo.Float(0.05, 1, when={f"use{i}": True}) for i in range(k)}
    return bo.Space(
        uses | amounts,
        constraints=[bo.Sum(amounts, lower=0.98, upper=1.02), bo.Sum(uses, lower=1, upper=3)],
    )


SPACES = {
    "simplex": bo.Space(WEIGHTS, constraints=[bo.Sum(NAMES, upper=1)]),
    "corner": bo.Space(WEIGHTS, constraints=[bo.Sum(NAMES, lower=7.2)]),
    "mixture": bo.Space(WEIGHTS, constraints=[bo.Sum(NAMES, equals=1)]),
    "band": bo.Space(WEIGHTS, constraints=[bo.Sum(NAMES, lower=0.99, upper=1.01)]),
    "parts": bo.Space(PARTS, constraints=[bo.Sum(PARTS, equals=100)]),
    "steps": bo.Space(
        {n: bo.Float(0, 1, step=0.05) for n in NAMES}, constraints=[bo.Sum(NAMES, equals=1)]
    ),
    "few": few(8),
    "at_most": bo.Space(WEIGHTS, constraints=[bo.Sum(NAMES, equals=1), bo.AtMost(3, of=NAMES)]),
    "several": bo.Space(
        WEIGHTS,
        constraints=[
            bo.Sum(NAMES, equals=1),
            bo.Linear({"w0": 1, "w1": 1}, lower=0.7, upper=0.75),
            bo.Linear({"w0": 1, "w2": -1}, upper=0),
        ],
    ),
    "mixed": bo.Space(
        {
            "a": bo.Float(1e-3, 1, log=True),
            "b": bo.Int(0, 3),
            "c": bo.Ordinal([0.0, 0.25, 0.7]),
            "d": bo.Float(-2, 2),
            "kind": bo.Categorical(["u", "v"]),
        },
        constraints=[bo.Linear({"a": 1, "b": 0.5, "c": 1, "d": -1}, equals=2.5)],
    ),
}


@pytest.mark.parametrize("space", SPACES.values(), ids=SPACES)
def test_every_point_of_the_cube_becomes_an_allowed_one(space):
    assert space.is_thin
    coords = space.from_cube(sobol_points(space.n_columns, 8, np.random.default_rng(1)))
    assert space.allowed(coords).mean() > 0.99
    point = space.decode(space.to_rows(coords)[0])
    assert space.contains(point)
    np.testing.assert_array_equal(space.snap(coords)[0], coords[0])


@pytest.mark.parametrize("space", SPACES.values(), ids=SPACES)
def test_snapping_leads_inside_and_leaves_alone_what_is_inside(space):
    rng = np.random.default_rng(2)
    given_ = np.where(space.is_categorical, 0.0, rng.random((200, space.n_columns)))
    snapped = space.snap(given_)
    assert space.allowed(snapped).mean() > 0.95
    inside = snapped[space.allowed(snapped)]
    np.testing.assert_array_equal(space.snap(inside), inside)


@pytest.mark.parametrize("space", SPACES.values(), ids=SPACES)
def test_a_run_asks_for_distinct_allowed_points(space):
    opt = bo.Optimizer(space, seed=3, proposer=QUICK)
    for _ in range(16):
        trial = opt.ask()
        assert space.contains(trial.params)
        opt.tell(
            trial, sum(float(v) ** 2 for v in trial.params.values() if not isinstance(v, str))
        )
    assert len({tuple(t.params.items()) for t in opt.trials}) == 16


@settings(max_examples=25)
@given(st.data())
def test_any_single_constraint_that_can_be_met_is_met(data):
    k = data.draw(st.integers(2, 6))
    low = [data.draw(st.floats(-3, 3)) for _ in range(k)]
    names = [f"x{i}" for i in range(k)]
    space_of = {
        n: bo.Float(a, a + data.draw(st.floats(0.01, 4))) for n, a in zip(names, low, strict=True)
    }
    c = {n: data.draw(st.sampled_from([-2.0, -0.3, 0.5, 1.0, 7.0])) for n in names}
    inside = {
        n: p.low + data.draw(st.floats(0, 1)) * (p.high - p.low) for n, p in space_of.items()
    }
    target = sum(c[n] * inside[n] for n in names)
    space = bo.Space(space_of, constraints=[bo.Linear(c, equals=target)])
    cube = np.random.default_rng(0).random((50, k))
    assert space.allowed(space.from_cube(cube)).all()
    assert space.allowed(space.snap(cube)).all()


def test_snapping_finds_the_nearest_point():
    """Beside SciPy's sequential quadratic programming."""
    space = bo.Space(
        x=bo.Float(0, 1), y=bo.Float(-1, 3), z=bo.Float(0, 2),
        constraints=[bo.Linear({"x": 1, "y": -2, "z": 0.5}, equals=0.4)],
    )  # fmt: skip
    rng = np.random.default_rng(4)
    for given_ in rng.random((10, 3)):
        found = space.snap(given_[None])[0]

        def off(u):
            row = np.array([u[0], -1 + 4 * u[1], 2 * u[2]])
            return float(row @ [1, -2, 0.5] - 0.4)

        best = scipy_minimize(
            lambda u, at=given_: ((u - at) ** 2).sum(), found, bounds=[(0, 1)] * 3,
            constraints=[{"type": "eq", "fun": off}], method="SLSQP",
        )  # fmt: skip
        assert ((found - given_) ** 2).sum() <= best.fun + 1e-6


def test_points_of_a_simplex_are_uniform():
    """Moments beside those of the Dirichlet distribution."""
    coords = SPACES["simplex"].from_cube(sobol_points(8, 11, np.random.default_rng(5)))
    np.testing.assert_allclose(coords.mean(axis=0), 1 / 9, rtol=0.05)
    np.testing.assert_allclose(coords.std(axis=0), np.sqrt(8 / (81 * 10)), rtol=0.05)


def test_points_of_a_grid_are_uniform():
    """Each of the few solutions comes about equally often: counted beside enumeration."""
    levels = {"a": bo.Int(0, 6), "b": bo.Int(0, 6), "c": bo.Int(0, 3)}
    space = bo.Space(levels, constraints=[bo.Linear({"a": 1, "b": 2, "c": 3}, equals=12)])
    every = [
        p
        for p in itertools.product(range(7), range(7), range(4))
        if p[0] + 2 * p[1] + 3 * p[2] == 12
    ]
    rows = space.to_rows(space.from_cube(np.random.default_rng(6).random((6000, 3))))
    found, counts = np.unique(rows, axis=0, return_counts=True)
    assert [tuple(map(int, r)) for r in found] == sorted(every)
    expected = 6000 / len(every)
    assert np.abs(counts - expected).max() < 5 * np.sqrt(expected)


def test_the_design_covers_the_set():
    """No two points nearer than those of a maximin design of random points."""
    space = bo.Space({n: WEIGHTS[n] for n in NAMES[:7]}, constraints=[bo.Sum(NAMES[:7], upper=1)])
    for seed in range(3):
        points = bo.InitialDesign(n=8).points(space, 8, np.random.default_rng(seed))
        pool = np.random.default_rng(seed).dirichlet(np.ones(8), 512)
        chosen = [0]
        for _ in range(7):
            gaps = np.linalg.norm(pool[:, None] - pool[chosen], axis=2).min(axis=1)
            chosen.append(int(gaps.argmax()))
        whole = np.column_stack([points, 1 - points.sum(axis=1)])
        assert pdist(whole).min() > 0.8 * pdist(pool[chosen]).min()


def test_what_cannot_be_is_refused_or_said():
    with pytest.raises(ValueError, match="no point can satisfy it"):
        bo.Space(WEIGHTS, constraints=[bo.Sum(NAMES, equals=9)])
    with pytest.raises(ValueError, match="cannot be 0"):
        bo.Space(x=bo.Float(1, 2), y=bo.Float(0, 1), constraints=[bo.AtMost(1, of=["x", "y"])])
    with pytest.raises(ValueError, match="not both"):
        bo.Linear({"x": 1}, equals=1, upper=2)
    with pytest.raises(TypeError, match="list of names"):
        bo.Sum("xy", equals=1)
    with pytest.raises(ValueError, match="whole number from 1"):
        bo.AtMost(0, of=["x"])


@pytest.mark.parametrize("name", ["mixture", "at_most", "several"])
def test_they_are_written_and_read(name):
    space = SPACES[name]
    assert bo.Space.from_json(space.to_json()) == space


def test_they_are_read_from_toml():
    text = "\n".join(f'[space.{n}]\ntype = "float"\nlow = 0\nhigh = 1' for n in ("a", "b", "c"))
    text += '\n[[constraints]]\nsum = ["a", "b", "c"]\nequals = 1\n'
    text += '[[constraints]]\nat_most = 2\nof = ["a", "b", "c"]\n'
    space = bo.Space.from_toml(text)
    assert space.constraints == (
        bo.Sum("abc".__iter__(), equals=1),
        bo.AtMost(2, of=("a", "b", "c")),
    )
