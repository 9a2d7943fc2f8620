"""Events that change what was finished: a result withdrawn or corrected, another space."""

# ruff: noqa: D102 - what `body` and `read` do is said once, in Event

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Self

from bayesopt.optimizer.event_base import Event, elsewhere, row_in
from bayesopt.optimizer.fields import Fields, Row
from bayesopt.outcome import Outcome, outcome_to_json


@dataclass(frozen=True, slots=True)
class Retracted(Event):
    """A trial's result was withdrawn: the model no longer uses it."""

    kind: ClassVar[str] = "retracted"
    number: int
    error: str

    def body(self) -> dict[str, Any]:
        return {"number": self.number, "error": self.error}

    @classmethod
    def read(cls, fields: Fields) -> Self:
        return cls(fields.whole("number"), fields.text("error"))


@dataclass(frozen=True, slots=True)
class Corrected(Event):
    """A finished trial has this result, and not the one that it had.

    Attributes
    ----------
    outcome, error : the whole result; or None, and why the evaluation failed.
    why : the reason of the correction, or None.
    row : where it was evaluated, when that was written down wrongly too.
    """

    kind: ClassVar[str] = "corrected"
    number: int
    outcome: Outcome | None
    error: str | None = None
    why: str | None = None
    row: Row | None = None

    def body(self) -> dict[str, Any]:
        body: dict[str, Any] = {"number": self.number, **elsewhere(self.row)}
        body |= {"error": self.error} if self.outcome is None else outcome_to_json(self.outcome)
        return body if self.why is None else body | {"why": self.why}

    @classmethod
    def read(cls, fields: Fields) -> Self:
        number, why = fields.whole("number"), fields.text("why", optional=True)
        row = row_in(fields)
        if fields.has("error"):
            return cls(number, None, fields.text("error"), why, row)
        return cls(number, fields.outcome(), None, why, row)


@dataclass(frozen=True, slots=True)
class Migrated(Event):
    """The run is that of another space, its trials translated.

    Attributes
    ----------
    changes : how the spaces differ, a sentence each.
    numbers : what the numbers of the trials were; None: the same.
    """

    kind: ClassVar[str] = "migrated"
    changes: tuple[str, ...]
    numbers: tuple[int, ...] | None = None

    def body(self) -> dict[str, Any]:
        numbers = {} if self.numbers is None else {"numbers": list(self.numbers)}
        return {"changes": list(self.changes), **numbers}

    @classmethod
    def read(cls, fields: Fields) -> Self:
        return cls(fields.names("changes") or (), fields.wholes("numbers"))
