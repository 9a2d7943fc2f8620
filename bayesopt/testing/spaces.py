"""Search spaces of every kind, and points in them, for laws that hold in all of them."""

from __future__ import annotations

import math
from functools import cache

import numpy as np
from hypothesis import strategies as st

import bayesopt as bo
from bayesopt.surrogate import Columns


def mixed() -> bo.Space:
    """One parameter of each kind."""
    return bo.Space(
        x=bo.Float(-5.0, 10.0),
        rate=bo.Float(1e-5, 1e-1, log=True),
        k=bo.Int(1, 9),
        kind=bo.Categorical(["a", "b", None, 1, True]),
        drop=bo.Ordinal([0.0, 0.1, 0.2, 0.5]),
    )


def conditional() -> bo.Space:
    """Parameters that are active for some values of others."""
    return bo.Space(
        kind=bo.Categorical(["tree", "net", "line"]),
        depth=bo.Int(1, 12, when={"kind": "tree"}),
        rate=bo.Float(1e-4, 1.0, log=True, when={"kind": ["tree", "net"]}),
        act=bo.Categorical(["relu", "tanh"], when={"kind": "net"}),
        slope=bo.Float(0.01, 0.3, when={"kind": "net", "act": "relu"}),
        c=bo.Float(-1.0, 1.0),
    )


def constrained() -> bo.Space:
    """A triangle with a bite taken out, and an integer in the linear constraint."""
    return bo.Space(
        x=bo.Float(0.0, 1.0),
        y=bo.Float(0.0, 1.0),
        k=bo.Int(0, 3),
        constraints=[
            bo.LinearConstraint({"x": 1.0, "y": 1.0, "k": 0.2}, upper=1.0),
            _outside_the_bite,
        ],
    )


def _outside_the_bite(params: dict[str, float]) -> bool:
    return math.hypot(params["x"] - 0.2, params["y"] - 0.2) > 0.1


def table() -> bo.Space:
    """Thirty points to choose from."""
    rng = np.random.default_rng(7)
    names = ["ethanol", "toluene", "water"]
    return bo.Space.from_table(
        [
            {"solvent": names[i % 3], "heat": float(20 + 5 * (i // 3)), "load": round(u, 3)}
            for i, u in enumerate(rng.random(30))
        ]
    )


def discrete() -> bo.Space:
    """24 points."""
    return bo.Space(
        a=bo.Int(0, 3), b=bo.Boolean(), c=bo.Categorical(["x", "y", "z"]), d=bo.Constant(7)
    )


def wide() -> bo.Space:
    """Discrete, with more points than can be listed."""
    return bo.Space(
        n=bo.Int(0, 10**12), m=bo.Int(1, 10**6, log=True), c=bo.Categorical(range(200))
    )


def stepped() -> bo.Space:
    """Numbers with steps beside one without."""
    return bo.Space(
        a=bo.Float(0.0, 1.0, step=0.01), b=bo.Float(-3.0, 3.0), c=bo.Int(0, 100, step=5)
    )


ALL = {f.__name__: f for f in (mixed, conditional, constrained, table, discrete, wide, stepped)}


@cache
def named(name: str) -> bo.Space:
    """Spaces do not change: one of each is enough."""
    return ALL[name]()


each_space = st.sampled_from(sorted(ALL))


def some_points(space: bo.Space, n: int, seed: int) -> np.ndarray:
    """At most n legal, allowed, distinct points (k, p)."""
    rng = np.random.default_rng(seed)
    points = space.from_cube(rng.random((max(4 * n, 64), space.n_columns)))
    points = points[space.allowed(points)]
    earlier = np.tril(space.same(points, points), -1).any(axis=1)
    return points[~earlier][:n]


def columns_of(space: bo.Space) -> Columns:
    """The kinds of a space's columns, as a surrogate is told."""
    return Columns(space.is_categorical, space.is_conditional)


# numeric, categorical, conditional numeric, conditional categorical
MIXED = Columns(np.array([False, True, False, True]), np.array([False, False, True, True]))


def mixed_points(seed: int, n: int) -> np.ndarray:
    """Coordinates (n, 4) for `MIXED`, a third of the conditional ones inactive."""
    rng = np.random.default_rng(seed)
    X = rng.random((n, 4))
    X[:, [1, 3]] = np.floor(3 * X[:, [1, 3]])
    X[rng.random(n) < 0.35, 2] = np.nan
    X[rng.random(n) < 0.35, 3] = np.nan
    return X


def numeric(p: int) -> Columns:
    """Numeric columns alone."""
    return Columns(np.zeros(p, dtype=bool), np.zeros(p, dtype=bool))
