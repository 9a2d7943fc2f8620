"""Forks while other threads are at work: the child goes on by itself."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

import pytest

import bayesopt as bo
from bayesopt import compiled
from bayesopt.optimizer.event_log import EventLog
from bayesopt.optimizer.events import Failed

from .processes import environment

LINE = bo.Space(x=bo.Float(0.0, 1.0))

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")

FORKS = """
import faulthandler, os, sys, threading, time, warnings
import bayesopt as bo
warnings.simplefilter("ignore", DeprecationWarning)  # Python 3.12: forks with threads
space = bo.Space(x=bo.Float(0, 1), y=bo.Float(0, 1))
storage = sys.argv[1] if len(sys.argv) > 1 else None
opt = bo.Optimizer(space, seed=0, storage=storage, lease=60.0)
for _ in range(8):
    trial = opt.ask()
    opt.tell(trial, trial.params["x"])
stop = threading.Event()

def work():
    while not stop.is_set():
        trial = opt.ask()
        opt.tell(trial, trial.params["x"])

thread = threading.Thread(target=work)
thread.start()
codes = []
for pause in (0.05, 0.013, 0.007):
    time.sleep(pause)
    child = os.fork()
    if child == 0:
        faulthandler.dump_traceback_later(60, exit=True)
        seen = opt.trials
        trial = opt.ask()
        told = opt.tell(trial, 0.5)
        os._exit(0 if len(seen) >= 8 and told.value == 0.5 else 3)
    codes.append(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
stop.set()
thread.join()
print(codes, [t.number for t in opt.trials] == [*range(len(opt.trials))])
opt.close()
"""


@pytest.mark.parametrize("persistent", [False, True])
def test_a_child_of_an_optimizer_at_work(quick_path: Path, persistent: bool) -> None:
    command = [sys.executable, "-c", FORKS, *([quick_path] if persistent else [])]
    done = subprocess.run(
        command, env=environment(), capture_output=True, text=True, timeout=300, check=False
    )
    assert (done.stdout.strip(), done.stderr) == ("[0, 0, 0] True", "")


def test_a_child_that_cannot_wait_starts_from_the_events(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another thread is in the middle of something long, and half through with it."""
    monkeypatch.setattr("bayesopt.optimizer.event_log._FORK_WAITS", 0.01)
    opt = bo.Optimizer(LINE, seed=0, proposer=bo.RandomSearch())
    first = opt.ask()
    taken, done = threading.Event(), threading.Event()

    def busy() -> None:
        with suppress(KeyError), opt._event_log.transaction():
            opt._event_log.append(Failed(0, "not kept"))
            taken.set()
            done.wait(60)
            raise KeyError

    thread = threading.Thread(target=busy)
    thread.start()
    assert taken.wait(60)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("warnings.warn", lambda *_, **__: None)
        child = os.fork()
    if child == 0:
        code = 1
        try:
            code = 7 if opt.trials == (first,) and opt.ask().number == 1 else 2
        finally:
            os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
    done.set()
    thread.join()
    assert opt.trials == (first,)


def test_no_fork_in_the_middle_of_a_compilation(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also when the ask that needs the kernel lasts longer than the fork waits for it."""
    monkeypatch.setattr("bayesopt.optimizer.event_log._FORK_WAITS", 0.01)
    opt = bo.Optimizer(LINE, seed=0, proposer=bo.RandomSearch())
    taken, given_up = threading.Event(), threading.Event()
    wait_for_asks = EventLog.before_fork

    def before_fork(log: EventLog) -> None:
        wait_for_asks(log)
        if log is opt._event_log:
            given_up.set()

    def compile_long() -> None:
        with opt._event_log.lock, compiled.loading:
            taken.set()
            given_up.wait(60)
            time.sleep(0.2)  # a fork that does not wait comes now

    monkeypatch.setattr(EventLog, "before_fork", before_fork)
    thread = threading.Thread(target=compile_long)
    thread.start()
    assert taken.wait(60)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("warnings.warn", lambda *_, **__: None)
        child = os.fork()
    if child == 0:
        code = 1
        try:
            code = 7 if compiled.loading.acquire(timeout=0) and opt.ask().number == 0 else 2
        finally:
            os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
    thread.join()
    with compiled.loading:  # the parent has let go of it too
        assert opt.ask().number == 0
