"""Several objectives side by side with Optuna's GPSampler, TPESampler and NSGAIISampler, and with
BoTorch's qLogNEHVI, which is told the reference point; ``told`` is ours with the same.

``python -m benchmarks.multi_objective_rivals ours branin_currin --seeds 3`` prints a line for
each run: the hypervolume of the noise-free values of the feasible points at 20, 40 and 60
evaluations, and the median CPU seconds of a proposal by its model. ``--batch 4 --design 6
--checkpoints 54 86`` is the protocol of BoTorch's tutorial on noise. ``MULTI_OBJECTIVE.md`` has a
table.
"""

from __future__ import annotations

import argparse
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
from benchmarks.multi_objective_tasks import TASKS, Params, Task

Floats = NDArray[np.float64]
Tell = Callable[[Floats, float | None], None]


@dataclass(frozen=True)
class Plan:
    """How many evaluations, and how: the design's size (None: the optimizer's own) and batches."""

    n: int
    seed: int
    design: int | None = None
    batch: int = 1


def ours(
    task: Task, plan: Plan, *, told: bool = False, sds: bool = False
) -> Iterator[tuple[Params, float, Tell]]:
    """Points, the seconds they took, and how to tell their values.

    ``told``: the reference point is given as thresholds; ``sds``: the noise beside the results.
    """
    names = [f"f{j}" for j in range(len(task.reference))]
    opt = bo.Optimizer(
        task.space,
        objectives=dict.fromkeys(names, "minimize"),
        thresholds=dict(zip(names, task.reference, strict=True)) if told else None,
        outcome_constraints=None if task.limited is None else {"limited": "<= 0"},
        initial_design=bo.InitialDesign(n=plan.design),
        seed=plan.seed,
        n_trials=plan.n,
    )

    def tell(trial: bo.Trial, values: Floats, limited: float | None) -> None:
        results: dict[str, Any] = dict(zip(names, values.tolist(), strict=True))
        if limited is not None:
            results["limited"] = limited
        if sds and task.noise is not None:
            results["sds"] = dict(zip(names, task.noise, strict=True))
        opt.tell(trial, results)

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


def botorch(task: Task, plan: Plan) -> Iterator[tuple[Params, float, Tell]]:
    """BoTorch as its tutorial puts it together, for numbers between 0 and 1, one at a time:
    2 (d + 1) Sobol points, a SingleTaskGP an objective, qLogNEHVI with the reference point told.
    """
    import torch
    from botorch import fit_gpytorch_mll
    from botorch.acquisition.multi_objective.logei import (
        qLogNoisyExpectedHypervolumeImprovement,
    )
    from botorch.models import ModelListGP, SingleTaskGP
    from botorch.optim import optimize_acqf
    from gpytorch.mlls import SumMarginalLogLikelihood

    torch.set_num_threads(1)
    torch.manual_seed(plan.seed)
    torch.set_default_dtype(torch.double)
    names = list(task.space.parameters)
    bounds = torch.tensor([[0.0] * len(names), [1.0] * len(names)])
    n_first = plan.design or 2 * (len(names) + 1)
    x = torch.quasirandom.SobolEngine(len(names), True, seed=plan.seed).draw(n_first).double()
    y: list[list[float]] = []

    def tell(values: Floats, limited: float | None) -> None:
        y.append((-values).tolist())

    for i in range(plan.n):
        start = time.process_time()
        if i >= n_first:
            seen = torch.tensor(y)
            models = [SingleTaskGP(x, seen[:, j : j + 1]) for j in range(seen.shape[1])]
            model = ModelListGP(*models)
            fit_gpytorch_mll(SumMarginalLogLikelihood(model.likelihood, model))
            acquisition = qLogNoisyExpectedHypervolumeImprovement(
                model, [-r for r in task.reference], x, prune_baseline=True
            )
            found, _ = optimize_acqf(
                acquisition, bounds, q=1, num_restarts=10, raw_samples=512,
                options={"batch_limit": 5, "maxiter": 200},
            )  # fmt: skip
            x = torch.cat([x, found.detach()])
        seconds = time.process_time() - start
        yield dict(zip(names, x[i].tolist(), strict=True)), seconds, tell


OPTIMIZERS = {
    "ours": ours,
    "told": partial(ours, told=True),
    "told_noise": partial(ours, sds=True),
    "told_both": partial(ours, told=True, sds=True),
    "botorch": botorch,
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
