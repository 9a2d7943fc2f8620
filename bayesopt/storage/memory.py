"""A run that lives as long as its process."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from contextlib import AbstractContextManager
from typing import Any

from bayesopt.storage.base import Storage, StorageError
from bayesopt.storage.guard import Guard
from bayesopt.storage.record import Record, Written, decode, encode


class MemoryStorage(Storage):
    """Events in a list. Written as JSON all the same, so that no reader shares their objects.

    Safe to use from several threads. A forked process works on a copy of its own, which begins
    with what was there outside of transactions; so does a copy or a pickle.
    """

    def __init__(self) -> None:
        self._events: list[Written] = []
        self._kept = 0  # events outside of the open transaction
        self._guard = Guard()
        self._pid = os.getpid()
        self._depth = 0
        self._closed = False

    def append(self, event: Mapping[str, Any], /) -> int:
        """Add one event; see :meth:`Storage.append`."""
        record = encode(event)
        with self.exclusive():
            self._events.append(record)
            return len(self._events)

    def read(
        self, since: int = 0, *, kinds: Collection[str] | None = None
    ) -> list[tuple[int, Record]]:
        """The events above ``since``; see :meth:`Storage.read`."""
        self._check()
        with self._guard:
            records = self._events[max(since, 0) :]
        numbered = enumerate(records, max(since, 0) + 1)
        return [(seq, decode(*r)) for seq, r in numbered if kinds is None or r[2] in kinds]

    def exclusive(self) -> AbstractContextManager[None]:
        """A transaction; see :meth:`Storage.exclusive`."""
        return _MemoryTransaction(self)

    def close(self) -> None:
        """Refuse any further use; the events are forgotten with the object."""
        self._closed = True

    @property
    def busy(self) -> bool:
        """Whether a transaction of this thread is open."""
        return self._depth > 0 and self._guard.mine

    def let_go(self) -> None:
        """Undo what an interrupt has left; see :meth:`Storage.let_go`."""
        if self._guard.mine:
            del self._events[self._kept :]
            self._depth = 0
            self._guard.let_go()

    def __getstate__(self) -> dict[str, Any]:
        return {"events": self._events[: self._kept], "closed": self._closed}

    def __setstate__(self, state: Mapping[str, Any]) -> None:
        MemoryStorage.__init__(self)
        self._events, self._closed = list(state["events"]), bool(state["closed"])
        self._kept = len(self._events)

    def _check(self) -> None:
        if self._pid != os.getpid():  # a fork copies lock and transaction as others left them
            del self._events[self._kept :]
            self._pid, self._guard, self._depth = os.getpid(), Guard(), 0
        if self._closed:
            raise StorageError("this storage was closed")


class _MemoryTransaction(AbstractContextManager[None]):
    """What :meth:`MemoryStorage.exclusive` gives; a class, as generators may be left half run."""

    def __init__(self, storage: MemoryStorage) -> None:
        self._storage = storage

    def __enter__(self) -> None:
        storage = self._storage
        storage._check()
        self._pid = storage._pid
        self._first = not storage._guard.mine
        try:
            if self._first:
                storage._guard.take()
            self._depth = storage._depth
            storage._depth += 1
        except BaseException:
            if self._first:
                storage.let_go()
            raise

    def __exit__(self, *error: object) -> None:
        storage = self._storage
        if self._pid != os.getpid():
            return
        if self._depth == 0:
            if error[0] is None:
                storage._kept = len(storage._events)
            else:
                del storage._events[storage._kept :]
        storage._depth = self._depth
        if self._first:
            storage._guard.let_go()
