"""What an event of a run is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Self

from bayesopt.optimizer.fields import Fields, Row


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to a run."""

    kind: ClassVar[str]

    def body(self) -> dict[str, Any]:
        """The event's content as JSON values."""
        raise NotImplementedError

    @classmethod
    def read(cls, fields: Fields) -> Self:
        """The event of a body; EventError when it cannot be one."""
        raise NotImplementedError


def elsewhere(row: Row | None) -> dict[str, Any]:
    """The field of a row, where there is one."""
    return {} if row is None else {"row": list(row)}


def row_in(fields: Fields) -> Row | None:
    """The row among the fields, if it is there."""
    return fields.row() if fields.has("row") else None
