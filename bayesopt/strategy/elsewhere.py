"""Where to search once the best region has settled: as a search that had not found it would.

The many results beside a settled point decide how all the others are seen: lengthscales are those
of its valley, and an output warp that resolves its last digits flattens what is elsewhere. So
another model is fitted, which does not see the results in this valley. The improvement is that
over the best that it sees, and the points that have settled are kept away from.

What this does not bring nearer to the best value it does less and less often. Late in a run such a
search begins anew, with points spread over the space, and then goes by their results alone.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from bayesopt.acquisition import AcquisitionContext
from bayesopt.proposal import ProposalContext
from bayesopt.proposal.exploration import cover
from bayesopt.strategy.config import ProposalConfig
from bayesopt.strategy.model import RunModel
from bayesopt.strategy.settling import Distances, Regions
from bayesopt.strategy.spread import spread_over
from bayesopt.streams import fitting_stream

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Mask = NDArray[np.bool_]

_MOST = 8  # settled regions
_FEWEST = 6  # results that a model elsewhere is fitted to
_FITTED = 200  # at most, as it is fitted from scratch
_RAREST = 2  # stalls, from which on a fourth of the trials searches elsewhere
_ANEW = 80  # results, from which on a search elsewhere that brings nothing begins anew
_END = 0.9  # of the trials of a run, from which on what brings nothing elsewhere is given up
_LATE = 100  # trials, from which on at least every second one goes on while it gains anything
_KEPT_OUT = -60.0  # nats: no improvement makes up for it


@dataclass(frozen=True, eq=False)
class Hidden:
    """Where results are known that the model elsewhere does not see: it would ask for them again.

    Attributes
    ----------
    distances : in lengthscales of the model of all results.
    seen, unseen : (k, p) and (m, p) where it sees the results and where not.
    """

    distances: Distances
    seen: Floats
    unseen: Floats

    def holds(self, coords: Floats) -> Mask:
        """(B,) whether the result nearest to each point (B, p) is one that is not seen."""
        nearest = [self.distances.squares(coords, c).min(axis=0) for c in (self.unseen, self.seen)]
        return np.asarray(nearest[0] < nearest[1])


@dataclass(frozen=True, eq=False)
class OutOfSettled:
    """What keeps a search out of settled regions: a term of the score as a log probability is.

    Attributes
    ----------
    distances : in lengthscales of the model elsewhere.
    centers : (k, p) the settled points.
    valley : what is known of the settled valley.
    """

    distances: Distances
    centers: Floats
    valley: Hidden

    def holds(self, coords: Floats) -> Mask:
        """(B,) whether points (B, p) are kept away from."""
        return self.distances.beside(coords, self.centers) | self.valley.holds(coords)

    def log_probability(self, coords: Floats) -> Floats:
        """Values (B,): 0 but where a search is kept away."""
        return np.where(self.holds(coords), _KEPT_OUT, 0.0)

    def log_probability_with_gradient(self, coords: Floats) -> tuple[Floats, Floats]:
        """Values (B,) and gradients (B, p), which are 0."""
        return self.log_probability(coords), np.zeros_like(coords)


@dataclass(frozen=True, eq=False)
class SecondRegion:
    """A search outside of the regions that have settled.

    Attributes
    ----------
    model : of the results outside of the valley of the best point.
    best : index among them: the best that is beside no settled point.
    outside : of what has settled.
    begins : whether a search begins anew: with points spread over the space.
    """

    model: RunModel
    best: int
    outside: OutOfSettled
    begins: bool = False

    @classmethod
    def of(
        cls, model: RunModel, config: ProposalConfig, number: int | None = None
    ) -> SecondRegion | None:
        """Decide by the results of a run; None where nothing has settled, where little is known
        elsewhere, where it is not to be told, and where it is not the turn of the trial of this
        number.
        """
        regions = Regions.of(model)
        if regions is None:
            return None
        best = int(regions.order[0])
        settled_at = regions.settled_at(best)
        if settled_at is None:
            return None
        late, stalls = len(regions.values) >= _ANEW, regions.stalls(best, settled_at)
        ended = late and regions.has_converged(best)
        if number is not None:
            ending = late and stalls > 0 and is_ending(number, config.n_trials)
            if ending or not is_due(stalls, number, ended=ended):
                return None
        held = regions.in_valley(best, _FEWEST)
        if held is None:
            return None
        hidden = held
        if len(model.data.columns.categories):
            # or a label of which all results are hidden would look as if it had never been tried
            hidden = held & (regions.values < regions.median)
        valley = Hidden(regions.distances, regions.coords[~hidden], regions.coords[hidden])
        if late and stalls:
            since = regions.progress_at(best, settled_at) + regions.patience(best)
            outside = OutOfSettled(regions.distances, regions.coords[[best]], valley)
            others = ~held & ~regions.beside(best)
            return cls(model, best, outside)._anew(others, max(since, _ANEW - 1), config)
        elsewhere = _fit(model, not_too_many(~hidden, regions.order), config)
        return cls._of(elsewhere, regions.coords[[best]], valley)

    @classmethod
    def _of(cls, elsewhere: RunModel, centers: Floats, valley: Hidden) -> SecondRegion | None:
        """The best region that has not settled, in a model that does not see the valley of one
        point (1, p).
        """
        distances = Distances.of(elsewhere)
        if distances is None or not elsewhere.eligible.any():
            return None
        regions, free = Regions(elsewhere, distances), elsewhere.eligible
        for _ in range(_MOST):
            free = free & ~distances.beside(regions.coords, centers)
            best = regions.order[free[regions.order]]
            if not len(best):
                return None
            if regions.settled_at(int(best[0]), free) is None:
                return cls(elsewhere, int(best[0]), OutOfSettled(distances, centers, valley))
            centers = np.concatenate([centers, regions.coords[best[:1]]])
        return None

    def _anew(self, elsewhere: Mask, since: int, config: ProposalConfig) -> SecondRegion | None:
        """A search by those results ``elsewhere`` (n,) that came after one of them: it begins with
        points spread over the space, and once its best region has settled, another begins.
        """
        data, centers = self.model.data, self.outside.centers
        size = max(_FEWEST, data.coords.shape[1] + 2)
        for _ in range(_MOST):
            own = elsewhere & (np.arange(len(elsewhere)) > since)
            if own.sum() < _FEWEST or own.sum() + len(data.pending) < size:
                return replace(self, begins=True)
            own = not_too_many(own, self.model.order)
            model = _fit(self.model, own, config)
            distances = Distances.of(model)
            if distances is None:
                return None
            regions = Regions(model, distances)
            free = model.eligible & ~distances.beside(regions.coords, centers)
            best = regions.order[free[regions.order]]
            if not len(best):
                break
            settled_at = regions.settled_at(int(best[0]), free)
            if settled_at is None:
                outside = replace(self.outside, distances=distances, centers=centers)
                return SecondRegion(model, int(best[0]), outside)
            centers = np.concatenate([centers, regions.coords[best[:1]]])
            since = int(np.flatnonzero(own)[settled_at])
        return replace(self, begins=True)

    def context(self, known: AcquisitionContext) -> AcquisitionContext:
        """An acquisition's context with the search kept out of the settled regions: to be improved
        on is the best of the others, of what is evaluated and of what is pending.
        """
        if known.objective is None:
            return known
        data = self.model.data
        points, pending = data.evaluated_coords[[self.best]], data.pending_coords
        if len(pending):
            points = np.concatenate([points, pending[~self.outside.holds(pending)]])
        best = tuple(c.mean(points).min(axis=0) for c in known.objective.components)
        return replace(known, incumbents=best, probabilities=(*known.probabilities, self.outside))

    @property
    def centers(self) -> Floats:
        """(m, p) the evaluated points, the best first, those beside settled points last."""
        coords = self.model.data.evaluated_coords[self.model.order]
        beside = self.outside.distances.beside(coords, self.outside.centers)
        return coords[np.argsort(beside, kind="stable")]


def kept_elsewhere(
    context: ProposalContext, model: RunModel, config: ProposalConfig
) -> ProposalContext:
    """The context of a proposal, kept to other regions where the search has settled and it is this
    trial's turn. What has fixed values is left as it is.
    """
    if context.space.fixed or not isinstance(context.posterior, AcquisitionContext):
        return context
    region = SecondRegion.of(model, config, context.number)
    if region is None:
        return context
    if region.begins:
        points = cover(context.space, context.seed)
        points = points[~region.outside.holds(points)]
        return replace(context, second_region=True, spread=points)
    pending = model.data.pending_coords
    known = region.model.acquisition_context(pending, context.rng, context.space)
    return replace(
        context,
        centers=context.space.snap(region.centers),
        posterior=region.context(known),
        second_region=True,
    )


def is_ending(number: int, n_trials: int | None) -> bool:
    """Whether a trial is one of the last tenth of a run."""
    return n_trials is not None and _END * n_trials <= number < n_trials


def is_due(stalls: int, number: int, *, ended: bool = False) -> bool:
    """Whether a trial is to search elsewhere, where that came no nearer to the best value so many
    times in a row; ``ended``: beside the best point nothing at all is gained any more.
    """
    if ended:
        return True
    if number >= _LATE:  # a curved valley may look settled, and others have had their trials
        stalls = max(stalls, 1)
    return not stalls or number % 2 ** min(stalls, _RAREST) == 1


def not_too_many(kept: Mask, order: Integers) -> Mask:
    """(n,) of many results the best hundred, and of the others one of so many.

    Parameters
    ----------
    kept : (n,) the results.
    order : indices of results, the best first; what is not among them is worse.
    """
    if kept.sum() <= _FITTED:
        return kept
    order = np.concatenate([order, np.setdiff1d(np.arange(len(kept)), order)])
    good, others = np.split(order[kept[order]], [_FITTED // 2])
    some = np.zeros(len(kept), dtype=bool)
    some[good] = True
    some[np.sort(others)[:: len(others) // (_FITTED // 2) + 1]] = True
    return some


def _fit(model: RunModel, kept: Mask, config: ProposalConfig) -> RunModel:
    """A model whose objective is fitted to some of the results (n,)."""
    data = model.data.part(kept)
    measured = data.objective
    observations = measured.observations(
        data.evaluated_coords,
        deterministic=data.problem.deterministic,
        spread=spread_over(data.space),
    )
    rng = fitting_stream(config.seed, len(data.evaluated))
    fitted = config.surrogate.quick().fit(data.columns, observations, state=None, rng=rng)
    return RunModel(data, {**model.fits, measured.output: fitted}, model.success)
