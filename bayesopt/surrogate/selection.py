"""Model selection by evidence: which output transform, and whether with a
short-scale component.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from bayesopt.surrogate.base import Observations
from bayesopt.surrogate.covariance import (
    BoundCovariance,
    Covariance,
    ShortScale,
    as_covariance,
    bind,
)
from bayesopt.surrogate.descent import DescentSettings, descend
from bayesopt.surrogate.evidence import Evidence
from bayesopt.surrogate.features import Columns
from bayesopt.surrogate.prior import LogPrior, Priors
from bayesopt.surrogate.schedule import COMPARED, FITTED, FitState, subsample
from bayesopt.surrogate.transform import OutputTransform

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

# observations below which neither a warp nor a short-scale component can be told from chance
MIN_COMPARED = 6
_STEPS_COMPARING = 15  # where the comparison is all that is wanted of it
_STEPS_REFINING = 6  # on many observations, near the last fit's optimum; the next fit goes on
_NOISY = 1e-4  # noise variance that a short-scale component may explain instead
_SHORT = 1 / 3  # of a lengthscale's prior centre: it may be short for want of that component
_TAKEN_OVER = 1e-3  # variance that the component starts with at least


@dataclass(frozen=True, eq=False)
class Covariances:
    """The covariances that may be chosen from.

    Attributes
    ----------
    plain : without a short-scale component that comes and goes.
    rugged : with one; None where none may be added.
    """

    plain: BoundCovariance
    rugged: BoundCovariance | None

    @classmethod
    def over(cls, columns: Columns, kernel: str | Covariance, *, short_scale: bool) -> Covariances:
        """The covariances of a kernel over given columns."""
        key = cls, kernel, short_scale
        if key not in columns.cache:
            columns.cache[key] = cls._over(columns, kernel, short_scale)
        known: Covariances = columns.cache[key]
        return known

    @classmethod
    def _over(cls, columns: Columns, kernel: str | Covariance, short_scale: bool) -> Covariances:
        tree = as_covariance(kernel)
        plain = bind(tree, columns)
        may_add = short_scale and ShortScale.variance.name not in plain.vector.where
        return cls(plain, bind(tree + ShortScale(), columns) if may_add else None)

    def of(self, *, short_scale: bool) -> BoundCovariance:
        """The one with a short-scale component, or the one without."""
        if short_scale and self.rugged is not None:
            return self.rugged
        return self.plain


@dataclass(frozen=True)
class SelectionConfig:
    """How models are fitted and compared.

    Attributes
    ----------
    priors : over the hyperparameters.
    favourite : name of the output transform that pays no penalty.
    penalty : nats that any other transform pays, and a short-scale component.
    n_starts : starts of a fit from scratch.
    """

    priors: Priors
    favourite: str
    penalty: float
    n_starts: int


@dataclass(frozen=True, eq=False)
class Candidate:
    """A fitted model.

    Attributes
    ----------
    cost : negative log posterior and penalties.
    transform : name of its output transform.
    short_scale : whether its covariance has a short-scale component.
    log_theta : its log hyperparameters.
    """

    cost: float
    transform: str
    short_scale: bool
    log_theta: Floats


@dataclass(frozen=True, eq=False)
class ModelSelection:
    """The choice among the models of some data.

    Attributes
    ----------
    covariances : to choose from.
    data : what the models are of.
    transforms : by name, those that compete and the last fit's.
    old : what the last fit left, and whose turn it is to compete.
    config : how models are fitted and compared.
    """

    covariances: Covariances
    data: Observations
    transforms: Mapping[str, OutputTransform]
    old: FitState | None
    config: SelectionConfig

    def select(self, rng: np.random.Generator) -> Candidate | None:
        """The model of the highest evidence, with the MAP of its log hyperparameters.

        Models and starts are compared on some of the observations, the best is then refined on
        more of them; None, for the next ask to do so, when the old model is the best again.
        """
        n, old = len(self.data.values), self.old
        warm = old is not None and n > COMPARED and not old.starts_are_due(n)
        if old is None or not warm or old.competing(n):
            some = subsample(self.data.values, COMPARED)
            settings = (
                DescentSettings.near(COMPARED, _STEPS_COMPARING, 0.1)
                if warm
                else DescentSettings()
            )
            best = min(self._candidates(some, settings, rng), key=lambda c: c.cost)
            if warm and old is not None and _is_old(best, old):
                return None
        else:
            best = Candidate(np.inf, old.transform, old.short_scale, np.array(old.log_theta))
        if n > COMPARED:
            some = subsample(self.data.values, FITTED)
            settings = (
                DescentSettings.near(len(some), _STEPS_REFINING, 0.01)
                if warm
                else DescentSettings()
            )
            prior = self._prior(short_scale=best.short_scale)
            start = np.clip(best.log_theta, prior.low, prior.high)
            best = self._candidate(best.transform, some, [start], settings, best.short_scale)
        return best

    def _candidates(
        self, some: Integers, settings: DescentSettings, rng: np.random.Generator
    ) -> list[Candidate]:
        """The models that compete, fitted: the last fit's, and others when it is their turn."""
        old, candidates = self.old, []
        competing = self.transforms if old is None else old.competing(len(self.data.values))
        if old is not None and old.transform not in competing:
            starts = self._starts(rng, short_scale=old.short_scale)
            fitted = self._candidate(old.transform, some, starts, settings, old.short_scale)
            candidates.append(fitted)
        if not competing:
            return candidates
        starts = self._starts(rng, short_scale=False)
        plain = [
            self._candidate(name, some, starts, settings, False)
            for name in self.transforms
            if name in competing
        ]
        candidates += plain
        if plain and self._may_be_rugged(min(plain, key=lambda c: c.cost)):
            for c in plain:
                tried = self._rugged_starts([c.log_theta, *starts[1:]])
                candidates.append(self._candidate(c.transform, some, tried, settings, True))
        return candidates

    def _may_be_rugged(self, best: Candidate) -> bool:
        """Whether a short-scale component competes: on smooth data it has nothing to explain, and
        costs time.
        """
        if self.covariances.rugged is None or len(self.data.values) < MIN_COMPARED:
            return False
        # noise that is known does not tell whether the data are smooth
        noise = self.covariances.plain.vector.noise
        if self.data.noise_is_known or float(np.exp(best.log_theta[noise])) > _NOISY:
            return True
        lengthscales = self.covariances.plain.vector.where.get("lengthscale", slice(0, 0))
        center = self._prior(short_scale=False).center
        shorter = best.log_theta[lengthscales] - center[lengthscales]
        return bool((shorter < np.log(_SHORT)).any())

    def _rugged_starts(self, plain: Sequence[Floats]) -> list[Floats]:
        """Starts with a short-scale component in place of the noise of plain ones; and the last
        fit.
        """
        prior, starts = self._prior(short_scale=True), []
        vector = self.covariances.of(short_scale=True).vector
        noise, variance = vector.noise, vector.where["short_variance"]
        for log_theta in plain:
            start = self._carried(log_theta, had=False, short_scale=True)
            start[variance] = np.clip(start[noise], np.log(_TAKEN_OVER), 0.0)
            start[noise] = min(start[noise] - 3.0, -6.0)
            starts.append(start)
        if self.old is not None and self.old.short_scale:
            starts.append(np.array(self.old.log_theta))
        return [np.clip(s, prior.low, prior.high) for s in starts]

    def _starts(self, rng: np.random.Generator, *, short_scale: bool) -> list[Floats]:
        prior, old, starts = self._prior(short_scale=short_scale), self.old, []
        if old is not None:
            kept = self._carried(old.log_theta, had=old.short_scale, short_scale=short_scale)
            starts.append(np.clip(kept, prior.low, prior.high))
        if old is None or old.starts_are_due(len(self.data.values)):
            more = self.config.n_starts - 1
            starts += [prior.center, *(prior.draw(rng) for _ in range(more))]
        return starts

    def _carried(
        self, log_theta: Sequence[float] | Floats, *, had: bool, short_scale: bool
    ) -> Floats:
        """Log hyperparameters of one covariance as those of the other, the prior's centre for what
        the one does not have.
        """
        here, there = (
            self.covariances.of(short_scale=short_scale),
            self.covariances.of(short_scale=had),
        )
        known = here.vector.carried(log_theta, there.vector)
        return np.where(np.isnan(known), self._prior(short_scale=short_scale).center, known)

    def _candidate(
        self,
        name: str,
        some: Integers,
        starts: Sequence[Floats],
        settings: DescentSettings,
        short_scale: bool,
    ) -> Candidate:
        """A model fitted to some observations."""
        transform, values = self.transforms[name], self.data.values[some]
        evidence = Evidence(
            self.covariances.of(short_scale=short_scale),
            self.data.coords[some],
            transform.forward(values),
            transform.known_noise(self.data.values, self.data.noise_sd)[some],
        )
        prior = self._prior(short_scale=short_scale)
        fits = [descend(evidence, prior, start, settings) for start in starts]
        cost, log_theta = min(fits, key=lambda fit: fit[0])
        cost -= transform.log_jacobian(values)
        cost += self.config.penalty * (name != self.config.favourite)
        cost += self.config.penalty * short_scale
        return Candidate(cost, name, short_scale, log_theta)

    def _prior(self, *, short_scale: bool) -> LogPrior:
        if short_scale not in self._priors:
            vector = self.covariances.of(short_scale=short_scale).vector
            known = self.data.noise_is_known
            self._priors[short_scale] = vector.prior(self.config.priors, deterministic=known)
        return self._priors[short_scale]

    @cached_property
    def _priors(self) -> dict[bool, LogPrior]:
        return {}


def _is_old(best: Candidate, old: FitState) -> bool:
    return best.transform == old.transform and best.short_scale == old.short_scale
