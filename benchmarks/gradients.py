"""Derivatives: gaps with and without them, with wrong or noisy ones, and of descents alone.

``python -m benchmarks.gradients --seeds 6`` prints the table of ``GRADIENTS.md``.
"""

from __future__ import annotations

import argparse
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

import bayesopt as bo

Floats = NDArray[np.float64]
Function = Callable[[Floats], tuple[float, Floats]]


def rosenbrock(x: Floats) -> tuple[float, Floats]:
    a, b = x[:-1], x[1:]
    gradient = np.zeros_like(x)
    gradient[:-1] = -400 * a * (b - a**2) - 2 * (1 - a)
    gradient[1:] += 200 * (b - a**2)
    return float((100 * (b - a**2) ** 2 + (1 - a) ** 2).sum()), gradient


def ackley(x: Floats) -> tuple[float, Floats]:
    d, r = len(x), float(np.sqrt((x @ x) / len(x)))
    c = float(np.cos(2 * np.pi * x).mean())
    value = -20 * np.exp(-0.2 * r) - np.exp(c) + 20 + np.e
    slope = 4 * np.exp(-0.2 * r) * x / (d * r) if r > 0 else np.zeros_like(x)
    return float(value), slope + np.exp(c) * 2 * np.pi * np.sin(2 * np.pi * x) / d


def levy(x: Floats) -> tuple[float, Floats]:
    w = 1 + (x - 1) / 4
    a, z, s = w[:-1] - 1, w[-1] - 1, np.pi * w[:-1] + 1
    last = 1 + np.sin(2 * np.pi * w[-1]) ** 2
    value = np.sin(np.pi * w[0]) ** 2 + (a**2 * (1 + 10 * np.sin(s) ** 2)).sum() + z**2 * last
    gradient = np.zeros_like(x)
    gradient[:-1] = 2 * a * (1 + 10 * np.sin(s) ** 2) + 10 * np.pi * a**2 * np.sin(2 * s)
    gradient[-1] = 2 * z * last + 2 * np.pi * z**2 * np.sin(4 * np.pi * w[-1])
    gradient[0] += np.pi * np.sin(2 * np.pi * w[0])
    return float(value), gradient / 4


def bowl(x: Floats) -> tuple[float, Floats]:
    weights = np.arange(1, len(x) + 1)
    return float((weights * x**2).sum()), 2 * weights * x


FUNCTIONS: dict[str, tuple[Function, float, float]] = {
    "rosenbrock": (rosenbrock, -2.0, 2.0),
    "ackley": (ackley, -5.0, 10.0),
    "levy": (levy, -5.0, 5.0),
    "bowl": (bowl, -1.0, 2.0),
}
MISTAKES: dict[str, Callable[[Floats, np.random.Generator], Floats]] = {
    "right": lambda g, rng: g,
    "all signs wrong": lambda g, rng: -g,
    "one sign wrong": lambda g, rng: g * np.where(np.arange(len(g)) == 0, -1.0, 1.0),
    "noise of 100 %": lambda g, rng: g + rng.normal(size=len(g)) * np.abs(g),
}
# the optimum lies elsewhere in each run: up to a tenth of the range away
_SHIFT = 0.1
_ALSO_WRONG = ("levy",)  # functions whose wrong derivatives are told in ten dimensions too


@dataclass(frozen=True)
class Run:
    """One run: the gap after each evaluation, and the longest ask in seconds of the processor."""

    gaps: Floats
    longest_ask: float


def run(name: str, d: int, n: int, seed: int, mistake: str | None, proposer: Any = None) -> Run:
    """``mistake`` None tells no derivatives."""
    function, low, high = FUNCTIONS[name]
    rng = np.random.default_rng(1000 + seed)
    shift = rng.uniform(-_SHIFT, _SHIFT, d) * (high - low)
    options = {} if proposer is None else {"proposer": proposer}
    space = {f"x{i}": bo.Float(low, high) for i in range(d)}
    opt = bo.Optimizer(space, seed=seed, n_trials=n, **options)
    gaps, longest = [], 0.0
    for k in range(n):
        start = time.process_time()
        trial = opt.ask()
        longest = max(longest, time.process_time() - start) if k > d else longest
        value, gradient = function(np.array(list(trial.params.values())) - shift)
        told: dict[str, Any] = {"value": value}
        if mistake is not None:
            told["gradient"] = dict(zip(space, MISTAKES[mistake](gradient, rng), strict=True))
        opt.tell(trial, told)
        gaps.append(value)
    return Run(np.minimum.accumulate(gaps), longest)


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seeds", type=int, default=6)
    parser.add_argument("--dimensions", type=int, nargs="+", default=[5, 10])
    parser.add_argument("--functions", nargs="+", default=list(FUNCTIONS))
    given = parser.parse_args()
    logging.disable(logging.WARNING)
    heads = "function", "derivatives", "median gap after 1/4, 1/2, all", "there at", "longest ask"
    print(f"| {' | '.join(heads)} |")
    print("|---|---|---|---|---|")
    for d in given.dimensions:
        n = 40 if d <= 5 else 60
        for name in given.functions:
            plain = [run(name, d, n, seed, None) for seed in range(given.seeds)]
            report(name, d, "none", plain, plain)
            kinds = list(MISTAKES) if d <= 5 or name in _ALSO_WRONG else ["right"]
            for kind in kinds:
                told = [run(name, d, n, seed, kind) for seed in range(given.seeds)]
                report(name, d, kind, told, plain)
            alone = [
                run(name, d, n, seed, "right", bo.MultistartGradient())
                for seed in range(given.seeds)
            ]
            report(name, d, "L-BFGS-B alone", alone, plain)


def report(name: str, d: int, kind: str, runs: list[Run], plain: list[Run]) -> None:
    """One line of the table."""
    gaps = np.array([r.gaps for r in runs])
    n = gaps.shape[1]
    shown = " / ".join(f"{np.median(gaps[:, k - 1]):.2g}" for k in (n // 4, n // 2, n))
    reached = []
    for mine, other in zip(runs, plain, strict=True):
        there = np.flatnonzero(mine.gaps <= other.gaps[-1])
        first = np.flatnonzero(other.gaps <= other.gaps[-1])[0] + 1
        reached.append(((there[0] + 1) if len(there) else np.inf) / first)
    ratio = np.median(reached)
    share = "not" if np.isinf(ratio) else f"{100 * ratio:.0f} %"
    longest = max(r.longest_ask for r in runs)
    print(f"| {name} {d}-d | {kind} | {shown} | {share} | {longest:.2f} s |", flush=True)


if __name__ == "__main__":
    main()
