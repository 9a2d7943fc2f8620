"""How the columns of a space are measured: natural values, coordinates, unit cube.

A scale holds one or several columns of a kind; its fields have the shape (c,), what it maps has
the shape (n, c). NaN stands for an inactive value and passes through every map.

======== =====================================================================================
rows     natural values; index of the choice for choices
coords   what a model sees: [0, 1], or the index of an unordered choice
cube     any point of [0, 1]^c; equal volumes are equally likely
======== =====================================================================================
"""

# ruff: noqa: D102 - what the maps do is said once, in Scale

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Self

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

DUPLICATE = 1e-9  # two points nearer than this in every coordinate are one point
_OFF_GRID = 1e-3  # in steps; nearer to a level than this is rounding of the level itself
_EXACT_INDEX = 2.0**50  # above, round-off in index/top*top needs a second look


def array(*values: float) -> Floats:
    """Make the (c,) float64 field of a scale."""
    return np.array(values, dtype=np.float64)


class Scale(ABC):
    """Maps between the three forms of some columns; see the module for the forms."""

    @property
    @abstractmethod
    def n_levels(self) -> Floats:
        """Number of distinct values of each column (c,); inf when continuous."""

    @property
    @abstractmethod
    def tolerance(self) -> Floats:
        """Distance (c,) in coordinates within which two values are the same one."""

    @abstractmethod
    def to_coords(self, rows: Floats) -> Floats:
        """Coordinates of natural values; values out of bounds land outside [0, 1]."""

    @abstractmethod
    def to_rows(self, coords: Floats) -> Floats:
        """Nearest legal natural values."""

    @abstractmethod
    def from_cube(self, cube: Floats) -> Floats:
        """Legal coordinates of points of the unit cube."""

    @abstractmethod
    def snap(self, coords: Floats) -> Floats:
        """Nearest legal coordinates."""

    def shift(self, coords: Floats, steps: NDArray[np.int64]) -> Floats:
        """Move by whole levels, stopping at the ends."""
        raise ValueError("a continuous parameter has no levels to move by")

    def levels(self) -> Floats:
        """Coordinates of all levels of a single discrete column, ascending."""
        raise ValueError("a continuous parameter has no levels")

    @classmethod
    def stack(cls, scales: Sequence[Self]) -> Self:
        """Join scales of this class into one with all their columns."""
        names = [field.name for field in fields(cls)]  # type: ignore[arg-type]
        return cls(*(np.concatenate([getattr(s, name) for s in scales]) for name in names))


@dataclass(frozen=True, eq=False)
class Linear(Scale):
    """Continuous on [low, high]."""

    low: Floats
    high: Floats

    @cached_property
    def _narrow(self) -> NDArray[np.bool_]:
        # Floats near the bounds lie further apart than duplicates may: only those floats count.
        ulp = np.spacing(np.maximum(np.abs(self.low), np.abs(self.high)))
        return np.asarray(ulp > 0.01 * DUPLICATE * (self.high - self.low))

    @property
    def n_levels(self) -> Floats:
        return np.full(self.low.shape, math.inf)

    @property
    def tolerance(self) -> Floats:
        return np.full(self.low.shape, DUPLICATE)

    def to_coords(self, rows: Floats) -> Floats:
        return (rows - self.low) / (self.high - self.low)

    def to_rows(self, coords: Floats) -> Floats:
        inside = np.minimum(self.low + np.clip(coords, 0, 1) * (self.high - self.low), self.high)
        return np.where(coords >= 1, self.high, inside)

    def from_cube(self, cube: Floats) -> Floats:
        return self.snap(cube)

    def snap(self, coords: Floats) -> Floats:
        clipped = np.clip(coords, 0, 1)
        if not self._narrow.any():
            return clipped
        return np.where(self._narrow, self.to_coords(self.to_rows(clipped)), clipped)


@dataclass(frozen=True, eq=False)
class Log(Scale):
    """Continuous on [low, high], low > 0, even in the logarithm."""

    low: Floats
    high: Floats

    @cached_property
    def _near(self) -> NDArray[np.bool_]:
        return np.asarray(np.log(self.high) - np.log(self.low) < 1)

    @cached_property
    def _length(self) -> Floats:
        return self._log_ratio(self.high)

    @cached_property
    def _narrow(self) -> NDArray[np.bool_]:
        return np.asarray(np.finfo(float).eps > 0.01 * DUPLICATE * self._length)

    def _log_ratio(self, rows: Floats) -> Floats:
        """log(rows / low), without cancellation on short ranges nor overflow on long ones."""
        far = np.log(rows) - np.log(self.low)
        if not self._near.any():
            return far
        with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
            return np.where(self._near, np.log1p((rows - self.low) / self.low), far)

    @property
    def n_levels(self) -> Floats:
        return np.full(self.low.shape, math.inf)

    @property
    def tolerance(self) -> Floats:
        return np.full(self.low.shape, DUPLICATE)

    def to_coords(self, rows: Floats) -> Floats:
        return self._log_ratio(rows) / self._length

    def to_rows(self, coords: Floats) -> Floats:
        reach = np.clip(coords, 0, 1) * self._length
        rows = np.exp(np.log(self.low) + reach)
        if self._near.any():
            near = self.low + self.low * np.expm1(np.where(self._near, reach, 0.0))
            rows = np.where(self._near, near, rows)
        rows = np.clip(rows, self.low, self.high)
        return np.where(coords <= 0, self.low, np.where(coords >= 1, self.high, rows))

    def from_cube(self, cube: Floats) -> Floats:
        return self.snap(cube)

    def snap(self, coords: Floats) -> Floats:
        clipped = np.clip(coords, 0, 1)
        if not self._narrow.any():
            return clipped
        return np.where(self._narrow, self.to_coords(self.to_rows(clipped)), clipped)


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
        clipped = np.clip(coords, 0, 1)
        index = np.rint(clipped * self.top)
        if (self.top > _EXACT_INDEX).any():
            for step in (-1.0, 1.0):
                other = np.clip(index + step, 0, self.top)
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
        cell = np.floor(np.clip(cube, 0, 1) * (self.top + 1))
        return self._coords(np.minimum(cell, self.top))

    def snap(self, coords: Floats) -> Floats:
        return self._coords(self._index(coords))

    def shift(self, coords: Floats, steps: NDArray[np.int64]) -> Floats:
        return self._coords(np.clip(self._index(coords) + steps, 0, self.top))

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
        nearer = np.abs(self.to_coords(above) - coords) < np.abs(self.to_coords(below) - coords)
        return np.where(nearer, above, below)

    def from_cube(self, cube: Floats) -> Floats:
        # Each whole number owns the cell between the halves around it.
        start, end = np.log(self.low - 0.5), np.log(self.high + 0.5)
        value = np.rint(np.exp(start + np.clip(cube, 0, 1) * (end - start)))
        return self.to_coords(np.clip(value, self.low, self.high))

    def snap(self, coords: Floats) -> Floats:
        return self.to_coords(self.to_rows(coords))

    def shift(self, coords: Floats, steps: NDArray[np.int64]) -> Floats:
        return self.to_coords(np.clip(self.to_rows(coords) + steps, self.low, self.high))

    def levels(self) -> Floats:
        return self.to_coords(np.arange(self.low[0], self.high[0] + 1))


@dataclass(frozen=True, eq=False)
class Positions(Scale):
    """One column of levels at given places, ascending in [0, 1]; rows hold the index."""

    places: Floats

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
        cell = np.floor(np.clip(cube, 0, 1) * self.places.size)
        return self.to_coords(np.minimum(cell, self.places.size - 1))

    def snap(self, coords: Floats) -> Floats:
        return self.to_coords(self.to_rows(coords))

    def shift(self, coords: Floats, steps: NDArray[np.int64]) -> Floats:
        return self.to_coords(np.clip(self.to_rows(coords) + steps, 0, self.places.size - 1))

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
        return np.minimum(np.floor(np.clip(cube, 0, 1) * self.count), self.count - 1)

    def snap(self, coords: Floats) -> Floats:
        return np.clip(np.rint(coords), 0, self.count - 1)

    def shift(self, coords: Floats, steps: NDArray[np.int64]) -> Floats:
        return np.clip(np.rint(coords) + steps, 0, self.count - 1)

    def levels(self) -> Floats:
        return np.arange(self.count[0])
