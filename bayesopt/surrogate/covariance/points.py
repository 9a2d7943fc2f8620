"""Points as the factors of a covariance take them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(eq=False)  # not frozen: made at each prediction, and a frozen one takes longer
class Points:
    """Features and category codes of n points, at given hyperparameters.

    Kept scaled by the lengthscales of the covariance's leading term: that is what the compiled
    kernels take.

    Attributes
    ----------
    z : (n, q) scaled features.
    codes : (n, h) category codes.
    scale : (q,) what the features were divided by.
    """

    z: Floats
    codes: Integers
    scale: Floats
    _exact: Floats | None = None
    _cache: dict[object, Any] | None = None

    def __len__(self) -> int:
        return len(self.z)

    @cached_property
    def features(self) -> Floats:
        """(n, q) unscaled."""
        return self.z * self.scale if self._exact is None else self._exact

    @cached_property
    def transposed(self) -> tuple[Floats, Integers]:
        """Scaled features (q, n) and codes (h, n)."""
        return np.ascontiguousarray(self.z.T), np.ascontiguousarray(self.codes.T)

    def cached(self, key: object, make: Callable[[], Any]) -> Any:
        """What a factor has made of these points before, or makes now."""
        if self._cache is None:
            self._cache = {}
        if key not in self._cache:
            self._cache[key] = make()
        return self._cache[key]

    def rounded(self) -> Points:
        """The same without the exact features."""
        return Points(self.z, self.codes, self.scale)

    def joined(self, others: Points) -> Points:
        """These points and others behind them."""
        z, codes = np.concatenate([self.z, others.z]), np.concatenate([self.codes, others.codes])
        return Points(z, codes, self.scale)
