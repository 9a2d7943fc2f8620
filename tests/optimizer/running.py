"""Short runs for the tests of the optimizer."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import bayesopt as bo
from bayesopt.storage import MemoryStorage

QUICK = bo.AcquisitionSearch(n_candidates=64, n_sprays=32, n_starts=3, max_rounds=2)

MIXED = bo.Space(
    x=bo.Float(-2.0, 3.0),
    rate=bo.Float(1e-4, 1.0, log=True),
    k=bo.Int(1, 9),
    kind=bo.Categorical(["a", "b", None]),
    extra=bo.Float(0.0, 1.0, when={"kind": ["a", None]}),
)
LINE = bo.Space(x=bo.Float(-2.0, 3.0))
PLANE = bo.Space(x=bo.Float(0.0, 1.0), y=bo.Float(0.0, 1.0))


def mixed_value(params: Mapping[str, Any]) -> float:
    value = (params["x"] - 1.0) ** 2 + 0.3 * (math.log10(params["rate"]) + 2.0) ** 2
    value += 0.2 * abs(params["k"] - 4) + {"a": 0.0, "b": 0.5, None: 1.0}[params["kind"]]
    return float(value + (params["extra"] - 0.3) ** 2 if "extra" in params else value)


def line_value(params: Mapping[str, Any]) -> float:
    return float((params["x"] - 0.7) ** 2 + 0.3 * math.sin(5.0 * params["x"]))


def optimizer(space: bo.Space = MIXED, **options: Any) -> bo.Optimizer:
    return bo.Optimizer(space, **({"seed": 1, "proposer": QUICK} | options))


def run(
    opt: bo.Optimizer, value: Callable[[Mapping[str, Any]], object], n: int
) -> list[Mapping[str, Any]]:
    """Ask and tell ``n`` times; returns all points."""
    for _ in range(n):
        trial = opt.ask()
        opt.tell(trial, value(trial.params))
    return [t.params for t in opt.trials]


def events(opt: bo.Optimizer) -> list[dict[str, Any]]:
    """What is stored, without the clock."""
    return [{k: v for k, v in e.items() if k != "time"} for _, e in opt.storage.read()]


def replayed(written: list[dict[str, Any]]) -> MemoryStorage:
    storage = MemoryStorage()
    for event in written:
        storage.append(event)
    return storage
