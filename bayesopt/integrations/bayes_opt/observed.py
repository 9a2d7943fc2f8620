"""The evaluations that were registered."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bayesopt.integrations.bayes_opt.reading import Limits
from bayesopt.space import Space

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Registered:
    """One evaluation.

    Attributes
    ----------
    params : the point.
    target : its value; nan when the evaluation failed.
    constraint : (m,) values of the constraint, or None without one.
    """

    params: Mapping[str, Any]
    target: float
    constraint: Floats | None = None


@dataclass(frozen=True)
class Observed:
    """All evaluations over one space.

    Attributes
    ----------
    space : the space.
    limits : the constraint, or None.
    points : the evaluations in the order of registration.
    failed : points whose evaluation raised an exception.
    """

    space: Space
    limits: Limits | None
    points: list[Registered] = field(default_factory=list)
    failed: list[dict[str, Any]] = field(default_factory=list)

    @property
    def names(self) -> list[str]:
        """Names of the parameters."""
        return list(self.space.names)

    def read(self, params: Mapping[str, Any] | Iterable[Any]) -> dict[str, Any]:
        """A point from a mapping, or from values in the order of the names.

        Raises
        ------
        ValueError : for other names, another number of values, or values that are impossible.
        """
        if not isinstance(params, Mapping):
            values = list(params)
            if len(values) != len(self.names):
                raise ValueError(f"expected values of {self.names}; got {values!r}")
            params = dict(zip(self.names, values, strict=True))
        return self.space.decode(self.space.encode(params, outside=True))

    def same(self, a: Mapping[str, Any], b: Mapping[str, Any]) -> bool:
        """Whether two points are one."""
        coords = self.space.to_coords(
            np.array([self.space.encode(point, outside=True) for point in (a, b)])
        )
        return bool(self.space.same(coords[:1], coords[1:])[0, 0])

    def find(self, point: Mapping[str, Any]) -> Registered | None:
        """The evaluation of a point, or None."""
        return next((r for r in self.points if self.same(r.params, point)), None)

    def inside(self, point: Mapping[str, Any]) -> bool:
        """Whether a point is within the bounds."""
        return self.space.contains(point)

    def make(self, point: Mapping[str, Any], target: Any, constraint: Any) -> Registered:
        """An evaluation; ValueError when the constraint's value is missing, or there is none."""
        value = float(target)
        if self.limits is None:
            if constraint is not None:
                raise ValueError("constraint_value was given, but there is no constraint")
            return Registered(point, value)
        if constraint is None:
            raise ValueError("constraint_value is missing: there is a constraint")
        return Registered(point, value, self.limits.values(constraint))

    def result(self, registered: Registered) -> Any:
        """The evaluation as the optimizer is told."""
        if self.limits is None:
            return registered.target
        outcomes = self.limits.outcomes(registered.constraint)
        return {"value": registered.target, "constraints": outcomes}

    def allowed(self, registered: Registered) -> bool:
        """Whether the constraint holds there."""
        return self.limits is None or self.limits.allowed(registered.constraint)

    def shown(self, registered: Registered) -> dict[str, Any]:
        """The evaluation as ``bayes_opt`` shows it."""
        shown: dict[str, Any] = {"target": registered.target, "params": dict(registered.params)}
        if registered.constraint is not None:
            shown["constraint"] = _scalar(registered.constraint)
            shown["allowed"] = self.allowed(registered)
        return shown

    def best(self) -> dict[str, Any] | None:
        """The best evaluation within bounds and constraint, as ``bayes_opt`` shows it, or None."""
        proper = [
            r
            for r in self.points
            if math.isfinite(r.target) and self.allowed(r) and self.inside(r.params)
        ]
        if not proper:
            return None
        shown = self.shown(max(proper, key=lambda r: r.target))
        shown.pop("allowed", None)
        return shown


def _scalar(values: Floats) -> Any:
    return float(values[0]) if len(values) == 1 else values


@dataclass(frozen=True)
class TargetSpace:
    """The evaluations as arrays."""

    observed: Observed

    def __len__(self) -> int:
        return len(self.observed.points)

    @property
    def empty(self) -> bool:
        """Whether nothing was registered."""
        return not self.observed.points

    @property
    def keys(self) -> list[str]:
        """Names of the parameters."""
        return self.observed.names

    @property
    def params(self) -> Floats:
        """(n, p) the points; a category by its index."""
        space = self.observed.space
        rows = [space.encode(r.params, outside=True) for r in self.observed.points]
        return np.array(rows).reshape(len(rows), space.n_columns)

    @property
    def target(self) -> Floats:
        """(n,) the values."""
        return np.array([r.target for r in self.observed.points], dtype=float)

    @property
    def bounds(self) -> Floats:
        """(p, 2) the bounds; of a categorical parameter, its first and last index."""
        space = self.observed.space
        ends = np.array([np.zeros(space.n_columns), np.ones(space.n_columns)])
        ends[1, space.is_categorical] = space.n_levels[space.is_categorical] - 1
        return space.to_rows(ends).T
