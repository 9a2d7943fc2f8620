"""Sobol' indices of a posterior mean in closed form, where the covariance is a product.

The mean is ``c + sum_i alpha_i prod_j k_j(x_j, x_ij)``. Its variance, and that of its conditional
means, are double sums over products of one-dimensional integrals of k_j and of k_j k_j: O(n² d)
(Durrande, Ginsbourger, Roustant & Carraro 2013, J. Multivariate Analysis 115, 57). The integrals
are sums over Gauss-Legendre nodes, or over the levels of a discrete parameter.

The squared exponential is such a product, and so is any covariance of one numeric parameter. A
Matérn function of the distance over several parameters is none.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from bayesopt.sensitivity.estimators import Indices
from bayesopt.space import Space
from bayesopt.surrogate import GaussianProcess
from bayesopt.surrogate.covariance.factors import CompiledFactor
from bayesopt.surrogate.covariance.terms import FAMILIES, radial

Floats = NDArray[np.float64]

_PANELS, _NODES = 8, 16  # of the composite rule: exact far below the least lengthscale
_LARGEST = 1500  # observations: n² numbers for each parameter
_FAMILY = {number: name for name, number in FAMILIES.items()}


def is_product(process: GaussianProcess, space: Space) -> bool:
    """Whether the posterior mean has indices in closed form."""
    bound = process.hyperparameters.covariance
    if len(bound.summands) != 1 or len(bound.summands[0].factors) != 1:
        return False
    factor, columns = bound.summands[0].factors[0], bound.columns
    if not isinstance(factor, CompiledFactor) or not factor.subset.whole:
        return False
    plain = len(columns.lengthscale_of) == len(columns.numeric)  # neither conditional nor embedded
    several = len(columns.numeric) > 1 and _FAMILY[factor.family] != "rbf"
    known = space.table is None and not space.has_constraints and not space.is_conditional.any()
    return plain and not several and known and len(process.points) <= _LARGEST


def product_indices(
    process: GaussianProcess, space: Space, pairs: Iterable[tuple[int, int]] = ()
) -> Indices:
    """First-order and total indices of the mean, and those of some pairs; see
    :func:`is_product`.
    """
    p, alpha = space.n_columns, process.alpha[:, 0]
    means, products = [], []
    for j in range(p):
        values, weights = _column(process, space, j)  # (n, nodes), (nodes,)
        means.append(values @ weights)
        products.append((values * weights) @ values.T)
    outer = [np.outer(m, m) for m in means]
    scale = process.hyperparameters.outputscale
    alpha = alpha * scale

    def second(inside: frozenset[int]) -> float:
        """E[E[f | x_inside]²], the constant apart."""
        product = np.ones((len(alpha), len(alpha)))
        for j in range(p):
            product *= products[j] if j in inside else outer[j]
        return float(alpha @ product @ alpha)

    every = frozenset(range(p))
    squared_mean = second(frozenset())
    variance = second(every) - squared_mean
    if not variance > 1e-10 * abs(squared_mean) or not variance > 1e-14:
        return Indices(np.zeros(p), np.zeros(p), dict.fromkeys(pairs, 0.0), 0.0)
    first = np.array([second(frozenset({j})) - squared_mean for j in range(p)]) / variance
    rest = np.array([second(every - {j}) - squared_mean for j in range(p)]) / variance
    beyond = {
        (j, k): (second(frozenset({j, k})) - squared_mean) / variance - first[j] - first[k]
        for j, k in pairs
    }
    return Indices(first, 1.0 - rest, beyond, variance)


def _column(process: GaussianProcess, space: Space, j: int) -> tuple[Floats, Floats]:
    """One column's factor of the covariance between the data and the nodes (n, m), and the nodes'
    weights (m,), which sum to 1.
    """
    columns, points = process.hyperparameters.covariance.columns, process.points
    nodes, weights = _nodes(space, j)
    at = process.hyperparameters.at
    factor = at.bound.summands[0].factors[0]
    assert isinstance(factor, CompiledFactor)
    if columns.categorical[j]:
        h = np.flatnonzero(columns.categories == j)
        codes = np.empty((len(nodes), len(columns.categories)))
        codes[:] = np.rint(nodes)[:, None]
        unequal = points.codes[:, None, h] != columns.indicators(codes)[None, :, h]
        return np.exp(-(unequal @ factor.label_weights(at.theta)[h])), weights
    g = int(np.flatnonzero(columns.numeric == j)[0])
    z = (nodes - 0.5) / points.scale[g]
    return radial(_FAMILY[factor.family], (points.z[:, g, None] - z) ** 2), weights


def _nodes(space: Space, j: int) -> tuple[Floats, Floats]:
    """Coordinates and weights of a column's uniform distribution."""
    if space.n_levels[j] <= _PANELS * _NODES:
        levels = space.level_coords(j)
        return levels, np.full(len(levels), 1.0 / len(levels))
    x, w = np.polynomial.legendre.leggauss(_NODES)
    starts = np.arange(_PANELS)[:, None] / _PANELS
    return (starts + (x + 1.0) / (2.0 * _PANELS)).ravel(), np.tile(w / (2.0 * _PANELS), _PANELS)
