"""A term's own formula as a factor; derivatives it does not give are central differences."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bayesopt.compiled import floats, pairs
from bayesopt.surrogate.covariance.base import CovarianceTerm, MixedPoints
from bayesopt.surrogate.covariance.factors import Factor, Subset, Values
from bayesopt.surrogate.covariance.points import Points

Floats = NDArray[np.float64]

_STEP = 6e-6  # near the cube root of the rounding error: the best for central differences
_PART = 200_000  # numbers in a temporary: more are not kept in the caches


@dataclass(frozen=True, eq=False)
class Formula(Factor):
    """A term over given columns.

    Attributes
    ----------
    term : its formula.
    subset : what it reads.
    places : of its hyperparameters in θ, by the names the formula uses.
    spread : of these, which columns of the formula's coordinates each number of one per parameter
        belongs to: (q,) or (h,) positions; None for a single number.
    """

    term: CovarianceTerm
    subset: Subset
    places: Mapping[str, slice]
    spread: Mapping[str, NDArray[np.int64] | None]

    def values(
        self, theta: Floats, a: Points, b: Points, variance: float, *, lower: bool = False
    ) -> FormulaValues:
        """By the formula, a few rows at a time."""
        x, y, own = self._coordinates(a), self._coordinates(b), self.own(theta)
        K = self.evaluate(own, x, y)
        K *= variance
        return FormulaValues(self, own, x, y, variance, (len(a), a.z.shape[1]), K)

    def diagonal(self, theta: Floats, a: Points) -> Floats:
        """By the formula."""
        x, own = self._coordinates(a), self.own(theta)
        if self.term.pair is not None:
            k = np.empty(len(a))
            pairs.fill_diagonal(self.term.pair, x, self._row(own), k)
            return k
        k = self.term.value(_first(x), _first(x), **self.arguments(own))
        return np.asarray(np.broadcast_to(k, (len(a), 1))[:, 0], dtype=float)

    def own(self, theta: Floats) -> dict[str, Floats]:
        """The term's hyperparameters (size,) by name."""
        return {name: theta[place] for name, place in self.places.items()}

    def arguments(self, own: Mapping[str, Floats]) -> dict[str, Any]:
        """The hyperparameters as the formula takes them."""
        return {name: _argument(own[name], where) for name, where in self.spread.items()}

    def evaluate(self, own: Mapping[str, Floats], x: Any, y: Any) -> Floats:
        """Covariances (n, m)."""
        n, m = _length(x), _length(y)
        K = np.empty((n, m))
        if self.term.pair is not None:
            pairs.fill(self.term.pair, x, y, self._row(own), K)
            return K
        given = self.arguments(own)
        for rows in self.rows(n, m):
            K[rows] = self.term.value(_first(_part(x, rows)), _last(y), **given)
        return K

    def _row(self, own: Mapping[str, Floats]) -> Floats:
        """The hyperparameters in a row, as a compiled function takes them."""
        parts = [np.atleast_1d(v) for v in self.arguments(own).values()]
        return floats(np.concatenate(parts)) if parts else np.empty(0)

    def rows(self, n: int, m: int) -> Iterator[slice]:
        """So many rows at a time that temporaries stay small."""
        step = max(1, _PART // max(m * max(len(self.subset.features), 1), 1))
        return (slice(i, i + step) for i in range(0, n, step))

    def _coordinates(self, a: Points) -> Any:
        """What the formula reads, as rows: (n, q), (n, h) or both."""
        return a.cached(self, lambda: self._read(a))

    def _read(self, a: Points) -> Any:
        features, codes = a.features, a.codes
        if not self.subset.whole:
            features, codes = features[:, self.subset.features], codes[:, self.subset.codes]
        numeric, codes = np.ascontiguousarray(features), np.ascontiguousarray(codes)
        kinds = {"numeric": numeric, "categorical": codes, "mixed": MixedPoints(numeric, codes)}
        return kinds[self.term.reads]


@dataclass(frozen=True, eq=False)
class FormulaValues(Values):
    """Covariances by a formula."""

    factor: Formula
    own: Mapping[str, Floats]
    x: Any
    y: Any
    variance: float
    shape: tuple[int, int]
    K: Floats

    def by_points(self, G: Floats) -> Floats:
        """By the term's ``slopes`` or by differences, one feature after another."""
        f, out = self.factor, np.zeros(self.shape)
        x = self.x.numeric if isinstance(self.x, MixedPoints) else self.x
        if f.term.reads == "categorical" or not x.shape[1]:
            return out
        found = self._by_slopes(G)
        if found is None:
            found = np.column_stack([self._by_feature(G, x, j) for j in range(x.shape[1])])
        out[:, f.subset.features] = self.variance * found
        return out

    def _by_slopes(self, G: Floats) -> Floats | None:
        f, found = self.factor, []
        if f.term.pair is not None:
            return None
        for rows in f.rows(*G.shape):
            given = f.term.slopes(
                _first(_part(self.x, rows)), _last(self.y), **f.arguments(self.own)
            )
            if given is None:
                return None
            found.append(np.einsum("bn,bnf->bf", G[rows], given))
        return np.concatenate(found) if found else None

    def _by_feature(self, G: Floats, x: Floats, j: int) -> Floats:
        ends = []
        for sign in (1.0, -1.0):
            moved = x.copy()
            moved[:, j] += sign * _STEP
            at = self.x._replace(numeric=moved) if isinstance(self.x, MixedPoints) else moved
            ends.append(self.factor.evaluate(self.own, at, self.y))
        return np.asarray((G * (ends[0] - ends[1])).sum(axis=1) / (2.0 * _STEP))

    def by_theta(self, G: Floats, out: Floats) -> None:
        """By the term's ``gradients`` or by differences, one number after another."""
        f, given = self.factor, self._by_gradients(G)
        for name, place in f.places.items():
            if given is not None:
                found = given[name] * self.own[name]
            else:
                found = np.array([self._by_number(G, name, i) for i in range(len(self.own[name]))])
            out[place] += self.variance * found

    def _by_gradients(self, G: Floats) -> dict[str, Floats] | None:
        f = self.factor
        if f.term.pair is not None:
            return None
        totals = {name: np.zeros(len(numbers)) for name, numbers in self.own.items()}
        for rows in f.rows(*G.shape):
            given = f.term.gradients(
                _first(_part(self.x, rows)), _last(self.y), **f.arguments(self.own)
            )
            if given is None:
                return None
            for name in totals:
                totals[name] += self._summed(G[rows], given[name], name)
        return totals

    def _summed(self, G: Floats, given: Floats, name: str) -> Floats:
        where = self.factor.spread[name]
        if where is None:
            return np.atleast_1d((G * given).sum())
        by_column = np.einsum("bn,bnf->f", G, np.broadcast_to(given, (*G.shape, len(where))))
        return np.asarray(np.bincount(where, by_column, minlength=len(self.own[name])), float)

    def _by_number(self, G: Floats, name: str, i: int) -> float:
        """In the logarithm of one number."""
        ends = []
        for step in (_STEP, -_STEP):
            moved = self.own[name].copy()
            moved[i] *= np.exp(step)
            ends.append(self.factor.evaluate({**self.own, name: moved}, self.x, self.y))
        return float((G * (ends[0] - ends[1])).sum() / (2.0 * _STEP))


def _argument(numbers: Floats, where: NDArray[np.int64] | None) -> Any:
    return float(numbers[0]) if where is None else numbers[where]


def _length(x: Any) -> int:
    return len(x.numeric) if isinstance(x, MixedPoints) else len(x)


def _part(x: Any, rows: slice) -> Any:
    return _each(x, lambda part: part[rows])


def _first(x: Any) -> Any:
    return _each(x, lambda part: part[:, None, :])


def _last(x: Any) -> Any:
    return _each(x, lambda part: part[None, :, :])


def _each(x: Any, do: Callable[[Any], Any]) -> Any:
    return MixedPoints(do(x.numeric), do(x.codes)) if isinstance(x, MixedPoints) else do(x)
