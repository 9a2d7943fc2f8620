"""What a call of the optimizer holds, and how it lets go of it wherever it is interrupted.

Both are classes, and not generators: Ctrl-C may leave a generator half run, and its clean-up would
come at some later time.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from types import TracebackType
from typing import Protocol

from bayesopt.optimizer.history import History
from bayesopt.storage import Storage
from bayesopt.storage.guard import Guard


class SharedLog(Protocol):
    """What a call holds: an event log, see :class:`~bayesopt.optimizer.event_log.EventLog`."""

    storage: Storage
    history: History
    lock: Guard
    seen: int
    stale: bool

    def sync(self) -> None:
        """Take in the events that others have added."""


class WholeCall(AbstractContextManager[None]):
    """Around a public call: however it ends, this thread then holds no more than before it.

    It takes nothing itself, so that there is no moment at which it could be interrupted.
    """

    def __init__(self, event_log: SharedLog) -> None:
        self._event_log = event_log
        self._first = not event_log.lock.mine
        self._free = not event_log.storage.busy

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if error is None or not self._first:
            return
        if self._free:
            self._event_log.storage.let_go()
        if not isinstance(error, Exception):  # it may have come between two halves of anything
            self._event_log.stale = True
        self._event_log.lock.let_go()


class Transaction(AbstractContextManager[History]):
    """All events have been seen, and nobody else adds one meanwhile."""

    def __init__(self, event_log: SharedLog) -> None:
        self._event_log = event_log
        self._stored = event_log.storage.exclusive()

    def __enter__(self) -> History:
        event_log = self._event_log
        self._first, self._free = not event_log.lock.mine, not event_log.storage.busy
        self._seen = event_log.seen
        entered = False
        try:
            if self._first:
                event_log.lock.take()
            self._stored.__enter__()
            entered = True
            event_log.sync()
            self._seen = event_log.seen
            return event_log.history
        except BaseException as error:
            if entered:
                self.__exit__(type(error), error, error.__traceback__)
            elif self._free:
                event_log.storage.let_go()
            if self._first:
                event_log.lock.let_go()
            raise

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        event_log, kept = self._event_log, False
        try:
            self._stored.__exit__(kind, error, traceback)
            kept = error is None
        finally:
            if not kept and event_log.seen != self._seen:
                event_log.stale = True  # taken in, but not kept (a full disk, Ctrl-C): read anew
            if self._first:
                event_log.lock.let_go()
