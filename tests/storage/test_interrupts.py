"""Ctrl-C at every step of every call: the optimizer goes on, and holds nobody up.

A trace function raises KeyboardInterrupt before the k-th bytecode. That is more than a signal can
do, which Python lets in between calls only.
"""

from __future__ import annotations

import os
import sqlite3
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

import bayesopt as bo
from bayesopt.storage import MemoryStorage, SQLiteStorage, Storage
from bayesopt.trial import TrialState

SPACE = bo.Space(x=bo.Float(0.0, 1.0), k=bo.Int(1, 1000))
POINT = {"x": 0.5, "k": 7}
TIMES = 100  # interrupts of each kind of call; all of them, where there are no more steps
Call = Callable[[bo.Optimizer, int], Any]

CALLS: dict[str, Call] = {
    "ask": lambda opt, n: opt.ask(),
    "tell": lambda opt, n: opt.tell(n, 0.5),
    "tell_failure": lambda opt, n: opt.tell_failure(n, "no"),
    "abandon": lambda opt, n: opt.abandon(n, "lost"),
    "retract": lambda opt, n: opt.retract(n, "wrong"),
    "correct": lambda opt, n: opt.correct(n, 0.25),
    "enqueue": lambda opt, n: opt.enqueue([POINT, POINT]),
    "add_observations": lambda opt, n: opt.add_observations([(POINT, 1.0), (POINT, 2.0)]),
    "trials": lambda opt, n: opt.trials,
}


def made_ready(opt: bo.Optimizer, name: str) -> int:
    """The number of a trial on which the call can be made."""
    opt.storage.append({"kind": "note"})  # something to be read
    if name in ("retract", "correct"):
        return opt.add_observation(POINT, 1.0).number
    return opt.ask().number


class Tracer:
    """Counts bytecodes of this package, and interrupts before one of them."""

    def __init__(self, at: int) -> None:
        self.at = at
        self.count = 0

    def __call__(self, frame: FrameType, event: str, _: object) -> Any:
        frame.f_trace_opcodes = True
        frame.f_trace_lines = False
        if event == "opcode":
            self.count += 1
            if self.count == self.at:
                raise KeyboardInterrupt
        return self

    def run(self, name: str, opt: bo.Optimizer) -> bool:
        """Whether the call was interrupted."""
        call, number = CALLS[name], made_ready(opt, name)
        before = sys.gettrace()
        sys.settrace(self)
        try:
            call(opt, number)
        except KeyboardInterrupt:
            return True
        finally:
            sys.settrace(before)
        return False


def fresh(storage: Storage) -> bo.Optimizer:
    opt = bo.Optimizer(SPACE, seed=0, storage=storage, proposer=bo.RandomSearch())
    for _ in range(3):
        opt.tell(opt.ask(), 1.0)
    opt.ask(), opt.ask()
    opt.abandon(opt.ask(), "lost")  # to be handed out again
    return opt


def held_by(opt: bo.Optimizer) -> list[str]:
    """What another thread finds taken."""
    event_log, storage, found = opt._event_log, opt.storage, []

    def look() -> None:
        for guard in (event_log.lock, storage._guard):  # type: ignore[attr-defined]
            if guard.take(timeout=0.0):
                guard.release()
            else:
                found.append(repr(guard))

    thread = threading.Thread(target=look)
    thread.start()
    thread.join()
    assert not storage.busy
    return found


def is_usable(opt: bo.Optimizer) -> None:
    assert held_by(opt) == []
    if isinstance(opt.storage, SQLiteStorage):
        other = sqlite3.connect(opt.storage.path, isolation_level=None, timeout=0.0)
        other.execute("BEGIN IMMEDIATE")
        other.execute("ROLLBACK")
        other.close()
    told_before = [t.number for t in opt.trials if t.state is TrialState.COMPLETE]
    trial = opt.ask()
    assert opt.tell(trial, 2.0).value == 2.0
    assert held_by(opt) == []
    again = bo.Optimizer(SPACE, storage=opt.storage)
    assert again.trials == opt.trials
    assert {*told_before, trial.number} <= {t.number for t in again.trials if t.value is not None}


@contextmanager
def quick_folder() -> Iterator[Path]:
    import tempfile

    root = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    with tempfile.TemporaryDirectory(dir=root) as folder:
        yield Path(folder)


# files that others had opened when they were interrupted are closed when they are collected
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("where", ["memory", "file"])
@pytest.mark.parametrize("name", CALLS)
def test_an_interrupt_anywhere(where: str, name: str) -> None:
    with quick_folder() as folder:

        def begin(number: int) -> bo.Optimizer:
            return fresh(
                MemoryStorage() if where == "memory" else SQLiteStorage(folder / f"{number}.db")
            )

        opt = begin(0)
        for _ in range(2):  # what is imported or cached at first
            CALLS[name](opt, made_ready(opt, name))
        count = Tracer(0)
        opt = begin(1)
        assert not count.run(name, opt)
        steps = count.count
        assert steps > 10  # `trials` is short, and Python 3.13 takes fewer steps for it
        interrupted = 0
        for number, at in enumerate(range(1, steps, max(1, steps // TIMES)), 2):
            if number % 10 == 2:  # the more events, the longer each look
                opt.close()
                opt = begin(number)
            interrupted += Tracer(at).run(name, opt)
            is_usable(opt)
        opt.close()
        assert interrupted > 0.8 * min(steps, TIMES)
