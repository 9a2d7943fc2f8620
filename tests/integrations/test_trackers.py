"""Trackers show what happened, each with the real package, and never lose a run."""

from __future__ import annotations

import logging
import sys
from importlib import import_module
from typing import Any

import pytest

import bayesopt as bo
from bayesopt.integrations.tracking import (
    Tracker,
    best_of,
    direction_of,
    metrics_of,
    plain_params,
    report_of,
    running_of,
)
from bayesopt.result import Stop
from bayesopt.trial import TrialState

pytestmark = pytest.mark.filterwarnings("ignore")  # of the trackers' own libraries

SPACE = bo.Space(
    x=bo.Float(0.0, 1.0), kind=bo.Categorical(["a", None]), n=bo.Int(1, 4, when={"kind": "a"})
)


def objective(params):
    if params["x"] > 0.8:
        raise ValueError("too hot")
    return {"value": params["x"] ** 2, "impurity": params["x"], "speed": 2.0, "cost": 3.0}


def run(callback, n_trials=6, **options):
    options = {"seed": 0, "proposer": bo.RandomSearch(), **options}
    return bo.minimize(
        objective,
        SPACE,
        n_trials=n_trials,
        outcome_constraints={"impurity": "<= 0.5"},
        records=["speed"],
        callbacks=callback,
        **options,
    )


def best_so_far(result):
    """The best feasible value by number of the trial, by looking through all."""
    found: list[float | None] = []
    for trial in result.trials:
        before = found[-1] if found else None
        better = trial.feasible and (before is None or trial.value < before)
        found.append(trial.value if better else before)
    return found


class Noted(Tracker):
    def __init__(self, breaks: tuple[str, ...] = ()) -> None:
        super().__init__()
        self.seen: list[Any] = []
        self.breaks = breaks

    def _do(self, what: str, about: Any = None) -> None:
        self.seen.append((what, about))
        if what in self.breaks:
            raise ConnectionError("the tracker is gone")

    def begin(self, optimizer):
        self._do("begin")

    def show(self, optimizer, trial):
        self._do("show", trial)

    def finish(self, result):
        self._do("finish", result)


def test_a_tracker_sees_each_trial_and_the_end():
    tracker = Noted()
    for n in (6, 3):  # it may be used again
        tracker.seen.clear()
        result = run(tracker, n)
        assert [what for what, _ in tracker.seen] == ["begin", *["show"] * n, "finish"]
        assert tuple(t for what, t in tracker.seen if what == "show") == result.trials
        assert tracker.seen[-1][1] is result
    assert any(t.state is TrialState.FAILED for t in result.trials) or n == 3


@pytest.mark.parametrize("breaks", [("begin",), ("show",), ("finish",), ("begin", "finish")])
def test_a_failing_tracker_never_loses_the_run(breaks, caplog):
    caplog.set_level(logging.WARNING, "bayesopt.minimize")
    result = run(Noted(breaks))
    assert result == run(())
    assert "the tracker is gone" in caplog.text


def test_any_object_may_hear_of_the_end():
    class Listener:
        ended = None

        def __call__(self, optimizer, trial):
            return None

        def end(self, result):
            self.ended = result

    listener = Listener()
    assert run([listener, lambda opt, trial: None], 2) is listener.ended
    run([listener, lambda opt, trial: True], 9)
    assert listener.ended.stop is Stop.CALLBACK


def test_ask_and_tell_has_trackers_too():
    tracker, optimizer = Noted(), bo.Optimizer(SPACE, seed=0)
    for _ in range(3):
        tracker(optimizer, optimizer.tell(optimizer.ask(), 1.0))
    tracker(optimizer, optimizer.ask())  # pending: nothing to show
    tracker.end(optimizer.result())
    assert [what for what, _ in tracker.seen] == ["begin", "show", "show", "show", "finish"]


def test_several_objectives_have_a_front_and_no_best():
    running: list[dict[str, float]] = []

    class Asks(Noted):
        def show(self, optimizer, trial):
            running.append(running_of(optimizer, trial, 0))
            assert best_of(optimizer) is None
            assert direction_of(optimizer) == "minimize error, maximize speed"

    bo.minimize(
        lambda p: {"error": p["x"], "speed": p["x"]},
        SPACE,
        objectives={"error": "minimize", "speed": "maximize"},
        n_trials=3,
        seed=0,
        proposer=bo.RandomSearch(),
        callbacks=Asks(),
    )
    assert [row["front"] for row in running] == [1.0, 2.0, 3.0]
    assert all({"error", "speed"} <= set(row) and "best" not in row for row in running)


def test_stopped_trials_are_shown():
    tracker = Noted()

    def train(params, trial):
        trial.report(params["x"], 1)
        return trial.stopped() if params["x"] > 0.5 else params["x"]

    result = bo.minimize(
        train, SPACE, n_trials=4, seed=0, proposer=bo.RandomSearch(), callbacks=tracker
    )
    assert tuple(t for what, t in tracker.seen if what == "show") == result.trials
    assert any(t.state is TrialState.STOPPED for t in result.trials)


def test_what_is_said_of_a_trial():
    result = run((), 12)
    done = next(t for t in result.trials if t.value is not None)
    numbers = metrics_of(done)
    assert numbers["value"] == done.value
    assert numbers["impurity"] == done.params["x"]
    assert (numbers["speed"], numbers["cost"]) == (2.0, 3.0)
    assert numbers["feasible"] == float(done.feasible)
    assert numbers["seconds"] >= 0
    failed = next(t for t in result.trials if t.value is None)
    assert set(metrics_of(failed)) == {"seconds"}
    for trial in result.trials:
        kinds = {type(value) for value in plain_params(trial).values()}
        assert kinds <= {float, str, int}
    assert "all trials were spent" in report_of(result)


@pytest.mark.parametrize(
    ("module", "missing", "words"),
    [
        ("mlflow", ["mlflow"], r"bayesopt-engine\[mlflow\]"),
        ("wandb", ["wandb"], r"bayesopt-engine\[wandb\]"),
        ("tensorboard", ["tensorboardX", "torch"], r"bayesopt-engine\[tensorboard\]"),
    ],
)
def test_a_missing_tracker_is_named_with_what_to_install(module, missing, words, monkeypatch):
    monkeypatch.delitem(sys.modules, f"bayesopt.integrations.{module}", raising=False)
    for name in missing:
        monkeypatch.setitem(sys.modules, name, None)  # as if it were not installed
        monkeypatch.delitem(sys.modules, "torch.utils.tensorboard", raising=False)
    with pytest.raises(ImportError, match=words):
        import_module(f"bayesopt.integrations.{module}")


# ------------------------------------------------------------------ the real ones


def mlflow_callback(tmp_path, **options):
    pytest.importorskip("mlflow")
    from bayesopt.integrations.mlflow import MLflowCallback

    return MLflowCallback("oven", tracking_uri=f"sqlite:///{tmp_path}/mlflow.db", **options)


@pytest.mark.slow
def test_mlflow_has_the_run_and_one_for_each_trial(tmp_path):
    tracker = mlflow_callback(tmp_path, run_name="baking")
    result = run(tracker)
    client = import_module("mlflow").MlflowClient(f"sqlite:///{tmp_path}/mlflow.db")
    parent = client.get_run(tracker.run_id)
    assert parent.info.status == "FINISHED"
    assert parent.info.run_name == "baking"
    assert parent.data.tags["direction"] == "minimize"
    assert parent.data.tags["constraint.impurity"] == "<= 0.5"
    assert parent.data.tags["best.trial"] == str(result.best.number)
    assert float(parent.data.tags["best.x"]) == result.best.params["x"]
    assert parent.data.tags["stop"] == "all trials were spent"
    best = {m.step: m.value for m in client.get_metric_history(tracker.run_id, "best")}
    assert best == {i: v for i, v in enumerate(best_so_far(result)) if v is not None}
    failed = sum(t.state is TrialState.FAILED for t in result.trials)
    assert failed, "the case needs a failed trial"
    assert parent.data.metrics["failed"] == failed
    runs = client.search_runs(
        [parent.info.experiment_id], f"tags.`mlflow.parentRunId` = '{tracker.run_id}'"
    )
    assert len(runs) == 6
    for child in runs:
        trial = result.trials[int(child.data.tags["trial"])]
        assert child.data.params == {k: str(v) for k, v in trial.params.items()}
        assert child.data.metrics.get("value") == trial.value
        state = "FINISHED" if trial.state is TrialState.COMPLETE else "FAILED"
        assert child.info.status == state
        assert ("too hot" in child.data.tags.get("error", "")) == (state == "FAILED")


@pytest.mark.slow
def test_mlflow_goes_on_with_a_given_run_and_leaves_it_open(tmp_path):
    first = mlflow_callback(tmp_path)
    client = import_module("mlflow").MlflowClient(f"sqlite:///{tmp_path}/mlflow.db")
    given = client.create_run(client.create_experiment("oven")).info.run_id
    for _ in range(2):
        run(mlflow_callback(tmp_path, run_id=given, trials=False), 2)
    assert client.get_run(given).info.status == "RUNNING"
    assert first.run_id is None
    assert len(client.search_runs([client.get_run(given).info.experiment_id])) == 1


@pytest.mark.slow
@pytest.mark.parametrize("trials", [False, True])
def test_wandb_offline(tmp_path, trials, monkeypatch):
    wandb = pytest.importorskip("wandb")
    monkeypatch.setenv("WANDB_SILENT", "true")
    from bayesopt.integrations.wandb import WandbCallback

    tracker = WandbCallback(
        project="oven", mode="offline", dir=str(tmp_path), trials=trials,
        settings=wandb.Settings(console="off"),
    )  # fmt: skip
    logged: list[Any] = []
    begin = tracker.begin

    def listening(optimizer):
        begin(optimizer)
        log = tracker.run.log
        monkeypatch.setattr(tracker.run, "log", lambda row: (logged.append(row), log(row)))

    monkeypatch.setattr(tracker, "begin", listening)
    result = run(tracker, 4)
    assert [row["trial"] for row in logged] == [0, 1, 2, 3]
    assert [row.get("value") for row in logged] == [t.value for t in result.trials]
    assert [row.get("best") for row in logged] == best_so_far(result)
    assert all(
        row["params/x"] == t.params["x"] for row, t in zip(logged, result.trials, strict=True)
    )
    assert ["error" in row for row in logged] == [
        t.state is TrialState.FAILED for t in result.trials
    ]
    folders = list((tmp_path / "wandb").glob("offline-run-*"))
    assert len(folders) == 1 + 4 * trials
    assert all(list(folder.glob("*.wandb")) for folder in folders)
    assert wandb.run is None  # it was ended


def test_tensorboard_has_curves_hparams_and_texts(tmp_path):
    pytest.importorskip("tensorboardX")
    readers = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
    from bayesopt.integrations.tensorboard import TensorBoardCallback

    result = run(TensorBoardCallback(tmp_path, metric="loss"))

    def read(folder):
        found = readers.EventAccumulator(str(folder))
        found.Reload()
        return found

    whole = read(tmp_path)
    for name, values in {
        "value": [t.value for t in result.trials],
        "best": best_so_far(result),
        "impurity": [t.outcome and t.outcome.constraints["impurity"] for t in result.trials],
    }.items():
        curve = {point.step: point.value for point in whole.Scalars(name)}
        expected = {i: v for i, v in enumerate(values) if v is not None}
        assert curve == pytest.approx(expected, rel=1e-6), name
    assert whole.Scalars("failed")[-1].value == sum(t.value is None for t in result.trials)
    assert {"run/text_summary", "result/text_summary", "errors/text_summary"} <= set(
        whole.Tags()["tensors"]
    )
    plugin = import_module("tensorboard.plugins.hparams.plugin_data_pb2")
    for trial in result.trials:
        folder = read(tmp_path / f"trial-{trial.number}")
        content = folder.summary_metadata["_hparams_/session_start_info"].plugin_data.content
        told = plugin.HParamsPluginData.FromString(content).session_start_info.hparams
        assert told["x"].number_value == trial.params["x"]
        assert ("n" in told) == ("n" in trial.params)
        assert ("hparam/loss" in folder.Tags()["scalars"]) == (trial.value is not None)
