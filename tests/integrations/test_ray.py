"""Evaluation as Ray tasks, one of whose processes dies."""

from __future__ import annotations

import os
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import bayesopt as bo
from bayesopt.trial import TrialState

ray = pytest.importorskip("ray")

pytestmark = pytest.mark.filterwarnings("ignore")

SPACE = bo.Space(x=bo.Float(-1, 1), k=bo.Int(1, 4))

OBJECTIVES = """
import os, signal, time

def bowl(params):
    return params["x"] ** 2 + params["k"]

def deadly(params):
    if params["k"] == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return bowl(params)

def hangs_once(params):
    try:  # one call makes the file, however many begin at the same moment
        open(__file__ + ".called", "x").close()
    except FileExistsError:
        return bowl(params)
    time.sleep(3600)

def raises(params):
    raise LookupError("in a task")
"""


@pytest.fixture(scope="module")
def objectives(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    folder = tmp_path_factory.mktemp("ray")
    (folder / "objectives_for_ray.py").write_text(textwrap.dedent(OBJECTIVES))
    root = Path(bo.__file__).parents[1]
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(folder)
        paths = os.pathsep.join([str(folder), str(root), str(root / "kernels")])
        patch.setenv("PYTHONPATH", paths)
        try:
            ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False)
        except Exception as error:
            pytest.skip(f"Ray does not start here: {error}")
        import objectives_for_ray

        yield objectives_for_ray
        ray.shutdown()
        del sys.modules["objectives_for_ray"]


def run(objective: Any, n_trials: int) -> bo.Result:
    from bayesopt.integrations.ray import RayExecutor

    with RayExecutor() as executor:
        return bo.minimize(
            objective, SPACE, seed=0, proposer=bo.RandomSearch(),
            executor=executor, n_trials=n_trials,
        )  # fmt: skip


def test_the_cluster_says_how_many_workers_it_has(objectives: Any) -> None:
    from bayesopt.integrations.ray import RayExecutor
    from bayesopt.minimize.executors import width

    assert width(RayExecutor()) == 2
    assert width(RayExecutor(num_cpus=2)) == 1


def test_points_are_evaluated_by_tasks(objectives: Any) -> None:
    result = run(objectives.bowl, 10)
    assert [t.state for t in result.trials] == [TrialState.COMPLETE] * 10
    assert all(t.value == t.params["x"] ** 2 + t.params["k"] for t in result.trials)


def test_an_exception_is_a_failure(objectives: Any) -> None:
    result = run(objectives.raises, 3)
    assert {t.error for t in result.trials} == {"LookupError: in a task"}


def test_only_points_that_kill_their_worker_fail(objectives: Any) -> None:
    result = run(objectives.deadly, 6)
    for trial in result.trials:
        deadly = trial.params["k"] == 3
        assert trial.state is (TrialState.FAILED if deadly else TrialState.COMPLETE)
    assert any(t.state is TrialState.FAILED for t in result.trials)


def test_a_task_that_hangs_is_stopped(objectives: Any) -> None:
    from bayesopt.integrations.ray import RayExecutor

    with RayExecutor(num_cpus=2) as executor:  # all there are: the next must wait for this one's
        result = bo.minimize(
            objectives.hangs_once, SPACE, seed=0, proposer=bo.RandomSearch(),
            executor=executor, n_trials=4, trial_timeout=15.0,
        )  # fmt: skip
    assert result.trials[0].error == "timeout: no result after 15 s"
    assert TrialState.COMPLETE in {t.state for t in result.trials[1:]}
