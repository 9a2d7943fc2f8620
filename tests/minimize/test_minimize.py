"""minimize and maximize in the calling thread: limits, failures, Ctrl-C, callbacks, arguments."""

import math
import pickle
import time
from importlib import import_module
from types import SimpleNamespace

import numpy as np
import pytest

import bayesopt as bo
from bayesopt.result import Stop
from bayesopt.trial import Origin, TrialState

SPACE = bo.Space(x=bo.Float(-1, 1), k=bo.Int(1, 4))


def bowl(params):
    return params["x"] ** 2 + params["k"]


def fast(**settings):
    """A run without a model: these tests are about the loop."""
    return {"space": SPACE, "seed": 0, "proposer": bo.RandomSearch(), **settings}


def states(result):
    return [t.state for t in result.trials]


def test_a_run_ends_after_its_trials_and_knows_the_best():
    result = bo.minimize(bowl, **fast(n_trials=12))
    assert result.stop is Stop.N_TRIALS
    assert len(result.trials) == 12
    assert result.value == min(t.value for t in result.trials)
    assert result.value == bowl(result.params)


def test_maximize_keeps_the_sign():
    result = bo.maximize(bowl, **fast(n_trials=12))
    assert result.value == max(t.value for t in result.trials) == bowl(result.params)


def test_the_model_does_better_than_chance_on_a_bowl():
    result = bo.minimize(bowl, SPACE, n_trials=15, seed=0)
    assert result.params["k"] == 1
    assert abs(result.params["x"]) < 0.05


def test_same_seed_same_trials():
    first, second = (bo.minimize(bowl, **fast(n_trials=6)) for _ in range(2))
    assert first.trials == second.trials


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (math.nan, "nan"),
        (math.inf, "inf"),
        ({"value": 1.0, "sd": -1.0}, "ValueError: 'sd'"),
    ],
)
def test_a_bad_answer_is_a_failure_with_its_reason_and_counts(answer, message):
    result = bo.minimize(lambda params: answer, **fast(n_trials=3))
    assert states(result) == [TrialState.FAILED] * 3
    assert all(message in t.error for t in result.trials)
    assert result.best is None
    with pytest.raises(ValueError, match="no trial has a feasible value"):
        _ = result.value


def test_an_exception_is_a_failure_and_the_run_goes_on():
    def sometimes(params):
        if params["k"] == 2:
            raise ZeroDivisionError("k is two")
        return bowl(params)

    result = bo.minimize(sometimes, **fast(n_trials=20))
    failed = [t for t in result.trials if t.state is TrialState.FAILED]
    assert len(result.trials) == 20
    assert {t.params["k"] for t in failed} == {2}
    assert {t.error for t in failed} == {"ZeroDivisionError: k is two"}
    assert result.params["k"] != 2


def test_a_very_long_message_is_shortened_in_the_middle():
    def long(params):
        raise ValueError("a" * 9000 + "the end")

    error = bo.minimize(long, **fast(n_trials=1)).trials[0].error
    assert error.startswith("ValueError: aaa")
    assert error.endswith("the end")
    assert len(error) < 2100


def test_raise_errors_records_the_failure_first():
    opt = bo.Optimizer(SPACE, seed=0, proposer=bo.RandomSearch())

    def broken(params):
        raise LookupError("no data")

    with pytest.raises(LookupError, match="no data"):
        bo.minimize(broken, optimizer=opt, n_trials=5, raise_errors=True)
    assert [t.error for t in opt.trials] == ["LookupError: no data"]


def test_the_objective_gets_its_own_copy_of_the_point():
    def vandal(params):
        value = bowl(params)
        params.clear()
        return value

    result = bo.minimize(vandal, **fast(n_trials=3))
    assert all(t.value == bowl(t.params) for t in result.trials)


def test_a_mapping_carries_constraints_and_info():
    def constrained(params):
        return {"value": bowl(params), "constraints": {"c": params["x"]}, "info": {"n": 1}}

    result = bo.minimize(constrained, **fast(n_trials=10))
    assert result.params["x"] <= 0
    assert result.trials[0].outcome.info == {"n": 1}


def test_n_trials_counts_what_a_resumed_optimizer_has_but_not_added_observations():
    opt = bo.Optimizer(SPACE, seed=0, proposer=bo.RandomSearch())
    opt.add_observation({"x": 0.5, "k": 1}, 1.25)
    bo.minimize(bowl, optimizer=opt, n_trials=3)
    result = bo.minimize(bowl, optimizer=opt, n_trials=7)
    assert len(result.trials) == 8
    assert sum(t.origin is not Origin.ADDED for t in result.trials) == 7
    again = bo.minimize(bowl, optimizer=opt, n_trials=7)
    assert len(again.trials) == 8
    assert again.stop is Stop.N_TRIALS


def test_a_target_ends_the_run_in_both_directions():
    low = bo.minimize(bowl, **fast(n_trials=200, target=1.5))
    high = bo.maximize(bowl, **fast(n_trials=200, target=4.5))
    for result in (low, high):
        assert result.stop is Stop.TARGET
        assert len(result.trials) < 200
    assert low.trials[-1].value <= 1.5
    assert high.trials[-1].value >= 4.5


def test_a_target_that_was_reached_before_asks_nothing():
    opt = bo.Optimizer(SPACE, seed=0, proposer=bo.RandomSearch())
    opt.add_observation({"x": 0.0, "k": 1}, 1.0)
    result = bo.minimize(bowl, optimizer=opt, target=2.0)
    assert result.stop is Stop.TARGET
    assert len(result.trials) == 1


def test_patience_counts_from_the_best_trial():
    result = bo.minimize(lambda params: 1.0, **fast(n_trials=100, patience=4))
    assert result.stop is Stop.PATIENCE
    assert len(result.trials) == 5


def test_patience_waits_for_a_first_success():
    def late(params):
        late.calls += 1
        return math.nan if late.calls < 10 else 1.0

    late.calls = 0
    result = bo.minimize(late, **fast(n_trials=100, patience=2))
    assert len(result.trials) == 12


def test_a_timeout_ends_the_run(monkeypatch):
    passed = []

    def slow(params):
        passed.append(1000.0)
        return bowl(params)

    clock = SimpleNamespace(monotonic=lambda: time.monotonic() + sum(passed))
    monkeypatch.setattr(import_module("bayesopt.minimize.limits"), "time", clock)
    result = bo.minimize(slow, **fast(timeout=2500.0))
    assert result.stop is Stop.TIMEOUT
    assert len(result.trials) == 3
    assert all(t.state is TrialState.COMPLETE for t in result.trials)


@pytest.mark.parametrize("deterministic", [True, None])
def test_an_exhausted_space_ends_the_run(deterministic):
    """Each point once; where it is not said to be free of noise, the best once more to see."""
    space = bo.Space(k=bo.Int(1, 4))
    result = bo.minimize(
        lambda params: params["k"], space, n_trials=50, seed=0, deterministic=deterministic
    )
    assert result.stop is Stop.EXHAUSTED
    again = [] if deterministic else [1]
    assert sorted(t.params["k"] for t in result.trials[:4]) == [1, 2, 3, 4]
    assert [t.params["k"] for t in result.trials[4:]] == again


def low(params):
    return params["x"] < 0


def high(params):
    return params["x"] < 5


NOWHERE = {
    "one function of two": ([low, high], ["low"], ["high"]),
    "two that exclude each other": ([high, lambda p: p["x"] > 6], ["high", "the lambda in"], []),
    "linear ones and a function": (
        [bo.Linear({"x": 1, "y": 1}, upper=1), bo.Linear({"x": 1, "y": -1}, lower=2), high],
        ["1*x + 1*y <= 1", "2 <= 1*x + -1*y"],
        ["high"],
    ),
    "no whole number": ([bo.Linear({"x": 2, "y": 2}, equals=7)], ["2*x + 2*y == 7"], []),
}


@pytest.mark.parametrize("proposer", [bo.RandomSearch(), bo.GridSearch(levels=3), None])
@pytest.mark.parametrize("most", [9, 900])  # listed; drawn
@pytest.mark.parametrize("case", NOWHERE)
def test_constraints_that_leave_no_point_are_named(proposer, most, case, caplog):
    constraints, named, cleared = NOWHERE[case]
    space = bo.Space({"x": bo.Int(0, most), "y": bo.Int(0, most)}, constraints=constraints)
    given = {} if proposer is None else {"proposer": proposer}
    result = bo.minimize(lambda p: 0.0, space, n_trials=3, seed=0, progress=False, **given)
    assert result.stop is Stop.NO_FEASIBLE_POINT
    assert not result.trials
    assert len(caplog.messages) == 1
    assert all(name in caplog.messages[0] for name in named)
    assert not any(name in caplog.messages[0] for name in cleared)


def test_the_last_allowed_point_of_a_continuous_space_is_not_called_every_point():
    space = bo.Space({"x": bo.Float(0, 1)}, constraints=[lambda p: p["x"] == 0.25])
    optimizer = bo.Optimizer(space, seed=0)
    optimizer.enqueue({"x": 0.25})
    result = bo.minimize(lambda p: 0.0, optimizer=optimizer, n_trials=3)
    assert [t.params["x"] for t in result.trials] == [0.25]
    assert result.stop is Stop.NO_FEASIBLE_POINT


def test_an_error_that_names_constraints_is_pickled_with_them():
    error = pickle.loads(pickle.dumps(bo.NoFeasiblePoint("none", ("low",))))
    assert (str(error), error.constraints) == ("none", ("low",))


def test_without_any_limit_there_is_a_default_one():
    assert len(bo.minimize(bowl, **fast()).trials) == 100


def test_callbacks_see_every_trial_and_may_stop():
    seen = []

    def third(opt, trial):
        seen.append(trial)
        return len(opt.trials) == 3

    result = bo.minimize(bowl, **fast(n_trials=50, callbacks=[third]))
    assert result.stop is Stop.CALLBACK
    assert tuple(seen) == result.trials
    assert len(seen) == 3


@pytest.mark.parametrize(
    ("answer", "n"), [(np.True_, 1), (np.False_, 4), (1, 4), ("go on", 4), (np.ones(2), 4)]
)
def test_numpys_true_stops_and_no_other_value(answer, n):
    result = bo.minimize(bowl, **fast(n_trials=4, callbacks=lambda opt, trial: answer))
    assert len(result.trials) == n


def test_a_callback_may_raise_stop_iteration():
    def at_once(opt, trial):
        raise StopIteration

    result = bo.minimize(bowl, **fast(n_trials=50, callbacks=[at_once]))
    assert (result.stop, len(result.trials)) == (Stop.CALLBACK, 1)


def test_ctrl_c_returns_what_there_is():
    def interrupted(params):
        interrupted.calls += 1
        if interrupted.calls == 4:
            raise KeyboardInterrupt
        return bowl(params)

    interrupted.calls = 0
    result = bo.minimize(interrupted, **fast(n_trials=50))
    assert result.stop is Stop.INTERRUPTED
    assert states(result) == [TrialState.COMPLETE] * 3 + [TrialState.ABANDONED]
    assert result.value == min(t.value for t in result.trials[:3])


def test_ctrl_c_in_a_callback_loses_no_value():
    opt = bo.Optimizer(SPACE, seed=0, proposer=bo.RandomSearch())

    def impatient(opt, trial):
        raise KeyboardInterrupt

    result = bo.minimize(bowl, optimizer=opt, n_trials=5, callbacks=[impatient])
    assert result.stop is Stop.INTERRUPTED
    assert states(result) == [TrialState.COMPLETE]


def test_sys_exit_in_the_objective_ends_the_program_but_leaves_nothing_pending():
    opt = bo.Optimizer(SPACE, seed=0, proposer=bo.RandomSearch())

    def leave(params):
        raise SystemExit(3)

    with pytest.raises(SystemExit):
        bo.minimize(leave, optimizer=opt, n_trials=5)
    assert [t.state for t in opt.trials] == [TrialState.ABANDONED]


def test_an_abandoned_trial_does_not_count():
    opt = bo.Optimizer(SPACE, seed=0, proposer=bo.RandomSearch())
    opt.abandon(opt.ask(), "lost", retry=False)
    result = bo.minimize(bowl, optimizer=opt, n_trials=3)
    assert states(result).count(TrialState.COMPLETE) == 3


def test_the_progress_bar_shows_the_best_and_the_failures(capsys):
    def sometimes(params):
        if params["k"] == 2:
            raise ValueError("two")
        return 1.25

    bo.minimize(sometimes, **fast(n_trials=12, progress=True))
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "best 1.25" in shown.err
    assert "failed" in shown.err
    assert "12/12" in shown.err


def test_no_progress_bar_where_there_is_no_terminal(capsys):
    bo.minimize(bowl, **fast(n_trials=2))
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("settings", "error", "words"),
    [
        ({"n_trials": 0}, ValueError, "n_trials"),
        ({"n_trials": 2.5}, TypeError, "n_trials"),
        ({"n_trials": True}, TypeError, "n_trials"),
        ({"patience": -1}, ValueError, "patience"),
        ({"timeout": 0}, ValueError, "timeout"),
        ({"timeout": "1h"}, TypeError, "timeout"),
        ({"target": math.nan}, ValueError, "target"),
        ({"n_workers": 0}, ValueError, "n_workers"),
        ({"trial_timeout": -1.0}, ValueError, "trial_timeout"),
        ({"executor": 4}, TypeError, "executor"),
        ({"callbacks": ["print"]}, TypeError, "callbacks"),
        ({"direction": "maximize"}, TypeError, "direction"),
        ({"space": None}, TypeError, "space"),
        ({"optimizer": bo.Optimizer(SPACE)}, TypeError, "space|belong"),
        ({"sede": 3}, TypeError, "sede"),
    ],
)
def test_arguments_are_checked_at_the_door(settings, error, words):
    with pytest.raises(error, match=words):
        bo.minimize(bowl, **fast(**settings))


def test_a_given_optimizer_must_have_the_right_direction_and_no_options():
    opt = bo.Optimizer(SPACE, direction="maximize")
    with pytest.raises(ValueError, match=r"use bo\.maximize"):
        bo.minimize(bowl, optimizer=opt)
    with pytest.raises(TypeError, match="seed"):
        bo.maximize(bowl, optimizer=opt, seed=3)


def test_an_objective_that_is_no_function():
    with pytest.raises(TypeError, match="'objective' must be a function"):
        bo.minimize(3.0, SPACE, n_trials=2)


def test_a_run_that_only_a_budget_limits_ends_when_nothing_succeeds(monkeypatch):
    monkeypatch.setattr(import_module("bayesopt.minimize.run"), "_MOST_FAILURES", 4)
    result = bo.minimize(
        lambda p: float("nan"), {"x": bo.Float(0, 1)}, budget=bo.Cost(3), seed=0, progress=False
    )
    assert result.stop is bo.Stop.FAILURES
    assert len(result.trials) == 4
