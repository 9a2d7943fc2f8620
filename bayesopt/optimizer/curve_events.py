"""The events of learning curves: a report of a running trial, and its early end."""

# ruff: noqa: D102 - what `body` and `read` do is said once, in Event

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar, Self

from bayesopt.optimizer.event_base import Event
from bayesopt.optimizer.fields import Fields
from bayesopt.trial import TrialState

if TYPE_CHECKING:
    from bayesopt.optimizer.history import History


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
    """A trial ended before its time because its curve did not look well; ``why`` says how."""

    kind: ClassVar[str] = "stopped"
    number: int
    why: str | None

    def body(self) -> dict[str, Any]:
        return {"number": self.number, "why": self.why}

    @classmethod
    def read(cls, fields: Fields) -> Self:
        return cls(fields.whole("number"), fields.text("why", optional=True))


def take_report(history: History, event: Reported) -> None:
    """Add a report to its trial's curve, which keeps ascending: what it had at this step and
    later ones was of a training that has begun again from before.
    """
    old = history._trial(event.number, TrialState.PENDING, TrialState.ABANDONED)
    kept = old.curve
    while kept and kept[-1][0] >= event.step:
        kept = kept[:-1]
    value = math.nan if event.value is None else event.value
    history.trials[event.number] = replace(old, curve=(*kept, (event.step, value)))
    lease = history.leases.get(event.number)
    if lease is not None and event.until is not None:
        if lease.until is not None and old.start is not None:
            given = lease.until - old.start.timestamp()
            history.lease_seconds.setdefault(event.number, given)
        history.leases[event.number] = replace(lease, until=event.until)


def take_stop(history: History, event: Stopped) -> None:
    """End a trial; what it has reported is a result of its own kind."""
    history._finish(event.number, TrialState.STOPPED, error=event.why)
    history.stopped_after[event.number] = len(history.completed)
    history.n_results += 1
