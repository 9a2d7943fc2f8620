"""From coordinates to what the covariance measures distances on.

A numeric column becomes one feature, its centred coordinate. A *conditional* numeric column
becomes two: the centred coordinate and an activity, both 0 where the parameter is inactive.
Distances are Euclidean in this embedding, so the covariance is positive definite by construction
(unlike "a constant distance when one of the two is inactive", whose matrix has negative
eigenvalues); the activity's height is such that an active and an inactive point are, on average,
as far apart as two uniformly drawn active ones. An inactive category is one more label.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

# E|u - u'|^2 = 1/6 for two uniform coordinates; E|u - 1/2|^2 = 1/12 leaves 1/12 for the activity
_ACTIVITY = np.sqrt(1.0 / 12.0)


@dataclass(frozen=True, eq=False)
class Columns:
    """The kinds of a space's p columns: all a surrogate needs to know of the space.

    Attributes
    ----------
    categorical : (p,) bool, coordinates are category codes.
    conditional : (p,) bool, may be inactive (NaN).
    names : of the columns, for reports; empty where nobody said.
    """

    categorical: NDArray[np.bool_]
    conditional: NDArray[np.bool_]
    names: tuple[str, ...] = ()

    @cached_property
    def numeric(self) -> Integers:
        """(g,) indices of the numeric columns; each has a lengthscale."""
        return np.flatnonzero(~self.categorical).astype(np.int64)

    @cached_property
    def categories(self) -> Integers:
        """(h,) indices of the categorical columns; each has a weight."""
        return np.flatnonzero(self.categorical).astype(np.int64)

    @cached_property
    def kept(self) -> dict[Any, Any]:
        """What was made of these columns before and would be made the same way again."""
        return {}

    @cached_property
    def _switched(self) -> Integers:
        """(k,) positions among the numeric columns of those that are conditional."""
        return np.flatnonzero(self.conditional[self.numeric]).astype(np.int64)

    @cached_property
    def lengthscale_of(self) -> Integers:
        """(q,) for each feature the position of its lengthscale among the numeric columns."""
        return np.concatenate([np.arange(len(self.numeric)), self._switched]).astype(np.int64)

    def features(self, coords: Floats) -> tuple[Floats, Integers]:
        """Features (B, q) and category codes (B, h) of coordinates (B, p)."""
        u = coords[:, self.numeric] - 0.5
        codes = coords[:, self.categories]
        if self.conditional.any():
            switched = u[:, self._switched]
            activity = np.where(np.isnan(switched), 0.0, _ACTIVITY)
            u = np.concatenate([np.where(np.isnan(u), 0.0, u), activity], axis=1)
            codes = np.where(np.isnan(codes), -1.0, codes)
        return np.ascontiguousarray(u), np.ascontiguousarray(codes, dtype=np.int64)

    def pullback(self, coords: Floats, slopes: Floats) -> Floats:
        """Gradients (B, p) in the coordinates from gradients (B, q) in the features.

        Zero for categorical and inactive columns.
        """
        gradient = np.zeros(coords.shape)
        gradient[:, self.numeric] = slopes[:, : len(self.numeric)]
        gradient[np.isnan(coords)] = 0.0
        return gradient
