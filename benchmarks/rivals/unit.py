"""Points as vectors of [0, 1], for the rivals that know nothing but numbers.

A float is its (logarithmic) fraction of the range, an int or ordinal one of its equally spaced
levels, a category its position. Back again, a level is the nearest one.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from benchmarks.space import Parameter, Space


def to_unit(p: Parameter, value: Any) -> float:
    """The coordinate of one value; a category's position."""
    if p.kind == "categorical":
        return float(p.index(value))
    if p.kind == "ordinal":
        return p.index(value) / (len(p.choices) - 1)
    if p.log:
        return math.log(value / p.low) / math.log(p.high / p.low)
    return (value - p.low) / (p.high - p.low)


def from_unit(p: Parameter, u: float) -> Any:
    """The value at a coordinate (of the nearest level)."""
    if p.kind == "categorical":
        return p.choices[round(u)]
    u = min(max(u, 0.0), 1.0)
    if p.kind == "ordinal":
        return p.choices[round(u * (len(p.choices) - 1))]
    value = p.low * (p.high / p.low) ** u if p.log else p.low + u * (p.high - p.low)
    value = min(max(value, p.low), p.high)
    return round(value) if p.kind == "int" else value


def levels(p: Parameter) -> list[float]:
    """Coordinates of all levels of a discrete parameter."""
    if p.kind == "categorical":
        return [float(i) for i in range(len(p.choices))]
    if p.kind == "ordinal":
        return [i / (len(p.choices) - 1) for i in range(len(p.choices))]
    return [to_unit(p, k) for k in range(int(p.low), int(p.high) + 1)]


def complete(space: Space, point: Mapping[str, Any]) -> dict[str, Any]:
    """``point`` with inactive parameters at the middle of their range."""
    return {p.name: point.get(p.name, p.from_unit(0.5)) for p in space.parameters}


def vector(space: Space, point: Mapping[str, Any]) -> list[float]:
    """A whole point as coordinates."""
    full = complete(space, point)
    return [to_unit(p, full[p.name]) for p in space.parameters]


def point_at(space: Space, u: Sequence[float]) -> dict[str, Any]:
    """The whole point (inactive parameters too) at coordinates."""
    return {p.name: from_unit(p, float(v)) for p, v in zip(space.parameters, u, strict=True)}
