"""Scales of discrete columns: grids, whole numbers on a logarithm, placed levels, labels."""

# ruff: noqa: D102 - what the maps do is said once, in Scale

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from .continuous import Log
from .scales import DUPLICATE, Floats, Scale, array, clip

_OFF_GRID = 1e-3  # in steps; nearer to a level than this is rounding of the level itself
_EXACT_INDEX = 2.0**50  # above, round-off in index/top*top needs a second look


@dataclass(frozen=True, eq=False)
class Grid(Scale):
    """Levels ``min((base + i * increment) / divisor, high)``, i = 0..top, evenly spaced.

    A decimal grid keeps ``base`` and ``increment`` as whole numbers and divides once, so that
    0.3 is 0.3 and not 0.1 + 0.2.
    """

    base: Floats
    increment: Floats
    divisor: Floats
    top: Floats
    high: Floats

    @property
    def n_levels(self) -> Floats:
        return self.top + 1

    @property
    def tolerance(self) -> Floats:
        return np.minimum(DUPLICATE, 0.25 / np.maximum(self.top, 1))

    def _coords(self, index: Floats) -> Floats:
        return np.where(self.top > 0, index / np.maximum(self.top, 1), 0.5 + 0 * index)

    def _index(self, coords: Floats) -> Floats:
        clipped = clip(coords, 0.0, 1.0)
        index = np.rint(clipped * self.top)
        if (self.top > _EXACT_INDEX).any():
            for step in (-1.0, 1.0):
                other = clip(index + step, 0, self.top)
                nearer = np.abs(self._coords(other) - clipped) < np.abs(
                    self._coords(index) - clipped
                )
                index = np.where(nearer, other, index)
        return index

    def to_coords(self, rows: Floats) -> Floats:
        steps = (rows * self.divisor - self.base) / self.increment
        level = np.rint(steps)
        return self._coords(np.where(np.abs(steps - level) < _OFF_GRID, level, steps))

    def to_rows(self, coords: Floats) -> Floats:
        values = (self.base + self._index(coords) * self.increment) / self.divisor
        return np.minimum(values, self.high)

    def from_cube(self, cube: Floats) -> Floats:
        cell = np.floor(clip(cube, 0.0, 1.0) * (self.top + 1))
        return self._coords(np.minimum(cell, self.top))

    def snap(self, coords: Floats) -> Floats:
        return self._coords(self._index(coords))

    def shift(self, coords: Floats, steps: NDArray[np.int64]) -> Floats:
        return self._coords(clip(self._index(coords) + steps, 0, self.top))

    def levels(self) -> Floats:
        return self._coords(np.arange(self.top[0] + 1))


@dataclass(frozen=True, eq=False)
class LogInteger(Scale):
    """Whole numbers low..high, 1 <= low < high, at their place on the logarithmic scale.

    Above about 1e13 neighbours are nearer to each other than float64 coordinates can tell; such
    a value comes back from its coordinates as one of them, while rows stay exact.
    """

    low: Floats
    high: Floats

    @cached_property
    def _line(self) -> Log:
        return Log(self.low, self.high)

    @property
    def n_levels(self) -> Floats:
        return self.high - self.low + 1

    @property
    def tolerance(self) -> Floats:
        gap = self.to_coords(self.high) - self.to_coords(self.high - 1)
        return np.minimum(DUPLICATE, 0.25 * gap)

    def to_coords(self, rows: Floats) -> Floats:
        return self._line.to_coords(rows)

    def to_rows(self, coords: Floats) -> Floats:
        below = np.floor(self._line.to_rows(coords))
        above = np.minimum(below + 1, self.high)
        halfway = 0.5 * (self.to_coords(above) + self.to_coords(below))
        return np.where(coords > halfway, above, below)

    def from_cube(self, cube: Floats) -> Floats:
        # Each whole number owns the cell between the halves around it.
        start, end = np.log(self.low - 0.5), np.log(self.high + 0.5)
        value = np.rint(np.exp(start + clip(cube, 0.0, 1.0) * (end - start)))
        return self.to_coords(clip(value, self.low, self.high))

    def snap(self, coords: Floats) -> Floats:
        return self.to_coords(self.to_rows(coords))

    def shift(self, coords: Floats, steps: NDArray[np.int64]) -> Floats:
        return self.to_coords(clip(self.to_rows(coords) + steps, self.low, self.high))

    def levels(self) -> Floats:
        return self.to_coords(np.arange(self.low[0], self.high[0] + 1))


@dataclass(frozen=True, eq=False)
class Positions(Scale):
    """One column of levels at given places, ascending in [0, 1]; rows hold the index."""

    places: Floats
    stacks = False  # they differ in number

    @property
    def n_levels(self) -> Floats:
        return array(self.places.size)

    @property
    def tolerance(self) -> Floats:
        return array(min(DUPLICATE, 0.25 * float(np.diff(self.places).min())))

    def to_coords(self, rows: Floats) -> Floats:
        known = ~np.isnan(rows)
        index = np.where(known, rows, 0).astype(np.int64)
        return np.where(known, self.places[index], np.nan)

    def to_rows(self, coords: Floats) -> Floats:
        between = (self.places[1:] + self.places[:-1]) / 2
        index = np.searchsorted(between, coords).astype(np.float64)
        return np.where(np.isnan(coords), np.nan, index)

    def from_cube(self, cube: Floats) -> Floats:
        cell = np.floor(clip(cube, 0.0, 1.0) * self.places.size)
        return self.to_coords(np.minimum(cell, self.places.size - 1))

    def snap(self, coords: Floats) -> Floats:
        return self.to_coords(self.to_rows(coords))

    def shift(self, coords: Floats, steps: NDArray[np.int64]) -> Floats:
        return self.to_coords(clip(self.to_rows(coords) + steps, 0, self.places.size - 1))

    def levels(self) -> Floats:
        return self.places.copy()


@dataclass(frozen=True, eq=False)
class Labels(Scale):
    """Unordered choices; rows and coordinates are the index."""

    count: Floats

    @property
    def n_levels(self) -> Floats:
        return self.count

    @property
    def tolerance(self) -> Floats:
        return np.full(self.count.shape, 0.25)

    def to_coords(self, rows: Floats) -> Floats:
        return rows

    def to_rows(self, coords: Floats) -> Floats:
        return self.snap(coords)

    def from_cube(self, cube: Floats) -> Floats:
        return np.minimum(np.floor(clip(cube, 0.0, 1.0) * self.count), self.count - 1)

    def snap(self, coords: Floats) -> Floats:
        return clip(np.rint(coords), 0, self.count - 1)

    def shift(self, coords: Floats, steps: NDArray[np.int64]) -> Floats:
        return clip(np.rint(coords) + steps, 0, self.count - 1)

    def levels(self) -> Floats:
        return np.arange(self.count[0])
