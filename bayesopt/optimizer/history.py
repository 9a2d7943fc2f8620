"""The state of a run: what its events have made of it, and nothing else."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from math import fsum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bayesopt.optimizer.declaring import DeclaredOutputs
from bayesopt.optimizer.events import (
    Abandoned,
    Added,
    Asked,
    Changed,
    Enqueued,
    Failed,
    Started,
    Told,
    row_of,
    stored_row,
)
from bayesopt.optimizer.fields import EventError, Row, check_objectives
from bayesopt.optimizer.queue import Queued, taken
from bayesopt.optimizer.result_columns import ResultColumns
from bayesopt.optimizer.stored_values import name_of
from bayesopt.outcome import Outcome
from bayesopt.output import OutcomeConstraint, Output
from bayesopt.readonly import read_only
from bayesopt.space import Space
from bayesopt.storage import Lease
from bayesopt.trial import Origin, Trial, TrialState

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

STATE_CODES = {state: code for code, state in enumerate(TrialState)}


class History:
    """Trials, points waiting in the queue and the model's last state, from the run's events in
    order: see :func:`~bayesopt.optimizer.fold.apply`.

    Attributes
    ----------
    trials : by number; numbers are 0, 1, 2, ... without gaps.
    queue : points given by the user and not yet asked.
    completed : numbers of the evaluated trials in the order they were told.
    n_results : events so far that changed what the model knows.
    leases : of the pending trials that are not out until told.
    stopped_after : how many trials were completed when a trial was stopped early.
    lease_seconds : how long they were at first, of those that a report has renewed.
    attempts : how often each asked trial was handed out.
    lost : numbers of the abandoned trials that may be handed out again.
    outside : numbers of the trials that were added, or evaluated elsewhere, at points that are not
        of the space: beyond the bounds, between the steps, against a known constraint; and of all
        below the top fidelity or of another task. They inform the model only.
    not_run : the rows that were asked for, of the trials for which another one was run.
    results : numbers read out of the results; a new object when some were withdrawn.
    declared : the outputs beside the objectives, as they were declared.
    limits : the outcome constraints that have a limit other than ``<= 0``, by name.
    objectives : names of several objectives, in their order; empty where there is one.
    """

    def __init__(self, space: Space) -> None:
        self.space = space
        self.trials: list[Trial] = []
        self.queue: deque[Queued] = deque()
        self.completed: list[int] = []
        self.n_results = 0
        self.leases: dict[int, Lease] = {}
        self.stopped_after: dict[int, int] = {}
        self.lease_seconds: dict[int, float] = {}
        self.attempts: dict[int, int] = {}
        self.lost: set[int] = set()
        self.outside: set[int] = set()
        self.not_run: dict[int, Floats] = {}
        self.declared = DeclaredOutputs()
        self.limits: Mapping[str, OutcomeConstraint] = read_only({})
        self.objectives: tuple[str, ...] = ()
        self._same_point: dict[bytes, list[int]] = {}  # evaluated trials, by their point
        self._named: dict[str, None] = {}  # constraints of the results; a dict keeps their order
        self._model_state: Mapping[str, Any] = {}
        self._fitted_at = -1  # n_results when the last proposal's model was fitted
        self._fitted_from: Mapping[str, Any] = {}
        self._now: datetime | None = None  # when the event happened that is being taken in
        self.results = ResultColumns()
        # of the trials, and room for more
        self._rows = np.empty((16, space.n_columns))
        self._coords = np.empty_like(self._rows)
        self._states = np.empty(16, dtype=np.int8)
        self._n_coords = 0  # of so many trials, the first ones, the coordinates have been computed

    @property
    def model_state(self) -> Mapping[str, Any]:
        """What the last proposal's model left for the next fit."""
        return self._model_state

    @property
    def fit_from(self) -> Mapping[str, Any]:
        """What a fit to the present results starts from: the same when it is made again."""
        return self._fitted_from if self._fitted_at == self.n_results else self._model_state

    def constraint_names(self, apart_from: int | None = None) -> tuple[str, ...] | None:
        """The names that results may have constraints of; None when that is still open.

        ``apart_from`` is the number of a trial whose result does not count.
        """
        if self.declared.constraint_names is not None:
            return self.declared.constraint_names
        others = self._named if apart_from is None else self._names_in_results(apart_from)
        return tuple(others) or None

    def _names_in_results(self, apart_from: int) -> dict[str, None]:
        outcomes = [self.trials[n].outcome for n in self.completed if n != apart_from]
        return dict.fromkeys(n for o in outcomes if o is not None for n in o.constraints)

    @property
    def outputs(self) -> tuple[Output, ...]:
        """The outputs beside the objective: constraints in the order of their names, records."""
        return self.declared.outputs(self._named)

    def expired(self, now: float) -> dict[int, str]:
        """Pending trials that nobody works on any more, with the reason."""
        reasons = {number: lease.lost(now) for number, lease in self.leases.items()}
        return {number: reason for number, reason in reasons.items() if reason is not None}

    def to_retry(self, retries: int, context: Mapping[int, float]) -> int | None:
        """The first lost trial of a context that was not yet handed out ``retries`` times."""
        here = (n for n in self.lost if all(self._rows[n, j] == v for j, v in context.items()))
        return min((n for n in here if self.attempts[n] <= retries), default=None)

    def coords(self, numbers: Integers) -> Floats:
        """Coordinates (len(numbers), p) of trials."""
        done, n = self._n_coords, len(self.trials)
        if done < n:
            self._coords[done:n] = self.space.to_coords(self._rows[done:n])
            self._n_coords = n
        return np.asarray(self._coords[numbers])

    def row(self, number: int) -> Row:
        """The stored form of a trial's row."""
        return stored_row(self._rows[number])

    def numbers(self, *states: TrialState) -> Integers:
        """Numbers of the trials in any of the given states, in order."""
        wanted = np.array([state in states for state in TrialState])
        return np.flatnonzero(wanted[self._states[: len(self.trials)]])

    def _begun(self, event: Started | Changed) -> None:
        if isinstance(event, Started) and len(event.objectives) > 1:
            self.objectives = tuple(o.name for o in event.objectives)
        self.declared = event.outputs.over(self.declared)
        limits = self.declared.limits
        if limits != self.limits:
            self.limits = read_only(limits)
            self.trials = [replace(trial, limits=self.limits) for trial in self.trials]
            for numbers in self._same_point.values():
                self._share_constraints(numbers)

    def _enqueued(self, event: Enqueued) -> None:
        self._row(event.row)
        self.queue.append(Queued.of(event, self.space))

    def _asked(self, event: Asked) -> None:
        number, origin, row = event.number, event.origin, self._row(event.row)
        if number < len(self.trials):
            self._ask_again(number, row, name_of(event.worker))
        else:
            queued = taken(self.queue, row, self.space) if origin is Origin.ENQUEUED else None
            self._add(number, row, origin, name_of(event.worker))
            if queued is not None:
                self.queue.remove(queued)
            if origin.fits_model and self._fitted_at != self.n_results:
                self._fitted_at, self._fitted_from = self.n_results, self._model_state
            if event.state is not None:
                self._model_state = event.state
        self.attempts[number] = self.attempts.get(number, 0) + 1
        self.lost.discard(number)
        if event.until is not None or (event.worker is not None and not event.held):
            self.leases[number] = event.lease

    def _ask_again(self, number: int, row: Floats, worker: str | None) -> None:
        old = self._trial(number, TrialState.ABANDONED)
        if not np.array_equal(row, self._rows[number], equal_nan=True):
            raise EventError(f"it has another row than trial {number} had at first")
        self.trials[number] = Trial(
            number,
            old.params,
            TrialState.PENDING,
            old.origin,
            start=self._now,
            worker=worker,
            limits=self.limits,
            curve=old.curve,
        )
        self._states[number] = STATE_CODES[TrialState.PENDING]

    def _added(self, event: Added) -> None:
        row, params = self._point(event.row, outside=event.outside is not False)
        check_objectives(event.outcome, self.objectives)
        self._add(event.number, row, Origin.ADDED, asked=False)
        if not (self.space.contains(params) and self.space.at_targets(params)):
            self.outside.add(event.number)
        if event.outcome is None:
            self._failed(Failed(event.number, event.error))
        else:
            self._told(Told(event.number, event.outcome))

    def _told(self, event: Told) -> None:
        check_objectives(event.outcome, self.objectives)
        if event.row is not None:
            self._run_at(event.number, event.row)
        self._finish(event.number, TrialState.COMPLETE, outcome=event.outcome)
        self.completed.append(event.number)
        if event.outcome.constraints:
            self._named.update(dict.fromkeys(event.outcome.constraints))
        same = self._same_point.setdefault(self._point_key(event.number), [])
        same.append(event.number)
        self._share_constraints(same)
        self.n_results += 1

    def _point_key(self, number: int) -> bytes:
        """The same for trials at the same point."""
        return bytes((self._rows[number] + 0.0).tobytes())  # -0.0 is 0.0

    def _share_constraints(self, numbers: list[int]) -> None:
        """Let evaluations of one point that report no constraint take over the others'."""
        if len(numbers) == 1 and not self.trials[numbers[0]].violated:
            return  # nobody else was there
        reported: dict[str, list[float]] = {}
        excesses = [self.trials[n].excess for n in numbers]
        for excess in excesses:
            for name, over in excess.items():
                reported.setdefault(name, []).append(over)
        broken = sorted(name for name, values in reported.items() if fsum(values) > 0.0)
        for n, excess in zip(numbers, excesses, strict=True):
            violated = tuple(name for name in broken if name not in excess)
            if violated != self.trials[n].violated:
                self.trials[n] = replace(self.trials[n], violated=violated)

    def _failed(self, event: Failed) -> None:
        if event.row is not None:
            self._run_at(event.number, event.row)
        self._finish(event.number, TrialState.FAILED, error=event.error)
        self.n_results += 1

    def _run_at(self, number: int, values: Row) -> None:
        """Let a trial be where it was evaluated, when that was not where it was asked for."""
        old = self._trial(number, TrialState.PENDING, TrialState.ABANDONED)
        row, params = self._point(values, outside=True)
        if not np.array_equal(row, self._rows[number], equal_nan=True):
            self.not_run.setdefault(number, self._rows[number].copy())
            self._rows[number] = row
            self._n_coords = min(self._n_coords, number)
            self.trials[number] = replace(old, params=params, asked=old.params)
        if not (self.space.contains(params) and self.space.at_targets(params)):
            self.outside.add(number)

    def _abandoned(self, event: Abandoned) -> None:
        self._trial(event.number, TrialState.PENDING)
        self._finish(event.number, TrialState.ABANDONED, error=event.error)
        if not event.final:
            self.lost.add(event.number)

    def _row(self, values: Row) -> Floats:
        if len(values) != self.space.n_columns:
            raise EventError(
                f"its row has {len(values)} numbers; the space has {self.space.n_columns} columns"
            )
        return row_of(values)

    def _point(self, values: Row, *, outside: bool) -> tuple[Floats, dict[str, Any]]:
        """The row and the point of an observation that was added, or made elsewhere."""
        row = self._row(values)
        try:
            params = self.space.decode(row)
            again = self.space.encode(params, outside=outside)
        except (ArithmeticError, LookupError, TypeError, ValueError) as error:
            raise EventError(f"its row {list(values)} is no point ({error})") from None
        if not np.array_equal(row, again, equal_nan=True):
            raise EventError(f"its row {list(values)} is no point of the space")
        return row, params

    def _trial(self, number: int, *states: TrialState) -> Trial:
        if number >= len(self.trials):
            raise EventError(f"there is no trial {number}, only {len(self.trials)} so far")
        trial = self.trials[number]
        if trial.state not in states:
            raise EventError(f"trial {number} is already {trial.state.name.lower()}")
        return trial

    def _add(
        self,
        number: int,
        row: Floats,
        origin: Origin,
        worker: str | None = None,
        *,
        asked: bool = True,
    ) -> None:
        if number != len(self.trials):
            raise EventError(f"it has the number {number}; the next is {len(self.trials)}")
        if number == len(self._rows):
            self._rows = np.concatenate([self._rows, np.empty_like(self._rows)])
            self._coords = np.concatenate([self._coords, np.empty_like(self._coords)])
            self._states = np.concatenate([self._states, np.empty_like(self._states)])
        self._rows[number] = row
        self._states[number] = STATE_CODES[TrialState.PENDING]
        start, params = self._now if asked else None, self.space.decode(row)
        if not self.space.at_targets(params):
            self.outside.add(number)
        self.trials.append(
            Trial(
                number,
                params,
                TrialState.PENDING,
                origin,
                start=start,
                worker=worker,
                limits=self.limits,
            )
        )

    def _finish(
        self,
        number: int,
        state: TrialState,
        *,
        outcome: Outcome | None = None,
        error: str | None = None,
    ) -> None:
        old = self._trial(number, TrialState.PENDING, TrialState.ABANDONED)
        seconds = None
        if state is not TrialState.ABANDONED and old.start is not None and self._now is not None:
            seconds = max((self._now - old.start).total_seconds(), 0.0)
        self.trials[number] = Trial(
            number,
            old.params,
            state,
            old.origin,
            outcome,
            error,
            asked=old.asked,
            violated=old.violated,
            limits=old.limits,
            start=old.start,
            seconds=seconds,
            worker=old.worker,
            curve=old.curve,
        )  # replace() would take three times as long, for each trial of a run that is opened
        self._states[number] = STATE_CODES[state]
        self.leases.pop(number, None)
        self.lost.discard(number)
