"""The beliefs of a space's parameters as functions of its coordinates."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from .beliefs import Belief
from .parameter import Parameter
from .scales import Floats, Scale

_CELLS = 4096  # of the cube, in which a belief is taken for constant when points are drawn from it


@dataclass(frozen=True, eq=False)
class _Column:
    """One column's belief; log weights are relative to the greatest one."""

    index: int
    scale: Scale

    def log_weight(self, coords: Floats) -> Floats:
        """(n,) at coordinates (n,)."""
        raise NotImplementedError

    def slope(self, coords: Floats) -> Floats:
        """(n,) its derivative in the coordinate; 0 where it is constant between levels."""
        return np.zeros(len(coords))

    def drawn(self, cube: Floats) -> Floats:
        """Points (n,) of the cube, distributed by the belief, of evenly distributed ones."""
        raise NotImplementedError


@dataclass(frozen=True, eq=False)
class _Numbers(_Column):
    """A number between two bounds, as if it had no steps."""

    belief: Belief
    low: float
    high: float
    log: bool

    def _values(self, coords: Floats) -> Floats:
        u = np.clip(coords, 0.0, 1.0)
        if self.log:
            return np.asarray(self.low * np.exp(u * math.log(self.high / self.low)))
        return np.asarray(self.low + u * (self.high - self.low))

    def log_weight(self, coords: Floats) -> Floats:
        top = np.clip(self.belief.most_likely, self.low, self.high)
        most = self.belief.log_weight(np.array([top]))
        return np.asarray(self.belief.log_weight(self._values(coords)) - most)

    def slope(self, coords: Floats) -> Floats:
        values = self._values(coords)
        length = values * math.log(self.high / self.low) if self.log else self.high - self.low
        return np.asarray(self.belief.slope(values) * length)

    def drawn(self, cube: Floats) -> Floats:
        edges = np.linspace(0.0, 1.0, _CELLS + 1)
        centers = 0.5 * (edges[1:] + edges[:-1])
        coords = self.scale.from_cube(centers[:, None])[:, 0]
        weights = np.exp(np.maximum(self.log_weight(coords), -600.0))
        share = np.concatenate([[0.0], np.cumsum(weights)])
        return np.asarray(np.interp(cube, share / share[-1], edges))


@dataclass(frozen=True, eq=False)
class _Levels(_Column):
    """Listed values with weights (k,)."""

    weights: Floats

    def log_weight(self, coords: Floats) -> Floats:
        with np.errstate(divide="ignore"):
            logs = np.log(self.weights / self.weights.max())
        return np.asarray(logs[self.scale.to_rows(coords[:, None])[:, 0].astype(np.int64)])

    def drawn(self, cube: Floats) -> Floats:
        share = np.cumsum(self.weights) / self.weights.sum()
        index = np.minimum(np.searchsorted(share, cube, side="right"), len(share) - 1)
        return np.asarray((index + 0.5) / len(share))  # each level has an equal part of the cube


class BeliefColumns:
    """What is believed of the best point, column by column, independently."""

    def __init__(self, columns: Sequence[str], parameters: Mapping[str, Parameter]) -> None:
        self._columns = [
            _column(j, parameters[name])
            for j, name in enumerate(columns)
            if parameters[name].prior is not None
        ]

    def __bool__(self) -> bool:
        return bool(self._columns)

    def log_weight(self, coords: Floats) -> Floats:
        """Log of how likely points (n, p) are the best, relative to the most likely one: (n,).

        An inactive parameter says nothing.
        """
        total = np.zeros(len(coords))
        for column in self._columns:
            known = ~np.isnan(coords[:, column.index])
            total[known] += column.log_weight(coords[known, column.index])
        return total

    def slopes(self, coords: Floats) -> Floats:
        """The gradient (n, p) of :meth:`log_weight`."""
        slopes = np.zeros(coords.shape)
        for column in self._columns:
            known = ~np.isnan(coords[:, column.index])
            slopes[known, column.index] = column.slope(coords[known, column.index])
        return slopes

    def drawn(self, cube: Floats) -> Floats:
        """Points (n, p) of the cube, distributed by the belief, of evenly distributed ones."""
        points = cube.copy()
        for column in self._columns:
            points[:, column.index] = column.drawn(cube[:, column.index])
        return points


def _column(index: int, parameter: Parameter) -> _Column:
    scale = parameter.scale()
    assert scale is not None  # it has a column
    if isinstance(parameter.prior, Belief):
        low, high = scale.to_rows(np.array([[0.0], [1.0]]))[:, 0].tolist()
        log = bool(getattr(parameter, "log", False))
        return _Numbers(index, scale, parameter.prior, low, high, log)
    return _Levels(index, scale, np.array(parameter.prior, dtype=np.float64))
