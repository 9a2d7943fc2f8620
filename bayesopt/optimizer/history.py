"""The state of a run as the fold of its events: nothing else is ever kept."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bayesopt.space import Space
from bayesopt.storage import Lease
from bayesopt.trial import Origin, Outcome, Trial, TrialState

Floats = NDArray[np.float64]

_OF_MODEL = (Origin.MODEL, Origin.EXPLORATION)  # a model was fitted, whether heard or not


class History:
    """Trials, points waiting in the queue and the model's last state, from the run's events in
    order.

    Attributes
    ----------
    trials : by number; numbers are 0, 1, 2, ... without gaps.
    queue : rows (p,) given by the user and not yet asked.
    completed : numbers of the evaluated trials in the order they were told.
    n_results : events so far that changed what the model knows.
    leases : of the pending trials that are not out until told.
    attempts : how often each asked trial was handed out.
    lost : numbers of the abandoned trials that may be handed out again.
    outside : numbers of the added trials whose points are not of the space: beyond the bounds,
        between the steps, against a known constraint. They inform the model only.
    """

    def __init__(self, space: Space) -> None:
        self.space = space
        self.trials: list[Trial] = []
        self.queue: deque[Floats] = deque()
        self.completed: list[int] = []
        self.n_results = 0
        self.leases: dict[int, Lease] = {}
        self.attempts: dict[int, int] = {}
        self.lost: set[int] = set()
        self.outside: set[int] = set()
        self._model_state: Mapping[str, Any] = {}
        self._fitted_at = -1  # n_results when the last proposal's model was fitted
        self._fitted_from: Mapping[str, Any] = {}
        self._rows = np.empty((16, space.n_columns))  # of the trials, and room for more

    def apply(self, event: Mapping[str, Any]) -> None:
        """Take in one event; kinds this version does not know are left alone."""
        handler = getattr(self, f"_on_{event['kind']}", None)
        if handler is not None:
            handler(event)

    @property
    def model_state(self) -> Mapping[str, Any]:
        """What the last proposal's model left for the next fit."""
        return self._model_state

    @property
    def fit_from(self) -> Mapping[str, Any]:
        """What a fit to the present results starts from: the same when it is made again."""
        return self._fitted_from if self._fitted_at == self.n_results else self._model_state

    def expired(self, now: float) -> dict[int, str]:
        """Pending trials that nobody works on any more, with the reason."""
        reasons = {number: lease.lost(now) for number, lease in self.leases.items()}
        return {number: reason for number, reason in reasons.items() if reason is not None}

    def to_retry(self, retries: int) -> int | None:
        """The first lost trial that was not yet handed out again ``retries`` times."""
        return min((n for n in self.lost if self.attempts[n] <= retries), default=None)

    def coords(self, numbers: Sequence[int]) -> Floats:
        """Coordinates (len(numbers), p) of trials."""
        if not len(numbers):
            return np.empty((0, self.space.n_columns))
        return self.space.to_coords(self._rows[np.asarray(numbers)])

    def row(self, number: int) -> list[float | None]:
        """The stored form of a trial's row."""
        return stored_row(self._rows[number])

    def numbers(self, *states: TrialState) -> list[int]:
        """Numbers of the trials in any of the given states."""
        return [t.number for t in self.trials if t.state in states]

    def _on_enqueued(self, event: Mapping[str, Any]) -> None:
        self.queue.append(row_of(event["row"]))

    def _on_asked(self, event: Mapping[str, Any]) -> None:
        number, origin = int(event["number"]), Origin[event["origin"]]
        if number == len(self.trials):
            self._add(event, origin, TrialState.PENDING)
            if origin is Origin.ENQUEUED and self.queue:
                self.queue.popleft()
            if origin in _OF_MODEL and self._fitted_at != self.n_results:
                self._fitted_at, self._fitted_from = self.n_results, self._model_state
            self._model_state = event.get("state", self._model_state)
        else:  # handed out again
            old = self.trials[number]
            self.trials[number] = Trial(number, old.params, TrialState.PENDING, old.origin)
        self.attempts[number] = self.attempts.get(number, 0) + 1
        self.lost.discard(number)
        lease = Lease(None if event.get("held") else event.get("worker"), event.get("until"))
        if lease != Lease():
            self.leases[number] = lease

    def _on_added(self, event: Mapping[str, Any]) -> None:
        self._add(event, Origin.ADDED, TrialState.PENDING)
        if not self.space.contains(self.trials[-1].params):
            self.outside.add(self.trials[-1].number)
        if "error" in event:
            self._on_failed(event)
        else:
            self._on_told(event)

    def _on_told(self, event: Mapping[str, Any]) -> None:
        outcome = Outcome(
            float(event["value"]),
            event.get("sd"),
            dict(event.get("constraints") or {}),
            event.get("cost"),
            event.get("info"),
        )
        self._finish(event, TrialState.COMPLETE, outcome=outcome)
        self.completed.append(int(event["number"]))
        self.n_results += 1

    def _on_failed(self, event: Mapping[str, Any]) -> None:
        self._finish(event, TrialState.FAILED, error=event.get("error"))
        self.n_results += 1

    def _on_abandoned(self, event: Mapping[str, Any]) -> None:
        self._finish(event, TrialState.ABANDONED, error=event.get("error"))
        if not event.get("final"):
            self.lost.add(int(event["number"]))

    def _add(self, event: Mapping[str, Any], origin: Origin, state: TrialState) -> None:
        row = row_of(event["row"])
        if len(self.trials) == len(self._rows):
            self._rows = np.concatenate([self._rows, np.empty_like(self._rows)])
        self._rows[len(self.trials)] = row
        self.trials.append(Trial(int(event["number"]), self.space.decode(row), state, origin))

    def _finish(
        self,
        event: Mapping[str, Any],
        state: TrialState,
        *,
        outcome: Outcome | None = None,
        error: str | None = None,
    ) -> None:
        old = self.trials[int(event["number"])]
        self.trials[old.number] = Trial(old.number, old.params, state, old.origin, outcome, error)
        self.leases.pop(old.number, None)
        self.lost.discard(old.number)


def row_of(values: Sequence[float | None]) -> Floats:
    """A row (p,) from its stored form: null where inactive."""
    return np.array([np.nan if v is None else v for v in values], dtype=float)


def stored_row(row: Floats) -> list[float | None]:
    """The stored form of a row (p,)."""
    return [None if np.isnan(v) else float(v) for v in row]
