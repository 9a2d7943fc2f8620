"""Small run files of every kind, written by one version to be opened by all later ones.

    python tests/golden/files/record.py FOLDER

Those beside this script, ``schema1-*.db`` with what their version said of them in ``.json``, were
written by the last version whose events carried no checksum. Recorded once, never written again.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import bayesopt as bo

LINE = {"x": bo.Float(-2.0, 3.0), "y": bo.Float(1e-4, 1.0, log=True)}
TREE = {
    "model": bo.Categorical(["svm", "forest", None, 1, True]),
    "C": bo.Float(1e-3, 1e3, log=True, when={"model": ["svm", None]}),
    "depth": bo.Int(1, 20, when={"model": "forest"}),
    "share": bo.Float(0.0, 1.0, step=0.1),
    "size": bo.Ordinal([0.0, 0.1, 0.5]),
    "fixed": bo.Constant("here"),
}
QUICK = bo.AcquisitionSearch(n_candidates=64, n_sprays=32, n_starts=2, max_rounds=1)


def line(p: Mapping[str, Any]) -> float:
    return float((p["x"] - 0.7) ** 2 + p["y"])


def tree(p: Mapping[str, Any]) -> float:
    return float(p["share"] + p["size"] + p.get("depth", 0) / 20 + p.get("C", 0.0) / 1e3)


def continuous(path: Path) -> bo.Optimizer:
    """An initial design, then the model's points, with its state between fits."""
    opt = bo.Optimizer(LINE, seed=1, storage=path, proposer=QUICK)
    for _ in range(9):
        trial = opt.ask()
        opt.tell(trial, line(trial.params))
    return opt


def mixed_conditional(path: Path) -> bo.Optimizer:
    """Every type of parameter, points in the queue, brought along, within bounds and beyond."""
    opt = bo.Optimizer(TREE, direction="maximize", seed=2, storage=path, proposer=QUICK)
    opt.enqueue([{"model": True, "share": 0.3, "size": 0.5}])
    opt.enqueue([{"model": "forest", "depth": 3, "share": 0.0, "size": 0.0}] * 2)
    opt.add_observation({"model": None, "C": 2.0, "share": 0.1, "size": 0.1}, 1.5)
    far = {"model": "forest", "depth": 40, "share": 0.25, "size": 0.1}
    opt.add_observation(far, {"value": 0.5, "sd": 0.1}, outside=True)
    for _ in range(7):
        trial = opt.ask()
        opt.tell(trial, tree(trial.params))
    return opt


def constraints(path: Path) -> bo.Optimizer:
    """Known and measured constraints, everything a result may hold, a changed part."""
    rule = bo.LinearConstraint({"x": 1.0}, upper=2.0)
    space = bo.Space(LINE, constraints=[rule])
    opt = bo.Optimizer(space, seed=3, storage=path, proposer=QUICK, n_trials=20)
    for i in range(7):
        trial = opt.ask()
        result = {"value": line(trial.params), "constraints": {"weight": trial.params["x"] - 1}}
        more = {"sd": 0.1 + i, "cost": 3, "info": {"note": "é", "deep": [1, 1.5, None, {"a": []}]}}
        opt.tell(trial, result | (more if i % 2 else {}))
    opt.close()
    opt = bo.Optimizer(space, storage=path, acquisition=bo.UCB(beta=1.5))
    opt.storage.append({"kind": "described", "objective": {"command": ["x"]}, "run": {}})
    return opt


def failures(path: Path) -> bo.Optimizer:
    opt = bo.Optimizer(LINE, seed=4, storage=path, proposer=QUICK, deterministic=True)
    for i in range(8):
        trial = opt.ask()
        if i % 3 == 1:
            opt.tell_failure(trial, "it diverged\n\x1b[31m" if i == 1 else "")
        else:
            opt.tell(trial, float("nan") if i == 6 else line(trial.params))
    opt.add_observation({"x": 0.0, "y": 0.5}, float("inf"))
    return opt


def abandoned(path: Path) -> bo.Optimizer:
    """Lost for good, lost and asked again, lost and told all the same, held, waiting."""
    opt = bo.Optimizer(LINE, seed=5, storage=path, proposer=bo.RandomSearch(), lease=1e9)
    trials = [opt.ask() for _ in range(5)]
    opt.abandon(trials[0], "nobody wants it", retry=False)
    opt.abandon(trials[1], "lost")
    opt.abandon(trials[2], "no word from it")
    opt.tell(trials[2], 0.25)
    assert opt.ask().number == 1
    opt.tell(trials[1], 0.5)
    opt.ask(hold=True)
    opt.ask(hold=1e9)
    return opt


def several_workers(path: Path) -> bo.Optimizer:
    """Three processes on one file; one dies with a trial in its hands."""
    bo.Optimizer(LINE, seed=6, storage=path, proposer=bo.RandomSearch()).close()
    for n in range(3):
        child = os.fork()
        if child == 0:
            opt = bo.Optimizer.reopen(path)
            for _ in range(3):
                trial = opt.ask()
                opt.tell(trial, line(trial.params))
            if n == 1:
                opt.ask()
            opt.close()
            os._exit(0)
        os.waitpid(child, 0)
    return bo.Optimizer.reopen(path)


RUNS: dict[str, Callable[[Path], bo.Optimizer]] = {
    run.__name__: run
    for run in (continuous, mixed_conditional, constraints, failures, abandoned, several_workers)
}


def described(opt: bo.Optimizer) -> dict[str, Any]:
    """What a version says of a run, as JSON."""
    keys = ("number", "params", "state", "origin", "outcome", "error")
    trials = [{key: getattr(t, key) for key in keys} for t in opt.trials]
    for trial in trials:
        trial["params"] = dict(trial["params"])
        trial["state"], trial["origin"] = trial["state"].name, trial["origin"].name
        outcome = trial["outcome"]
        if outcome is not None:  # what it was of old, and what is new where there is any
            known = ("value", "sd", "constraints", "cost", "info")
            held = asdict(outcome)
            trial["outcome"] = {k: v for k, v in held.items() if k in known or v}
    best = opt.best
    return {
        "direction": opt.direction,
        "seed": opt.seed,
        "space": opt.space.to_json(),
        "best": None if best is None else best.number,
        "trials": trials,
    }


def main() -> None:
    folder = Path(sys.argv[1])
    for name, run in RUNS.items():
        path = folder / f"{name}.db"
        opt = run(path)
        said = json.dumps(described(opt), indent=1, ensure_ascii=True)
        opt.close()
        path.with_suffix(".json").write_text(said + "\n")


if __name__ == "__main__":
    main()
