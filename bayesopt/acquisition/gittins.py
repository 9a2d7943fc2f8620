"""The Pandora's-box Gittins index: where evaluations have a price."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from bayesopt.acquisition.base import Acquisition, AcquisitionContext, Score
from bayesopt.calls import explained_class
from bayesopt.checks import real
from bayesopt.compiled import acquisition as kernels
from bayesopt.compiled import floats
from bayesopt.surrogate import Posterior
from bayesopt.surrogate.posterior import ComponentMoments

Floats = NDArray[np.float64]

_LEAST = -700.0  # log probability: of less it does not matter how much less


@explained_class
@dataclass(frozen=True)
class Gittins(Acquisition):
    """The Pandora's-box Gittins index, for evaluations of uneven cost whose worth is known
    (Xie, Astudillo, Frazier & Scully 2024, arXiv 2406.20062; Weitzman 1979).

    A point's index is the value g at which the expected improvement over g is worth what the
    evaluation costs, EI(x; g) = price c(x); the point of the least index is next. Costs are those
    told with the results (``cost``), or else the seconds of a trial: their log has a model of its
    own. The probability of meeting outcome constraints divides the cost. With
    ``stop=bo.WorthIt(price)`` a run ends when nothing is worth its cost.

    Attributes
    ----------
    price : what one unit of cost is worth, in the objective's units (> 0).
    """

    price: float
    in_log: ClassVar[bool] = False  # type: ignore[misc]
    needs_costs: ClassVar[bool] = True

    def __post_init__(self) -> None:
        object.__setattr__(self, "price", real("price", self.price, above=0.0))

    def score(self, mean: Floats, var: Floats, best: Floats) -> Floats:
        """Minus the indices (B,) of points that cost 1, all in the same units."""
        return self.score_slopes(mean, var, best)[0]

    def score_slopes(
        self, mean: Floats, var: Floats, best: Floats
    ) -> tuple[Floats, Floats, Floats]:
        """Scores (B,) and their derivatives in ``mean`` (B, F) and ``var`` (B,)."""
        return _indices(mean, var, np.full(len(var), math.log(self.price)))[:3]


@dataclass(frozen=True, eq=False)
class LogCost:
    """The log of a point's expected cost, of a normal log cost.

    Attributes
    ----------
    posterior : of the standardised log cost, or None where all cost the same.
    offset, unit : the log cost is ``offset + unit z``.
    """

    posterior: Posterior | None
    offset: float
    unit: float = 1.0

    def values(self, coords: Floats) -> Floats:
        """Values (B,) at coordinates (B, p)."""
        if self.posterior is None:
            return np.full(len(coords), self.offset)
        mean, var = self.posterior.mean_var(coords)
        return np.asarray(self.offset + self.unit * mean + 0.5 * self.unit**2 * var)

    def values_with_gradient(self, coords: Floats) -> tuple[Floats, Floats]:
        """Values (B,) and gradients (B, p)."""
        if self.posterior is None:
            return self.values(coords), np.zeros(coords.shape)
        each = self.posterior.predict_each(coords, slopes=True)
        mean, var = each.mean[0], each.var[0]  # a MAP fit: one component
        by_mean = np.full((1, *mean.shape), self.unit)
        by_var = np.full((1, len(var)), 0.5 * self.unit**2)
        values = self.offset + self.unit * mean[:, 0] + 0.5 * self.unit**2 * var
        return np.asarray(values), each.pullback(by_mean, by_var)


@dataclass(frozen=True)
class PricedGittins(Gittins):
    """The index with the costs of a run; the price is that of a standardised unit."""

    cost: LogCost = field(default_factory=lambda: LogCost(None, 0.0), compare=False)

    def bind(
        self, context: AcquisitionContext, candidates: Floats, rng: np.random.Generator
    ) -> Score:
        """The function over points."""
        return _GittinsScore(context, self.cost, math.log(self.price))


@dataclass(frozen=True, eq=False)
class _GittinsScore(Score):
    context: AcquisitionContext
    cost: LogCost
    log_price: float

    def values(self, coords: Floats) -> Floats:
        posterior, chance = self.context.objective, self._chance(coords)
        if posterior is None:
            return chance
        return self._values(posterior.predict_each(coords), self._log_cost(coords, chance))

    def optimistic_values(self, coords: Floats) -> Floats:
        """At the least variance known without an O(n²) product per point: it raises a score."""
        posterior, chance = self.context.objective, self._chance(coords)
        if posterior is None:
            return chance
        each = ComponentMoments.of([c.predict_bound(coords) for c in posterior.components])
        return self._values(each, self._log_cost(coords, chance))

    def values_with_gradient(self, coords: Floats) -> tuple[Floats, Floats]:
        posterior, chance = self.context.objective, np.zeros(len(coords))
        by_chance = np.zeros(coords.shape)
        for probability in self.context.probabilities:
            value, slope = probability.log_probability_with_gradient(coords)
            chance, by_chance = chance + value, by_chance + slope
        if posterior is None:
            return chance, by_chance
        by_chance = np.where((chance > _LEAST)[:, None], by_chance, 0.0)
        cost, by_cost = self.cost.values_with_gradient(coords)
        log_cost = self.log_price + cost - np.maximum(chance, _LEAST)
        each = posterior.predict_each(coords, slopes=True)
        parts = [_indices(m, v, log_cost) for m, v in zip(each.mean, each.var, strict=True)]
        w = posterior.weights
        d_mean = np.array([a * p[1] for a, p in zip(w, parts, strict=True)])
        d_var = np.array([a * p[2] for a, p in zip(w, parts, strict=True)])
        d_cost = w @ np.array([p[3] for p in parts])
        gradient = each.pullback(d_mean, d_var) + d_cost[:, None] * (by_cost - by_chance)
        return np.asarray(w @ np.array([p[0] for p in parts])), gradient

    def _values(self, each: ComponentMoments, log_cost: Floats) -> Floats:
        assert self.context.objective is not None
        parts = [_indices(m, v, log_cost)[0] for m, v in zip(each.mean, each.var, strict=True)]
        return np.asarray(self.context.objective.weights @ np.array(parts))

    def _chance(self, coords: Floats) -> Floats:
        total = np.zeros(len(coords))
        for probability in self.context.probabilities:
            total = total + probability.log_probability(coords)
        return total

    def _log_cost(self, coords: Floats, chance: Floats) -> Floats:
        return self.log_price + self.cost.values(coords) - np.maximum(chance, _LEAST)


def _indices(mean: Floats, var: Floats, log_cost: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    """Minus the indices (B,), and their derivatives in mean (B, F), variance and log cost (B,)."""
    out, d_mean, d_var = np.empty(len(var)), np.empty(mean.shape), np.empty(len(var))
    d_cost = np.empty(len(var))
    kernels.gittins_slopes(floats(mean), floats(var), floats(log_cost), out, d_mean, d_var, d_cost)
    return out, d_mean, d_var, d_cost
