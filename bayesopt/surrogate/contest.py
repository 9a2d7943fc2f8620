"""Which model of the data is used, by evidence: output transforms, with a ripple or without."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bayesopt.surrogate.base import Observations
from bayesopt.surrogate.descent import Effort, descend
from bayesopt.surrogate.evidence import Evidence
from bayesopt.surrogate.features import Columns
from bayesopt.surrogate.prior import LogPrior, Priors
from bayesopt.surrogate.schedule import COMPARED, FITTED, FitState, telling
from bayesopt.surrogate.transform import OutputTransform

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

MIN_COMPARED = 6  # observations below which neither a bend nor a ripple can be told from chance
_STEPS_COMPARING = 15  # where the comparison is all that is wanted of it
_STEPS_REFINING = 6  # on many observations, near the last fit's optimum; the next fit goes on
_NOISY = 1e-4  # noise variance that a ripple may explain instead
_SHORT = 1 / 3  # of a lengthscale's prior centre: it may be short for want of a ripple
_TAKEN_OVER = 1e-3  # variance that a ripple starts with at least


@dataclass(frozen=True)
class Rules:
    """How models are fitted and compared.

    Attributes
    ----------
    family : of the trend's radial function.
    priors : over the hyperparameters.
    favourite : name of the output transform that pays no penalty.
    penalty : nats that any other transform pays, and a ripple.
    ripple : whether there may be one.
    n_starts : starts of a fit from scratch.
    """

    family: str
    priors: Priors
    favourite: str
    penalty: float
    ripple: bool
    n_starts: int


@dataclass(frozen=True, eq=False)
class Entry:
    """A fitted model: its cost (negative log posterior and penalties), transform and log θ."""

    cost: float
    transform: str
    log_theta: Floats


@dataclass(frozen=True, eq=False)
class Contest:
    """The models that compete for some data.

    Attributes
    ----------
    transforms : by name, those that compete and the last fit's.
    old : what the last fit left, and whose turn it is to compete.
    """

    columns: Columns
    data: Observations
    transforms: Mapping[str, OutputTransform]
    old: FitState | None
    rules: Rules

    def winner(self, rng: np.random.Generator) -> tuple[str, Floats | None]:
        """The transform of most evidence and the MAP of its log hyperparameters.

        Models and starts are compared on some of the observations, the best is then refined on
        more of them; None, for the next ask to do so, when the old model has won again.
        """
        n, old = len(self.data.values), self.old
        warm = old is not None and n > COMPARED and not old.starts_are_due(n)
        if old is None or not warm or old.competing(n):
            some = telling(self.data.values, COMPARED)
            effort = Effort.near(COMPARED, _STEPS_COMPARING, 0.1) if warm else Effort()
            best = min(self._entries(some, effort, rng), key=lambda e: e.cost)
            if warm and old is not None and self._is_old(best, old):
                return best.transform, None
        else:
            best = Entry(np.inf, old.transform, np.array(old.log_theta))
        if n > COMPARED:
            some = telling(self.data.values, FITTED)
            effort = Effort.near(len(some), _STEPS_REFINING, 0.01) if warm else Effort()
            prior = self._prior(ripple=self._has_ripple(best.log_theta))
            start = np.clip(best.log_theta, prior.low, prior.high)
            best = self._entry(best.transform, some, prior, [start], effort)
        return best.transform, best.log_theta

    def _entries(self, some: Integers, effort: Effort, rng: np.random.Generator) -> list[Entry]:
        """The models that compete, fitted: the last fit's, and others when it is their turn."""
        old, entries = self.old, []
        competing = self.transforms if old is None else old.competing(len(self.data.values))
        if old is not None and old.transform not in competing:
            prior = self._prior(ripple=self._had_ripple)
            starts = self._starts(prior, rng)
            entries.append(self._entry(old.transform, some, prior, starts, effort))
        if not competing:
            return entries
        trend = self._prior(ripple=False)
        starts = self._starts(trend, rng)
        plain = [
            self._entry(name, some, trend, starts, effort)
            for name in self.transforms
            if name in competing
        ]
        entries += plain
        if plain and self._may_ripple(min(plain, key=lambda e: e.cost)):
            rippled = self._prior(ripple=True)
            for e in plain:
                tried = self._rippled([e.log_theta, *starts[1:]], rippled)
                entries.append(self._entry(e.transform, some, rippled, tried, effort))
        return entries

    @property
    def _had_ripple(self) -> bool:
        return self.old is not None and self._has_ripple(self.old.log_theta)

    def _has_ripple(self, log_theta: Sequence[float] | Floats) -> bool:
        return len(log_theta) > self.columns.n_hyperparameters

    @staticmethod
    def _is_old(best: Entry, old: FitState) -> bool:
        return best.transform == old.transform and len(best.log_theta) == len(old.log_theta)

    def _may_ripple(self, best: Entry) -> bool:
        """Whether a ripple competes: on smooth data it has nothing to explain, and costs time."""
        if not self.rules.ripple or len(self.data.values) < MIN_COMPARED:
            return False
        # noise that is known does not tell whether the data are smooth
        if self.data.noise_is_known or float(np.exp(best.log_theta[1])) > _NOISY:
            return True
        lengthscales = slice(2, 2 + len(self.columns.numeric))
        shorter = best.log_theta[lengthscales] - self._prior(ripple=False).center[lengthscales]
        return bool((shorter < np.log(_SHORT)).any())

    def _rippled(self, plain: Sequence[Floats], prior: LogPrior) -> list[Floats]:
        """Starts with a ripple in place of the noise of plain ones; and the last fit."""
        starts = []
        for log_theta in plain:
            start = np.append(log_theta, prior.center[-2:])
            start[-2] = np.clip(start[1], np.log(_TAKEN_OVER), 0.0)
            start[1] = min(start[1] - 3.0, -6.0)
            starts.append(start)
        if self.old is not None and self._had_ripple:
            starts.append(np.array(self.old.log_theta))
        return [np.clip(s, prior.low, prior.high) for s in starts]

    def _starts(self, prior: LogPrior, rng: np.random.Generator) -> list[Floats]:
        n, old, starts = len(self.data.values), self.old, []
        if old is not None:
            kept = np.array(old.log_theta)[: len(prior.center)]
            starts.append(np.clip(kept, prior.low, prior.high))
        if old is None or old.starts_are_due(n):
            more = self.rules.n_starts - 1
            starts += [prior.center, *(prior.draw(rng) for _ in range(more))]
        return starts

    def _entry(
        self,
        name: str,
        some: Integers,
        prior: LogPrior,
        starts: Sequence[Floats],
        effort: Effort,
    ) -> Entry:
        """A model fitted to some observations."""
        transform, values = self.transforms[name], self.data.values[some]
        evidence = Evidence(
            self.columns,
            self.data.coords[some],
            transform.forward(values),
            transform.known_noise(self.data.values, self.data.noise_sd)[some],
            self.rules.family,
        )
        fits = [descend(evidence, prior, start, effort) for start in starts]
        cost, log_theta = min(fits, key=lambda fit: fit[0])
        cost -= transform.log_jacobian(values)
        cost += self.rules.penalty * (name != self.rules.favourite)
        cost += self.rules.penalty * self._has_ripple(log_theta)
        return Entry(cost, name, log_theta)

    def _prior(self, *, ripple: bool) -> LogPrior:
        return self.rules.priors.in_log(
            len(self.columns.numeric),
            len(self.columns.categories),
            deterministic=self.data.noise_is_known,
            ripple=ripple,
        )
