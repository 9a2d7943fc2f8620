"""A run with several objectives in a file: the same after a reload, and after a kill."""

import json
import os
import signal
import sqlite3
import subprocess
import sys

import numpy as np
import pytest

import bayesopt as bo
from bayesopt.storage import StorageError

SPACE = bo.Space(x=bo.Float(0.0, 1.0), z=bo.Float(0.0, 1.0))
BOTH = {"error": "minimize", "speed": "maximize"}


def measure(params):
    return {
        "error": params["x"] + (params["z"] - 0.5) ** 2,
        "speed": np.sqrt(params["x"]) - (params["z"] - 0.3) ** 2,
    }


def go_on(opt, n):
    for _ in range(n):
        trial = opt.ask()
        opt.tell(trial, measure(trial.params))
    return opt


def start(path, **options):
    return bo.Optimizer(SPACE, objectives=BOTH, seed=3, storage=path, **options)


def test_a_run_that_is_reopened_goes_on_to_the_bit(tmp_path):
    whole = go_on(bo.Optimizer(SPACE, objectives=BOTH, seed=3), 12)
    path = tmp_path / "run.db"
    for n in (3, 4, 1, 4):
        opt = start(path) if not path.exists() else bo.Optimizer.reopen(path)
        go_on(opt, n)
        opt.close()
    again = bo.Optimizer.reopen(path)
    assert [t.params for t in again.trials] == [t.params for t in whole.trials]
    assert [t.values for t in again.trials] == [t.values for t in whole.trials]
    assert again.problem == whole.problem
    mine, theirs = again.result(), whole.result()
    assert mine.pareto.means.tolist() == theirs.pareto.means.tolist()
    assert mine.hypervolume.values.tolist() == theirs.hypervolume.values.tolist()
    assert mine.hypervolume.reference == theirs.hypervolume.reference
    again.close()


def test_other_objectives_are_refused_and_other_thresholds_taken(tmp_path):
    path = tmp_path / "run.db"
    go_on(start(path, thresholds={"error": 0.8}), 3).close()
    with pytest.raises(ValueError, match="the stored run has objectives="):
        bo.Optimizer(SPACE, storage=path)
    with pytest.raises(ValueError, match="the stored run has objectives="):
        bo.Optimizer(SPACE, objectives={**BOTH, "error": "maximize"}, storage=path)
    bo.Optimizer.reopen(path, thresholds={"speed": 0.1}).close()
    opt = bo.Optimizer.reopen(path)
    assert [o.threshold for o in opt.problem.objectives] == [None, 0.1]
    assert opt.result().hypervolume.reference["speed"] == 0.1
    opt.close()
    one = tmp_path / "one.db"
    bo.Optimizer(SPACE, storage=one).close()
    with pytest.raises(
        ValueError, match="the stored run has direction='minimize'; got objectives"
    ):
        bo.Optimizer(SPACE, objectives=BOTH, storage=one)


@pytest.mark.parametrize(
    "change",
    [
        lambda body: body | {"objectives": {"error": 0.1}},
        lambda body: {k: v for k, v in body.items() if k != "objectives"} | {"value": 1.0},
        lambda body: body | {"objectives": {"error": 0.1, "speed": "1"}},
        lambda body: body | {"objectives": [1.0, 2.0]},
        lambda body: body | {"value": 1.0},
    ],
)
def test_a_damaged_result_is_found(tmp_path, change):
    from bayesopt.optimizer.event_log import EventLog
    from bayesopt.storage import MemoryStorage

    opt = go_on(bo.Optimizer(SPACE, objectives=BOTH, seed=3), 2)
    events = MemoryStorage()
    for _, record in opt.storage.read():
        record = {k: v for k, v in record.items() if k != "time"}
        events.append(change(record) if record["kind"] == "told" else record)
    with pytest.raises(StorageError, match="told"):
        EventLog(events, SPACE, lease=None, retries=2)


@pytest.mark.parametrize(
    "objectives",
    [
        None,
        [],
        ["error"],
        [{"name": "error", "direction": "minimize"}],
        [{"name": "error", "direction": "up"}, {"name": "speed", "direction": "maximize"}],
        [{"name": "error", "direction": "minimize"}] * 2,
        [
            {"name": "error", "direction": "minimize", "threshold": "x"},
            {"name": "s", "direction": "maximize"},
        ],
    ],
)
def test_a_damaged_beginning_is_found(objectives):
    from bayesopt.optimizer import find_run
    from bayesopt.storage import MemoryStorage

    opt = bo.Optimizer(SPACE, objectives=BOTH, seed=3)
    (_, record), *_ = opt.storage.read()
    events = MemoryStorage()
    body = {k: v for k, v in record.items() if k not in ("time", "objectives")}
    events.append(body if objectives is None else {**body, "objectives": objectives})
    with pytest.raises(StorageError, match="started"):
        find_run(events)


KILLED = """
import os, signal, sys
import bayesopt as bo
space = {"x": bo.Float(0.0, 1.0), "z": bo.Float(0.0, 1.0)}
def f(p):
    if os.path.exists(sys.argv[2]) is False and p is not None:
        with open(sys.argv[3], "a") as log:
            log.write("x")
        if os.path.getsize(sys.argv[3]) == 7:
            os.kill(os.getpid(), signal.SIGKILL)
    return p["x"] + (p["z"] - 0.5) ** 2, p["x"] ** 0.5 - (p["z"] - 0.3) ** 2
bo.minimize(f, space, objectives={"error": "minimize", "speed": "maximize"}, n_trials=10,
            seed=3, storage=sys.argv[1], progress=False)
"""


@pytest.mark.slow
def test_a_run_that_was_killed_ends_as_one_that_was_not(tmp_path):
    script = tmp_path / "run.py"
    script.write_text(KILLED)
    args = [str(tmp_path / name) for name in ("run.db", "never", "log")]
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1"}
    first = subprocess.run([sys.executable, str(script), *args], env=environment, check=False)
    assert first.returncode == -signal.SIGKILL
    subprocess.run([sys.executable, str(script), *args], env=environment, check=True)
    whole = bo.Optimizer(SPACE, objectives=BOTH, seed=3)
    for _ in range(10):
        trial = whole.ask()
        p = trial.params
        whole.tell(trial, (p["x"] + (p["z"] - 0.5) ** 2, p["x"] ** 0.5 - (p["z"] - 0.3) ** 2))
    again = bo.Optimizer.reopen(args[0])
    assert [t.params for t in again.trials] == [t.params for t in whole.trials]
    assert [t.values for t in again.trials] == [t.values for t in whole.trials]
    again.close()


def test_a_file_says_what_its_objectives_are(tmp_path):
    path = tmp_path / "run.db"
    go_on(start(path, thresholds={"speed": 0.5}), 1).close()
    db = sqlite3.connect(path)
    bodies = (
        [json.loads(row[0]) for row in db.execute("select body from events order by 1")]
        if ("body" in {c[1] for c in db.execute("pragma table_info(events)")})
        else []
    )
    db.close()
    started = [b for b in bodies if "objectives" in b and "space" in b]
    if bodies:
        assert started[0]["objectives"] == [
            {"name": "error", "direction": "minimize"},
            {"name": "speed", "direction": "maximize", "threshold": 0.5},
        ]
