"""The interface of every storage, and the one written form of an event."""

from __future__ import annotations

import json
import math
import time
from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping
from contextlib import AbstractContextManager
from types import TracebackType
from typing import Any, Self

Event = dict[str, Any]


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
    ) -> list[tuple[int, Event]]:
        """The events with a sequence number above ``since``, in order, as fresh objects.

        Parameters
        ----------
        kinds : only events of these kinds; None: all.
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


def encode(event: Mapping[str, Any]) -> tuple[float, str | None, str, str]:
    """Check an event and write it as ``(time, worker, kind, JSON of the rest)``."""
    if not isinstance(event, Mapping):
        raise TypeError(f"an event must be a mapping; got {type(event).__name__}")
    rest = dict(event)
    kind = rest.pop("kind", None)
    if not (isinstance(kind, str) and kind):
        raise ValueError(f"an event needs a 'kind', a word; got {kind!r}")
    stamp = rest.pop("time", None)
    stamp = time.time() if stamp is None else stamp
    if not (isinstance(stamp, (int, float)) and math.isfinite(stamp)):
        raise ValueError(f"'time' of event {kind!r} must be seconds (epoch); got {stamp!r}")
    worker = rest.pop("worker", None)
    if not (worker is None or isinstance(worker, str)):
        raise TypeError(f"'worker' of event {kind!r} must be a string or absent; got {worker!r}")
    body = json.dumps(_plain(rest, kind), allow_nan=False, separators=(",", ":"))
    return float(stamp), worker, kind, body


def decode(stamp: float, worker: str | None, kind: str, body: str) -> Event:
    """The event that :func:`encode` wrote."""
    event: Event = {"kind": kind, "time": stamp}
    if worker is not None:
        event["worker"] = worker
    event.update(json.loads(body))
    return event


def _is_key(key: object, where: str) -> bool:
    if not isinstance(key, str):
        raise TypeError(f"{where}: keys of a JSON mapping must be strings; got {key!r}")
    return True


def _plain(value: Any, where: str) -> Any:
    """``value`` in exact JSON types; NumPy scalars and arrays become numbers and lists."""
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, float):
        if not math.isfinite(value):
            raise ValueError(f"{where} is {value}, which is not JSON; write null instead")
        return float(value)
    if isinstance(value, int):
        return int(value)
    if isinstance(value, Mapping):
        return {k: _plain(v, f"{where}[{k!r}]") for k, v in value.items() if _is_key(k, where)}
    if isinstance(value, (list, tuple)):
        return [_plain(v, f"{where}[{i}]") for i, v in enumerate(value)]
    if hasattr(value, "tolist"):  # numpy.ndarray and numpy.generic, without importing NumPy
        return _plain(value.tolist(), where)
    raise TypeError(f"{where} is a {type(value).__name__}, which JSON cannot express")
