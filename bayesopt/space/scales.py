"""How the columns of a space are measured: natural values, coordinates, unit cube.

A scale holds one or several columns of a kind; its fields have the shape (c,), what it maps has
the shape (n, c). NaN stands for an inactive value and passes through every map.

======== =====================================================================================
rows     natural values; index of the choice for choices
coords   what a model sees: [0, 1], or the index of an unordered choice
cube     any point of [0, 1]^c; equal volumes are equally likely
======== =====================================================================================
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import fields
from typing import ClassVar, Self

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

DUPLICATE = 1e-9  # two points nearer than this in every coordinate are one point


def array(*values: float) -> Floats:
    """Make the (c,) float64 field of a scale."""
    return np.array(values, dtype=np.float64)


def clip(values: Floats, low: float | Floats, high: float | Floats) -> Floats:
    """Bring values into [low, high]; NaN stays."""
    return np.minimum(np.maximum(values, low), high)  # a third of the time of np.clip


class Scale(ABC):
    """Maps between the three forms of some columns; see the module for the forms.

    Attributes
    ----------
    stacks : whether columns of this class can be joined into one scale; else :meth:`stack` gets
        one at a time.
    """

    stacks: ClassVar[bool] = True

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
