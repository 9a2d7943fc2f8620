"""One column's part of a linear constraint's sum."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from .scales import Floats, Scale, clip

_FEW_LEVELS = 512  # columns of more levels are placed as continuous ones, then rounded


@dataclass(frozen=True, eq=False)
class Term:
    """One column's part of the sum.

    Attributes
    ----------
    column : its index in the space.
    coefficient : not 0.
    scale : the column alone.
    listed : (v,) the number that each level of a listed column stands for; None where rows hold
        the number itself.
    """

    column: int
    coefficient: float
    scale: Scale
    listed: Floats | None

    def of(self, coords: Floats) -> Floats:
        """Contributions (n,) of coordinates (n,)."""
        rows = self.scale.to_rows(coords[:, None])[:, 0]
        numbers = rows if self.listed is None else self.listed[rows.astype(np.int64)]
        return np.asarray(self.coefficient * numbers)

    def coords(self, contributions: Floats) -> Floats:
        """The nearest coordinates (n,), not yet on a level, of contributions (n,)."""
        numbers = contributions / self.coefficient
        if self.listed is None:
            inside = clip(numbers, *sorted(self.ends / self.coefficient))
            return np.asarray(clip(self.scale.to_coords(inside[:, None])[:, 0], 0.0, 1.0))
        nearest = np.abs(numbers[:, None] - self.listed).argmin(axis=1)
        return np.asarray(self.scale.to_coords(nearest[:, None].astype(float))[:, 0])

    def smooth(self, coords: Floats) -> Floats:
        """Contributions (n,) of coordinates (n,), of many levels as if they were continuous."""
        if self.is_continuous:
            return self.of(coords)
        low, high = sorted(self.ends / self.coefficient)
        return np.asarray(self.coefficient * (low + coords * (high - low)))

    @cached_property
    def ends(self) -> Floats:
        """Least and greatest contribution (2,)."""
        if self.listed is not None:
            every = self.coefficient * self.listed
            return np.array([every.min(), every.max()])
        both = self.of(np.array([0.0, 1.0]))
        return np.sort(both)

    @cached_property
    def level_coords(self) -> Floats:
        """Coordinates (v,) of all levels; none where there are too many to list."""
        few = self.scale.n_levels[0] <= _FEW_LEVELS
        return np.asarray(self.scale.levels()) if few else np.empty(0)

    @property
    def is_continuous(self) -> bool:
        """Whether every contribution between the ends exists."""
        return bool(np.isinf(self.scale.n_levels[0]))
