"""Sobol' indices of a cheap function by quasi-Monte Carlo.

The parameters are independent coordinates of the unit cube: a conditional parameter has one too,
which does nothing where it is inactive. So its index is weighed by how often it is active.

Source: Jansen 1999, Computer Physics Communications 117, 35; Saltelli et al. 2010, Computer
Physics Communications 181, 259, table 2.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from bayesopt.space import Space
from bayesopt.space.sobol import sobol_points

Floats = NDArray[np.float64]
Value = Callable[[Floats], Floats]  # coordinates (B, p) -> values (B,)

_SEED = 0
_ALMOST_ONE = np.nextafter(1.0, 0.0)
_BINS = 32


@dataclass(frozen=True, eq=False)
class Indices:
    """Shares of a function's variance.

    Attributes
    ----------
    first : (p,) what each parameter explains by itself.
    total : (p,) what is left unexplained where all others are known: its interactions included.
    pairs : (j, k) -> what two parameters explain together beyond what each does.
    variance : of the function.
    """

    first: Floats
    total: Floats
    pairs: dict[tuple[int, int], float]
    variance: float


@dataclass(frozen=True, eq=False)
class Sample:
    """Two independent sets of N points of the unit cube (N, p), and the coordinates they mean."""

    space: Space
    a: Floats
    b: Floats

    @classmethod
    def of(cls, space: Space, log2_n: int) -> Sample:
        """2**log2_n scrambled Sobol' points each; always the same."""
        p = space.n_columns
        cube = sobol_points(2 * p, log2_n, np.random.default_rng(_SEED))
        cube = np.minimum(cube, _ALMOST_ONE)
        return cls(space, cube[:, :p], cube[:, p:])

    @property
    def active(self) -> Floats:
        """(p,) the share of the points at which each parameter is active."""
        if not self.space.is_conditional.any():
            return np.ones(self.a.shape[1])
        return np.asarray(self.space.active(self.space.from_cube(self.a)).mean(axis=0))

    def head(self, n: int) -> Sample:
        """The first n points of both."""
        return Sample(self.space, self.a[:n], self.b[:n])

    def spread(self, n: int) -> Floats:
        """Coordinates of n points."""
        return self.space.from_cube(self.a[:n])

    def exchanged(self, columns: Sequence[int]) -> Floats:
        """Coordinates of the first set with some columns from the second."""
        cube = self.a.copy()
        cube[:, list(columns)] = self.b[:, list(columns)]
        return self.space.from_cube(cube)

    def indices(self, value: Value) -> Indices:
        """First-order and total indices."""
        f_a, f_b = value(self.space.from_cube(self.a)), value(self.space.from_cube(self.b))
        p = self.a.shape[1]
        both = np.concatenate([f_a, f_b])
        mean, variance = float(both.mean()), float(both.var())
        if not variance > 1e-24 * max(float(np.abs(f_a).max()), 1e-150) ** 2:
            return Indices(np.zeros(p), np.zeros(p), {}, 0.0)
        first, total = np.empty(p), np.empty(p)
        for j in range(p):
            mixed = value(self.exchanged([j]))
            total[j] = _half_square(f_a, mixed) / variance
            # its error shrinks with the effect: of many parameters most have hardly any
            first[j] = float(np.mean((f_b - mean) * (mixed - f_a))) / variance
        return Indices(first, total, {}, variance)

    def with_pairs(
        self, value: Value, found: Indices, pairs: Iterable[tuple[int, int]]
    ) -> Indices:
        """The indices with those of some pairs."""
        if found.variance == 0.0:
            return replace(found, pairs=dict.fromkeys(pairs, 0.0))
        f_b, beyond = value(self.space.from_cube(self.b)), {}
        for j, k in pairs:
            both = 1.0 - _half_square(f_b, value(self.exchanged([j, k]))) / found.variance
            beyond[j, k] = both - float(found.first[j]) - float(found.first[k])
        return replace(found, pairs=beyond)


@dataclass(frozen=True, eq=False)
class DependentSample:
    """N legal points (N, p) of a space whose parameters depend on each other by constraints.

    First order: the variance of the mean value given the parameter, by means of equally full bins
    (the correlation ratio). Total: half the mean square change when the parameter takes the value
    of another point of the sample and the others give way as little as they must.

    Attributes
    ----------
    coords, others : the points, and the same points in another order.
    """

    space: Space
    coords: Floats
    others: Floats

    @classmethod
    def of(cls, space: Space, log2_n: int) -> DependentSample:
        """Up to 2**log2_n points; always the same."""
        rng = np.random.default_rng(_SEED)
        if space.table is not None:
            rows = rng.permutation(len(space.table))[: 2**log2_n]
            coords = space.table[np.sort(rows)]
        else:
            cube = np.minimum(sobol_points(space.n_columns, log2_n, rng), _ALMOST_ONE)
            coords = space.from_cube(cube)
            coords = coords[space.allowed(coords)]
        return cls(space, coords, coords[rng.permutation(len(coords))])

    @property
    def active(self) -> Floats:
        """(p,) the share of the points at which each parameter is active."""
        if not len(self.coords):
            return np.ones(self.space.n_columns)
        return np.asarray(self.space.active(self.coords).mean(axis=0))

    def spread(self, n: int) -> Floats:
        """Coordinates of n of the points."""
        return self.others[:n]

    def indices(self, value: Value) -> Indices:
        """First-order and total indices; pairs are not told apart here."""
        p = self.space.n_columns
        if len(self.coords) < 2:
            return Indices(np.zeros(p), np.zeros(p), {}, 0.0)
        f = value(self.coords)
        variance = float(f.var())
        if not variance > 1e-24 * max(float(np.abs(f).max()), 1e-150) ** 2:
            return Indices(np.zeros(p), np.zeros(p), {}, 0.0)
        first, total = np.empty(p), np.empty(p)
        for j in range(p):
            first[j] = correlation_ratio(self.coords[:, j], f)
            moved = self.coords.copy()
            moved[:, j] = self.others[:, j]
            moved = self.space.snap(moved)
            legal = self.space.allowed(moved)
            total[j] = _half_square(f[legal], value(moved[legal])) / variance if legal.any() else 0
        return Indices(first, total, {}, variance)


def correlation_ratio(x: Floats, f: Floats) -> float:
    """The share of the variance of f (n,) that x (n,) explains, by at most 32 equally full bins;
    without what bins of noise alone would explain. NaN is a value of its own.
    """
    _, level, counts = np.unique(x, return_inverse=True, return_counts=True)
    if len(counts) > _BINS:
        level = (np.argsort(np.argsort(x, kind="stable"), kind="stable") * _BINS) // len(x)
        counts = np.bincount(level)
    means = np.bincount(level, f - f.mean()) / counts
    n, k, whole = len(f), len(counts), float(f.var())
    between = float(counts @ means**2) / n
    if n <= k or not whole > 0.0:
        return 0.0
    return (between - (k - 1) * (whole - between) / (n - k)) / whole


def _half_square(one: Floats, other: Floats) -> float:
    return 0.5 * float(np.mean((one - other) ** 2))
