"""Optuna's distributions and this package's parameters.

Numbers are Optuna's internal representation: the value of a Float or Int, the index of a category.
That is also what a row of a :class:`~bayesopt.Space` holds, as categories are given to it by
index; so any choices are welcome, 1 beside True and lists included.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)

from bayesopt.space import Categorical, Float, Int, Parameter

_STEADY = 3  # trials that must agree before an older range is forgotten
_FIXED = 10  # the same where the range has shrunk to a single value
_LISTED = 256  # levels of a number that others may depend on
_WHOLE = 2**53


def current(history: Sequence[BaseDistribution]) -> BaseDistribution:
    """The distribution to propose from, given those that a parameter had in the trials so far, in
    order.

    The last one once three trials agree on it, ten when it leaves a single value; else the hull of
    all ranges, as ranges may depend on other parameters.
    """
    last = history[-1]
    steady = all(d == last for d in history[-(_FIXED if last.single() else _STEADY) :])
    if isinstance(last, CategoricalDistribution) or steady:
        return last
    alike = [d for d in history if type(d) is type(last)]
    low, high = min(d.low for d in alike), max(d.high for d in alike)
    return type(last)(low, high, log=last.log)


def make_parameter(
    distribution: BaseDistribution, when: Mapping[str, Sequence[float]] | None = None
) -> Parameter | None:
    """The parameter for a distribution; None for one that cannot be searched by a model."""
    if isinstance(distribution, CategoricalDistribution):
        return Categorical(range(len(distribution.choices)), when=when)
    try:
        if isinstance(distribution, IntDistribution):
            return _make_int(distribution, when)
        if isinstance(distribution, FloatDistribution):
            return _make_float(distribution, when)
    except ValueError:  # a range beyond what a float can hold
        return None
    return None


def levels(distribution: BaseDistribution) -> tuple[list[float], bool] | None:
    """The numbers of a discrete parameter and whether they are ordered; None when there are too
    many."""
    if isinstance(distribution, CategoricalDistribution):
        return [float(i) for i in range(len(distribution.choices))], False
    if distribution.step is None:
        return None
    count = (distribution.high - distribution.low) / distribution.step + 1
    if not count <= _LISTED:
        return None
    parameter = make_parameter(distribution)
    scale = parameter.scale() if parameter is not None else None
    if scale is None or not np.isfinite(scale.n_levels).all():
        return None
    return [float(v) for v in scale.to_rows(np.asarray(scale.levels())[:, None])[:, 0]], True


def external(distribution: BaseDistribution, number: float) -> Any:
    """The value in Python's types for a number, moved into the distribution's range and grid."""
    if isinstance(distribution, CategoricalDistribution):
        return distribution.choices[int(number)]
    if isinstance(distribution, IntDistribution):
        step = distribution.step
        last = distribution.low + (distribution.high - distribution.low) // step * step
        nearest = distribution.low + round((number - distribution.low) / step) * step
        return int(min(max(nearest, distribution.low), last))
    value = min(max(float(number), distribution.low), distribution.high)
    if distribution.step is None or distribution._contains(value):
        return value
    steps = round((value - distribution.low) / distribution.step)
    return min(distribution.low + steps * distribution.step, distribution.high)


def _make_int(d: IntDistribution, when: Mapping[str, Sequence[float]] | None) -> Parameter:
    if max(abs(d.low), abs(d.high), d.high - d.low) > _WHOLE:
        return Float(float(d.low), float(d.high), log=d.log, when=when)
    step = None if d.log or d.step == 1 or d.step > d.high - d.low else d.step
    return Int(d.low, d.high, log=d.log, step=step, when=when)


def _make_float(d: FloatDistribution, when: Mapping[str, Sequence[float]] | None) -> Parameter:
    if d.step is None or math.isinf(d.high - d.low):
        return Float(d.low, d.high, log=d.log, when=when)
    try:
        return Float(d.low, d.high, step=d.step, when=when)
    except (
        ValueError
    ):  # the step is too fine for levels; values are rounded as they are handed out
        return Float(d.low, d.high, when=when)
