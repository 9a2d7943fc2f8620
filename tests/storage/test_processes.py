"""Several processes on one file, some of them killed, forked or stopped."""

from __future__ import annotations

import multiprocessing
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from bayesopt.storage import SQLiteStorage, StorageError

from .processes import environment, start

APPEND = """
import sys
from bayesopt.storage import SQLiteStorage
path, name, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
with SQLiteStorage(path) as storage:
    for n in range(count):
        seq = storage.append({"kind": "told", "worker": name, "n": n, "note": "x" * 300})
        sys.stdout.write(f"{seq} {n}\\n")
        sys.stdout.flush()
"""


def test_eight_processes_append_to_one_new_file(tmp_path: Path) -> None:
    path = tmp_path / "run.db"
    workers = [start(APPEND, path, k, 25) for k in range(8)]
    acknowledged = [line for w in workers for line in w.communicate()[0].splitlines()]
    assert all(w.returncode == 0 for w in workers)
    assert sorted(int(line.split()[0]) for line in acknowledged) == [*range(1, 201)]
    with SQLiteStorage(path) as storage:
        told = [(e["worker"], e["n"]) for _, e in storage.read()]
    assert sorted(told) == sorted((str(k), n) for k in range(8) for n in range(25))


def test_killed_writers_lose_nothing(tmp_path: Path) -> None:
    path, moments = tmp_path / "run.db", random.Random(1)
    acknowledged: dict[int, tuple[str, int]] = {}
    for round_ in range(4):
        workers = {f"{round_}.{k}": start(APPEND, path, f"{round_}.{k}", 10**9) for k in range(2)}
        for worker_name, worker in workers.items():
            assert worker.stdout is not None
            for line in [worker.stdout.readline() for _ in range(3)]:  # it has begun
                seq, n = map(int, line.split())
                acknowledged[seq] = (worker_name, n)
        time.sleep(moments.uniform(0, 0.15))
        for worker in workers.values():
            worker.send_signal(signal.SIGKILL)
        for name, worker in workers.items():
            lines = worker.communicate()[0].splitlines()
            for line in lines[:-1]:  # the last may be cut short
                seq, n = map(int, line.split())
                acknowledged[seq] = (name, n)
    with SQLiteStorage(path) as storage:
        kept = {seq: (e["worker"], e["n"]) for seq, e in storage.read()}
    assert len(acknowledged) >= 4 * 2 * 3
    assert acknowledged.items() <= kept.items()
    assert sorted(kept) == [*range(1, len(kept) + 1)]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_fork_opens_connections_of_its_own(tmp_path: Path) -> None:
    """The parent closes while the child writes on: SQLite alone would lose the child's events."""
    path = tmp_path / "run.db"
    storage = SQLiteStorage(path)
    storage.append({"kind": "told", "n": 0})
    context = multiprocessing.get_context("fork")
    first, closed = context.Event(), context.Event()

    def child() -> None:
        storage.append({"kind": "told", "n": 1})
        first.set()
        closed.wait(300)
        storage.append({"kind": "told", "n": 2})
        storage.close()

    process = context.Process(target=child)
    process.start()
    assert first.wait(300)
    storage.append({"kind": "told", "n": 10})
    storage.close()
    closed.set()
    process.join(300)
    assert process.exitcode == 0
    with SQLiteStorage(path) as storage:
        assert [e["n"] for _, e in storage.read()] == [0, 1, 10, 2]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_fork_inside_a_transaction_leaves_it_to_the_parent(tmp_path: Path) -> None:
    storage = SQLiteStorage(tmp_path / "run.db")
    code = 1
    with storage.exclusive():
        storage.append({"kind": "told", "n": 0})
        child = os.fork()
        if child == 0:
            try:
                storage.append({"kind": "told", "n": 1})
            except StorageError:
                code = 7
            finally:
                os._exit(code)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
        storage.append({"kind": "told", "n": 2})
    assert [e["n"] for _, e in storage.read()] == [0, 2]
    storage.close()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_fork_waits_for_other_threads(quick_path: Path) -> None:
    storage, stop = SQLiteStorage(quick_path), threading.Event()

    def work() -> None:
        while not stop.is_set():
            storage.append({"kind": "told"})

    thread = threading.Thread(target=work)
    thread.start()
    codes = []
    for _ in range(5):
        # a script of its own would be safer for the child; this is what the test is about
        child = _fork_quietly()
        if child == 0:
            storage.append({"kind": "child"})
            os._exit(0)
        codes.append(os.waitpid(child, 0)[1])
    stop.set()
    thread.join()
    kinds = [e["kind"] for _, e in storage.read()]
    storage.close()
    assert codes == [0] * 5
    assert kinds.count("child") == 5


def _fork_quietly() -> int:
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # Python 3.12: forks with threads
        return os.fork()


def test_waiting_for_a_lock(tmp_path: Path) -> None:
    path = tmp_path / "run.db"
    with SQLiteStorage(path, patience=0.2) as storage:
        other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StorageError, match="another process has held it"):
            storage.append({"kind": "told"})
        release = threading.Timer(0.05, other.rollback)
        release.start()
        assert storage.append({"kind": "told"}) == 1
        release.join()
        other.close()


def test_an_append_is_synced_before_it_returns(tmp_path: Path) -> None:
    """The policy as the operating system sees it: one sync of the log an append, at least."""
    strace = shutil.which("strace")
    if strace is None:
        pytest.skip("needs strace")
    trace = tmp_path / "trace"
    command = [strace, "-fy", "-e", "trace=fsync,fdatasync,write", "-o", trace, sys.executable]
    done = subprocess.run(
        [*command, "-c", APPEND, tmp_path / "run.db", "w", "5"],
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        pytest.skip("strace is not allowed here")
    synced, per_append = 0, []
    for line in trace.read_text().splitlines():
        if "sync(" in line and "run.db-wal" in line:
            synced += 1
        elif "write(1<" in line:  # the script has printed the number it was given
            per_append.append(synced)
            synced = 0
    assert len(per_append) == 5
    assert min(per_append) >= 1


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_file_deleted_around_a_fork_is_missed(quick_path: Path) -> None:
    storage = SQLiteStorage(quick_path)
    storage.append({"kind": "told"})
    child = os.fork()  # closes the connection: the next use opens the file again
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)
    quick_path.unlink()
    with pytest.raises(StorageError, match="deleted or replaced"):
        storage.append({"kind": "told"})
    with pytest.raises(StorageError, match="cannot be opened"):
        storage.read()
    assert not quick_path.exists()
    storage.close()
