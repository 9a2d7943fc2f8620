"""Convergence diagnostics of the chains: numbers, and a status in words."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, fields
from enum import Enum
from typing import Any

import numpy as np

from bayesopt.checks import real
from bayesopt.surrogate.full_bayes.extra import arviz, quiet


class ConvergenceStatus(Enum):
    """The result of a sampling; the member's value is the sentence shown to a person."""

    AWAITED = (
        "too few observations to sample the hyperparameters: the maximum of the posterior (MAP) "
        "stands in, as with MapGP; FullBayesGP(begin=...) says from how many on they are sampled"
    )
    GOOD = "the chains agree"
    DOUBTFUL = (
        "the chains do not agree well even after a second, more careful try: proposals average "
        "over the part of the posterior that was seen, but quantiles of the hyperparameters are "
        "not to be trusted; more draws and tuning may help"
    )
    FAILED = (
        "the chains cannot be used: until the next refit the maximum of the posterior (MAP) "
        "stands in for the whole, as with MapGP; other priors or more observations may help"
    )


@dataclass(frozen=True)
class ConvergenceThresholds:
    """Limits of the convergence diagnostics.

    Attributes
    ----------
    r_hat, hopeless_r_hat : potential scale reduction (Vehtari et al. 2021) up to which chains are
        good, and usable.
    ess : bulk effective draws, over all chains, that good chains have at least.
    divergent, hopeless_divergent : share of divergent draws up to which chains are good, and
        usable.
    saturated : share of trajectories cut at the depth limit up to which chains are good.
    """

    r_hat: float = 1.1
    hopeless_r_hat: float = 2.0
    ess: float = 32.0
    divergent: float = 0.02
    hopeless_divergent: float = 0.3
    saturated: float = 0.2

    def __post_init__(self) -> None:
        for field in fields(self):
            value = real(f"{field.name} of the thresholds", getattr(self, field.name), 0.0)
            object.__setattr__(self, field.name, value)
        if not 1.0 < self.r_hat <= self.hopeless_r_hat:
            raise ValueError(
                "thresholds need 1 < r_hat <= hopeless_r_hat; "
                f"got {self.r_hat} and {self.hopeless_r_hat}"
            )


@dataclass(frozen=True)
class ConvergenceDiagnostics:
    """Diagnostics of one sampling.

    Attributes
    ----------
    status : what comes of it.
    r_hat, ess : the worst of all hyperparameters, by ArviZ: rank-normalised split R-hat, bulk
        effective sample size.
    divergent, saturated : shares of the draws.
    """

    status: ConvergenceStatus
    r_hat: float
    ess: float
    divergent: float
    saturated: float

    @property
    def numbers(self) -> dict[str, float | str]:
        """JSON-representable; what is infinite is left out."""
        numbers = {k: getattr(self, k) for k in ("r_hat", "ess", "divergent", "saturated")}
        finite = {k: round(v, 4) for k, v in numbers.items() if math.isfinite(v)}
        return {"verdict": self.status.name.lower(), **finite}


def diagnose(
    data: Any, thresholds: ConvergenceThresholds, hyperparameters: Iterable[str]
) -> ConvergenceDiagnostics:
    """Judge the hyperparameters of these names in ArviZ data of at least two chains."""
    names = [name for name in hyperparameters if name in data.posterior]
    with quiet():
        table = arviz().summary(data, var_names=names, kind="diagnostics", round_to="none")
    r_hat = _worst(table["r_hat"], np.max, math.inf)
    ess = _worst(table["ess_bulk"], np.min, 0.0)
    divergent = float(np.mean(np.asarray(data.sample_stats["diverging"])))
    saturated = float(np.mean(np.asarray(data.sample_stats["reached_max_treedepth"])))
    return ConvergenceDiagnostics(
        _status(r_hat, ess, divergent, saturated, thresholds), r_hat, ess, divergent, saturated
    )


def failure() -> ConvergenceDiagnostics:
    """The diagnostics of a sampling that gave no chains."""
    return ConvergenceDiagnostics(ConvergenceStatus.FAILED, math.inf, 0.0, math.nan, math.nan)


def _worst(column: Any, pick: Any, otherwise: float) -> float:
    values = np.asarray(column, dtype=float)
    return (
        float(pick(values)) if np.isfinite(values).all() else otherwise
    )  # a chain that never moved has no number


def _status(
    r_hat: float, ess: float, divergent: float, saturated: float, thresholds: ConvergenceThresholds
) -> ConvergenceStatus:
    if r_hat > thresholds.hopeless_r_hat or divergent > thresholds.hopeless_divergent:
        return ConvergenceStatus.FAILED
    good = r_hat <= thresholds.r_hat and ess >= thresholds.ess
    good = good and divergent <= thresholds.divergent and saturated <= thresholds.saturated
    return ConvergenceStatus.GOOD if good else ConvergenceStatus.DOUBTFUL
