"""A run goes on in another space: what was known is known there, under the same numbers."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import bayesopt as bo
from bayesopt.optimizer.history_data import run_data
from bayesopt.storage import MemoryStorage
from bayesopt.trial import TrialState

SPACE = bo.Space(
    t=bo.Float(20.0, 100.0),
    n=bo.Int(1, 9),
    kind=bo.Categorical(["a", "b"]),
    depth=bo.Int(1, 4, when={"kind": "a"}),
)


def space(**changes):
    parameters = {**SPACE.parameters, **changes}
    return bo.Space({k: p for k, p in parameters.items() if p is not None})


def begun(**options):
    return bo.Optimizer(
        SPACE, seed=0, proposer=bo.RandomSearch(), storage=MemoryStorage(), **options
    )


def lived(steps):
    """A run with trials of every state."""
    opt = begun(outcome_constraints={"c": "<= 0.5"})
    opt.enqueue({"t": 30.0, "n": 2, "kind": "b"})
    for n, step in enumerate(steps):
        trial = opt.ask()
        if step == "tell":
            opt.tell(trial, {"value": float(n), "c": 0.1 * n})
        elif step == "as_run":
            opt.tell(trial, float(n), as_run={"t": 150.0, "n": 3, "kind": "b"})
        elif step == "fail":
            opt.tell_failure(trial, "spilled")
        elif step == "abandon":
            opt.abandon(trial, "lost", retry=False)
        elif step == "retract":
            opt.retract(opt.tell(trial, 1.0), "wrong")
        elif step == "correct":
            opt.correct(opt.tell(trial, 1.0), {"value": 2.0, "c": 0.3})
        elif step == "stop":
            opt.report(trial, 3.0, 1)
            opt.tell_stopped(trial, "bad")
    opt.add_observation({"t": 90.0, "n": 9, "kind": "a", "depth": 4}, 7.0)
    opt.enqueue({"t": 95.0, "n": 2, "kind": "b"})
    return opt


STEPS = ["tell", "as_run", "fail", "abandon", "retract", "correct", "stop", "pend"]


def described(opt):
    return [(t.state, t.outcome, t.params, t.asked, t.error, t.curve, t.start) for t in opt.trials]


@settings(max_examples=25, deadline=None)
@given(st.lists(st.sampled_from(STEPS), max_size=8))
def test_the_same_space_is_the_same_run(steps):
    opt = lived(steps)
    again = opt.with_space(SPACE)
    assert described(again) == described(opt)
    assert [t.origin for t in again.trials] == [t.origin for t in opt.trials]
    one, two = (run_data(o._history, o.problem) for o in (opt, again))
    np.testing.assert_array_equal(one.coords, two.coords)
    assert again.outcome_constraints == opt.outcome_constraints
    assert again.ask().params == opt.ask().params  # also the queue


@settings(max_examples=25, deadline=None)
@given(st.lists(st.sampled_from(STEPS), max_size=8))
def test_there_and_back_is_the_same_run(steps):
    """A wider space, with a level and a parameter more, and back."""
    opt = lived(steps)
    wide = space(t=bo.Float(0.0, 200.0), kind=bo.Categorical(["c", "b", "a"]), stir=bo.Boolean())
    there = opt.with_space(wide, added={"stir": True})
    assert all(t.params["stir"] is True for t in there.trials)
    assert {t.fate for t in opt.migration(wide, added={"stir": True}).trials} <= {"kept"}
    back = there.with_space(SPACE)
    assert described(back) == described(opt)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.sampled_from(STEPS), max_size=8))
def test_a_narrower_space_keeps_what_was_learned(steps):
    opt = lived(steps)
    narrow = space(t=bo.Float(40.0, 80.0))
    fates = opt.migration(narrow)
    new = opt.with_space(narrow)
    assert len(new.trials) == len(opt.trials)
    for trial, old, fate in zip(new.trials, opt.trials, fates.trials, strict=True):
        inside = 40.0 <= (old.asked or old.params)["t"] <= 80.0
        assert fate.fate == ("kept" if inside else "outside")
        assert trial.params == old.params
        assert trial.outcome == old.outcome
        if old.state in (TrialState.COMPLETE, TrialState.FAILED) or inside:
            assert trial.state == old.state
        else:
            assert trial.state is TrialState.RETRACTED
    if new.best is not None:
        assert 40.0 <= new.best.params["t"] <= 80.0
    assert 40.0 <= new.ask().params["t"] <= 80.0
    again = bo.Optimizer(narrow, storage=new.storage)
    assert again.trials == new.trials


def test_a_parameter_is_dropped_at_a_constant():
    opt = begun()
    for n in (3, 3, 5):
        opt.add_observation({"t": 50.0, "n": n, "kind": "b"}, float(n))
    smaller = space(n=None)
    with pytest.raises(ValueError, match=r"'n', of which the trials have several.*--drop n=VALUE"):
        opt.with_space(smaller)
    with pytest.raises(ValueError, match=r"trial 2: it had n=5, not 3"):
        opt.with_space(smaller, dropped={"n": 3})
    new = opt.with_space(smaller, dropped={"n": 3}, leave_out=True)
    assert [t.value for t in new.trials] == [3.0, 3.0]
    new = opt.with_space(smaller, dropped={"n": 5}, leave_out=True)
    assert [(t.number, t.value) for t in new.trials] == [(0, 5.0)]
    (event,) = [r for _, r in new.storage.read(kinds=("migrated",))]
    assert event["numbers"] == [2]
    assert "n: dropped, held at 5" in event["changes"]


def test_a_constant_takes_the_place_of_a_parameter():
    opt = begun()
    opt.add_observation({"t": 50.0, "n": 3, "kind": "b"}, 3.0)
    new = opt.with_space(space(n=bo.Constant(3)))
    assert dict(new.trials[0].params) == {"t": 50.0, "n": 3, "kind": "b"}


@pytest.mark.parametrize(
    ("changes", "options", "reason"),
    [
        ({"stir": bo.Boolean()}, {}, "--added stir=VALUE"),
        ({"stir": bo.Boolean()}, {"added": {"stri": True}}, "did you mean 'stir'"),
        ({"stir": bo.Boolean()}, {"added": {"stir": 7}}, "added 'stir'"),
        ({"n": None}, {"dropped": {"n": 77}}, "dropped 'n'"),
        ({}, {"dropped": {"n": 3}}, "there are: none"),
        ({"kind": bo.Categorical(["a", "c"])}, {}, "trial 0: .*'b'"),
    ],
)
def test_what_cannot_be_taken_along(changes, options, reason):
    opt = begun()
    opt.add_observation({"t": 50.0, "n": 3, "kind": "b"}, 3.0)
    with pytest.raises(ValueError, match=reason):
        opt.with_space(space(**changes), **options)


def test_derivatives_of_a_dropped_parameter_go():
    plane = {"x": bo.Float(0, 1), "y": bo.Float(0, 1)}
    opt = bo.Optimizer(plane, seed=0)
    opt.add_observation({"x": 0.5, "y": 0.5}, {"value": 1.0, "gradient": {"x": 1.0, "y": 2.0}})
    new = opt.with_space({"x": bo.Float(0, 1)})
    assert new.trials[0].outcome.gradients == {"value": {"x": 1.0}}
    new.predict({"x": 0.5})


def test_a_file_in_a_new_file(tmp_path):
    opt = bo.Optimizer(SPACE, seed=0, storage=tmp_path / "a.db")
    opt.tell(opt.ask(), 1.0)
    opt.close()
    before = (tmp_path / "a.db").read_bytes()
    wide = space(t=bo.Float(0.0, 200.0))
    new = bo.migrate(tmp_path / "a.db", wide, tmp_path / "b.db")
    assert new.trials[0].value == 1.0
    new.close()
    assert (tmp_path / "a.db").read_bytes() == before
    again = bo.Optimizer.reopen(tmp_path / "b.db")
    assert again.space == wide
    again.close()
    with pytest.raises(FileExistsError):
        bo.migrate(tmp_path / "a.db", wide, tmp_path / "b.db")
    with pytest.raises(FileNotFoundError):
        bo.migrate(tmp_path / "c.db", wide, tmp_path / "d.db")


def test_part_of_a_point_in_line_stays_in_line():
    opt = begun()
    opt.enqueue([{"n": 7}, {"kind": "b", "t": 30.0}])
    new = opt.with_space(space(t=bo.Float(40.0, 80.0)))
    assert new.ask().params["n"] == 7  # the other is part of no point of the narrower space
    again = opt.with_space(SPACE)
    assert again.ask().params["n"] == 7
    assert again.ask().params["t"] == 30.0
