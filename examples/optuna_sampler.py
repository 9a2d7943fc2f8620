"""Optuna with this package's sampler: the one line to change is ``sampler=``.

    python examples/optuna_sampler.py

Needs the extra: pip install 'bayesopt-engine[optuna]'

The objective is define-by-run: what it asks for depends on what it was given. A constraint keeps
the training time below a limit, some settings crash, and the study lives in a file so that it can
be continued.
"""

import math
import tempfile
from pathlib import Path

import optuna

from bayesopt.integrations.optuna import BayesOptSampler


def objective(trial: optuna.Trial) -> float:
    """A made-up validation error of one of two models."""
    rate = trial.suggest_float("rate", 1e-4, 1.0, log=True)
    error = 0.05 * (math.log10(rate) + 1.0) ** 2
    if trial.suggest_categorical("model", ["boosting", "network"]) == "boosting":
        depth = trial.suggest_int("depth", 1, 12)
        trees = trial.suggest_int("trees", 50, 1000, step=50)
        seconds = 0.002 * trees * depth
        error += 0.2 + (depth - 5) ** 2 / 100 + 20 / trees
    else:
        layers = trial.suggest_int("layers", 1, 3)
        widths = [trial.suggest_int(f"width_{i}", 16, 256, log=True) for i in range(layers)]
        if sum(widths) > 300:
            raise MemoryError("out of memory")
        seconds = 0.02 * sum(widths)
        error += 0.1 + 0.05 * abs(layers - 2) + sum((math.log2(w) - 6.5) ** 2 for w in widths) / 50
    if hasattr(trial, "set_constraint"):  # Optuna 5
        trial.set_constraint("seconds", seconds - 3.0)
    return error


def main(first: int = 25, more: int = 15) -> None:
    """Begin a study, continue it with a new sampler, and show what was found."""
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'study.db'}"
        study = optuna.create_study(
            study_name="demo", storage=url, sampler=BayesOptSampler(seed=0)
        )
        study.optimize(objective, n_trials=first, catch=(MemoryError,))
        study = optuna.load_study(study_name="demo", storage=url, sampler=BayesOptSampler(seed=0))
        study.optimize(objective, n_trials=more, catch=(MemoryError,))
        states = [trial.state.name for trial in study.trials]
        print(f"{states.count('COMPLETE')} trials complete, {states.count('FAIL')} failed")
        print(f"best error {study.best_value:.4f} with {study.best_params}")


if __name__ == "__main__":
    main()
