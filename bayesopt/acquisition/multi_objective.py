"""Acquisitions of several objectives: what they are evaluated on, and their scores over points."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from bayesopt.acquisition.base import Acquisition, Feasibility, LogProbability, Score, average
from bayesopt.acquisition.pareto import ReferencePoint
from bayesopt.surrogate import Posterior, sample_joint
from bayesopt.surrogate.posterior import Component, Moments

Floats = NDArray[np.float64]

# from means (B, m) and standard deviations (B, m): log scores (B,) and their derivatives in both
LogScore = Callable[[Floats, Floats], tuple[Floats, Floats, Floats]]
Parts = tuple[tuple[LogScore, ...], ...]  # for each scenario and each fantasy


@dataclass(frozen=True, eq=False)
class Scenario:
    """One component of each objective's posterior, taken together.

    Attributes
    ----------
    components : (m,) of the objectives in their order.
    weight : of the scenario; those of all scenarios sum to 1.
    """

    components: tuple[Component, ...]
    weight: float

    @classmethod
    def every(cls, posteriors: Sequence[Posterior]) -> list[Scenario]:
        """Scenarios that stand for independent mixtures.

        Mixtures of the same weights are taken component by component. Of others the largest
        number of components is drawn from each, at the same evenly spaced quantiles, so that each
        mixture keeps its proportions as well as so few can.
        """
        weights = [p.weights for p in posteriors]
        if all(len(w) == len(weights[0]) and np.allclose(w, weights[0]) for w in weights):
            together = zip(*(p.components for p in posteriors), strict=True)
            return [cls(c, float(w)) for c, w in zip(together, weights[0], strict=True)]
        n = max(len(w) for w in weights)
        levels = (np.arange(n) + 0.5) / n
        chosen = [np.searchsorted(np.cumsum(w)[:-1], levels) for w in weights]
        return [
            cls(tuple(p.components[c[i]] for p, c in zip(posteriors, chosen, strict=True)), 1 / n)
            for i in range(n)
        ]

    def means(self, coords: Floats) -> Floats:
        """Posterior means (B, F, m); F is the number of fantasies."""
        return _side_by_side([c.mean(coords) for c in self.components])


@dataclass(frozen=True, eq=False)
class MultiObjectiveContext:
    """Posterior state at which an acquisition of several objectives is evaluated.

    All objectives are minimised and standardised. Make one with :meth:`of`.

    Attributes
    ----------
    posteriors : one for each of m objectives, under the fantasies of the pending points; none
        while no feasible value is known: then the probabilities alone are the score.
    points : (n, p) evaluated points that may be on the front: those taken to be feasible.
    pending : (q, p) points being evaluated.
    counted : (q, F) whether a pending point may be on the front under each fantasy.
    reference : the reference point, the same for all fantasies and scenarios; it is ``met``
        when the means of an evaluated point lie below it.
    probabilities : log probabilities that are added to the score: one per outcome constraint,
        one of success.
    """

    posteriors: tuple[Posterior, ...]
    points: Floats
    pending: Floats
    counted: NDArray[np.bool_]
    reference: ReferencePoint | None
    probabilities: tuple[LogProbability, ...] = ()

    @classmethod
    def of(
        cls,
        posteriors: Sequence[Posterior],
        points: Floats,
        *,
        reference: ReferencePoint | None = None,
        pending: Floats | None = None,
        normals: Floats | None = None,
        counted: NDArray[np.bool_] | None = None,
        probabilities: Sequence[LogProbability] = (),
    ) -> MultiObjectiveContext:
        """The context for posteriors that know nothing of the pending points.

        Parameters
        ----------
        posteriors : one per objective; none, or no points, stand for nothing known.
        points : (n, p) evaluated points that are taken to be feasible.
        reference : the reference point, standardised; None: inferred from the means at ``points``.
        pending : (q, p) points whose outcomes are not known yet.
        normals : (m, q, F) standard normals for their fantasies, one set an objective; eight
            fantasies are enough.
        counted : (q, F) whether each pending point is feasible under each fantasy; all, if not
            given.
        probabilities : added to the score.
        """
        n_columns = points.shape[1]
        nothing = np.empty((0, n_columns))
        pending = nothing if pending is None else pending
        if not len(posteriors) or not len(points):
            none = np.ones((len(pending), 1), dtype=bool)
            return cls((), points, pending, none, None, tuple(probabilities))
        means = mean_outputs(posteriors, points)
        reference = reference or ReferencePoint.of(means)
        met = (means < reference.values).all(axis=1).any()
        reference = replace(reference, met=bool(met))
        shape = (len(posteriors), len(pending))
        if len(pending):
            if normals is None or normals.ndim != 3 or normals.shape[:2] != shape:
                raise ValueError(f"normals must have shape {shape} + (fantasies,)")
            posteriors = [
                p.condition_on_pending(pending, z)
                for p, z in zip(posteriors, normals, strict=True)
            ]
            if counted is None:
                counted = np.ones(normals.shape[1:], dtype=bool)
        else:
            counted = np.ones((0, 1), dtype=bool)
        return cls(tuple(posteriors), points, pending, counted, reference, tuple(probabilities))

    @property
    def constrained(self) -> bool:
        """Whether the probabilities of outcome constraints are among them."""
        return any(isinstance(p, Feasibility) for p in self.probabilities)

    @cached_property
    def scenarios(self) -> list[Scenario]:
        """The posteriors' components, taken together."""
        return Scenario.every(self.posteriors) if self.posteriors else []

    def known(self, scenario: Scenario) -> list[Floats]:
        """For each fantasy the means (n + q, m) of all points that may be on the front."""
        means = scenario.means(np.concatenate([self.points, self.pending]))
        everywhere = np.ones((len(self.points), means.shape[1]), dtype=bool)
        counted = np.broadcast_to(self.counted, (len(self.pending), means.shape[1]))
        counted = np.concatenate([everywhere, counted])
        return [means[counted[:, f], f] for f in range(means.shape[1])]


def mean_outputs(posteriors: Sequence[Posterior], coords: Floats) -> Floats:
    """(n, m) posterior means at coordinates (n, p), averaged over fantasies."""
    return np.stack(
        [p.weights @ [c.mean(coords).mean(axis=1) for c in p.components] for p in posteriors],
        axis=1,
    )


def draw_outputs(
    posteriors: Sequence[Posterior],
    coords: Floats,
    n_draws: int,
    rng: np.random.Generator,
    *,
    joint: bool = True,
) -> Floats:
    """Draws (n_draws, n, m) of the latent outputs at coordinates (n, p), of the first fantasy.

    Each draw is of one component of each posterior, chosen by weight. Without ``joint`` the
    points of a draw are independent of each other, in O(n) instead of O(n³).
    """
    draws = np.empty((n_draws, len(coords), len(posteriors)))
    for j, posterior in enumerate(posteriors):
        chosen = rng.choice(len(posterior.weights), size=n_draws, p=posterior.weights)
        for i, component in enumerate(posterior.components):
            mine = np.flatnonzero(chosen == i)
            if not len(mine):
                continue
            normals = rng.standard_normal((len(coords), len(mine)))
            if joint:
                drawn = sample_joint(component, coords, normals)
            else:
                moments = component.predict(coords)
                drawn = moments.mean[:, :1] + np.sqrt(moments.var)[:, None] * normals
            draws[mine, :, j] = drawn.T
    return draws


class MultiObjectiveAcquisition(Acquisition):
    """A configuration of an acquisition of several objectives; immutable. To make one's own, give
    :meth:`log_score`.
    """

    of_several: ClassVar[bool] = True

    def score(self, mean: Floats, var: Floats, best: Floats) -> Floats:
        """TypeError: there is more than one mean."""
        raise TypeError(f"{type(self).__name__} scores several objectives: use log_score()")

    def score_slopes(
        self, mean: Floats, var: Floats, best: Floats
    ) -> tuple[Floats, Floats, Floats]:
        """TypeError: there is more than one mean."""
        raise TypeError(f"{type(self).__name__} scores several objectives: use log_score()")

    @abstractmethod
    def log_score(
        self, known: Floats, reference: ReferencePoint, rng: np.random.Generator
    ) -> LogScore:
        """The log score from moments, given the means (n, m) of the points known so far."""

    def log_bound(
        self, known: Floats, reference: ReferencePoint, rng: np.random.Generator
    ) -> LogScore:
        """An upper bound of :meth:`log_score` that costs less, or that itself."""
        return self.log_score(known, reference, rng)

    def bind(self, context: Any, candidates: Floats, rng: np.random.Generator) -> Score:
        """The function over points to be maximised, at a :class:`MultiObjectiveContext`.

        What is drawn from ``rng`` is the same for all scenarios and fantasies.
        """
        seed = int(rng.integers(2**63))
        parts = _parts(context, self.log_score, seed)
        return ScenarioScore(context, parts, partial(_parts, context, self.log_bound, seed))


def _parts(
    context: MultiObjectiveContext,
    score: Callable[[Floats, ReferencePoint, np.random.Generator], LogScore],
    seed: int,
) -> Parts:
    """For each scenario and each fantasy a log score from moments."""
    reference, rng = context.reference, np.random.default_rng
    if reference is None:
        return ()
    fronts = [context.known(scenario) for scenario in context.scenarios]
    return tuple(tuple(score(known, reference, rng(seed)) for known in each) for each in fronts)


@dataclass(frozen=True, eq=False)
class ScenarioScore(Score):
    """The log of the mean over scenarios and fantasies of a score, plus log probabilities.

    Attributes
    ----------
    context : the posterior state.
    parts : for each scenario and each fantasy the log score from moments.
    bounds : makes the same of the acquisition's bound.
    """

    context: MultiObjectiveContext
    parts: Parts
    bounds: Callable[[], Parts]

    def values(self, coords: Floats) -> Floats:
        """Scores (B,)."""
        return self._values(coords, self.parts, lambda c: c.predict(coords))

    def optimistic_values(self, coords: Floats) -> Floats:
        """Scores (B,) at upper bounds of the variances, with which expected improvements grow, by
        the acquisition's bound.
        """
        return self._values(coords, self.bounds(), lambda c: c.predict_bound(coords))

    def _values(
        self, coords: Floats, parts: Parts, predict: Callable[[Component], Moments]
    ) -> Floats:
        total = np.zeros(len(coords))
        if parts:
            scores = [part[0] for scored, _ in self._scored(parts, predict) for part in scored]
            total += average(np.array(scores), self._weights, in_log=True)[0]
        for p in self.context.probabilities:
            total += p.log_probability(coords)
        return total

    def values_with_gradient(self, coords: Floats) -> tuple[Floats, Floats]:
        """Scores (B,) and gradients (B, p)."""
        total, gradient = np.zeros(len(coords)), np.zeros(coords.shape)
        if self.parts:
            scored = self._scored(self.parts, lambda c: c.predict(coords, slopes=True))
            scores = [part[0] for parts, _ in scored for part in parts]
            value, shares = average(np.array(scores), self._weights, in_log=True)
            total = total + value
            n_fantasies = len(scored[0][0])
            for s, (parts, moments) in enumerate(scored):
                share = shares[s * n_fantasies : (s + 1) * n_fantasies]
                gradient += _pulled(parts, moments, share)
        for p in self.context.probabilities:
            value, slope = p.log_probability_with_gradient(coords)
            total, gradient = total + value, gradient + slope
        return total, gradient

    @property
    def _weights(self) -> Floats:
        return np.array(
            [
                scenario.weight / len(parts)
                for scenario, parts in zip(self.context.scenarios, self.parts, strict=True)
                for _ in parts
            ]
        )

    def _scored(
        self, every: Parts, predict: Callable[[Component], Moments]
    ) -> list[tuple[list[tuple[Floats, Floats, Floats]], list[Moments]]]:
        """For each scenario the scores under each fantasy and each objective's moments."""
        found: dict[int, Moments] = {}  # a component may be of several scenarios
        scored = []
        for scenario, parts in zip(self.context.scenarios, every, strict=True):
            for c in scenario.components:
                if id(c) not in found:
                    found[id(c)] = predict(c)
            moments = [found[id(c)] for c in scenario.components]
            mean, sd = _side_by_side([m.mean for m in moments]), _deviations(moments)
            scored.append(([part(mean[:, f], sd) for f, part in enumerate(parts)], moments))
        return scored


def _side_by_side(means: Sequence[Floats]) -> Floats:
    """Means (B, F, m) from those of each objective, (B, F) or (B, 1)."""
    return np.stack(np.broadcast_arrays(*means), axis=2)


def _deviations(moments: Sequence[Moments]) -> Floats:
    """Standard deviations (B, m)."""
    return np.sqrt(np.maximum(np.stack([m.var for m in moments], axis=1), 0.0))


def _pulled(
    parts: Sequence[tuple[Floats, Floats, Floats]], moments: Sequence[Moments], shares: Floats
) -> Floats:
    """A scenario's part (B, p) of the gradient; ``shares`` (F, B) are those of its fantasies."""
    sd = _deviations(moments)
    gradient: Floats | float = 0.0
    for j, m in enumerate(moments):
        if m.pullback is None:
            raise TypeError(
                "this posterior has no gradients: its predict(..., slopes=True) must return a "
                "pullback"
            )
        by_mean = np.stack([s * p[1][:, j] for s, p in zip(shares, parts, strict=True)], axis=1)
        by_sd = sum(s * p[2][:, j] for s, p in zip(shares, parts, strict=True))
        if m.mean.shape[1] < by_mean.shape[1]:  # this objective has no fantasies
            by_mean = by_mean.sum(axis=1, keepdims=True)
        by_var = np.divide(by_sd, 2.0 * sd[:, j], out=np.zeros(len(sd)), where=sd[:, j] > 0.0)
        gradient = gradient + m.pullback(by_mean, by_var)
    return np.asarray(gradient)
