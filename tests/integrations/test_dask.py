"""Evaluation on a Dask cluster of worker processes, some of which are killed."""

from __future__ import annotations

import os
import signal
import sys
import textwrap
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import bayesopt as bo
from bayesopt.trial import TrialState

distributed = pytest.importorskip("distributed")
dask = pytest.importorskip("dask")

# what the cluster's own machinery says while workers come and go is not this project's
pytestmark = [pytest.mark.filterwarnings("ignore"), pytest.mark.slow]

SPACE = bo.Space(x=bo.Float(-1, 1), k=bo.Int(1, 4))

OBJECTIVES = """
import os, signal, time

def bowl(params):
    time.sleep(0.05)
    return params["x"] ** 2 + params["k"]

def hangs_once(params):
    try:  # one call makes the file, however many begin at the same moment
        open(__file__ + ".called", "x").close()
    except FileExistsError:
        return bowl(params)
    time.sleep(3600)

def hangs(params):
    time.sleep(3600)

def warm():
    import bayesopt.minimize.evaluate

def deadly(params):
    if params["k"] == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return bowl(params)
"""


@pytest.fixture
def objectives(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A module that the workers can import, as they can a user's own."""
    (tmp_path / "objectives_for_dask.py").write_text(textwrap.dedent(OBJECTIVES))
    monkeypatch.syspath_prepend(tmp_path)
    root = Path(bo.__file__).parents[1]
    paths = os.pathsep.join([str(tmp_path), str(root), str(root / "kernels")])
    monkeypatch.setenv("PYTHONPATH", paths)
    import objectives_for_dask

    yield objectives_for_dask
    del sys.modules["objectives_for_dask"]


@pytest.fixture
def cluster(objectives: Any) -> Iterator[Any]:
    settings = {
        "distributed.scheduler.allowed-failures": 0,  # a death is told at once
        "distributed.worker.daemon": True,
    }
    with (
        dask.config.set(settings),
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
        ) as cluster,
    ):
        yield cluster


@pytest.fixture
def client(cluster: Any) -> Iterator[Any]:
    with distributed.Client(cluster) as client:
        yield client


def run(client: Any, objective: Any, *, n_workers: int = 2, **more: Any) -> bo.Result:
    return bo.minimize(
        objective, SPACE, seed=0, proposer=bo.RandomSearch(),
        executor=client.get_executor(pure=False), n_workers=n_workers, **more,
    )  # fmt: skip


def states(result: bo.Result) -> set[str]:
    return {t.state.name for t in result.trials}


def test_a_worker_killed_in_the_middle(client: Any, objectives: Any, tmp_path: Path) -> None:
    def kill_one(optimizer: bo.Optimizer, trial: bo.Trial) -> None:
        if trial.number == 5:
            victim = next(iter(client.run(os.getpid).values()))
            os.kill(victim, signal.SIGKILL)

    path = tmp_path / "run.db"
    result = run(client, objectives.bowl, n_trials=14, callbacks=[kill_one], storage=path)
    assert result.stop is bo.Stop.N_TRIALS
    assert [t.state for t in result.trials] == [TrialState.COMPLETE] * 14
    assert all(t.value == t.params["x"] ** 2 + t.params["k"] for t in result.trials)
    assert bo.Optimizer.reopen(path).trials == result.trials


def test_only_points_that_kill_their_worker_fail(client: Any, objectives: Any) -> None:
    result = run(client, objectives.deadly, n_trials=8)
    for trial in result.trials:
        deadly = trial.params["k"] == 3
        assert trial.state is (TrialState.FAILED if deadly else TrialState.COMPLETE)
        assert not deadly or "KilledWorker" in str(trial.error)
    assert any(t.state is TrialState.FAILED for t in result.trials)


def scale_at(cluster: Any, number: int, *sizes: int) -> Any:
    """A callback that scales the cluster once the trial is through, and again 3 s later."""

    def scale(optimizer: bo.Optimizer, trial: bo.Trial) -> None:
        if trial.number == number:
            cluster.scale(sizes[0])
            for later in sizes[1:]:
                threading.Timer(3.0, cluster.scale, [later]).start()

    return scale


def test_a_cluster_without_workers_ends_the_run(
    client: Any, cluster: Any, objectives: Any, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "run.db"
    result = run(
        client, objectives.bowl, n_trials=500, storage=path, worker_timeout=3.0,
        callbacks=[scale_at(cluster, 5, 0)],
    )  # fmt: skip
    assert result.stop is bo.Stop.WORKERS
    assert states(result) == {"COMPLETE", "ABANDONED"}
    lost = [t for t in result.trials if t.state is TrialState.ABANDONED]
    assert any("no worker is left; waited" in str(t.error) for t in lost)
    assert "the run ends with what there is" in caplog.text
    # the lost ones are handed out again when the run goes on elsewhere
    opt = bo.Optimizer.reopen(path)
    assert {opt.ask().number for _ in lost} == {t.number for t in lost}
    opt.close()


def test_workers_that_come_back_go_on(client: Any, cluster: Any, objectives: Any) -> None:
    result = run(
        client, objectives.bowl, n_trials=16, worker_timeout=300.0, trial_timeout=120.0,
        callbacks=[scale_at(cluster, 5, 0, 1)],
    )  # fmt: skip
    assert result.stop is bo.Stop.N_TRIALS
    assert states(result) == {"COMPLETE"}


def test_a_lost_scheduler_ends_the_run(client: Any, cluster: Any, objectives: Any) -> None:
    def close(optimizer: bo.Optimizer, trial: bo.Trial) -> None:
        if trial.number == 5:
            cluster.close()

    result = run(
        client, objectives.bowl, n_trials=500, worker_timeout=3.0, callbacks=[close]
    )  # fmt: skip
    assert result.stop is bo.Stop.WORKERS
    assert "COMPLETE" in states(result) <= {"COMPLETE", "ABANDONED"}


def test_only_what_hangs_is_timed_out(client: Any, objectives: Any) -> None:
    # four in flight for two workers: the time of those that queue does not run
    client.run(objectives.warm)  # but that of a worker's imports does
    result = run(client, objectives.hangs_once, n_workers=4, n_trials=12, trial_timeout=15.0)
    assert result.stop is bo.Stop.N_TRIALS
    failed = [t for t in result.trials if t.state is TrialState.FAILED]
    assert [t.error for t in failed] == ["timeout: no result after 15 s"]
    assert sum(t.state is TrialState.COMPLETE for t in result.trials) == 11


def test_workers_that_all_hang_end_the_run(client: Any, objectives: Any) -> None:
    result = run(
        client, objectives.hangs, n_workers=4, n_trials=12, trial_timeout=1.0, worker_timeout=2.0
    )
    assert result.stop is bo.Stop.WORKERS
    # which two hang is the scheduler's affair: it may have sent one ahead to wait behind another
    hung = [t for t in result.trials if t.state is TrialState.FAILED]
    others = [t for t in result.trials if t.state is TrialState.ABANDONED]
    assert (len(hung), len(hung) + len(others)) == (2, len(result.trials))
    assert all(t.error == "timeout: no result after 1 s" for t in hung)
    assert all(
        "all workers hang" in str(t.error) or "behind another trial" in str(t.error)
        for t in others
    )
