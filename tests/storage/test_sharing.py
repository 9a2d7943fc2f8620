"""Real processes that share a run, and die."""

from __future__ import annotations

import random
import signal
import threading
import time
from collections import Counter
from pathlib import Path

import bayesopt as bo
from bayesopt.storage import SQLiteStorage
from bayesopt.trial import TrialState

from .processes import start

WORK = """
import sys, time
import bayesopt as bo
from bayesopt.optimizer import EnoughTrials
path, limit, seconds = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
space = bo.Space(x=bo.Float(0, 1), k=bo.Int(1, 1000))
opt = bo.Optimizer(space, seed=0, storage=path, proposer=bo.RandomSearch(), retries=10**6)
while True:
    try:
        trial = opt.ask(limit=limit)
    except EnoughTrials:
        break
    time.sleep(seconds)
    opt.tell(trial, trial.params["x"] * trial.params["k"])
    sys.stdout.write(f"{trial.number} {trial.params['x'] * trial.params['k']!r}\\n")
    sys.stdout.flush()
opt.close()
"""


def test_eight_processes_share_four_hundred_trials(quick_path: Path) -> None:
    path = quick_path
    workers = [start(WORK, path, 400, 0) for _ in range(8)]
    told = [line for w in workers for line in w.communicate()[0].splitlines()]
    assert [w.returncode for w in workers] == [0] * 8
    assert sorted(int(line.split()[0]) for line in told) == [*range(400)]
    with SQLiteStorage(path) as storage:
        kinds = Counter(event["kind"] for _, event in storage.read())
        opt = bo.Optimizer.reopen(storage)
        assert kinds == {"started": 1, "asked": 400, "told": 400}
        assert {t.state for t in opt.trials} == {TrialState.COMPLETE}
        assert len({repr(t.params) for t in opt.trials}) == 400
        assert {f"{t.number} {t.value!r}" for t in opt.trials} == set(told)


def test_minimize_on_a_shared_file_spends_the_trials_once(quick_path: Path) -> None:
    space = bo.Space(x=bo.Float(0, 1))
    results = []

    def work() -> None:
        opt = bo.Optimizer(space, seed=0, storage=quick_path, proposer=bo.RandomSearch())
        results.append(bo.minimize(lambda p: p["x"], optimizer=opt, n_trials=40, n_workers=2))
        opt.close()

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [r.stop for r in results] == [bo.Stop.N_TRIALS] * 3
    opt = bo.Optimizer.reopen(quick_path)
    assert [t.state for t in opt.trials] == [TrialState.COMPLETE] * 40
    opt.close()


def test_workers_killed_at_random_lose_nothing(quick_path: Path) -> None:
    """A small version of benchmarks/durability.py."""
    path, moments, limit = quick_path, random.Random(0), 60
    told: set[str] = set()
    crew = [start(WORK, path, limit, 0.01) for _ in range(3)]
    for _ in range(4):
        victim = crew.pop(0)
        assert victim.stdout is not None
        told.add(victim.stdout.readline())  # it is at work
        time.sleep(moments.uniform(0.0, 0.05))
        victim.send_signal(signal.SIGKILL)
        told |= set(victim.communicate()[0].splitlines(keepends=True))
        crew.append(start(WORK, path, limit, 0.01))
    for worker in crew:
        told |= set(worker.communicate()[0].splitlines(keepends=True))
        assert worker.returncode == 0
    # pending at the end: a worker killed when the others had just found the limit reached
    last = start(WORK, path, limit, 0.0)
    told |= set(last.communicate()[0].splitlines(keepends=True))
    opt = bo.Optimizer.reopen(path)
    events = [event for _, event in opt.storage.read()]
    trials = opt.trials
    opt.close()
    assert {line.strip() for line in told if line.endswith("\n")} <= {
        f"{t.number} {t.value!r}" for t in trials
    }
    assert [t.number for t in trials] == [*range(limit)]
    asked = Counter(e["number"] for e in events if e["kind"] == "asked")
    lost = Counter(e["number"] for e in events if e["kind"] == "abandoned")
    assert asked == Counter(range(limit)) + lost  # evaluated twice only after it was lost
