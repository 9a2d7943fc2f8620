"""Which points of a space are legal: its table, its known constraints and its fixed values."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bayesopt.checks import shown

from . import counting, table
from .constraints import Constraint, ConstraintSet, called
from .described import DescribedEncoding
from .parameter import Parameter
from .scales import Floats
from .sobol import sobol_points

if TYPE_CHECKING:
    from .feasible import FeasibleSet

_THIN = 0.05  # of drawn points meet the constraints: below, points are made to meet them
_LOG2_DRAWN = 11


class LegalPoints(DescribedEncoding):
    """The numeric forms of points, and which points are legal; see :class:`Space`.

    Parameters
    ----------
    parameters : name -> parameter.
    constraints : known constraints.
    """

    def __init__(
        self, parameters: dict[str, Parameter], constraints: Iterable[Constraint] = ()
    ) -> None:
        super().__init__(parameters)
        self._constraint_set = ConstraintSet(constraints, self._parameters, self._column)
        self._table: Floats | None = None
        self._fixed: dict[str, Any] = {}
        self._count = counting.count_points(self._conditions, self._column, self.n_levels)
        if self._count.never_active:
            raise ValueError(
                f"{self._count.never_active[0]}: can never be active; what its `when` asks of "
                "several parents excludes itself"
            )

    @property
    def fixed(self) -> Mapping[str, Any]:
        """The values that all points of this part of a space have; see :meth:`fix`."""
        return MappingProxyType(self._fixed)

    @cached_property
    def has_constraints(self) -> bool:
        """Whether there are known constraints."""
        return bool(self._constraint_set.all)

    @property
    def table(self) -> Floats | None:
        """Coordinates (N, p) of the only legal points, or None; see :meth:`from_table`."""
        return self._table

    @property
    def constraints(self) -> tuple[Constraint, ...]:
        """The known constraints as they were given."""
        return self._constraint_set.all

    @property
    def n_points(self) -> int | None:
        """Number of distinct points, constraints not regarded.

        None when there is a continuous parameter, or conditions too entangled to count.
        """
        return self._count.points if self._table is None else len(self._table)

    def validate(self, params: Mapping[str, Any]) -> None:
        """Raise TypeError or ValueError, naming the culprit, unless the point is legal."""
        broken = self._complaint(self.encode(params))
        if broken is not None:
            raise ValueError(f"the point {shown(dict(params))} {broken}")

    def contains(self, params: Mapping[str, Any]) -> bool:
        """Whether the point is legal: values, activity, table and constraints."""
        try:
            row = self.encode(params)
        except (TypeError, ValueError):
            return False
        return self._complaint(row) is None

    def allowed(self, coords: ArrayLike) -> NDArray[np.bool_]:
        """(n,) whether the known constraints hold at legal coordinates (n, p)."""
        given = self._check(coords, "coords")
        if not self.has_constraints:
            return np.ones(len(given), dtype=bool)
        rows = self._scales.to_rows(given)
        return self._constraint_set.hold(rows, self._active(given), self.decode)

    def unmet(self, coords: ArrayLike) -> tuple[str, ...]:
        """Names of the known constraints that allow none of the legal coordinates (n, p): those
        of known form, where they do together; else functions that hold nowhere, or all.
        """
        given = self._check(coords, "coords")
        rows = self._scales.to_rows(given)
        return self._constraint_set.unmet(rows, self._active(given), self.decode)

    def enumerate(self) -> Floats:
        """Coordinates (N, p) of all distinct points that the constraints allow, sorted.

        Raises
        ------
        ValueError : for an infinite space or one of more than 100 000 points.
        """
        if self.n_points is None or self.n_points > counting.LARGEST:
            size = "infinitely many" if self.n_points is None else self.n_points
            raise ValueError(f"the space has {size} points; at most {counting.LARGEST} are listed")
        if self._table is not None:
            return self._table.copy()
        coords = counting.all_points(
            self._conditions, self._column, lambda name: self.level_coords(self._column[name])
        )
        return coords[self.allowed(coords)]

    def from_cube(self, cube: ArrayLike) -> Floats:
        """Legal coordinates (n, p) of any points (n, p) of the unit cube.

        Where linear constraints allow only a small part of the box, the coordinates meet them and
        are as evenly spread over that part as the points are over the cube.
        """
        if self._table is None:
            thin = self._feasible
            if thin is None:
                return super().from_cube(cube)
            return self._kept(thin.spread(self._check(cube, "cube")))
        given = self._check(cube, "cube")  # which says more than its nearest levels would
        labels = self._scales.from_cube(given)
        return self._restricted(np.where(self.is_categorical, labels, given))

    @property
    def is_thin(self) -> bool:
        """Whether the linear and at-most constraints allow so little that points are made to
        meet them; see :meth:`from_cube` and :meth:`snap`.
        """
        return self._feasible is not None

    @cached_property
    def _feasible(self) -> FeasibleSet | None:
        known = self._constraint_set
        if not known.linear and not known.at_most:
            return None
        if not any(t.constraint.lower == t.constraint.upper for t in known.linear):
            cube = sobol_points(self.n_columns, _LOG2_DRAWN, np.random.default_rng(0))
            coords = self._without_inactive(self._scales.from_cube(cube))
            rows = self._scales.to_rows(coords)
            if known.hold_by_form(rows, self._active(coords)).mean() > _THIN:
                return None
        from .feasible import FeasibleSet  # only such spaces need it

        return FeasibleSet(
            known.linear,
            known.at_most,
            self._scales,
            self._conditions,
            self._column,
            self._middle,
        )

    def _restricted(self, coords: Floats) -> Floats:
        if self._table is None:
            thin = self._feasible
            return coords if thin is None else self._kept(thin.nearest(coords))
        return table.nearest(coords, self._table, self.is_categorical)

    def _kept(self, coords: Floats) -> Floats:
        """Points (n, p) with the fixed values, whatever was made of these."""
        if not self._fixed:
            return coords
        return self._without_inactive(self._scales.snap(coords))

    def _complaint(self, row: Floats) -> str | None:
        coords = self.to_coords(row[None])
        if self._table is not None and not self.same(coords, self._table).any():
            return "is not in the table"
        broken = self._constraint_set.broken(row, self._active(coords), self.decode)
        return None if broken is None else f"does not satisfy the constraint {called(broken)}"

    def _active(self, coords: Floats) -> Callable[[str], NDArray[np.bool_]]:
        active = self._conditions.active(coords)
        everywhere = np.ones(len(coords), dtype=bool)
        return lambda name: active.get(name, everywhere)

    def _has_fixed(self, coords: Floats) -> NDArray[np.bool_]:
        """(n,) whether points have the fixed values, and what these need of their parents."""
        distance = np.abs(self._scales.snap(coords) - coords)
        return np.asarray(~(distance > self._scales.tolerance).any(axis=1))
