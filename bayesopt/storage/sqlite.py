"""A run in one SQLite file that many processes of one host may share."""

from __future__ import annotations

import atexit
import os
import sqlite3
import weakref
from collections.abc import Collection, Iterable, Mapping
from contextlib import AbstractContextManager, suppress
from pathlib import Path
from typing import Any

from bayesopt.storage import fork, schema
from bayesopt.storage.base import Storage, StorageError
from bayesopt.storage.file import RunFile
from bayesopt.storage.guard import Guard
from bayesopt.storage.place import Place
from bayesopt.storage.record import Record, checksum, encode

_LARGE = 100_000  # bytes of an event that is kept when it was read


class SQLiteStorage(Storage, fork.ForkAware):
    """Events in an SQLite file, safe to share between threads, forks and processes of one host.

    Durability: every ``append`` (or outermost ``exclusive``) is one transaction, written ahead
    (WAL) and synced to the disk (``synchronous=FULL``) before the call returns. A killed process
    or a power cut loses no event whose append had returned, and never leaves half of one. Every
    event carries a checksum: one that is not as it was written is refused when it is read.

    Parameters
    ----------
    path : the file; made if missing (its folder must exist). While it is in use, SQLite keeps
        ``<path>-wal`` and ``<path>-shm`` beside it: they are part of it until all have closed it.
        A file of an earlier version is brought to the current one when it is opened to write.
    wal : False uses a rollback journal instead of the write-ahead log. It is slower and relies on
        the file system's own locks only: the one way to keep a run on a network file system.
    read_only : open to look only; a file in a folder one may not write to can be read so.
    patience : seconds to wait for other processes before giving up with a StorageError.

    Raises
    ------
    StorageError : if the file is read-only, damaged, of another program, of a newer bayesopt or on
        a network file system (with ``wal``). It is left as it was.

    Warns
    -----
    UserWarning : if the file's log is missing, and with it perhaps what was told last.
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
        self._file = RunFile(self._place, float(patience))
        self._guard = Guard()
        self._depth = 0
        self._large: tuple[tuple[Any, ...], Record] | None = None
        self._closed = False
        if self._place.check():
            self._file.inspect()
        fork.watch(self)
        _living.add(self)
        with self._guard:
            self._file.open()

    def __repr__(self) -> str:
        return f"SQLiteStorage({str(self.path)!r})"

    def __reduce__(self) -> Any:
        raise TypeError(
            f"an open file cannot be copied or pickled; open it where it is needed with "
            f"SQLiteStorage({str(self.path)!r}) or Optimizer.reopen({str(self.path)!r})"
        )

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
        stamp, worker, kind, body = encode(event)
        with self.exclusive():
            seq: int = self._run("SELECT coalesce(max(seq), 0) + 1 FROM events").fetchone()[0]
            crc = checksum(
                seq,
                stamp,
                None if worker is None else worker.encode(),
                kind.encode(),
                body.encode(),
            )
            sql = "INSERT INTO events VALUES (?, ?, ?, ?, ?, ?)"
            if self._run(sql, (seq, stamp, worker, kind, body, crc)).rowcount != 1:
                raise StorageError(f"{self.path}: SQLite has not kept event {seq}")
        return seq

    def read(
        self, since: int = 0, *, kinds: Collection[str] | None = None
    ) -> list[tuple[int, Record]]:
        """The events above ``since``; see :meth:`Storage.read`."""
        chosen = tuple(kinds or ())
        only = "" if kinds is None else f"AND kind IN ({','.join('?' * len(chosen))})"
        self._check()
        with self._guard:
            self._file.open()
            crc = "crc" if self._file.has_checksums else "NULL"
            rows = self._file.fetch(
                f"SELECT {schema.COLUMNS}, {crc} FROM events WHERE seq > ? {only} ORDER BY seq",
                (since, *chosen),
            )
            if self._depth == 0:
                self._file.check_same_run()
            checked, inspected = self._file.has_checksums, self._file.inspected
            if kinds is None:  # what is read again is checked again
                self._file.inspected = 0
        return [(row[0], self._record(row, checked and row[0] > inspected)) for row in rows]

    def _record(self, row: tuple[Any, ...], checked: bool) -> Record:
        """An event from its columns. A large one, such as a run's first event with 100,000
        candidates, is not parsed anew while it is the same to the byte.
        """
        if not checked and self._large is not None and self._large[0] == row:
            return dict(self._large[1])
        record = schema.read(self.path, row, checked=checked)
        if len(row[4]) > _LARGE:
            self._large = row, dict(record)
        return record

    def rewrite(self, events: Iterable[Mapping[str, Any]]) -> None:
        """Put other events in place of all; a killed process leaves those that were.

        Every other process that has the file open is refused from then on, until it opens it
        again; so must this one.
        """
        with self.exclusive():
            self._file.write_anew()
            for event in events:
                self.append(event)

    def exclusive(self) -> AbstractContextManager[None]:
        """A write transaction over all processes; see :meth:`Storage.exclusive`."""
        return _SQLiteTransaction(self)

    @property
    def busy(self) -> bool:
        """Whether a transaction of this thread is open."""
        return self._depth > 0 and self._guard.mine

    def let_go(self) -> None:
        """Undo what an interrupt has left; see :meth:`Storage.let_go`."""
        if self._guard.mine:
            self._file.roll_back()
            self._depth = 0
            self._guard.let_go()

    def close(self) -> None:
        """Close the connection; the last one to do so folds the log into the file."""
        with self._guard:
            self._closed = True
            self._file.close()

    def __del__(self) -> None:
        with suppress(Exception):  # at the end of a process half of everything may be gone
            self._file.close()

    # -- forks -----------------------------------------------------------------------------------

    def before_fork(self) -> None:
        """Close the connection; each side opens its own when it next needs one.

        Opening a new one in the child is not enough: SQLite's record of the locks this process
        holds is copied by the fork, the child trusts it and takes none, and once the parent has
        closed, the log is deleted under the child and its commits are lost (seen with SQLite
        3.40; "How To Corrupt An SQLite Database File", sqlite.org, 2.6).
        """
        self._guard.take()
        if self._depth == 0:
            self._file.close()

    def after_fork(self, *, child: bool) -> None:
        """Let others in again; a transaction that was open belongs to the parent alone."""
        if not child:
            self._guard.release()
            return
        self._guard = Guard()
        if self._depth:
            import ctypes  # never touch or close it again: not even the clean-up at exit may

            ctypes.pythonapi.Py_IncRef(ctypes.py_object(self._file.connection))
            self._file.connection, self._closed, self._depth = None, True, 0

    # -- statements ------------------------------------------------------------------------------

    def _check(self) -> None:
        if self._closed:
            raise StorageError(f"{self.path}: this storage was closed")

    def _run(self, sql: str, values: tuple[object, ...] = ()) -> sqlite3.Cursor:
        self._check()
        return self._file.run(sql, values)

    def _begin(self) -> None:
        self._check()
        if self._place.read_only:
            raise StorageError(f"{self.path} was opened to look only (read_only=True)")
        if self._file.replaced:
            raise StorageError(
                f"{self.path} was deleted or replaced while in use; what is told now would be lost"
            )
        self._run("BEGIN IMMEDIATE")
        self._file.check_same_run()


class _SQLiteTransaction(AbstractContextManager[None]):
    """What :meth:`SQLiteStorage.exclusive` gives; a class, as generators may be left half run.

    Whoever opens the outermost one in a thread lets go of all that the thread has taken.
    """

    def __init__(self, storage: SQLiteStorage) -> None:
        self._storage = storage

    def __enter__(self) -> None:
        storage = self._storage
        self._pid, self._first = os.getpid(), not storage._guard.mine
        try:
            if self._first:
                storage._guard.take()
            self._depth = storage._depth
            if self._depth == 0:
                storage._begin()
            storage._depth = self._depth + 1
        except BaseException:
            if self._first:
                storage.let_go()
            raise

    def __exit__(self, *error: object) -> None:
        storage = self._storage
        if self._pid != os.getpid():
            return  # a child forked inside the block owns neither the transaction nor the depth
        try:
            if self._depth == 0 and error[0] is None:
                storage._run("COMMIT")
            elif self._depth == 0:
                storage._file.roll_back()
        except BaseException:
            if self._depth == 0:
                storage._file.roll_back()
            raise
        finally:
            storage._depth = self._depth
            if self._first:
                storage._guard.let_go()


_living: weakref.WeakSet[SQLiteStorage] = weakref.WeakSet()


@atexit.register
def _put_to_rest() -> None:
    """Close what nobody has closed, while SQLite and the file system can still be used."""
    for storage in list(_living):
        if storage._guard.take(timeout=1.0):
            with suppress(Exception):
                storage._file.close()
            storage._guard.release()
