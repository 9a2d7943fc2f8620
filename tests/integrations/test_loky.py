"""Evaluation in loky's worker processes, which take functions that plain processes cannot."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

import pytest

import bayesopt as bo
from bayesopt.trial import TrialState

loky = pytest.importorskip("loky")

SPACE = bo.Space(x=bo.Float(-1, 1), k=bo.Int(1, 4))


def test_closures_are_evaluated_and_dead_workers_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = Path(bo.__file__).parents[1]
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(root), str(root / "kernels")]))
    died = str(tmp_path / "died")

    def objective(params: dict[str, Any]) -> float:
        import os
        import pathlib

        if params["k"] == 3 and not pathlib.Path(died).exists():
            pathlib.Path(died).touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return float(params["x"] ** 2 + params["k"])

    def workers() -> Any:
        return loky.get_reusable_executor(max_workers=2)

    # sent by value: the workers cannot import this file
    loky.set_loky_pickler("cloudpickle")
    result = bo.minimize(
        loky.wrap_non_picklable_objects(objective),
        SPACE, n_trials=10, seed=0, proposer=bo.RandomSearch(), executor=workers,
    )  # fmt: skip
    assert Path(died).exists()
    assert [t.state for t in result.trials] == [TrialState.COMPLETE] * 10
    assert all(t.value == t.params["x"] ** 2 + t.params["k"] for t in result.trials)
