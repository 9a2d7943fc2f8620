"""The state of a run as the fold of its events: what each kind of event does to it."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from bayesopt.optimizer.amending import correct, retract
from bayesopt.optimizer.amending_events import Corrected, Retracted
from bayesopt.optimizer.curve_events import Reported, Stopped
from bayesopt.optimizer.event_base import Event
from bayesopt.optimizer.events import (
    Abandoned,
    Added,
    Asked,
    Changed,
    Enqueued,
    Failed,
    Started,
    Told,
)
from bayesopt.optimizer.history import History
from bayesopt.optimizer.stored_values import utc
from bayesopt.trial import TrialState


def _report(history: History, event: Reported) -> None:
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


def _stop(history: History, event: Stopped) -> None:
    """End a trial; what it has reported is a result of its own kind."""
    if event.row is not None:
        history._run_at(event.number, event.row)
    history._finish(event.number, TrialState.STOPPED, error=event.why)
    history.stopped_after[event.number] = len(history.completed)
    history.n_results += 1


_HANDLERS: Mapping[type[Event], Callable[[History, Any], None]] = {
    Started: History._begun,
    Changed: History._begun,
    Enqueued: History._enqueued,
    Asked: History._asked,
    Told: History._told,
    Failed: History._failed,
    Abandoned: History._abandoned,
    Added: History._added,
    Retracted: retract,
    Corrected: correct,
    Reported: _report,
    Stopped: _stop,
}


def apply(history: History, event: Event, time: float | None = None) -> None:
    """Take one event into a run's state; those that are not about trials are left alone.

    Parameters
    ----------
    time : when it happened, in seconds since the epoch.

    Raises
    ------
    EventError : when it cannot follow the events so far; then nothing has changed.
    """
    handler = _HANDLERS.get(type(event))
    if handler is not None:
        history._now = None if time is None else utc(time)
        handler(history, event)
