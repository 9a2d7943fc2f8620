"""Pseudo-boolean problems of IOHexperimenter (package ``ioh``): ``pbo/NAME-D[-iI]``, negated."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks.problems.base import Problem
from benchmarks.space import Parameter, Space

_IDS = {
    "labs": 18,
    "ising_ring": 19,
    "ising_torus": 20,
    "ising_triangular": 21,
    "mis": 22,
    "nqueens": 23,
    "trap": 24,
    "nk": 25,
}
_DEFAULT = ("labs-20", "ising_ring-25", "ising_torus-25", "mis-20", "nqueens-25", "nk-25")


class PseudoBoolean(Problem):
    """A problem over bits, stated as categories without order."""

    group = "combinatorial"

    def __init__(self, name: str, number: int, d: int, instance: int) -> None:
        try:
            import ioh
        except ImportError:
            raise RuntimeError("the pseudo-boolean problems need `pip install ioh`") from None
        self.name = name
        self.problem = ioh.get_problem(
            number, instance=instance, dimension=d, problem_class=ioh.ProblemClass.PBO
        )
        self.space = Space(
            tuple(Parameter(f"b{i}", "categorical", choices=(False, True)) for i in range(d))
        )
        best = float(self.problem.optimum.y)
        # where nobody knows the optimum the package says infinity (or a placeholder of -infinity)
        self.optimum = -best if abs(best) < 1e100 and number not in (18, 25) else None

    def value(self, params: Mapping[str, Any]) -> float:
        return -float(self.problem([int(params[n]) for n in self.space.names]))


def names() -> list[str]:
    return [f"pbo/{n}" for n in _DEFAULT]


def load(name: str, data: Path | None = None) -> Problem:
    parts = name.partition("/")[2].split("-")
    if parts[0] not in _IDS or len(parts) < 2 or not parts[1].isdigit():
        raise ValueError(
            f"unknown problem {name!r}: expected pbo/NAME-D[-iI] with NAME of {sorted(_IDS)}"
        )
    instance = int(parts[2].removeprefix("i")) if len(parts) > 2 else 1
    return PseudoBoolean(name, _IDS[parts[0]], int(parts[1]), instance)
