"""The default proposer: maximising an acquisition over a mixed, conditional, constrained space."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bayesopt.acquisition import Score
from bayesopt.calls import explained_class
from bayesopt.checks import MOST_WHOLE, real, whole
from bayesopt.proposal.ascent import climb, climbed_columns
from bayesopt.proposal.base import ModelReliability, ProposalContext, Proposer
from bayesopt.proposal.boundary import boundary_search
from bayesopt.proposal.candidates import cross, listed, perturb, sample
from bayesopt.proposal.exchange import Neighbourhood, exchange
from bayesopt.proposal.listing import best_listed
from bayesopt.proposal.prefer_default import toward_defaults
from bayesopt.space import Space

Floats = NDArray[np.float64]

_RANGES = {  # beyond these a proposal would take minutes, or not fit in memory
    "n_candidates": (1, 100_000),
    "n_sprays": (0, 100_000),
    "n_starts": (1, 1_000),
    "max_rounds": (1, 1_000),
    "explore_every": (0, MOST_WHOLE),
    "settled_every": (0, MOST_WHOLE),
}
_CENTERS = 5  # of the best evaluated points are perturbed
_FEW = 16  # points looked at while there is no value at all
_MANY = 200  # observations from which candidates are screened by bounds first
_LOOKED_AT = (
    1024  # candidates scored exactly at that many observations; inversely proportional to more
)
_MANY_OF_SEVERAL, _LOOKED_AT_OF_SEVERAL = 50, 512  # the same for several objectives


@explained_class
@dataclass(frozen=True)
class AcquisitionSearch(Proposer):
    """Screen candidates, then climb from the best of them.

    Small spaces and tables are listed and scored whole. Without any value yet the best of a few
    points is taken. Otherwise low-discrepancy points and perturbed copies of the best evaluated
    points are screened. Local searches start from the best few, from some drawn by a Boltzmann
    distribution over the scores, from the best of each pattern of active parameters, and under
    outcome constraints from the best evaluated point. In each, continuous ascent alternates with
    exact one-exchange moves over categories and discrete columns until neither gains. Under known
    constraints the best then search along the boundary of what is allowed.

    A surrogate whose recent predictions are worse than a constant baseline may keep the search
    where noise was taken for structure, for good; one to which most of what varies is noise sends
    it to the corners. Then every third trial takes the next point of a set spread over the space
    instead; while all results are equal, every trial does.

    Once the evaluations beside the best point gain nothing any more, and noise is small, seven of
    eight trials search elsewhere, by a model that does not see the results in the valley of that
    point. While that comes no nearer to the best value, fewer do, and from 80 results on such a
    search begins anew, with points spread over the space.

    Attributes
    ----------
    n_candidates : low-discrepancy points screened; 1 to 100,000.
    n_sprays : perturbed copies of the best evaluated points; 0 to 100,000.
    n_starts : local searches; 1 to 1,000.
    max_rounds : alternations of ascent and exchange; 1 to 1,000.
    explore_every : of the trials while the surrogate predicts badly, every so many-th is spread
        over the space; 0 for none.
    settled_every : of the trials after the search has settled, every so many-th goes on beside
        the best point, the others search a second region; 0 for all going on. From the hundredth
        trial on at least every second one goes on while that gains anything at all.
    prefer_default : share of the acquisition, 0 to 1, that a proposal may lose by keeping
        parameters at the ``default=`` that they were given (BONSAI, arXiv 2602.07144); 0.2 keeps
        those that hardly matter there.
    """

    n_candidates: int = 1024
    n_sprays: int = 1024
    n_starts: int = 8
    max_rounds: int = 6
    explore_every: int = 3
    settled_every: int = 8
    prefer_default: float = 0.0

    def __post_init__(self) -> None:
        for name, (least, most) in _RANGES.items():
            object.__setattr__(self, name, whole(name, getattr(self, name), least, most))

        object.__setattr__(
            self, "prefer_default", real("prefer_default", self.prefer_default, 0.0, 1.0)
        )

    def explores(self, context: ProposalContext) -> bool:
        """Whether the next point is for exploration, without the surrogate."""
        if not self.explore_every or context.reliability is ModelReliability.RELIABLE:
            return False
        uninformed = context.reliability is ModelReliability.UNINFORMED
        return uninformed or context.number % self.explore_every == 0

    def leaves_settled(self, context: ProposalContext) -> bool:
        """Whether the next point is searched in a second region where the search has settled."""
        reliable = context.reliability is ModelReliability.RELIABLE
        every = self.settled_every
        return reliable and every > 0 and context.number % every != 0

    def propose(self, context: ProposalContext) -> Floats:
        """The point (p,) of highest score found; legal, allowed and not taken."""
        every = listed(context)
        if every is not None:
            score = context.score(every)
            first, values = best_listed(score, every)
            return self._simple(context, score, every[first], values)
        if not len(context.centers):
            return self._first(context)
        candidates = self._candidates(context)
        score = context.score(candidates)
        n_exact = _looked_at(context)
        if n_exact is not None:
            promising = np.argsort(-score.optimistic_values(candidates), kind="stable")
            candidates = candidates[promising[:n_exact]]
        also: Sequence[int] = ()
        if context.constrained:
            # once the constraints are known well, all that scores may lie in a ridge too narrow
            # for candidates to hit: along it one gets from the best point only
            best = context.centers[:_CENTERS]
            best = best[context.space.allowed(best)]
            candidates, also = np.concatenate([best, candidates]), range(min(len(best), 1))
        values = score.values(candidates)
        starts = self._starts(context, candidates, values, also)
        points, values_found = self._climb(
            context, score, candidates[starts], values[starts], tolerance(values)
        )
        columns = climbed_columns(context.space)
        if context.space.has_constraints and columns.any():
            points, values_found = boundary_search(context, score, points, values_found, columns)
        everything = np.concatenate([points, candidates])
        order = np.argsort(-np.concatenate([values_found, values]), kind="stable")
        for i in range(0, len(order), 64):  # the best that is new: nearly always the first
            some = everything[order[i : i + 64]]
            new = context.is_new(some)
            if new.any():
                return self._simple(context, score, some[int(np.argmax(new))], values)
        return self._last_resort(context, score)

    def _simple(
        self, context: ProposalContext, score: Score, point: Floats, values: Floats
    ) -> Floats:
        """The point chosen, with parameters at their defaults where that is preferred."""
        if not self.prefer_default:
            return np.asarray(point)
        typical = float(np.median(values))
        return toward_defaults(context, score, point, self.prefer_default, typical)

    def _first(self, context: ProposalContext) -> Floats:
        """The best of a few open points, while nothing has been evaluated successfully.

        The score's maximum would lie in a corner, as far from the failures as one can get.
        """
        points = sample(context, _FEW)
        return np.asarray(points[int(np.argmax(context.score(points).values(points)))])

    def _last_resort(self, context: ProposalContext, score: Score) -> Floats:
        """The best of open points drawn anew, when every point found was taken."""
        points = sample(context, self.n_candidates)
        return np.asarray(points[int(np.argmax(score.values(points)))])

    def _candidates(self, context: ProposalContext) -> Floats:
        # points already taken are only sorted out at the end: among these many they are few
        wide = sample(context, self.n_candidates, open_only=False)
        if not self.n_sprays or not len(context.centers):
            return wide
        # what one point of a front has may suit another
        n_crossed = self.n_sprays // 2 if context.n_front > 1 else 0
        centers, n_sprays = context.centers[:_CENTERS], self.n_sprays - n_crossed
        near = perturb(context.space, centers, n_sprays, context.rng)
        if n_crossed:
            front = context.centers[: context.n_front]
            crossed = cross(context.space, front, n_crossed, context.rng)
            near = np.concatenate([near, crossed])
        return np.concatenate([wide, near[context.space.allowed(near)]])

    def _starts(
        self, context: ProposalContext, candidates: Floats, values: Floats, also: Sequence[int]
    ) -> NDArray[np.int64]:
        order = np.argsort(-values, kind="stable")
        chosen = [*order[: max(1, self.n_starts * 2 // 5)], *also]
        if context.space.is_conditional.any():
            # a random projection tells patterns of activity apart and is cheaper to sort than rows
            pattern = np.isnan(candidates[order]) @ context.rng.random(context.space.n_columns)
            firsts = np.unique(pattern, return_index=True)[1]
            chosen += list(order[np.sort(firsts)][: self.n_starts])
        with np.errstate(invalid="ignore"):
            heat = values - values[order[0]]
        finite = values[np.isfinite(values)]
        spread_of = (float(np.std(finite)) if len(finite) else 0.0) or 1.0
        weights = np.exp(np.maximum(heat / spread_of, -700.0))
        weights[~np.isfinite(weights)] = 0.0
        if weights.sum() > 0.0:
            n = min(self.n_starts - len(chosen[: self.n_starts // 2]), int((weights > 0.0).sum()))
            drawn = context.rng.choice(
                len(values), size=n, replace=False, p=weights / weights.sum()
            )
            chosen += list(drawn)
        return np.asarray(list(dict.fromkeys(int(i) for i in chosen)), dtype=np.int64)

    def _climb(
        self,
        context: ProposalContext,
        score: Score,
        points: Floats,
        values: Floats,
        tolerance: float,
    ) -> tuple[Floats, Floats]:
        space = context.space
        columns = climbed_columns(space)
        discrete = np.isfinite(space.n_levels)
        rounded = columns[discrete].any() and columns[~discrete].any()
        if not discrete.any():
            return self._ascend(context, score, points, values, columns, tolerance)
        neighbourhood = Neighbourhood(space, context.rng)
        filled = space.filled(points, context.rng, context.centers[:3])
        points, values = points.copy(), values.copy()
        settled = np.zeros(len(values), dtype=bool)
        for turn in range(self.max_rounds):
            # only the best will be used: each round goes on with the better half
            at = np.argsort(-values, kind="stable")[: max(len(values) >> turn, 2)]
            at = at[~settled[at]]
            if not len(at):
                break
            p, v, f = points[at], values[at], filled[at]
            if columns.any():
                p, v = self._ascend(context, score, p, v, columns, tolerance)
                if rounded:  # which may have led away from the ridge, or undone the ascent
                    p, v = self._ascend(context, score, p, v, columns & ~discrete, tolerance)
                f = np.where(np.isnan(p), f, p)
            climbed = v
            p, v, f = exchange(context, neighbourhood, score, p, v, f, tolerance)
            # an ascent can only gain more where an exchange has
            settled[at] = (v <= climbed) if columns.any() else True
            points[at], values[at], filled[at] = p, v, f
        return points, values

    def _ascend(
        self,
        context: ProposalContext,
        score: Score,
        points: Floats,
        values: Floats,
        columns: NDArray[np.bool_],
        tolerance: float,
    ) -> tuple[Floats, Floats]:
        space = context.space
        climbed, climbed_values = climb(score, points, columns, tolerance=tolerance)
        if space.has_constraints:
            climbed = _pull_back(space, points, climbed)
        if (columns & np.isfinite(space.n_levels)).any() or space.has_constraints:
            climbed = space.snap(climbed)
            climbed_values = score.values(climbed)
            if space.has_constraints:
                climbed_values = np.where(space.allowed(climbed), climbed_values, -np.inf)
        better = climbed_values > values
        return np.where(better[:, None], climbed, points), np.where(better, climbed_values, values)


def _looked_at(context: ProposalContext) -> int | None:
    """How many candidates are scored exactly, those of the best bounds; None: all."""
    n = len(context.centers)
    if context.acquisition is not None and context.acquisition.of_several:
        if n < _MANY_OF_SEVERAL:
            return None
        return max(_LOOKED_AT_OF_SEVERAL // max(n // _MANY, 1), 64)
    return None if n < _MANY else max(_LOOKED_AT // (n // _MANY), 64)


def tolerance(values: Floats) -> float:
    """The smallest gain that matters, in units of the score: a part of the spread of the screened
    values (B,).
    """
    finite = values[np.isfinite(values)]
    reach = float(finite.max() - np.median(finite)) if len(finite) else 0.0
    return max(1e-4 * min(reach, 10.0), 1e-300)


def _pull_back(space: Space, inside: Floats, outside: Floats) -> Floats:
    """For each pair the farthest of 17 points on the way from an allowed point that is allowed
    itself.
    """
    best = inside.copy()
    undecided = np.arange(len(inside))
    for t in np.linspace(1.0, 0.0, 17)[:-1]:
        tried = space.snap(inside[undecided] + t * (outside[undecided] - inside[undecided]))
        ok = space.allowed(tried)
        best[undecided[ok]] = tried[ok]
        undecided = undecided[~ok]
        if not len(undecided):
            break
    return best
