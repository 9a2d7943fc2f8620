"""A network whose depth decides which parameters there are, with one of two optimizers."""

import math

import optuna
import optunahub


def objective(trial: optuna.Trial) -> float:
    """A made-up validation error."""
    layers = trial.suggest_int("layers", 1, 3)
    error = 0.1 * (layers - 2) ** 2
    for i in range(layers):
        error += (trial.suggest_float(f"width_{i}", 0.0, 1.0) - 0.5) ** 2
    rate = trial.suggest_float("rate", 1e-5, 1e-1, log=True)
    error += 0.1 * (math.log10(rate) + 3.0) ** 2
    if trial.suggest_categorical("optimizer", ["adam", "sgd"]) == "sgd":
        error += 0.05 + (trial.suggest_float("momentum", 0.0, 0.99) - 0.9) ** 2
    return error


if __name__ == "__main__":
    module = optunahub.load_module("samplers/bayesopt")
    study = optuna.create_study(sampler=module.BayesOptSampler(seed=0))
    study.optimize(objective, n_trials=50)
    print(study.best_trial)
