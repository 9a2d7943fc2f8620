"""One process's connection to a run's file: looked at first, opened when needed, put to rest."""

from __future__ import annotations

import random
import sqlite3
import time
import warnings
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, TypeVar

from bayesopt.storage import schema
from bayesopt.storage.base import StorageError
from bayesopt.storage.place import Place

_T = TypeVar("_T")
_RETRIED = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_PROTOCOL)
_LOOKS, _BETWEEN = 8, 0.1  # at a file whose log seems to be lost; seconds
_ATTEMPTS = 20
_USES_LOG = 2  # byte 18 of a file in write-ahead mode, sqlite.org/fileformat2.html


class RunFile:
    """A connection that is opened when first needed, and again after it was closed.

    In use the file is in SQLite's write-ahead mode, at rest in its rollback mode, and the file's
    header says which: the last to close it puts it to rest. A header that says "in use" while
    there is no log thus tells that the log was lost.

    Parameters
    ----------
    place : where it lies.
    patience : seconds to wait for other processes.
    """

    def __init__(self, place: Place, patience: float) -> None:
        self.place = place
        self.connection: sqlite3.Connection | None = None
        self.has_checksums = True
        self.inspected = 0  # events up to this one were checked just now, when it was opened
        self._patience = patience
        self._log_lost = False
        self._identity: tuple[int, int] | None = None
        self._made: tuple[int, int] | None = None  # when it was opened: see _making

    @property
    def replaced(self) -> bool:
        """Whether the file was deleted or replaced since it was opened."""
        return self._identity is not None and self._identity != self.place.identity

    # -- looking ---------------------------------------------------------------------------------

    def inspect(self) -> None:
        """Look at an existing file without writing to it.

        Raises
        ------
        StorageError : unless it is a sound file of ours, or empty.
        """
        self._log_lost = self._glance()
        for _ in range(_LOOKS - 1):
            if self._log_lost:  # for a moment it looks so while others open or close it
                time.sleep(_BETWEEN)
                self._log_lost = self._glance()
        connection = self._connect(looking=True)
        try:
            connection.execute("PRAGMA query_only = 1")
            self.inspected = self.retry(lambda: schema.inspect(connection, self.place.path))
            if self._log_lost:
                self._warn(connection)
        finally:
            connection.close()

    def _glance(self) -> bool:
        """Look at the header alone, past locks and log, so that nothing is made beside the file.

        A file of others is refused here. Returns whether the file was not put to rest and its log
        is missing.
        """
        log_missing, was_killed = not self.place.log.exists(), self.place.index.exists()
        connection = self._connect(past_locks=True)
        try:
            version = schema.version_of(connection, self.place.path)
            if version == 0 or not log_missing:
                return False
            in_use = connection.serialize()[18] == _USES_LOG
        except (sqlite3.Error, AttributeError, IndexError):
            return False  # a second look, by the rules, will tell; SQLite may be without serialize
        finally:
            connection.close()
        # files of the first version were never put to rest
        marked = in_use and (version >= schema.CHECKED or was_killed)
        return marked and not self.place.log.exists()

    def _warn(self, connection: sqlite3.Connection) -> None:
        count, last = connection.execute("SELECT count(*), max(time) FROM events").fetchone()
        when = f", the last of {time.ctime(last)}" if last else ""
        warnings.warn(
            f"{self.place.path} was not closed by the process that used it last, and its log "
            f"{self.place.log.name} is missing (deleted, or left behind by a copy): what was told "
            f"last may be lost. It holds {count} events{when}. If you have the log, put it back "
            "beside the file before anything is written",
            UserWarning,
            stacklevel=2,
        )

    # -- opening and closing ---------------------------------------------------------------------

    def open(self) -> sqlite3.Connection:
        """The connection, opened and brought to the current schema if need be."""
        if self.connection is not None:
            return self.connection
        connection = self._connect()
        try:
            self.retry(lambda: self._prepare(connection))
        except BaseException:
            connection.close()
            raise
        self.connection = connection
        self._identity = self._identity or self.place.identity
        self._made = self._made or self._making()
        return connection

    def close(self) -> None:
        """Close the connection; the last one to do so folds the log into the file."""
        connection, self.connection = self.connection, None
        for _ in range(_ATTEMPTS):
            if connection is None:
                return
            try:
                rests = self._put_to_rest(connection)
            finally:
                connection.close()
            if rests or self.replaced or self.place.log.exists():
                return
            # all who had it were closing at once, each hindered by another
            time.sleep(_JITTER.uniform(0.0, 0.02))
            connection = self._reconnect()

    def _reconnect(self) -> sqlite3.Connection | None:
        with suppress(StorageError):
            return self._connect()
        return None

    def _put_to_rest(self, connection: sqlite3.Connection) -> bool:
        """Whether nobody else has the file open and it says so now, or never needs to.

        What was only looked at is written to where the log is folded into it anyway.
        """
        folds = self.place.may_tidy and self.has_checksums and not self._log_lost
        if self.place.read_only and not folds:
            return True
        with suppress(sqlite3.Error):
            connection.execute("PRAGMA query_only = 0")
            mode = connection.execute("PRAGMA journal_mode = DELETE").fetchone()
            return bool(mode[0] == "delete")
        return False

    def _connect(self, *, looking: bool = False, past_locks: bool = False) -> sqlite3.Connection:
        anew = self._identity is None
        uri = self.place.uri(looking=looking, past_locks=past_locks, anew=anew)

        def connect() -> sqlite3.Connection:
            # SQLite waits only briefly itself, so that Ctrl-C gets through; retry does the rest
            connection = sqlite3.connect(
                uri, uri=True, timeout=0.1, isolation_level=None, check_same_thread=False
            )
            connection.execute("PRAGMA trusted_schema = OFF")  # what a file defines runs nothing
            return connection

        return self.retry(connect)

    def _prepare(self, connection: sqlite3.Connection) -> None:
        path = self.place.path
        if self.place.read_only:
            connection.execute("PRAGMA query_only = 1")
            self.has_checksums = schema.version_of(connection, path) >= schema.CHECKED
            return
        connection.execute("PRAGMA synchronous = FULL")
        # the marks and the table go into the file itself, before there is a log: whoever looks
        # at the header later finds them
        if schema.version_of(connection, path) < len(schema.SCHEMAS):
            try:
                connection.execute("BEGIN IMMEDIATE")
                schema.bring_up_to_date(connection, path)
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise
        mode = "WAL" if self.place.wal else "DELETE"
        connection.execute(f"PRAGMA journal_mode = {mode}").fetchone()
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()  # makes the log now

    # -- statements ------------------------------------------------------------------------------

    def run(self, sql: str, values: Sequence[object] = ()) -> sqlite3.Cursor:
        """Execute a statement, again and again while others are in the way."""
        connection = self.open()
        return self.retry(lambda: connection.execute(sql, values))

    def fetch(self, sql: str, values: Sequence[object] = ()) -> list[Any]:
        """All rows of a query."""
        connection = self.open()
        return self.retry(lambda: connection.execute(sql, values).fetchall())

    def write_anew(self) -> None:
        """An empty table in place of that of the events; call it inside a write transaction.

        SQLite counts the changes of tables, by which all who have the file open are told of it.
        """
        self.run("DROP TABLE events")  # and its triggers, which forbid to delete rows
        for statement in schema.SCHEMAS[-1]:
            self.run(statement)

    def check_same_run(self) -> None:
        """StorageError when the events were written anew since the file was first opened.

        Asked after reading, or inside a transaction, it holds for what was read.
        """
        if self._made is None or self._cookie() == self._made[0]:
            return
        now = self._making()
        if now[1] != self._made[1]:
            raise StorageError(
                f"{self.place.path} was taken into another space (bayesopt migrate) while it was "
                "in use here; open it again to go on"
            )
        self._made = now  # brought to a newer schema, or tidied: the events are the same

    def _making(self) -> tuple[int, int]:
        """SQLite's count of changed tables, and how often the run was taken elsewhere."""
        cookie = self._cookie()
        count = "SELECT count(*) FROM events WHERE kind = 'migrated'"
        return cookie, int(self.fetch(count)[0][0])

    def _cookie(self) -> int:
        return int(self.fetch("PRAGMA schema_version")[0][0])

    def roll_back(self) -> None:
        """Undo the open transaction, if there is one: a full disk has already done it."""
        if self.connection is not None and self.connection.in_transaction:
            self.connection.rollback()

    def retry(self, action: Callable[[], _T]) -> _T:
        """Do it until it succeeds, or patience ends.

        Raises
        ------
        StorageError : in place of every error of SQLite.
        """
        deadline = time.monotonic() + self._patience
        while True:
            try:
                return action()
            except sqlite3.Error as error:
                code = (getattr(error, "sqlite_errorcode", 0) or 0) & 0xFF
                if code not in _RETRIED or time.monotonic() > deadline:
                    raise schema.explain(error, self.place.path) from error
            time.sleep(_JITTER.uniform(0.0005, 0.02))


_JITTER = random.Random()  # its own generator: waiting must not disturb the seeds of others
