"""Points to begin with."""

import pytest

import bayesopt as bo

SPACE = bo.Space(x=bo.Float(0, 1), kind=bo.Categorical(["a", "b"]))
FIRST, SECOND = {"x": 0.125, "kind": "a"}, {"x": 0.75, "kind": "b"}


def points(trials):
    return [dict(trial.params) for trial in trials]


@pytest.mark.parametrize(
    ("start", "first"), [(FIRST, [FIRST]), ([SECOND, FIRST], [SECOND, FIRST])]
)
def test_they_are_asked_first(start, first):
    opt = bo.Optimizer(SPACE, seed=0, start=start)
    queued = bo.Optimizer(SPACE, seed=0)
    queued.enqueue(start)
    asked = [opt.ask() for _ in range(5)]
    assert points(asked)[: len(first)] == first
    assert asked == [queued.ask() for _ in range(5)]


def test_minimize_begins_with_them_and_goes_on():
    result = bo.minimize(lambda p: p["x"], SPACE, n_trials=6, seed=0, start=[FIRST, SECOND])
    assert points(result.trials)[:2] == [FIRST, SECOND]
    assert result.trials[0].origin is bo.Origin.ENQUEUED
    assert len(result.trials) == 6


def test_the_same_script_started_again_asks_them_once(tmp_path):
    path = tmp_path / "run.db"
    for n in (0, 1, 2, 3):
        opt = bo.Optimizer(SPACE, seed=0, start=[FIRST, SECOND], storage=path)
        assert len(opt.trials) == n
        opt.tell(opt.ask(), 1.0)
        opt.close()
    opt = bo.Optimizer.reopen(path)
    assert points(opt.trials)[:2] == [FIRST, SECOND]
    assert FIRST not in points(opt.trials)[2:]
    assert [t.origin for t in opt.trials].count(bo.Origin.ENQUEUED) == 2


@pytest.mark.parametrize("start", [{"x": 2.0, "kind": "a"}, [FIRST, {"x": 0.5}], 3, "x"])
def test_what_is_no_point_is_refused_before_a_file_is_made(start, tmp_path):
    with pytest.raises((TypeError, ValueError)):
        bo.Optimizer(SPACE, start=start, storage=tmp_path / "run.db")
    assert not (tmp_path / "run.db").exists()
