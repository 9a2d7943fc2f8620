"""Expected hypervolume improvement and ParEGO: acquisitions of several objectives."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from bayesopt.acquisition.boxes import FreeBoxes
from bayesopt.acquisition.front import nondominated
from bayesopt.acquisition.multi_objective import LogScore, MultiObjectiveAcquisition
from bayesopt.acquisition.pareto import ReferencePoint
from bayesopt.compiled import chebyshev, expected_hypervolume, floats

Floats = NDArray[np.float64]

_COARSE = 16  # points of a front that candidates are screened with


@dataclass(frozen=True)
class EHVI(MultiObjectiveAcquisition):
    """Log of the expected hypervolume improvement, exact, for two to four objectives.

    The front is that of the posterior means, so that a lucky measurement does not make it. A sum
    over the boxes of what the front leaves free (Lacour, Klamroth & Fonseca 2017; compare Yang et
    al. 2019), in logarithms as far into the tail as needed, without samples. With one objective
    it is LogEI.
    """

    most_objectives: ClassVar[int] = 4  # the number of boxes grows as N^(m // 2)

    def log_score(
        self, known: Floats, reference: ReferencePoint, rng: np.random.Generator
    ) -> LogScore:
        """Log EHVI beyond the front of means (n, m).

        Raises
        ------
        ValueError : for more than four objectives.
        """
        m = known.shape[1]
        if m > self.most_objectives:
            raise ValueError(
                f"EHVI is for at most {self.most_objectives} objectives; got {m}: use ParEGO(), "
                "or give some of them as outcome constraints"
            )
        boxes = FreeBoxes.of(known, reference.values)

        def log_ehvi(mean: Floats, sd: Floats) -> tuple[Floats, Floats, Floats]:
            out, d_mean, d_sd = np.empty(len(mean)), np.empty(mean.shape), np.empty(mean.shape)
            expected_hypervolume.log_ehvi_slopes(
                floats(mean),
                floats(sd),
                boxes.levels,
                boxes.sides,
                boxes.boxes,
                out,
                d_mean,
                d_sd,
            )
            return out, d_mean, d_sd

        return log_ehvi

    def log_bound(
        self, known: Floats, reference: ReferencePoint, rng: np.random.Generator
    ) -> LogScore:
        """Log EHVI beyond a part of the front, spread over it: that leaves more free."""
        front = known[(known < reference.values).all(axis=1)]
        front = front[nondominated(front)]
        if len(front) > _COARSE:
            known = front[_spread_out(front / (reference.values - front.min(axis=0)), _COARSE)]
        return self.log_score(known, reference, rng)


def _spread_out(points: Floats, k: int) -> list[int]:
    """Indices of k of points (n, m), each the farthest from those before it."""
    chosen = [int(points.sum(axis=1).argmin())]
    distances = np.full(len(points), np.inf)
    while len(chosen) < k:
        distances = np.minimum(distances, ((points - points[chosen[-1]]) ** 2).sum(axis=1))
        chosen.append(int(distances.argmax()))
    return chosen


@dataclass(frozen=True)
class ParEGO(MultiObjectiveAcquisition):
    """Log expected improvement of a random scalarisation, for any number of objectives.

    Each proposal draws weights uniformly from the simplex and improves on the least augmented
    Chebyshev value ``max_j w_j y_j + rho sum_j w_j y_j`` of outputs scaled by the front's range
    (Knowles 2006). The expectation over the maximum of independent outputs is an integral over
    one variable; the augmentation enters with its mean.

    Attributes
    ----------
    rho : weight of the augmentation, >= 0.
    """

    rho: float = 0.05

    def __post_init__(self) -> None:
        if not (math.isfinite(self.rho) and self.rho >= 0.0):
            raise ValueError(f"rho must be a finite number >= 0; got {self.rho!r}")

    def log_score(
        self, known: Floats, reference: ReferencePoint, rng: np.random.Generator
    ) -> LogScore:
        """Log expected improvement on the best scalarised mean (n, m)."""
        front = known[nondominated(known)]
        ideal = front.min(axis=0)
        # the reference point is beyond the front by a tenth of its range, never of no range
        span = np.maximum(reference.values - ideal, 1e-9)
        drawn = np.maximum(rng.exponential(size=known.shape[1]), 1e-9)
        weights = drawn / drawn.sum() / span
        parts = weights * (known - ideal)
        best = float((parts.max(axis=1) + self.rho * parts.sum(axis=1)).min())

        def log_improvement(mean: Floats, sd: Floats) -> tuple[Floats, Floats, Floats]:
            out, d_mean, d_sd = np.empty(len(mean)), np.empty(mean.shape), np.empty(mean.shape)
            chebyshev.log_improvement_slopes(
                floats(mean),
                floats(sd),
                floats(ideal),
                floats(weights),
                best,
                float(self.rho),
                out,
                d_mean,
                d_sd,
            )
            return out, d_mean, d_sd

        return log_improvement
