"""The path of one ask: how many calls, functions and files of this package it passes.

``python benchmarks/ask_path.py`` prints three numbers, and of an ask what each evaluation of the
evidence and of the score costs: how many there are is for the numbers to say, not for the code.
With ``--list`` it prints every function and how often it was called, by file. Twelve trials over
four mixed and conditional columns are told, the thirteenth ask is counted.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import bayesopt as bo

HERE = str(Path(bo.__file__).parent)

SPACE = bo.Space(
    x=bo.Float(0.0, 1.0),
    k=bo.Int(1, 9),
    kind=bo.Categorical(["a", "b"]),
    extra=bo.Float(0.0, 1.0, when={"kind": "a"}),
)


EVALUATIONS = {
    "descend.<locals>.cost": "evidence",
    "BoundAcquisition.values": "score",
    "BoundAcquisition.values_with_gradient": "score",
}


def value(params: Any) -> float:
    """A function with one minimum in each branch."""
    extra = (params["extra"] - 0.3) ** 2 if "extra" in params else 0.1
    return float((params["x"] - 0.4) ** 2 + 0.05 * abs(params["k"] - 4) + extra)


def calls_of(action: Callable[[], object]) -> Counter[tuple[str, str]]:
    """How often each function of the package was called, by file and name."""
    return parts_of(action)[0]


def parts_of(action: Callable[[], object]) -> tuple[Counter[tuple[str, str]], Counter[str]]:
    """The calls by file and name, and those below each kind of evaluation."""
    counts: Counter[tuple[str, str]] = Counter()
    below: Counter[str] = Counter()
    inside: list[str] = []

    def look(frame: FrameType, event: str, _: object) -> None:
        code = frame.f_code
        if not code.co_filename.startswith(HERE):
            return
        kind = EVALUATIONS.get(code.co_qualname)
        if event == "call":
            counts[code.co_filename[len(HERE) + 1 :], code.co_qualname] += 1
            if kind is not None:
                inside.append(kind)
            if inside:
                below[inside[-1]] += 1
        elif event == "return" and kind is not None:
            inside.pop()

    sys.setprofile(look)
    try:
        action()
    finally:
        sys.setprofile(None)
    return counts, below


def measure() -> tuple[dict[str, Counter[tuple[str, str]]], Counter[str]]:
    """The calls of the thirteenth ask and of telling its result; the ask's by evaluation."""
    opt = bo.Optimizer(SPACE, seed=0)
    for _ in range(12):
        trial = opt.ask()
        opt.tell(trial, value(trial.params))
    asked: list[bo.Trial] = []
    ask, below = parts_of(lambda: asked.append(opt.ask()))
    tell = calls_of(lambda: opt.tell(asked[0], value(asked[0].params)))
    return {"ask": ask, "tell": tell}, below


def main() -> None:
    """Print what was counted."""
    found, below = measure()
    for name, counts in found.items():
        files = {file for file, _ in counts}
        print(f"{name}: {counts.total():,} calls, {len(counts)} functions, {len(files)} files")
        if name == "ask":
            for kind in sorted(set(EVALUATIONS.values())):
                names = [n for n, k in EVALUATIONS.items() if k == kind]
                times = sum(n for (_, function), n in counts.items() if function in names)
                print(f"  {times} times the {kind}: {below[kind] / times:.1f} calls each")
            print(f"  all else: {counts.total() - below.total():,} calls")
        if "--list" in sys.argv:
            for (file, function), n in sorted(counts.items()):
                print(f"  {file:40s} {function:50s} {n}")


if __name__ == "__main__":
    main()
