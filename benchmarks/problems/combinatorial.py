"""Combinatorial problems over categories: made from fixed seeds, no data needed.

``combinatorial/maxsat-N``, ``contamination-N``, ``ising-N`` (a N x N grid), ``nk-N`` and
``pest-N``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.problems.base import Problem
from benchmarks.space import Parameter, Space

_DEFAULT = ("maxsat-28", "maxsat-60", "contamination-20", "ising-4", "nk-20", "pest-15")


class Combinatorial(Problem):
    """A function of a vector of category positions (d,)."""

    group = "combinatorial"

    def __init__(
        self, name: str, d: int, labels: int, f: Callable[[np.ndarray], float], seed: int
    ) -> None:
        self.name, self.f = name, f
        rng = np.random.default_rng(seed)
        names = tuple(f"v{k}" for k in range(labels))
        self.space = Space(
            tuple(Parameter(f"c{i}", "categorical", choices=names) for i in range(d))
        )
        # which label stands for what is drawn for each parameter
        self.meaning = np.array([rng.permutation(labels) for _ in range(d)])

    def value(self, params: Mapping[str, Any]) -> float:
        positions = [p.index(params[p.name]) for p in self.space.parameters]
        return self.f(self.meaning[np.arange(len(positions)), positions])


def maxsat(d: int, rng: np.random.Generator) -> Callable[[np.ndarray], float]:
    """Weighted clauses of three; minus the satisfied weight, standardised as BOCS does."""
    m = 4 * d
    variables = np.array([rng.choice(d, 3, replace=False) for _ in range(m)])
    signs = rng.integers(0, 2, (m, 3))
    weights = rng.exponential(size=m)
    weights = weights / weights.sum()
    return lambda x: -float(weights @ (x[variables] == signs).any(axis=1))


def contamination(
    d: int, rng: np.random.Generator, *, samples: int = 100
) -> Callable[[np.ndarray], float]:
    """Contamination control (Hu et al. 2010): when to pay for prevention along a food chain."""
    first = rng.beta(1.0, 30.0, samples)
    spread = rng.beta(1.0, 17.0 / 3.0, (d, samples))
    cure = rng.beta(1.0, 3.0 / 7.0, (d, samples))

    def f(x: np.ndarray) -> float:
        z, cost = first, 0.0
        for i in range(d):
            z = spread[i] * (1.0 - z) + z if not x[i] else (1.0 - cure[i]) * z
            cost += float(x[i]) + max(0.0, float(np.mean(z > 0.1)) - 0.05)
        return cost / d

    return f


def ising(side: int, rng: np.random.Generator) -> Callable[[np.ndarray], float]:
    """Ground state of a spin glass on a grid with random couplings."""
    right, down = rng.normal(size=(side, side - 1)), rng.normal(size=(side - 1, side))

    def f(x: np.ndarray) -> float:
        s = 2.0 * x.reshape(side, side) - 1.0
        return -float(np.sum(right * s[:, :-1] * s[:, 1:]) + np.sum(down * s[:-1] * s[1:]))

    return f


def nk(d: int, rng: np.random.Generator, *, k: int = 3) -> Callable[[np.ndarray], float]:
    """Kauffman's NK landscape: each position's contribution depends on k others."""
    others = np.array(
        [np.r_[i, rng.choice(np.delete(np.arange(d), i), k, replace=False)] for i in range(d)]
    )
    table = rng.random((d, 2 ** (k + 1)))
    powers = 2 ** np.arange(k + 1)
    return lambda x: -float(np.mean(table[np.arange(d), (x[others] * powers).sum(axis=1)]))


def pest(d: int, rng: np.random.Generator, *, samples: int = 50) -> Callable[[np.ndarray], float]:
    """Pest control with five actions a stage; a pesticide gets weaker and cheaper with use."""
    start = rng.beta(1.0, 30.0, samples)
    spread = rng.beta(1.0, 17.0 / 3.0, (d, samples))
    strength = np.array([0.0, 0.5, 0.6, 0.7, 0.8])
    price = np.array([0.0, 1.0, 0.8, 0.7, 0.5]) * 0.1
    weaken = np.array([0.0, 0.1, 0.15, 0.2, 0.3])

    def f(x: np.ndarray) -> float:
        z, cost, used = start, 0.0, np.zeros(5)
        for i in range(d):
            a = int(x[i])
            z = z + spread[i] * (1.0 - z) * 0.5
            if a:
                z = z * (1.0 - strength[a] * np.exp(-weaken[a] * used[a]))
                cost += price[a] / (1.0 + 0.1 * used[a])
                used[a] += 1.0
            cost += float(np.mean(z > 0.1)) * 0.2
        return cost

    return f


_KINDS: dict[str, tuple[Callable[..., Callable[[np.ndarray], float]], int]] = {
    "maxsat": (maxsat, 2),
    "contamination": (contamination, 2),
    "ising": (ising, 2),
    "nk": (nk, 2),
    "pest": (pest, 5),
}


def names() -> list[str]:
    return [f"combinatorial/{n}" for n in _DEFAULT]


def load(name: str, data: Path | None = None) -> Problem:
    kind, _, size = name.partition("/")[2].partition("-")
    if kind not in _KINDS or not size.isdigit():
        raise ValueError(
            f"unknown problem {name!r}: expected combinatorial/KIND-SIZE with KIND of "
            f"{sorted(_KINDS)}"
        )
    make, labels = _KINDS[kind]
    seed = sum(name.encode())
    f = make(int(size), np.random.default_rng(seed))
    d = int(size) ** 2 if kind == "ising" else int(size)
    return Combinatorial(name, d, labels, f, seed + 1)
