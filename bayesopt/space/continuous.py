"""Scales of continuous columns: linear, logarithmic, and of one's own."""

# ruff: noqa: D102 - what the maps do is said once, in Scale

from __future__ import annotations

import math
from abc import abstractmethod
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from .scales import DUPLICATE, Floats, Scale, clip


class Continuous(Scale):
    """What all continuous scales share."""

    low: Floats
    high: Floats

    @property
    @abstractmethod
    def _resolution(self) -> Floats:
        """Distance (c,) in coordinates between neighbouring floats."""

    @cached_property
    def _coarse(self) -> NDArray[np.bool_] | None:
        # Where floats lie further apart than duplicates may, only those floats are coordinates.
        coarse = np.asarray(self._resolution > 0.01 * DUPLICATE)
        return coarse if coarse.any() else None

    @property
    def n_levels(self) -> Floats:
        return np.full(self.low.shape, math.inf)

    @property
    def tolerance(self) -> Floats:
        return np.full(self.low.shape, DUPLICATE)

    def from_cube(self, cube: Floats) -> Floats:
        return self.snap(cube)

    def snap(self, coords: Floats) -> Floats:
        clipped = clip(coords, 0.0, 1.0)
        if self._coarse is None:
            return clipped
        return np.where(self._coarse, self.to_coords(self.to_rows(clipped)), clipped)


@dataclass(frozen=True, eq=False)
class Linear(Continuous):
    """Continuous on [low, high]."""

    low: Floats
    high: Floats

    @property
    def _resolution(self) -> Floats:
        ulp = np.spacing(np.maximum(np.abs(self.low), np.abs(self.high)))
        return np.asarray(ulp / (self.high - self.low))

    def to_coords(self, rows: Floats) -> Floats:
        return (rows - self.low) / (self.high - self.low)

    def to_rows(self, coords: Floats) -> Floats:
        inside = self.low + clip(coords, 0.0, 1.0) * (self.high - self.low)
        return np.where(coords >= 1, self.high, np.minimum(inside, self.high))


@dataclass(frozen=True, eq=False)
class Log(Continuous):
    """Continuous on [low, high], low > 0, even in the logarithm."""

    low: Floats
    high: Floats

    @cached_property
    def _log_low(self) -> Floats:
        return np.log(self.low)

    @cached_property
    def _near(self) -> NDArray[np.bool_] | None:
        near = np.asarray(np.log(self.high) - self._log_low < 1)
        return near if near.any() else None

    @cached_property
    def _length(self) -> Floats:
        return self._log_ratio(self.high)

    @property
    def _resolution(self) -> Floats:
        return np.asarray(np.finfo(float).eps / self._length)

    def _log_ratio(self, rows: Floats) -> Floats:
        """log(rows / low), without cancellation on short ranges nor overflow on long ones."""
        far = np.log(rows) - self._log_low
        if self._near is None:
            return far
        with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
            return np.where(self._near, np.log1p((rows - self.low) / self.low), far)

    def to_coords(self, rows: Floats) -> Floats:
        return self._log_ratio(rows) / self._length

    def to_rows(self, coords: Floats) -> Floats:
        reach = clip(coords, 0.0, 1.0) * self._length
        rows = np.exp(self._log_low + reach)
        if self._near is not None:
            short = np.where(self._near, reach, 0.0)
            rows = np.where(self._near, self.low + self.low * np.expm1(short), rows)
        ends = np.where(coords >= 1, self.high, rows)
        return clip(np.where(coords <= 0, self.low, ends), self.low, self.high)
