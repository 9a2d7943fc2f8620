"""What is refused, and how it is said."""

import importlib
import importlib.metadata
import sys

import pytest

optuna = pytest.importorskip("optuna", reason="Optuna is not installed: bayesopt-engine[optuna]")

import bayesopt as bo  # noqa: E402
from bayesopt.integrations.optuna import BayesOptSampler  # noqa: E402

optuna.logging.set_verbosity(optuna.logging.ERROR)


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ({"seed": -1}, ValueError, "seed must be a whole number >= 0 or None; got -1"),
        ({"seed": True}, TypeError, "seed"),
        ({"n_startup_trials": 2.5}, TypeError, "n_startup_trials"),
        (
            {"surrogate": bo.MapGP},
            TypeError,
            r"surrogate must be a Surrogate.*MapGP\(\), an instance",
        ),
        ({"acquisition": "ei"}, TypeError, "acquisition must be an Acquisition; got 'ei'"),
        ({"independent_sampler": 3}, TypeError, "independent_sampler"),
        ({"pruned_value": "last"}, TypeError, "pruned_value must be a function of a trial"),
        ({"nonsense": 1}, TypeError, "nonsense"),
    ],
)
def test_arguments_of_the_wrong_kind(arguments, error, words):
    with pytest.raises(error, match=words):
        BayesOptSampler(**arguments)


def test_an_acquisition_of_one_objective_is_refused_where_there_are_several():
    sampler = BayesOptSampler(seed=0, n_startup_trials=1, acquisition=bo.UCB())
    study = optuna.create_study(directions=["minimize"] * 3, sampler=sampler)
    with pytest.raises(TypeError, match=r"bo\.EHVI\(\)"):
        study.optimize(lambda t: (t.suggest_float("x", 0, 1),) * 3, n_trials=3)


def test_nan_objectives_leave_the_study_going():
    study = optuna.create_study(sampler=BayesOptSampler(seed=0, n_startup_trials=3))
    study.optimize(lambda t: t.suggest_float("x", 0, 1) * float("nan"), n_trials=6)
    assert {t.state for t in study.trials} == {optuna.trial.TrialState.FAIL}
    study.optimize(lambda t: t.suggest_float("x", 0, 1), n_trials=4)
    assert study.best_trial.number > 5


def test_a_parameter_whose_kind_changes_is_refused_by_optuna():
    study = optuna.create_study(sampler=BayesOptSampler(seed=0, n_startup_trials=1))
    study.optimize(lambda t: t.suggest_float("x", 0, 1), n_trials=2)
    with pytest.raises(ValueError, match="distribution kind"):
        study.optimize(lambda t: t.suggest_int("x", 0, 1), n_trials=1)


def test_a_range_beyond_floats_is_drawn_independently():
    study = optuna.create_study(
        sampler=BayesOptSampler(seed=0, n_startup_trials=1, warn_independent_sampling=False)
    )
    study.optimize(
        lambda t: t.suggest_float("x", 0, 1) + 0 * t.suggest_float("wide", -1.7e308, 0.0),
        n_trials=3,
    )
    assert len(study.trials) == 3


@pytest.mark.skipif(not hasattr(optuna.trial.FrozenTrial, "constraints"), reason="for Optuna 5")
def test_constraints_by_function_are_for_optuna_4():
    with pytest.warns(FutureWarning, match="set_constraint"):
        BayesOptSampler(constraints_func=lambda trial: [0.0])


def test_independent_sampling_after_the_startup_is_said_once_per_trial(caplog):
    def objective(trial):
        value = trial.suggest_float("x", 0, 1)
        return value if trial.number < 6 else value + trial.suggest_float("late", 0, 1)

    study = optuna.create_study(sampler=BayesOptSampler(seed=0, n_startup_trials=4))
    logger = optuna.logging.get_logger("optuna.samplers.bayesopt")
    logger.addHandler(caplog.handler)
    level = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    try:
        study.optimize(objective, n_trials=9)
        # Optuna may hand its records on to the root logger too
        said = list({r.getMessage() for r in caplog.records if "independently" in r.getMessage()})
    finally:
        optuna.logging.set_verbosity(level)
        logger.removeHandler(caplog.handler)
    assert len(said) == 1
    assert "'late' of trial 6" in said[0]


@pytest.fixture
def reload():
    """Import the plug-in anew, and put the old one back."""
    name = "bayesopt.integrations.optuna"
    kept = {key: module for key, module in sys.modules.items() if key.startswith(name)}
    for key in kept:
        del sys.modules[key]
    yield lambda: importlib.import_module(name)
    for key in [key for key in sys.modules if key.startswith(name)]:
        del sys.modules[key]
    sys.modules.update(kept)


def test_a_host_too_old_is_named_with_the_version_that_is_needed(reload, monkeypatch):
    monkeypatch.setattr(importlib.metadata, "version", lambda name: "3.6.1")
    with pytest.raises(
        ImportError, match=r"needs optuna 4.0 or newer; found 3.6.1.*bayesopt-engine\[optuna\]"
    ):
        reload()


def test_a_missing_host_is_named_with_what_to_install(reload, monkeypatch):
    monkeypatch.setitem(sys.modules, "optuna", None)
    with pytest.raises(ImportError, match=r"bayesopt-engine\[optuna\]"):
        reload()
