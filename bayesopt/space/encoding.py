"""The numeric forms of a space's points, all of them legal: bounds, levels and conditions."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from functools import cached_property
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bayesopt.checks import array

from . import duplicates, point_codec
from .belief_columns import BeliefColumns
from .conditions import Conditions
from .parameter import Parameter
from .roles import only_one
from .scale_blocks import ScaleBlocks
from .scales import Floats
from .slopes import value_slopes


class SpaceEncoding(ABC):
    """Params, rows, coordinates and cube of given parameters; see :class:`Space`.

    Parameters
    ----------
    parameters : name -> parameter.

    Attributes
    ----------
    columns : names of the parameters that are not constant, in order.
    n_columns : their number p.
    fidelity, task : names of the parameters of these roles, or None.
    """

    def __init__(self, parameters: dict[str, Parameter]) -> None:
        self._parameters = parameters
        scales = {name: parameter.scale() for name, parameter in parameters.items()}
        self.columns = tuple(name for name, scale in scales.items() if scale is not None)
        self.n_columns = len(self.columns)
        self._column = {name: j for j, name in enumerate(self.columns)}
        self._scales = ScaleBlocks([scale for scale in scales.values() if scale is not None])
        self._conditions = Conditions(parameters, self._column, self._scales)
        self.fidelity = only_one(parameters, "fidelity")
        self.task = only_one(parameters, "task")

    @abstractmethod
    def _restricted(self, coords: Floats) -> Floats:
        """Nearest points (n, p) that are legal also by what the subclass knows."""

    @property
    def parameters(self) -> Mapping[str, Parameter]:
        """All parameters by name, constants included, in order; no descriptors."""
        return MappingProxyType(self._visible)

    @cached_property
    def _visible(self) -> dict[str, Parameter]:
        return {n: p for n, p in self._parameters.items() if p.role != "descriptor"}

    @cached_property
    def shown_columns(self) -> tuple[str, ...]:
        """The names in ``columns`` that are parameters: the descriptors are the last ones."""
        return tuple(name for name in self.columns if name in self._visible)

    @cached_property
    def is_descriptor(self) -> NDArray[np.bool_]:
        """(p,) whether the column is known of each candidate of a table and shown nowhere."""
        roles = [self._parameters[name].role for name in self.columns]
        return np.array([role == "descriptor" for role in roles], dtype=bool)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of all parameters, constants included, in order."""
        return tuple(self._visible)

    @cached_property
    def context(self) -> tuple[str, ...]:
        """Names of the context parameters (``role="context"``): given, never chosen."""
        return tuple(n for n, p in self._parameters.items() if p.role == "context")

    @cached_property
    def beliefs(self) -> BeliefColumns:
        """What is believed of the best point; empty (false) when no parameter has a belief."""
        return BeliefColumns(self.columns, self._parameters)

    @cached_property
    def targets(self) -> dict[str, Any]:
        """The values at which results are wanted, by name: the top fidelity, the target task."""
        found: dict[str, Any] = {}
        if self.fidelity is not None and self.fidelity in self._column:
            scale = self._scales.scales[self._column[self.fidelity]]
            top = float(scale.to_rows(np.ones((1, 1)))[0, 0])
            found[self.fidelity] = self._parameters[self.fidelity].decode(top)
        if self.task is not None:
            found[self.task] = self._parameters[self.task].target  # type: ignore[attr-defined]
        return found

    def at_targets(self, params: Mapping[str, Any]) -> bool:
        """Whether a point is at the top fidelity and of the task to be optimised."""
        return all(params.get(name) == value for name, value in self.targets.items())

    @property
    def n_chosen(self) -> int:
        """Number of columns that are chosen: all but those of context parameters."""
        return sum(self._parameters[name].role == "design" for name in self.columns)

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

    def value_slopes(self, coords: ArrayLike) -> Floats:
        """Derivatives (n, p) of values in coordinates (n, p): NaN in columns that are not
        continuous, and where a parameter is inactive.
        """
        given = np.asarray(coords, dtype=np.float64)
        slopes = np.full(given.shape, np.nan)
        for j, scale in enumerate(self._scales.scales):
            found = value_slopes(scale, given[:, j])
            if found is not None:
                slopes[:, j] = found
        return slopes

    def encode(self, params: Mapping[str, Any], *, outside: bool = False) -> Floats:
        """Row (p,) of a point.

        Parameters
        ----------
        params : every active parameter by name, no inactive one (None and NaN, as data frames have
            it, are none); constants may be left out.
        outside : accept numbers out of bounds or between the steps.

        Raises
        ------
        TypeError, ValueError : naming the parameter that is missing, unknown, inactive or has a
            value that it cannot take. Constraints and tables are :meth:`validate`'s business.
        """
        return point_codec.encode(params, self._visible, self._column, self._conditions, outside)

    def decode(self, row: ArrayLike) -> dict[str, Any]:
        """Point that a row (p,) stands for; inactive parameters are absent."""
        values = array("a row", row, (self.n_columns,))
        return point_codec.decode(values, self._visible, self._column, self._conditions)

    def to_coords(self, rows: ArrayLike) -> Floats:
        """Coordinates (n, p) of rows (n, p)."""
        return self._scales.to_coords(self._check(rows, "rows"))

    def to_rows(self, coords: ArrayLike) -> Floats:
        """Rows (n, p) of legal coordinates (n, p)."""
        return self._scales.to_rows(self._check(coords, "coords"))

    def from_cube(self, cube: ArrayLike) -> Floats:
        """Legal coordinates (n, p) of any points (n, p) of the unit cube."""
        return self._legal(self._scales.from_cube(self._check(cube, "cube")))

    def all_active(self, cube: ArrayLike) -> Floats:
        """Coordinates (n, p) of points (n, p) of the unit cube, none of them inactive."""
        return self._scales.from_cube(self._check(cube, "cube"))

    def snap(self, coords: ArrayLike) -> Floats:
        """Nearest legal coordinates (n, p): bounds, levels, activity, table; not constraints.

        An active parameter that was NaN gets its default.
        """
        given = self._check(coords, "coords")
        given = np.where(np.isnan(given), self._middle, given)
        return self._legal(self._scales.snap(given))

    def active(self, coords: ArrayLike) -> NDArray[np.bool_]:
        """(n, p) whether each parameter is active, given its parents' legal coordinates."""
        given = self._check(coords, "coords")
        mask = np.ones(given.shape, dtype=bool)
        for name, active in self._conditions.active(given).items():
            if name in self._column:
                mask[:, self._column[name]] = active
        return mask

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
        coords: Floats = self._legal(self._middle[None].copy())[0]
        return coords

    @property
    def defaults(self) -> Floats:
        """(p,) default or middle of every column, active or not."""
        return self._middle

    def filled(
        self, coords: ArrayLike, rng: np.random.Generator, donors: ArrayLike = ()
    ) -> Floats:
        """Points (n, p) without NaN: an inactive column has what it would be if switched on.

        It gets the value of the first donor (k, p) that has one, else a random one. These are no
        legal points.
        """
        given = self._check(coords, "coords")
        levels = np.where(np.isfinite(self.n_levels), self.n_levels, 1.0)
        labels = np.floor(rng.random(given.shape) * levels)
        filled = np.where(self.is_categorical, labels, rng.random(given.shape))
        for donor in np.asarray(donors, dtype=np.float64)[::-1]:
            filled = np.where(np.isnan(donor), filled, donor)
        return np.where(np.isnan(given), filled, given)

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

    def _legal(self, coords: Floats) -> Floats:
        return self._restricted(self._without_inactive(coords))

    def _without_inactive(self, coords: Floats) -> Floats:
        """Take inactive values out of ``coords`` (n, p), in place."""
        for name, active in self._conditions.active(coords).items():
            if name in self._column:
                coords[~active, self._column[name]] = np.nan
        return coords

    def _check(self, values: ArrayLike, what: str) -> Floats:
        # every call from inside: there is nothing to convert
        if isinstance(values, np.ndarray) and values.dtype == np.float64 and values.ndim == 2:
            found: Floats = values
            if found.shape[1] == self.n_columns:
                return found
        return array(what, values, (None, self.n_columns))
