"""Runs that earlier ones inform, by ask and tell and from a file."""

import logging

import pytest

import bayesopt as bo
from bayesopt.surrogate import Surrogate
from tests.optimizer.running import QUICK, events

OLD = bo.Space(x=bo.Float(0, 1), kind=bo.Categorical(["a", "b"]), gone=bo.Int(1, 3))
NEW = bo.Space(
    x=bo.Float(0, 2), kind=bo.Categorical(["a", "b", "c"]), new=bo.Float(0, 1, default=0.25)
)


def old_value(p):
    return (p["x"] - 0.7) ** 2 + (p["kind"] == "a") + 0.1 * p["gone"]


def new_value(p):
    return (p["x"] - 0.75) ** 2 + (p["kind"] == "a") + 0.1 * p["new"]


@pytest.fixture(scope="module")
def old_file(tmp_path_factory):
    path = tmp_path_factory.mktemp("earlier") / "old.db"
    options = {"seed": 1, "storage": path, "proposer": QUICK, "progress": False}
    bo.minimize(old_value, OLD, n_trials=14, **options)
    return path


def go_on(opt, n):
    for _ in range(n):
        trial = opt.ask()
        opt.tell(trial, new_value(trial.params))


def test_a_run_begins_with_the_default_and_the_best_then_the_model_knows(old_file):
    opt = bo.Optimizer(NEW, seed=3, proposer=QUICK, earlier=old_file)
    points = bo.earlier_points(NEW, old_file)
    assert len(points) > 2
    go_on(opt, len(points))
    assert [dict(t.params) for t in opt.trials] == points
    go_on(opt, 1)
    assert opt.trials[-1].origin is bo.Origin.MODEL
    weights = opt.result().diagnostics["surrogate"]["earlier_runs"]["weights"]
    assert set(weights) == {"this run", "old.db"}
    assert sum(weights.values()) == pytest.approx(1.0, abs=1e-3)


def test_a_reloaded_run_makes_the_same_trials(old_file, tmp_path):
    """Of the earlier run only what is in the new file is needed: it may be gone."""
    paths = [tmp_path / "one.db", tmp_path / "two.db"]
    for path in paths:
        bo.Optimizer(NEW, seed=3, proposer=QUICK, earlier=[old_file], storage=path).close()
    whole, parts = (bo.Optimizer.reopen(path) for path in paths)
    assert whole.config == parts.config
    go_on(whole, 9)
    for _ in range(3):
        go_on(parts, 3)
        parts.close()
        parts = bo.Optimizer.reopen(paths[1])
    points = [[t.params for t in opt.trials] for opt in (whole, parts)]
    assert points[0] == points[1]
    assert [e.get("state") for e in events(whole)] == [e.get("state") for e in events(parts)]
    whole.close()
    parts.close()


def test_giving_it_again_when_a_run_is_continued_changes_nothing(old_file, tmp_path):
    path = tmp_path / "new.db"
    opt = bo.Optimizer(NEW, seed=3, proposer=QUICK, earlier=[old_file], storage=path)
    go_on(opt, 2)
    before = events(opt)
    opt.close()
    opt = bo.Optimizer(NEW, seed=3, proposer=QUICK, earlier=[old_file], storage=path)
    assert events(opt) == before
    opt.close()


def test_a_maximised_run_is_turned_round():
    space = {"x": bo.Float(0, 1)}
    better = bo.maximize(lambda p: -((p["x"] - 0.2) ** 2), space, n_trials=8, seed=1)
    opt = bo.Optimizer(space, seed=1, earlier=better)
    assert opt.config.surrogate.runs[0].values == tuple(-t.value for t in better.trials)
    assert opt.config.surrogate.runs[0].name == "run 1"


def test_points_that_are_none_of_the_space_are_left_out(old_file, caplog):
    opt = bo.Optimizer({"x": bo.Float(0, 0.5)}, earlier=[old_file, old_file])
    (one, other) = opt.config.surrogate.runs
    assert (one.name, other.name) == ("old.db", "old.db (2)")
    assert one.columns == (0,)
    assert 0 < len(one.values) < 14
    with caplog.at_level(logging.WARNING, logger="bayesopt"):
        opt = bo.Optimizer({"z": bo.Float(0, 1)}, earlier=old_file)
    assert "old.db: no trial is a point of this space" in caplog.text
    assert isinstance(opt.config.surrogate, bo.MapGP)


def test_what_cannot_be_is_refused(tmp_path):
    space = {"x": bo.Float(0, 1)}
    with pytest.raises(FileNotFoundError, match="holds no earlier run"):
        bo.Optimizer(space, earlier=tmp_path / "no.db")
    with pytest.raises(TypeError, match="earlier runs must be results, optimizers or paths"):
        bo.Optimizer(space, earlier=3)
    with pytest.raises(TypeError, match="an earlier run must be a Result"):
        bo.Optimizer(space, earlier=[3])
    two = {"a": "minimize", "b": "minimize"}
    with pytest.raises(ValueError, match="earlier= is for one objective"):
        bo.Optimizer(space, objectives=two, earlier=tmp_path / "no.db")
    result = bo.minimize(lambda p: p["x"], space, n_trials=3, seed=1)
    with pytest.raises(TypeError, match="earlier= needs the default surrogate"):
        bo.Optimizer(space, surrogate=Other(), earlier=result)


class Other(Surrogate):
    def fit(self, columns, data, *, state, rng, previous=None):
        raise AssertionError
