"""Locks that an interrupt cannot leave behind.

Ctrl-C may arrive between any two steps, also between taking a lock and the ``try`` that would
give it back. So the first to take a lock in a thread remembers that it was the first, and on the
way out it lets go of all that the thread then holds.
"""

from __future__ import annotations

import threading


class Guard:
    """A lock that its thread may take again, and let go of wholly."""

    def __init__(self) -> None:
        self._lock = threading.RLock()

    @property
    def mine(self) -> bool:
        """Whether this thread holds it."""
        return self._lock._is_owned()  # type: ignore[attr-defined,no-any-return]

    def take(self, timeout: float = -1) -> bool:
        """Wait for it, ``timeout`` seconds at most (-1: for ever); whether it was got."""
        return self._lock.acquire(timeout=timeout)

    def release(self) -> None:
        """Undo one :meth:`take`."""
        self._lock.release()

    def let_go(self) -> None:
        """Undo all of this thread's."""
        while self.mine:
            self._lock.release()

    def __enter__(self) -> None:
        self._lock.acquire()

    def __exit__(self, *_: object) -> None:
        self._lock.release()
