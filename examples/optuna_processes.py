"""Several processes on one Optuna study: nothing is lost, nothing is done twice.

    python examples/optuna_processes.py [--storage sqlite|journal] [--processes 4] [--trials 50]

Needs the extra: pip install 'bayesopt-engine[optuna]'

Every process opens the same file and runs ``study.optimize``. Proposals are shared through the
file, so that each process knows what the others are evaluating. The space is conditional: the
number of layers decides which widths are asked for. Processes that finish at the same moment make
the hardest case, so the objective here takes no time.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import optuna

from bayesopt.integrations.optuna import BayesOptSampler


def objective(trial: optuna.Trial) -> float:
    """A made-up validation error of a small network; few enough points for duplicates to be
    likely."""
    layers = trial.suggest_int("layers", 1, 3)
    error = 0.1 * (layers - 2) ** 2
    for i in range(layers):
        width = trial.suggest_int(f"width_{i}", 8, 64, step=8)
        error += (width / 64 - 0.5 + 0.1 * i) ** 2
    optimizer = trial.suggest_categorical("optimizer", ["sgd", "adam", "lion"])
    return error + {"sgd": 0.2, "adam": 0.0, "lion": 0.05}[optimizer]


def open_storage(kind: str, path: str) -> optuna.storages.BaseStorage:
    """A storage in a file."""
    if kind == "sqlite":
        return optuna.storages.RDBStorage(
            f"sqlite:///{path}", engine_kwargs={"connect_args": {"timeout": 100}}
        )
    from optuna.storages.journal import JournalFileBackend

    return optuna.storages.JournalStorage(JournalFileBackend(path))


def work(kind: str, path: str, trials: int) -> None:
    """What each process does."""
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.load_study(
        study_name="shared", storage=open_storage(kind, path), sampler=BayesOptSampler(seed=0)
    )
    study.optimize(objective, n_trials=trials)


def run(kind: str, path: str, processes: int, trials: int) -> optuna.Study:
    """Make the study, start the processes, wait for them."""
    study = optuna.create_study(study_name="shared", storage=open_storage(kind, path))
    command = [
        sys.executable,
        __file__,
        "--storage",
        kind,
        "--trials",
        str(trials),
        "--work",
        path,
    ]
    workers = [subprocess.Popen(command) for _ in range(processes)]
    failed = [worker.wait() for worker in workers]
    if any(failed):
        raise SystemExit(f"exit codes of the processes: {failed}")
    return study


def main() -> None:
    """Run and report."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--storage", choices=["sqlite", "journal"], default="sqlite")
    parser.add_argument("--processes", type=int, default=4)
    parser.add_argument("--trials", type=int, default=50, help="of each process")
    parser.add_argument("--work", metavar="PATH", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.work:
        return work(given.storage, given.work, given.trials)
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        study = run(given.storage, str(Path(folder) / "study"), given.processes, given.trials)
        seconds = time.perf_counter() - start
        trials = study.get_trials(deepcopy=False)
        done = [t for t in trials if t.state is optuna.trial.TrialState.COMPLETE]
        points = Counter(tuple(sorted(t.params.items())) for t in done)
        expected = given.processes * given.trials
        print(
            f"{given.storage}: {len(done)} of {expected} trials complete, "
            f"{expected - len(trials)} lost, "
            f"{sum(points.values()) - len(points)} duplicates, best {study.best_value:.4f}, "
            f"{seconds:.0f} s with {given.processes} processes"
        )


if __name__ == "__main__":
    main()
