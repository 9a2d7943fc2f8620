"""How probable it is that points keep to the outcome constraints."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bayesopt import checks
from bayesopt.compiled import blas_threads
from bayesopt.optimizer.queries import RunQueries

Floats = NDArray[np.float64]


class RunProbabilities(RunQueries):
    """The method of :class:`~bayesopt.Optimizer` that asks for probabilities."""

    def feasibility(self, points: Mapping[str, Any] | Iterable[Mapping[str, Any]]) -> Floats:
        """(B,) the probability that evaluating a point succeeds and keeps to all outcome
        constraints, by the model; noise is not regarded.

        Constraints are taken to be independent. One that no result has is left out.

        Raises
        ------
        TypeError, ValueError : for what is no point.
        """
        given = checks.points(points)
        rows = np.array([self.space.encode(p) for p in given])
        coords = self.space.to_coords(rows.reshape(len(given), self.space.n_columns))
        with self._event_log.whole(), self._event_log.lock, blas_threads(self._threads):
            self._event_log.sync()
            logs = np.zeros(len(given))
            for probability in self._model().feasibility:
                logs += probability.log_probability(coords)
            return np.asarray(np.exp(logs))
