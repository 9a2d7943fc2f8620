"""Several evaluations of one point told at once: their mean, and how sure that is."""

from __future__ import annotations

import math
import sys
from collections.abc import Mapping, Sequence
from numbers import Real
from typing import Any

from bayesopt.checks import as_float, plain, shown

_FORM = "'values' must be a list of numbers, such as [60, 62, 61]"


def with_mean(result: Mapping[Any, Any]) -> Mapping[Any, Any]:
    """A result with ``value`` and ``sd`` in place of ``values``; the values are kept in ``info``.

    Raises
    ------
    TypeError, ValueError : for what are no numbers, or when a value is given beside them.
    """
    if "values" not in result:
        return result
    values = _numbers(result["values"])
    if result.get("value") is not None:
        raise TypeError("the result has 'value' and 'values', its replicates; give one of them")
    told = {key: v for key, v in result.items() if key not in ("values", "value")}
    told["value"] = mean(values)
    spread = sd_of_mean(values) if told.get("sd") is None else None
    if spread is not None:
        told["sd"] = spread
    if len(values) > 1:
        info = told.get("info")
        more = info if isinstance(info, Mapping) else {} if info is None else {"info": info}
        told["info"] = {"replicates": values, **more}
    return told


def mean(values: Sequence[float]) -> float:
    """Of at least one number; NaN when one of them is not finite."""
    if not all(map(math.isfinite, values)):
        return math.nan
    return math.fsum(v / len(values) for v in values)


def sd_of_mean(values: Sequence[float]) -> float | None:
    """The estimated standard deviation of the mean of normal values; None where there is none.

    The sample's standard deviation is divided by c4(k), so that it is right in the mean for few
    values too (ISO 7870-2), and by the root of their number k. With one value, or equal ones,
    nothing can be estimated.
    """
    k, middle = len(values), mean(values)
    if k < 2 or not math.isfinite(middle):
        return None
    halves = [v / 2.0 - middle / 2.0 for v in values]  # twice that may be beyond the floats
    largest = max(map(abs, halves))
    if largest == 0.0:
        return None
    total = math.fsum((h / largest) ** 2 for h in halves)
    relative = 2.0 * math.sqrt(total / (k - 1)) / (c4(k) * math.sqrt(k))
    found = min(largest * relative, sys.float_info.max)
    return found if found > 0.0 else None


def c4(k: int) -> float:
    """The mean of the sample's standard deviation of k >= 2 normal values over the true one.

    sqrt(2 / (k - 1)) G(k / 2) / G((k - 1) / 2), with the gamma function G.
    """
    return math.sqrt(2.0 / (k - 1)) * math.exp(math.lgamma(k / 2) - math.lgamma((k - 1) / 2))


def _numbers(given: object) -> list[float]:
    listing = getattr(given, "tolist", None)
    values = listing() if callable(listing) else given
    if not isinstance(values, list | tuple):
        raise TypeError(f"{_FORM}; got {shown(given)}")
    if not values:
        raise ValueError(f"{_FORM}, at least one; got {shown(given)}")
    found = []
    for value in map(plain, values):
        if isinstance(value, bool) or not isinstance(value, Real):
            raise TypeError(f"{_FORM}; got {shown(value)} among them")
        found.append(as_float(value))
    return found
