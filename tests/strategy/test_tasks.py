"""Tasks: what is known of other problems informs the model of the target."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import bayesopt as bo
from bayesopt.optimizer.task_levels import levelled
from bayesopt.strategy import Measured, Objective
from tests.optimizer.running import QUICK

SPACE = bo.Space(x=bo.Float(0, 1), y=bo.Float(0, 1), reactor=bo.Task(["old", "new"], target="new"))


def value(params, level=3.0):
    moved = 0.05 if params["reactor"] == "new" else 0.0
    offset = level if params["reactor"] == "old" else 0.0
    return (params["x"] - 0.7 + moved) ** 2 + (params["y"] - 0.2) ** 2 + offset


def with_old_results(seed, n=20, space=SPACE, level=3.0):
    opt = bo.Optimizer(space, seed=seed, proposer=QUICK, deterministic=True)
    rng = np.random.default_rng(seed)
    for x, y in rng.random((n, 2)):
        params = {"x": x, "y": y, "reactor": "old"}
        opt.add_observation(params, value(params, level))
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


@pytest.mark.parametrize("level", [0.0, 1000.0])
def test_other_tasks_help(level):
    """After a few asks the target is nearer to its best than without the other task's results."""
    plain = bo.Space(x=bo.Float(0, 1), y=bo.Float(0, 1))
    better = 0
    for seed in range(4):
        opt = with_old_results(seed, level=level)
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


@given(st.integers(0, 10**6), st.floats(-1e6, 1e6), st.integers(0, 6))
def test_a_task_is_moved_to_the_level_of_the_target(seed, level, n_target):
    """Where the tasks differ by a number alone, all values are then those of one function."""
    rng = np.random.default_rng(seed)
    points = rng.random((12, 2))
    old = np.column_stack([points, np.zeros(12)])
    new = np.column_stack([points[:n_target], np.ones(n_target)])
    truth = rng.standard_normal(12)
    values = np.concatenate([truth + level, truth[:n_target]])
    coords = np.concatenate([old, new])
    found = levelled(SPACE, coords, Measured(Objective(), values)).values
    expected = np.concatenate([truth, truth[:n_target]]) + (0.0 if n_target else level)
    np.testing.assert_allclose(found, expected, atol=1e-9 * max(abs(level), 1.0))
    plain = bo.Space(x=bo.Float(0, 1), y=bo.Float(0, 1))
    measured = Measured(Objective(), values)
    assert levelled(plain, coords[:, :2], measured) is measured
