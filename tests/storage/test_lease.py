"""When a trial is free again."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bayesopt.storage.lease import Lease
from bayesopt.storage.worker import this_worker

ME = this_worker()
DEAD = replace(ME, start="1")
ELSEWHERE = replace(ME, host="elsewhere")


@pytest.mark.parametrize(
    ("worker", "until", "reason"),
    [
        (None, None, None),  # taken by a person: for as long as it takes
        (None, 99.0, "its lease ran out"),
        (None, 100.0, None),
        (str(ME), None, None),
        (str(ME), 99.0, None),  # seen to be alive: it may take longer than it thought
        (str(DEAD), None, f"its worker {DEAD.name} died"),
        (str(DEAD), 1e9, f"its worker {DEAD.name} died"),
        (str(ELSEWHERE), None, None),
        (str(ELSEWHERE), 101.0, None),
        (str(ELSEWHERE), 99.0, f"its lease ran out (worker elsewhere:{ME.pid})"),
        ("ann at the bench", 99.0, "its lease ran out"),
    ],
    # not made of the values: a process id is another one in each process that collects the tests
    ids=[
        "nobody-for-ever", "nobody-late", "nobody-in-time", "alive-for-ever", "alive-late",
        "dead-for-ever", "dead-in-time", "elsewhere-for-ever", "elsewhere-in-time",
        "elsewhere-late", "a-person-late",
    ],
)  # fmt: skip
def test_when_a_trial_is_free(worker: str | None, until: float | None, reason: str | None) -> None:
    assert Lease(worker, until).lost(now=100.0) == reason
