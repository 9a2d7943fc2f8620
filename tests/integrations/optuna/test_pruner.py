"""BayesOptPruner: our rules with any sampler."""

import numpy as np
import pytest

optuna = pytest.importorskip("optuna")

import bayesopt as bo  # noqa: E402
from bayesopt.integrations.optuna import BayesOptPruner  # noqa: E402


def study_of(sign, pruner, n=40):
    def objective(trial):
        x = trial.suggest_float("x", 0.0, 1.0)
        for step in range(1, 21):
            trial.report(sign * ((x - 0.4) ** 2 + 1 / step), step)
            if trial.should_prune():
                raise optuna.TrialPruned
        return sign * (x - 0.4) ** 2

    study = optuna.create_study(
        sampler=optuna.samplers.RandomSampler(seed=0),
        pruner=pruner,
        direction="minimize" if sign > 0 else "maximize",
    )
    study.optimize(objective, n_trials=n)
    return study


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_bad_trials_are_pruned_and_the_best_is_finished(sign):
    study = study_of(sign, BayesOptPruner())
    states = [t.state.name for t in study.trials]
    assert states[:5] == ["COMPLETE"] * 5
    assert states.count("PRUNED") >= 20
    points = np.array([t.params["x"] for t in study.trials])
    assert abs(study.best_params["x"] - 0.4) <= np.sort(np.abs(points - 0.4))[1]


def test_directions_mirror_each_other():
    up, down = study_of(-1.0, BayesOptPruner()), study_of(1.0, BayesOptPruner())
    assert [t.state for t in up.trials] == [t.state for t in down.trials]


def test_other_rules_and_what_is_none():
    assert study_of(1.0, BayesOptPruner(bo.NoStopping()), n=8).best_trial.state.name == "COMPLETE"
    with pytest.raises(TypeError, match="rule"):
        BayesOptPruner("median")
