"""Few parameters of many matter: Hartmann's function of 3 hidden among 30, SAAS against MAP.

    python -m benchmarks.calibration.few_of_many saas map --seeds 5 --out runs.jsonl

A run is done once; a line a run. ``named`` says whether the three shortest lengthscales (medians
over the draws) at the end are those of the three that matter.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

import bayesopt as bo

ACTIVE = (4, 13, 22)
_A = np.array([[3, 10, 30], [0.1, 10, 35], [3, 10, 30], [0.1, 10, 35]])
_P = 1e-4 * np.array(
    [[3689, 1170, 2673], [4699, 4387, 7470], [1091, 8732, 5547], [381, 5743, 8828]]
)
_WEIGHTS = np.array([1.0, 1.2, 3.0, 3.2])
_OPTIMUM = -3.86278


def hidden(p: Mapping[str, Any]) -> float:
    """Hartmann's function of three parameters."""
    x = np.array([p[f"x{i}"] for i in ACTIVE])
    return float(-(_WEIGHTS * np.exp(-(_A * (x - _P) ** 2).sum(axis=1))).sum())


def surrogate(name: str) -> Any:
    """MAP as it is, or SAAS priors at the setting for pace, sampled every second tell."""
    if name == "map":
        return bo.MapGP()
    return bo.FullBayesGP(priors=bo.SaasPriors(), draws=128, tune=256, refit_every=2)


def run(name: str, seed: int, budget: int) -> dict[str, Any]:
    """One run, with the best value so far after every tenth evaluation."""
    space = bo.Space({f"x{i}": bo.Float(0, 1) for i in range(30)})
    begin = time.process_time()
    opt = bo.Optimizer(
        space, seed=seed, n_trials=budget, surrogate=surrogate(name), deterministic=True
    )
    curve = []
    for _ in range(budget):
        trial = opt.ask()
        opt.tell(trial, hidden(trial.params))
        curve.append(opt.best.value - _OPTIMUM)  # type: ignore[union-attr,operator]
    found = opt.result().diagnostics["surrogate"]
    shortest = np.argsort(found["lengthscales"])[: len(ACTIVE)]
    return {
        "surrogate": name,
        "seed": seed,
        "budget": budget,
        "gaps": [round(g, 5) for g in curve[9::10]],
        "shortest": sorted(shortest.tolist()),
        "named": set(shortest.tolist()) == set(ACTIVE),
        "verdicts": [r["verdict"] for r in found.get("refits", [])],
        "cpu_seconds": round(time.process_time() - begin, 1),
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("surrogates", nargs="+", choices=("saas", "map"))
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--budget", type=int, default=40)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    lines = args.out.read_text().splitlines() if args.out.exists() else []
    done = {(r["surrogate"], r["seed"], r["budget"]) for r in map(json.loads, lines)}
    for seed in range(args.first_seed, args.first_seed + args.seeds):
        for name in args.surrogates:
            if (name, seed, args.budget) not in done:
                record = run(name, seed, args.budget)
                with args.out.open("a") as file:
                    file.write(json.dumps(record) + "\n")
                print(record, flush=True)


if __name__ == "__main__":
    main()
