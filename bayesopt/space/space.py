"""The space that is searched: points, rows, coordinates, and what is legal among them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from . import counting, duplicates, form, points, table
from .columns import Columns
from .conditions import Conditions
from .constraints import Constraint, Known
from .parameter import Parameter
from .scales import Floats


class Space:
    """Named parameters, the conditions under which they count, and known constraints.

    A point has four forms. *params* is the mapping that an objective gets: inactive parameters
    are absent. A *row* (p,) holds natural values, the index for listed values, and NaN where
    inactive; ``decode(encode(params)) == params``. *Coordinates* (p,) are what a model sees:
    [0, 1] for numbers and ordered values, the index for unordered ones, NaN where inactive. The
    *cube* is any point of [0, 1]^p. Constants have no column; p counts the others.

    Parameters
    ----------
    mapping : name -> parameter, for names that are no Python identifiers.
    constraints : :class:`LinearConstraint` or functions of params that return True where the
        point may be evaluated.
    **parameters : name=parameter.

    A parameter's ``when={"booster": "tree", "kernel": ["rbf", "poly"]}`` makes it count only at
    points where every named parent counts and has the value, or one of the listed values.

    Raises
    ------
    TypeError, ValueError : naming the parameter, for conditions or constraints that cannot be
        met or refer to unknown names.

    Examples
    --------
    >>> space = Space(x=Float(0, 1), kind=Categorical(["a", "b"]), k=Int(1, 9, when={"kind": "a"}))
    >>> space.decode(space.encode({"x": 0.5, "kind": "b"}))
    {'x': 0.5, 'kind': 'b'}
    """

    def __init__(
        self,
        mapping: Mapping[str, Parameter] | None = None,
        /,
        *,
        constraints: Iterable[Constraint] = (),
        **parameters: Parameter,
    ) -> None:
        self._parameters = points.read_parameters(mapping, parameters)
        scales = {name: parameter.scale() for name, parameter in self._parameters.items()}
        self.columns = tuple(name for name, scale in scales.items() if scale is not None)
        self._column = {name: j for j, name in enumerate(self.columns)}
        self._scales = Columns([scale for scale in scales.values() if scale is not None])
        self._conditions = Conditions(self._parameters, self._column, self._scales)
        self._known = Known(constraints, self._parameters, self._column)
        self._table: Floats | None = None
        self._count = counting.count_points(self._conditions, self._column, self.n_levels)
        if self._count.never_active:
            raise ValueError(
                f"{self._count.never_active[0]}: can never count; what its `when` asks of several "
                "parents excludes itself"
            )

    @classmethod
    def from_table(
        cls,
        points: Sequence[Mapping[str, Any]],
        *,
        ordinal: Iterable[str] | Mapping[str, Sequence[Any]] = (),
    ) -> Space:
        """Space whose only legal points are the given ones.

        Parameters
        ----------
        points : at least one mapping; all with the same names. Repeated points count once.
            Columns of numbers become ordered values placed by their size, columns of one value
            constants, all others categorical.
        ordinal : names of columns to be taken as ordered and evenly spaced, sorted; or name ->
            the values in order.

        Raises
        ------
        TypeError, ValueError : naming the point and column, when they do not form a table.
        """
        read = table.read_points(points)
        space = cls(table.infer_parameters(read, ordinal))
        return space._restricted(np.array([space.encode(point) for point in read]))

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Space:
        """Space that :meth:`to_json` wrote; unknown keys are refused with a suggestion."""
        parameters, constraints, rows = form.read_json(data)
        space = cls(parameters, constraints=constraints)
        return space if rows is None else space._restricted(rows)

    @classmethod
    def from_toml(
        cls, source: str | os.PathLike[str] | Mapping[str, Any], *, other: Iterable[str] = ()
    ) -> Space:
        """Space described in TOML by ``[space.NAME]`` tables and ``[[constraints]]``.

        Parameters
        ----------
        source : a file's path, TOML text (anything with a line break or ``=``), or what
            ``tomllib`` made of it.
        other : further top-level keys that may be there and are not looked at.

        Raises
        ------
        TypeError, ValueError : naming the parameter; for a misspelt key with the right one.
        """
        parameters, constraints = form.read_toml(source, tuple(other))
        return cls(parameters, constraints=constraints)

    def to_json(self) -> dict[str, Any]:
        """Write the space as JSON values.

        Raises
        ------
        ValueError : for callable constraints and for choices that JSON does not have.
        """
        return form.write_json(self._parameters, self.constraints, self._table_rows())

    @property
    def parameters(self) -> Mapping[str, Parameter]:
        """All parameters by name, constants included, in order."""
        return MappingProxyType(self._parameters)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of all parameters, constants included, in order."""
        return tuple(self._parameters)

    @property
    def n_columns(self) -> int:
        """Number p of parameters that are not constant."""
        return len(self.columns)

    @property
    def is_categorical(self) -> NDArray[np.bool_]:
        """(p,) whether the column is the index of an unordered choice."""
        return self._scales.is_categorical

    @cached_property
    def is_conditional(self) -> NDArray[np.bool_]:
        """(p,) whether the column's parameter has a ``when``."""
        return np.array([name in self._conditions.needs for name in self.columns], dtype=bool)

    @property
    def n_levels(self) -> Floats:
        """(p,) number of distinct values; inf for a continuous column."""
        return self._scales.n_levels

    @property
    def has_constraints(self) -> bool:
        """Whether there are known constraints."""
        return bool(self.constraints)

    @property
    def table(self) -> Floats | None:
        """Coordinates (N, p) of the only legal points, or None; see :meth:`from_table`."""
        return self._table

    @property
    def constraints(self) -> tuple[Constraint, ...]:
        """The known constraints as they were given."""
        return self._known.all

    @property
    def n_points(self) -> int | None:
        """Number of distinct points, constraints not regarded.

        None when there is a continuous parameter, or conditions too entangled to count.
        """
        return self._count.points if self._table is None else len(self._table)

    def encode(self, params: Mapping[str, Any], *, outside: bool = False) -> Floats:
        """Row (p,) of a point.

        Parameters
        ----------
        params : every active parameter by name, no inactive one; constants may be left out.
        outside : accept numbers out of bounds or between the steps.

        Raises
        ------
        TypeError, ValueError : naming the parameter that is missing, unknown, inactive or has a
            value that it cannot take. Constraints and tables are :meth:`validate`'s business.
        """
        return points.encode(params, self._parameters, self._column, self._conditions, outside)

    def decode(self, row: ArrayLike) -> dict[str, Any]:
        """Point that a row (p,) stands for; inactive parameters are absent."""
        values = np.asarray(row, dtype=np.float64)
        if values.shape != (self.n_columns,):
            raise ValueError(f"a row must have shape ({self.n_columns},); got {values.shape}")
        return points.decode(values, self._parameters, self._column, self._conditions)

    def validate(self, params: Mapping[str, Any]) -> None:
        """Raise TypeError or ValueError, naming the culprit, unless the point is legal."""
        row = self.encode(params)
        coords = self.to_coords(row[None])
        if self._table is not None and not self.same(coords, self._table).any():
            raise ValueError(f"{dict(params)!r} is not a point of the table")
        broken = self._known.broken(row, self._counting(coords), self.decode)
        if broken is not None:
            raise ValueError(f"{dict(params)!r} does not satisfy the constraint {broken}")

    def contains(self, params: Mapping[str, Any]) -> bool:
        """Whether the point is legal: values, activity, table and constraints."""
        try:
            self.validate(params)
        except (TypeError, ValueError):
            return False
        return True

    def to_coords(self, rows: ArrayLike) -> Floats:
        """Coordinates (n, p) of rows (n, p)."""
        return self._scales.to_coords(self._check(rows, "rows"))

    def to_rows(self, coords: ArrayLike) -> Floats:
        """Rows (n, p) of legal coordinates (n, p)."""
        return self._scales.to_rows(self._check(coords, "coords"))

    def from_cube(self, cube: ArrayLike) -> Floats:
        """Legal coordinates (n, p) of any points (n, p) of the unit cube."""
        coords = self._scales.from_cube(self._check(cube, "cube"))
        return self._legalised(coords)

    def snap(self, coords: ArrayLike) -> Floats:
        """Nearest legal coordinates (n, p): bounds, levels, activity, table; not constraints.

        A parameter that counts but was NaN gets its default.
        """
        given = self._check(coords, "coords")
        given = np.where(np.isnan(given), self._middle, given)
        return self._legalised(self._scales.snap(given))

    def active(self, coords: ArrayLike) -> NDArray[np.bool_]:
        """(n, p) whether each parameter counts, given its parents' legal coordinates."""
        given = self._check(coords, "coords")
        mask = np.ones(given.shape, dtype=bool)
        for name, active in self._conditions.active(given).items():
            if name in self._column:
                mask[:, self._column[name]] = active
        return mask

    def allowed(self, coords: ArrayLike) -> NDArray[np.bool_]:
        """(n,) whether the known constraints hold at legal coordinates (n, p)."""
        given = self._check(coords, "coords")
        if not self.has_constraints:
            return np.ones(len(given), dtype=bool)
        rows = self._scales.to_rows(given)
        return self._known.hold(rows, self._counting(given), self.decode)

    def level_coords(self, j: int) -> Floats:
        """Coordinates (k,) of all levels of column ``j``, ascending.

        Raises
        ------
        ValueError : for a continuous column, or one of more than a million levels.
        """
        if not self.n_levels[j] <= 10**6:
            raise ValueError(
                f"{self.columns[j]}: has {self.n_levels[j]:g} values, too many to list; "
                "use shift_levels to move between neighbours"
            )
        return self._scales.scales[j].levels()

    def shift_levels(self, coords: ArrayLike, j: int, k: ArrayLike) -> Floats:
        """Coordinates (n, p) with discrete column ``j`` moved ``k`` levels, ends included.

        ``k`` is a whole number or (n,) of them. Where the column is inactive nothing moves. When
        other parameters depend on the column, :meth:`snap` the result.
        """
        moved = self._check(coords, "coords").copy()
        steps = np.broadcast_to(np.asarray(k, dtype=np.int64), (len(moved),))
        moved[:, j] = self._scales.scales[j].shift(moved[:, j, None], steps[:, None])[:, 0]
        return moved

    def default_coords(self) -> Floats:
        """Coordinates (p,) of the defaults; else the middle, the first of unordered choices."""
        coords: Floats = self._legalised(self._middle[None].copy())[0]
        return coords

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
        levels = {name: self.level_coords(j) for name, j in self._column.items()}
        coords = counting.all_points(self._conditions, self._column, levels)
        return coords[self.allowed(coords)]

    def same(self, coords: ArrayLike, others: ArrayLike) -> NDArray[np.bool_]:
        """(n, m) whether points are one: discrete values equal, others nearer than 1e-9."""
        a, b = self._check(coords, "coords"), self._check(others, "others")
        return duplicates.same(a, b, self._scales.tolerance)

    def key(self, coords: ArrayLike) -> bytes:
        """Hashable identity of a point, from its legal coordinates (p,).

        Exact for discrete values; continuous ones are rounded to 1e-9, so that two points nearer
        than that may differ in key, and keys are no substitute for :meth:`same`.
        """
        given = np.asarray(coords, dtype=np.float64)
        return duplicates.key(self._check(given[None], "coords")[0], self.n_levels)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Space):
            return NotImplemented
        mine, others = self._table, other._table
        return (
            list(self._parameters.items()) == list(other._parameters.items())
            and self.constraints == other.constraints
            and (mine is None) == (others is None)
            and (mine is None or others is None or np.array_equal(mine, others))
        )

    def __hash__(self) -> int:
        return hash((tuple(self._parameters.items()), self.constraints))

    def __repr__(self) -> str:
        lines = [f"    {name!r}: {parameter!r}," for name, parameter in self._parameters.items()]
        end = "})" if not self.constraints else f"}}, constraints={list(self.constraints)!r})"
        rows = "" if self._table is None else f"  # a table of {len(self._table)} points"
        return "\n".join(["Space({", *lines, end + rows])

    @cached_property
    def _middle(self) -> Floats:
        """Default or middle of every column (p,), active or not."""
        middle = self._scales.snap(np.where(self.is_categorical, 0.0, 0.5)[None])
        rows = self._scales.to_rows(middle)[0]
        for j, name in enumerate(self.columns):
            default = self._parameters[name].default_number()
            rows[j] = rows[j] if default is None else default
        coords: Floats = self._scales.to_coords(rows[None])[0]
        return coords

    def _legalised(self, coords: Floats) -> Floats:
        """Take inactive values out of ``coords``, in place; or the nearest points of the table."""
        if self._table is not None:
            return table.nearest(coords, self._table, self.is_categorical)
        for name, active in self._conditions.active(coords).items():
            if name in self._column:
                coords[~active, self._column[name]] = np.nan
        return coords

    def _counting(self, coords: Floats) -> Callable[[str], NDArray[np.bool_]]:
        active = self._conditions.active(coords)
        everywhere = np.ones(len(coords), dtype=bool)
        return lambda name: active.get(name, everywhere)

    def _restricted(self, rows: Floats) -> Space:
        coords = self.to_coords(rows)
        self._table = coords[np.unique(rows, axis=0, return_index=True)[1]]
        return self

    def _table_rows(self) -> list[list[float]] | None:
        return None if self._table is None else self.to_rows(self._table).tolist()

    def _check(self, values: ArrayLike, what: str) -> Floats:
        given = np.asarray(values, dtype=np.float64)
        if given.ndim != 2 or given.shape[1] != self.n_columns:
            raise ValueError(f"{what} must have shape (n, {self.n_columns}); got {given.shape}")
        return given
