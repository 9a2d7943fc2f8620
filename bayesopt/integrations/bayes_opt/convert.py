"""Bounds and constraints as ``bayes_opt`` takes them, in this package's terms."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from numbers import Real
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bayesopt.checks import several, shown
from bayesopt.space import Categorical, Constant, Float, Int, Parameter, Space

Floats = NDArray[np.float64]


def read_bounds(pbounds: Mapping[str, Any]) -> Space:
    """The space of ``{"x": (0, 1), "n": (1, 9, int), "kind": ("a", "b")}``.

    Raises
    ------
    TypeError, ValueError : naming the parameter.
    """
    if not isinstance(pbounds, Mapping) or not pbounds:
        raise TypeError(
            f"pbounds must map names to bounds, as in {{'x': (0, 1)}}; got {shown(pbounds)}"
        )
    parameters = {}
    for name, bounds in pbounds.items():
        try:
            parameters[name] = _parameter(bounds)
        except TypeError as error:
            raise TypeError(f"pbounds: {name!r}: {error}") from error
        except ValueError as error:
            raise ValueError(f"pbounds: {name!r}: {error}") from error
    return Space(parameters)


def _parameter(bounds: Any) -> Parameter:
    if isinstance(bounds, Parameter):
        return bounds
    if isinstance(bounds, str | bytes | Mapping) or not isinstance(bounds, Iterable):
        raise TypeError(
            "expected (low, high), (low, high, int), a list of categories or a parameter of "
            f"bayesopt; got {shown(bounds)}"
        )
    listing = bounds.tolist() if isinstance(bounds, np.ndarray) else bounds
    values = tuple(several("the bounds", listing, "a list"))
    kind = values[2] if len(values) == 3 else float
    if len(values) >= 2 and all(_is_number(v) for v in values[:2]):
        if kind is int:
            return Int(values[0], values[1])
        if len(values) == 2 or kind is float:
            return Float(values[0], values[1])
    return Constant(values[0]) if len(values) == 1 else Categorical(values)


def _is_number(value: Any) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool)


@dataclass(frozen=True)
class Bound:
    """One finite bound of one component of a constraint.

    Attributes
    ----------
    name : of the outcome that is at most 0 where it is kept.
    component : whose bound it is.
    sign : 1 for an upper bound, -1 for a lower one.
    value : the bound.
    """

    name: str
    component: int
    sign: float
    value: float


@dataclass(frozen=True)
class ConstraintBounds:
    """``low <= fun(**params) <= high``, learned from its values as the target is.

    Attributes
    ----------
    fun : of the parameters, or None when values are only registered.
    low, high : (m,) bounds of the m values that ``fun`` returns.
    """

    fun: Callable[..., Any] | None
    low: Floats
    high: Floats

    @classmethod
    def of(cls, constraint: Any) -> ConstraintBounds:
        """From a ``scipy.optimize.NonlinearConstraint``.

        Raises
        ------
        TypeError, ValueError : for what is none, or has no room between its bounds.
        """
        if not all(hasattr(constraint, name) for name in ("fun", "lb", "ub")):
            raise TypeError(
                "constraint must be a scipy.optimize.NonlinearConstraint, or have fun, lb and ub "
                f"as it does; got {shown(constraint)}"
            )
        low, high = np.broadcast_arrays(
            np.atleast_1d(np.asarray(constraint.lb, float)), np.asarray(constraint.ub, float)
        )
        if not (low < high).all():
            raise ValueError("constraint: lb must be below ub in every component")
        return cls(constraint.fun, low, high)

    def at(self, point: Mapping[str, Any]) -> Any:
        """What ``fun`` gives at a point; None without one.

        Raises
        ------
        TypeError : when it does not take the parameters by their names.
        """
        if self.fun is None:
            return None
        try:
            return self.fun(**point)
        except TypeError as error:
            try:
                inspect.signature(self.fun).bind(**point)
            except TypeError as misfit:
                raise TypeError(
                    f"constraint: fun is called with the parameters by name, as f is, "
                    f"fun({', '.join(f'{name}=...' for name in point)}): {misfit}"
                ) from None
            except ValueError:  # some builtins have no signature
                pass
            raise error

    def values(self, raw: Any) -> Floats:
        """What ``fun`` returned, as (m,).

        Raises
        ------
        ValueError : for another number of values.
        """
        try:
            values = np.atleast_1d(np.asarray(raw, dtype=float))
        except Exception:
            raise TypeError(f"the constraint's value must be numbers; got {shown(raw)}") from None
        if values.shape != self.low.shape:
            raise ValueError(
                f"the constraint must have {len(self.low)} value(s), as its bounds; got "
                f"{shown(raw)}"
            )
        return values

    @property
    def bounds(self) -> list[Bound]:
        """The finite bounds."""
        found = []
        for i, (low, high) in enumerate(zip(self.low.tolist(), self.high.tolist(), strict=True)):
            if math.isfinite(high):
                found.append(Bound(f"c{i}<={high:g}", i, 1.0, high))
            if math.isfinite(low):
                found.append(Bound(f"c{i}>={low:g}", i, -1.0, low))
        return found

    def outcomes(self, raw: Any) -> dict[str, float]:
        """By name, what is at most 0 where a bound is kept."""
        values = self.values(raw).tolist()
        return {b.name: b.sign * (values[b.component] - b.value) for b in self.bounds}

    def allowed(self, raw: Any) -> bool:
        """Whether all bounds are kept."""
        values = self.values(raw)
        return bool(((self.low <= values) & (values <= self.high)).all())
