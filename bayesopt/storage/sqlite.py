"""A run in one SQLite file that many processes of one host may share."""

from __future__ import annotations

import os
import random
import sqlite3
import threading
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from bayesopt.storage import fork, schema
from bayesopt.storage.base import Event, Storage, StorageError, decode, encode
from bayesopt.storage.place import Place

_T = TypeVar("_T")
_RETRIED = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_PROTOCOL)


class SQLiteStorage(Storage, fork.ForkAware):
    """Events in an SQLite file, safe to share between threads, forks and processes of one host.

    Durability: every ``append`` (or outermost ``exclusive``) is one transaction, written ahead
    (WAL) and synced to the disk (``synchronous=FULL``) before the call returns. A killed process
    or a power cut loses no event whose append had returned, and never leaves half of one.

    Parameters
    ----------
    path : the file; made if missing (its folder must exist). While it is in use, SQLite keeps
        ``<path>-wal`` and ``<path>-shm`` beside it: they are part of it until all have closed it.
    wal : False uses a rollback journal instead of the write-ahead log. It is slower and relies on
        the file system's own locks only: the one way to keep a run on a network file system.
    read_only : open to look only; a file in a folder one may not write to can be read so.
    patience : seconds to wait for other processes before giving up with a StorageError.

    Raises
    ------
    StorageError : if the file is read-only, damaged, of another program, of a newer bayesopt or on
        a network file system (with ``wal``). It is left as it was.
    """

    def __init__(
        self,
        path: str | Path,
        *,
        wal: bool = True,
        read_only: bool = False,
        patience: float = 600.0,
    ) -> None:
        if not patience > 0:
            raise ValueError(f"patience must be seconds > 0; got {patience!r}")
        self._place = Place(Path(path).absolute(), wal, read_only)
        self._patience = float(patience)
        self._lock = threading.RLock()
        self._depth = 0
        self._closed = False
        self._connection: sqlite3.Connection | None = None
        self._identity: tuple[int, int] | None = None
        if self._place.check():
            self._inspect()
        with self._lock:
            self._open()
        fork.watch(self)

    def __repr__(self) -> str:
        return f"SQLiteStorage({str(self.path)!r})"

    @property
    def path(self) -> Path:
        """The file."""
        return self._place.path

    @property
    def name(self) -> str:
        """The file's path."""
        return str(self.path)

    @property
    def persistent(self) -> bool:
        """True: the file stays."""
        return True

    def append(self, event: Mapping[str, Any], /) -> int:
        """Add one event and sync it to the disk; see :meth:`Storage.append`."""
        record = encode(event)
        with self.exclusive():
            sql = "INSERT INTO events (time, worker, kind, body) VALUES (?, ?, ?, ?)"
            seq = self._run(sql, record).lastrowid
        if seq is None:
            raise StorageError(f"{self.path}: SQLite gave the event no number")
        return seq

    def read(
        self, since: int = 0, *, kinds: Collection[str] | None = None
    ) -> list[tuple[int, Event]]:
        """The events above ``since``; see :meth:`Storage.read`."""
        chosen = tuple(kinds or ())
        only = "" if kinds is None else f"AND kind IN ({','.join('?' * len(chosen))})"
        sql = "SELECT seq, time, worker, kind, body FROM events WHERE seq > ? {} ORDER BY seq"
        with self._lock:
            rows = self._fetch(sql.format(only), (since, *chosen))
        return [(seq, decode(*record)) for seq, *record in rows]

    @contextmanager
    def exclusive(self) -> Iterator[None]:
        """A write transaction over all processes; see :meth:`Storage.exclusive`."""
        pid = os.getpid()
        with self._lock:
            if self._depth == 0:
                self._begin()
            self._depth += 1
            try:
                yield
            except BaseException:
                if os.getpid() == pid and self._depth == 1:
                    self._roll_back()
                raise
            else:
                if os.getpid() == pid and self._depth == 1:
                    self._commit()
            finally:
                # a child forked inside the block owns neither the transaction nor the depth
                if os.getpid() == pid:
                    self._depth -= 1

    def __del__(self) -> None:
        if getattr(self, "_connection", None) is not None:
            self._disconnect()

    def close(self) -> None:
        """Close the connection; the last one to do so folds the log into the file."""
        with self._lock:
            self._closed = True
            self._disconnect()

    # -- opening ---------------------------------------------------------------------------------

    def _inspect(self) -> None:
        """Look at an existing file through a connection that cannot write to it."""
        connection = self._connect(looking=True)
        try:
            self._retry(lambda: schema.inspect(connection, self.path))
        finally:
            connection.close()

    def _open(self) -> sqlite3.Connection:
        """The connection of this process, opened and brought to the current schema if need be."""
        if self._closed:
            raise StorageError(f"{self.path}: this storage was closed")
        if self._connection is not None:
            return self._connection
        connection = self._connect()
        try:
            self._retry(lambda: self._prepare(connection))
        except BaseException:
            connection.close()
            raise
        self._connection = connection
        self._identity = self._identity or self._place.identity
        return connection

    def _connect(self, *, looking: bool = False) -> sqlite3.Connection:
        uri = self._place.uri(looking=looking, anew=self._identity is None)

        def connect() -> sqlite3.Connection:
            # SQLite waits only briefly itself, so that Ctrl-C gets through; _retry does the rest
            return sqlite3.connect(
                uri, uri=True, timeout=0.1, isolation_level=None, check_same_thread=False
            )

        return self._retry(connect)

    def _prepare(self, connection: sqlite3.Connection) -> None:
        if self._place.read_only:
            connection.execute("PRAGMA query_only = 1")
            return
        connection.execute("PRAGMA synchronous = FULL")
        # the marks and the table go into the file itself, before there is a log: whoever looks
        # at the header later finds them
        if schema.version_of(connection, self.path) < len(schema.MIGRATIONS):
            connection.execute("BEGIN IMMEDIATE")
            try:
                schema.migrate(connection, self.path)
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise
        connection.execute(
            f"PRAGMA journal_mode = {'WAL' if self._place.wal else 'DELETE'}"
        ).fetchone()

    def _disconnect(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def before_fork(self) -> None:
        """Close the connection; each side opens its own when it next needs one.

        Opening a new one in the child is not enough: SQLite's record of the locks this process
        holds is copied by the fork, the child trusts it and takes none, and once the parent has
        closed, the log is deleted under the child and its commits are lost (seen with SQLite
        3.40; "How To Corrupt An SQLite Database File", sqlite.org, 2.6).
        """
        self._lock.acquire()
        if self._depth == 0:
            self._disconnect()

    def after_fork(self, *, child: bool) -> None:
        """Let others in again; a transaction that was open belongs to the parent alone."""
        if not child:
            self._lock.release()
            return
        self._lock = threading.RLock()
        if self._depth:
            import ctypes  # never touch or close it again: not even the clean-up at exit may

            ctypes.pythonapi.Py_IncRef(ctypes.py_object(self._connection))
            self._connection, self._closed, self._depth = None, True, 0

    # -- statements ------------------------------------------------------------------------------

    def _begin(self) -> None:
        if self._place.read_only:
            raise StorageError(f"{self.path} was opened to look only (read_only=True)")
        if self._identity != self._place.identity:
            raise StorageError(
                f"{self.path} was deleted or replaced while in use; what is told now would be lost"
            )
        self._run("BEGIN IMMEDIATE")

    def _commit(self) -> None:
        try:
            self._run("COMMIT")
        except BaseException:
            self._roll_back()
            raise

    def _roll_back(self) -> None:
        connection = self._connection
        if connection is not None and connection.in_transaction:  # a full disk has already done it
            connection.rollback()

    def _run(self, sql: str, values: Sequence[object] = ()) -> sqlite3.Cursor:
        connection = self._open()
        return self._retry(lambda: connection.execute(sql, values))

    def _fetch(self, sql: str, values: Sequence[object]) -> list[Any]:
        connection = self._open()
        return self._retry(lambda: connection.execute(sql, values).fetchall())

    def _retry(self, action: Callable[[], _T]) -> _T:
        deadline = time.monotonic() + self._patience
        while True:
            try:
                return action()
            except sqlite3.Error as error:
                code = (getattr(error, "sqlite_errorcode", 0) or 0) & 0xFF
                if code not in _RETRIED or time.monotonic() > deadline:
                    raise schema.explain(error, self.path) from error
            time.sleep(_JITTER.uniform(0.0005, 0.02))


_JITTER = random.Random()  # its own generator: waiting must not disturb the seeds of others
