"""Golden runs: the trials of fixed runs, written by one version and compared with another.

A change that is not meant to change behaviour must leave every trial the same to the bit, on the
same machine with the same libraries (the last bit differs between processors, so nothing recorded
is kept in the repository and no test rests on it)::

    python tests/golden/golden.py record FOLDER            # with the old version
    python tests/golden/golden.py check FOLDER             # with the new one
    python tests/golden/golden.py check FOLDER mixed batch # only these runs

Only the public API is used, so that the script outlives a rebuild. Runs with the sampled surrogate
need PyMC; without it they are left out, which is said.
"""

from __future__ import annotations

import json
import math
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib.util import find_spec
from inspect import signature
from pathlib import Path
from typing import Any

import bayesopt as bo

SEEDS = (1, 2)
N = 40
Params = Mapping[str, Any]
Trials = Sequence[bo.Trial]

CUBE = {f"x{i}": bo.Float(0.0, 1.0) for i in range(4)}
MIXED = {
    "x": bo.Float(-2.0, 3.0),
    "rate": bo.Float(1e-4, 1.0, log=True),
    "k": bo.Int(1, 9),
    "kind": bo.Categorical(["a", "b", None]),
    "size": bo.Ordinal([0.0, 0.1, 0.5]),
}
TREE = {
    "model": bo.Categorical(["svm", "forest", "linear"]),
    "C": bo.Float(1e-3, 1e3, log=True, when={"model": ["svm", "linear"]}),
    "kernel": bo.Categorical(["rbf", "poly"], when={"model": "svm"}),
    "gamma": bo.Float(1e-4, 1e1, log=True, when={"kernel": "rbf"}),
    "depth": bo.Int(1, 20, when={"model": "forest"}),
}


def bowl(p: Params) -> float:
    """A tilted bowl with ripples over CUBE."""
    u = [p[name] for name in CUBE]
    return float(
        sum((i + 1) * (v - 0.3 - 0.1 * i) ** 2 for i, v in enumerate(u))
        + 0.1 * math.cos(9.0 * u[0] * u[1])
    )


def mixed(p: Params) -> float:
    """Over MIXED."""
    value = (p["x"] - 1.0) ** 2 + 0.3 * (math.log10(p["rate"]) + 2.0) ** 2
    value += 0.2 * abs(p["k"] - 4) + {"a": 0.0, "b": 0.5, None: 1.0}[p["kind"]]
    return float(value + (p["size"] - 0.1) ** 2)


def tree(p: Params) -> float:
    """Over TREE."""
    if p["model"] == "forest":
        return float(0.3 + 0.001 * (p["depth"] - 8) ** 2)
    value = 0.2 + 0.05 * (math.log10(p["C"]) - 0.5) ** 2
    if p["model"] == "svm":
        value += {"rbf": -0.05, "poly": 0.05}[p["kernel"]]
        if "gamma" in p:
            value += 0.04 * (math.log10(p["gamma"]) + 1.5) ** 2
    return float(value)


def noise(number: int) -> float:
    """A fixed sequence that looks like noise, about uniform in (-1, 1)."""
    return 2.0 * math.modf(abs(math.sin(12.9898 * (number + 1)) * 43758.5453))[0] - 1.0


def asked_and_told(opt: bo.Optimizer, value: Callable[[bo.Trial], object], n: int = N) -> Trials:
    """Ask, evaluate, tell; returns all trials."""
    for _ in range(n):
        trial = opt.ask()
        told = value(trial)
        if isinstance(told, str):
            opt.tell_failure(trial, told)
        else:
            opt.tell(trial, told)
    return opt.trials


def continuous(seed: int) -> Trials:
    """Float parameters, defaults."""
    return asked_and_told(bo.Optimizer(CUBE, seed=seed), lambda t: bowl(t.params))


def mixed_space(seed: int) -> Trials:
    """All kinds of parameters."""
    return asked_and_told(bo.Optimizer(MIXED, seed=seed), lambda t: mixed(t.params))


def conditional(seed: int) -> Trials:
    """A tree of conditions, maximised, with a budget."""
    opt = bo.Optimizer(TREE, seed=seed, direction="maximize", n_trials=N)
    return asked_and_told(opt, lambda t: -tree(t.params))


def constrained(seed: int) -> Trials:
    """A callable and a linear constraint, known before."""
    space = bo.Space(
        CUBE,
        constraints=[
            lambda p: p["x0"] * p["x1"] <= 0.5,
            bo.LinearConstraint({"x2": 1.0, "x3": 1.0}, upper=1.2),
        ],
    )
    return asked_and_told(bo.Optimizer(space, seed=seed), lambda t: bowl(t.params))


def outcomes(seed: int) -> Trials:
    """Two outcome constraints, one of them missing now and then; points out for a while."""
    # the first result lacks one: versions that fix the names need to be told
    known = "outcome_constraints" in signature(bo.Optimizer).parameters
    names: dict[str, Any] = {"outcome_constraints": ["a", "b"]} if known else {}
    opt = bo.Optimizer(MIXED, seed=seed, **names)

    def value(t: bo.Trial) -> object:
        c = {"a": t.params["x"] - 0.5}
        if t.number % 3:
            c["b"] = 0.02 - t.params["rate"]
        return {"value": mixed(t.params), "constraints": c, "cost": 1.0}

    asked_and_told(opt, value, N - 12)
    for _ in range(4):
        for trial in opt.ask_batch(3):
            opt.tell(trial, value(trial))
    return opt.trials


def noisy(seed: int) -> Trials:
    """Noise of a quarter of the signal; a measured deviation now and then; UCB."""
    opt = bo.Optimizer(CUBE, seed=seed, acquisition=bo.UCB(beta=2.0))

    def value(t: bo.Trial) -> object:
        y = bowl(t.params) + 0.5 * noise(t.number)
        return {"value": y, "sd": 0.3} if t.number % 4 == 1 else y

    return asked_and_told(opt, value)


def failing(seed: int) -> Trials:
    """A third of the space fails."""
    opt = bo.Optimizer(CUBE, seed=seed)
    return asked_and_told(opt, lambda t: "diverged" if t.params["x0"] > 0.65 else bowl(t.params))


def batch(seed: int) -> Trials:
    """Batches of four told in another order, lost trials, points queued and brought along."""
    opt = bo.Optimizer(MIXED, seed=seed, acquisition=bo.EI())
    point = {"x": 0.5, "rate": 0.01, "k": 7, "kind": "b", "size": 0.5}
    opt.enqueue([point, {**point, "k": 2}])
    opt.add_observation({**point, "x": 2.5}, 3.0)
    for i in range(N // 4):
        trials = opt.ask_batch(4)
        for t in trials[::-1] if i % 2 else trials:
            if t.number == 9:
                opt.abandon(t, "lost", retry=True)
            elif t.number == 14:
                opt.abandon(t, "lost", retry=False)
            else:
                opt.tell(t, mixed(t.params))
    return opt.trials


def table(seed: int) -> Trials:
    """A table of candidates, deterministic."""
    points = [
        {"a": a / 7.0, "b": b * b, "c": c} for a in range(8) for b in range(5) for c in ("u", "v")
    ]
    space = bo.Space.from_table(points)
    opt = bo.Optimizer(space, seed=seed, deterministic=True)
    return asked_and_told(
        opt, lambda t: (t.params["a"] - 0.5) ** 2 + 0.01 * t.params["b"] + (t.params["c"] == "v")
    )


def workers(seed: int) -> Trials:
    """Two optimizers on one file, in turns, told late; then a third that continues."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "run.db"
        one = bo.Optimizer(MIXED, seed=seed, storage=path)
        two = bo.Optimizer(MIXED, storage=path)
        for _ in range(N // 4):
            first, second = one.ask(), two.ask()
            two.tell(second, mixed(second.params))
            one.tell(first, mixed(first.params))
        two.close()
        one.close()
        three = bo.Optimizer(MIXED, storage=path)
        asked_and_told(three, lambda t: mixed(t.params), N // 2)
        trials = three.trials
        three.close()
        return trials


def minimized(seed: int) -> Trials:
    """The loop, with Thompson sampling; failures as exceptions."""
    opt = bo.Optimizer(TREE, seed=seed, acquisition=bo.Thompson())

    def objective(p: Params) -> float:
        if p["model"] == "forest" and p["depth"] > 15:
            raise FloatingPointError("too deep")
        return tree(p)

    bo.minimize(objective, optimizer=opt, n_trials=N, progress=False)
    return opt.trials


def plateau(seed: int) -> Trials:
    """Nothing but noise, where the search explores; PI, rbf, no short-scale component."""
    gp = bo.MapGP(kernel="rbf", short_scale=False, transforms=("identity",))
    opt = bo.Optimizer(CUBE, seed=seed, surrogate=gp, acquisition=bo.PI())
    return asked_and_told(opt, lambda t: 1.0 + 0.01 * noise(t.number))


def full_bayes(seed: int) -> Trials:
    """The sampled surrogate, with an outcome constraint."""
    gp = bo.FullBayesGP(draws=40, tune=60, chains=2, keep=6, sampler="pymc", begin=8)
    opt = bo.Optimizer(MIXED, seed=seed, surrogate=gp)

    def value(t: bo.Trial) -> object:
        return {"value": mixed(t.params), "constraints": {"a": t.params["x"] - 0.5}}

    return asked_and_told(opt, value, 20)


RUNS: dict[str, Callable[[int], Trials]] = {
    f.__name__: f
    for f in (
        continuous, mixed_space, conditional, constrained, outcomes, noisy, failing, batch, table,
        workers, minimized, plateau, full_bayes,
    )
}  # fmt: skip


def plain(value: object) -> object:
    """Exactly, as JSON."""
    if isinstance(value, float):
        return value.hex()
    if isinstance(value, Mapping):
        return {str(k): plain(v) for k, v in value.items()}
    return value


def recorded(trials: Trials) -> list[dict[str, object]]:
    """The trials of a run, every digit."""
    return [
        {
            "number": t.number,
            "params": plain(dict(t.params)),
            "state": t.state.name,
            "origin": t.origin.name,
            "value": plain(t.value),
            "constraints": plain(dict(t.outcome.constraints)) if t.outcome else None,
        }
        for t in trials
    ]


def wanted(names: list[str]) -> Iterator[tuple[str, int]]:
    """The runs to be made."""
    for name in names or RUNS:
        if name == "full_bayes" and find_spec("pymc") is None:
            print("full_bayes: left out, PyMC is not installed")
            continue
        for seed in SEEDS:
            yield name, seed


def main(action: str, folder: str, *names: str) -> int:
    """Record, or check and tell the first trial that differs."""
    place, different = Path(folder), 0
    place.mkdir(parents=True, exist_ok=True)
    for name, seed in wanted(list(names)):
        path = place / f"{name}-{seed}.json"
        trials = recorded(RUNS[name](seed))
        if action == "record":
            path.write_text(json.dumps(trials, indent=0))
            print(f"{path.name}: {len(trials)} trials")
            continue
        old = json.loads(path.read_text())
        first = next(
            (i for i, (a, b) in enumerate(zip(old, trials, strict=False)) if a != b), None
        )
        if first is None and len(old) == len(trials):
            print(f"{path.name}: equal")
            continue
        different += 1
        print(f"{path.name}: DIFFERENT from trial {first} on ({len(old)}, {len(trials)} trials)")
        if first is not None:
            print(f"  then {json.dumps(old[first])}\n  now  {json.dumps(trials[first])}")
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
