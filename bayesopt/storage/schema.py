"""What an SQLite run file is: its marks, its table, its history, and how a damaged one is told."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from bayesopt.storage.base import StorageError

APPLICATION_ID = 0x42614F70  # "BaOp"; SQLite keeps it in the file's header, `file` could show it

# MIGRATIONS[k] brings a file of version k to version k + 1; never edit one that was released.
MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        "CREATE TABLE events (seq INTEGER PRIMARY KEY, time REAL NOT NULL, worker TEXT, "
        "kind TEXT NOT NULL, body TEXT NOT NULL)",
        # the file's promise, kept also against a stray hand with an SQL shell
        "CREATE TRIGGER events_stay BEFORE DELETE ON events "
        "BEGIN SELECT RAISE(ABORT, 'events are never deleted'); END",
        "CREATE TRIGGER events_keep BEFORE UPDATE ON events "
        "BEGIN SELECT RAISE(ABORT, 'events are never changed'); END",
    ),
)


def version_of(connection: sqlite3.Connection, path: Path) -> int:
    """Schema version of an open file, 0 if empty; StorageError if it is not ours or newer."""
    mark, version, tables = _marks(connection)
    if mark != APPLICATION_ID:
        if mark == 0 and version == 0 and tables == 0:
            return 0
        raise StorageError(
            f"{path} is an SQLite file of another program (application id {mark:#x}, expected "
            f"{APPLICATION_ID:#x}); give another path"
        )
    if version > len(MIGRATIONS):
        raise StorageError(
            f"{path} was written by a newer bayesopt (schema {version}; this one reads up to "
            f"{len(MIGRATIONS)}); upgrade bayesopt-engine"
        )
    return version


def _marks(connection: sqlite3.Connection) -> tuple[int, int, int]:
    """Application id, schema version and number of tables, all of one moment.

    Read one by one they may be of a file that another process is just making, before and after.
    """
    alone = not connection.in_transaction
    if alone:
        connection.execute("BEGIN")
    try:
        tables = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
        mark = connection.execute("PRAGMA application_id").fetchone()[0]
        version = connection.execute("PRAGMA user_version").fetchone()[0]
    finally:
        if alone and connection.in_transaction:
            connection.execute("ROLLBACK")
    return int(mark), int(version), int(tables)


def migrate(connection: sqlite3.Connection, path: Path) -> None:
    """Bring an open file to the current schema; call it inside a write transaction."""
    version = version_of(connection, path)
    for number, statements in enumerate(MIGRATIONS[version:], version + 1):
        for statement in statements:
            connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {number}")
    if version == 0:
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")


def inspect(connection: sqlite3.Connection, path: Path) -> None:
    """Raise StorageError unless this is a sound file of ours."""
    version = version_of(connection, path)
    # SQLite itself reads a last page that was cut short as if zeros stood there
    odd = path.stat().st_size % int(connection.execute("PRAGMA page_size").fetchone()[0])
    if odd:
        what = "damaged: cut short" if version else "no run file, but a file of another program"
        raise StorageError(f"{path} is {what}; restore a copy: {RESCUE}")
    if version == 0:
        return
    verdict = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    if verdict != "ok":
        raise StorageError(f"{path} is damaged ({verdict}); restore a copy: {RESCUE}")
    counts = connection.execute("SELECT count(*), coalesce(max(seq), 0) FROM events").fetchone()
    if counts[0] != counts[1]:
        raise StorageError(
            f"{path} is damaged: it holds {counts[0]} events, but the last is number {counts[1]}"
        )


RESCUE = "`sqlite3 run.db .recover` may save a part of it"


def explain(error: sqlite3.Error, path: Path) -> StorageError:
    """What an SQLite error means to the person whose run it is."""
    code = getattr(error, "sqlite_errorcode", 0) or 0
    reasons = {
        sqlite3.SQLITE_FULL: "the disk is full; free some space and go on from the file: "
        "everything told before is in it",
        sqlite3.SQLITE_READONLY: "it is read-only (or its folder is); make it writable or copy it",
        sqlite3.SQLITE_PERM: "the permission is missing",
        sqlite3.SQLITE_CORRUPT: f"it is damaged or cut short; restore a copy: {RESCUE}",
        sqlite3.SQLITE_NOTADB: "it is no run file, but a file of another program (or damaged)",
        sqlite3.SQLITE_CANTOPEN: "it cannot be opened; may you write to its folder?",
        sqlite3.SQLITE_IOERR: "the disk refused (full, quota, file-size limit, failing disk)",
        sqlite3.SQLITE_BUSY: "another process has held it for too long; is one stopped "
        "in the middle of a write?",
    }
    reason = reasons.get(code & 0xFF, "SQLite refused")
    return StorageError(f"{path}: {reason} [{error}]")
