"""Functions whose Sobol' indices are known, and runs that have seen them."""

import math

import numpy as np

import bayesopt as bo
from bayesopt.space.sobol import sobol_points

PI = math.pi
ISHIGAMI = bo.Space({f"x{i}": bo.Float(-PI, PI) for i in range(3)})
ISHIGAMI_FIRST, ISHIGAMI_TOTAL = [0.3139, 0.4424, 0.0], [0.5576, 0.4424, 0.2437]

A = [0.0, 1.0, 4.5, 9.0]
SOBOL_G = bo.Space({f"x{i}": bo.Float(0, 1) for i in range(len(A))})


def ishigami(p):
    """Ishigami & Homma 1990 with a = 7, b = 0.1."""
    x = [p[f"x{i}"] for i in range(3)]
    return math.sin(x[0]) + 7 * math.sin(x[1]) ** 2 + 0.1 * x[2] ** 4 * math.sin(x[0])


def sobol_g(p):
    return math.prod((abs(4 * p[f"x{i}"] - 2) + a) / (1 + a) for i, a in enumerate(A))


def sobol_g_indices():
    own = np.array([1 / (3 * (1 + a) ** 2) for a in A])
    whole = np.prod(1 + own) - 1
    total = [own[j] * np.prod(np.delete(1 + own, j)) / whole for j in range(len(A))]
    return own / whole, np.array(total)


MIXED = bo.Space(
    x=bo.Float(1e-3, 1.0, log=True), k=bo.Int(0, 3), c=bo.Categorical(["u", "v", "w"])
)
SLOPE = {"u": 0.0, "v": 1.0, "w": 3.0}


def mixed(p):
    u = 1.0 + math.log10(p["x"]) / 3.0
    return 2 * u + p["k"] / 3 + SLOPE[p["c"]] * u


def mixed_indices():
    """By integrals over the whole grid of its values, with Gauss-Legendre nodes along x."""
    nodes, weights = np.polynomial.legendre.leggauss(16)
    u = (nodes + 1) / 2
    f = 2 * u[:, None, None] + np.arange(4)[:, None] / 3 + np.array([0, 1, 3]) * u[:, None, None]
    shares = [weights / 2, np.full(4, 0.25), np.full(3, 1 / 3)]
    w = np.einsum("i,j,k->ijk", *shares)
    mean = (w * f).sum()
    whole = (w * (f - mean) ** 2).sum()

    def variance_of_mean(kept):
        gone = tuple(set(range(3)) - set(kept))
        inside = (w * f).sum(axis=gone, keepdims=True) / w.sum(axis=gone, keepdims=True)
        return (w * (inside - mean) ** 2).sum() / whole

    first = [variance_of_mean([j]) for j in range(3)]
    return first, [1 - variance_of_mean([k for k in range(3) if k != j]) for j in range(3)]


CONDITIONAL = bo.Space(
    kind=bo.Categorical(["a", "b"]), y=bo.Float(0, 1, when={"kind": "a"}), x=bo.Float(0, 1)
)


def conditional(p):
    """kind and y matter together: 3 y where kind is a; x adds to it."""
    return 3 * p.get("y", 0.0) + p["x"]


# Var E[.|kind] = .75², Var E[.|y] = 9/48, Var x = 1/12, kind with y the rest of 1.5 - .75²
_PARTS = np.array([0.5625, 0.1875, 1 / 12])
_WITH = 0.9375 - 0.75
CONDITIONAL_FIRST = _PARTS / (_PARTS.sum() + _WITH)
CONDITIONAL_TOTAL = (_PARTS + np.array([_WITH, _WITH, 0.0])) / (_PARTS.sum() + _WITH)


def seen(space, objective, n, seed=0, **options):
    """A run that was given n Sobol' points of a function."""
    log2_n = math.ceil(math.log2(n))
    cube = sobol_points(space.n_columns, log2_n, np.random.default_rng(seed))[:n]
    rows = space.to_rows(space.from_cube(cube))
    optimizer = bo.Optimizer(space, seed=seed, **options)
    points = [space.decode(row) for row in rows]
    optimizer.add_observations([(p, objective(p)) for p in points])
    return optimizer


def by_name(importance, space):
    """First-order and total indices (p,) in the order of the columns."""
    found = {e.name: e for e in importance.parameters}
    effects = [found[name] for name in space.columns]
    return np.array([e.first for e in effects]), np.array([e.total for e in effects])
