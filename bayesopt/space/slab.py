"""One linear constraint over a box: points spread evenly over what it allows, and the nearest one.

``lower <= sum of contributions <= upper``, where the contribution of a column is its coefficient
times its natural value. Mixtures, budgets and weights are of this kind, and random points hardly
ever meet them: of nine weights in [0, 1] one in 362,880 sums to at most 1.

Points come from the unit cube by the Rosenblatt transform (1952): the first column is drawn from
its marginal distribution under the constraint, the next from its conditional one, and so on. So
low-discrepancy points stay evenly spread. How likely the remaining columns are to complete a
partial sum is known exactly for columns with few levels (by dynamic programming over the partial
sums) and from a table for continuous ones.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from .scales import Floats
from .term import Term

Integers = NDArray[np.int64]

_MOST_STATES = 400_000  # partial sums times levels; above, levels are placed as continuous ones
_TABLE = 513  # sums at which the distribution of the remaining columns is known
_NODES = 64  # places of a column that the table averages over
_PLACES = 33  # of a column at which its conditional density is known
_ROUND_OFF = 1e-12  # of the size of the sum


class Slab:
    """What one linear constraint allows of some columns.

    Parameters
    ----------
    terms : the columns that are active, (k,).
    lower, upper : bounds of the sum, finite or infinite.
    """

    def __init__(self, terms: tuple[Term, ...], lower: float, upper: float) -> None:
        self.terms = terms
        self.least = np.array([t.ends[0] for t in terms])
        self.most = np.array([t.ends[1] for t in terms])
        size = float(np.abs([self.least, self.most]).max(axis=0).sum()) if terms else 1.0
        self._slack = _ROUND_OFF * max(size, 1e-300)
        self.lower = max(lower, float(self.least.sum()))
        self.upper = min(upper, float(self.most.sum()))
        if self.upper - self.lower > 8.0 * self._slack:  # a step aside, for round-off
            self.lower += 2.0 * self._slack
            self.upper -= 2.0 * self._slack
        self.is_possible = self.lower <= self.upper + 4.0 * self._slack

    # ------------------------------------------------------------------------------ evenly spread

    def spread(self, cube: Floats) -> Floats:
        """Coordinates (n, k) for points (n, k) of the unit cube; NaN where there are none."""
        coords = np.full(cube.shape, np.nan)
        if not self.is_possible:
            return coords
        spent = self._spread_levels(cube, coords)
        tables, reach = self._tables, self._reach
        for i, j in enumerate(self._smooth):
            term = self.terms[j]
            low = np.maximum(term.ends[0], self.lower - spent - reach[i + 1][1])
            high = np.minimum(term.ends[1], self.upper - spent - reach[i + 1][0])
            high = np.maximum(high, low)
            u = np.sort([term.coords(low), term.coords(high)], axis=0)
            places = u[0] + np.linspace(0.0, 1.0, _PLACES)[:, None] * (u[1] - u[0])  # (m, n)
            t = term.smooth(places.ravel()).reshape(places.shape)
            density = tables[i + 1].mass(self.lower - spent - t, self.upper - spent - t)
            coords[:, j] = _quantile(places, density, cube[:, j])
            exact = np.clip(term.smooth(coords[:, j]), low, high)
            spent = spent + exact
        for j in self._smooth:
            if not self.terms[j].is_continuous:
                coords[:, j] = self.terms[j].scale.snap(coords[:, j, None])[:, 0]
        return self.nearest(coords)

    def _spread_levels(self, cube: Floats, coords: Floats) -> Floats:
        """Place the columns of few levels; returns what they sum to (n,)."""
        state = np.zeros(len(cube), dtype=np.int64)
        for i, j in enumerate(self._stepped):
            weights = self._completions[i + 1][self._next[i]][state]  # (n, v)
            total = np.cumsum(weights, axis=1)
            level = (total < cube[:, j, None] * total[:, -1:]).sum(axis=1)
            level = np.minimum(level, weights.shape[1] - 1)
            level = np.where(
                np.take_along_axis(weights, level[:, None], axis=1)[:, 0] > 0.0,
                level,
                weights.argmax(axis=1),
            )
            coords[:, j] = self.terms[j].level_coords[level]
            state = self._next[i][state, level]
        return np.asarray(self._sums[-1][state])

    @cached_property
    def _stepped(self) -> list[int]:
        """Positions of the terms that are placed level by level."""
        few = [j for j, t in enumerate(self.terms) if len(t.level_coords)]
        sums, states = np.zeros(1), 0
        for j in few:
            values = self.terms[j].of(self.terms[j].level_coords)
            states = max(states, len(sums) * len(values))
            if states > _MOST_STATES:
                return []
            sums = self._distinct((sums[:, None] + values).ravel())
        return few

    @cached_property
    def _smooth(self) -> list[int]:
        """Positions of the terms that are placed as continuous ones."""
        return [j for j in range(len(self.terms)) if j not in self._stepped]

    def _distinct(self, sums: Floats) -> Floats:
        keys = np.rint(sums / (1e3 * self._slack))
        return np.asarray(sums[np.sort(np.unique(keys, return_index=True)[1])])

    @cached_property
    def _sums(self) -> list[Floats]:
        """Partial sums (S_i,) that the first i stepped terms may have."""
        sums = [np.zeros(1)]
        for j in self._stepped:
            values = self.terms[j].of(self.terms[j].level_coords)
            sums.append(np.sort(self._distinct((sums[-1][:, None] + values).ravel())))
        return sums

    @cached_property
    def _next(self) -> list[Integers]:
        """(S_i, v) index of the partial sum after each level of the next term."""
        found = []
        for i, j in enumerate(self._stepped):
            values = self.terms[j].of(self.terms[j].level_coords)
            after, wanted = self._sums[i + 1], self._sums[i][:, None] + values
            right = np.clip(np.searchsorted(after, wanted), 1, max(len(after) - 1, 1))
            right = np.minimum(right, len(after) - 1)
            left = np.maximum(right - 1, 0)
            nearer = np.abs(after[left] - wanted) < np.abs(after[right] - wanted)
            found.append(np.where(nearer, left, right).astype(np.int64))
        return found

    @cached_property
    def _completions(self) -> list[Floats]:
        """(S_i,) how likely each partial sum is to be completed to one that is allowed."""
        sums, (least, most) = self._sums[-1], self._reach[0]
        possible = (sums + most >= self.lower - 4.0 * self._slack) & (
            sums + least <= self.upper + 4.0 * self._slack
        )
        mass = self._tables[0].mass(self.lower - sums, self.upper - sums)
        weights = [np.where(possible, np.maximum(mass, 1e-200), 0.0)]
        for following in reversed(self._next):
            weights.append(weights[-1][following].mean(axis=1))
        return weights[::-1]

    @cached_property
    def _reach(self) -> list[tuple[float, float]]:
        """Least and greatest sum of the smooth terms from the i-th on."""
        least = np.append(np.cumsum(self.least[self._smooth][::-1])[::-1], 0.0)
        most = np.append(np.cumsum(self.most[self._smooth][::-1])[::-1], 0.0)
        return list(zip(least.tolist(), most.tolist(), strict=True))

    @cached_property
    def _tables(self) -> list[_Sum]:
        """Distribution of the sum of the smooth terms from the i-th on."""
        found = [_Sum(np.zeros(1), np.ones(1))]
        for j, (least, most) in zip(self._smooth[::-1], self._reach[-2::-1], strict=True):
            term = self.terms[j]
            # nothing beyond what may still be needed: the table is as fine as it can be there
            others = self._sums[-1]
            low = max(least, self.lower - float(others.max()) - self._before(j)[1])
            high = min(most, self.upper - float(others.min()) - self._before(j)[0])
            sums = np.linspace(low, max(high, low + 4.0 * self._slack), _TABLE)
            nodes = (np.arange(_NODES) + 0.5) / _NODES
            parts = term.smooth(nodes)
            if len(found) == 1:
                u = term.coords(sums)
                share = u if term.coefficient > 0.0 else 1.0 - u
                share = np.where(
                    sums >= term.ends[1], 1.0, np.where(sums < term.ends[0], 0, share)
                )
            else:
                share = found[-1].below(sums[:, None] - parts).mean(axis=1)
            found.append(_Sum(sums, share))
        return found[::-1]

    def _before(self, j: int) -> tuple[float, float]:
        """Least and greatest sum of the smooth terms before term j."""
        at = self._smooth[: self._smooth.index(j)]
        return float(self.least[at].sum()), float(self.most[at].sum())

    # ------------------------------------------------------------------------------------ nearest

    def holds(self, contributions: Floats) -> NDArray[np.bool_]:
        """(n,) whether contributions (n, k) sum to what is allowed."""
        total = contributions.sum(axis=1)
        low, high = self.lower - 2.0 * self._slack, self.upper + 2.0 * self._slack
        return np.asarray((total >= low) & (total <= high))

    def contributions(self, coords: Floats) -> Floats:
        """Contributions (n, k) of coordinates (n, k)."""
        return np.stack([t.of(coords[:, j]) for j, t in enumerate(self.terms)], axis=1)

    def nearest(self, coords: Floats) -> Floats:
        """The nearest allowed coordinates (n, k), each column measured by its range.

        Exactly so for continuous columns; those on levels are rounded and then moved level by
        level until the sum is allowed, or as near to it as that comes.
        """
        coords = coords.copy()
        wrong = np.flatnonzero(~self.holds(self.contributions(coords)))
        if not len(wrong) or not self.is_possible:
            return coords
        given = self.contributions(coords[wrong])
        stepped = np.array([not t.is_continuous for t in self.terms])
        t = self._filled(given, np.zeros(len(self.terms), dtype=bool))
        if stepped.any():
            t = self._on_levels(t, stepped)
            t = t if stepped.all() else self._filled(t, stepped)
        moved = t != given
        for j, term in enumerate(self.terms):
            new = np.where(moved[:, j], term.coords(t[:, j]), coords[wrong, j])
            coords[wrong, j] = term.scale.snap(new[:, None])[:, 0] if stepped[j] else new
        return coords

    def _filled(self, t: Floats, fixed: NDArray[np.bool_]) -> Floats:
        """Contributions (n, k) moved the least so that the sum is allowed.

        All move by one multiple of their range squared and stop at their ends, so the sum is
        piecewise linear in the multiple: found between the two places where it has a kink.
        """
        least = np.where(fixed, t, self.least)
        most = np.where(fixed, t, self.most)
        target = np.clip(t.sum(axis=1), self.lower, self.upper)[:, None]
        free = np.flatnonzero(~fixed & (self.most > self.least))
        if not len(free):
            return t
        size = float((self.most - self.least)[free].max())
        weights = np.zeros(t.shape[1])
        weights[free] = ((self.most - self.least)[free] / size) ** 2
        kinks = np.concatenate([(least - t)[:, free], (most - t)[:, free]], axis=1)
        kinks = np.sort(kinks / np.tile(weights[free], 2), axis=1)
        reached = t[:, None] + kinks[:, :, None] * weights
        sums = np.clip(reached, least[:, None], most[:, None]).sum(axis=2)
        at = np.clip((sums < target).sum(axis=1), 1, kinks.shape[1] - 1)[:, None]
        low, high = (np.take_along_axis(sums, at - i, axis=1) for i in (1, 0))
        start, end = (np.take_along_axis(kinks, at - i, axis=1) for i in (1, 0))
        part = np.clip((target - low) / np.maximum(high - low, 1e-300), 0.0, 1.0)
        moved = np.clip(t + (start + part * (end - start)) * weights, least, most)
        target = target[:, 0]
        for _ in range(2):  # the last digits, where there is the most room
            rest = target - moved.sum(axis=1)
            space = np.where(rest[:, None] > 0.0, most - moved, moved - least)
            at = space.argmax(axis=1)[:, None]
            new = np.take_along_axis(moved, at, axis=1) + rest[:, None]
            new = np.clip(
                new, np.take_along_axis(least, at, axis=1), np.take_along_axis(most, at, axis=1)
            )
            np.put_along_axis(moved, at, new, axis=1)
        return np.asarray(moved)

    def _on_levels(self, t: Floats, stepped: NDArray[np.bool_]) -> Floats:
        """Stepped contributions rounded to levels, then moved until the sum can be allowed."""
        wanted, t = t, t.copy()
        listed: dict[int, Floats] = {}
        for j, term in enumerate(self.terms):
            if not stepped[j]:
                continue
            snapped = term.scale.snap(term.coords(t[:, j])[:, None])[:, 0]
            t[:, j] = term.of(snapped)
            if len(term.level_coords):
                listed[j] = np.sort(term.of(term.level_coords))
        smooth = ~stepped
        least, most = self.least[smooth].sum(), self.most[smooth].sum()
        for _ in range(4 * len(self.terms) + 8):
            total = t[:, stepped].sum(axis=1)
            missing = np.maximum(self.lower - 2.0 * self._slack - total - most, 0.0)
            excess = np.maximum(total + least - self.upper - 2.0 * self._slack, 0.0)
            off = missing - excess
            if not off.any():
                break
            best, choice = np.full(len(t), np.inf), np.full(len(t), -1)
            moved = np.zeros(len(t))
            for j, levels in listed.items():
                at = np.searchsorted(levels, t[:, j] - 0.5 * self._slack)
                after = np.clip(at + np.sign(off).astype(np.int64), 0, len(levels) - 1)
                new = levels[after]
                left = np.abs(off - (new - t[:, j]))
                gain = np.abs(off) - left
                span = max(float(levels[-1] - levels[0]), 1e-300)
                cost = ((new - wanted[:, j]) / span) ** 2
                cost = np.where(gain > self._slack, cost, np.inf)
                better = cost < best
                best = np.where(better, cost, best)
                choice, moved = np.where(better, j, choice), np.where(better, new, moved)
            rows = np.flatnonzero((choice >= 0) & (off != 0.0))
            if not len(rows):
                break
            t[rows, choice[rows]] = moved[rows]
        return t


@dataclass(frozen=True, eq=False)
class _Sum:
    """Distribution function of a sum: ``share`` (m,) at ``sums`` (m,), ascending."""

    sums: Floats
    share: Floats

    def below(self, s: Floats) -> Floats:
        if len(self.sums) == 1:
            return np.asarray(s >= self.sums[0], dtype=float)
        return np.interp(s, self.sums, self.share)

    def mass(self, low: Floats, high: Floats) -> Floats:
        """Probability of a sum in [low, high], of a thin one in a cell of the table around it."""
        if len(self.sums) == 1:
            return np.ones(np.shape(low))
        cell = self.sums[1] - self.sums[0]
        thin = np.maximum(2.0 * cell - (high - low), 0.0) / 2.0
        return np.maximum(self.below(high + thin) - self.below(low - thin), 0.0)


def _quantile(places: Floats, density: Floats, u: Floats) -> Floats:
    """Quantiles (n,) at u (n,) of densities (m, n) given at equidistant places (m, n)."""
    cells = 0.5 * (density[1:] + density[:-1])
    total = np.concatenate([np.zeros((1, len(u))), np.cumsum(cells, axis=0)])
    even = np.linspace(0.0, 1.0, len(places))[:, None]
    total = np.where(total[-1] > 0.0, total / np.maximum(total[-1], 1e-300), even)
    cell = np.clip((total <= u).sum(axis=0) - 1, 0, len(places) - 2)[None]
    start = np.take_along_axis(total, cell, axis=0)[0]
    length = np.take_along_axis(total, cell + 1, axis=0)[0] - start
    part = np.clip((u - start) / np.maximum(length, 1e-300), 0.0, 1.0)
    left = np.take_along_axis(places, cell, axis=0)[0]
    right = np.take_along_axis(places, cell + 1, axis=0)[0]
    return np.asarray(left + part * (right - left))
