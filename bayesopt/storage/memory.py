"""A run that lives as long as its process."""

from __future__ import annotations

import os
import threading
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from bayesopt.storage.base import Event, Storage, StorageError, decode, encode


class MemoryStorage(Storage):
    """Events in a list. Written as JSON all the same, so that no reader shares their objects.

    Safe to use from several threads. A forked process works on a copy of its own.
    """

    def __init__(self) -> None:
        self._events: list[tuple[float, str | None, str, str]] = []
        self._lock = threading.RLock()
        self._pid = os.getpid()
        self._depth = 0
        self._closed = False

    def append(self, event: Mapping[str, Any], /) -> int:
        """Add one event; see :meth:`Storage.append`."""
        record = encode(event)
        with self._guard():
            self._events.append(record)
            return len(self._events)

    def read(
        self, since: int = 0, *, kinds: Collection[str] | None = None
    ) -> list[tuple[int, Event]]:
        """The events above ``since``; see :meth:`Storage.read`."""
        with self._guard():
            records = self._events[max(since, 0) :]
        numbered = enumerate(records, max(since, 0) + 1)
        return [(seq, decode(*r)) for seq, r in numbered if kinds is None or r[2] in kinds]

    @contextmanager
    def exclusive(self) -> Iterator[None]:
        """A transaction; see :meth:`Storage.exclusive`."""
        with self._guard():
            length = len(self._events)
            self._depth += 1
            try:
                yield
            except BaseException:
                if self._depth == 1:
                    del self._events[length:]
                raise
            finally:
                self._depth -= 1

    def close(self) -> None:
        """Refuse any further use; the events are forgotten with the object."""
        self._closed = True

    @contextmanager
    def _guard(self) -> Iterator[None]:
        if self._pid != os.getpid():  # a fork copies a lock as another thread left it
            self._pid, self._lock, self._depth = os.getpid(), threading.RLock(), 0
        with self._lock:
            if self._closed:
                raise StorageError("this storage was closed")
            yield
