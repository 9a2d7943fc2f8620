"""Tasks: what is known of other problems informs the model of the target."""

import numpy as np
import pytest

import bayesopt as bo
from tests.optimizer.running import QUICK

SPACE = bo.Space(x=bo.Float(0, 1), y=bo.Float(0, 1), reactor=bo.Task(["old", "new"], target="new"))


def value(params):
    moved = 0.05 if params["reactor"] == "new" else 0.0
    offset = 3.0 if params["reactor"] == "old" else 0.0
    return (params["x"] - 0.7 + moved) ** 2 + (params["y"] - 0.2) ** 2 + offset


def with_old_results(seed, n=20, space=SPACE):
    opt = bo.Optimizer(space, seed=seed, proposer=QUICK, deterministic=True)
    rng = np.random.default_rng(seed)
    for x, y in rng.random((n, 2)):
        params = {"x": x, "y": y, "reactor": "old"}
        opt.add_observation(params, value(params))
    return opt


def test_asks_are_at_the_target_and_so_is_the_best():
    opt = with_old_results(0)
    assert opt.best is None
    for _ in range(6):
        trial = opt.ask()
        assert trial.params["reactor"] == "new"
        opt.tell(trial, value(trial.params))
    assert opt.best.params["reactor"] == "new"
    assert opt.recommended.params["reactor"] == "new"
    assert opt.ask(fixed={"reactor": "old"}).params["reactor"] == "old"
    assert opt.best_for().params["reactor"] == "new"


def test_other_tasks_help():
    """After a few asks the target is nearer to its best than without the other task's results."""
    plain = bo.Space(x=bo.Float(0, 1), y=bo.Float(0, 1))
    better = 0
    for seed in range(4):
        opt = with_old_results(seed)
        other = bo.Optimizer(plain, seed=seed, proposer=QUICK, deterministic=True)
        for _ in range(4):
            for one in (opt, other):
                trial = one.ask()
                one.tell(trial, value({"reactor": "new", **trial.params}))
        better += opt.best.value < other.best.value
    assert better >= 3


def test_a_task_is_kept_and_checked(tmp_path):
    assert bo.Space.from_json(SPACE.to_json()) == SPACE
    toml = '[space.x]\ntype = "float"\nlow = 0\nhigh = 1\n[space.t]\ntype = "task"\n'
    space = bo.Space.from_toml(toml + 'choices = ["a", "b"]\ntarget = "b"\n')
    assert space == bo.Space(x=bo.Float(0, 1), t=bo.Task(["a", "b"], target="b"))
    assert (space.task, space.targets, space.n_chosen) == ("t", {"t": "b"}, 1)
    assert repr(bo.Task(["a", "b"], target="b")) == "Task(['a', 'b'], target='b')"
    with pytest.raises(TypeError, match="say which one is to be optimised: target='b'"):
        bo.Task(["a", "b"])
    with pytest.raises(ValueError, match="Task: target: expected one of 'a', 'b'"):
        bo.Task(["a", "b"], target="c")
    with pytest.raises(ValueError, match="one task parameter at most"):
        bo.Space(a=bo.Task([1, 2], target=1), b=bo.Task([1, 2], target=1))
    path = tmp_path / "run.db"
    opt = bo.Optimizer(SPACE, seed=0, storage=path)
    assert opt.ask().params["reactor"] == "new"
    opt.close()
    opt = bo.Optimizer.reopen(path)
    assert opt.space == SPACE
    opt.close()
