"""The event log of a run: who has which trial, and what became of it."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Mapping
from copy import copy
from dataclasses import replace
from typing import Any

import numpy as np

from bayesopt import compiled
from bayesopt.checks import seconds, whole
from bayesopt.optimizer.amending import CORRECTABLE, corrected
from bayesopt.optimizer.amending_events import Corrected, Retracted
from bayesopt.optimizer.config_codec import write as write_parts
from bayesopt.optimizer.declaring import DeclaredOutputs, OutputArguments
from bayesopt.optimizer.derivatives import check_gradients
from bayesopt.optimizer.event_base import Event
from bayesopt.optimizer.events import (
    Abandoned,
    Added,
    Asked,
    Changed,
    Enqueued,
    Told,
    read_event,
    record_of,
)
from bayesopt.optimizer.fields import EventError, Row
from bayesopt.optimizer.fold import apply
from bayesopt.optimizer.history import History
from bayesopt.optimizer.naming import checked
from bayesopt.optimizer.stored_values import legal
from bayesopt.optimizer.transaction import Transaction, WholeCall
from bayesopt.outcome import Outcome
from bayesopt.space import Space
from bayesopt.storage import Storage, StorageError
from bayesopt.storage.fork import ForkAware, watch
from bayesopt.storage.guard import Guard
from bayesopt.storage.record import Record
from bayesopt.storage.worker import this_worker
from bayesopt.trial import Origin, Trial, TrialState


class EnoughTrials(Exception):
    """The run has as many trials as it was to have."""


_MANY = 1_000  # events to take in at once
_FORK_WAITS = 60.0  # seconds, for another thread's ask; then the child starts from the events


class _Compilations(ForkAware):
    """No fork while another thread loads or compiles a kernel.

    The child would have numba's locks as that thread held them, and nobody to let go of them.
    """

    rank = -1  # after event logs and storages: a thread that holds one of those may compile

    def before_fork(self) -> None:
        compiled.loading.acquire()

    def after_fork(self, *, child: bool) -> None:
        compiled.loading.release()  # the child's thread is the one that took it


_compilations = _Compilations()
watch(_compilations)


class EventLog(ForkAware):
    """A storage and the history that its events fold to; other processes may write to it too.

    Attributes
    ----------
    history : as far as the events have been read; replaced by a new one when some were not kept.
    seen : number of the last event in it.
    stale : whether it is to be read anew before it is next used.
    lock : held while this process's state changes.
    lease, retries : as :class:`~bayesopt.Optimizer` has them.
    """

    rank = 1  # at rest before the storages: a thread that holds this may wait for a storage

    def __init__(
        self, storage: Storage, space: Space, *, lease: float | None, retries: int
    ) -> None:
        self.storage = storage
        self.history = History(space)
        self.lock = Guard()
        self.seen = 0
        self.stale = False
        self._space = space
        self.lease = lease
        self.retries = retries
        self._rests = False
        self.sync()
        watch(self)

    def sync(self, *, own: bool = False) -> None:
        """Take in the events not seen yet; ``own``: this process has just written them.

        Raises
        ------
        StorageError : naming the event that cannot be one of this run.
        """
        with self.lock:
            if self.stale:
                self.history, self.seen, self.stale = History(self._space), 0, False
            records = self.storage.read(self.seen)
            if len(records) < _MANY or not gc.isenabled():
                self._take_in(records, own=own)
                return
            # all that is made here stays: looking through it again and again finds no garbage
            try:
                gc.disable()
                self._take_in(records, own=own)
            finally:
                gc.enable()

    def _take_in(self, records: list[tuple[int, Record]], *, own: bool) -> None:
        events = [(number, self._read(number, record)) for number, record in records]
        if not own:
            self._check_rows(events)
        for (number, event), (_, record) in zip(events, records, strict=True):
            if event is not None:
                self._apply(number, event, record.get("time"))
            self.seen = number

    def _read(self, number: int, record: Mapping[str, Any]) -> Event | None:
        try:
            return read_event(record)
        except EventError as error:
            raise self._damaged(number, record["kind"], error) from None

    def _check_rows(self, events: list[tuple[int, Event | None]]) -> None:
        """StorageError unless all rows that were proposed or queued are points of the space."""
        p = self._space.n_columns
        found = [
            (n, e)
            for n, e in events
            if (isinstance(e, Asked) or (isinstance(e, Enqueued) and e.only is None))
            and len(e.row) == p
        ]
        if not found:
            return
        # NumPy makes NaN of None
        rows = np.array([e.row for _, e in found], dtype=float).reshape(len(found), p)
        fits = legal(self._space, rows)
        if not fits.all():
            number, event = found[int(np.argmin(fits))]
            reason = EventError(f"its row {list(event.row)} is no point of the space")
            raise self._damaged(number, event.kind, reason)

    def _apply(self, number: int, event: Event, time: float | None) -> None:
        try:
            apply(self.history, event, time)
        except EventError as error:
            raise self._damaged(number, event.kind, error) from None
        if isinstance(event, (Retracted, Corrected)):
            self.history = copy(self.history)  # another object: fits to the old one are not reused

    def _damaged(self, number: int, kind: str, reason: EventError) -> StorageError:
        return StorageError(
            f"{self.storage.name}: event {number} ({kind!r}) is damaged or of another run: "
            f"{reason}; restore a copy"
        )

    def transaction(self) -> Transaction:
        """All events have been seen, and nobody else adds one meanwhile."""
        return Transaction(self)

    def whole(self) -> WholeCall:
        """A context for a public call: Ctrl-C anywhere in it leaves no lock and no transaction."""
        return WholeCall(self)

    def before_fork(self) -> None:
        """Wait for another thread that is in the middle of a call, but not for ever."""
        self._rests = self.lock.take(timeout=_FORK_WAITS)

    def after_fork(self, *, child: bool) -> None:
        """A child has a lock of its own; what a thread had half done it reads anew."""
        if child:
            self.lock, self.stale = Guard(), self.stale or not self._rests
        elif self._rests:
            self.lock.release()

    def append(self, event: Event) -> None:
        """Write an event and take it in; call it inside a transaction.

        Raises
        ------
        TypeError, ValueError : when it has an output of a name that the run does not have.
        """
        if isinstance(event, (Told, Added, Corrected)) and event.outcome is not None:
            instead = event.number if isinstance(event, Corrected) else None
            event = replace(event, outcome=checked(event.outcome, self.history, instead))
            self._check_gradients(event)
        who = {"worker": str(this_worker())} if self.storage.persistent else {}
        self.storage.append({**record_of(event), **who})
        self.sync(own=True)

    def _check_gradients(self, event: Told | Added | Corrected) -> None:
        if event.outcome is not None and event.outcome.gradients:
            row = self.history.row(event.number) if event.row is None else event.row
            check_gradients(event.outcome, self.history.space, row)

    def declare(self, given: OutputArguments, parts: Mapping[str, Any]) -> None:
        """Write a stored run's outputs, when they are not the same."""
        with self.transaction() as history:
            new = given.continuing(history.declared, history.constraint_names())
            if new != DeclaredOutputs():
                self.append(Changed(write_parts(parts), new))

    def hand_out(self, event: Asked, hold: bool | float, limit: int | None) -> Trial:
        """Write the event of an ask; call it inside a transaction.

        Raises
        ------
        EnoughTrials : when the run has ``limit`` trials.
        """
        self.check_limit(limit)
        self.append(replace(event, **self._claim(hold)))
        return self.history.trials[event.number]

    def hand_out_again(
        self, hold: bool | float, limit: int | None, context: Mapping[int, float]
    ) -> Trial | None:
        """A trial that was lost, handed out anew, one of this context (numbers by column); None
        when there is none.
        """
        lost = self.history.to_retry(self.retries, context)
        if lost is None and not self.history.expired(time.time()):
            return None
        with self.transaction() as history:
            for number, reason in history.expired(time.time()).items():
                self.append(Abandoned(number, reason))
            lost = history.to_retry(self.retries, context)
            if lost is None:
                return None
            again = Asked(lost, history.row(lost), history.trials[lost].origin)
            return self.hand_out(again, hold, limit)

    def check_limit(self, limit: int | None) -> None:
        """EnoughTrials when the run has ``limit`` trials, abandoned and added ones left out."""
        if limit is None:
            return
        counted = sum(
            t.origin is not Origin.ADDED and t.state is not TrialState.ABANDONED
            for t in self.history.trials
        )
        if counted >= limit:
            raise EnoughTrials(f"the run has {counted} trials of {limit}")

    def finish(self, trial: Trial | int, event: Callable[[int], Event]) -> Trial:
        """Write what became of a pending trial; a result for an abandoned one is welcome too.

        ``event`` makes the event of the trial's number.
        """
        with self.whole(), self.transaction() as history:
            number = self.number_of(trial)
            written = event(number)
            state = history.trials[number].state
            late = state is TrialState.ABANDONED and not isinstance(written, Abandoned)
            if state is not TrialState.PENDING and not late:
                raise ValueError(
                    f"trial {number} is already finished ({state.name.lower()}); to add "
                    "a further evaluation of its point use add_observation(), to put its result "
                    "right correct()"
                )
            self.append(written)
            return self.history.trials[number]

    def running(self, trial: Trial | int) -> Trial:
        """A trial that has not ended, or was lost; call it when all events have been seen.

        Raises
        ------
        ValueError : when it has ended, or there is none.
        """
        found = self.history.trials[self.number_of(trial)]
        if found.state not in (TrialState.PENDING, TrialState.ABANDONED):
            raise ValueError(
                f"trial {found.number} is already finished ({found.state.name.lower()}): "
                "it takes no further report"
            )
        return found

    def add(self, given: list[tuple[Row, Outcome | str]], outside: bool) -> list[Trial]:
        """Write observations made elsewhere: rows with an outcome, or why it failed."""
        with self.whole(), self.transaction() as history:
            first = len(history.trials)
            for number, (row, told) in enumerate(given, first):
                outcome = None if isinstance(told, str) else told
                error = told if isinstance(told, str) else None
                self.append(Added(number, row, outcome, error, outside))
            return self.history.trials[first : first + len(given)]

    def retract(self, trial: Trial | int, why: str) -> Trial:
        """Write that a trial's result is withdrawn."""
        with self.whole(), self.transaction() as history:
            number = self.number_of(trial)
            state = history.trials[number].state
            if state not in (TrialState.COMPLETE, TrialState.FAILED, TrialState.STOPPED):
                hint = "; abandon() it instead" if state is TrialState.PENDING else ""
                raise ValueError(
                    f"trial {number} has no result to retract: {state.name.lower()}{hint}"
                )
            self.append(Retracted(number, why))
            return self.history.trials[number]

    def correct(
        self, trial: Trial | int, result: object, why: str | None, row: Row | None
    ) -> Trial:
        """Write that a finished trial has another result."""
        with self.whole(), self.transaction() as history:
            number = self.number_of(trial)
            old = history.trials[number]
            if old.state not in CORRECTABLE:
                raise ValueError(
                    f"trial {number} has no result to correct: {old.state.name.lower()}; tell() it"
                )
            told = corrected(old, result, history.objectives)
            outcome = None if isinstance(told, str) else told
            error = told if isinstance(told, str) else None
            self.append(Corrected(number, outcome, error, why, row))
            return self.history.trials[number]

    def number_of(self, trial: Trial | int) -> int:
        """The number of a trial that exists; call it when all events have been seen."""
        number = (
            trial.number if isinstance(trial, Trial) else whole("trial, or its number,", trial)
        )
        known = len(self.history.trials)
        if not 0 <= number < known:
            raise ValueError(f"there is no trial {number}: this run has {known}, numbered from 0")
        return number

    def _claim(self, hold: bool | float) -> dict[str, Any]:
        """How long a trial is out, for a storage that others may look into."""
        if not isinstance(hold, bool):
            hold = seconds("hold", hold, also=", or True or False")
        if not self.storage.persistent:
            return {}
        if hold is True:
            return {"held": True}
        if hold is False:
            return {} if self.lease is None else {"until": time.time() + self.lease}
        return {"held": True, "until": time.time() + hold}
