"""Beliefs, right and wrong: evaluations until a value near the minimum is found.

The minimiser of each problem lies at another place with each seed. The belief is a normal one in
every parameter with a standard deviation of a tenth of the range. A right one is off by a
twentieth of the range, up or down; a wrong one sits near the far end of each parameter.

    python -m benchmarks.beliefs --problems branin-2 hartmann-6 ackley-4 --seeds 8
"""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor

import numpy as np

import bayesopt as bo
from benchmarks.problems.synthetic import Moved

TARGETS = {  # above the minimum; without a belief some twenty-five evaluations find them
    "branin-2": 0.05,
    "hartmann-3": 0.03,
    "hartmann-6": 0.3,
    "ackley-4": 3.0,
    "levy-4": 2.0,
    "rosenbrock-3": 5.0,
    "styblinski_tang-3": 8.0,
}
BELIEFS = ("none", "right", "wrong")


def belief_at(kind: str, best: np.ndarray, rng: np.random.Generator) -> np.ndarray | None:
    """Where a belief has its mode, in shares of each range; the minimiser is at ``best``."""
    if kind == "none":
        return None
    if kind == "right":
        return np.clip(best + 0.05 * rng.choice([-1.0, 1.0], len(best)), 0.0, 1.0)
    return np.where(best > 0.5, 0.05, 0.95)


def evaluations(problem: str, kind: str, seed: int, budget: int) -> int:
    """How many it takes; ``budget`` + 1 when that is not enough."""
    name, d = problem.split("-")
    moved = Moved(name, int(d), seed, rotate=False)
    low, high = moved.base.low, moved.base.high
    side = high - low
    at = belief_at(kind, (moved.best - low) / side, np.random.default_rng(seed))
    space = {
        f"x{i}": bo.Float(
            float(low[i]),
            float(high[i]),
            prior=None if at is None else bo.Normal(low[i] + at[i] * side[i], 0.1 * side[i]),
        )
        for i in range(int(d))
    }
    opt = bo.Optimizer(space, seed=seed, n_trials=budget)
    for n in range(1, budget + 1):
        trial = opt.ask()
        value = moved(np.array([trial.params[name] for name in space]))
        opt.tell(trial, value)
        if value <= moved.base.value + TARGETS[problem]:
            return n
    return budget + 1


def _row(job: tuple[str, str, int, int]) -> tuple[str, str, int, int]:
    return *job[:3], evaluations(*job)


def main() -> None:
    """Print a line for each run, and a table of the means."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--problems", nargs="+", default=["branin-2", "hartmann-6", "ackley-4"])
    parser.add_argument("--beliefs", nargs="+", default=list(BELIEFS))
    parser.add_argument("--seeds", type=int, default=8)
    parser.add_argument("--budget", type=int, default=60)
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    options = parser.parse_args()
    jobs = [
        (problem, kind, seed, options.budget)
        for seed in range(options.seeds)
        for problem in options.problems
        for kind in options.beliefs
    ]
    found: dict[tuple[str, str], list[int]] = {}
    with ProcessPoolExecutor(options.jobs) as pool:
        for problem, kind, seed, n in pool.map(_row, jobs):
            found.setdefault((problem, kind), []).append(n)
            row = {"problem": problem, "belief": kind, "seed": seed, "n": n}
            print(json.dumps(row), flush=True)
    print("\n".join(table(found, options.problems, options.beliefs)))


def table(
    found: dict[tuple[str, str], list[int]], problems: list[str], kinds: list[str]
) -> Iterator[str]:
    """Means with their standard errors, in Markdown."""
    yield f"| problem | target | {' | '.join(kinds)} |"
    yield f"|---|---|{'---|' * len(kinds)}"
    for problem in problems:
        cells = []
        for kind in kinds:
            n = np.array(found[problem, kind], dtype=float)
            error = n.std(ddof=1) / np.sqrt(len(n)) if len(n) > 1 else np.nan
            cells.append(f"{n.mean():.1f} ± {error:.1f}")
        yield f"| {problem} | {TARGETS[problem]:g} | {' | '.join(cells)} |"


if __name__ == "__main__":
    main()
