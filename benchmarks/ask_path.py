"""The path of one ask: how many calls, functions and files of this package it passes.

``python benchmarks/ask_path.py`` prints three numbers; with ``--list`` every function and how
often it was called, by file. Twelve trials over four mixed and conditional columns are told, the
thirteenth ask is counted.
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


def value(params: Any) -> float:
    """A function with one minimum in each branch."""
    extra = (params["extra"] - 0.3) ** 2 if "extra" in params else 0.1
    return float((params["x"] - 0.4) ** 2 + 0.05 * abs(params["k"] - 4) + extra)


def calls_of(action: Callable[[], object]) -> Counter[tuple[str, str]]:
    """How often each function of the package was called, by file and name."""
    counts: Counter[tuple[str, str]] = Counter()

    def look(frame: FrameType, event: str, _: object) -> None:
        code = frame.f_code
        if event == "call" and code.co_filename.startswith(HERE):
            counts[code.co_filename[len(HERE) + 1 :], code.co_qualname] += 1

    sys.setprofile(look)
    try:
        action()
    finally:
        sys.setprofile(None)
    return counts


def measure() -> dict[str, Counter[tuple[str, str]]]:
    """The calls of the thirteenth ask, and of telling its result."""
    opt = bo.Optimizer(SPACE, seed=0)
    for _ in range(12):
        trial = opt.ask()
        opt.tell(trial, value(trial.params))
    asked: list[bo.Trial] = []
    ask = calls_of(lambda: asked.append(opt.ask()))
    return {"ask": ask, "tell": calls_of(lambda: opt.tell(asked[0], value(asked[0].params)))}


def main() -> None:
    """Print what was counted."""
    for name, counts in measure().items():
        files = {file for file, _ in counts}
        print(f"{name}: {counts.total():,} calls, {len(counts)} functions, {len(files)} files")
        if "--list" in sys.argv:
            for (file, function), n in sorted(counts.items()):
                print(f"  {file:40s} {function:50s} {n}")


if __name__ == "__main__":
    main()
