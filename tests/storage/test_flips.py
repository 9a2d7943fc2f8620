"""Single bytes of a file turned: refused with a StorageError, or what is read is the same."""

from __future__ import annotations

import random
import shutil
import warnings
from pathlib import Path
from typing import Any

import pytest

import bayesopt as bo
from bayesopt.storage import SQLiteStorage, StorageError

SPACE = bo.Space(x=bo.Float(0.0, 1.0), kind=bo.Categorical(["a", "b"]))
FLIPS = 300


def a_run(path: Path) -> None:
    opt = bo.Optimizer(SPACE, seed=0, storage=path, proposer=bo.RandomSearch())
    for n in range(25):
        trial = opt.ask()
        if n % 7 == 3:
            opt.tell_failure(trial, "it diverged")
        else:
            opt.tell(trial, {"value": float(n), "sd": 0.5, "info": {"note": "x" * n}})
    opt.close()


def read(path: Path) -> tuple[list[tuple[int, Any]], list[Any]]:
    with SQLiteStorage(path, read_only=True) as storage:
        return storage.read(), storage.read(kinds=("started", "told"))


def flipped(data: bytes, at: int, mask: int) -> bytes:
    return data[:at] + bytes([data[at] ^ mask]) + data[at + 1 :]


@pytest.mark.parametrize("write", [False, True])
def test_no_flip_passes_unnoticed(quick_path: Path, write: bool) -> None:
    whole = quick_path.with_name("whole.db")
    a_run(whole)
    data, events = whole.read_bytes(), read(whole)
    chance, refused = random.Random(1), 0
    places = [*range(100), *(chance.randrange(len(data)) for _ in range(FLIPS - 100))]
    for at in places:  # the whole header, which is small and rules over all else
        for left in quick_path.parent.glob("run.db*"):
            left.unlink()
        quick_path.write_bytes(flipped(data, at, 1 << chance.randrange(8)))
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", UserWarning)  # "in use", it says, without a log
                if write:
                    opt = bo.Optimizer.reopen(quick_path)
                    trials = len(opt.trials)
                    opt.tell(opt.ask(), 0.5)
                    opt.close()
                    assert trials == 25
                after = read(quick_path)
        except StorageError as error:
            refused += "run.db" in str(error)
        else:
            assert after[0][: len(events[0])] == events[0], at
            assert after[1][: len(events[1])] == events[1], at
            assert len(after[0]) == len(events[0]) + 2 * write
    assert refused > FLIPS / 4


def test_a_flip_in_an_event_is_always_refused(quick_path: Path) -> None:
    whole = quick_path.with_name("whole.db")
    a_run(whole)
    data = whole.read_bytes()
    body = b'{"number":7,"value":7.0,"sd":0.5,"info":{"note":"xxxxxxx"}}'
    start = data.index(body)
    for at in range(start, start + len(body)):
        quick_path.write_bytes(flipped(data, at, 1))
        with pytest.raises(StorageError, match=r"run\.db: event \d+ is damaged.*checksum"):
            SQLiteStorage(quick_path)
    shutil.copy(whole, quick_path)
    assert read(quick_path) == read(whole)
