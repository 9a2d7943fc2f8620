"""What a storage may be given, and where a file may lie."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

import bayesopt as bo
from bayesopt.storage import MemoryStorage, SQLiteStorage, StorageError, open_storage, schema
from bayesopt.storage.mounts import network_type

MOUNTS = r"""22 1 259:1 / / rw,relatime shared:1 - ext4 /dev/root rw
30 22 0:50 / /home rw shared:2 - nfs4 server:/home rw,vers=4.2
31 30 0:51 / /home/ann/local\040disk rw - xfs /dev/sdb rw
32 22 0:52 / /mnt/c rw - 9p C:\134 rw
33 22 0:53 / /data rw - ext4 /dev/sdc rw
34 33 0:54 / /data rw - fuse.sshfs box:/data rw
a line of nonsense
"""


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/tmp/run.db", None),
        ("/home/ann/run.db", "nfs4"),
        ("/home/ann/local disk/run.db", None),
        ("/homestead/run.db", None),
        ("/mnt/c/run.db", None),
        ("/data/run.db", "fuse.sshfs"),
        ("\\\\server\\share\\run.db", "cifs"),
    ],
)
def test_network_file_systems_are_recognised(path: str, kind: str | None) -> None:
    assert network_type(Path(path), mounts=MOUNTS) == kind


def test_a_network_file_system_is_refused_unless_its_locks_are_trusted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bayesopt.storage.place.network_type", lambda path: "nfs4")
    with pytest.raises(StorageError, match=r"network file system \(nfs4\).*wal=False"):
        open_storage(tmp_path / "run.db")
    assert os.listdir(tmp_path) == []
    with SQLiteStorage(tmp_path / "run.db", wal=False) as storage:
        storage.append({"kind": "told"})
        assert os.listdir(tmp_path) == ["run.db"]


def test_none_is_memory_and_a_storage_is_itself() -> None:
    storage = open_storage(None)
    assert isinstance(storage, MemoryStorage)
    assert not storage.persistent
    assert open_storage(storage) is storage


@pytest.mark.parametrize("as_type", [str, Path])
def test_a_path_is_a_file_that_stays(tmp_path: Path, as_type: type[str] | type[Path]) -> None:
    spec = as_type(tmp_path / "odd ?#% name.db")
    with open_storage(spec) as storage:
        assert storage.persistent
        storage.append({"kind": "told", "value": 0.1})
    assert os.listdir(tmp_path) == ["odd ?#% name.db"]
    with open_storage(spec) as storage:
        assert storage.read()[0][1]["value"] == 0.1


@pytest.mark.parametrize(
    ("spec", "error"),
    [
        ("", ValueError),
        (":memory:", ValueError),
        ("sqlite:///run.db", ValueError),
        (3, TypeError),
        (b"run.db", TypeError),
    ],
)
def test_what_is_no_storage(spec: object, error: type[Exception]) -> None:
    with pytest.raises(error, match="storage"):
        open_storage(spec)  # type: ignore[arg-type]


def test_relative_paths_survive_a_change_of_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with open_storage("run.db") as storage:
        os.mkdir("elsewhere")
        monkeypatch.chdir("elsewhere")
        storage.append({"kind": "told"})
    assert (tmp_path / "run.db").exists()


def test_folders_that_do_not_exist_or_are_no_file(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match=r"missing, which does not exist"):
        open_storage(tmp_path / "missing" / "run.db")
    with pytest.raises(StorageError, match="is a folder"):
        open_storage(tmp_path)


def test_patience_is_positive(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="patience"):
        SQLiteStorage(tmp_path / "run.db", patience=0)


def test_to_look_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "run.db"
    with pytest.raises(StorageError, match="does not exist"):
        SQLiteStorage(path, read_only=True)
    with SQLiteStorage(path) as storage:
        storage.append({"kind": "told"})
        with SQLiteStorage(path, read_only=True) as reader:
            assert len(reader.read()) == 1
            storage.append({"kind": "told"})
            assert len(reader.read()) == 2  # follows a run that is going on
            with pytest.raises(StorageError, match="look only"):
                reader.append({"kind": "told"})
    for left in tmp_path.glob("run.db-*"):
        left.unlink()
    path.chmod(0o444)
    # the superuser may write anywhere, so the folder only says that one may not
    monkeypatch.setattr(os, "access", lambda where, mode: False)
    with SQLiteStorage(path, read_only=True) as reader:
        assert len(reader.read()) == 2
    assert os.listdir(tmp_path) == ["run.db"]
    (tmp_path / "run.db-wal").write_bytes(b"x")
    with pytest.raises(StorageError, match="unfinished log"):
        SQLiteStorage(path, read_only=True)


def test_a_file_that_another_process_is_just_making_is_no_strangers(tmp_path: Path) -> None:
    path = tmp_path / "run.db"
    ours, other = (sqlite3.connect(path, isolation_level=None, timeout=0) for _ in "ab")

    reads = []

    def make(statement: str) -> None:
        reads.extend([statement] * statement.startswith(("PRAGMA", "SELECT")))
        if len(reads) > 1:  # between our first look and the next
            try:
                other.execute("BEGIN IMMEDIATE")
                schema.bring_up_to_date(other, path)
                other.execute("COMMIT")
            except sqlite3.OperationalError:  # refused while somebody reads: then it comes later
                if other.in_transaction:
                    other.execute("ROLLBACK")

    ours.set_trace_callback(make)
    assert schema.version_of(ours, path) in (0, len(schema.SCHEMAS))
    ours.set_trace_callback(None)
    make("PRAGMA")
    assert schema.version_of(ours, path) == len(schema.SCHEMAS)
    ours.close()
    other.close()


def a_loop(path: Path) -> None:
    path.symlink_to(path.name)


def a_pipe(path: Path) -> None:
    os.mkfifo(path)


def a_folder(path: Path) -> None:
    path.mkdir()


@pytest.mark.parametrize("make", [a_loop, a_pipe, a_folder])
@pytest.mark.parametrize("read_only", [False, True])
def test_what_is_no_file(tmp_path: Path, make: Callable[[Path], None], read_only: bool) -> None:
    make(tmp_path / "run.db")
    with pytest.raises(StorageError, match=r"run\.db.*(another path|no regular file|a folder)"):
        SQLiteStorage(tmp_path / "run.db", read_only=read_only)
    with pytest.raises((StorageError, FileNotFoundError), match=r"run\.db"):
        bo.Optimizer.reopen(tmp_path / "run.db")


@pytest.mark.parametrize("name", ["x" * 300, "a\0b", "x" * 300 + "/run.db"])
def test_a_name_that_no_file_can_have(tmp_path: Path, name: str) -> None:
    for open_it in (SQLiteStorage, open_storage, bo.Optimizer.reopen):
        with pytest.raises(
            (StorageError, ValueError, FileNotFoundError), match=r"cannot|null|not exist"
        ):
            open_it(tmp_path / name)


def test_an_empty_file_is_not_made_a_run_by_looking(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.touch()
    with pytest.raises(ValueError, match="is empty: it holds no run yet"):
        bo.Optimizer.reopen(path)
    with pytest.raises(StorageError, match="is empty: no run was begun in it"):
        SQLiteStorage(path, read_only=True)
    assert [p.name for p in tmp_path.iterdir()] == ["notes.txt"]
    assert path.stat().st_size == 0
