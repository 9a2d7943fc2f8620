"""The evaluations that were registered."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bayesopt.checks import plain, several, shown
from bayesopt.integrations.bayes_opt.convert import ConstraintBounds
from bayesopt.returned import read_value
from bayesopt.space import DUPLICATE, Int, Space

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


class Observed:
    """All evaluations over one space; to add one takes as long with many as with few.

    Attributes
    ----------
    space : the space.
    limits : the constraint, or None.
    points : the evaluations in the order of registration.
    failed : points whose evaluation raised an exception.
    """

    def __init__(self, space: Space, limits: ConstraintBounds | None) -> None:
        self.space = space
        self.limits = limits
        self.points: list[Registered] = []
        self.failed: list[dict[str, Any]] = []
        self._places = _Places(space)
        self._best: Registered | None = None

    def over(self, space: Space) -> Observed:
        """The same evaluations over another space of the same parameters.

        Raises
        ------
        ValueError : when one has a category that the other space does not have.
        """
        for point in (*(r.params for r in self.points), *self.failed):
            try:
                space.encode(point, outside=True)
            except (TypeError, ValueError) as error:
                raise ValueError(
                    f"new_bounds: {shown(dict(point))} is registered and would have no place: "
                    f"{error}. Keep its categories"
                ) from None
        other = Observed(space, self.limits)
        other.failed.extend(self.failed)
        for registered in self.points:
            other.add(registered)
        return other

    def add(self, registered: Registered) -> None:
        """Take in an evaluation."""
        self._places.add(self._coords(registered.params), len(self.points))
        self.points.append(registered)
        target, best = registered.target, self._best
        if (
            math.isfinite(target)
            and (best is None or target > best.target)
            and self.allowed(registered)
            and self.inside(registered.params)
        ):
            self._best = registered

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
            values = several("params", params, f"a mapping, or values of {self.names}")
            if len(values) != len(self.names):
                raise ValueError(f"expected values of {self.names}; got {shown(values)}")
            params = dict(zip(self.names, values, strict=True))
        rounded = {name: self._rounded(name, value) for name, value in params.items()}
        return self.space.decode(self.space.encode(rounded, outside=True))

    def _rounded(self, name: str, value: Any) -> Any:
        """A whole number's value rounded to the nearest one, as in ``bayes_opt``."""
        number = plain(value)
        if not isinstance(number, float) or not math.isfinite(number):
            return value
        return round(number) if isinstance(self.space.parameters.get(name), Int) else value

    def same(self, a: Mapping[str, Any], b: Mapping[str, Any]) -> bool:
        """Whether two points are one."""
        return bool(self.space.same(self._coords(a), self._coords(b))[0, 0])

    def find(self, point: Mapping[str, Any]) -> Registered | None:
        """The first evaluation of a point, or None."""
        coords = self._coords(point)
        near = (self.points[i] for i in self._places.near(coords))
        return next(
            (r for r in near if self.space.same(self._coords(r.params), coords)[0, 0]), None
        )

    def _coords(self, point: Mapping[str, Any]) -> Floats:
        return self.space.to_coords(self.space.encode(point, outside=True)[None, :])

    def inside(self, point: Mapping[str, Any]) -> bool:
        """Whether a point is within the bounds."""
        return self.space.contains(point)

    def make(self, point: Mapping[str, Any], target: Any, constraint: Any) -> Registered:
        """An evaluation; ValueError when the constraint's value is missing, or there is none."""
        value = read_value(target)
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
            shown["constraint"] = scalar(registered.constraint)
            shown["allowed"] = self.allowed(registered)
        return shown

    def best(self) -> dict[str, Any] | None:
        """The best evaluation within bounds and constraint, as ``bayes_opt`` shows it, or None."""
        if self._best is None:
            return None
        shown = self.shown(self._best)
        shown.pop("allowed", None)
        return shown


class _Places:
    """Numbers of points by where they lie on a line: equal points are in neighbouring cells."""

    def __init__(self, space: Space) -> None:
        p = space.n_columns
        # without rational relations, so that points of a grid rarely fall together
        self._direction = 1.5 + np.sin(np.arange(1.0, p + 1))
        self._cell = 4.0 * DUPLICATE * max(float(self._direction.sum()), 1.0)
        self._cells: dict[int, list[int]] = {}

    def add(self, coords: Floats, number: int) -> None:
        """Take in a point (1, p)."""
        self._cells.setdefault(self._of(coords), []).append(number)

    def near(self, coords: Floats) -> list[int]:
        """Numbers of the points that may be the same as a point (1, p), ascending."""
        cell = self._of(coords)
        return sorted(i for c in (cell - 1, cell, cell + 1) for i in self._cells.get(c, ()))

    def _of(self, coords: Floats) -> int:
        place = float(np.where(np.isnan(coords[0]), -1.0, coords[0]) @ self._direction)
        return math.floor(min(max(place / self._cell, -1e300), 1e300))


def scalar(values: Floats) -> Any:
    """(m,) values as ``bayes_opt`` shows them: a single one as a number."""
    return float(values[0]) if len(values) == 1 else values
