"""What is observed: values of a function and some of its derivatives, one number a row."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from bayesopt.surrogate.features import Columns

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Mask = NDArray[np.bool_]

VALUE = -1


@dataclass(frozen=True, eq=False)
class Rows:
    """N numbers at n points, in standardised units; those of one point are neighbours.

    Attributes
    ----------
    coords : (n, p) the points.
    at : (N,) the row's point.
    of : (N,) the numeric column, counted among the numeric ones, that a row is the derivative
        with respect to; -1 for a value.
    y : (N,) the numbers.
    noise : (N,) known noise variances, added to the fitted ones.
    """

    coords: Floats
    at: Integers
    of: Integers
    y: Floats
    noise: Floats

    @classmethod
    def observed(
        cls, columns: Columns, coords: Floats, z: Floats, noise: Floats, slopes: Floats
    ) -> Rows:
        """All rows of a set of observations.

        Parameters
        ----------
        z, noise : (n,) standardised values and their known noise variances.
        slopes : (n, p) their derivatives in the coordinates, NaN where unknown.
        """
        table = np.column_stack([z, slopes[:, columns.numeric]])
        for j in columns.numeric[[e is not None for e in _embeddings(columns)]]:
            table[:, 1 + np.searchsorted(columns.numeric, j)] = np.nan
        at, place = np.nonzero(np.isfinite(table))
        known = np.where(place == 0, noise[at], 0.0)
        return cls(
            coords, at.astype(np.int64), place.astype(np.int64) - 1, table[at, place], known
        )

    def __len__(self) -> int:
        return len(self.at)

    @cached_property
    def pairs(self) -> Integers:
        """(N, 2) ``at`` and ``of``, as the kernels take them."""
        return np.column_stack([self.at, self.of])

    @property
    def values(self) -> Mask:
        """(N,) whether a row is a value."""
        return np.asarray(self.of == VALUE)

    def some(self, which: Mask) -> Rows:
        """Some of the rows, at the same points."""
        return replace(
            self, at=self.at[which], of=self.of[which], y=self.y[which], noise=self.noise[which]
        )

    def compact(self) -> Rows:
        """The same at those points only that have rows."""
        used, at = np.unique(self.at, return_inverse=True)
        return replace(self, coords=self.coords[used], at=at.reshape(-1).astype(np.int64))

    def at_most(self, limit: int, order: Integers) -> Rows:
        """The most useful rows: values first, then all derivatives of one point after another.

        Parameters
        ----------
        limit : so many rows.
        order : (n,) points, the most useful first.
        """
        if len(self) <= limit:
            return self
        rank = np.empty(len(order), dtype=np.int64)
        rank[order] = np.arange(len(order))
        first = np.lexsort((rank[self.at], ~self.values))[:limit]
        which = np.zeros(len(self), dtype=bool)
        which[first] = True
        return self.some(which)

    def with_values(self, coords: Floats, y: Floats, noise: Floats) -> Rows:
        """Values y (q,) at further points (q, p)."""
        new = len(self.coords) + np.arange(len(coords), dtype=np.int64)
        return Rows(
            np.concatenate([self.coords, coords]),
            np.concatenate([self.at, new]),
            np.concatenate([self.of, np.full(len(coords), VALUE)]),
            np.concatenate([self.y, y]),
            np.concatenate([self.noise, noise]),
        )


def _embeddings(columns: Columns) -> list[object]:
    return [columns.embeddings[j] if columns.embeddings else None for j in columns.numeric]
