"""Several objectives side by side with Optuna's GPSampler and TPESampler.

``python -m benchmarks.multi_objective_rivals ours branin_currin --seeds 3`` prints a line for
each run: the hypervolume of the noise-free values at 20, 40 and 60 evaluations, and the median
seconds of a proposal by its model. ``benchmarks/MULTI_OBJECTIVE.md`` has a table.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

import bayesopt as bo
from bayesopt.acquisition.pareto import hypervolume
from benchmarks.multi_objective import PROBLEMS

Floats = NDArray[np.float64]
Params = dict[str, Any]
CHECKPOINTS = (20, 40, 60)


@dataclass(frozen=True)
class Task:
    """A problem with named parameters; ``noise`` are standard deviations of what is told."""

    space: bo.Space
    reference: tuple[float, ...]
    maximum: float
    evaluate: Callable[[Params], Floats]
    noise: tuple[float, ...] | None = None


def _of_cube(name: str, noise: tuple[float, ...] | None = None) -> Task:
    problem = PROBLEMS[name]
    names = [f"x{j}" for j in range(problem.dimension)]
    space = bo.Space({name: bo.Float(0.0, 1.0) for name in names})

    def evaluate(params: Params) -> Floats:
        return problem.evaluate(np.array([[params[name] for name in names]]))[0]

    return Task(space, problem.reference, problem.maximum, evaluate, noise)


_SHIFT = {"a": 0.0, "b": 0.08, "c": 0.25, "d": 0.4}


def mixed(params: Params) -> Floats:
    """Two numbers, a whole one, and a choice that decides which trade-off is to be had."""
    n, kind = params["n"] / 12.0, params["kind"]
    off = (params["y"] - 0.3 - 0.4 * n) ** 2 + _SHIFT[kind] * (1.0 - n) + 0.1 * (kind == "a") * n
    x = params["x"]
    return np.array([x + off, 1.0 - np.sqrt(x) * (0.7 + 0.3 * n) + off])


MIXED = bo.Space(
    x=bo.Float(0.0, 1.0),
    y=bo.Float(0.0, 1.0),
    n=bo.Int(0, 12),
    kind=bo.Categorical(["a", "b", "c", "d"]),
)


def _best_of_mixed() -> float:
    """The largest hypervolume of the mixed problem, from a fine grid."""
    points = [
        mixed({"x": float(x), "y": 0.3 + 0.4 * n / 12.0, "n": n, "kind": kind})
        for x in np.linspace(0.0, 1.0, 1001)
        for n in range(13)
        for kind in "abcd"
    ]
    return hypervolume(np.array(points), np.array([1.1, 1.1]))


TASKS: dict[str, Callable[[], Task]] = {
    "branin_currin": lambda: _of_cube("branin_currin"),
    "zdt1": lambda: _of_cube("zdt1"),
    "dtlz2_3": lambda: _of_cube("dtlz2_3"),
    "noisy_branin_currin": lambda: _of_cube("branin_currin", (15.19, 0.63)),
    "mixed": lambda: Task(MIXED, (1.1, 1.1), _best_of_mixed(), mixed),
}


def ours(task: Task, n: int, seed: int) -> Iterator[tuple[Params, float, Callable[..., None]]]:
    """Points, the seconds they took, and how to tell their values."""
    names = [f"f{j}" for j in range(len(task.reference))]
    opt = bo.Optimizer(
        task.space, objectives=dict.fromkeys(names, "minimize"), seed=seed, n_trials=n
    )
    for _ in range(n):
        start = time.perf_counter()
        trial = opt.ask()
        seconds = time.perf_counter() - start
        yield dict(trial.params), seconds, lambda values, t=trial: opt.tell(t, tuple(values))


def rival(sampler: Callable[[int], Any]) -> Callable[..., Any]:
    """An Optuna sampler as the same iterator."""

    def run(task: Task, n: int, seed: int) -> Iterator[Any]:
        import optuna

        optuna.logging.set_verbosity(optuna.logging.ERROR)
        study = optuna.create_study(
            directions=["minimize"] * len(task.reference), sampler=sampler(seed)
        )
        for _ in range(n):
            start = time.perf_counter()
            trial = study.ask()
            params: Params = {}
            for name, p in task.space.parameters.items():
                if isinstance(p, bo.Float):
                    params[name] = trial.suggest_float(name, p.low, p.high)
                elif isinstance(p, bo.Int):
                    params[name] = trial.suggest_int(name, p.low, p.high)
                elif isinstance(p, bo.Categorical):
                    params[name] = trial.suggest_categorical(name, list(p.choices))
            seconds = time.perf_counter() - start
            yield params, seconds, lambda values, t=trial: study.tell(t, list(values))

    return run


def _optuna(name: str) -> Callable[[int], Any]:
    def make(seed: int) -> Any:
        import optuna

        return getattr(optuna.samplers, name)(seed=seed)

    return make


OPTIMIZERS = {
    "ours": ours,
    "gp": rival(_optuna("GPSampler")),
    "tpe": rival(_optuna("TPESampler")),
}


def measure(optimizer: str, task: Task, seed: int) -> tuple[list[float], float]:
    """Hypervolumes at the checkpoints, and the median seconds of the later proposals."""
    rng = np.random.default_rng(seed)
    truths, times = [], []
    for params, seconds, tell in OPTIMIZERS[optimizer](task, max(CHECKPOINTS), seed):
        truth = task.evaluate(params)
        truths.append(truth)
        times.append(seconds)
        noise = (
            0.0 if task.noise is None else np.array(task.noise) * rng.standard_normal(len(truth))
        )
        tell((truth + noise).tolist())
    reference = np.array(task.reference)
    volumes = [hypervolume(np.array(truths[:k]), reference) for k in CHECKPOINTS]
    return volumes, float(np.median(times[20:]))


def main() -> None:
    """Print a line for each run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("optimizer", choices=sorted(OPTIMIZERS))
    parser.add_argument("tasks", nargs="+", choices=sorted(TASKS))
    parser.add_argument("--seeds", type=int, default=3)
    chosen = parser.parse_args()
    for name in chosen.tasks:
        task = TASKS[name]()
        for seed in range(chosen.seeds):
            volumes, seconds = measure(chosen.optimizer, task, seed)
            shown = " / ".join(f"{v:.4g}" for v in volumes)
            print(
                f"{chosen.optimizer} {name} seed {seed}: {shown} of {task.maximum:.5g}, "
                f"{1e3 * seconds:.0f} ms",
                flush=True,
            )


if __name__ == "__main__":
    main()
