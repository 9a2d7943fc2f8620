"""Batches that share values, and points of which only a part is put in line."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import bayesopt as bo
from bayesopt.storage import StorageError
from tests.optimizer.running import MIXED, QUICK, mixed_value, optimizer, run

SPACE = bo.Space(
    heat=bo.Float(20.0, 120.0),
    kind=bo.Categorical(["tree", "net"]),
    depth=bo.Int(1, 9, when={"kind": "tree"}),
    x=bo.Float(0.0, 1.0),
)


@settings(max_examples=12, deadline=None)
@given(
    st.integers(0, 99),
    st.lists(st.sampled_from(["heat", "kind", "depth"]), min_size=1, max_size=3, unique=True),
    st.integers(0, 8),
)
def test_a_batch_shares_what_it_is_to_share(seed, same, told):
    opt = bo.Optimizer(SPACE, seed=seed, proposer=QUICK)
    for trial in opt.ask_batch(told) if told else ():
        opt.tell(trial, trial.params["x"] + trial.params["heat"])
    batch = opt.ask_batch(4, same=same)
    assert len(batch) == 4
    for name in same:
        assert len({repr(t.params.get(name, "inactive")) for t in batch}) == 1
    assert len({repr(t.params) for t in batch}) == 4


def test_a_shared_value_joins_those_that_are_fixed():
    opt = bo.Optimizer(SPACE, seed=0, proposer=QUICK)
    batch = opt.ask_batch(3, same=["heat"], fixed={"kind": "tree", "depth": 3})
    assert {(t.params["kind"], t.params["depth"]) for t in batch} == {("tree", 3)}
    assert len({t.params["heat"] for t in batch}) == 1
    assert len({t.params["x"] for t in batch}) == 3


def test_a_batch_ends_where_what_is_shared_leaves_no_point():
    opt = bo.Optimizer({"a": bo.Int(0, 2), "b": bo.Int(0, 2)}, seed=0, proposer=QUICK)
    batch = opt.ask_batch(8, same=["a"])
    assert len(batch) == 3
    assert len({t.params["a"] for t in batch}) == 1


@pytest.mark.parametrize(
    ("same", "words"),
    [
        (["heta"], "same: unknown parameter 'heta'; did you mean 'heat'"),
        ("heat", "same must be a list of names of parameters"),
        ([], "same must be a list of names"),
        (["x", "x"], "listed twice"),
    ],
)
def test_what_cannot_be_shared_is_refused(same, words):
    opt = bo.Optimizer(SPACE, seed=0)
    with pytest.raises((TypeError, ValueError), match=words):
        opt.ask_batch(2, same=same)
    assert opt.trials == ()


def test_the_rest_of_a_part_of_a_point_is_proposed():
    opt = optimizer()
    run(opt, mixed_value, 10)
    opt.enqueue([{"x": 1.25}, {"kind": "b"}])
    first, second, third = opt.ask(), opt.ask(), opt.ask()
    assert (first.origin, first.params["x"]) == (bo.Origin.ENQUEUED, 1.25)
    assert (second.origin, second.params["kind"]) == (bo.Origin.ENQUEUED, "b")
    assert third.origin is not bo.Origin.ENQUEUED
    for trial in (first, second, third):
        MIXED.validate(trial.params)


@pytest.mark.parametrize(
    ("part", "words"),
    [
        ({}, "missing from the point"),
        ({"depth": 3, "kind": "net"}, "inactive"),
        ({"heat": 500.0}, "heat: expected a value in"),
        ({"haet": 50.0}, "unknown parameter 'haet'"),
    ],
)
def test_what_is_part_of_no_point_is_refused(part, words):
    opt = bo.Optimizer(SPACE, seed=0)
    with pytest.raises(ValueError, match=words):
        opt.enqueue([{"x": 0.5}, part])
    assert opt.ask().origin is bo.Origin.INITIAL


def test_a_part_with_no_open_point_is_a_point_that_was_evaluated():
    opt = bo.Optimizer({"a": bo.Int(0, 1), "b": bo.Int(0, 1)}, seed=0, proposer=QUICK)
    for trial in opt.ask_batch(4):
        opt.tell(trial, trial.params["a"])
    opt.enqueue({"a": 1})
    again = opt.ask()
    assert (again.origin, again.params["a"]) == (bo.Origin.ENQUEUED, 1)


def test_a_part_that_no_constraint_allows_waits_and_the_log_says_so(caplog):
    space = bo.Space(
        a=bo.Int(0, 9), b=bo.Int(0, 9), constraints=[bo.LinearConstraint({"a": 1}, upper=4)]
    )
    opt = bo.Optimizer(space, seed=0, proposer=QUICK)
    opt.enqueue({"a": 9})
    assert opt.ask().params["a"] <= 4
    assert "{'a': 9}" in caplog.text


def test_parts_in_line_are_kept_with_the_run(tmp_path):
    path = tmp_path / "run.db"
    opt = bo.Optimizer(SPACE, seed=0, storage=path)
    opt.enqueue([{"kind": "tree", "heat": 30.0}, {"heat": 40.0}])
    opt.close()
    opt = bo.Optimizer.reopen(path)
    assert opt.ask().params["heat"] == 30.0
    opt.close()
    opt = bo.Optimizer.reopen(path)
    assert opt.trials[0].params["kind"] == "tree"
    assert opt.ask().params["heat"] == 40.0
    assert opt.ask().origin is bo.Origin.INITIAL
    opt.close()


@pytest.mark.parametrize(
    ("row", "only"),
    [([7.0, None, None, None], ["heat"]), ([50.0, None, None, None], ["hat"]), ([50.0], ["heat"])],
)
def test_a_stored_part_of_no_point_is_a_damaged_file(tmp_path, row, only):
    path = tmp_path / "run.db"
    with bo.SQLiteStorage(path) as storage:
        bo.Optimizer(SPACE, seed=0, storage=storage)
        storage.append({"kind": "enqueued", "row": row, "only": only})
        with pytest.raises(StorageError, match="damaged"):
            bo.Optimizer.reopen(storage)
