"""Objectives and studies for the tests of the sampler."""

from __future__ import annotations

import math

import optuna

from bayesopt.integrations.optuna import BayesOptSampler
from bayesopt.integrations.optuna.snapshot import Reader, read_trials, search_space
from bayesopt.strategy import RunData

optuna.logging.set_verbosity(optuna.logging.ERROR)


def mixed(trial: optuna.Trial) -> float:
    """A float, a logarithm, an integer, a category: optimum 0 at (0.3, 1e-3, 4, "b")."""
    x = trial.suggest_float("x", 0.0, 1.0)
    lr = trial.suggest_float("lr", 1e-5, 1e-1, log=True)
    k = trial.suggest_int("k", 1, 9)
    kind = trial.suggest_categorical("kind", ["a", "b", "c"])
    return (
        (x - 0.3) ** 2
        + (math.log10(lr) + 3) ** 2 / 10
        + (k - 4) ** 2 / 20
        + {"a": 0.5, "b": 0.0, "c": 0.2}[kind]
    )


def conditional(trial: optuna.Trial) -> float:
    """Each branch has parameters of its own; optimum 0 in the branch "net" with two layers."""
    kind = trial.suggest_categorical("kind", ["linear", "tree", "net"])
    if kind == "linear":
        return 0.4 + trial.suggest_float("slope", 0.0, 1.0)
    if kind == "tree":
        return 0.3 + abs(trial.suggest_int("depth", 1, 12) - 6) / 10
    layers = trial.suggest_int("layers", 1, 3)
    error = 0.1 * (layers - 2) ** 2
    for i in range(layers):
        error += (trial.suggest_float(f"width_{i}", 0.0, 1.0) - 0.5) ** 2
    return error


def study(sampler: BayesOptSampler | None = None, **options: object) -> optuna.Study:
    return optuna.create_study(sampler=sampler or BayesOptSampler(seed=0), **options)


def points(of: optuna.Study) -> list[dict[str, object]]:
    return [trial.params for trial in of.trials]


def known(study: optuna.Study, own: int = -1, **options: object) -> RunData:
    """What the sampler knows of a study when trial ``own`` asks."""
    reader = Reader(False, options.get("failed", True), options.get("pruned_value"))
    trials = read_trials(study, own)
    return reader.read(study, trials, search_space(trials), own).data
