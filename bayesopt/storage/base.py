"""The interface of every storage."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping
from contextlib import AbstractContextManager
from types import TracebackType
from typing import Any, Self

from bayesopt.storage.record import Record


class StorageError(RuntimeError):
    """The storage cannot do its work; the message says why and what to do.

    Whatever had been appended before is still there, and a file that could not be opened has
    not been touched.
    """


class Storage(ABC):
    """A list of events that only grows.

    An event is a JSON mapping with the key ``kind`` (str). ``append`` adds ``time`` (seconds since
    the epoch) where it is missing; apart from that, ``read`` gives back what was appended (tuples
    as lists). Events are numbered 1, 2, 3, … without gaps, in the one order that all readers see.
    """

    @abstractmethod
    def append(self, event: Mapping[str, Any], /) -> int:
        """Add one event; when this returns, the event is kept as well as this storage can.

        Returns
        -------
        The event's sequence number.

        Raises
        ------
        TypeError, ValueError : if the event is not JSON (NaN is not) or has no kind.
        StorageError : if it could not be written; then nothing of it is in the storage.
        """

    @abstractmethod
    def read(
        self, since: int = 0, *, kinds: Collection[str] | None = None
    ) -> list[tuple[int, Record]]:
        """The events with a sequence number above ``since``, in order, as fresh objects.

        Parameters
        ----------
        kinds : only events of these kinds; None: all.

        Raises
        ------
        StorageError : naming the event that is not as it was written.
        """

    @abstractmethod
    def exclusive(self) -> AbstractContextManager[None]:
        """A transaction: nobody else (thread or process) appends while it is open.

        The events appended inside become visible to others, and durable, together when it ends;
        if it ends by an exception none of them is kept. Transactions nest: the outermost decides.
        """

    @abstractmethod
    def close(self) -> None:
        """Let go of files and connections; closing twice is allowed, using it afterwards not."""

    @property
    def busy(self) -> bool:
        """Whether a transaction of this thread is open."""
        return False

    def let_go(self) -> None:  # noqa: B027 - a storage without locks has nothing to do
        """Undo what an interrupt has left half done in this thread: a transaction, a lock.

        For use where no transaction of this thread can be open any more.
        """

    @property
    def name(self) -> str:
        """What messages call it."""
        return "the run in memory"

    @property
    def persistent(self) -> bool:
        """Whether the events outlive the process."""
        return False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()
