"""What parallel evaluation brings and costs.

    python -m benchmarks.parallel efficiency --workers 4 --trials 60
    python -m benchmarks.parallel regret --workers 4 --seeds 5 --budget 60

``efficiency``: an objective that sleeps 0.5 to 1.5 s, threads, asynchronous; the share of the
workers' time spent evaluating, from the first result on. ``regret``: gaps to the optimum after
equal numbers of evaluations, one at a time and with several always pending (each takes a random
time, so results come back out of order).
"""

from __future__ import annotations

import argparse
import heapq
import json
import math
import random
import statistics
import threading
import time
from typing import Any

import bayesopt as bo
from benchmarks import problems
from benchmarks.problems import Problem
from benchmarks.rivals.ours import parameter

PROBLEMS = (
    "synthetic/branin-d2",
    "synthetic/hartmann-d6",
    "synthetic/ackley-d5",
    "synthetic/rosenbrock-d5",
    "mixed/ackley-f3-i0-c5x11",
    "mixed/hartmann-f3-i1-c2x5",
    "noisy/hartmann-d6-s10",
)


def efficiency(workers: int, trials: int) -> dict[str, Any]:
    """Share of the workers' time that goes into evaluations."""
    space = bo.Space({f"x{i}": bo.Float(0, 1) for i in range(6)})
    lock, spans = threading.Lock(), []

    def sleeps(params: dict[str, Any]) -> float:
        begun = time.perf_counter()
        total = sum((v - 0.4) ** 2 for v in params.values())
        time.sleep(0.5 + random.Random(repr(params)).random())
        with lock:
            spans.append((begun, time.perf_counter()))
        return total

    bo.minimize(sleeps, space, n_trials=12, seed=1)  # the start-up: kernels compiled, files read
    spans.clear()
    bo.minimize(sleeps, space, n_trials=trials, n_workers=workers, seed=0)
    first, last = min(end for _, end in spans), max(begun for begun, _ in spans)
    busy = sum(max(0.0, min(end, last) - max(begun, first)) for begun, end in spans)
    return {
        "workers": workers,
        "trials": trials,
        "seconds": round(last - first, 2),
        "efficiency": round(busy / (workers * (last - first)), 4),
    }


def gap(problem: Problem, workers: int, seed: int, budget: int) -> float:
    """Distance to the optimum of the best point after ``budget`` evaluations."""
    space = bo.Space({p.name: parameter(p) for p in problem.space.parameters})
    opt = bo.Optimizer(space, seed=seed, n_trials=budget)
    durations, now, done = random.Random(seed), 0.0, 0
    running: list[tuple[float, int, dict[str, Any]]] = []
    best = math.inf
    problem.begin(seed)
    while done < budget:
        while len(running) < min(workers, budget - done):
            trial = opt.ask()
            heapq.heappush(
                running, (now + durations.uniform(0.5, 1.5), trial.number, dict(trial.params))
            )
        now, number, params = heapq.heappop(running)
        answer = problem.evaluate(params, seed=seed, n=number)
        opt.tell(number, answer.value)
        best, done = min(best, answer.true), done + 1
    return best - (problem.optimum or 0.0)


def regret(workers: int, seeds: int, budget: int, names: tuple[str, ...]) -> list[dict[str, Any]]:
    """Median gaps, sequential and parallel, problem by problem; printed as they come."""
    rows = []
    for name in names:
        gaps = {
            k: [gap(problems.load(name), k, seed, budget) for seed in range(seeds)]
            for k in (1, workers)
        }
        one, several = (statistics.median(gaps[k]) for k in (1, workers))
        logs = [
            math.log10(max(b, 1e-12) / max(a, 1e-12)) for a, b in zip(*gaps.values(), strict=True)
        ]
        row = {
            "problem": name,
            "sequential": float(f"{one:.3g}"),
            "parallel": float(f"{several:.3g}"),
            "median_log10_ratio": round(statistics.median(logs), 3),
        }
        print(json.dumps(row), flush=True)
        rows.append(row)
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", choices=("efficiency", "regret"))
    parser.add_argument("--workers", type=int, default=4)
    parser.add_argument("--trials", type=int, default=60)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--budget", type=int, default=60)
    parser.add_argument("--problems", nargs="+", default=PROBLEMS)
    given = parser.parse_args()
    if given.what == "efficiency":
        print(json.dumps(efficiency(given.workers, given.trials)))
    else:
        rows = regret(given.workers, given.seeds, given.budget, tuple(given.problems))
        ratios = [row["median_log10_ratio"] for row in rows]
        print(json.dumps({"mean_log10_ratio": round(statistics.mean(ratios), 3)}))


if __name__ == "__main__":
    main()
