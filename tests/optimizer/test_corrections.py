"""What was told wrongly is put right: the run is then one that was told rightly at once."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import bayesopt as bo
from bayesopt.optimizer.history_data import run_data
from bayesopt.storage import MemoryStorage
from bayesopt.trial import TrialState

SPACE = bo.Space(x=bo.Float(0.0, 1.0), k=bo.Int(0, 3))


def begun(**options):
    return bo.Optimizer(SPACE, seed=0, proposer=bo.RandomSearch(), **options)


def known(opt):
    """All that the model is given, and what is said of the trials."""
    data = run_data(opt._history, opt.problem)
    arrays = [data.coords, data.evaluated, data.failed, data.outside]
    arrays += [column for m in data.measured for column in (m.values, m.sds) if column is not None]
    return arrays, [(t.state, t.outcome, t.params, t.violated, t.feasible) for t in opt.trials]


def assert_same(one, two):
    (arrays, trials), (others, other_trials) = known(one), known(two)
    assert trials == other_trials
    assert len(arrays) == len(others)
    for a, b in zip(arrays, others, strict=True):
        np.testing.assert_array_equal(a, b)


results = st.one_of(
    st.just(math.nan),
    st.fixed_dictionaries(
        {"value": st.integers(-9, 9)},
        optional={
            "sd": st.sampled_from([0.5, 1.0]),
            "constraints": st.fixed_dictionaries({"c": st.integers(-2, 2)}),
        },
    ),
)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(results, results), min_size=1, max_size=6), st.data())
def test_a_corrected_run_is_one_that_was_told_rightly(told, data):
    """Whatever was told first, and withdrawn in between; also after a reload."""
    storage, right = MemoryStorage(), begun()
    opt = begun(storage=storage)
    where = [(0.25 * (n % 3), n % 2) for n in range(len(told))]  # some at the same point
    for (x, k), (first, then) in zip(where, told, strict=True):
        opt.add_observation({"x": x, "k": k}, first)
        right.add_observation({"x": x, "k": k}, then)
    order = data.draw(st.permutations(range(len(told))))
    for n in order:
        if data.draw(st.booleans()):
            opt.retract(n, "a slip of the pen")
        elif isinstance(told[n][0], dict):  # what the right result does not have goes
            extra = {
                name: None for name in ("sd",) if name in told[n][0] and told[n][1] is not math.nan
            }
            if "constraints" in told[n][0]:
                extra["constraints"] = {"c": None}
            if isinstance(told[n][1], dict):
                opt.correct(n, {"value": told[n][0]["value"], **extra})
        opt.correct(n, told[n][1])
    # the order in which results came may differ where some were failures: it says nothing
    opt._history.completed.sort()
    assert_same(opt, right)
    again = begun(storage=storage)
    again._history.completed.sort()
    assert_same(again, right)


def test_what_a_correction_does_not_name_stays():
    opt = begun()
    first = {"value": 5.0, "sd": 0.5, "cost": 2.0, "info": "hot", "constraints": {"a": 1, "b": 2}}
    opt.add_observation({"x": 0.5, "k": 1}, first)
    told = opt.correct(0, {"a": -1.0}, why="read off the wrong line")
    assert told.outcome == bo.Outcome(5.0, 0.5, {"a": -1.0, "b": 2.0}, 2.0, "hot")
    assert opt.correct(0, 7).outcome == bo.Outcome(7.0, 0.5, {"a": -1.0, "b": 2.0}, 2.0, "hot")
    assert opt.correct(0, {"b": None, "sd": None, "info": None}).outcome == bo.Outcome(
        7.0, constraints={"a": -1.0}, cost=2.0
    )


def test_a_wrong_failure_is_undone():
    opt = begun()
    failed = opt.tell_failure(opt.ask(), "spilled")
    told = opt.correct(failed, 3.5)
    assert (told.state, told.value, told.error) == (TrialState.COMPLETE, 3.5, None)
    assert opt.best == told
    assert opt.correct(told, math.nan).state is TrialState.FAILED
    assert opt.best is None


def test_a_misspelt_constraint_is_corrected_where_it_fixed_the_names():
    opt = begun()
    opt.tell(opt.ask(), {"value": 1.0, "constraints": {"impurty": 0.2}})
    opt.correct(0, {"constraints": {"impurty": None, "impurity": 0.2}})
    assert dict(opt.trials[0].outcome.constraints) == {"impurity": 0.2}
    opt.tell(opt.ask(), {"value": 1.0, "impurity": -0.2})
    with pytest.raises(ValueError, match="did you mean 'impurity'"):
        opt.correct(1, {"constraints": {"impurty": 0.2}})


def test_where_it_was_run_is_corrected_too():
    storage = MemoryStorage()
    opt = begun(storage=storage)
    trial = opt.tell(opt.ask(), 1.0)
    away = opt.correct(trial, {"value": 1.0}, as_run={"x": 1.5, "k": 2})
    assert (dict(away.params), away.asked) == ({"x": 1.5, "k": 2}, trial.params)
    assert opt.best is None
    back = opt.correct(trial, 2.0, as_run={"x": 0.5, "k": 2})
    assert (back.asked, opt.best) == (trial.params, back)
    assert_same(begun(storage=storage), opt)


def test_the_model_learns_from_the_corrected_result_only():
    def line(wrong):
        opt = bo.Optimizer(bo.Space(x=bo.Float(0, 1)), seed=0, deterministic=True)
        for x in np.linspace(0, 1, 6):
            opt.add_observation({"x": x}, wrong if x == 0 else x**2)
        return opt

    opt, right = line(1e6), line(0.0)
    opt.predict({"x": 0.1})
    opt.correct(0, 0.0)
    points = [{"x": x} for x in (0.05, 0.3, 0.9)]
    np.testing.assert_allclose(opt.predict(points).mean, right.predict(points).mean, rtol=1e-6)


@pytest.mark.parametrize(
    ("make", "result", "reason"),
    [
        (lambda opt: opt.ask(), 1.0, r"no result to correct: pending; tell\(\) it"),
        (lambda opt: opt.abandon(opt.ask(), "x"), 1.0, "no result to correct: abandoned"),
        (lambda opt: 9, 1.0, "there is no trial 9"),
        (lambda opt: opt.tell(opt.ask(), 1.0), {}, "the correction is empty"),
        (lambda opt: opt.tell(opt.ask(), 1.0), {"value": None}, "cannot be taken away"),
        (lambda opt: opt.tell(opt.ask(), 1.0), {"c": None}, "no 'c' that could be taken away"),
        (lambda opt: opt.tell_failure(opt.ask(), "x"), {"c": 1.0}, "needs 'value'"),
    ],
)
def test_what_cannot_be_corrected(make, result, reason):
    opt = begun()
    trial = make(opt)
    before = list(opt.storage.read())
    with pytest.raises(ValueError, match=reason):
        opt.correct(trial, result)
    assert list(opt.storage.read()) == before
