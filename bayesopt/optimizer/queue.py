"""Points that the user put in line: whole ones, and parts of which the rest is proposed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bayesopt import checks
from bayesopt.optimizer.events import Enqueued, row_of, stored_row
from bayesopt.optimizer.fields import EventError
from bayesopt.space import IncompletePoint, Space

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Queued:
    """A point in line.

    Attributes
    ----------
    row : (p,) its values; of part of a point NaN where they are to be proposed.
    given : the values of part of a point by name; None for a whole point.
    """

    row: Floats
    given: Mapping[str, Any] | None = None

    @classmethod
    def of(cls, event: Enqueued, space: Space) -> Queued:
        """The point of an event.

        Raises
        ------
        EventError : when it is part of no point of the space.
        """
        row = row_of(event.row)
        if event.only is None:
            return cls(row)
        places = {name: j for j, name in enumerate(space.columns)}
        try:
            given = {n: space.parameters[n].decode(row[places[n]]) for n in event.only}
            space.fix(given)
        except (ArithmeticError, LookupError, TypeError, ValueError) as error:
            raise EventError(f"its row {list(event.row)} is part of no point ({error})") from None
        return cls(row, given)

    def has(self, row: Floats) -> bool:
        """Whether a row (p,) is the point, or has the values of this part of one."""
        if self.given is None:
            return np.array_equal(row, self.row, equal_nan=True)
        return bool((np.isnan(self.row) | (row == self.row)).all())

    def suits(self, context: Mapping[int, float]) -> bool:
        """Whether it leaves these numbers, by column, to the context or has the same."""
        open_there = self.given is not None
        return all(
            self.row[j] == number or (open_there and np.isnan(self.row[j]))
            for j, number in context.items()
        )


def taken(queue: Iterable[Queued], row: Floats, space: Space) -> Queued:
    """The point of the queue that a row (p,) is: the first, or one after points that wait.

    Raises
    ------
    EventError : when there is none.
    """
    for queued in queue:
        if queued.has(row):
            return queued
        if queued.given is None and not space.context:
            break
    raise EventError("it takes a point from the queue that is not first in it")


def queued_points(
    space: Space, points: Mapping[str, Any] | Iterable[Mapping[str, Any]], *, whole: bool = False
) -> list[Enqueued]:
    """The events that put points, or parts of points, in line.

    ``whole``: only values of context parameters may be missing, and what depends on them.

    Raises
    ------
    TypeError, ValueError : when one of them is not (part of) a point of the space, or not allowed
        by its known constraints.
    """
    return [_event(space, point, whole) for point in checks.points(points)]


def _event(space: Space, point: Mapping[str, Any], whole: bool) -> Enqueued:
    try:
        space.validate(point)
    except IncompletePoint:
        if not point or (whole and not _all_but_context(space, point)):
            raise
        space.fix(point)
    else:
        return Enqueued(stored_row(space.encode(point)))
    row = np.full(space.n_columns, np.nan)
    only = tuple(name for name in space.columns if name in point)
    for j, name in enumerate(space.columns):
        if name in point:
            row[j] = space.parameters[name].encode(point[name], name)
    return Enqueued(stored_row(row), only)


def _all_but_context(space: Space, point: Mapping[str, Any]) -> bool:
    chosen = [n for n in space.parameters if n in space.columns and n not in space.context]
    return bool(space.context) and all(
        name in point or space.parameters[name].conditions for name in chosen
    )
