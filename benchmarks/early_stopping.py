"""Early stopping on learning curves: regret of the best complete trial against the sum of cost.

    python -m benchmarks.early_stopping DATA/taskset --method auto --seeds 4 --cost 20
    python -m benchmarks.early_stopping DATA/yahpo/lcbench --tasks lcbench
    python -m benchmarks.early_stopping DATA/lcdb --tasks lcdb

The tasks are described in ``benchmarks/learning_curves.py``. A whole run costs 1. Regret: 0 is the
best that is known of a task, 1 the median.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

import bayesopt as bo
from bayesopt.proposal.base import SpaceExhausted
from benchmarks.learning_curves import Curves, lcbench, lcdb, taskset

COSTS = (5, 7, 10, 15, 20, 50)
Trace = list[tuple[float, float]]  # cost and end of each complete trial
Method = Callable[[Curves, int, float], Trace]


def regrets(task: Curves, trace: Trace) -> list[float]:
    """At each of the costs: 0 is the best, 1 the median (also where nothing is complete)."""
    found = []
    for cost in COSTS:
        ends = [end for spent, end in trace if spent <= cost + 1e-9]
        regret = (min(ends) - task.best) / (task.median - task.best) if ends else 1.0
        found.append(float(min(regret, 1.0)))
    return found


def ours(rule: Any, *, listed: bool = False, told: bool = False, **options: Any) -> Method:
    """Stopped trials go on from their checkpoint; ``listed``: the rows are the points to choose
    from, so that what was asked is what is evaluated; ``told``: the optimizer hears which row was.
    """

    def run(task: Curves, seed: int, most: float) -> Trace:
        space = task.listed if listed else task.space
        opt = bo.Optimizer(space, seed=seed, early_stopping=rule, **options)
        used: set[int] = set()
        rows: dict[tuple[Any, ...], int] = {}
        ended: dict[int | None, int] = {None: 0}
        spent, trace = 0.0, []
        while spent < most:
            try:
                trial = opt.ask()
            except SpaceExhausted:  # a choice among few
                break
            key = tuple(trial.params.values())
            begun = ended[opt.resumes(trial)]
            if key not in rows and not task.is_open(used):
                break
            row = rows[key] if key in rows else task.row(dict(trial.params), used)
            rows[key] = row
            there = task.evaluated(row) if told else None
            if there is not None:
                rows[tuple(there.values())] = row
            step = begun
            for step, loss in task.curve(row):
                if step <= begun and begun:
                    continue
                if not np.isfinite(loss):
                    opt.tell_failure(trial, "diverged", as_run=there)
                    break
                opt.report(trial, loss, step)
                if opt.should_stop(trial):
                    opt.tell_stopped(trial, "stopped", as_run=there)
                    ended[trial.number] = step
                    break
            else:
                opt.tell(trial, task.end(row), as_run=there)
                trace.append((spent + task.cost(begun, task.steps), task.end(row)))
            spent += task.cost(begun, step)
        return trace

    return run


def tpe(make_pruner: Callable[[Any], Any], *, told: bool = False) -> Method:
    """``told``: the study hears of each trial at the row that was evaluated."""

    def run(task: Curves, seed: int, most: float) -> Trace:
        import optuna

        optuna.logging.set_verbosity(optuna.logging.ERROR)
        pruner = make_pruner(optuna.pruners)
        study = optuna.create_study(sampler=optuna.samplers.TPESampler(seed=seed), pruner=pruner)
        used: set[int] = set()
        reached: dict[int, int] = {}
        spent, trace = 0.0, []
        while spent < most and task.is_open(used) and len(study.trials) < 20 * task.rows:
            trial = study.ask()
            params = task.suggest(trial)
            row = task.row(params, used)
            steps: dict[int, float] = {}
            state, value = optuna.trial.TrialState.COMPLETE, task.end(row)
            for step, loss in task.curve(row):
                if not np.isfinite(loss):
                    state = optuna.trial.TrialState.FAIL
                    break
                trial.report(loss, step)
                steps[step] = loss
                if trial.should_prune():
                    state = optuna.trial.TrialState.PRUNED
                    break
            else:
                trace.append((spent + task.cost(reached.get(row, 0), task.steps), value))
            # where a choice is among few, what is known of one costs nothing
            spent += task.cost(reached.get(row, 0), step)
            reached[row] = max(reached.get(row, 0), step)
            whole = state == optuna.trial.TrialState.COMPLETE
            if not told:
                study.tell(trial, value if whole else None, state=state)
                continue
            study.tell(trial, state=optuna.trial.TrialState.FAIL)
            if state != optuna.trial.TrialState.FAIL:
                study.add_trial(
                    optuna.trial.create_trial(
                        state=state,
                        value=value if whole else None,
                        params=task.evaluated(row),
                        distributions=trial.distributions,
                        intermediate_values=steps,
                    )
                )
        return trace

    return run


def i_epoch(finished: int = 3) -> Method:
    """Train all for a few steps, finish the best three (Egele et al. 2024); the cost is known."""

    def run(task: Curves, seed: int, most: float) -> Trace:
        rng, used = np.random.default_rng([seed, int(most)]), set[int]()
        n = min(max(int((most - finished) / task.cost(0, task.early)), finished), task.rows)
        rows = np.array([task.row(q, used) for q in task.random(n, rng)])
        losses = np.array([task.at(row, task.early) for row in rows])
        order = rows[np.argsort(np.where(np.isfinite(losses), losses, np.inf))]
        ends = np.array([task.end(row) for row in order[:finished]])
        return [(most, float(np.nanmin(ends)))] if np.isfinite(ends).any() else []

    return run


TASKS = {"taskset": taskset, "lcbench": lcbench, "lcdb": lcdb}
METHODS: dict[str, Method] = {
    "auto": ours("auto"),
    "auto-told": ours("auto", told=True),
    "auto-listed": ours("auto", listed=True),
    "auto-after-5": ours(bo.CurveModel(n_startup=5)),
    "auto-random-points": ours("auto", proposer=bo.RandomSearch()),
    "none": ours(None),
    "median": ours("median"),
    "hyperband": ours(bo.Hyperband(max_step=50)),
    "tpe": tpe(lambda p: p.NopPruner()),
    "tpe-median": tpe(lambda p: p.MedianPruner(n_warmup_steps=1)),
    "tpe-hyperband": tpe(lambda p: p.HyperbandPruner(1, 50, 3)),
    "tpe-halving": tpe(lambda p: p.SuccessiveHalvingPruner()),
    "tpe-median-told": tpe(lambda p: p.MedianPruner(n_warmup_steps=1), told=True),
    "i-epoch": i_epoch(),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--tasks", choices=TASKS, default="taskset")
    parser.add_argument("--method", choices=METHODS, default="auto")
    parser.add_argument("--seeds", type=int, default=4)
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--cost", type=float, default=20.0)
    parser.add_argument("--lines", type=Path, help="a file to which each run's regrets are added")
    given = parser.parse_args()
    found, began = [], time.process_time()
    for task in TASKS[given.tasks](given.folder):
        for seed in range(given.first_seed, given.first_seed + given.seeds):
            run = METHODS[given.method]
            if given.method == "i-epoch":  # it is another run for each cost
                each = [regrets(task, run(task, seed, c))[i] for i, c in enumerate(COSTS)]
            else:
                each = regrets(task, run(task, seed, given.cost))
            found.append(each)
            if given.lines is not None:
                line = {"method": given.method, "task": task.name, "seed": seed, "regret": each}
                with given.lines.open("a") as file:
                    file.write(json.dumps(line) + "\n")
    seconds = time.process_time() - began
    shown = {c: round(float(v), 3) for c, v in zip(COSTS, np.mean(found, axis=0), strict=True)}
    kept = {c: v for c, v in shown.items() if c <= given.cost}
    print(json.dumps({"method": given.method, "regret": kept, "cpu_seconds": round(seconds)}))


if __name__ == "__main__":
    main()
