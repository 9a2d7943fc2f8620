"""Runs that move to Optuna's storages and back."""

from __future__ import annotations

import gc
import json
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import bayesopt as bo
from bayesopt.trial import TrialState

optuna = pytest.importorskip("optuna")

from bayesopt.integrations.studies import from_optuna, to_optuna  # noqa: E402

SPACE = bo.Space(
    lr=bo.Float(1e-5, 0.1, log=True), drop=bo.Float(0, 1, step=0.25), n=bo.Int(1, 64, log=True),
    m=bo.Int(2, 10, step=2), kind=bo.Categorical(["tree", "line", None]), flag=bo.Boolean(),
    mixed=bo.Categorical([1, True, 1.5, "1"]), pair=bo.Categorical([(1, 2), (3, 4)]),
    order=bo.Ordinal([0.0, 0.1, 0.5]), depth=bo.Int(1, 9, when={"kind": ["tree", None]}),
    fixed=bo.Constant("v"),
)  # fmt: skip


@pytest.fixture(autouse=True)
def quiet() -> None:
    optuna.logging.set_verbosity(optuna.logging.ERROR)


@pytest.fixture
def run() -> bo.Optimizer:
    opt = bo.Optimizer(SPACE, direction="maximize", seed=0, proposer=bo.RandomSearch())
    for k in range(12):
        trial = opt.ask()
        if k == 3:
            opt.tell_failure(trial, "diverged")
        elif k == 5:
            opt.abandon(trial, "lost", retry=False)
        else:
            constraints = {"heat": k - 6.0, "cost": -1.0}
            opt.tell(
                trial, {"value": 0.1 * k, "sd": 0.01, "constraints": constraints, "info": [k]}
            )
    opt.ask()
    return opt


@pytest.fixture
def load() -> Iterator[Callable[[str, str], Any]]:
    """Opens stored studies; closes their connections, which Optuna leaves to the collector."""
    storages = []

    def load(url: str, study_name: str) -> Any:
        storages.append(optuna.storages.RDBStorage(url))
        return optuna.load_study(storage=storages[-1], study_name=study_name)

    yield load
    for storage in storages:
        storage.remove_session()
        storage.engine.dispose()


Load = Callable[[str, str], Any]


def test_there_and_back(run: bo.Optimizer, tmp_path: Path, load: Load) -> None:
    url = f"sqlite:///{tmp_path / 'optuna.db'}"
    assert to_optuna(run.result(), url, study_name="s") == 11
    study = load(url, "s")
    assert study.direction.name == "MAXIMIZE"
    assert [t.state.name for t in study.trials].count("FAIL") == 1
    assert study.trials[0].system_attrs["constraints"] == [-6.0, -1.0]
    back = from_optuna(study, SPACE)
    kept = [t for t in run.trials if t.state in (TrialState.COMPLETE, TrialState.FAILED)]
    assert [repr(dict(t.params)) for t in back.trials] == [
        repr({n: t.params[n] for n in SPACE.names if n in t.params}) for t in kept
    ]
    assert [t.outcome for t in back.trials] == [t.outcome for t in kept]
    assert back.direction == "maximize"
    assert back.best is not None
    assert run.best is not None
    assert back.best.value == run.best.value


def test_a_study_of_that_name_is_not_overwritten(run: bo.Optimizer, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'optuna.db'}"
    to_optuna(run.result(), url, study_name="s")
    with pytest.raises(ValueError, match="'s' exists"):
        to_optuna(run.result(), url, study_name="s")


def is_open(thing: object) -> bool:
    if not isinstance(thing, sqlite3.Connection):
        return False
    try:
        return thing.total_changes >= 0
    except sqlite3.ProgrammingError:
        return False


@pytest.fixture
def opened() -> Iterator[Callable[[], int]]:
    """How many database connections are open; until the end nobody collects what is forgotten."""
    gc.collect()
    gc.disable()
    yield lambda: sum(is_open(thing) for thing in gc.get_objects())
    gc.enable()


def test_no_connection_stays_open(
    run: bo.Optimizer, tmp_path: Path, opened: Callable[[], int]
) -> None:
    url, before = f"sqlite:///{tmp_path / 'optuna.db'}", opened()
    to_optuna(run.result(), url, study_name="s")
    with pytest.raises(ValueError, match="'s' exists"):
        to_optuna(run.result(), url, study_name="s")
    assert opened() == before


def objective(trial: Any) -> float:
    x = trial.suggest_float("x", 1e-3, 1, log=True)
    kind = trial.suggest_categorical("kind", ["svm", "forest"])
    if kind == "svm":
        gamma = trial.suggest_float("gamma", 0, 1, step=0.1)
        return float(x + gamma)
    if x > 0.5:
        raise ZeroDivisionError
    return float(x * trial.suggest_int("depth", 1, 20))


@pytest.fixture
def study() -> Any:
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=1))
    study.optimize(objective, n_trials=40, catch=(ZeroDivisionError,))
    return study


def test_the_space_is_read_off_a_study(study: Any) -> None:
    opt = from_optuna(study, seed=0, proposer=bo.RandomSearch())
    parameters = opt.space.parameters
    assert repr(parameters["x"]) == repr(bo.Float(1e-3, 1.0, log=True))
    assert repr(parameters["gamma"]) == repr(bo.Float(0.0, 1.0, step=0.1, when={"kind": ["svm"]}))
    assert set(parameters) == {"x", "kind", "gamma", "depth"}
    states = [t.state.name for t in study.trials]
    assert states.count("FAIL") > 0
    # these failed before they had a depth
    assert [t.state for t in opt.trials] == [TrialState.COMPLETE] * states.count("COMPLETE")
    assert opt.best is not None
    assert opt.best.value == study.best_value
    trial = opt.ask()
    assert ("gamma" in trial.params) == (trial.params["kind"] == "svm")


def test_a_space_that_cannot_be_read_off(study: Any) -> None:
    study.add_trial(
        optuna.create_trial(
            value=1.0,
            params={"x": 0.1},
            distributions={"x": optuna.distributions.FloatDistribution(0, 1)},
        )
    )
    with pytest.raises(ValueError, match="x: the study has different distributions"):
        from_optuna(study)
    with pytest.raises(ValueError, match="no finished trials"):
        from_optuna(optuna.create_study())
    odd = optuna.create_study()
    for x in (0.1, 0.9):
        d = {"x": optuna.distributions.FloatDistribution(0, 1)}
        more = {"y": optuna.distributions.IntDistribution(0, 3)} if x > 0.5 else {}
        params = {"x": x} | dict.fromkeys(more, 1)
        odd.add_trial(optuna.create_trial(value=x, params=params, distributions=d | more))
    with pytest.raises(ValueError, match="y: only some trials have it"):
        from_optuna(odd)
    space = bo.Space(x=bo.Float(0, 1))
    with pytest.raises(ValueError, match="y"):
        from_optuna(odd, space)


def test_from_the_command_line(run: bo.Optimizer, tmp_path: Path, load: Load) -> None:
    typer = pytest.importorskip("typer.testing")
    from bayesopt.cli.app import app

    path = tmp_path / "run.db"
    opt = bo.Optimizer(SPACE, storage=path, seed=0, proposer=bo.RandomSearch())
    opt.tell(opt.ask(), 0.5)
    opt.close()
    url = f"sqlite:///{tmp_path / 'optuna.db'}"
    done = typer.CliRunner().invoke(app, ["export", str(path), "--to-optuna", url])
    assert done.exit_code == 0, done.output
    assert load(url, "run").best_value == 0.5
    again = typer.CliRunner().invoke(app, ["export", str(path), "--to-optuna", url])
    assert again.exit_code == 2
    assert "'run' exists" in again.stderr


def test_values_are_exact(run: bo.Optimizer, tmp_path: Path, load: Load) -> None:
    url = f"sqlite:///{tmp_path / 'optuna.db'}"
    to_optuna(run.result(), url, study_name="s")
    study = load(url, "s")
    ours = [t for t in run.trials if t.outcome]
    theirs = [t for t in study.trials if t.value is not None]
    for mine, other in zip(ours, theirs, strict=True):
        assert mine.value == other.value
        assert mine.params["lr"] == other.params["lr"]
        assert other.params["mixed"] == json.dumps(mine.params["mixed"])  # 1 == True, for Optuna


def test_limits_and_records_travel_and_optuna_sees_what_is_beyond_them(
    tmp_path: Path, load: Load
) -> None:
    limits = {"impurity": "<= 0.5", "yield": ">= 90"}
    opt = bo.Optimizer(
        {"x": bo.Float(0, 1)}, seed=0, proposer=bo.RandomSearch(), outcome_constraints=limits,
        records=["ms"],
    )  # fmt: skip
    opt.tell(opt.ask(), {"value": 1.0, "impurity": 0.75, "yield": 92, "sds": {"yield": 2}})
    opt.tell(opt.ask(), {"value": 2.0, "impurity": 0.5, "yield": 90, "ms": 3})
    url = f"sqlite:///{tmp_path / 'optuna.db'}"
    to_optuna(opt.result(), url, study_name="s")
    study = load(url, "s")
    assert [t.system_attrs["constraints"] for t in study.trials] == [[0.25, -2.0], [0.0, 0.0]]
    back = from_optuna(study)
    assert back.outcome_constraints == limits
    assert [t.outcome for t in back.trials] == [t.outcome for t in opt.trials]
    assert [t.feasible for t in back.trials] == [False, True]
