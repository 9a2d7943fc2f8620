"""The events of a run, written and read: who has which trial, and what became of it."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from bayesopt.checks import seconds, whole
from bayesopt.optimizer.history import History
from bayesopt.space import Space
from bayesopt.storage import Storage
from bayesopt.storage.worker import this_worker
from bayesopt.trial import Origin, Trial, TrialState


class EnoughTrials(Exception):
    """The run has as many trials as it was to have."""


class Ledger:
    """A storage and the history that its events fold to; other processes may write to it too.

    Attributes
    ----------
    history : as far as the events have been read; replaced by a new one when some were not kept.
    lock : held while this process's state changes.
    """

    def __init__(
        self, storage: Storage, space: Space, *, lease: float | None, retries: int
    ) -> None:
        self.storage = storage
        self.history = History(space)
        self.lock = threading.RLock()
        self._space = space
        self._lease = lease
        self._retries = retries
        self._seen = 0
        self.sync()

    def sync(self) -> None:
        """Take in the events not seen yet."""
        with self.lock:
            for number, event in self.storage.read(self._seen):
                self.history.apply(event)
                self._seen = number

    @contextmanager
    def transaction(self) -> Iterator[History]:
        """All events have been seen, and nobody else adds one meanwhile."""
        with self.lock:
            seen = self._seen
            try:
                with self.storage.exclusive():
                    self.sync()
                    seen = self._seen
                    yield self.history
            except BaseException:
                if self._seen != seen:  # taken in, but not kept (a full disk, Ctrl-C): read anew
                    self.history, self._seen = History(self._space), 0
                raise

    def append(self, event: Mapping[str, Any]) -> None:
        """Write an event and take it in; call it inside a transaction."""
        who = {"worker": str(this_worker())} if self.storage.persistent else {}
        self.storage.append({**event, **who})
        self.sync()

    def hand_out(self, event: Mapping[str, Any], hold: bool | float, limit: int | None) -> Trial:
        """Write the event of an ask; call it inside a transaction.

        Raises
        ------
        EnoughTrials : when ``limit`` trials count already.
        """
        self.check_limit(limit)
        self.append({**event, **self._claim(hold)})
        return self.history.trials[int(event["number"])]

    def hand_out_again(self, hold: bool | float, limit: int | None) -> Trial | None:
        """A trial that was lost, handed out anew; None when there is none."""
        if not self.history.expired(time.time()) and self.history.to_retry(self._retries) is None:
            return None
        with self.transaction() as history:
            for number, reason in history.expired(time.time()).items():
                self.append({"kind": "abandoned", "number": number, "error": reason})
            lost = history.to_retry(self._retries)
            if lost is None:
                return None
            origin = history.trials[lost].origin.name
            again = {"kind": "asked", "number": lost, "row": history.row(lost), "origin": origin}
            return self.hand_out(again, hold, limit)

    def check_limit(self, limit: int | None) -> None:
        """EnoughTrials when ``limit`` trials count already; abandoned and added ones do not."""
        if limit is None:
            return
        counted = sum(
            t.origin is not Origin.ADDED and t.state is not TrialState.ABANDONED
            for t in self.history.trials
        )
        if counted >= limit:
            raise EnoughTrials(f"the run has {counted} trials of {limit}")

    def finish(self, trial: Trial | int, event: Mapping[str, Any]) -> Trial:
        """Write what became of a pending trial; a result for an abandoned one is welcome too."""
        number = (
            trial.number if isinstance(trial, Trial) else whole("trial, or its number,", trial)
        )
        with self.transaction() as history:
            trials = history.trials
            if not 0 <= number < len(trials):
                raise ValueError(
                    f"there is no trial {number}: this run has {len(trials)}, numbered from 0"
                )
            state = trials[number].state
            late = state is TrialState.ABANDONED and event["kind"] != "abandoned"
            if state is not TrialState.PENDING and not late:
                raise ValueError(
                    f"trial {number} is already finished ({state.name.lower()}); to add "
                    "a further evaluation of its point use add_observation()"
                )
            self.append({**event, "number": int(number)})
            return trials[number]

    def _claim(self, hold: bool | float) -> dict[str, Any]:
        """How long a trial is out, for a storage that others may look into."""
        if not isinstance(hold, bool):
            hold = seconds("hold", hold, also=", or True or False")
        if not self.storage.persistent:
            return {}
        if hold is True:
            return {"held": True}
        if hold is False:
            return {} if self._lease is None else {"until": time.time() + self._lease}
        return {"held": True, "until": time.time() + hold}
