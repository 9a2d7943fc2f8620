"""Fronts: non-dominated points, hypervolume, reference points. Everything is minimised."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from bayesopt.acquisition.boxes import FreeBoxes
from bayesopt.acquisition.front import checked, nondominated
from bayesopt.compiled import floats
from bayesopt.compiled import hypervolume as kernels

Floats = NDArray[np.float64]

_TRADE = 0.05  # gain in all objectives together, by which a loss of 1 is too small to matter
_TRADE_OF_MANY = 0.2  # the same, where a front has many points and a fairer one is always near
_MARGIN = 0.1  # of the front's range beyond its worst values, at least
_NARROW = 0.02  # share of all points' range below which a front has no range to speak of
_MOST = 0.9  # of the points make up their range: outliers do not


def hypervolume(points: Floats, reference: Floats) -> float:
    """Volume of what points (n, m) dominate below the reference point (m,); exact.

    Points not below the reference point in every objective add nothing. Sweeps for up to four
    objectives, else the boxes of the dominated region, whose number grows as n^(m // 2).

    Raises
    ------
    ValueError : for shapes that do not fit or numbers that are not finite.
    """
    points, reference = checked(points, reference)
    front = np.unique(points[(points < reference).all(axis=1)], axis=0)
    front = front[nondominated(front)]
    m = len(reference)
    if not len(front):
        return 0.0
    if m == 1:
        return float(reference[0] - front.min())
    if m <= 4:
        key = front[:, 0] if m == 2 else front[:, -1]
        sorted_front = front[np.argsort(key, kind="stable")]
        return float(kernels.volume(floats(sorted_front), floats(reference)))
    # beside each free box lies, in the first coordinate, a box that is dominated
    boxes = FreeBoxes.of(front, reference)
    lower, upper = boxes.lower, boxes.upper
    bounded = upper[:, 0] < reference[0]
    widths = (upper - lower)[bounded, 1:]
    return float(((reference[0] - upper[bounded, 0]) * widths.prod(axis=1)).sum())


def probability_nondominated(draws: Floats) -> Floats:
    """(n,) share of joint draws (S, n, m) of n points' outputs in which none dominates the point.

    Draws that are joint between the points keep their correlation; independent ones ignore it and
    make points near each other compete for a place that they share.

    Raises
    ------
    ValueError : for an array without draws or of another shape.
    """
    draws = np.asarray(draws, dtype=float)
    if draws.ndim != 3 or not len(draws):
        raise ValueError(f"draws must have shape (S, n, m) with S >= 1; got {draws.shape}")
    counts = np.empty(draws.shape[1], dtype=np.int64)
    kernels.count_nondominated(floats(draws), counts)
    return counts / len(draws)


@dataclass(frozen=True, eq=False)
class ReferencePoint:
    """The corner up to which dominated volume is measured.

    Attributes
    ----------
    values : (m,) its coordinates.
    inferred : (m,) bool, where it was inferred and not given as a threshold.
    met : whether some point of the front lies below it in every objective.
    """

    values: Floats
    inferred: NDArray[np.bool_]
    met: bool

    @classmethod
    def of(
        cls, points: Floats, thresholds: Floats | None = None, *, searched: bool = False
    ) -> ReferencePoint:
        """The reference point for points (n, m), n >= 1: their posterior means.

        The worst value on the front (the nadir), without points that pay far more than they gain
        (:func:`well_traded`), plus a part of the front's range there: 1 / H
        for a front of as many points as a simplex has with H divisions (for two objectives, one
        point less than there are), at least a tenth. Where the front has hardly any range in some
        objective, less than a fiftieth of that of all points (up to their 90 % quantile), only
        one end of it is known. The reference point then lies all points' range beyond it, or 1
        where they have none. It moves and stretches with the values: neither their sign nor their
        offset matter.

        Parameters
        ----------
        thresholds : (m,) values that are just good enough, NaN where there is none: these are
            taken as they are. The front is then that of the points that meet them, if any do.
        searched : the points are many, from a search for the front over a model, not a few that
            were evaluated: one that pays more than five times what it gains is left out, and the
            part beyond is a tenth.

        Raises
        ------
        ValueError : without points, or for shapes that do not fit.
        """
        points = np.asarray(points, dtype=float)
        if points.ndim != 2 or not points.size or not np.isfinite(points).all():
            raise ValueError(
                f"points must be at least one row of finite numbers; got shape {points.shape}"
            )
        limit = np.full(points.shape[1], np.nan)
        if thresholds is not None:
            limit = np.asarray(thresholds, dtype=float)
            if limit.shape != points.shape[1:]:
                raise ValueError(
                    f"thresholds must be {points.shape[1]} numbers, NaN where there is none; "
                    f"got shape {limit.shape}"
                )
        inferred = np.isnan(limit)
        good = (inferred | (points < limit)).all(axis=1)
        counted = points[good] if good.any() else points
        front = well_traded(counted, _TRADE_OF_MANY if searched else _TRADE)
        margin = _MARGIN if searched else _margin(*front.shape)
        nadir, ideal = front.max(axis=0), front.min(axis=0)
        whole = np.quantile(points, _MOST, axis=0, method="higher") - points.min(axis=0)
        wide = bool((nadir - ideal > _NARROW * whole).all())
        all_points = np.where(whole > 0.0, whole, 1.0)
        beyond = margin * (nadir - ideal) if wide else all_points
        values = np.where(inferred, nadir + beyond, limit)
        return cls(values, inferred, bool((front < values).all(axis=1).any()))

    def at_least(self, other: ReferencePoint) -> ReferencePoint:
        """No nearer than another one, where it is inferred."""
        return replace(
            self,
            values=np.where(self.inferred, np.maximum(self.values, other.values), self.values),
        )


def well_traded(points: Floats, trade: float = _TRADE) -> Floats:
    """Those of points (n, m) on the front from which no other gains much for a small loss.

    A front of few points nearly always has some that are barely better than others in one
    objective and far worse in another. The nadir would be theirs, and a search for volume would
    go on filling the room around them: of DTLZ2 with three objectives it found half as much.
    Here a point counts as dominated when another one is better by more than ``1 / trade`` times
    what it loses, in units of the front's ranges (a cone instead of an orthant, Wiecek 2007;
    compare Geoffrion's proper efficiency, 1968).

    The ends of a model's front are known badly: where an objective is nearly flat in the other
    parameters, as those of DTLZ2 are at 0, the least of its means may lie anywhere along them.
    """
    front = points[nondominated(points)]
    return front[nondominated(_judged(front, trade))]


def ends_of(front: Floats) -> NDArray[np.int64]:
    """(m,) for each objective the index of a front's (n, m) best point in it; what is paid in the
    others has a small weight.
    """
    return np.asarray(_judged(front).argmin(axis=0), dtype=np.int64)


def _judged(front: Floats, trade: float = _TRADE) -> Floats:
    """A front's values (n, m) in units of its ranges, with a part of what the others are added."""
    low, high = front.min(axis=0) / 2.0, front.max(axis=0) / 2.0  # in halves: no overflow
    scaled = (front / 2.0 - low) / np.where(high > low, high - low, 1.0)
    return np.asarray(scaled + trade * scaled.sum(axis=1, keepdims=True))


def _margin(n: int, m: int) -> float:
    """1 / H for the finest simplex lattice of at most n points, at least a tenth.

    With a margin of 1 / H the ends of an even front are worth as much as its inner points
    (Ishibuchi et al. 2018); a smaller one makes a search that knows few points forget the ends.
    """
    divisions = 1
    while 1.0 / divisions > _MARGIN and m > 1 and math.comb(divisions + m, m - 1) <= n:
        divisions += 1
    return max(1.0 / divisions, _MARGIN)


def front_first(values: Floats, rng: np.random.Generator) -> NDArray[np.int64]:
    """Indices of points with values (n, m): those on the front in random order, then the others,
    the nearest to the ideal point (in units of the ranges) first.

    For local searches to start from: a search that always begins at the same few points of the
    front would leave the rest of it bare.
    """
    on_front = nondominated(values)
    span = np.ptp(values, axis=0)
    scaled = (values - values.min(axis=0)) / np.where(span > 0.0, span, 1.0)
    key = np.where(on_front, rng.random(len(values)), np.linalg.norm(scaled, axis=1))
    return np.lexsort((key, ~on_front)).astype(np.int64)
