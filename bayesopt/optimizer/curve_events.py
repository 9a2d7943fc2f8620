"""The events of learning curves: a report of a running trial, and its early end."""

# ruff: noqa: D102 - what `body` and `read` do is said once, in Event

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Self

from bayesopt.optimizer.event_base import Event, elsewhere, row_in
from bayesopt.optimizer.fields import Fields, Row


@dataclass(frozen=True, slots=True)
class Reported(Event):
    """A running trial said how far it is.

    Attributes
    ----------
    number : of the trial.
    step : a whole number >= 0.
    value : of the objective there, in the user's units; None when it was not finite.
    until : new end of the trial's lease in seconds since the epoch; None: as it was.
    """

    kind: ClassVar[str] = "reported"
    number: int
    step: int
    value: float | None
    until: float | None = None

    def body(self) -> dict[str, Any]:
        until = {} if self.until is None else {"until": self.until}
        return {"number": self.number, "step": self.step, "value": self.value, **until}

    @classmethod
    def read(cls, fields: Fields) -> Self:
        return cls(
            fields.whole("number"),
            fields.whole("step"),
            fields.number("value", optional=True),
            fields.number("until", optional=True),
        )


@dataclass(frozen=True, slots=True)
class Stopped(Event):
    """A trial ended before its time because its curve did not look well; ``why`` says how, and
    ``row`` where it was run, when that was not where it was asked for.
    """

    kind: ClassVar[str] = "stopped"
    number: int
    why: str | None
    row: Row | None = None

    def body(self) -> dict[str, Any]:
        return {"number": self.number, "why": self.why, **elsewhere(self.row)}

    @classmethod
    def read(cls, fields: Fields) -> Self:
        return cls(fields.whole("number"), fields.text("why", optional=True), row_in(fields))
