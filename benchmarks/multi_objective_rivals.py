"""Several objectives side by side with Optuna's GPSampler, TPESampler and NSGAIISampler.

``python -m benchmarks.multi_objective_rivals ours branin_currin --seeds 3`` prints a line for
each run: the hypervolume of the noise-free values of the feasible points at 20, 40 and 60
evaluations, and the median CPU seconds of a proposal by its model. ``--batch 4 --design 6
--checkpoints 54 86`` is the protocol of BoTorch's tutorial on noise. ``MULTI_OBJECTIVE.md`` has a
table. The reactions need ``--data FOLDER`` with ``edboplus/experiments_yield_and_cost.csv`` (from
the repository doyle-lab-ucla/edboplus, MIT).
"""

from __future__ import annotations

import argparse
import csv
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import bayesopt as bo
from bayesopt.acquisition.pareto import hypervolume
from benchmarks.trade_offs import PROBLEMS

Floats = NDArray[np.float64]
Params = dict[str, Any]
Tell = Callable[[Floats, float | None], None]


@dataclass(frozen=True)
class Task:
    """A problem with named parameters.

    Attributes
    ----------
    noise : standard deviations of what is told; None: it is exact.
    limited : at most 0 where a point is feasible; None: all are.
    """

    space: bo.Space
    reference: tuple[float, ...]
    maximum: float
    evaluate: Callable[[Params], Floats]
    noise: tuple[float, ...] | None = None
    limited: Callable[[Params], float] | None = None


@dataclass(frozen=True)
class Plan:
    """How many evaluations, and how: the design's size (None: the optimizer's own) and batches."""

    n: int
    seed: int
    design: int | None = None
    batch: int = 1


def _of_cube(name: str, noise: tuple[float, ...] | None = None) -> Task:
    problem = PROBLEMS[name]
    names = [f"x{j}" for j in range(problem.dimension)]
    space = bo.Space({name: bo.Float(0.0, 1.0) for name in names})

    def point(params: Params) -> Floats:
        return np.array([[params[name] for name in names]])

    limited = problem.limited
    return Task(
        space,
        problem.reference,
        problem.maximum,
        lambda params: problem.evaluate(point(params))[0],
        noise,
        None if limited is None else lambda params: float(limited(point(params))[0]),
    )


def reactions(data: Path) -> Task:
    """1,728 measured reactions: yield in percent up, cost down."""
    with (data / "edboplus" / "experiments_yield_and_cost.csv").open() as file:
        rows = list(csv.DictReader(file))
    names = ("base", "ligand", "solvent", "concentration", "temperature")
    outputs = {
        tuple(r[n] for n in names): np.array([-float(r["yield"]), float(r["cost"])]) for r in rows
    }
    levels = {n: sorted({r[n] for r in rows}) for n in names}
    numbers = {n: sorted(map(float, levels[n])) for n in names[3:]}
    text = {(n, float(v)): v for n in names[3:] for v in levels[n]}
    space = bo.Space(
        {n: bo.Categorical(levels[n]) for n in names[:3]}
        | {n: bo.Ordinal(numbers[n]) for n in names[3:]}
    )

    def evaluate(params: Params) -> Floats:
        key = [params[n] if n in names[:3] else text[n, params[n]] for n in names]
        return outputs[tuple(key)]

    values = np.array(list(outputs.values()))
    reference = (0.0, 1.1 * float(values[:, 1].max()))
    return Task(space, reference, hypervolume(values, np.array(reference)), evaluate)


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


TASKS: dict[str, Callable[[Path], Task]] = {
    **{name: (lambda _, name=name: _of_cube(name)) for name in PROBLEMS},
    "noisy_branin_currin": lambda _: _of_cube("branin_currin", (15.19, 0.63)),
    "mixed": lambda _: Task(MIXED, (1.1, 1.1), _best_of_mixed(), mixed),
    "reactions": reactions,
}


def ours(task: Task, plan: Plan) -> Iterator[tuple[Params, float, Tell]]:
    """Points, the seconds they took, and how to tell their values."""
    names = [f"f{j}" for j in range(len(task.reference))]
    opt = bo.Optimizer(
        task.space,
        objectives=dict.fromkeys(names, "minimize"),
        outcome_constraints=None if task.limited is None else {"limited": "<= 0"},
        initial_design=bo.InitialDesign(n=plan.design),
        seed=plan.seed,
        n_trials=plan.n,
    )

    def tell(trial: bo.Trial, values: Floats, limited: float | None) -> None:
        told = dict(zip(names, values.tolist(), strict=True))
        opt.tell(trial, told if limited is None else {**told, "limited": limited})

    begun = 0
    while begun < plan.n:
        size = plan.batch if begun >= (plan.design or 0) else 1
        start = time.process_time()
        trials = opt.ask_batch(min(size, plan.n - begun))
        seconds = (time.process_time() - start) / size
        begun += len(trials)
        for trial in trials:
            yield dict(trial.params), seconds, partial(tell, trial)


def _suggested(trial: Any, space: bo.Space) -> Params:
    params: Params = {}
    for name, p in space.parameters.items():
        if isinstance(p, bo.Float):
            params[name] = trial.suggest_float(name, p.low, p.high)
        elif isinstance(p, bo.Int):
            params[name] = trial.suggest_int(name, p.low, p.high)
        elif isinstance(p, bo.Categorical):
            params[name] = trial.suggest_categorical(name, list(p.choices))
        elif isinstance(p, bo.Ordinal):
            params[name] = trial.suggest_categorical(name, list(p.values))
    return params


def rival(name: str) -> Callable[[Task, Plan], Iterator[tuple[Params, float, Tell]]]:
    """An Optuna sampler as the same iterator; a batch is asked before its results are told."""

    def run(task: Task, plan: Plan) -> Iterator[tuple[Params, float, Tell]]:
        import optuna

        optuna.logging.set_verbosity(optuna.logging.ERROR)
        limits = {} if task.limited is None else {"constraints_func": _limits}
        sampler = getattr(optuna.samplers, name)(seed=plan.seed, **limits)
        study = optuna.create_study(directions=["minimize"] * len(task.reference), sampler=sampler)

        def tell(trial: Any, values: Floats, limited: float | None) -> None:
            trial.set_user_attr("limited", limited)
            study.tell(trial, values.tolist())

        begun = 0
        while begun < plan.n:
            start = time.process_time()
            trials = [study.ask() for _ in range(min(plan.batch, plan.n - begun))]
            points = [_suggested(trial, task.space) for trial in trials]
            seconds = (time.process_time() - start) / len(trials)
            begun += len(trials)
            for trial, params in zip(trials, points, strict=True):
                yield params, seconds, partial(tell, trial)

    return run


def _limits(trial: Any) -> tuple[float]:
    return (trial.user_attrs["limited"],)


OPTIMIZERS = {
    "ours": ours,
    "gp": rival("GPSampler"),
    "tpe": rival("TPESampler"),
    "nsga2": rival("NSGAIISampler"),
}


def measure(
    optimizer: str, task: Task, plan: Plan, checkpoints: list[int]
) -> tuple[list[float], float]:
    """Hypervolumes at the checkpoints, and the median CPU seconds of the later proposals."""
    rng = np.random.default_rng(plan.seed)
    truths, times, feasible = [], [], []
    for params, seconds, tell in OPTIMIZERS[optimizer](task, plan):
        truth = task.evaluate(params)
        limited = None if task.limited is None else task.limited(params)
        truths.append(truth)
        times.append(seconds)
        feasible.append(limited is None or limited <= 0.0)
        drawn = rng.standard_normal(len(truth))
        tell(truth if task.noise is None else truth + np.array(task.noise) * drawn, limited)
    reference = np.array(task.reference)
    points, allowed = np.array(truths), np.array(feasible)
    volumes = [hypervolume(points[:k][allowed[:k]], reference) for k in checkpoints]
    return volumes, float(np.median(times[len(times) // 3 :]))


def main() -> None:
    """Print a line for each run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("optimizer", choices=sorted(OPTIMIZERS))
    parser.add_argument("tasks", nargs="+", choices=sorted(TASKS))
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--checkpoints", type=int, nargs="+", default=[20, 40, 60])
    parser.add_argument("--batch", type=int, default=1)
    parser.add_argument("--design", type=int, help="points of our initial design")
    parser.add_argument("--data", type=Path, default=Path("data"))
    chosen = parser.parse_args()
    for name in chosen.tasks:
        task = TASKS[name](chosen.data)
        found = []
        for seed in range(chosen.seeds):
            plan = Plan(max(chosen.checkpoints), seed, chosen.design, chosen.batch)
            volumes, seconds = measure(chosen.optimizer, task, plan, chosen.checkpoints)
            found.append(volumes)
            shown = " / ".join(f"{v:.4g}" for v in volumes)
            print(
                f"{chosen.optimizer} {name} seed {seed}: {shown} of {task.maximum:.5g}, "
                f"{1e3 * seconds:.0f} ms",
                flush=True,
            )
        means = " / ".join(f"{v:.4g}" for v in np.mean(found, axis=0))
        print(f"{chosen.optimizer} {name} mean of {chosen.seeds}: {means}", flush=True)


if __name__ == "__main__":
    main()
