"""Studies with several objectives."""

import numpy as np
import pytest

optuna = pytest.importorskip("optuna", reason="Optuna is not installed: bayesopt-engine[optuna]")

import bayesopt as bo  # noqa: E402
from bayesopt.acquisition.pareto import hypervolume  # noqa: E402
from bayesopt.integrations.optuna import BayesOptSampler  # noqa: E402
from bayesopt.integrations.studies import to_optuna  # noqa: E402

optuna.logging.set_verbosity(optuna.logging.ERROR)
BOTH = ["minimize", "maximize"]


def trade_off(trial):
    """The front is x in [0.2, 0.8] at kind "b" and z = 0.5."""
    x, z = trial.suggest_float("x", 0, 1), trial.suggest_float("z", 0, 1)
    off = (z - 0.5) ** 2 + (trial.suggest_categorical("kind", ["a", "b", "c"]) != "b")
    return (x - 0.2) ** 2 + off, 5.0 - (x - 0.8) ** 2 - off


def volume(study):
    points = np.array([[t.values[0], -t.values[1]] for t in study.trials if t.values])
    return hypervolume(points, np.array([0.5, -4.5]))


def optimized(n=20, f=trade_off, directions=BOTH, sampler=None, **options):
    sampler = sampler or BayesOptSampler(seed=0, n_startup_trials=5, **options)
    study = optuna.create_study(directions=directions, sampler=sampler)
    study.optimize(f, n_trials=n)
    return study


def test_it_finds_more_of_the_front_than_random_points():
    ours = volume(optimized())
    others = [volume(optimized(sampler=optuna.samplers.RandomSampler(seed=s))) for s in range(4)]
    assert ours > max(others)


def test_the_same_trials_as_a_run_of_its_own_data_has():
    """One study asked twice: proposals are a function of the storage."""
    one, other = (optimized(9) for _ in range(2))
    assert [t.params for t in one.trials] == [t.params for t in other.trials]
    # another sampler of the same seed goes on in its place
    other.sampler = BayesOptSampler(seed=0, n_startup_trials=5)
    one.optimize(trade_off, n_trials=1)
    other.optimize(trade_off, n_trials=1)
    assert one.trials[-1].params == other.trials[-1].params


def test_constraints_pruned_and_failed_trials():
    def f(trial):
        values = trade_off(trial)
        if trial.params["z"] > 0.9:
            raise optuna.TrialPruned
        if trial.params["z"] < 0.1:
            raise FloatingPointError
        if hasattr(trial, "set_constraint"):
            trial.set_constraint("c", 0.4 - trial.params["x"])
        return values

    options = {}
    if not hasattr(optuna.trial.FrozenTrial, "constraints"):
        options["constraints_func"] = lambda trial: (0.4 - trial.params["x"],)
    sampler = BayesOptSampler(seed=0, n_startup_trials=8, **options)
    study = optuna.create_study(directions=BOTH, sampler=sampler)
    study.optimize(f, n_trials=24, catch=FloatingPointError)
    states = {t.state for t in study.trials}
    assert optuna.trial.TrialState.COMPLETE in states
    feasible = [t.params["x"] >= 0.4 for t in study.trials[12:]]
    assert np.mean(feasible) > 0.5


def test_infinite_values_count_as_the_worst_there_are():
    def f(trial):
        first, second = trade_off(trial)
        return (float("inf"), second) if trial.number == 2 else (first, second)

    assert len(optimized(8, f=f).trials) == 8


def test_five_objectives_take_parego():
    def f(trial):
        x = trial.suggest_float("x", 0, 1)
        return tuple((x - c) ** 2 for c in (0.1, 0.3, 0.5, 0.7, 0.9))

    study = optimized(8, f=f, directions=["minimize"] * 5)
    assert len(study.best_trials) >= 3


def test_running_trials_are_taken_into_account():
    study = optimized(10)
    trials = [study.ask() for _ in range(3)]
    points = np.array([[t.suggest_float("x", 0, 1), t.suggest_float("z", 0, 1)] for t in trials])
    gaps = np.linalg.norm(points[:, None] - points[None], axis=2) + np.eye(3)
    assert gaps.min() > 1e-4


def test_a_run_goes_into_a_study_and_back(tmp_path):
    names = {"error": "minimize", "speed": "maximize"}
    space = {"x": bo.Float(0.0, 1.0)}
    result = bo.minimize(
        lambda p: {"speed": p["x"], "error": p["x"] ** 2, "sds": {"error": 0.1}},
        space,
        objectives=names,
        n_trials=5,
        seed=0,
    )
    url = f"sqlite:///{tmp_path}/o.db"
    assert to_optuna(result, url, study_name="s") == 5
    storage = optuna.storages.RDBStorage(url)
    study = optuna.load_study(storage=storage, study_name="s")
    assert [d.name for d in study.directions] == ["MINIMIZE", "MAXIMIZE"]
    again = bo.from_optuna(study, bo.Space(space))
    assert [t.values for t in again.trials] == [t.values for t in result.trials]
    assert again.trials[0].outcome.sds == {"error": 0.1}
    assert again.result().objectives == names
    storage.remove_session()
    storage.engine.dispose()
