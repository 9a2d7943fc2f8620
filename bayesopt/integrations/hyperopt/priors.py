"""Hyperopt's distributions as parameters.

A label's value in a trial and the number that stands for it in a row of a :class:`~bayesopt.Space`
are related by a :class:`Prior`. Bounded distributions are searched over their range (logarithmic
where they are), unbounded ones over their quantiles, quantised ones over their values, placed by
logarithm or quantile.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from bayesopt.space import Categorical, Constant, Float, Int, Ordinal, Parameter

_TAIL = 1e-5  # probability beyond either end of what is searched of an unbounded distribution
_LISTED = 1000  # quantised values that are told apart; more are searched as if continuous

Map = Callable[[float], float]


@dataclass(frozen=True)
class Prior:
    """How a label is searched.

    Attributes
    ----------
    parameter : without conditions.
    number : the row's number for a value that a trial has.
    value : the trial's value for a row's number.
    """

    parameter: Parameter
    number: Map
    value: Callable[[float], Any]


@dataclass(frozen=True)
class _Scale:
    """A monotone map from what a distribution is uniform or normal in to its values, and back.

    Attributes
    ----------
    low, high : the range that is searched, in values.
    place : from values to positions, which need only be proportional to coordinates.
    locate : the inverse of ``place``.
    """

    low: float
    high: float
    place: Map
    locate: Map


def make_prior(label: str, kind: str, args: Mapping[str, Any], *, is_index: bool) -> Prior:
    """The prior of a label.

    Parameters
    ----------
    kind, args : name and arguments of Hyperopt's distribution.
    is_index : it selects a branch of ``hp.choice`` or ``hp.pchoice``.

    Raises
    ------
    NotImplementedError : for a distribution that this version does not know.
    ValueError : for arguments that make no distribution.
    """
    if kind in ("randint", "categorical"):
        return _listed(kind, args, is_index=is_index)
    if kind not in _SCALES:
        raise NotImplementedError(
            f"{label}: hp distribution {kind!r} is not supported; use one of {sorted(_SCALES)}, "
            "randint or choice"
        )
    scale = _SCALES[kind](args)
    if not (math.isfinite(scale.low) and math.isfinite(scale.high) and scale.low <= scale.high):
        raise ValueError(f"{label}: hp.{kind} with {dict(args)!r} has no finite range")
    if args.get("q") is not None:
        return _quantised(scale, float(args["q"]))
    return _continuous(scale)


def _listed(kind: str, args: Mapping[str, Any], *, is_index: bool) -> Prior:
    if kind == "categorical":
        low, high = 0, int(np.size(args["p"]))
    else:
        low, high = (0, args["low"]) if args.get("high") is None else (args["low"], args["high"])
    low, last = int(low), int(high) - 1
    if low == last:
        return Prior(Constant(low), float, int)
    if kind == "categorical" or is_index:
        return Prior(
            Categorical(range(low, high)), lambda v: float(v) - low, lambda n: int(n) + low
        )
    # Documented as unordered, but used for depths and sizes; as a lengthscale may become short,
    # to take it as ordered costs little
    return Prior(Int(low, last), float, int)


def _continuous(scale: _Scale) -> Prior:
    first, last = scale.place(scale.low), scale.place(scale.high)
    if first >= last:
        return Prior(Constant(scale.low), float, lambda _: scale.low)

    def value(number: float) -> float:
        return min(max(scale.locate(number), scale.low), scale.high)

    return Prior(Float(first, last), scale.place, value)


def _quantised(scale: _Scale, q: float) -> Prior:
    first, last = round(scale.low / q), round(scale.high / q)
    values = [k * q for k in range(first, last + 1)] if last - first < _LISTED else []
    if len(values) == 1:
        return Prior(Constant(values[0]), float, lambda _: values[0])
    if not values:
        smooth = _continuous(scale)
        return Prior(smooth.parameter, smooth.number, lambda n: round(smooth.value(n) / q) * q)
    # a value below the range, such as the 0 of a logarithm, lies where its rounding begins
    places = [scale.place(min(max(v, scale.low), scale.high)) for v in values]
    kept = [i for i in range(len(values)) if i == 0 or places[i] > places[i - 1]]
    values, places = [values[i] for i in kept], [places[i] for i in kept]
    if len(values) == 1:
        return Prior(Constant(values[0]), float, lambda _: values[0])
    array = np.array(values)
    return Prior(
        Ordinal(values, positions=places),
        lambda v: float(np.argmin(np.abs(array - v))),
        lambda n: values[int(n)],
    )


def _uniform(args: Mapping[str, Any]) -> _Scale:
    return _Scale(float(args["low"]), float(args["high"]), float, float)


def _loguniform(args: Mapping[str, Any]) -> _Scale:
    return _Scale(math.exp(args["low"]), math.exp(args["high"]), math.log, math.exp)


def _normal(args: Mapping[str, Any]) -> _Scale:
    mu, sigma = float(args["mu"]), float(args["sigma"])
    place, locate = _quantiles(mu, sigma)
    return _Scale(locate(_TAIL), locate(1.0 - _TAIL), place, locate)


def _lognormal(args: Mapping[str, Any]) -> _Scale:
    mu, sigma = float(args["mu"]), float(args["sigma"])
    place, locate = _quantiles(mu, sigma)
    return _Scale(
        math.exp(locate(_TAIL)), math.exp(locate(1.0 - _TAIL)),
        lambda v: place(math.log(v)) if v > 0.0 else 0.0, lambda u: math.exp(locate(u)),
    )  # fmt: skip


def _quantiles(mu: float, sigma: float) -> tuple[Map, Map]:
    from scipy.special import ndtr, ndtri

    if not sigma > 0.0:
        raise ValueError(f"sigma of a normal distribution must be > 0; got {sigma!r}")
    return (
        lambda x: float(ndtr((x - mu) / sigma)),
        lambda u: mu + sigma * float(ndtri(min(max(u, 0.1 * _TAIL), 1.0 - 0.1 * _TAIL))),
    )


_SCALES: Mapping[str, Callable[[Mapping[str, Any]], _Scale]] = {
    "uniform": _uniform,
    "quniform": _uniform,
    "loguniform": _loguniform,
    "qloguniform": _loguniform,
    "normal": _normal,
    "qnormal": _normal,
    "lognormal": _lognormal,
    "qlognormal": _lognormal,
}
