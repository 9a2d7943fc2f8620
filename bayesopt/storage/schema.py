"""What an SQLite run file is: its marks, tables and versions, and how a damaged one is told."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bayesopt.storage.base import StorageError
from bayesopt.storage.record import DamagedRecord, Record, checksum, decode

APPLICATION_ID = 0x42614F70  # "BaOp"; SQLite keeps it in the file's header, `file` could show it

_TRIGGERS = (
    # the file's promise, kept also against a stray hand with an SQL shell
    "CREATE TRIGGER events_stay BEFORE DELETE ON events "
    "BEGIN SELECT RAISE(ABORT, 'events are never deleted'); END",
    "CREATE TRIGGER events_keep BEFORE UPDATE ON events "
    "BEGIN SELECT RAISE(ABORT, 'events are never changed'); END",
)

# SCHEMAS[k - 1] is all there is in a file of version k; never edit one that was released.
SCHEMAS: tuple[tuple[str, ...], ...] = (
    (
        "CREATE TABLE events (seq INTEGER PRIMARY KEY, time REAL NOT NULL, worker TEXT, "
        "kind TEXT NOT NULL, body TEXT NOT NULL)",
        *_TRIGGERS,
    ),
    (
        "CREATE TABLE events (seq INTEGER PRIMARY KEY, time REAL NOT NULL, worker TEXT, "
        "kind TEXT NOT NULL, body TEXT NOT NULL, crc INTEGER NOT NULL)",
        *_TRIGGERS,
    ),
)
CHECKED = 2  # the first version whose events carry a checksum

# as bytes: a checksum is of bytes, and what is no UTF-8 can be named
COLUMNS = "seq, time, CAST(worker AS BLOB), CAST(kind AS BLOB), CAST(body AS BLOB)"
_KNOWN_STATISTICS = ("sqlite_stat1", "sqlite_stat4")  # what ANALYZE leaves; harmless


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
    if version > len(SCHEMAS):
        raise StorageError(
            f"{path} was written by a newer bayesopt (schema {version}; this one reads up to "
            f"{len(SCHEMAS)}); upgrade bayesopt-engine"
        )
    if version < 1:
        raise StorageError(f"{path} is damaged (schema {version}); restore a copy: {RESCUE}")
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


def compare(connection: sqlite3.Connection, path: Path, version: int) -> None:
    """StorageError unless the file holds exactly the tables and triggers of its version.

    A trigger can swallow what is told, a view make reading endless; nothing of either is run
    before this.
    """
    wanted = {_words(sql) for sql in SCHEMAS[version - 1]}
    for kind, name, sql in connection.execute("SELECT type, name, sql FROM sqlite_master"):
        if name in _KNOWN_STATISTICS and kind == "table":
            continue
        if _words(sql or "") not in wanted:
            raise StorageError(
                f"{path} holds the {kind} {name!r}, which is not as bayesopt makes it: the file "
                "is damaged or was changed by others; restore a copy"
            )
        wanted.discard(_words(sql))
    for sql in wanted:
        what = " ".join(sql.split()[1:3])
        raise StorageError(f"{path} is damaged: it lacks the {what}; restore a copy: {RESCUE}")


def _words(sql: str) -> str:
    return " ".join(sql.split())


def bring_up_to_date(connection: sqlite3.Connection, path: Path) -> None:
    """Make an empty file, or one of an earlier version, one of the current version.

    Call it inside a write transaction. The table is written anew, so that its definition is the
    same to the letter as in a new file.
    """
    version, rows = version_of(connection, path), []
    if version == len(SCHEMAS):
        return  # another process was faster
    if version:
        compare(connection, path, version)
        rows = list(_checked(connection, path, version))
        connection.execute("DROP TABLE events")  # and its triggers
    for statement in SCHEMAS[-1]:
        connection.execute(statement)
    connection.executemany(
        "INSERT INTO events VALUES (?, ?, CAST(? AS TEXT), CAST(? AS TEXT), CAST(? AS TEXT), ?)",
        ((*row, checksum(*row)) for row in rows),
    )
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version = {len(SCHEMAS)}")


def inspect(connection: sqlite3.Connection, path: Path) -> int:
    """The number of the last event of a sound file of ours.

    Raises
    ------
    StorageError : unless it is one, from the header to every event.
    """
    connection.execute("BEGIN")
    try:
        version = version_of(connection, path)
        # SQLite itself reads a last page that was cut short as if zeros stood there
        odd = path.stat().st_size % int(connection.execute("PRAGMA page_size").fetchone()[0])
        if odd:
            what = (
                "damaged: cut short" if version else "no run file, but a file of another program"
            )
            raise StorageError(f"{path} is {what}; restore a copy: {RESCUE}")
        if version == 0:
            return 0
        compare(connection, path, version)
        verdict = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
        if verdict != "ok":
            raise StorageError(f"{path} is damaged ({verdict}); restore a copy: {RESCUE}")
        return sum(1 for _ in _checked(connection, path, version))
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")


Row = tuple[int, float, bytes | None, bytes, bytes]


def _checked(connection: sqlite3.Connection, path: Path, version: int) -> Iterator[Row]:
    """All events, each as it was written, and none missing between them."""
    count, last = connection.execute(
        "SELECT count(*), coalesce(max(seq), 0) FROM events"
    ).fetchone()
    if count != last:
        raise StorageError(
            f"{path} is damaged: it holds {count} events, but the last is number {last}"
        )
    crc = "crc" if version >= CHECKED else "NULL"
    for *row, stored in connection.execute(f"SELECT {COLUMNS}, {crc} FROM events ORDER BY seq"):
        event: Row = tuple(row)
        if version >= CHECKED:
            _verify(path, event, stored)
        else:
            read(path, (*event, None), checked=False)
        yield event


def read(path: Path, row: tuple[Any, ...], *, checked: bool) -> Record:
    """An event from its columns and its checksum; StorageError when it is damaged."""
    *event, crc = row
    seq, stamp, worker, kind, body = event
    if checked:
        _verify(path, (seq, stamp, worker, kind, body), crc)
    try:
        return decode(
            stamp, None if worker is None else worker.decode(), kind.decode(), body.decode()
        )
    except (AttributeError, UnicodeDecodeError, DamagedRecord) as error:
        raise _damaged(path, seq, str(error)) from None


def _verify(path: Path, row: Row, crc: object) -> None:
    seq, stamp, worker, kind, body = row
    whole = type(stamp) is float and type(kind) is bytes and type(body) is bytes
    if not whole or checksum(seq, stamp, worker, kind, body) != crc:
        raise _damaged(path, seq, "it is not as it was written (its checksum differs)")


def _damaged(path: Path, seq: int, reason: str) -> StorageError:
    return StorageError(f"{path}: event {seq} is damaged: {reason}; restore a copy: {RESCUE}")


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
