"""What an event of a run is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Self

from bayesopt.optimizer.fields import Fields


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
