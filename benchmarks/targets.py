"""What the default engine must reach on four small problems: ``python -m benchmarks.targets``.

Medians over seeds; nothing is timed. A fast version with a fixed seed stands in the tests.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

import bayesopt as bo
from benchmarks.problems import synthetic
from benchmarks.rivals.ours import parameter

Params = Mapping[str, Any]


def gap(name: str, n_trials: int, seed: int) -> float:
    """Best value less the optimum on a shifted synthetic problem."""
    problem = synthetic.load(name)
    assert problem.optimum is not None
    space = bo.Space({p.name: parameter(p) for p in problem.space.parameters})
    result = bo.minimize(problem.value, space, n_trials=n_trials, seed=seed, progress=False)
    return result.value - problem.optimum


def mixed_3d(seed: int) -> tuple[bo.Space, Callable[[Params], float], tuple[str, int]]:
    """One category of 4, one integer 1-32, one float; labels and optimum drawn by the seed.

    Returns the space, the function, and the discrete part of its optimum, found by enumeration.
    """
    rng = np.random.default_rng(seed)
    rank, center, at = rng.permutation(4), rng.uniform(0.2, 0.8), int(rng.integers(3, 31))
    offset = (0.0, 0.15, 0.4, 0.8)

    def value(p: Params) -> float:
        r = int(rank[int(p["label"])])
        bowl = ((p["level"] - at) / 8) ** 2 * (1 + 0.5 * r) + 3 * (p["x"] - center) ** 2
        return float(offset[r] + bowl + 0.1 * np.sin(9 * p["x"] + p["level"]))

    space = bo.Space(
        label=bo.Categorical(["0", "1", "2", "3"]), level=bo.Int(1, 32), x=bo.Float(0, 1)
    )
    grid = [
        (value({"label": label, "level": level, "x": x}), label, level)
        for label in "0123"
        for level in range(1, 33)
        for x in np.linspace(0, 1, 201)
    ]
    _, label, level = min(grid)
    return space, value, (label, level)


def discrete_part_found(seed: int) -> bool:
    """Whether 40 evaluations find the optimum's category and integer exactly."""
    space, value, optimum = mixed_3d(seed)
    result = bo.minimize(value, space, n_trials=40, seed=seed, progress=False)
    return (result.params["label"], result.params["level"]) == optimum


def noisy_recommendation(seed: int) -> float:
    """Regret of the recommended point on noisy Styblinski-Tang 5-d, in parts of the range."""
    rng = np.random.default_rng(seed)
    shift = rng.uniform(-1, 1, 5)

    def true(x: Any) -> float:
        z = np.asarray(x) - shift
        return float(0.5 * (z**4 - 16 * z**2 + 5 * z).sum())

    seen = [true(x) for x in rng.uniform(-5, 5, (1000, 5))]
    spread = max(seen) - min(seen)
    space = bo.Space({f"x{i}": bo.Float(-5, 5) for i in range(5)})

    def value(p: Params) -> float:
        return true(list(p.values())) + 0.05 * spread * rng.standard_normal()

    result = bo.minimize(value, space, n_trials=100, seed=seed, progress=False)
    assert result.recommended is not None
    return (true(list(result.recommended.params.values())) + 39.16616570377142 * 5) / spread


def main() -> None:
    """Print a line per target."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=10)
    seeds = range(parser.parse_args().seeds)
    for name, n, limit in (
        ("synthetic/branin-d2", 35, 1e-3),
        ("synthetic/hartmann-d6", 80, 0.1),
    ):
        gaps = [gap(name, n, s) for s in seeds]
        print(f"{name}, {n} evaluations: median gap {np.median(gaps):.2g} (< {limit:g}), "
              f"largest {max(gaps):.2g}", flush=True)  # fmt: skip
    found = [discrete_part_found(s) for s in seeds]
    print(f"mixed 3-d, 40 evaluations: discrete part found by {sum(found)} of {len(found)} seeds")
    regrets = [noisy_recommendation(s) for s in seeds]
    print(f"noisy Styblinski-Tang 5-d, 100 evaluations: recommended point within "
          f"{np.median(regrets):.1%} of the range (< 10 %), worst {max(regrets):.1%}")  # fmt: skip


if __name__ == "__main__":
    main()
