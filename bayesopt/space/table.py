"""A finite table of candidates as a space."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bayesopt.checks import array, listed, plain, same_kind, several, shown, suggestion

from .choice import Categorical, Constant, Ordinal
from .identity import identity
from .parameter import Parameter
from .scale_blocks import ScaleBlocks
from .scales import Floats

_PAIRS = 4_000_000  # distances held at a time


def read_points(points: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Check that the points form a table; all must have the same names.

    Raises
    ------
    TypeError, ValueError : naming the point that does not fit.
    """
    rows: list[dict[str, Any]] = []
    what = "a list of mappings, one for each point"
    for i, point in enumerate(several("a table", points, what)):
        if not isinstance(point, Mapping):
            raise TypeError(f"point {i} of the table must map names to values; got {shown(point)}")
        rows.append({name: plain(value) for name, value in point.items()})
        if rows[i].keys() != rows[0].keys():
            raise ValueError(
                f"point {i} of the table has the names {listed(rows[i])}, but point 0 has "
                f"{listed(rows[0])}; give every point a value for every name"
            )
    if not rows or not rows[0]:
        raise ValueError("a table needs at least one point with at least one parameter")
    return rows


def infer_parameters(
    rows: list[dict[str, Any]], ordinal: Iterable[str] | Mapping[str, Sequence[Any]]
) -> dict[str, Parameter]:
    """Make a parameter of every column of the table."""
    orders = orders_of(ordinal, rows[0])
    return {name: infer_column(name, [row[name] for row in rows], orders) for name in rows[0]}


def orders_of(
    ordinal: Iterable[str] | Mapping[str, Sequence[Any]], columns: Iterable[str]
) -> Mapping[str, Sequence[Any] | None]:
    """The columns to be taken as ordered: each with its values in order, or None: sorted."""
    if isinstance(ordinal, str):
        raise TypeError(f"ordinal must list names of columns; write ordinal=[{shown(ordinal)}]")
    orders: Mapping[Any, Any] = {}
    if isinstance(ordinal, Mapping):
        orders = ordinal
    else:
        names = several("ordinal", ordinal, "a list of names of columns")
        orders = dict.fromkeys(name for name in names if identity(name))
    known = list(columns)
    for name in orders:
        if name not in known:
            raise ValueError(
                f"ordinal: {shown(name)} is not a column of the table{suggestion(name, known)}"
            )
    return orders


def infer_column(
    name: str, values: list[Any], orders: Mapping[str, Sequence[Any] | None]
) -> Parameter:
    """The parameter that a column's values are those of."""
    is_ordinal, order = name in orders, orders.get(name)
    try:
        first = values[0]
        if all(type(value) is type(first) for value in values):  # then equal ones are one choice
            values = list(dict.fromkeys(values))
        distinct = list({identity(value): value for value in values}.values())
        numbers = _distinct_numbers(distinct)
        if order is not None:
            return Ordinal(order)
        if len(numbers or distinct) == 1:
            return Constant(distinct[0])
        if is_ordinal:
            return Ordinal(numbers or sorted(distinct))
        return _measured(numbers) if numbers else Categorical(distinct)
    except (TypeError, ValueError) as error:
        raise same_kind(error)(f"column {shown(name)} of the table: {error}") from None


def _distinct_numbers(values: list[Any]) -> list[float]:
    """Sort numbers, one of each size (1 and 1.0 are one); empty if not all are numbers."""
    if not all(isinstance(v, int | float) and not isinstance(v, bool) for v in values):
        return []
    return sorted(dict.fromkeys(values))


def _measured(numbers: list[float]) -> Ordinal:
    try:
        return Ordinal(numbers, positions=numbers)
    except ValueError:  # so far apart that float64 cannot tell the near ones from each other
        return Ordinal(numbers)


def nearest(coords: Floats, table: Floats, is_categorical: NDArray[np.bool_]) -> Floats:
    """Point of the table (N, p) nearest to each of coords (n, p); unlike choices are 1 apart."""
    found = _same_rows(coords, table)
    others = np.flatnonzero(found < 0)
    chunk = max(1, _PAIRS // len(table))
    for start in range(0, len(others), chunk):
        rows = others[start : start + chunk]
        part = coords[rows]
        squared = np.zeros((len(part), len(table)))
        for j, categorical in enumerate(is_categorical):
            difference = part[:, j, None] - table[None, :, j]
            squared += (difference != 0) if categorical else difference**2
        found[rows] = squared.argmin(axis=1)
    return table[found]


def _same_rows(coords: Floats, table: Floats) -> NDArray[np.int64]:
    """(n,) which row of the table (N, p) each of coords (n, p) is; -1 for none.

    Most points that are asked about are of the table: they need no distances to all of it.
    """
    found = np.full(len(coords), -1, dtype=np.int64)
    first = np.ascontiguousarray(table[:, :1].ravel())
    for i, point in enumerate(coords if table.shape[1] else ()):
        at = np.flatnonzero(first == point[0])
        for j in range(1, len(point)):
            at = at[table[at, j] == point[j]]
        found[i] = at[0] if len(at) else -1
    return found


def checked_rows(rows: Sequence[Sequence[float]], scales: ScaleBlocks) -> Floats:
    """Rows (N, p) of a document's table.

    Raises
    ------
    ValueError : when one is no point.
    """
    given = array("the rows of the table", rows, (None, len(scales.scales)))
    if not np.isfinite(given).all():
        raise ValueError("'table' must hold finite numbers")
    try:
        with np.errstate(all="ignore"):
            legal = scales.to_rows(scales.snap(scales.to_coords(given)))
    except IndexError:  # of a listed value
        raise ValueError("'table' has a row that is no point of the space") from None
    wrong = ~np.isclose(legal, given, rtol=1e-9, atol=1e-12).all(axis=1)
    if wrong.any():
        raise ValueError(f"'table': {given[int(np.argmax(wrong))].tolist()} is no point")
    return given


class Descriptors:
    """What is known of each candidate of a table, found by the columns that are no descriptors.

    Parameters
    ----------
    rows : (N, p) of the table.
    hidden : (p,) which columns are descriptors.
    """

    def __init__(self, rows: Floats, hidden: NDArray[np.bool_]) -> None:
        self._rows, self._hidden = rows, hidden
        self._place: dict[bytes, int] = {}
        for i, shown_row in enumerate(np.ascontiguousarray(rows[:, ~hidden] + 0.0)):
            self._place.setdefault(shown_row.tobytes(), i)

    def check_distinct(self, decode: Callable[[Floats], dict[str, Any]]) -> None:
        """ValueError when two candidates are one point with other descriptors."""
        if len(self._place) == len(self._rows):
            return
        firsts = set(self._place.values())
        twice = next(i for i in range(len(self._rows)) if i not in firsts)
        raise ValueError(
            f"the point {decode(self._rows[twice])!r} is in the table with other descriptors too; "
            "let a parameter tell the candidates apart, such as a name or a number"
        )

    def of(self, row: Floats, params: Mapping[str, Any]) -> Floats:
        """The descriptors of a point with the row (p,).

        Raises
        ------
        ValueError : when it is not in the table.
        """
        place = self._place.get((row[~self._hidden] + 0.0).tobytes())
        if place is None:
            raise ValueError(
                f"the point {shown(dict(params))} is not in the table, so its descriptors are not "
                "known"
            )
        return np.asarray(self._rows[place, self._hidden])
