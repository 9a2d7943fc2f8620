"""Which processes are alive."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace

import pytest

from bayesopt.storage.worker import Worker, WorkerStatus, this_worker

from .processes import start

TELL_AND_SLEEP = """
import time
from bayesopt.storage.worker import this_worker
print(this_worker(), flush=True)
time.sleep(600)
"""

HOLD_THE_INTERPRETER = """
import re
from bayesopt.storage.worker import this_worker
print(this_worker(), flush=True)
re.match(r"(a+)+$", "a" * 40 + "b")  # runs for ages without ever letting another thread in
"""


def test_this_process_is_alive() -> None:
    me = this_worker()
    assert (me.pid, me.status()) == (os.getpid(), WorkerStatus.ALIVE)
    assert me.name == f"{me.host}:{os.getpid()}"


def test_written_and_read() -> None:
    me = this_worker()
    assert Worker.from_string(str(me)) == me
    for other in ("", "ann", "a|b|c|d|e|f", "|".join("abc")):
        assert Worker.from_string(other) is None


@pytest.mark.parametrize("code", [TELL_AND_SLEEP, HOLD_THE_INTERPRETER])
def test_others_live_until_they_are_killed(code: str) -> None:
    process = start(code)
    assert process.stdout is not None
    worker = Worker.from_string(process.stdout.readline().strip())
    assert worker is not None
    time.sleep(0.05)
    alive = worker.status()
    process.send_signal(signal.SIGKILL)
    deadline = time.monotonic() + 60
    while worker.status() is not WorkerStatus.DEAD and time.monotonic() < deadline:
        time.sleep(0.01)
    zombie = worker.status()  # nobody has waited for it yet
    process.communicate()
    assert (alive, zombie, worker.status()) == (
        WorkerStatus.ALIVE,
        WorkerStatus.DEAD,
        WorkerStatus.DEAD,
    )


def test_a_process_id_that_was_used_again_is_another_worker() -> None:
    assert replace(this_worker(), start="1").status() is WorkerStatus.DEAD


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"boot": "00000000"}, WorkerStatus.DEAD),
        ({"machine": "00000000"}, WorkerStatus.UNKNOWN),
        ({"machine": ""}, WorkerStatus.UNKNOWN),
        ({"namespace": "1"}, WorkerStatus.UNKNOWN),
        ({"host": "elsewhere"}, WorkerStatus.UNKNOWN),
        ({"start": ""}, WorkerStatus.UNKNOWN),
    ],
)
def test_what_is_known_of_workers_elsewhere(change: dict[str, str], status: WorkerStatus) -> None:
    assert replace(this_worker(), **change).status() is status  # type: ignore[arg-type]


def test_odd_process_names_do_not_confuse() -> None:
    # the name stands in parentheses in /proc/PID/stat and may hold any character
    code = (
        "import ctypes, sys; ctypes.CDLL(None).prctl(15, b'a) Z 1 (b', 0, 0, 0); "
        "from bayesopt.storage.worker import this_worker; print(this_worker().status().name)"
    )
    if sys.platform != "linux":
        pytest.skip("needs prctl")
    process = start(code)
    assert isinstance(process, subprocess.Popen)
    assert process.communicate()[0].strip() == "ALIVE"
