"""Cheaper evaluations, uneven costs, and when to stop: FIDELITY_AND_COST.md.

python benchmarks/cheaper.py fidelity --seeds 5
python benchmarks/cheaper.py cost --seeds 5
python benchmarks/cheaper.py stop --seeds 5
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

import bayesopt as bo
from benchmarks.earlier_runs import HARTMANN_A, HARTMANN_P

Objective = Callable[[Mapping[str, Any]], float]
Space = dict[str, Any]
ALPHA = np.array([1.0, 1.2, 3.0, 3.2])

# ---- functions of a fidelity s in (0, 1], exact at 1 --------------------------------------------


def branin(p: Mapping[str, Any], s: float = 1.0) -> float:
    """Branin; one coefficient is off below the top (as BoTorch's augmented one)."""
    x, y = p["x"], p["y"]
    b = 5.1 / (4 * np.pi**2) - 0.1 * (1 - s)
    first = (y - b * x**2 + 5 / np.pi * x - 6) ** 2
    return float(first + 10 * (1 - 1 / (8 * np.pi)) * np.cos(x) + 10)


def hartmann(p: Mapping[str, Any], s: float = 1.0) -> float:
    """Hartmann-6; the first height is off (BoTorch's augmented Hartmann: minimum -3.32237)."""
    x = np.array([p[f"x{j}"] for j in range(6)])
    alpha = ALPHA - np.array([0.1 * (1 - s), 0, 0, 0])
    return float(-alpha @ np.exp(-(HARTMANN_A * (x - HARTMANN_P) ** 2).sum(axis=1)))


def biased_hartmann(p: Mapping[str, Any], s: float = 1.0) -> float:
    """Hartmann-6 with all four heights off by up to a third, in other directions."""
    x = np.array([p[f"x{j}"] for j in range(6)])
    alpha = ALPHA * (1 + (1 - s) * np.array([0.33, -0.33, 0.2, -0.2]))
    return float(-alpha @ np.exp(-(HARTMANN_A * (x - HARTMANN_P) ** 2).sum(axis=1)))


def borehole(p: Mapping[str, Any], s: float = 1.0) -> float:
    """Minus the flow through a borehole; the low-fidelity form of Xiong, Qian & Wu (2013) at 0."""
    rw, r, tu, hu, tl, hl, le, kw = (p[k] for k in ("rw", "r", "tu", "hu", "tl", "hl", "le", "kw"))
    ratio = np.log(r / rw)
    resistance = 2 * le * tu / (ratio * rw**2 * kw)
    exact = 2 * np.pi * tu * (hu - hl) / (ratio * (1 + resistance + tu / tl))
    cheap = 5 * tu * (hu - hl) / (ratio * (1.5 + resistance + tu / tl))
    return float(-(s * exact + (1 - s) * cheap))


TWO: Space = {"x": bo.Float(-5, 10), "y": bo.Float(0, 15)}
SIX: Space = {f"x{j}": bo.Float(0, 1) for j in range(6)}
HOLE: Space = {
    "rw": bo.Float(0.05, 0.15),
    "r": bo.Float(100, 50_000),
    "tu": bo.Float(63_070, 115_600),
    "hu": bo.Float(990, 1110),
    "tl": bo.Float(63.1, 116),
    "hl": bo.Float(700, 820),
    "le": bo.Float(1120, 1680),
    "kw": bo.Float(9855, 12_045),
}
WITH_FIDELITY: dict[str, tuple[Any, Space, float]] = {
    "Branin": (branin, TWO, 0.397887),
    "Hartmann-6": (hartmann, SIX, -3.32237),
    "Hartmann-6, strong bias": (biased_hartmann, SIX, -3.32237),
    "Borehole": (borehole, HOLE, -309.5756),
}
COSTS = (5, 10, 15, 20)


def botorch_protocol(seeds: int) -> None:
    """Augmented Hartmann-6 as in BoTorch's tutorial of multi-fidelity knowledge gradient: an
    evaluation costs 5 + s; 16 random points at random s, then 24 more; the true value at the
    recommended point. There in 6 batches of 4: 3.298 for a cost of 121.3; EI at the top 2.990.
    """
    space = {**SIX, "s": bo.Float(1e-3, 1.0, role="fidelity")}
    for seed in range(seeds):
        rng = np.random.default_rng(seed)
        opt = bo.Optimizer(space, seed=seed, deterministic=True)
        for _ in range(16):
            point = {name: float(u) for name, u in zip(SIX, rng.random(6), strict=True)}
            point["s"] = float(rng.uniform(1e-3, 1))
            told = {"value": hartmann(point, point["s"]), "cost": 5 + point["s"]}
            opt.add_observation(point, told)
        spent = 0.0
        for _ in range(24):
            trial = opt.ask()
            s = float(trial.params["s"])
            opt.tell(trial, {"value": hartmann(trial.params, s), "cost": 5 + s})
            spent += 5 + s
        best = opt.recommended
        value = None if best is None else -hartmann(best.params)
        print(
            f"seed {seed} | cost {spent:.1f} | value at the recommended point {value}", flush=True
        )


def best_by_cost(spent: list[float], values: list[float], least: float) -> list[float]:
    """Regret of the best of the values that had been paid for at each of ``COSTS``."""
    found = []
    for most in COSTS:
        paid = [v for c, v in zip(np.cumsum(spent), values, strict=True) if c <= most + 1e-9]
        found.append(min(paid, default=np.inf) - least)
    return found


def fidelity(seeds: int) -> None:
    """Regret of full evaluations against the cost of all, 1:10."""
    for name, (f, space, least) in WITH_FIDELITY.items():
        for way in ("with the fidelity", "full alone"):
            each = []
            for seed in range(seeds):
                more = {"s": bo.Float(0.1, 1.0, role="fidelity")} if way[0] == "w" else {}
                opt = bo.Optimizer({**space, **more}, seed=seed, deterministic=True)
                spent, values = [], []
                while sum(spent) < COSTS[-1] - 1e-9:
                    trial = opt.ask()
                    s = float(trial.params.get("s", 1.0))
                    value = f(trial.params, s)
                    opt.tell(trial, {"value": value, "cost": s})
                    spent.append(s)
                    values.append(value if s == 1.0 else np.inf)
                each.append(best_by_cost(spent, values, least))
            show(name, way, np.array(each))


# ---- uneven costs -------------------------------------------------------------------------------


def network(p: Mapping[str, Any]) -> float:
    """A loss that falls with size, slowly, and has a best rate that depends on it."""
    size, rate = np.log2(p["size"]), np.log10(p["rate"])
    return float(2.0 / size + 0.3 * (rate + 2 + 0.1 * size) ** 2 + 0.02 * abs(p["depth"] - 3))


NETWORK: Space = {
    "size": bo.Int(4, 512, log=True),
    "rate": bo.Float(1e-5, 1.0, log=True),
    "depth": bo.Int(1, 8),
}
UNEVEN: dict[str, tuple[Objective, Space, Callable[[Mapping[str, Any]], float], float, float]] = {
    "Branin, dear to the right": (
        branin, TWO, lambda p: float(np.exp(0.25 * (p["x"] + 5)) / 8), 100.0, 0.397887,
    ),
    "Hartmann-6, dear where x0 + x1 is large": (
        hartmann, SIX, lambda p: float(np.exp(1.5 * (p["x0"] + p["x1"])) / 3), 60.0, -3.32237,
    ),
    "network": (network, NETWORK, lambda p: p["size"] * p["depth"] / 100, 60.0, 2 / 9),
}  # fmt: skip


def cost(seeds: int) -> None:
    """The best value at shares of a budget: plain EI, cooled by cost, and the Gittins index."""
    for name, (f, space, price, total, least) in UNEVEN.items():
        ways: dict[str, dict[str, Any]] = {"EI": {}, "budget=": {"budget": bo.Cost(total)}}
        if hasattr(bo, "Gittins"):
            ways["Gittins"] = {"acquisition": bo.Gittins(1e-3)}
        for way, options in ways.items():
            each = []
            for seed in range(seeds):
                opt = bo.Optimizer(space, seed=seed, **options)
                spent, values = 0.0, []
                best = np.inf
                at = [0.25 * total, 0.5 * total, 0.75 * total, total]
                reached: list[float] = []
                while len(reached) < 4 and len(values) < 150:
                    trial = opt.ask()
                    value, c = f(trial.params), price(trial.params)
                    opt.tell(trial, {"value": value, "cost": c})
                    spent += c
                    while len(reached) < 4 and spent > at[len(reached)]:
                        reached.append(best - least)
                    best = min(best, value)
                    values.append(value)
                each.append([*reached, *[best - least] * (4 - len(reached))])
            show(name, way, np.array(each))


# ---- when to stop -------------------------------------------------------------------------------


def ackley(p: Mapping[str, Any]) -> float:
    x = np.array([p[f"x{j}"] for j in range(4)]) * 8 - 3
    return float(
        20
        + np.e
        - 20 * np.exp(-0.2 * np.sqrt((x**2).mean()))
        - np.exp(np.cos(2 * np.pi * x).mean())
    )


def sphere(p: Mapping[str, Any]) -> float:
    return float(sum((p[f"x{j}"] - 0.3) ** 2 for j in range(4)))


def camel(p: Mapping[str, Any]) -> float:
    x, y = 6 * p["x0"] - 3, 4 * p["x1"] - 2
    return float((4 - 2.1 * x**2 + x**4 / 3) * x**2 + x * y + (4 * y**2 - 4) * y**2)


def noisy(p: Mapping[str, Any]) -> float:
    seed = abs(hash(tuple(p.values()))) % 2**32
    return sphere(p) + float(np.random.default_rng(seed).normal(0.0, 0.02))


FOUR: Space = {f"x{j}": bo.Float(0, 1) for j in range(4)}
TO_STOP: dict[str, tuple[Objective, Space, float]] = {
    "Branin": (branin, TWO, 0.397887),
    "Hartmann-6": (hartmann, SIX, -3.32237),
    "Ackley-4": (ackley, FOUR, 0.0),
    "bowl, 4 parameters": (sphere, FOUR, 0.0),
    "six-hump camel": (camel, {"x0": bo.Float(0, 1), "x1": bo.Float(0, 1)}, -1.031628),
    "network": (network, NETWORK, 2 / 9),
    "bowl with noise": (noisy, FOUR, 0.0),
}


def stop(seeds: int, most: int = 50) -> None:
    """After how many of 50 evaluations each rule ends a run, and with what regret.

    ``WorthIt``: an evaluation costs a thousandth of the distance from the median of the initial
    design to the minimum.
    """
    for name, (f, space, least) in TO_STOP.items():
        fired: dict[str, list[tuple[int, float, float]]] = {}
        for seed in range(seeds):
            opt = bo.Optimizer(space, seed=seed)
            gains: list[float] = []
            ended: dict[str, tuple[int, float]] = {}
            first: list[float] = []
            rules: dict[str, Any] = {"Converged()": bo.Converged()}
            for n in range(most):
                trial = opt.ask()
                if trial.origin is bo.Origin.MODEL:
                    gain = opt.expected_gain(trial.params)
                    gains += [] if gain is None else [gain]
                opt.tell(trial, {"value": f(trial.params), "cost": 1.0})
                if trial.origin is bo.Origin.INITIAL:
                    first.append(f(trial.params))
                    rules["WorthIt(...)"] = bo.WorthIt(
                        max(1e-3 * (float(np.median(first)) - least), 1e-9)
                    )
                best = min(t.value for t in opt.trials if t.value is not None) - least
                for rule, one in rules.items():
                    if gains and rule not in ended and one.ends(gains, opt.trials, "minimize"):
                        ended[rule] = (n + 1, best)
            scale = float(np.median(first)) - least
            for rule in rules:
                n, regret = ended.get(rule, (most, best))
                fired.setdefault(rule, []).append((n, regret / scale, best / scale))
        for rule, runs in fired.items():
            n, regret, final = np.array(runs).T
            print(
                f"{name} | {rule} | fired {int((n < most).sum())} of {seeds} | "
                f"median {np.median(n):.0f} | regret there {np.median(regret):.2g} | "
                f"at {most} {np.median(final):.2g}",
                flush=True,
            )


def show(name: str, way: str, each: np.ndarray) -> None:
    """Medians."""
    print(
        f"{name} | {way} | " + " | ".join(f"{m:.3g}" for m in np.median(each, axis=0)), flush=True
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=["fidelity", "botorch", "cost", "stop"])
    parser.add_argument("--seeds", type=int, default=5)
    args = parser.parse_args()
    ways = {"fidelity": fidelity, "botorch": botorch_protocol, "cost": cost, "stop": stop}
    ways[args.what](args.seeds)


if __name__ == "__main__":
    main()
