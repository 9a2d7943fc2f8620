"""Evaluation on a Dask cluster of worker processes, some of which are killed."""

from __future__ import annotations

import os
import signal
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import bayesopt as bo
from bayesopt.trial import TrialState

distributed = pytest.importorskip("distributed")
dask = pytest.importorskip("dask")

# what the cluster's own machinery says while workers come and go is not this project's
pytestmark = pytest.mark.filterwarnings("ignore")

SPACE = bo.Space(x=bo.Float(-1, 1), k=bo.Int(1, 4))

OBJECTIVES = """
import os, signal, time

def bowl(params):
    time.sleep(0.05)
    return params["x"] ** 2 + params["k"]

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
def client(objectives: Any) -> Iterator[Any]:
    settings = {
        "distributed.scheduler.allowed-failures": 0,  # a death is told at once
        "distributed.worker.daemon": True,
    }
    with (
        dask.config.set(settings),
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        yield client


def run(client: Any, objective: Any, **more: Any) -> bo.Result:
    return bo.minimize(
        objective, SPACE, seed=0, proposer=bo.RandomSearch(),
        executor=client.get_executor(pure=False), n_workers=2, **more,
    )  # fmt: skip


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
