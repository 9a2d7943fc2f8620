"""Copies of an optimizer go on as it does; a file is not copied with it."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import bayesopt as bo
from bayesopt.integrations.bayes_opt import BayesianOptimization

from .running import MIXED, events, mixed_value, optimizer, run

Copy = Callable[[Any], Any]
COPIES: dict[str, Copy] = {
    "pickle": lambda thing: pickle.loads(pickle.dumps(thing)),
    "deepcopy": copy.deepcopy,
    "copy": copy.copy,
}


@pytest.mark.parametrize("name", COPIES)
def test_a_copy_goes_on_to_the_bit(name: str) -> None:
    opt = optimizer(acquisition=bo.UCB(beta=1.5), n_trials=30, direction="maximize", retries=0)
    opt.add_observation({"x": 9.0, "rate": 0.5, "k": 2, "kind": "b"}, 3.0, outside=True)
    run(opt, mixed_value, 8)
    opt.enqueue({"x": 0.0, "rate": 0.5, "k": 2, "kind": "b"})
    waiting = opt.ask()
    other = COPIES[name](opt)
    assert other.trials == opt.trials
    assert (other.config, other.problem) == (opt.config, opt.problem)
    assert other.tell(waiting, 2.0) == opt.tell(waiting, 2.0)
    assert run(other, mixed_value, 3) == run(opt, mixed_value, 3)
    other.ask()
    assert len(other.trials) == len(opt.trials) + 1  # they are two runs
    assert [e["kind"] for e in events(other)][:-1] == [e["kind"] for e in events(opt)]


def test_a_run_in_a_file_says_how_to_share_it(tmp_path: Path) -> None:
    path = tmp_path / "run.db"
    opt = bo.Optimizer(MIXED, storage=path)
    for how in COPIES.values():
        for thing in (opt, opt.storage):
            with pytest.raises(TypeError, match=r"cannot be copied or pickled.*reopen\(.*run\.db"):
                how(thing)
    opt.close()


def objective(x: float) -> float:
    return -((x - 0.5) ** 2)


@pytest.mark.parametrize("name", ["pickle", "deepcopy"])
def test_the_facade_of_bayes_opt(name: str) -> None:
    one = BayesianOptimization(objective, {"x": (-1, 1)}, verbose=0, random_state=0)
    one.maximize(2, 2)
    other = COPIES[name](one)
    for each in (one, other):
        each.maximize(0, 2)
    assert other.res == one.res
