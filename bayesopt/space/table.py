"""A finite table of candidates as a space."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bayesopt.checks import listed, plain, same_kind, several, shown, suggestion

from .choice import Categorical, Constant, Ordinal
from .identity import identity
from .parameter import Parameter
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
    if isinstance(ordinal, str):
        raise TypeError(f"ordinal must list names of columns; write ordinal=[{shown(ordinal)}]")
    orders: Mapping[Any, Any] = {}
    if isinstance(ordinal, Mapping):
        orders = ordinal
    else:
        names = several("ordinal", ordinal, "a list of names of columns")
        orders = dict.fromkeys(name for name in names if identity(name))
    for name in orders:
        if name not in rows[0]:
            raise ValueError(
                f"ordinal: {shown(name)} is not a column of the table{suggestion(name, rows[0])}"
            )
    return {
        name: _column(name, [row[name] for row in rows], name in orders, orders.get(name))
        for name in rows[0]
    }


def _column(
    name: str, values: list[Any], is_ordinal: bool, order: Sequence[Any] | None
) -> Parameter:
    try:
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
    found = np.empty(len(coords), dtype=np.int64)
    chunk = max(1, _PAIRS // len(table))
    for start in range(0, len(coords), chunk):
        part = coords[start : start + chunk]
        squared = np.zeros((len(part), len(table)))
        for j, categorical in enumerate(is_categorical):
            difference = part[:, j, None] - table[None, :, j]
            squared += (difference != 0) if categorical else difference**2
        found[start : start + chunk] = squared.argmin(axis=1)
    return table[found]
