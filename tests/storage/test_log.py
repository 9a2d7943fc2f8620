"""The log beside a file in use: when it is missing, that is said; at rest there is none."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from unittest import mock

import pytest

from bayesopt.storage import SQLiteStorage
from bayesopt.storage.file import RunFile
from bayesopt.storage.place import Place

from .processes import start

HELD = """
import sys, time
from bayesopt.storage import SQLiteStorage
storage = SQLiteStorage(sys.argv[1])
for n in range(int(sys.argv[2])):
    storage.append({"kind": "told", "n": n})
print("ready", flush=True)
time.sleep(600)
"""
ENDS = """
import sys
from bayesopt.storage import SQLiteStorage
storage = SQLiteStorage(sys.argv[1])
storage.append({"kind": "told"})
keep = [storage]
keep.append(keep)  # never collected
"""


def killed(path: Path, n: int = 3) -> None:
    """A run whose process was killed: its events are in the log."""
    worker = start(HELD, path, n)
    assert worker.stdout is not None
    assert worker.stdout.readline() == "ready\n"
    worker.send_signal(signal.SIGKILL)
    worker.communicate()


def beside(path: Path) -> list[str]:
    return sorted(p.name for p in path.parent.iterdir())


@pytest.mark.parametrize("also", [[], ["run.db-shm"]])
@pytest.mark.parametrize("read_only", [False, True])
def test_a_missing_log_is_said(quick_path: Path, also: list[str], read_only: bool) -> None:
    killed(quick_path)
    for name in ["run.db-wal", *also]:
        quick_path.with_name(name).unlink()
    for _ in range(2):
        with pytest.warns(UserWarning, match=r"its log run\.db-wal is missing.*holds 0 events"):
            SQLiteStorage(quick_path, read_only=True).close()
    with pytest.warns(UserWarning, match="is missing"), SQLiteStorage(quick_path) as storage:
        storage.append({"kind": "told"})
    SQLiteStorage(quick_path, read_only=read_only).close()  # said, and gone on from there


def test_a_copy_without_its_log_is_noticed(quick_path: Path) -> None:
    with SQLiteStorage(quick_path) as storage:
        storage.append({"kind": "told"})
    with SQLiteStorage(quick_path) as storage:
        storage.append({"kind": "told"})
        shutil.copy(quick_path, quick_path.with_name("copy.db"))
    with pytest.warns(UserWarning, match=r"copy\.db-wal is missing.*holds 1 events, the last of"):
        SQLiteStorage(quick_path.with_name("copy.db")).close()
    SQLiteStorage(quick_path).close()


def test_a_killed_run_with_its_log_is_whole(quick_path: Path) -> None:
    killed(quick_path)
    with SQLiteStorage(quick_path, read_only=True) as storage:
        assert len(storage.read()) == 3
    with SQLiteStorage(quick_path) as storage:
        assert len(storage.read()) == 3


def two_readers(path: Path) -> None:
    writer, reader = SQLiteStorage(path), SQLiteStorage(path, read_only=True)
    writer.append({"kind": "told"})
    reader.read()
    writer.close()
    reader.close()


def two_writers(path: Path) -> None:
    one, other = SQLiteStorage(path), SQLiteStorage(path)
    one.append({"kind": "told"})
    other.append({"kind": "told"})
    one.close()
    other.close()


def hindering_each_other(path: Path) -> None:
    """Two that close at the same moment: each is in the other's way."""
    one, other = SQLiteStorage(path), SQLiteStorage(path)
    one.append({"kind": "told"})
    other.append({"kind": "told"})
    files = [one._file, other._file]
    meant = [RunFile._put_to_rest(f, f.open()) for f in files]  # each is in the other's way
    assert meant == [False, False]
    with mock.patch.object(RunFile, "_put_to_rest", hindered):
        one.close()
    with mock.patch.object(RunFile, "_put_to_rest", hindered):
        other.close()


def hindered(file: RunFile, connection: sqlite3.Connection) -> bool:
    """At the first attempt somebody is in the way."""
    first = connection is hindered.seen.setdefault(id(file), connection)  # type: ignore[attr-defined]
    return False if first else _put_to_rest(file, connection)


hindered.seen = {}  # type: ignore[attr-defined]
_put_to_rest = RunFile._put_to_rest


def never_closed(path: Path) -> None:
    worker = start(ENDS, path)
    worker.communicate()
    assert worker.returncode == 0


def forgotten(path: Path) -> None:
    storage = SQLiteStorage(path)
    storage.append({"kind": "told"})
    del storage


def forked(path: Path) -> None:
    storage = SQLiteStorage(path)
    storage.append({"kind": "told"})
    child = os.fork()
    if child == 0:
        storage.append({"kind": "told"})
        storage.close()
        os._exit(0)
    os.waitpid(child, 0)
    storage.append({"kind": "told"})
    storage.close()


@pytest.mark.parametrize(
    "use", [two_readers, two_writers, hindering_each_other, never_closed, forgotten, forked]
)
def test_what_was_closed_well_is_never_suspected(
    quick_path: Path, use: Callable[[Path], None]
) -> None:
    for _ in range(2):
        use(quick_path)
        assert beside(quick_path) == ["run.db"]
        assert quick_path.read_bytes()[18:20] == b"\x01\x01"  # at rest: no log is needed
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            SQLiteStorage(quick_path, read_only=True).close()
            SQLiteStorage(quick_path).close()


def test_many_processes_that_come_and_go_are_never_suspected(quick_path: Path) -> None:
    code = """
import sys, warnings
from bayesopt.storage import SQLiteStorage
warnings.simplefilter("error")
for n in range(15):
    with SQLiteStorage(sys.argv[1]) as storage:
        storage.append({"kind": "told"})
"""
    workers = [start(code, quick_path) for _ in range(4)]
    assert [w.communicate() and w.returncode for w in workers] == [0] * 4
    with SQLiteStorage(quick_path) as storage:
        assert len(storage.read()) == 60


def test_a_log_that_vanishes_while_one_looks_is_no_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = Place(tmp_path / "run.db", True, False)
    monkeypatch.setattr(Path, "exists", lambda self: True)  # it was there a moment ago
    assert not place.has_log


def test_nothing_is_left_beside_a_file_of_others(tmp_path: Path) -> None:
    path = tmp_path / "run.db"
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("CREATE TABLE t (a)")
    connection.commit()
    connection.close()
    for read_only in (False, True):
        with pytest.raises(RuntimeError, match="another program"):
            SQLiteStorage(path, read_only=read_only)
        assert beside(path) == ["run.db"]


def test_nothing_is_left_beside_a_file_that_is_looked_at(tmp_path: Path) -> None:
    path = tmp_path / "run.db"
    with SQLiteStorage(path) as storage:
        storage.append({"kind": "told", "time": time.time()})
    before = path.read_bytes()
    with SQLiteStorage(path, read_only=True) as storage:
        assert len(storage.read()) == 1
        assert beside(path) == ["run.db"]
    assert (beside(path), path.read_bytes()) == (["run.db"], before)
