"""Several linear constraints that share columns: points spread over what they allow together.

A point of the unit cube says a direction from the polytope's centre and a share of the way to its
border (the gauge map), so that the cube is mapped onto the whole polytope and its faces onto the
polytope's. The centre is the point with the most room in all constraints, from a linear program.
Columns on levels are placed as continuous ones and rounded; what that breaks is moved back level
by level, and where it cannot be, the point is not allowed and is sorted out later.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from .scales import Floats
from .term import Term

_TURNS = 60  # of the projections onto each constraint after the other
_ROUND_OFF = 1e-12


class Polytope:
    """What several linear constraints allow of some columns; the interface of :class:`Slab`.

    Parameters
    ----------
    terms : the columns that are active, (k,); coefficients are not looked at.
    coefficients : (m, k), 0 where a constraint leaves a column out.
    lower, upper : (m,) bounds of the sums, finite or infinite.
    """

    def __init__(
        self, terms: tuple[Term, ...], coefficients: Floats, lower: Floats, upper: Floats
    ) -> None:
        self.terms = terms
        ends = np.array([np.sort(t.ends / t.coefficient) for t in terms])
        self._low, self._range = ends[:, 0], np.maximum(ends[:, 1] - ends[:, 0], 1e-300)
        self._A = coefficients * self._range  # over places in [0, 1]
        offset = coefficients @ self._low
        size = np.abs(coefficients) @ np.abs(ends).max(axis=1)
        slack = _ROUND_OFF * np.maximum(size, 1e-300)
        self._lower, self._upper = lower - offset, upper - offset
        wide = self._upper - self._lower > 8.0 * slack
        self._lower = np.where(wide, self._lower + 2.0 * slack, self._lower)
        self._upper = np.where(wide, self._upper - 2.0 * slack, self._upper)
        self._slack, self._equal = slack, ~wide
        self._stepped = np.array([not t.is_continuous for t in terms])

    @property
    def is_possible(self) -> bool:
        """Whether any point of the box meets all constraints."""
        return self._center is not None

    @cached_property
    def _center(self) -> Floats | None:
        from scipy.optimize import linprog

        k = len(self.terms)
        # the last variable is the room: to the border of each inequality and of the box
        sides = np.concatenate([self._A, -self._A, np.eye(k), -np.eye(k)])
        limits = np.concatenate([self._upper, -self._lower, np.ones(k), np.zeros(k)])
        used = np.isfinite(limits) & ~np.concatenate([self._equal, self._equal, [False] * 2 * k])
        room = np.abs(sides).sum(axis=1, keepdims=True)
        equal = self._A[self._equal]
        done = linprog(
            np.append(np.zeros(k), -1.0),
            A_ub=np.concatenate([sides, room], axis=1)[used],
            b_ub=limits[used],
            A_eq=np.pad(equal, ((0, 0), (0, 1))),
            b_eq=self._upper[self._equal],
            bounds=(0.0, 1.0),
        )
        return np.asarray(done.x[:k]) if done.status == 0 else None

    @cached_property
    def _free(self) -> Floats:
        """Projection (k, k) onto the directions in which equalities stay met."""
        k = len(self.terms)
        if not self._equal.any():
            return np.eye(k)
        A = self._A[self._equal]
        return np.asarray(np.eye(k) - np.linalg.pinv(A) @ A)

    def spread(self, cube: Floats) -> Floats:
        """Coordinates (n, k) for points (n, k) of the unit cube; NaN where there are none."""
        center = self._center
        if center is None:
            return np.full(cube.shape, np.nan)
        z = 2.0 * cube - 1.0
        share = np.abs(z).max(axis=1, keepdims=True)
        directions = z @ self._free
        x = center + share * self._reach(center, directions)[:, None] * directions
        return self._as_coords(self._repaired(center, x))

    def _reach(self, center: Floats, directions: Floats) -> Floats:
        """How often each direction (n, k) can be gone from the centre (k,)."""
        with np.errstate(divide="ignore", invalid="ignore"):
            box = np.where(
                directions > 1e-12,
                (1.0 - center) / directions,
                np.where(directions < -1e-12, -center / directions, np.inf),
            ).min(axis=1)
            slope = directions @ self._A.T
            at = self._A @ center
            room = np.where(slope > 0.0, (self._upper - at) / slope, (self._lower - at) / slope)
        room = np.where(self._equal | (np.abs(slope) < 1e-14), np.inf, room)
        reach = np.minimum(box, room.min(axis=1, initial=np.inf))
        return np.where(np.isfinite(reach), np.maximum(reach, 0.0), 0.0)

    def nearest(self, coords: Floats) -> Floats:
        """Allowed coordinates (n, k) near the given ones: those that are allowed stay."""
        x = self._places(coords)
        wrong, center = ~self._hold(x), self._center
        if center is None or not wrong.any():
            return coords
        coords = coords.copy()
        coords[wrong] = self._as_coords(self._repaired(center, x[wrong]))
        return coords

    def _hold(self, x: Floats) -> NDArray[np.bool_]:
        total = x @ self._A.T
        low, high = self._lower - 2.0 * self._slack, self._upper + 2.0 * self._slack
        return np.asarray(((total >= low) & (total <= high)).all(axis=1))

    def _repaired(self, center: Floats, x: Floats) -> Floats:
        """Places (n, k) that are allowed, near the given ones."""
        everything = np.ones(len(self.terms), dtype=bool)
        x = self._drawn_in(center, self._projected(x, everything))
        for j in np.flatnonzero(self._stepped):
            term = self.terms[j]
            u = term.coords(term.coefficient * (self._low[j] + x[:, j] * self._range[j]))
            number = term.of(term.scale.snap(u[:, None])[:, 0]) / term.coefficient
            x[:, j] = (number - self._low[j]) / self._range[j]
        if not self._stepped.any():
            return x
        return self._projected(self._level_by_level(x), ~self._stepped)

    def _projected(self, x: Floats, moves: NDArray[np.bool_]) -> Floats:
        """Projected onto each constraint and the box in turn, along the columns that move."""
        A = np.where(moves, self._A, 0.0)
        norms = np.maximum((A**2).sum(axis=1), 1e-300)
        for _ in range(_TURNS):
            x = np.clip(x, 0.0, 1.0)
            if self._hold(x).all():
                break
            for i, a in enumerate(A):
                total = x @ self._A[i]
                rest = np.clip(total, self._lower[i], self._upper[i]) - total
                x = x + (rest / norms[i])[:, None] * a
        return np.clip(x, 0.0, 1.0)

    def _drawn_in(self, center: Floats, x: Floats) -> Floats:
        """What is still outside, drawn towards the centre until it is inside."""
        outside = ~self._hold(x)
        if outside.any():
            direction = (x[outside] - center) @ self._free
            share = np.minimum(self._reach(center, direction) * (1.0 - 1e-9), 1.0)
            x[outside] = center + share[:, None] * direction
        return x

    def _level_by_level(self, x: Floats) -> Floats:
        """Stepped columns moved by single levels while that breaks the constraints less."""
        levels = {
            j: np.sort(t.of(t.level_coords) / t.coefficient - self._low[j]) / self._range[j]
            for j, t in enumerate(self.terms)
            if self._stepped[j] and len(t.level_coords)
        }
        for _ in range(4 * len(self.terms) + 8):
            broken = self._broken(x)
            rows = np.flatnonzero(broken > 0.0)
            if not len(rows) or not levels:
                break
            tried, scores = [], []
            for j, places in levels.items():
                at = np.searchsorted(places, x[rows, j] - 1e-12)
                for step in (-1, 1):
                    other = x[rows].copy()
                    other[:, j] = places[np.clip(at + step, 0, len(places) - 1)]
                    tried.append(other)
                    scores.append(self._broken(other))
            best = np.argmin(scores, axis=0)
            gains = np.min(scores, axis=0) < broken[rows] - 1e-15
            if not gains.any():
                break
            chosen = np.array(tried)[best, np.arange(len(rows))]
            x[rows[gains]] = chosen[gains]
        return x

    def _broken(self, x: Floats) -> Floats:
        """By how much (n,) the constraints are broken in all, smooth columns helping out."""
        smooth = ~self._stepped
        total = x[:, self._stepped] @ self._A[:, self._stepped].T
        part = self._A[:, smooth]
        least, most = np.minimum(part, 0.0).sum(axis=1), np.maximum(part, 0.0).sum(axis=1)
        over = np.maximum(total + least - self._upper - 2.0 * self._slack, 0.0)
        under = np.maximum(self._lower - 2.0 * self._slack - total - most, 0.0)
        return np.asarray((over + under).sum(axis=1))

    def _places(self, coords: Floats) -> Floats:
        numbers = np.stack(
            [t.of(coords[:, j]) / t.coefficient for j, t in enumerate(self.terms)], axis=1
        )
        return np.asarray((numbers - self._low) / self._range)

    def _as_coords(self, x: Floats) -> Floats:
        numbers = self._low + x * self._range
        coords = [t.coords(t.coefficient * numbers[:, j]) for j, t in enumerate(self.terms)]
        return np.stack(
            [
                t.scale.snap(c[:, None])[:, 0] if self._stepped[j] else c
                for j, (t, c) in enumerate(zip(self.terms, coords, strict=True))
            ],
            axis=1,
        )
