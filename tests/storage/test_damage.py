"""Files that cannot be used: a clear error, and not one byte changed."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from bayesopt.storage import SQLiteStorage, StorageError, schema
from bayesopt.storage.place import Place

from .processes import environment


def a_run(path: Path, n: int = 60) -> None:
    with SQLiteStorage(path) as storage, storage.exclusive():
        for number in range(n):
            storage.append({"kind": "told", "number": number, "note": "x" * 500})


def a_crashed_run(path: Path) -> None:
    """A run whose last events are in the log only, as a killed process leaves it."""
    a_run(path)
    with SQLiteStorage(path) as storage:
        storage.append({"kind": "told", "number": 60})
        copies = [(p, p.with_name("copy-" + p.name)) for p in path.parent.glob("run.db*")]
        for p, copy in copies:
            shutil.copy(p, copy)
    for p, copy in copies:
        copy.rename(p)
    (path.parent / "run.db-shm").unlink(missing_ok=True)


def refused(path: Path, reason: str) -> None:
    before = {p.name: p.read_bytes() for p in path.parent.iterdir()}
    for read_only in (False, True):
        with pytest.raises(StorageError, match=reason) as caught:
            SQLiteStorage(path, read_only=read_only)
        assert path.name in str(caught.value)
    after = {p.name: p.read_bytes() for p in path.parent.iterdir()}
    after = {name: data for name, data in after.items() if name in before or data}
    after.pop("run.db-shm", None)  # an index of the log, made anew whenever it is missing
    assert after == before


def cut(size: Callable[[int], int]) -> Callable[[Path], None]:
    return lambda path: os.truncate(path, size(path.stat().st_size))


def scribble(path: Path) -> None:
    with path.open("r+b") as file:
        file.seek(5 * 4096)
        file.write(b"\xff" * 3000)


@pytest.mark.parametrize(
    "harm",
    [
        cut(lambda size: size // 2),
        cut(lambda size: size - 1),
        cut(lambda size: 4096),
        cut(lambda size: 100),
        cut(lambda size: 17),
        scribble,
    ],
)
@pytest.mark.parametrize("make", [a_run, a_crashed_run])
def test_damaged_files(
    tmp_path: Path, make: Callable[[Path], None], harm: Callable[[Path], None]
) -> None:
    path = tmp_path / "run.db"
    make(path)
    harm(path)
    refused(path, "damaged")


def test_the_log_of_a_crashed_run_is_used(tmp_path: Path) -> None:
    path = tmp_path / "run.db"
    a_crashed_run(path)
    assert (tmp_path / "run.db-wal").stat().st_size > 0
    with SQLiteStorage(path) as storage:
        assert len(storage.read()) == 61


def test_a_cut_that_the_log_makes_good(tmp_path: Path) -> None:
    path = tmp_path / "run.db"
    a_crashed_run(path)
    cut(lambda size: size - 4096)(path)
    with SQLiteStorage(path) as storage:  # the last page is in the log
        events = [event for _, event in storage.read()]
    assert [event["number"] for event in events] == [*range(61)]
    assert {event.get("note") for event in events} == {"x" * 500, None}


def test_an_emptied_file_keeps_its_log(tmp_path: Path) -> None:
    path = tmp_path / "run.db"
    a_crashed_run(path)
    os.truncate(path, 0)
    refused(path, "its log is not")


def test_a_file_that_another_process_is_just_making_is_not_damaged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the looks at the file and at its log both may have got their content."""
    made, path = tmp_path / "made" / "run.db", tmp_path / "run.db"
    made.parent.mkdir()
    a_crashed_run(made)
    path.touch()
    look = Place.has_log.fget
    assert look is not None

    def has_log(place: Place) -> bool:
        if path.stat().st_size == 0:  # at the first look
            for p in made.parent.glob("run.db*"):
                shutil.copy(p, tmp_path / p.name)
        return bool(look(place))

    monkeypatch.setattr(Place, "has_log", property(has_log))
    with SQLiteStorage(path) as storage:
        assert len([*storage.read()]) == 61


def test_an_empty_file_is_a_new_one(tmp_path: Path) -> None:
    path = tmp_path / "run.db"
    path.touch()
    with SQLiteStorage(path) as storage:
        assert storage.append({"kind": "started"}) == 1


def test_missing_events_are_noticed(tmp_path: Path) -> None:
    path = tmp_path / "run.db"
    a_run(path, 5)
    connection = sqlite3.connect(path)
    stays = next(sql for sql in schema.SCHEMAS[-1] if "events_stay" in sql)
    connection.executescript(
        f"DROP TRIGGER events_stay; DELETE FROM events WHERE seq = 3; {stays}"
    )
    connection.close()
    refused(path, "holds 4 events, but the last is number 5")


def a_text(path: Path) -> None:
    path.write_text("[space.lr]\ntype = 'float'\n" * 40)


def a_short_text(path: Path) -> None:
    path.write_text("x")


def a_foreign_database(path: Path, mode: str = "DELETE", mark: int = 0) -> None:
    connection = sqlite3.connect(path)
    connection.execute(f"PRAGMA journal_mode = {mode}")
    connection.execute("CREATE TABLE trials (id)")
    connection.execute(f"PRAGMA application_id = {mark}")
    connection.commit()
    connection.close()


def a_newer_run(path: Path) -> None:
    a_run(path, 3)
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 999")
    connection.close()


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (a_text, "file of another program"),
        (a_short_text, "file of another program"),
        (a_foreign_database, "SQLite file of another program"),
        (lambda path: a_foreign_database(path, "WAL"), "SQLite file of another program"),
        (lambda path: a_foreign_database(path, mark=7), "application id 0x7"),
        (a_newer_run, r"newer bayesopt \(schema 999; this one reads up to 2\); upgrade"),
    ],
)
def test_files_of_others(tmp_path: Path, make: Callable[[Path], None], reason: str) -> None:
    make(tmp_path / "run.db")
    refused(tmp_path / "run.db", reason)


def test_a_file_marked_read_only(tmp_path: Path) -> None:
    path = tmp_path / "run.db"
    a_run(path, 3)
    before = path.read_bytes()
    path.chmod(0o444)
    with pytest.raises(StorageError, match="is read-only"):
        SQLiteStorage(path)
    assert path.read_bytes() == before


def test_a_folder_one_cannot_write_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda where, mode: Path(where) != tmp_path)
    with pytest.raises(StorageError, match="folder one cannot write to"):
        SQLiteStorage(tmp_path / "run.db")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("how", ["deleted", "replaced"])
def test_a_file_that_vanishes_while_in_use(tmp_path: Path, how: str) -> None:
    path = tmp_path / "run.db"
    a_run(tmp_path / "other.db", 1)
    with SQLiteStorage(path) as storage:
        storage.append({"kind": "told"})
        path.unlink()
        if how == "replaced":
            (tmp_path / "other.db").rename(path)
        with pytest.raises(StorageError, match="deleted or replaced"):
            storage.append({"kind": "told"})


def test_events_can_be_neither_changed_nor_deleted(tmp_path: Path) -> None:
    path = tmp_path / "run.db"
    a_run(path, 3)
    connection = sqlite3.connect(path)
    for sql in ("DELETE FROM events", "UPDATE events SET body = '{}'"):
        with pytest.raises(sqlite3.IntegrityError, match="never"):
            connection.execute(sql)
    connection.close()


def an_older_run(path: Path, version: int, n: int = 3) -> None:
    """A file as earlier versions have left it, in write-ahead mode at rest."""
    connection = sqlite3.connect(path, isolation_level=None)
    for statement in schema.SCHEMAS[version - 1]:
        connection.execute(statement)
    connection.execute(f"PRAGMA application_id = {schema.APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version = {version}")
    connection.execute("PRAGMA journal_mode = WAL").fetchone()
    for number in range(n):
        row = (12.5, f"w{number}" if number else None, "told", f'{{"number":{number}}}')
        sql = "INSERT INTO events (time, worker, kind, body) VALUES (?, ?, ?, ?)"
        connection.execute(sql, row)
    connection.close()


def changed(path: Path, sql: str) -> None:
    """Change events against the file's promise, and leave no trace of how."""
    connection = sqlite3.connect(path)
    triggers = ";".join(s for s in schema.SCHEMAS[0] if "TRIGGER" in s)
    drop = "DROP TRIGGER events_stay; DROP TRIGGER events_keep;"
    connection.executescript(f"{drop} {sql}; {triggers};")
    connection.close()


def definition(path: Path) -> list[tuple[str, ...]]:
    connection = sqlite3.connect(path)
    found = connection.execute(
        "SELECT type, name, sql FROM sqlite_master ORDER BY name"
    ).fetchall()
    connection.close()
    return found


@pytest.mark.parametrize("version", range(1, len(schema.SCHEMAS)))
def test_older_files_are_brought_up_to_date(tmp_path: Path, version: int) -> None:
    path = tmp_path / "run.db"
    an_older_run(path, version)
    before = path.read_bytes()
    with SQLiteStorage(path, read_only=True) as storage:
        old = storage.read()
    assert path.read_bytes() == before
    assert [(n, e["number"], e.get("worker")) for n, e in old] == [
        (1, 0, None), (2, 1, "w1"), (3, 2, "w2")
    ]  # fmt: skip
    with SQLiteStorage(path) as storage:
        assert storage.read() == old
        storage.append({"kind": "told"})
    a_run(tmp_path / "new.db", 1)
    assert definition(path) == definition(tmp_path / "new.db")
    with SQLiteStorage(path) as storage:
        assert storage.read()[:3] == old


def test_a_migration_that_fails_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "run.db"
    an_older_run(path, 1)
    before = path.read_bytes()
    wrong = (*schema.SCHEMAS[-1], "CREATE TABLE events (x)")
    with monkeypatch.context() as patch:
        patch.setattr(schema, "SCHEMAS", (*schema.SCHEMAS[:-1], wrong))
        with pytest.raises(StorageError, match="already exists"):
            SQLiteStorage(path)
    assert path.read_bytes() == before
    changed(path, "UPDATE events SET body = '{' WHERE seq = 2")
    refused(path, "event 2 is damaged: its body is no JSON")


@pytest.mark.parametrize("moment", range(9))
def test_a_migration_that_is_interrupted_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moment: int
) -> None:
    path = tmp_path / "run.db"
    an_older_run(path, 1)
    left = [moment]

    def checksum(*row: object) -> int:
        left[0] -= 1
        if left[0] < 0:
            raise KeyboardInterrupt
        return 0

    with monkeypatch.context() as patch:
        patch.setattr(schema, "checksum", checksum)
        if moment < 3:
            with pytest.raises(KeyboardInterrupt):
                SQLiteStorage(path)
    with SQLiteStorage(path) as storage:
        assert len(storage.read()) == 3


@pytest.mark.parametrize(
    ("sql", "reason"),
    [
        ("UPDATE events SET body = '{}' WHERE seq = 2", "event 2 is damaged.*checksum"),
        ("UPDATE events SET kind = 'tolD' WHERE seq = 3", "event 3 is damaged.*checksum"),
        ("UPDATE events SET time = 1.0 WHERE seq = 1", "event 1 is damaged.*checksum"),
        ("UPDATE events SET worker = '' WHERE seq = 1", "event 1 is damaged.*checksum"),
        ("UPDATE events SET crc = 0 WHERE seq = 1", "event 1 is damaged.*checksum"),
        ("UPDATE events SET body = x'7b7d' WHERE seq = 1", "event 1 is damaged.*checksum"),
        (
            "UPDATE events SET seq = -seq; UPDATE events SET seq = 3 - (-seq) + 1",
            "event 1 is damaged.*checksum",
        ),
        (
            "CREATE TRIGGER t BEFORE INSERT ON events BEGIN SELECT RAISE(IGNORE); END",
            "trigger 't'",
        ),
        ("CREATE VIEW v AS SELECT 1", "the view 'v'"),
        ("CREATE TABLE v (x)", "the table 'v'"),
        ("CREATE INDEX i ON events (time)", "the index 'i'"),
        ("ALTER TABLE events ADD COLUMN more", "the table 'events'"),
    ],
)
def test_what_others_changed(tmp_path: Path, sql: str, reason: str) -> None:
    path = tmp_path / "run.db"
    a_run(path, 3)
    changed(path, sql)
    refused(path, reason)


def test_a_view_in_place_of_the_table_is_not_run(tmp_path: Path) -> None:
    """It would never end."""
    path = tmp_path / "run.db"
    a_run(path, 1)
    connection = sqlite3.connect(path)
    connection.executescript(
        "DROP TRIGGER events_keep; DROP TRIGGER events_stay; ALTER TABLE events RENAME TO e;"
        "CREATE VIEW events(seq, time, worker, kind, body, crc) AS WITH RECURSIVE r(i) AS "
        "(SELECT 1 UNION ALL SELECT i + 1 FROM r) SELECT i, 0.0, NULL, 'x', '{}', 0 FROM r;"
    )
    connection.close()
    refused(path, "is not as bayesopt makes it")


def test_statistics_of_sqlite_are_harmless(tmp_path: Path) -> None:
    path = tmp_path / "run.db"
    a_run(path, 3)
    connection = sqlite3.connect(path)
    connection.executescript("ANALYZE;")
    connection.close()
    with SQLiteStorage(path) as storage:
        assert len(storage.read()) == 3


FULL = """
from pathlib import Path
from bayesopt.storage import SQLiteStorage, StorageError
import subprocess, sys
path = Path(sys.argv[1], "run.db")
storage, told = SQLiteStorage(path), 0
try:
    while True:
        told = storage.append({"kind": "told", "note": "x" * 2000})
except StorageError as error:
    print(error)
print(told, [seq for seq, _ in storage.read()] == [*range(1, told + 1)])
storage.close()
with SQLiteStorage(path) as storage:
    try:
        storage.append({"kind": "told", "note": "x" * 20000})
    except StorageError as error:
        print(error)
subprocess.run(["mount", "-o", "remount,size=2m", sys.argv[1]], check=True)
with SQLiteStorage(path) as storage:
    print(len(storage.read()) == told, storage.append({"kind": "told"}) == told + 1)
subprocess.run(["mount", "-o", "remount,ro", sys.argv[1]], check=True)
try:
    SQLiteStorage(path)
except StorageError as error:
    print(error)
with SQLiteStorage(path, read_only=True) as storage:
    print(len(storage.read()) == told + 1)
"""


def test_a_disk_that_is_full_then_read_only(tmp_path: Path) -> None:
    """On a real file system of 300 kB, in a name space of its own."""
    script = 'mount -t tmpfs -o size=300k disk "$2" && exec "$0" -c "$1" "$2"'
    namespace = ["unshare", "-rm", "sh", "-c"]
    try:
        subprocess.run([*namespace, 'mount -t tmpfs disk "$0"', tmp_path], check=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("needs the right to mount a small file system")
    done = subprocess.run(
        [*namespace, script, sys.executable, FULL, tmp_path],
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    full, told, still_full, freed, sealed, looked = done.stdout.splitlines()
    assert "the disk is full" in full
    assert int(told.split()[0]) > 10
    assert told.endswith("True")
    assert "the disk is full" in still_full
    assert freed == "True True"
    assert "is read-only" in sealed
    assert looked == "True"
