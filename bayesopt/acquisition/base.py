"""Acquisitions: what is expected of evaluating a point, from the posterior there.

An acquisition scores the objective's posterior moments. Bound to the posterior state of a run it
becomes a function over points with gradients: the objective's score plus the log probabilities of
meeting each outcome constraint and of not failing.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

import numpy as np
from numpy.typing import NDArray

from bayesopt.compiled import acquisition as kernels
from bayesopt.compiled import floats
from bayesopt.surrogate import Posterior
from bayesopt.surrogate.posterior import ComponentMoments

Floats = NDArray[np.float64]


class LogProbability(Protocol):
    """A log probability over points with a gradient, such as that of an evaluation's success."""

    def log_probability(self, coords: Floats) -> Floats:
        """Values (B,) at coordinates (B, p)."""

    def log_probability_with_gradient(self, coords: Floats) -> tuple[Floats, Floats]:
        """Values (B,) and gradients (B, p)."""


@dataclass(frozen=True, eq=False)
class Feasibility:
    """Log probability that an outcome constraint is met.

    Attributes
    ----------
    posterior : of the constraint's standardised value.
    limit : the standardised value of 0: at most this is feasible.
    """

    posterior: Posterior
    limit: float

    def log_probability(self, coords: Floats) -> Floats:
        """Values (B,), averaged over the posterior's draws."""
        logs = np.array([log for log, _, _ in self._parts(self.posterior.predict_each(coords))])
        return average(logs, self.posterior.weights, in_log=True)[0]

    def log_probability_with_gradient(self, coords: Floats) -> tuple[Floats, Floats]:
        """Values (B,) and gradients (B, p)."""
        each = self.posterior.predict_each(coords, slopes=True)
        return pulled_average(each, self._parts(each), self.posterior.weights, in_log=True)

    def _parts(self, each: ComponentMoments) -> list[tuple[Floats, Floats, Floats]]:
        """Each draw's values (B,) and their derivatives in mean (B, F) and variance (B,)."""
        parts = []
        for mean, var in zip(each.mean, each.var, strict=True):
            out, d_mean, d_var = np.empty(len(var)), np.empty_like(mean), np.empty_like(var)
            kernels.log_feasible_slopes(floats(mean - self.limit), floats(var), out, d_mean, d_var)
            parts.append((out, d_mean, d_var))
        return parts


@dataclass(frozen=True, eq=False)
class AcquisitionContext:
    """Posterior state at which an acquisition is evaluated. The objective is minimised.

    Attributes
    ----------
    objective : posterior of the standardised objective, or None while no feasible value is
        known: then only feasibility matters.
    incumbents : for each component of ``objective`` the best standardised value so far under
        each fantasy, (F,).
    probabilities : log probabilities that are added to the score: one per outcome constraint,
        one of success.
    """

    objective: Posterior | None
    incumbents: tuple[Floats, ...]
    probabilities: tuple[LogProbability, ...] = ()

    @property
    def constrained(self) -> bool:
        """Whether the probabilities of outcome constraints are among them."""
        return any(isinstance(p, Feasibility) for p in self.probabilities)


class Score(ABC):
    """A function over points to be maximised, with gradients."""

    @abstractmethod
    def values(self, coords: Floats) -> Floats:
        """Scores (B,) at coordinates (B, p); -inf is allowed, NaN is not."""

    @abstractmethod
    def values_with_gradient(self, coords: Floats) -> tuple[Floats, Floats]:
        """Scores (B,) and gradients (B, p): 0 for categorical and inactive columns."""

    def optimistic_values(self, coords: Floats) -> Floats:
        """Cheap upper bounds of the scores (B,), for screening."""
        return self.values(coords)


class Acquisition(ABC):
    """A configuration of an acquisition; immutable. To make one's own, give :meth:`score` and
    :meth:`score_slopes`.

    Attributes
    ----------
    in_log : scores are logarithms: draws are averaged as log-mean-exp, not as the mean.
    of_several : it is for several objectives, see ``MultiObjectiveAcquisition``.
    needs_costs : it goes by what evaluations cost, see ``Gittins``.
    """

    in_log: bool = True
    of_several: ClassVar[bool] = False
    needs_costs: ClassVar[bool] = False

    @abstractmethod
    def score(self, mean: Floats, var: Floats, best: Floats) -> Floats:
        """Scores (B,) of standardised moments, bigger is better.

        Parameters
        ----------
        mean : (B, F) posterior means under each fantasy.
        var : (B,) posterior variances of the latent function.
        best : (F,) the value to improve on (downwards) under each fantasy.
        """

    @abstractmethod
    def score_slopes(
        self, mean: Floats, var: Floats, best: Floats
    ) -> tuple[Floats, Floats, Floats]:
        """Scores (B,) and their derivatives in ``mean`` (B, F) and ``var`` (B,)."""

    def bind(self, context: Any, candidates: Floats, rng: np.random.Generator) -> Score:
        """The function over points to be maximised, at an :class:`AcquisitionContext`.

        ``candidates`` (m, p) are points that will be looked at, ``rng`` is for acquisitions that
        draw samples.
        """
        return BoundAcquisition(self, context)


@dataclass(frozen=True, eq=False)
class BoundAcquisition(Score):
    """An acquisition at the posterior state of a run."""

    acquisition: Acquisition
    context: AcquisitionContext

    def values(self, coords: Floats) -> Floats:
        """Scores (B,)."""
        return self._values(coords, bound=False)

    def optimistic_values(self, coords: Floats) -> Floats:
        """Scores (B,) at the least variance known without an O(n²) product per point.

        An upper bound for every acquisition that does not fall with the variance.
        """
        return self._values(coords, bound=True)

    def _values(self, coords: Floats, *, bound: bool) -> Floats:
        total = np.zeros(len(coords))
        posterior = self.context.objective
        if posterior is not None:
            if bound:
                each = ComponentMoments.of([c.predict_bound(coords) for c in posterior.components])
            else:
                each = posterior.predict_each(coords)
            scores = [
                self.acquisition.score(mean, var, best)
                for mean, var, best in zip(
                    each.mean, each.var, self.context.incumbents, strict=True
                )
            ]
            total += average(np.array(scores), posterior.weights, in_log=self.acquisition.in_log)[
                0
            ]
        for p in self.context.probabilities:
            total += p.log_probability(coords)
        return total

    def values_with_gradient(self, coords: Floats) -> tuple[Floats, Floats]:
        """Scores (B,) and gradients (B, p)."""
        total, gradient = np.zeros(len(coords)), np.zeros(coords.shape)
        posterior = self.context.objective
        if posterior is not None:
            each = posterior.predict_each(coords, slopes=True)
            parts = [
                self.acquisition.score_slopes(mean, var, best)
                for mean, var, best in zip(
                    each.mean, each.var, self.context.incumbents, strict=True
                )
            ]
            total, gradient = pulled_average(
                each, parts, posterior.weights, in_log=self.acquisition.in_log
            )
        for p in self.context.probabilities:
            value, slope = p.log_probability_with_gradient(coords)
            total, gradient = total + value, gradient + slope
        return total, gradient


def average(scores: Floats, weights: Floats, *, in_log: bool) -> tuple[Floats, Floats]:
    """Weighted mean (B,) of scores (S, B) over draws, and each draw's share (S, B) in its
    gradient.
    """
    if len(scores) == 1:
        return scores[0], np.ones_like(scores)
    if not in_log:
        return np.asarray(weights @ scores), np.broadcast_to(weights[:, None], scores.shape)
    top = np.maximum(scores.max(axis=0), -1e300)
    parts = weights[:, None] * np.exp(scores - top)
    total = parts.sum(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        shares = np.where(total > 0.0, parts / total, weights[:, None])
        return np.log(total) + top, shares


def pulled_average(
    each: ComponentMoments,
    parts: Sequence[tuple[Floats, Floats, Floats]],
    weights: Floats,
    *,
    in_log: bool,
) -> tuple[Floats, Floats]:
    """Weighted mean (B,) of scores over draws and its gradient (B, p).

    ``parts`` are each draw's scores (B,) and their derivatives in mean (B, F) and variance (B,).
    """
    if len(parts) == 1:
        value, d_mean, d_var = parts[0]
        return value, each.pullback(d_mean[None], d_var[None])
    value, shares = average(np.array([p[0] for p in parts]), weights, in_log=in_log)
    d_means, d_vars = np.array([p[1] for p in parts]), np.array([p[2] for p in parts])
    return value, each.pullback(shares[:, :, None] * d_means, shares * d_vars)
