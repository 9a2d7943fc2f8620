"""Early stopping where learning curves cross: what the best complete trial ends at.

    python -m benchmarks.crossing_curves --rule auto --seeds 4

The ends are a rough quadratic about one optimum; what is seen early is something else:

    opposite  what ends best looks worst
    other     the same quadratic about another optimum, across the cube
    first     as other, in the first of 25 steps alone; from the fourth on the curves tell the ends
    half      as other for half of all points, taken at random; the other half tells its ends

But in ``first`` curves turn to their ends between a fifth and seven tenths of the steps. Stopped
trials go on from their checkpoint. Regret: 0 the optimum, 1 the median of random points.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

import bayesopt as bo

STEPS = 25
SETS = ("opposite", "other", "first", "half")
COSTS = (5, 10, 20)
RULES: dict[str, Any] = {
    "none": None,
    "auto": "auto",
    "median": "median",
    "hyperband": bo.Hyperband(max_step=STEPS),
    "halving": bo.SuccessiveHalving(),
}
Floats = NDArray[np.float64]


class Ends:
    """A rough quadratic in the unit cube, less than 1 at about half of it.

    Attributes
    ----------
    optimum, other : (d,) where it is least, and where early values are.
    """

    def __init__(self, d: int, seed: int) -> None:
        rng = np.random.default_rng([seed, d])
        near = rng.uniform(0.1, 0.35, d)
        self.optimum = np.where(rng.uniform(size=d) < 0.5, near, 1 - near)
        self.other = 1 - self.optimum
        self._weights = 2.0 ** rng.uniform(-1.5, 1.5, d)
        self._median = 1.0
        points = np.random.default_rng(99).uniform(size=(4000, d))
        self._median = float(np.median([self(q, self.optimum) for q in points]))

    def __call__(self, q: Floats, about: Floats) -> float:
        bowl = (self._weights * (q - about) ** 2).sum() / self._weights.sum()
        return float(bowl + 0.05 * (1 - np.cos(9 * (q - about))).mean()) / self._median


def early(name: str, ends: Ends, rng: np.random.Generator) -> Callable[[Floats], float]:
    """What is seen of a point at first."""
    if name == "opposite":
        return lambda q: 4.0 - ends(q, ends.optimum)
    if name == "half":
        return lambda q: ends(q, ends.other if rng.uniform() < 0.5 else ends.optimum)
    return lambda q: ends(q, ends.other)


def run(rule: Any, name: str, d: int, seed: int, most: float) -> list[float]:
    """Regret of the best complete trial at each of the costs, in whole runs."""
    ends, space = Ends(d, seed), {f"x{i}": bo.Float(0, 1) for i in range(d)}
    opt = bo.Optimizer(space, seed=seed, early_stopping=rule)
    seen_at = early(name, ends, np.random.default_rng([seed, 7]))
    begins, takes = (0.05, 0.08) if name == "first" else (0.2, 0.5)
    spent, trace = 0.0, []
    begun: dict[int | None, int] = {None: 0}
    seen: dict[tuple[float, ...], float] = {}
    while spent < most - 1e-9:
        trial = opt.ask()
        key = tuple(trial.params.values())
        q = np.array(key)
        if key not in seen:
            seen[key] = seen_at(q)
        end, first = ends(q, ends.optimum), begun[opt.resumes(trial)]
        for step in range(first + 1, STEPS + 1):
            late = min(max((step / STEPS - begins) / takes, 0.0), 1.0)
            opt.report(trial, (1 - late) * seen[key] + late * end + 2.0 / step, step)
            if step < STEPS and opt.should_stop(trial):
                opt.tell_stopped(trial)
                begun[trial.number] = step
                break
        else:
            opt.tell(trial, end)
            trace.append((spent + (STEPS - first) / STEPS, end))
        spent += (step - first) / STEPS
    return [min([e for c, e in trace if c <= cost + 1e-9], default=1.0) for cost in COSTS]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rule", choices=RULES, default="auto")
    parser.add_argument("--sets", nargs="*", choices=SETS, default=SETS)
    parser.add_argument("--parameters", nargs="*", type=int, default=[2, 4, 6])
    parser.add_argument("--seeds", type=int, default=4)
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--cost", type=float, default=20.0)
    given = parser.parse_args()
    seeds = range(given.first_seed, given.first_seed + given.seeds)
    for name in given.sets:
        for d in given.parameters:
            found = [run(RULES[given.rule], name, d, seed, given.cost) for seed in seeds]
            print(given.rule, name, d, np.mean(found, axis=0).round(4), flush=True)


if __name__ == "__main__":
    main()
