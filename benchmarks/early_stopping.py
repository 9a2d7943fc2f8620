"""Early stopping on TaskSet: regret of the best complete trial against the sum of cost.

    python benchmarks/early_stopping.py DIR_WITH_NPZ --method auto --seeds 4 --cost 20
    python benchmarks/early_stopping.py --crossing --seeds 4

Each file holds 1,000 settings of an optimizer and their validation loss at 51 checkpoints
(TaskSet, Metz et al. 2020). What is asked is answered by the nearest row not yet used. Step 0 is
before any training and costs nothing; a whole run costs 1. A row that diverges fails there.
The end is the mean of the last five checkpoints. Regret: 0 is the best row, 1 the median row.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

import bayesopt as bo

COSTS = (5, 7, 10, 15, 20, 50)
END = 50
Trace = list[tuple[float, float]]  # cost and end of each complete trial
Method = Callable[["Task", int, float], Trace]


class Task:
    """One table."""

    def __init__(self, path: Path) -> None:
        with np.load(path, allow_pickle=False) as data:
            h, self.loss = data["hyperparameters"].astype(float), data["valid_loss"].astype(float)
            self.names = [str(name) for name in data["names"]]
        betas = np.array([name.startswith("beta") for name in self.names])
        with np.errstate(all="ignore"):
            self.x = np.log10(np.where(betas, 1.0 - h, h))
        self.low, self.high = self.x.min(axis=0), self.x.max(axis=0)
        self.unit = (self.x - self.low) / (self.high - self.low)
        self.ends = self.loss[:, -5:].mean(axis=1)
        self.best, self.median = np.nanmin(self.ends), np.nanmedian(self.ends)
        self.space = {
            n: bo.Float(float(a), float(b))
            for n, a, b in zip(self.names, self.low, self.high, strict=True)
        }

    @property
    def listed(self) -> bo.Space:
        """The rows as the only points there are."""
        rows = self.x.tolist()
        return bo.Space.from_table([dict(zip(self.names, x, strict=True)) for x in rows])

    def row(self, params: dict[str, float], used: set[int]) -> int:
        q = (np.array([params[n] for n in self.names]) - self.low) / (self.high - self.low)
        distance = ((self.unit - q) ** 2).sum(axis=1)
        distance[list(used)] = np.inf
        used.add(int(np.argmin(distance)))
        return int(np.argmin(distance))

    def curve(self, row: int) -> Iterator[tuple[int, float]]:
        yield from enumerate(self.loss[row].tolist())

    def regrets(self, trace: Trace) -> list[float]:
        found = []
        for cost in COSTS:
            ends = [end for spent, end in trace if spent <= cost + 1e-9]
            regret = (min(ends) - self.best) / (self.median - self.best) if ends else 1.0
            found.append(float(min(regret, 1.0)))
        return found


def ours(rule: Any, *, listed: bool = False, told: bool = False, **options: Any) -> Method:
    """Stopped trials go on from their checkpoint; ``listed``: the rows are the points to choose
    from, so that what was asked is what is evaluated; ``told``: the optimizer hears which row was.
    """

    def run(task: Task, seed: int, most: float) -> Trace:
        space = task.listed if listed else task.space
        opt = bo.Optimizer(space, seed=seed, early_stopping=rule, **options)
        used: set[int] = set()
        rows: dict[tuple[float, ...], int] = {}
        ended: dict[int | None, int] = {None: 0}
        spent, trace = 0.0, []
        while spent < most and len(used) < len(task.loss):
            trial = opt.ask()
            key = tuple(trial.params[n] for n in task.names)
            begun = ended[opt.resumes(trial)]
            row = rows[key] if key in rows else task.row(dict(trial.params), used)
            rows[key] = row
            there = dict(zip(task.names, task.x[row].tolist(), strict=True)) if told else None
            if there is not None:
                rows[tuple(there.values())] = row
            left = (END - begun) / END
            for step, loss in list(task.curve(row))[begun + 1 if begun else 0 :]:
                if not np.isfinite(loss):
                    opt.tell_failure(trial, "diverged", as_run=there)
                    break
                opt.report(trial, loss, step)
                if opt.should_stop(trial):
                    opt.tell_stopped(trial, "stopped", as_run=there)
                    ended[trial.number] = step
                    break
            else:
                opt.tell(trial, float(task.ends[row]), as_run=there)
                trace.append((spent + left, float(task.ends[row])))
            spent += (step - begun) / END
        return trace

    return run


def tpe(make_pruner: Callable[[Any], Any], *, told: bool = False) -> Method:
    """``told``: the study hears of each trial at the row that was evaluated."""

    def run(task: Task, seed: int, most: float) -> Trace:
        import optuna

        optuna.logging.set_verbosity(optuna.logging.ERROR)
        pruner = make_pruner(optuna.pruners)
        study = optuna.create_study(sampler=optuna.samplers.TPESampler(seed=seed), pruner=pruner)
        used: set[int] = set()
        spent, trace = 0.0, []
        while spent < most and len(used) < len(task.loss):
            trial = study.ask()
            params = {
                n: trial.suggest_float(n, float(a), float(b))
                for n, a, b in zip(task.names, task.low, task.high, strict=True)
            }
            row = task.row(params, used)
            steps: dict[int, float] = {}
            state, value = optuna.trial.TrialState.COMPLETE, float(task.ends[row])
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
                trace.append((spent + 1.0, value))
            spent += step / END
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
                        params=dict(zip(task.names, task.x[row].tolist(), strict=True)),
                        distributions=trial.distributions,
                        intermediate_values=steps,
                    )
                )
        return trace

    return run


def i_epoch(steps: int = 2, finished: int = 3) -> Method:
    """Train all for a few steps, finish the best three (Egele et al. 2024); the cost is known."""

    def run(task: Task, seed: int, most: float) -> Trace:
        rng, used = np.random.default_rng([seed, int(most)]), set[int]()
        n = min(max(int((most - finished) * END / steps), finished), len(task.loss))
        points = task.low + (task.high - task.low) * rng.uniform(size=(n, len(task.names)))
        rows = np.array([task.row(dict(zip(task.names, q, strict=True)), used) for q in points])
        losses = task.loss[rows, steps]
        order = rows[np.argsort(np.where(np.isfinite(losses), losses, np.inf))]
        ends = task.ends[order[:finished]]
        return [(most, float(np.nanmin(ends)))] if np.isfinite(ends).any() else []

    return run


def crossing(rule: Any, seed: int, most: int = 20, steps: int = 20) -> list[float]:
    """Gap after 5, 10 and 20 whole runs where early values are those of another optimum."""
    optimum = np.random.default_rng(seed).uniform(0.1, 0.35, 2)
    space = {"x": bo.Float(0, 1), "y": bo.Float(0, 1)}
    opt = bo.Optimizer(space, seed=seed, early_stopping=rule)
    spent, trace = 0.0, []
    while spent < most:
        trial = opt.ask()
        point = np.array([trial.params["x"], trial.params["y"]])
        early, end = (
            float(((point - 1 + optimum) ** 2).sum()),
            float(((point - optimum) ** 2).sum()),
        )
        for step in range(1, steps + 1):
            late = min(max((step / steps - 0.2) / 0.5, 0.0), 1.0)
            opt.report(trial, (1 - late) * early + late * end + 0.5 / step, step)
            if step < steps and opt.should_stop(trial):
                opt.tell_stopped(trial)
                break
        else:
            opt.tell(trial, end)
            trace.append((spent + 1.0, end))
        spent += step / steps
    return [min([e for c, e in trace if c <= cost], default=1.0) for cost in (5, 10, 20)]


METHODS: dict[str, Method] = {
    "auto": ours("auto"),
    "auto-told": ours("auto", told=True),
    "auto-listed": ours("auto", listed=True),
    "auto-after-5": ours(bo.CurveModel(n_startup=5)),
    "auto-random-points": ours("auto", proposer=bo.RandomSearch()),
    "none": ours(None),
    "median": ours("median"),
    "hyperband": ours(bo.Hyperband(max_step=END)),
    "tpe": tpe(lambda p: p.NopPruner()),
    "tpe-median": tpe(lambda p: p.MedianPruner(n_warmup_steps=1)),
    "tpe-hyperband": tpe(lambda p: p.HyperbandPruner(1, END, 3)),
    "tpe-halving": tpe(lambda p: p.SuccessiveHalvingPruner()),
    "tpe-median-told": tpe(lambda p: p.MedianPruner(n_warmup_steps=1), told=True),
    "i-epoch": i_epoch(),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?")
    parser.add_argument("--method", choices=METHODS, default="auto")
    parser.add_argument("--crossing", action="store_true", help="curves that cross, no folder")
    parser.add_argument("--seeds", type=int, default=4)
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--cost", type=float, default=20.0)
    parser.add_argument("--lines", type=Path, help="a file to which each run's regrets are added")
    given = parser.parse_args()
    if given.crossing:
        rules = {"none": None, "auto": "auto", "median": "median"}
        for name, rule in rules.items():
            gaps = [
                crossing(rule, s) for s in range(given.first_seed, given.first_seed + given.seeds)
            ]
            print(name, np.round(np.mean(gaps, axis=0), 4))
        return
    if given.folder is None:
        parser.error("the folder of the tables is missing")
    regrets, began = [], time.process_time()
    for path in sorted(given.folder.glob("*.npz")):
        task = Task(path)
        for seed in range(given.first_seed, given.first_seed + given.seeds):
            run = METHODS[given.method]
            if given.method == "i-epoch":  # it is another run for each cost
                each = [task.regrets(run(task, seed, c))[i] for i, c in enumerate(COSTS)]
            else:
                each = task.regrets(run(task, seed, given.cost))
            regrets.append(each)
            if given.lines is not None:
                line = {"method": given.method, "task": path.stem, "seed": seed, "regret": each}
                with given.lines.open("a") as file:
                    file.write(json.dumps(line) + "\n")
    seconds = time.process_time() - began
    shown = {c: round(float(v), 3) for c, v in zip(COSTS, np.mean(regrets, axis=0), strict=True)}
    kept = {c: v for c, v in shown.items() if c <= given.cost}
    print(json.dumps({"method": given.method, "regret": kept, "cpu_seconds": round(seconds)}))


if __name__ == "__main__":
    main()
