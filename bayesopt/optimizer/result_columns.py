"""Numbers out of a run's results, each read once: an ask does not go through all trials."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


class ResultColumns:
    """One column of numbers for each thing that is asked of the results.

    A column only grows. Where a result is withdrawn, begin with a new object.
    """

    def __init__(self) -> None:
        self._kept: dict[Hashable, Floats] = {}
        self._filled: dict[Hashable, int] = {}

    def column(
        self, name: Hashable, trials: Sequence[int], read: Callable[[int], float | None]
    ) -> Floats:
        """(len(trials),) numbers; NaN for None.

        Parameters
        ----------
        name : of the column: the same name always stands for the same ``read``.
        trials : numbers of the trials with a result; those of the last call and newer ones.
        read : a trial's number to the number in the column.
        """
        n, done = len(trials), self._filled.get(name, 0)
        values = self._kept.get(name)
        if values is None or n > len(values):
            grown = np.empty(max(16, 2 * n))
            grown[:done] = () if values is None else values[:done]
            values = self._kept[name] = grown
        if done < n:
            # NumPy makes NaN of None
            values[done:n] = np.array([read(number) for number in trials[done:n]], dtype=float)
            self._filled[name] = n
        return values[:n].copy()
