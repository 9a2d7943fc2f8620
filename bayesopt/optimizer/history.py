"""The state of a run as the fold of its events: nothing else is ever kept."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bayesopt.space import Space
from bayesopt.trial import Origin, Outcome, Trial, TrialState

Floats = NDArray[np.float64]


class History:
    """Trials, points waiting in the queue and the model's last state, from the run's events in order.

    Attributes
    ----------
    trials : by number; numbers are 0, 1, 2, ... without gaps.
    queue : rows (p,) given by the user and not yet asked.
    model_state : what the last model-based proposal left for the next fit.
    """

    def __init__(self, space: Space) -> None:
        self.space = space
        self.trials: list[Trial] = []
        self.queue: deque[Floats] = deque()
        self.model_state: Mapping[str, Any] = {}
        self.n_results = 0  # events that change what the model knows
        self._rows: list[Floats] = []

    def apply(self, event: Mapping[str, Any]) -> None:
        """Take in one event; kinds this version does not know are left alone."""
        handler = getattr(self, f"_on_{event['kind']}", None)
        if handler is not None:
            handler(event)

    def coords(self, numbers: Sequence[int]) -> Floats:
        """Coordinates (len(numbers), p) of trials."""
        if not len(numbers):
            return np.empty((0, self.space.n_columns))
        return self.space.to_coords(np.array([self._rows[n] for n in numbers]))

    def numbers(self, *states: TrialState) -> list[int]:
        """Numbers of the trials in any of the given states."""
        return [t.number for t in self.trials if t.state in states]

    def _on_enqueued(self, event: Mapping[str, Any]) -> None:
        self.queue.append(row_of(event["row"]))

    def _on_asked(self, event: Mapping[str, Any]) -> None:
        self._add(event, Origin[event["origin"]], TrialState.PENDING)
        if self.trials[-1].origin is Origin.ENQUEUED and self.queue:
            self.queue.popleft()
        if "state" in event:
            self.model_state = event["state"]

    def _on_added(self, event: Mapping[str, Any]) -> None:
        self._add(event, Origin.ADDED, TrialState.PENDING)
        if "error" in event:
            self._on_failed(event)
        else:
            self._on_told(event)

    def _on_told(self, event: Mapping[str, Any]) -> None:
        outcome = Outcome(
            float(event["value"]), event.get("sd"), dict(event.get("constraints") or {}), event.get("cost"),
            event.get("info"),
        )  # fmt: skip
        self._finish(event, TrialState.COMPLETE, outcome=outcome)

    def _on_failed(self, event: Mapping[str, Any]) -> None:
        self._finish(event, TrialState.FAILED, error=event.get("error"))

    def _on_abandoned(self, event: Mapping[str, Any]) -> None:
        self._finish(event, TrialState.ABANDONED, error=event.get("error"))

    def _add(self, event: Mapping[str, Any], origin: Origin, state: TrialState) -> None:
        row = row_of(event["row"])
        self._rows.append(row)
        self.trials.append(Trial(int(event["number"]), self.space.decode(row), state, origin))

    def _finish(
        self, event: Mapping[str, Any], state: TrialState, *, outcome: Outcome | None = None, error: str | None = None
    ) -> None:
        old = self.trials[int(event["number"])]
        self.trials[old.number] = Trial(old.number, old.params, state, old.origin, outcome, error)
        self.n_results += 1


def row_of(values: Sequence[float | None]) -> Floats:
    """A row (p,) from its stored form: null where inactive."""
    return np.array([np.nan if v is None else v for v in values], dtype=float)


def stored_row(row: Floats) -> list[float | None]:
    """The stored form of a row (p,)."""
    return [None if np.isnan(v) else float(v) for v in row]
