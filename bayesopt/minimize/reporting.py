"""Reports of running trials on their way to the run: in its own process, or from a worker process.

A worker process of the same machine has a connection to the process that has the run. So all
reports are kept, and all decisions made, in one place, whatever the executor.
"""

from __future__ import annotations

import hmac
import json
import os
import secrets
import socket
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bayesopt.checks import MOST_WHOLE, whole
from bayesopt.minimize.failures import ObjectiveError
from bayesopt.returned import read_value
from bayesopt.storage import StorageError
from bayesopt.storage.fork import ForkAware, watch
from bayesopt.storage.worker import Worker, WorkerStatus, this_worker

if TYPE_CHECKING:
    from bayesopt.optimizer import Optimizer

_HOST = "127.0.0.1"
_PATIENCE = 30.0  # seconds for the first words on a connection
_LONGEST = 1 << 20  # bytes of a message
_ERRORS: dict[str, type[Exception]] = {
    "ValueError": ValueError,
    "TypeError": TypeError,
    "StorageError": StorageError,
}


class Reports(ABC):
    """What running trials say and ask; a trial is named by its number."""

    @abstractmethod
    def report(self, number: int, value: object, step: int) -> None:
        """Keep a report; of a trial that has ended it is left out."""

    @abstractmethod
    def why_stop(self, number: int) -> str | None:
        """Why a trial should stop, or has ended; None: it should go on."""

    @abstractmethod
    def resumes(self, number: int) -> int | None:
        """The number of the stopped trial that it goes on with."""

    @abstractmethod
    def for_worker(self) -> RemoteReports:
        """What a worker process gets in place of this."""


class LocalReports(Reports, ForkAware):
    """Those of a run in this process; worker processes are answered once there are any.

    Parameters
    ----------
    optimizer : has the run.
    """

    def __init__(self, optimizer: Optimizer) -> None:
        self._optimizer = optimizer
        self._lock = threading.Lock()
        self._listener: socket.socket | None = None
        self._connections: set[socket.socket] = set()
        self._closed = False
        self._key = ""
        watch(self)

    def report(self, number: int, value: object, step: int) -> None:
        """See :class:`Reports`."""
        from bayesopt.trial import TrialState

        state = self._optimizer.trials[number].state
        if state in (TrialState.PENDING, TrialState.ABANDONED):
            self._optimizer.report(number, value, step)

    def why_stop(self, number: int) -> str | None:
        """See :class:`Reports`."""
        return self._optimizer.why_stop(number)

    def resumes(self, number: int) -> int | None:
        """See :class:`Reports`."""
        return self._optimizer.resumes(number)

    def for_worker(self) -> RemoteReports:
        """See :class:`Reports`; the first call opens a port, for this machine alone."""
        here = str(this_worker())
        with self._lock:
            if self._listener is None and not self._closed:
                self._key = secrets.token_hex(32)
                self._listener = socket.create_server((_HOST, 0))
                _begin(self._accept, self._listener)
            port = 0 if self._listener is None else int(self._listener.getsockname()[1])
        return RemoteReports(port, self._key, here)

    def close(self) -> None:
        """Answer nobody any more; whoever asks then is told that the run has ended."""
        with self._lock:
            self._closed = True
            for one in self._sockets():
                with suppress(OSError):  # wakes up the thread that waits for it
                    one.shutdown(socket.SHUT_RDWR)
                one.close()
            self._forget()

    def before_fork(self) -> None:
        """Let no thread be at work on the connections."""
        self._lock.acquire()

    def after_fork(self, *, child: bool) -> None:
        """A child lets go of the connections, or the others would not see this process end."""
        if child:
            for one in self._sockets():
                one.close()
            self._forget()
            self._closed, self._lock = True, threading.Lock()
        else:
            self._lock.release()

    def _sockets(self) -> list[socket.socket]:
        return [*([] if self._listener is None else [self._listener]), *self._connections]

    def _forget(self) -> None:
        self._listener = None
        self._connections.clear()

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                if self._closed:
                    return
                continue
            with self._lock:
                if self._closed:
                    connection.close()
                    return
                self._connections.add(connection)
            _begin(self._serve, connection)

    def _serve(self, connection: socket.socket) -> None:
        """Answer one worker until it hangs up."""
        with suppress(OSError, ValueError, KeyError):  # whoever it is hung up, or talks nonsense
            lines = _lines(connection)
            connection.settimeout(_PATIENCE)
            if _is_ours(connection, lines, self._key, server=True):
                connection.settimeout(None)
                for line in lines:
                    _send(connection, self._answer(_read(line)))
        with self._lock:
            self._connections.discard(connection)
        with suppress(OSError):
            connection.close()

    def _answer(self, asked: dict[str, Any]) -> dict[str, Any]:
        number, call = asked["number"], asked["call"]
        try:
            if call == "report":
                self.report(number, asked["value"], asked["step"])
                return {"is": None}
            return {"is": self.why_stop(number) if call == "why_stop" else self.resumes(number)}
        except Exception as error:  # it is the worker's to hear of
            return {"error": type(error).__name__, "message": str(error)}


@dataclass(eq=False)
class RemoteReports(Reports):
    """Those of a run in another process of this machine.

    Where that process has gone, or its run has ended, reports are left out and the trial should
    stop.

    Attributes
    ----------
    port, key : where it answers, and what shows both sides who the other one is.
    process : that has the run.

    Raises
    ------
    ObjectiveError : by each method, on another machine.
    """

    port: int
    key: str
    process: str

    def __post_init__(self) -> None:
        self._lock = threading.Lock()
        self._line: tuple[int, socket.socket, Iterator[bytes]] | None = None

    def __reduce__(self) -> tuple[Any, ...]:
        return RemoteReports, (self.port, self.key, self.process)

    def report(self, number: int, value: object, step: int) -> None:
        """See :class:`Reports`."""
        at, kept = whole("step", step, 0, MOST_WHOLE), read_value(value)
        self._call({"call": "report", "number": number, "value": kept, "step": at})

    def why_stop(self, number: int) -> str | None:
        """See :class:`Reports`."""
        answer = self._call({"call": "why_stop", "number": number})
        return "the run has ended" if answer is None else answer["is"]

    def resumes(self, number: int) -> int | None:
        """See :class:`Reports`."""
        answer = self._call({"call": "resumes", "number": number})
        return None if answer is None else answer["is"]

    def for_worker(self) -> RemoteReports:
        """See :class:`Reports`."""
        return self

    def close(self) -> None:
        """Hang up; the next call connects anew."""
        with self._lock:
            self._hang_up()

    def _hang_up(self) -> None:
        if self._line is not None:
            self._line[1].close()
        self._line = None

    def __del__(self) -> None:
        self.close()

    def _call(self, said: dict[str, Any]) -> dict[str, Any] | None:
        """The answer; None when the run has ended."""
        with self._lock:
            answer = self._answer_to(said)
        if answer is None and not _on_machine_of(self.process):
            raise ObjectiveError(_ELSEWHERE)
        if answer is not None and "error" in answer:
            raise _ERRORS.get(answer["error"], RuntimeError)(answer["message"])
        return answer

    def _answer_to(self, said: dict[str, Any]) -> dict[str, Any] | None:
        lost = 0
        while lost < 2:  # a connection may be lost where the run is not
            try:
                connection, lines = self._connected()
                _send(connection, said)
                return _read(next(lines))
            except TimeoutError:  # a busy machine
                run = Worker.from_string(self.process)
                lost += run is None or run.status() is not WorkerStatus.ALIVE
            except (OSError, StopIteration, ValueError):
                lost += 1
            self._hang_up()
        return None

    def _connected(self) -> tuple[socket.socket, Iterator[bytes]]:
        if self._line is None or self._line[0] != os.getpid():  # one from before a fork
            connection = socket.create_connection((_HOST, self.port), _PATIENCE)
            try:
                lines = _lines(connection)
                if not _is_ours(connection, lines, self.key, server=False):
                    raise ConnectionError("somebody else answers there")
                connection.settimeout(None)
            except BaseException:
                connection.close()
                raise
            self._line = os.getpid(), connection, lines
        return self._line[1:]


_ELSEWHERE = (
    "the objective takes the running trial, and this worker is on another machine than the run: "
    "its reports cannot get there. Take worker processes of the run's own machine, or let each "
    "machine's objective return its value without reports (one argument), or ask, report and tell "
    "through storage that all of them share"
)


def _on_machine_of(process: str) -> bool:
    """Whether this process sees the ports of another one, as far as that can be told."""

    def place(worker: str) -> list[str]:
        host, _pid, _start, *marks = worker.split("|")
        return [host, *marks]

    return place(process) == place(str(this_worker()))


def _begin(work: Callable[[socket.socket], None], on: socket.socket) -> None:
    threading.Thread(target=work, args=(on,), name="bayesopt-reports", daemon=True).start()


def _send(connection: socket.socket, what: dict[str, Any]) -> None:
    connection.sendall(json.dumps(what).encode() + b"\n")


def _read(line: bytes) -> dict[str, Any]:
    """A message; ValueError for what is none."""
    try:
        said = json.loads(line)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    if not isinstance(said, dict):
        raise ValueError("it is no JSON object")
    return said


def _lines(connection: socket.socket) -> Iterator[bytes]:
    """What comes, line by line, until the other side hangs up."""
    kept = b""
    while len(kept) < _LONGEST:
        *whole_lines, kept = kept.split(b"\n")
        yield from whole_lines
        came = connection.recv(1 << 16)
        if not came:
            return
        kept += came


def _is_ours(connection: socket.socket, lines: Iterator[bytes], key: str, *, server: bool) -> bool:
    """Whether the other side has the key too; nobody who listens in learns it."""
    nonce, mine = secrets.token_hex(16), "run" if server else "worker"
    _send(connection, {"nonce": nonce})
    asked = _read(next(lines, b"")).get("nonce", "")
    _send(connection, {"proof": _proof(key, mine, str(asked))})
    shown = _read(next(lines, b"")).get("proof", "")
    return hmac.compare_digest(str(shown), _proof(key, "worker" if server else "run", nonce))


def _proof(key: str, who: str, nonce: str) -> str:
    return hmac.new(key.encode(), f"{who} {nonce}".encode(), "sha256").hexdigest()
