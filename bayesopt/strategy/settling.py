"""A search that has settled: evaluations beside the best point gain nothing any more.

An acquisition that knows one basin to its last digit may stay there for good: every evaluation
beside it still promises a little, and a second basin, of which only a slope is known, promises
less. Once a region has settled, most proposals therefore search another one: a ball around the
best point that is in no settled basin, by the improvement over that region's own best, so that
they climb there as a search that had begun there would.

All of it is a function of the results, so that a reloaded run takes the same decisions.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from bayesopt.acquisition import AcquisitionContext
from bayesopt.proposal import ProposalContext
from bayesopt.strategy.model import RunModel
from bayesopt.strategy.spread import spread_over
from bayesopt.surrogate import Columns, Posterior
from bayesopt.surrogate.volume import quantiles, volume_shares

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

_LEAST = 12  # observations before which nothing has settled
_PATIENCE = 6  # evaluations, or d + 1 if that is more, that gain nothing
_GAIN = 3e-3  # of the range from the best to the median by volume: less is no gain
_LEVEL = 0.1  # of this range: what is worse is not the bottom that the best point lies at
_EXPLORED = 3  # times as many evaluations settle a region, however bad they are
_MOST = 8  # settled regions
# distances in lengthscales
_BESIDE = 1.5  # of the best point: evaluations there are for it
_BASIN = 1.0  # of a settled best point: in its basin, whatever lies between
_REACH = 3.0  # beyond, nothing is in its basin
_BALL = 0.7  # radius of the second region
_LONGEST = 1.0  # a lengthscale: a longer one says little, and the ball would be the whole range

# where on the way to a settled point a barrier is looked for: first where it is seen most often
_WAY = (0.45, 0.3, 0.6, 0.15, 0.75)
_FEW = 64  # points whose whole ways are looked at in one pass
_BARRIER = 0.05  # standardised units by which a barrier rises
_BLOCK = 32  # observations looked at at a time
_STEEP = 3.0  # nats by which the score falls per squared lengthscale outside of the ball
_KEPT_OUT = -60.0  # nats: no improvement makes up for it
_MATTERS = -15.0  # nats outside of the ball, beyond which basins are not told apart


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

    def squares(self, coords: Floats, center: Floats) -> tuple[Floats, Floats]:
        """Squared distances (B,) of points (B, p) to one (p,), and their slopes (B, q) in the
        features.
        """
        features, codes = self.columns.features(coords)
        there, label = self.columns.features(center[None])
        steps = (features - there) / self._scale
        square = (steps**2).sum(axis=1) + (codes != label) @ self._apart
        return square, 2.0 * steps / self._scale

    def squares_to_all(self, coords: Floats, centers: Floats) -> Floats:
        """Squared distances (k, B) of points (B, p) to several (k, p)."""
        features, codes = self.columns.features(coords)
        there, labels = self.columns.features(centers)
        steps = (features - there[:, None]) / self._scale
        return np.asarray((steps**2).sum(axis=2) + (codes != labels[:, None]) @ self._apart)

    @cached_property
    def _scale(self) -> Floats:
        return self.lengthscales[self.columns.lengthscale_of]

    @cached_property
    def _apart(self) -> Floats:
        # a squared exponential of this distance has the correlation of unequal labels
        return np.minimum(2.0 * self.weights, 12.0)


@dataclass(frozen=True, eq=False)
class Basins:
    """Points from which descent leads to one of some settled points, as far as can be told.

    Attributes
    ----------
    distances : in lengthscales.
    posterior : of the objective.
    centers : (k, p) the settled points.
    """

    distances: Distances
    posterior: Posterior
    centers: Floats

    def hold(self, coords: Floats) -> Mask:
        """(B,) whether points (B, p) are near a centre, or have no barrier of the posterior mean
        on the straight way there. That way is only looked at within a branch: between points
        with the same labels and the same active parameters.
        """
        if not len(self.centers):
            return np.zeros(len(coords), dtype=bool)
        square = self.distances.squares_to_all(coords, self.centers)
        held = np.asarray((square < _BASIN**2).any(axis=0))
        unsure = (square < _REACH**2) & ~held
        unsure[unsure] = self._same_branch(*self._pairs(coords, unsure))
        # most points in a basin are in that of the nearest centre: the others are looked at after
        nearest = unsure & (np.arange(len(square))[:, None] == square.argmin(axis=0))
        for those in (nearest, unsure & ~nearest):
            pairs = those & ~held
            if pairs.any():
                held[np.nonzero(pairs)[1][self._descend(*self._pairs(coords, pairs))]] = True
        return held

    def _pairs(self, coords: Floats, wanted: Mask) -> tuple[Floats, Floats]:
        """The points and the centres (P, p) of the pairs that are wanted (k, B)."""
        center, point = np.nonzero(wanted)
        return coords[point], self.centers[center]

    def _same_branch(self, coords: Floats, centers: Floats) -> Mask:
        """(P,) whether a point has the labels and the active parameters of its centre."""
        categorical = self.distances.columns.categorical
        active = np.isnan(coords) == np.isnan(centers)
        same = (coords == centers) | (np.isnan(coords) & np.isnan(centers))
        return np.asarray(np.where(categorical, same, active).all(axis=1))

    def _descend(self, coords: Floats, centers: Floats) -> Mask:
        """(P,) whether the mean rises nowhere on the way from a point to its centre."""
        top = _means(self.posterior, coords) + _BARRIER
        descends = np.ones(len(coords), dtype=bool)
        for part in [_WAY] if len(coords) <= _FEW else [_WAY[i : i + 1] for i in range(len(_WAY))]:
            left = np.flatnonzero(descends)
            steps = centers[left] - coords[left]
            way = np.concatenate([coords[left] + t * steps for t in part])
            means = _means(self.posterior, way).reshape(len(part), -1)
            descends[left] = means.max(axis=0) < top[left]
        return descends


@dataclass(frozen=True, eq=False)
class InRegion:
    """What keeps a search to a ball around a point and out of settled basins: a term of the score
    as a log probability is.

    Attributes
    ----------
    center : (p,) the point.
    basins : that are left.
    """

    center: Floats
    basins: Basins

    def log_probability(self, coords: Floats) -> Floats:
        """Values (B,): 0 within the ball, less and less outside of it."""
        square = self.basins.distances.squares(coords, self.center)[0]
        return self._less_basins(coords, -np.logaddexp(0.0, _STEEP * (square - _BALL**2)))

    def log_probability_with_gradient(self, coords: Floats) -> tuple[Floats, Floats]:
        """Values (B,) and gradients (B, p)."""
        distances = self.basins.distances
        square, slopes = distances.squares(coords, self.center)
        t = _STEEP * (square - _BALL**2)
        falling = -_STEEP / (1.0 + np.exp(np.clip(-t, -700.0, 700.0)))
        gradient = distances.columns.pullback(coords, falling[:, None] * slopes)
        return self._less_basins(coords, -np.logaddexp(0.0, t)), gradient

    def _less_basins(self, coords: Floats, values: Floats) -> Floats:
        within = np.flatnonzero(values > _MATTERS)
        if len(within):
            values[within[self.basins.hold(coords[within])]] += _KEPT_OUT
        return values


@dataclass(frozen=True, eq=False)
class SecondRegion:
    """Where to search once the best region has settled.

    Attributes
    ----------
    model : of the results.
    best : index of the evaluated point around which to search: the best by the model that is in
        no settled basin.
    basins : the settled ones.
    """

    model: RunModel
    best: int
    basins: Basins

    @classmethod
    def of(cls, model: RunModel) -> SecondRegion | None:
        """Decide by the results of a run; None where nothing has settled, nothing else is known,
        or noise or a surrogate that predicts badly forbid to tell.
        """
        data = model.data
        if len(data.problem.objectives) != 1 or len(data.evaluated) < _LEAST:
            return None
        if model.objective is None or model.is_noisy or not model.eligible.any():
            return None
        distances = Distances.of(model)
        if distances is None:
            return None
        settled = _Settled(model, distances)
        found = settled.find()
        return None if found is None else cls(model, *found)

    @property
    def term(self) -> InRegion:
        """The term of the score that keeps a search to this region."""
        return InRegion(self._point, self.basins)

    @property
    def _point(self) -> Floats:
        return np.asarray(self.model.data.evaluated_coords[self.best])

    def context(self, known: AcquisitionContext, pending: Floats) -> AcquisitionContext:
        """An acquisition's context with the search kept to this region: to be improved on is the
        best here, of what is evaluated and of what is pending (q, p).
        """
        if known.objective is None:
            return known
        points, term = self._point[None], self.term
        if len(pending):
            here = self.basins.distances.squares(pending, self._point)[0] < _BALL**2
            points = np.concatenate([points, pending[here]])
        best = tuple(c.mean(points).min(axis=0) for c in known.objective.components)
        return replace(known, incumbents=best, probabilities=(*known.probabilities, term))

    @cached_property
    def order(self) -> NDArray[np.int64]:
        """Indices of the evaluated points as in :attr:`RunModel.order`, this region's first, those
        beside settled points last.
        """
        coords, order = self.model.data.evaluated_coords, self.model.order
        distances = self.basins.distances
        rank = np.where(distances.squares(coords, self._point)[0] < _BALL**2, 0, 1)
        for center in self.basins.centers:
            rank[distances.squares(coords, center)[0] < _BESIDE**2] = 2
        rank[self.best] = -1
        return np.asarray(order[np.argsort(rank[order], kind="stable")])


def kept_elsewhere(context: ProposalContext, model: RunModel) -> ProposalContext:
    """The context of a proposal, kept to a second region where the search has settled. What has
    fixed values is left as it is.
    """
    if context.space.fixed or not isinstance(context.posterior, AcquisitionContext):
        return context
    region = SecondRegion.of(model)
    if region is None:
        return context
    data = model.data
    return replace(
        context,
        centers=context.space.snap(data.evaluated_coords[region.order]),
        posterior=region.context(context.posterior, data.pending_coords),
        second_region=True,
    )


class _Settled:
    """The search for regions that have settled, the best first."""

    def __init__(self, model: RunModel, distances: Distances) -> None:
        assert model.objective is not None
        data = model.data
        self.distances, self.posterior = distances, model.objective.posterior
        self.coords, self.eligible = data.evaluated_coords, model.eligible
        self.values = np.asarray(model.objective.transform.inverse(model.means))
        self.order = np.lexsort((model.means, ~model.eligible))[: int(model.eligible.sum())]
        shares = volume_shares(data.columns, self.coords, spread_over(data.space))
        (self.median,) = quantiles(self.values, [0.5], shares)

    def find(self) -> tuple[int, Basins] | None:
        """The best point in no settled basin, and these; None while nothing has settled, and where
        every point is in such a basin.
        """
        basins = Basins(self.distances, self.posterior, self.coords[:0])
        free = self.eligible.copy()
        for _ in range(_MOST):
            best = self._best(free, basins)
            if best is None:
                return None
            beside = free & (
                self.distances.squares(self.coords, self.coords[best])[0] < _BESIDE**2
            )
            beside[best] = True
            if not self._has_settled(best, beside):
                return (best, basins) if len(basins.centers) else None
            free &= ~beside
            centers = np.concatenate([basins.centers, self.coords[[best]]])
            basins = replace(basins, centers=centers)
        return None

    def _best(self, free: Mask, basins: Basins) -> int | None:
        order = self.order[free[self.order]]
        for i in range(0, len(order), _BLOCK):
            some = order[i : i + _BLOCK]
            outside = ~basins.hold(self.coords[some])
            if outside.any():
                return int(some[int(np.argmax(outside))])
        return None

    def _has_settled(self, best: int, beside: Mask) -> bool:
        """Whether enough evaluations came after the first that was as good as the best is."""
        reach = max(self.median - self.values[best], 0.0)
        gap = self.values - self.values[best]
        first = int(np.argmax(beside & (gap <= _GAIN * reach)))
        after = (beside & (np.arange(len(gap)) > first)).nonzero()[0]
        patience = max(_PATIENCE, int(np.isfinite(self.coords[best]).sum()) + 1)
        # what is far worse explores: it says little of whether the best is the bottom
        level = int((gap[after] <= _LEVEL * reach).sum())
        return level >= patience or len(after) >= _EXPLORED * patience


def _means(posterior: Posterior, coords: Floats) -> Floats:
    """(B,) posterior means at points (B, p)."""
    means = np.array([c.mean(coords).mean(axis=1) for c in posterior.components])
    return np.asarray(posterior.weights @ means)
