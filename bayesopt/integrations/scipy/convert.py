"""The arguments of ``minimize``, checked and turned into this package's terms."""

from __future__ import annotations

import math
from collections.abc import Callable
from inspect import signature
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from bayesopt.space import Float, Int

Variables = dict[str, Float | Int]


def read_variables(bounds: Any, integrality: ArrayLike | None) -> Variables:
    """A parameter for each variable: x0, x1, ...

    Raises
    ------
    ValueError : naming the variable whose bounds are none.
    """
    if hasattr(bounds, "lb") and hasattr(bounds, "ub"):
        bounds = np.stack(np.broadcast_arrays(np.atleast_1d(bounds.lb), bounds.ub), axis=-1)
    try:
        pairs = np.asarray(bounds, dtype=float)
    except (TypeError, ValueError):
        pairs = np.empty(0)
    if pairs.ndim != 2 or pairs.shape[1] != 2 or not len(pairs):
        raise ValueError(
            "bounds must be pairs of numbers, [(low, high), ...], or a scipy.optimize.Bounds; "
            f"got {bounds!r}"
        )
    whole = np.zeros(len(pairs), dtype=bool)
    if integrality is not None:
        try:
            whole = np.broadcast_to(np.asarray(integrality, dtype=bool), whole.shape)
        except ValueError:
            raise ValueError(
                f"integrality must be one truth value or {len(pairs)}, one for each variable; "
                f"got {integrality!r}"
            ) from None
    return {
        f"x{i}": _variable(i, float(low), float(high), bool(whole[i]))
        for i, (low, high) in enumerate(pairs)
    }


def _variable(i: int, low: float, high: float, whole: bool) -> Float | Int:
    where = f"bounds of x[{i}]"
    if not (math.isfinite(low) and math.isfinite(high)):
        raise ValueError(f"{where} must be finite; got {(low, high)!r}")
    if low > high:
        raise ValueError(f"{where}: the lower one is above the upper one: {(low, high)!r}")
    if not whole:
        return Float(low, high)
    if math.ceil(low) > math.floor(high):
        raise ValueError(f"{where}: no whole number lies between {low!r} and {high!r}")
    return Int(math.ceil(low), math.floor(high))


def read_starts(x0: ArrayLike | None, variables: Variables) -> list[dict[str, Any]]:
    """The points to begin with, moved into the bounds as SciPy does.

    Raises
    ------
    ValueError : for points of another length, or not finite.
    """
    if x0 is None:
        return []
    points = np.asarray(x0, dtype=float)
    n = len(variables)
    if points.ndim not in (0, 1, 2) or np.atleast_1d(points).shape[-1] != n:
        raise ValueError(
            f"x0 must have shape ({n},) or (m, {n}), to go with bounds; got {points.shape}"
        )
    if not np.isfinite(points).all():
        raise ValueError(f"x0 must be finite; got {x0!r}")
    return [
        {name: _inside(value, variables[name]) for name, value in zip(variables, x, strict=True)}
        for x in np.atleast_2d(points).tolist()
    ]


def _inside(value: float, variable: Float | Int) -> float:
    nearest = round(value) if isinstance(variable, Int) else value
    inside: float = min(max(nearest, variable.low), variable.high)
    return inside


def read_seed(rng: Any) -> int | None:
    """A seed from anything that stands for a stream of random numbers; None for None."""
    if rng is None:
        return None
    if isinstance(rng, np.random.RandomState):
        return int(rng.randint(2**31 - 1))
    try:
        return int(np.random.default_rng(rng).integers(2**32))
    except (TypeError, ValueError):
        raise TypeError(
            f"rng must be a whole number >= 0, a numpy Generator or RandomState; got {rng!r}"
        ) from None


def read_callback(callback: Callable[..., Any] | None) -> Callable[[Any], bool]:
    """The callback as a function of the intermediate result that says whether to stop."""
    if callback is None:
        return lambda _: False
    if not callable(callback):
        raise TypeError(f"callback must be a function; got {callback!r}")
    try:
        takes_result = set(signature(callback).parameters) == {"intermediate_result"}
    except (TypeError, ValueError):  # some built-in functions have no signature
        takes_result = False

    def show(state: Any) -> bool:
        try:
            answer = (
                callback(intermediate_result=state) if takes_result else callback(state.x.copy())
            )
        except StopIteration:
            return True
        try:
            return bool(answer)  # any true value ends it, as in differential_evolution
        except ValueError:
            raise TypeError(
                f"callback must return None, False or True; got {answer!r}, which is neither true "
                "nor false"
            ) from None

    return show
