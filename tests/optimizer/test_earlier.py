"""Points to begin with from earlier runs."""

import pytest

import bayesopt as bo
from tests.optimizer.running import MIXED, mixed_value, optimizer, run


def test_the_default_comes_first_then_the_best_that_differ():
    opt = optimizer()
    run(opt, mixed_value, 14)
    points = bo.earlier_points(MIXED, opt, n=3)
    assert len(points) == 4
    default = MIXED.decode(MIXED.to_rows(MIXED.default_coords()[None])[0])
    assert points[0] == default
    told = {repr(t.params): t.value for t in opt.trials}
    assert points[1] == opt.best.params or points[0] == opt.best.params
    assert all(repr(p) in told for p in points[1:])
    begun = optimizer(start=points)
    assert [begun.ask().params for _ in points] == points


def test_runs_take_turns_whatever_their_form(tmp_path):
    path = tmp_path / "old.db"
    space = {"x": bo.Float(0, 1)}
    bo.minimize(lambda p: (p["x"] - 0.1) ** 2, space, n_trials=8, seed=1, storage=path)
    other = bo.maximize(lambda p: -((p["x"] - 0.9) ** 2), space, n_trials=8, seed=1)
    points = bo.earlier_points(space, [path, other], n=2)
    assert points[0] == {"x": 0.5}
    assert abs(points[1]["x"] - 0.1) < 0.15
    assert abs(points[2]["x"] - 0.9) < 0.15
    assert bo.earlier_points(space, str(path), n=0) == [{"x": 0.5}]


def test_spaces_may_differ():
    old = bo.minimize(
        lambda p: (p["x"] - 0.7) ** 2,
        {"x": bo.Float(0, 1), "gone": bo.Int(1, 3)},
        n_trials=8,
        seed=1,
    )
    space = bo.Space(
        x=bo.Float(0, 0.75),
        new=bo.Float(0, 1, default=0.25),
        epochs=bo.Int(1, 9, role="fidelity"),
        h=bo.Float(0, 1, role="context"),
    )
    points = bo.earlier_points(space, old)
    assert len(points) > 1
    assert all(p["new"] == 0.25 and p["epochs"] == 9 and "h" not in p for p in points)
    assert all(p["x"] <= 0.75 for p in points)
    opt = bo.Optimizer(space, seed=0, start=points)
    assert opt.ask(context={"h": 0.5}).params == {**points[0], "h": 0.5}


def test_what_is_no_run_is_refused(tmp_path):
    with pytest.raises(TypeError, match="an earlier run must be a Result"):
        bo.earlier_points(MIXED, [3])
    with pytest.raises(FileNotFoundError, match="holds no earlier run"):
        bo.earlier_points(MIXED, tmp_path / "no.db")
