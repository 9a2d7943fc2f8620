"""Reports of running trials: kept, replayed, checked; and what a stopped trial is."""

from __future__ import annotations

import math
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import bayesopt as bo
from bayesopt.stopping import learning_curves, verdict
from bayesopt.storage import StorageError

from .running import LINE, events, line_value, optimizer, replayed, run

STOPPED = bo.TrialState.STOPPED


def reporting(**options: object) -> bo.Optimizer:
    """A run with complete, stopped and running curves in it."""
    opt = optimizer(LINE, proposer=bo.RandomSearch(), **options)
    for k in range(4):
        trial = opt.ask()
        for step in (1, 2, 3):
            opt.report(trial, k + 1.0 / step, step)
        opt.tell(trial, float(k))
    early, running = opt.ask(), opt.ask()
    opt.report(early, 9.0, 1)
    opt.tell_stopped(early, "much too large")
    opt.report(running, 2.0, 1)
    opt.report(running, float("inf"), 2)
    return opt


def test_a_stopped_trial_has_a_curve_and_no_value() -> None:
    opt = reporting()
    stopped, running = opt.trials[4:]
    assert (stopped.state, stopped.value, stopped.curve) == (STOPPED, None, ((1, 9.0),))
    assert stopped.error == "much too large"
    assert not stopped.feasible
    assert running.curve[0] == (1, 2.0)
    assert math.isnan(running.curve[1][1])
    assert opt.best == opt.trials[0]
    assert "1 stopped" in repr(opt.result())


def test_a_reloaded_run_is_the_same_to_the_bit() -> None:
    opt = reporting()
    again = bo.Optimizer(LINE, storage=replayed(events(opt)))
    assert again.trials == opt.trials
    assert again.should_stop(5) is opt.should_stop(5) is True
    assert again.ask().params == opt.ask().params


def test_a_file_keeps_reports_and_the_rule(tmp_path: Path) -> None:
    path = tmp_path / "run.db"
    opt = reporting(storage=path, early_stopping=bo.Hyperband(max_step=9))
    trials = opt.trials
    opt.close()
    again = bo.Optimizer.reopen(path)
    assert again.trials == trials
    assert again.early_stopping == bo.Hyperband(max_step=9)
    again.close()
    off = bo.Optimizer.reopen(path, early_stopping=None)
    assert not off.should_stop(5)
    off.close()
    kept = bo.Optimizer.reopen(path)
    assert kept.early_stopping == bo.NoStopping()
    kept.close()


steps = st.lists(st.integers(0, 8), max_size=20)


@settings(deadline=None, max_examples=50)
@given(steps)
def test_a_curve_ascends_and_its_last_report_is_the_last_one(given_steps: list[int]) -> None:
    opt = optimizer(LINE, proposer=bo.RandomSearch())
    trial = opt.ask()
    for i, step in enumerate(given_steps):
        trial = opt.report(trial, float(i), step)
        assert trial.curve[-1] == (step, float(i))
        told = [s for s, _ in trial.curve]
        assert told == sorted(set(told))
        # nothing is lost below the step that was gone back to
        assert all(
            v == max(j for j, s in enumerate(given_steps[: i + 1]) if s == at)
            for at, v in trial.curve
        )


def test_what_cannot_be_reported_is_refused_and_changes_nothing() -> None:
    opt = reporting()
    before = opt.trials
    for value, step, error in [
        ("0.5", 3, TypeError),
        (None, 3, TypeError),
        (0.5, -1, ValueError),
        (0.5, 1.5, TypeError),
        (0.5, True, TypeError),
    ]:
        with pytest.raises(error):
            opt.report(5, value, step)  # type: ignore[arg-type]
    for number in (0, 4):
        with pytest.raises(ValueError, match="already finished"):
            opt.report(number, 0.5, 9)
        with pytest.raises(ValueError, match="already finished"):
            opt.tell_stopped(number)
        assert opt.should_stop(number)  # somebody who still works on it learns that it is over
    with pytest.raises(ValueError, match="no trial 6"):
        opt.should_stop(6)
    with pytest.raises(ValueError, match="already finished"):
        opt.tell(4, 1.0)  # a stopped trial never gets a value
    assert opt.trials == before


@pytest.mark.parametrize(
    "event",
    [
        {"kind": "reported", "number": 5, "step": -1, "value": 1.0},
        {"kind": "reported", "number": 5, "step": 1.0, "value": 1.0},
        {"kind": "reported", "number": 5, "step": 1, "value": "1"},
        {"kind": "reported", "number": 4, "step": 1, "value": 1.0},
        {"kind": "reported", "number": 9, "step": 1, "value": 1.0},
        {"kind": "reported", "number": 5, "step": 1, "value": 1.0, "more": 1},
        {"kind": "stopped", "number": 0, "why": None},
        {"kind": "stopped", "number": 5, "why": 3},
    ],
)
def test_events_that_cannot_be_are_named(event: dict[str, object]) -> None:
    with pytest.raises(StorageError, match="damaged"):
        bo.Optimizer(LINE, storage=replayed([*events(reporting()), event]))


def test_a_lost_trial_keeps_its_curve_and_may_begin_again() -> None:
    opt = reporting()
    opt.abandon(5, "the machine went down")
    opt.report(5, 1.5, 3)  # it was alive after all
    again = opt.ask()
    assert again.number == 5
    assert [s for s, _ in again.curve] == [1, 2, 3]
    assert opt.report(again, 4.0, 1).curve == ((1, 4.0),)


def test_a_stopped_trial_can_be_withdrawn() -> None:
    opt = reporting()
    assert opt.retract(4, "another data set").state is bo.TrialState.RETRACTED


def test_a_stopped_trial_counts_and_its_point_is_not_asked_again() -> None:
    space = bo.Space(k=bo.Int(1, 3))
    opt = bo.Optimizer(space, seed=1, proposer=bo.RandomSearch())
    seen = []
    for _ in range(3):
        trial = opt.ask(limit=3)
        opt.report(trial, 1.0, 1)
        opt.tell_stopped(trial)
        seen.append(trial.params["k"])
    assert sorted(seen) == [1, 2, 3]
    with pytest.raises(bo.SpaceExhausted):
        opt.ask()


def test_the_model_proposes_after_stopped_trials() -> None:
    opt = optimizer(LINE)
    run(opt, line_value, 8)
    trial = opt.ask()
    opt.report(trial, 5.0, 1)
    opt.tell_stopped(trial)
    assert bo.Origin.MODEL in {opt.ask().origin, opt.ask().origin}
    assert opt.recommended is not None


def test_reports_renew_the_lease(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import time

    opt = optimizer(LINE, storage=tmp_path / "run.db", proposer=bo.RandomSearch())
    trial = opt.ask(hold=100.0)
    first = opt._event_log.history.leases[0].until
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 60.0)
    opt.report(trial, 1.0, 1)
    second = opt._event_log.history.leases[0].until
    assert first is not None
    assert second is not None
    assert second == pytest.approx(now + 160.0, abs=5.0)
    opt.report(trial, 1.0, 2)  # renewed again, and not for longer each time
    assert opt._event_log.history.leases[0].until == pytest.approx(now + 160.0, abs=5.0)
    monkeypatch.undo()
    opt.close()


def test_two_optimizers_on_one_file_see_each_others_reports(tmp_path: Path) -> None:
    path = tmp_path / "run.db"
    one = optimizer(LINE, storage=path, proposer=bo.RandomSearch(), early_stopping="median")
    for k in range(5):
        trial = one.ask()
        one.report(trial, float(k), 1)
        one.tell(trial, float(k))
    other = bo.Optimizer.reopen(path)
    trial = other.ask()
    other.report(trial, 9.0, 1)
    assert one.trials[5].curve == ((1, 9.0),)
    assert one.why_stop(5) == other.why_stop(5)
    assert one.should_stop(5)
    one.tell_stopped(5)
    assert other.should_stop(trial)
    assert other.trials[5].error == one.trials[5].error != None  # noqa: E711
    one.close()
    other.close()


def test_curves_go_through_tables(tmp_path: Path) -> None:
    result = reporting().result()
    again = bo.Result.from_csv(_written(result, tmp_path), LINE)
    assert [t.curve for t in again.trials][:5] == [t.curve for t in result.trials][:5]
    assert again.trials[4].state is STOPPED
    assert result.to_dict()["trials"][5]["curve"] == [[1, 2.0], [2, None]]


def test_curves_are_a_table_of_their_own() -> None:
    pytest.importorskip("pandas")
    frame = reporting().result().curves_to_dataframe()
    assert list(frame.columns) == ["number", "state", "step", "value"]
    assert len(frame) == 15
    assert np.isnan(frame["value"].iloc[-1])


def _written(result: bo.Result, folder: Path) -> Path:
    result.to_csv(folder / "trials.csv")
    return folder / "trials.csv"


def test_a_resumed_trial_goes_on_from_a_checkpoint() -> None:
    opt = bo.Optimizer(LINE, seed=1, proposer=bo.RandomSearch(), early_stopping=bo.CurveModel())
    ended: dict[int, int] = {}
    for _ in range(60):
        trial = opt.ask()
        source = opt.resumes(trial)
        assert (source is None) == (trial.origin is not bo.Origin.RESUMED)
        if source is not None:
            assert opt.trials[source].params == trial.params
            assert opt.trials[source].state is STOPPED
        for step in range(1 + ended.get(-1 if source is None else source, 0), 51):
            value = line_value(trial.params) + 1.0 / step
            opt.report(trial, value, step)
            if opt.should_stop(trial):
                opt.tell_stopped(trial)
                ended[trial.number] = step
                break
        else:
            opt.tell(trial, value)
    steps = {ended[opt.resumes(t)] for t in opt.trials if t.origin is bo.Origin.RESUMED}
    assert steps == {2, 8}  # a second look, and to the end
    curves = {c.number: c for c in learning_curves(opt.trials, 1.0)}
    resumed = [c for c in curves.values() if c.resumed]
    assert all(c.steps.tolist() == list(range(1, c.step + 1)) for c in resumed)
    assert {(c.goes_on_from, c.cost) for c in resumed} >= {(2, 6)}
    assert all(c.goes_on_from == c.resumed_from for c in resumed)
    with pytest.raises(ValueError):
        opt.resumes(99)


def test_a_stopped_trial_belongs_where_it_was_run() -> None:
    """Points are rounded to a grid of eleven, so that several may be run at one of them."""
    grid = np.linspace(-2.0, 3.0, 11)
    opt = bo.Optimizer(LINE, seed=3, proposer=bo.RandomSearch(), early_stopping=bo.CurveModel())
    of_point: dict[float, list[int]] = {}
    for _ in range(60):
        trial = opt.ask()
        x = float(grid[np.argmin(np.abs(grid - trial.params["x"]))])
        source = opt.resumes(trial)
        if source is not None:  # it is the point that was run which is asked again
            assert trial.params["x"] == x == opt.trials[source].params["x"]
            assert source == max(of_point[x])
            assert opt.trials[source].asked is None or opt.trials[source].asked["x"] != x
        for step in range(1, 51):
            value = line_value({"x": x}) + 1.0 / step
            opt.report(trial, value, step)
            if opt.should_stop(trial):
                told = opt.tell_stopped(trial, as_run={"x": x})
                assert told.params["x"] == x
                assert told.asked == (None if trial.params["x"] == x else trial.params)
                of_point.setdefault(x, []).append(trial.number)
                break
        else:
            opt.tell(trial, value, as_run={"x": x})
    resumed = [t.params["x"] for t in opt.trials if t.origin is bo.Origin.RESUMED]
    assert resumed
    stopped = [n for numbers in of_point.values() for n in numbers]
    first_looks = [n for n in stopped if opt.trials[n].origin is not bo.Origin.RESUMED]
    assert len({opt.trials[n].params["x"] for n in first_looks}) < len(first_looks)
    # all that was stopped at a point before it was asked again is done with
    waiting = {c.number for c in learning_curves(opt.trials, 1.0) if c.waits}
    for trial in opt.trials:
        if trial.origin is bo.Origin.RESUMED:
            asked = (trial.asked or trial.params)["x"]
            assert not waiting & {n for n in of_point[asked] if n < trial.number}
    again = bo.Optimizer(LINE, storage=replayed(events(opt)), proposer=bo.RandomSearch())
    assert again.trials == opt.trials
    assert again.ask().params == opt.ask().params


def test_what_was_stopped_outside_of_the_space_is_not_asked_again() -> None:
    opt = bo.Optimizer(LINE, seed=1, proposer=bo.RandomSearch(), early_stopping=bo.CurveModel())
    for k in range(40):
        trial = opt.ask()
        assert LINE.contains(trial.params)
        x = 4.0 if k % 3 == 1 else trial.params["x"]  # it looks best where it cannot be asked
        for step in range(1, 51):
            value = (0.0 if x == 4.0 else 1.0 + abs(x)) + 1.0 / step
            opt.report(trial, value, step)
            if opt.should_stop(trial):
                opt.tell_stopped(trial, as_run={"x": x})
                break
        else:
            opt.tell(trial, value)
    assert any(t.state is STOPPED and t.params["x"] == 4.0 for t in opt.trials)
    assert any(t.origin is bo.Origin.RESUMED for t in opt.trials)
    with pytest.raises(ValueError, match="unknown parameter 'y'"):
        opt.tell_stopped(opt.ask(), as_run={"y": 1.0})


_CHILD = """
import sys
import bayesopt as bo
opt = bo.Optimizer({"x": bo.Float(0, 1)}, storage=sys.argv[1], seed=1,
                   proposer=bo.RandomSearch())
for _ in range(1000):
    trial = opt.ask()
    for step in range(1, 51):
        value = abs(trial.params["x"] - 0.3) + 1.0 / step
        opt.report(trial, value, step)
        print(trial.number, step, value.hex(), flush=True)
        if opt.should_stop(trial):
            opt.tell_stopped(trial)
            break
    else:
        opt.tell(trial, value)
"""


@pytest.mark.slow
@pytest.mark.parametrize("after", [30, 83])
def test_a_killed_process_loses_no_report_and_the_run_decides_as_before(
    tmp_path: Path, after: int
) -> None:
    path = tmp_path / "run.db"
    command = [sys.executable, "-c", _CHILD, str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        said = [child.stdout.readline().split() for _ in range(after)]
        child.kill()
        said += [line.split() for line in child.stdout.read().splitlines()]
    whole = [words for words in said if len(words) == 3]  # it may be killed within a line
    told = [(int(n), int(step), float.fromhex(v)) for n, step, v in whole]
    assert len(told) >= after - 1
    opt = bo.Optimizer.reopen(path)
    for number, step, value in told:
        assert (step, value) in opt.trials[number].curve
    for trial in opt.trials:
        for k in range(1, len(trial.curve)):  # it went on after each report but the last one
            before = [*opt.trials[: trial.number], replace(trial, curve=trial.curve[:k])]
            curves = learning_curves(before[:-1], 1.0)
            running = replace(before[-1], state=bo.TrialState.PENDING, outcome=None, error=None)
            everything = [*curves, *learning_curves([running], 1.0)]
            if trial.origin is not bo.Origin.RESUMED:
                assert verdict(opt.early_stopping, everything, trial.number) is None
        if trial.state is STOPPED:
            now = [*opt.trials[: trial.number], replace(trial, state=bo.TrialState.PENDING)]
            assert verdict(opt.early_stopping, learning_curves(now, 1.0), trial.number)
    assert opt.ask().number <= len(opt.trials)
    opt.close()
