"""The running trial in the objective: who gets it, what it does, what an interrupt leaves."""

from __future__ import annotations

import functools
import math
import threading
from pathlib import Path
from typing import Any

import pytest

import bayesopt as bo
from bayesopt.minimize.running import takes_trial

LINE = bo.Space(x=bo.Float(-2.0, 3.0))
RANDOM: dict[str, Any] = {"proposer": bo.RandomSearch(), "seed": 1, "progress": False}


def train(params, trial):
    for step in range(1, 6):
        trial.report(abs(params["x"]) + 1.0 / step, step)
        if trial.should_stop():
            return trial.stopped()
    return abs(params["x"])


class Trainer:
    def __call__(self, params, trial):
        return train(params, trial)

    def method(self, params, trial):
        return train(params, trial)


class Made:
    def __init__(self, params, trial):
        self.value = params


def decorated(function):
    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        return function(*args, **kwargs)

    return wrapper


def hiding(function):
    @functools.wraps(function)
    def wrapper(params):
        return function(params, None)

    return wrapper


@pytest.mark.parametrize(
    ("objective", "how"),
    [
        (lambda params: 0, None),
        (lambda params, k=3: 0, None),
        (lambda *args: 0, None),
        (lambda params, *args: 0, None),
        (lambda params, **kwargs: 0, None),
        (lambda params, *, seed=1: 0, None),
        (lambda *trial: 0, None),
        (lambda trial: 0, None),
        (lambda x, y, z: 0, None),
        (lambda params, trial, k: 0, None),
        (hiding(train), None),
        (functools.partial(train, trial=None), None),
        (math.sqrt, None),
        (dict, None),
        (train, "place"),
        (lambda params, running: 0, "place"),
        (lambda params, running, k=3: 0, "place"),
        (lambda params, trial=None: 0, "place"),
        (lambda params, *, trial: 0, "name"),
        (lambda params, *, trial=None: 0, "name"),
        (lambda params, seed=1, trial=None: 0, "name"),
        (Trainer(), "place"),
        (Trainer().method, "place"),
        (Made, "place"),
        (decorated(train), "place"),
        (functools.partial(lambda k, params, trial: 0, 3), "place"),
        (functools.partial(lambda params, trial, k: 0, k=3), "place"),
    ],
)
def test_who_gets_the_trial(objective, how):
    assert takes_trial(objective) == how


def test_arguments_called_like_parameters_are_meant_otherwise():
    assert takes_trial(lambda x, y: 0, ("x", "y")) is None
    with pytest.raises(bo.ObjectiveError, match="called with one dict"):
        bo.minimize(lambda a, x: 0.0, LINE, n_trials=5, **RANDOM)


@pytest.mark.parametrize("n_workers", [1, 3])
@pytest.mark.parametrize("minimize", [True, False])
def test_bad_trials_are_stopped_and_the_best_is_a_complete_one(n_workers, minimize):
    def objective(params, trial):
        for step in range(1, 6):
            loss = abs(params["x"]) + 1.0 / step
            trial.report(loss if minimize else -loss, step)
            if trial.should_stop():
                return trial.stopped()
        return abs(params["x"]) * (1 if minimize else -1)

    call = bo.minimize if minimize else bo.maximize
    result = call(
        objective, LINE, n_trials=30, early_stopping="median", n_workers=n_workers, **RANDOM
    )
    states = [t.state for t in result.trials]
    stopped = [t for t in result.trials if t.state is bo.TrialState.STOPPED]
    assert len(states) == 30
    assert states.count(bo.TrialState.COMPLETE) + len(stopped) == 30
    assert stopped
    assert all(t.value is None and "median" in t.error for t in stopped)
    assert result.best.state is bo.TrialState.COMPLETE
    assert result.best.curve[-1][0] == 5


def test_nothing_is_stopped_when_nothing_is_to_be():
    result = bo.minimize(train, LINE, n_trials=20, early_stopping=None, **RANDOM)
    assert {t.state for t in result.trials} == {bo.TrialState.COMPLETE}


def test_a_reason_of_ones_own_is_kept():
    def objective(params, trial):
        trial.report(params["x"], 0)
        return trial.stopped("no progress")

    result = bo.minimize(objective, LINE, n_trials=3, **RANDOM)
    assert [t.error for t in result.trials] == ["no progress"] * 3
    assert result.best is None


def test_a_trial_that_fails_keeps_its_curve():
    def objective(params, trial):
        trial.report(params["x"], 1)
        raise ValueError("diverged")

    result = bo.minimize(objective, LINE, n_trials=2, **RANDOM)
    assert all(t.state is bo.TrialState.FAILED and len(t.curve) == 1 for t in result.trials)


def test_an_interrupt_loses_no_report(tmp_path: Path):
    def objective(params, trial):
        trial.report(1.0, 1)
        if trial.number == 2:
            raise KeyboardInterrupt
        return 0.0

    path = tmp_path / "run.db"
    result = bo.minimize(objective, LINE, n_trials=5, storage=path, **RANDOM)
    assert result.stop is bo.Stop.INTERRUPTED
    assert result.trials[2].state is bo.TrialState.ABANDONED
    assert result.trials[2].curve == ((1, 1.0),)
    again = bo.Optimizer.reopen(path)
    assert again.trials == result.trials
    assert again.ask().number == 2
    again.close()


def test_a_trial_whose_time_was_up_reports_into_the_void():
    seen = threading.Event()
    ended = threading.Event()
    heard: list[object] = []

    def objective(params, trial):
        trial.report(1.0, 1)
        if trial.number == 0:
            ended.wait(20)
            trial.report(2.0, 2)
            heard.append(trial.should_stop())
            seen.set()
        return 0.0

    result = bo.minimize(objective, LINE, n_trials=2, trial_timeout=0.3, **RANDOM)
    ended.set()
    assert seen.wait(20)
    assert heard == [True]
    assert "timeout" in result.trials[0].error
    assert result.trials[0].curve == ((1, 1.0),)


@pytest.mark.parametrize(("more", "said"), [(False, True), (True, False)])
def test_a_run_whose_trials_were_spent_on_looks_says_so(caplog, more, said):
    """Who counted trials expected more of them: 21 were stopped, and cost one whole run."""

    def looks(params, trial):
        if trial.number < (6 if more else 2):
            trial.report(params["x"], 20)
            return params["x"]
        trial.report(params["x"], 1)
        return trial.stopped()

    bo.minimize(looks, LINE, n_trials=23, early_stopping="median", **RANDOM)
    words = [r.getMessage() for r in caplog.records if "stopped early" in r.getMessage()]
    assert bool(words) is said
    if said:
        assert words == [
            "21 of 23 trials were stopped early, so that the run cost about 3 whole ones. "
            "n_trials counts stopped trials: give more of them, or a timeout"
        ]
