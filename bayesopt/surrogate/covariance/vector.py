"""The hyperparameters of a Gaussian process as one vector, each at a place of its name."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from bayesopt.surrogate.covariance.base import Hyperparameter
from bayesopt.surrogate.prior import LogPrior, NormalInLog, Priors

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

NOISE = "noise"  # variance of the observation noise: of the likelihood, not of the covariance

# of another task's observations: a hundred times as much or as little is well within it
NOISE_RATIO = Hyperparameter("noise_ratio", NormalInLog(1.0, 2.0, 1e-4, 1e4), per="categorical")


@dataclass(frozen=True)
class Placed:
    """A hyperparameter at its place in the vector.

    Attributes
    ----------
    spec : the hyperparameter, under a name that no other has.
    where : its place.
    dimensions : (size,) how many parameters the term reads that it belongs to: of those of one
        parameter, how many are active where this one is, on average.
    """

    spec: Hyperparameter
    where: slice
    dimensions: Floats

    @property
    def name(self) -> str:
        """Its name."""
        return self.spec.name

    @property
    def size(self) -> int:
        """How many numbers."""
        return int(self.where.stop - self.where.start)


class Places:
    """Gives out places of a vector: one after another, the noise in second place."""

    def __init__(self) -> None:
        self.taken: list[Placed] = []
        self._names = {NOISE}
        self._end = 0

    def take(self, spec: Hyperparameter, dimensions: Floats) -> slice:
        """The place of a hyperparameter of as many numbers as ``dimensions`` (size,) has; one of a
        name that was taken gets a number behind it.
        """
        name, k = spec.name, 1
        while name in self._names:
            k += 1
            name = f"{spec.name}_{k}"
        self._names.add(name)
        place = self._put(replace(spec, name=name), dimensions)
        if len(self.taken) == 1:
            self._put(Hyperparameter(NOISE), np.ones(1))
        return place

    def _put(self, spec: Hyperparameter, dimensions: Floats) -> slice:
        place = slice(self._end, self._end + len(dimensions))
        self._end = place.stop
        self.taken.append(Placed(spec, place, dimensions))
        return place


@dataclass(frozen=True, eq=False)
class HyperparameterVector:
    """Where the vector log θ (t,) holds each hyperparameter.

    Attributes
    ----------
    placed : in the order of the vector; the first is the variance of the first summand.
    """

    placed: tuple[Placed, ...]

    @cached_property
    def where(self) -> dict[str, slice]:
        """Places by name."""
        return {p.name: p.where for p in self.placed}

    @cached_property
    def size(self) -> int:
        """t."""
        return int(self.placed[-1].where.stop)

    @cached_property
    def noise(self) -> int:
        """The place of the noise variance."""
        return int(self.where[NOISE].start)

    @cached_property
    def noise_ratios(self) -> slice:
        """The places of the other tasks' noise variances in units of the noise variance."""
        return self.where.get(NOISE_RATIO.name, slice(0, 0))

    def noise_of(self, theta: Floats, ratio_of: Integers | None) -> Floats | float:
        """The noise variance (n,) of observations, or that of all.

        Parameters
        ----------
        theta : (t,) hyperparameters, not their logs.
        ratio_of : see ``Columns.noise_ratio_of``.
        """
        noise = float(theta[self.noise])
        if ratio_of is None:
            return noise
        ratios = np.append(theta[self.noise_ratios], 1.0)  # the last one is that of -1
        return np.asarray(noise * ratios[ratio_of])

    def named(self, log_theta: Floats) -> dict[str, Floats]:
        """Values (...,) of one number, and (..., size) of several, by name, of log θ (..., t)."""
        values = {}
        for p in self.placed:
            x = np.exp(log_theta[..., p.where])
            values[p.name] = x if p.spec.per else x[..., 0]
        return values

    def prior(self, priors: Priors, *, deterministic: bool) -> LogPrior:
        """The prior of log θ; without noise the lowest that is allowed.

        Raises
        ------
        ValueError : for a hyperparameter without a prior.
        """
        parts = [_prior_of(p.spec, priors) for p in self.placed]
        sizes = [p.size for p in self.placed]
        parts = [part for part, size in zip(parts, sizes, strict=True) for _ in range(size)]
        center = np.log([p.center for p in parts])
        for p in self.placed:
            center[p.where] += [p.spec.growth * math.log(max(d, 1.0)) for d in p.dimensions]
        low, high = np.log([p.low for p in parts]), np.log([p.high for p in parts])
        if deterministic:
            center[self.noise] = high[self.noise] = low[self.noise]
            center[self.noise_ratios] = high[self.noise_ratios] = low[self.noise_ratios] = 0.0
        return LogPrior(np.clip(center, low, high), np.array([p.sd for p in parts]), low, high)

    def carried(self, log_theta: Sequence[float] | Floats, other: HyperparameterVector) -> Floats:
        """What is known of this vector from one of another covariance: the parts of one name.

        The others are NaN.
        """
        known, theirs = np.full(self.size, np.nan), np.asarray(log_theta, dtype=float)
        for p in self.placed:
            place = other.where.get(p.name)
            if place is not None and place.stop - place.start == p.size:
                known[p.where] = theirs[place]
        return known


def _prior_of(spec: Hyperparameter, priors: Priors) -> NormalInLog:
    if spec.prior is not None:
        return spec.prior
    found = priors.of(spec.name) or priors.of(spec.name.rstrip("0123456789").rstrip("_"))
    if found is None:
        raise ValueError(
            f"the hyperparameter {spec.name!r} needs a prior: write Hyperparameter({spec.name!r}, "
            "NormalInLog(center, sd, low, high))"
        )
    return found
