"""The events of a run: one frozen record a kind, and the one decoder that checks what is read.

A run is the list of its events, in order. To add a kind: a class here, a line in ``KINDS``, and
what it does to a run in ``fold.py``.
"""

# ruff: noqa: D102 - what `body` and `read` do is said once, in Event

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from bayesopt.optimizer.amending_events import Corrected, Migrated, Retracted
from bayesopt.optimizer.curve_events import Reported, Stopped
from bayesopt.optimizer.declaring import DeclaredOutputs
from bayesopt.optimizer.event_base import Event, elsewhere, row_in
from bayesopt.optimizer.fields import Fields, Row
from bayesopt.outcome import Outcome, outcome_to_json
from bayesopt.output import Objective
from bayesopt.storage import Lease
from bayesopt.trial import Origin

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Started(Event):
    """A run begins: the first event.

    Attributes
    ----------
    space : ``Space.to_json()``; None when the space has functions or objects in it.
    objectives : one called "value", or several by their names.
    seed, deterministic, n_trials : as :class:`~bayesopt.Optimizer` has them.
    parts : by name, as ``config_codec.write`` puts them into words.
    outputs : those beside the objectives, as far as they are declared.
    """

    kind: ClassVar[str] = "started"
    space: Mapping[str, Any] | None
    objectives: tuple[Objective, ...]
    seed: int
    deterministic: bool
    n_trials: int | None
    parts: Mapping[str, str]
    outputs: DeclaredOutputs = field(default_factory=DeclaredOutputs)

    def body(self) -> dict[str, Any]:
        return self.outputs.body() | {
            "space": self.space,
            **_written(self.objectives),
            "seed": self.seed,
            "deterministic": self.deterministic,
            "n_trials": self.n_trials,
            "parts": dict(self.parts),
        }

    @classmethod
    def read(cls, fields: Fields) -> Self:
        return cls(
            fields.mapping("space", optional=True),
            _objectives_of(fields),
            fields.whole("seed"),
            fields.flag("deterministic"),
            fields.whole("n_trials", optional=True),
            fields.words("parts"),
            DeclaredOutputs.read(fields),
        )


@dataclass(frozen=True, slots=True)
class Changed(Event):
    """The run goes on with other parts, with these outputs, or with these thresholds."""

    kind: ClassVar[str] = "changed"
    parts: Mapping[str, str]
    outputs: DeclaredOutputs = field(default_factory=DeclaredOutputs)
    thresholds: Mapping[str, float] | None = None

    def body(self) -> dict[str, Any]:
        limits = {} if self.thresholds is None else {"thresholds": dict(self.thresholds)}
        return {"parts": dict(self.parts), **self.outputs.body(), **limits}

    @classmethod
    def read(cls, fields: Fields) -> Self:
        return cls(
            fields.words("parts"),
            DeclaredOutputs.read(fields),
            fields.numbers("thresholds"),
        )


@dataclass(frozen=True, slots=True)
class Described(Event):
    """How the points are evaluated; what it says is the command line's business."""

    kind: ClassVar[str] = "described"
    what: Mapping[str, Any]

    def body(self) -> dict[str, Any]:
        return dict(self.what)

    @classmethod
    def read(cls, fields: Fields) -> Self:
        return cls(fields.rest())


@dataclass(frozen=True, slots=True)
class Enqueued(Event):
    """A point was put in line, or part of one.

    Attributes
    ----------
    row : (p,) None where inactive, and where the rest of a part is to be proposed.
    only : names of the columns that part of a point has; None for a whole point.
    """

    kind: ClassVar[str] = "enqueued"
    row: Row
    only: tuple[str, ...] | None = None

    def body(self) -> dict[str, Any]:
        only = {} if self.only is None else {"only": list(self.only)}
        return {"row": list(self.row), **only}

    @classmethod
    def read(cls, fields: Fields) -> Self:
        return cls(fields.row(), fields.names("only"))


@dataclass(frozen=True, slots=True)
class Asked(Event):
    """A trial was handed out, for the first time or again.

    Attributes
    ----------
    number, row, origin : of the trial.
    state : what the model leaves for the next fit; None when that has not changed.
    held : whether the trial is out until it is told, by whomever.
    until : end of its lease in seconds since the epoch, or None.
    worker : the process that asked, or None.
    """

    kind: ClassVar[str] = "asked"
    number: int
    row: Row
    origin: Origin
    state: Mapping[str, Any] | None = None
    held: bool = False
    until: float | None = None
    worker: str | None = None

    def body(self) -> dict[str, Any]:
        body = {"number": self.number, "row": list(self.row), "origin": self.origin.name}
        optional = {"state": self.state, "held": self.held or None, "until": self.until}
        return body | {key: value for key, value in optional.items() if value is not None}

    @classmethod
    def read(cls, fields: Fields) -> Self:
        return cls(
            fields.whole("number"),
            fields.row(),
            Origin[fields.one_of("origin", Origin.__members__)],
            fields.mapping("state", optional=True),
            fields.flag("held", optional=True),
            fields.number("until", optional=True),
            fields.worker,
        )

    @property
    def lease(self) -> Lease:
        """Who has the trial, and until when."""
        return Lease(None if self.held else self.worker, self.until)


@dataclass(frozen=True, slots=True)
class Told(Event):
    """A trial was evaluated; ``row`` is where, when that was not where it was asked for."""

    kind: ClassVar[str] = "told"
    number: int
    outcome: Outcome
    row: Row | None = None

    def body(self) -> dict[str, Any]:
        return {"number": self.number, **outcome_to_json(self.outcome), **elsewhere(self.row)}

    @classmethod
    def read(cls, fields: Fields) -> Self:
        return cls(fields.whole("number"), fields.outcome(), row_in(fields))


@dataclass(frozen=True, slots=True)
class Failed(Event):
    """The evaluation of a trial failed; ``error`` says why, ``row`` is as in Told."""

    kind: ClassVar[str] = "failed"
    number: int
    error: str | None
    row: Row | None = None

    def body(self) -> dict[str, Any]:
        return {"number": self.number, "error": self.error, **elsewhere(self.row)}

    @classmethod
    def read(cls, fields: Fields) -> Self:
        return cls(fields.whole("number"), fields.text("error", optional=True), row_in(fields))


@dataclass(frozen=True, slots=True)
class Abandoned(Event):
    """The evaluation of a trial was lost; ``final``: it is not handed out again."""

    kind: ClassVar[str] = "abandoned"
    number: int
    error: str | None
    final: bool = False

    def body(self) -> dict[str, Any]:
        final = {"final": True} if self.final else {}
        return {"number": self.number, "error": self.error, **final}

    @classmethod
    def read(cls, fields: Fields) -> Self:
        return cls(
            fields.whole("number"),
            fields.text("error", optional=True),
            fields.flag("final", optional=True),
        )


@dataclass(frozen=True, slots=True)
class Added(Event):
    """An observation made elsewhere was added.

    Attributes
    ----------
    outcome : the result, or None when it was a failure: ``error`` then says which.
    outside : whether the row was allowed to be beyond the bounds or between the steps; None in
        files of versions that did not say.
    """

    kind: ClassVar[str] = "added"
    number: int
    row: Row
    outcome: Outcome | None
    error: str | None = None
    outside: bool | None = None

    def body(self) -> dict[str, Any]:
        body: dict[str, Any] = {"number": self.number, "row": list(self.row)}
        body |= {"error": self.error} if self.outcome is None else outcome_to_json(self.outcome)
        return body if self.outside is None else body | {"outside": self.outside}

    @classmethod
    def read(cls, fields: Fields) -> Self:
        number, row = fields.whole("number"), fields.row()
        outside = fields.flag("outside") if fields.has("outside") else None
        if fields.has("error"):
            return cls(number, row, None, fields.text("error"), outside)
        return cls(number, row, fields.outcome(), None, outside)


def _written(objectives: tuple[Objective, ...]) -> dict[str, Any]:
    if len(objectives) == 1:
        return {"direction": objectives[0].direction}
    described = []
    for o in objectives:
        limit = {} if o.threshold is None else {"threshold": o.threshold}
        described.append({"name": o.name, "direction": o.direction, **limit})
    return {"objectives": described}


def _objectives_of(fields: Fields) -> tuple[Objective, ...]:
    if not fields.has("objectives"):
        return (Objective(direction=fields.one_of("direction", ("minimize", "maximize"))),)
    return fields.objectives()


KINDS: Mapping[str, type[Event]] = {
    event.kind: event
    for event in (
        *(Started, Changed, Described, Enqueued, Asked, Told, Failed, Abandoned, Added),
        *(Retracted, Corrected, Migrated, Reported, Stopped),
    )
}


def record_of(event: Event) -> dict[str, Any]:
    """The event as a storage takes it."""
    return {"kind": event.kind, **event.body()}


def read_event(record: Mapping[str, Any]) -> Event | None:
    """The event that a storage gave back.

    None for kinds that this version does not know: they are notes of a newer version or of another
    program. A version that writes kinds which must not be overlooked raises the file's schema
    number, and older ones then refuse the file as a whole.

    Raises
    ------
    EventError : saying what is wrong, for a record that no event has.
    """
    kind = KINDS.get(record["kind"])
    if kind is None:
        return None
    fields = Fields(record)
    event = kind.read(fields)
    fields.end()
    return event


def row_of(values: Row) -> Floats:
    """A row (p,) from its stored form: None where inactive."""
    return np.array(values, dtype=float)  # NumPy makes NaN of None


def stored_row(row: Floats) -> Row:
    """The stored form of a row (p,)."""
    return tuple(None if math.isnan(v) else v for v in row.tolist())
