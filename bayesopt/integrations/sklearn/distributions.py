"""Distributions, as they are given to RandomizedSearchCV, as parameters to be searched.

A distribution says where good values are expected: the more probable a region, the more of the
scale it gets. Uniform, log-uniform and whole-number ranges become plain ranges; all others are
searched in their quantiles.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from bayesopt.space import Float, Int, Ordinal, Parameter

_TAIL = 1e-3  # probability left out at an end that is infinitely far away
_NEAR = 1e-12  # to an end, where it is the end
_LISTED = 1000  # values of a discrete distribution that are placed by their probability
_IMPROBABLE = 1e-6  # values less probable than this are left out
_DRAWS = 200  # of an object that can only be drawn from


@dataclass(frozen=True)
class Quantile:
    """From a probability in [0, 1] to the value of a continuous distribution."""

    distribution: Any

    def __call__(self, probability: float) -> float:
        """The quantile."""
        # so near to an end not every distribution's root finding converges
        near = 0.0 if probability < _NEAR else 1.0 if probability > 1.0 - _NEAR else probability
        return float(_quantile(self.distribution, near))


def same(value: Any) -> Any:
    """The value itself."""
    return value


def is_distribution(spec: Any) -> bool:
    """Whether ``spec`` can be drawn from or knows its quantiles; a class is not yet one."""
    return not isinstance(spec, type) and (hasattr(spec, "rvs") or hasattr(spec, "icdf"))


def read_distribution(distribution: Any) -> tuple[Parameter, Any] | list[Any]:
    """The parameter for a distribution and the function from its values to the estimator's.

    An object that can do nothing but ``rvs(random_state=...)`` gives a list of draws in place of
    both.

    Raises
    ------
    ValueError : for a distribution of anything but single numbers.
    """
    if not (hasattr(distribution, "ppf") or hasattr(distribution, "icdf")):
        stream = np.random.RandomState(0)
        return [distribution.rvs(random_state=stream) for _ in range(_DRAWS)]
    low, high = (np.asarray(end, dtype=float) for end in distribution.support())
    if low.ndim or high.ndim:
        raise ValueError(
            f"a distribution of a single number was expected; got one of shape {low.shape}"
        )
    if not low <= high:
        raise ValueError("the distribution has no values: its shape parameters are not allowed")
    if _is_discrete(distribution):
        return _discrete(distribution, float(low), float(high)), same
    return _continuous(distribution, float(low), float(high))


def _continuous(distribution: Any, low: float, high: float) -> tuple[Parameter, Any]:
    name = getattr(getattr(distribution, "dist", distribution), "name", None)
    if name == "uniform":
        return Float(low, high), same
    if name in ("loguniform", "reciprocal") and _is_log(distribution, low, high):
        return Float(low, high, log=True), same
    first = 0.0 if math.isfinite(low) else _TAIL
    last = 1.0 if math.isfinite(high) else 1.0 - _TAIL
    return Float(first, last), Quantile(distribution)


def _is_log(distribution: Any, low: float, high: float) -> bool:
    """Whether no shift was given, which would leave the distribution log-uniform in name only."""
    return low > 0.0 and math.isclose(
        float(distribution.median()), math.sqrt(low) * math.sqrt(high), rel_tol=1e-9
    )


def _is_discrete(distribution: Any) -> bool:
    if hasattr(distribution, "rvs"):
        return hasattr(distribution, "pmf")
    # SciPy's newer distributions have a pmf, all of them
    return any(kind.__name__ == "DiscreteDistribution" for kind in type(distribution).__mro__)


def _discrete(distribution: Any, low: float, high: float) -> Parameter:
    name = getattr(getattr(distribution, "dist", distribution), "name", None)
    if name == "randint":
        return Int(int(low), int(high))
    if high - low >= _LISTED:
        low, high = (float(_quantile(distribution, q)) for q in (_TAIL, 1.0 - _TAIL))
    if high - low >= _LISTED:
        return Int(int(low), int(high))
    values = np.arange(low, high + 1.0)
    probability = np.asarray(distribution.pmf(values), dtype=float)
    if probability.sum() < 0.5:
        raise ValueError("the distribution's values are not whole numbers; list them instead")
    kept = probability > _IMPROBABLE
    values, places = values[kept], (np.cumsum(probability) - 0.5 * probability)[kept]
    if len(values) < 2:
        return Int(int(values[0]), int(values[0]))
    return Ordinal([int(v) for v in values], positions=places)


def _quantile(distribution: Any, probability: float) -> Any:
    inverse = distribution.ppf if hasattr(distribution, "ppf") else distribution.icdf
    return inverse(probability)
