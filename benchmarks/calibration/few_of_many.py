"""Few parameters of many matter: a function of 3 hidden among 30, SAAS against MAP.

    python -m benchmarks.calibration.few_of_many saas map --seeds 5 --out runs.jsonl

The optimum is another one for each seed (but Hartmann's). With ``--noise`` evaluations scatter by
so many standard deviations of the function, and the gaps are those of the recommended points,
without noise. A run is done once; a line a run.
``named`` says whether the three shortest lengthscales (medians over the draws) at the end are
those of the three that matter.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

import bayesopt as bo
from benchmarks.problems.functions import FUNCTIONS

ACTIVE = (4, 13, 22)
HIDDEN = ("ackley", "hartmann", "levy", "rosenbrock")
SPACE = bo.Space({f"x{i}": bo.Float(0, 1) for i in range(30)})


def hidden(name: str, seed: int) -> Callable[[Mapping[str, Any]], float]:
    """How far a point is above the optimum; what matters of it are three parameters.

    The optimum is moved by up to a quarter of the range, as ``seed`` says.
    """
    f = FUNCTIONS[name](len(ACTIVE))
    width = f.high - f.low
    moved = np.random.default_rng(seed).uniform(-0.25, 0.25, len(ACTIVE))
    shift = np.zeros(len(ACTIVE)) if name == "hartmann" else moved * width

    def gap(p: Mapping[str, Any]) -> float:
        x = np.array([p[f"x{i}"] for i in ACTIVE])
        return f.f(f.low + width * x - shift) - f.value

    return gap


def surrogate(name: str) -> Any:
    """MAP as it is, or SAAS priors at the setting for pace, sampled every second tell."""
    if name == "map":
        return bo.MapGP()
    return bo.FullBayesGP(priors=bo.SaasPriors(), draws=128, tune=256, refit_every=2)


def shortest(optimizer: bo.Optimizer) -> list[int]:
    """As many parameters as matter, those of the shortest lengthscales."""
    lengthscales = optimizer.result().diagnostics["surrogate"]["lengthscales"]
    return sorted(np.argsort(lengthscales)[: len(ACTIVE)].tolist())


def records(path: Path) -> list[dict[str, Any]]:
    """What was written to ``path`` before, a line a record."""
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def run(function: str, name: str, seed: int, budget: int, noise: float = 0.0) -> dict[str, Any]:
    """One run, with the gap of the point recommended so far after every tenth evaluation."""
    gap, rng = hidden(function, seed), np.random.default_rng(seed)
    names = [f"x{i}" for i in ACTIVE]
    points = (dict(zip(names, row, strict=True)) for row in rng.random((999, len(ACTIVE))))
    sd = noise * float(np.std([gap(p) for p in points]))
    begin = time.process_time()
    opt = bo.Optimizer(
        SPACE, seed=seed, n_trials=budget, surrogate=surrogate(name), deterministic=not noise
    )
    gaps = []
    for i in range(budget):
        trial = opt.ask()
        opt.tell(trial, gap(trial.params) + sd * rng.standard_normal())
        if (i + 1) % 10 == 0:
            gaps.append(gap(opt.result().params))
    found = opt.result().diagnostics["surrogate"]
    named = shortest(opt)
    return {
        "function": function,
        "surrogate": name,
        "seed": seed,
        "budget": budget,
        "noise": noise,
        "gaps": [float(f"{g:.5g}") for g in gaps],
        "shortest": named,
        "named": set(named) == set(ACTIVE),
        "verdicts": [r["verdict"] for r in found.get("refits", [])],
        "cpu_seconds": round(time.process_time() - begin, 1),
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("surrogates", nargs="+", choices=("saas", "map"))
    parser.add_argument("--function", choices=HIDDEN, default="hartmann")
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--budget", type=int, default=40)
    parser.add_argument("--noise", type=float, default=0.0)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    keys = ("function", "surrogate", "seed", "budget", "noise")
    done = {tuple(r[k] for k in keys) for r in records(args.out)}
    for seed in range(args.first_seed, args.first_seed + args.seeds):
        for name in args.surrogates:
            if (args.function, name, seed, args.budget, args.noise) not in done:
                record = run(args.function, name, seed, args.budget, args.noise)
                with args.out.open("a") as file:
                    file.write(json.dumps(record) + "\n")
                print(record, flush=True)


if __name__ == "__main__":
    main()
