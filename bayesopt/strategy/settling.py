"""Whether a search has settled: evaluations beside the best point gain nothing any more.

An acquisition that knows one valley to its last digit may stay there for good: every evaluation
beside it still promises a little, and a second valley, of which only a slope is known, promises
less. Where most proposals go once that is so: :mod:`bayesopt.strategy.elsewhere`.

All of it is a function of the results, so that a reloaded run takes the same decisions.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from bayesopt.strategy.model import RunModel
from bayesopt.strategy.spread import spread_over
from bayesopt.surrogate import Columns, Posterior
from bayesopt.surrogate.volume import quantiles, volume_shares

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Mask = NDArray[np.bool_]

_LEAST = 12  # observations before which nothing has settled
_PATIENCE = 6  # evaluations, or d + 1 if that is more, that gain nothing
_GAIN = 3e-3  # of the range from the best to the median by volume: less is no gain
_LEVEL = 0.1  # of this range: what is worse is not the bottom that the best point lies at
_EXPLORED = 3  # times as many evaluations settle a region, however bad they are
_CLOSER = 0.03  # of this range: what comes nearer by less is no progress
_NOTHING = 1e-5  # of this range: less is no gain at all
# distances in lengthscales
_BESIDE = 1.5  # of the best point: evaluations there are for it
_NEAR = 1.0  # of the best point: in its valley, where little else is known
_REACH = 3.0  # of a settled best point: beyond, nothing is in its valley
_LONGEST = 1.0  # a lengthscale: a longer one says little

_WAY = (0.15, 0.3, 0.45, 0.6, 0.75)  # where on the way to a settled point a barrier is looked for
_BARRIER = 0.05  # standardised units by which a barrier rises


@dataclass(frozen=True, eq=False)
class Distances:
    """Distances in a surrogate's lengthscales.

    Attributes
    ----------
    columns : of the space.
    lengthscales : (g,) of the numeric columns.
    weights : (h,) of the categorical ones: the negative log correlation of two labels.
    """

    columns: Columns
    lengthscales: Floats
    weights: Floats

    @classmethod
    def of(cls, model: RunModel) -> Distances | None:
        """Those of the objective's surrogate; None where it has no lengthscales."""
        columns, about = model.data.columns, model.diagnostics
        lengthscales = np.asarray(about.get("lengthscales", ()), dtype=float)
        weights = np.asarray(about.get("category_weights", ()), dtype=float)
        if lengthscales.shape != columns.numeric.shape:
            return None
        if weights.shape != columns.categories.shape:
            return None
        return cls(columns, np.minimum(lengthscales, _LONGEST), weights)

    def squares(self, coords: Floats, centers: Floats) -> Floats:
        """Squared distances (k, B) of points (B, p) to some (k, p)."""
        features, codes = self.columns.features(coords)
        there, labels = self.columns.features(centers)
        steps = (features - there[:, None]) / self.lengthscales[self.columns.lengthscale_of]
        return np.asarray((steps**2).sum(axis=2) + (codes != labels[:, None]) @ self._apart)

    def beside(self, coords: Floats, centers: Floats, reach: float = _BESIDE) -> Mask:
        """(B,) whether evaluations of points (B, p) are for one of some (k, p)."""
        return np.asarray((self.squares(coords, centers) < reach**2).any(axis=0))

    @cached_property
    def _apart(self) -> Floats:
        # a squared exponential of this distance has the correlation of unequal labels
        return np.minimum(2.0 * self.weights, 12.0)


@dataclass(frozen=True, eq=False)
class Valley:
    """Points from which descent leads to a settled point, as far as can be told.

    Attributes
    ----------
    distances : in lengthscales.
    posterior : of the objective.
    center : (p,) the settled point.
    """

    distances: Distances
    posterior: Posterior
    center: Floats

    def holds(self, coords: Floats) -> Mask:
        """(B,) whether points (B, p) are beside the centre, or the posterior mean rises nowhere on
        the straight way there. That way is only looked at within a branch: between points with the
        same labels and the same active parameters.
        """
        square = self.distances.squares(coords, self.center[None])[0]
        held = np.asarray(square < _BESIDE**2)
        unsure = np.flatnonzero((square < _REACH**2) & ~held & self._same_branch(coords))
        if len(unsure):
            held[unsure] = self._descends(coords[unsure])
        return held

    def _same_branch(self, coords: Floats) -> Mask:
        categorical = self.distances.columns.categorical
        active = np.isnan(coords) == np.isnan(self.center)
        same = (coords == self.center) | (np.isnan(coords) & np.isnan(self.center))
        return np.asarray(np.where(categorical, same, active).all(axis=1))

    def _descends(self, coords: Floats) -> Mask:
        way = np.concatenate([coords + t * (self.center - coords) for t in _WAY])
        means = _means(self.posterior, np.concatenate([coords, way])).reshape(len(_WAY) + 1, -1)
        return np.asarray(means[1:].max(axis=0) < means[0] + _BARRIER)


class Regions:
    """Which regions of a run have settled, by a model of its results with one objective."""

    def __init__(self, model: RunModel, distances: Distances) -> None:
        assert model.objective is not None
        self.distances, self.posterior = distances, model.objective.posterior
        self.coords, self.eligible = model.data.evaluated_coords, model.eligible
        self.values = np.asarray(model.objective.transform.inverse(model.means))
        self.order = model.order[: int(model.eligible.sum())]  # the best first
        shares = volume_shares(model.data.columns, self.coords, spread_over(model.data.space))
        (self.median,) = quantiles(self.values, [0.5], shares)

    @classmethod
    def of(cls, model: RunModel) -> Regions | None:
        """None where few results, noise or several objectives forbid to tell."""
        data = model.data
        if len(data.problem.objectives) != 1 or len(data.evaluated) < _LEAST:
            return None
        if model.objective is None or model.is_noisy or not model.eligible.any():
            return None
        distances = Distances.of(model)
        return None if distances is None else cls(model, distances)

    def settled_at(self, best: int, among: Mask | None = None) -> int | None:
        """Index of the evaluation with which the region of a point had settled: that beside it
        enough came after the first that was as good as it is. None where they are too few; only
        those ``among`` (n,) count.
        """
        beside = self.beside(best)
        if among is not None:
            beside &= among
        beside[best] = True
        gap, reach, patience = self._gap(best), self._range(best), self.patience(best)
        first = int(np.argmax(beside & (gap <= _GAIN * reach)))
        after = (beside & (np.arange(len(gap)) > first)).nonzero()[0]
        # what is far worse explores: it says little of whether the best is the bottom
        level = after[gap[after] <= _LEVEL * reach]
        enough = [*level[patience - 1 : patience], *after[_EXPLORED * patience - 1 :][:1]]
        return int(min(enough)) if enough else None

    def beside(self, best: int, reach: float = _BESIDE) -> Mask:
        """(n,) whether evaluations are for a point."""
        return self.distances.beside(self.coords, self.coords[[best]], reach)

    def in_valley(self, best: int, fewest: int) -> Mask | None:
        """(n,) whether evaluated points lie in the valley of one: as wide as leaves so many
        others, None where none does.
        """
        valley = Valley(self.distances, self.posterior, self.coords[best])
        for held in (valley.holds(self.coords), self.beside(best), self.beside(best, _NEAR)):
            if int((~held).sum()) >= fewest:
                return np.asarray(held)
        return None

    def stalls(self, best: int, settled_at: int) -> int:
        """How many times in a row as many evaluations as settle a region brought nothing that is
        elsewhere nearer to the best value.
        """
        since = len(self.values) - 1 - self.progress_at(best, settled_at)
        return since // self.patience(best)

    def progress_at(self, best: int, settled_at: int) -> int:
        """Index of the last evaluation elsewhere that came nearer to the best value; that with
        which the region had settled where none did.
        """
        gap, elsewhere = self._gap(best), ~self.beside(best)
        step, nearest, last = _CLOSER * self._range(best), np.inf, settled_at
        for i in range(settled_at + 1, len(gap)):
            if elsewhere[i] and gap[i] < nearest - step:
                nearest, last = float(gap[i]), i
        return last

    def has_converged(self, best: int) -> bool:
        """Whether as many evaluations as settle a region gained nothing at all beside a point."""
        values, last = self.values[self.beside(best)], self.patience(best)
        if len(values) <= last:
            return False
        return bool(values[:-last].min() - values.min() <= _NOTHING * self._range(best))

    def patience(self, best: int) -> int:
        """How many evaluations that gain nothing settle the region of a point."""
        return max(_PATIENCE, int(np.isfinite(self.coords[best]).sum()) + 1)

    def _gap(self, best: int) -> Floats:
        """(n,) by how much values are worse than that of a point."""
        return np.asarray(self.values - self.values[best])

    def _range(self, best: int) -> float:
        return max(self.median - float(self.values[best]), 0.0)


def _means(posterior: Posterior, coords: Floats) -> Floats:
    """(B,) posterior means at points (B, p)."""
    means = np.array([c.mean(coords).mean(axis=1) for c in posterior.components])
    return np.asarray(posterior.weights @ means)
