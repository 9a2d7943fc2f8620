"""Problems by name.

``load("synthetic/branin")`` finds the module of the suite and asks it for the problem; a path to a
``.toml`` or ``.py`` file is a user's own problem (see ``benchmarks.problems.user``).
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

from benchmarks.problems.base import Answer, Problem

__all__ = ["Answer", "Problem", "load", "names"]

# suite -> module with `names() -> list[str]` and `load(rest: str, data: Path | None) -> Problem`
_MODULES = {
    "synthetic": "synthetic",
    "mixed": "mixed",
    "engineering": "engineering",
    "combinatorial": "combinatorial",
    "noisy": "noisy",
    "sklearn": "tuning",
    "bbob": "coco",
    "bbob-mixint": "coco",
    "bbob-noisy": "coco",
    "hpobench": "tables",
    "hpolib": "tables",
    "nasbench201": "tables",
    "chemistry": "chemistry",
    "pbo": "pseudoboolean",
    "yahpo": "yahpo",
    "bayesmark": "bayesmark",
    "plateau": "unsettled",
    "failing": "unsettled",
    "thin": "unsettled",
    "taskset": "networks",
    "hss": "networks",
}


class DataMissing(RuntimeError):
    """A problem's data folder or package is not there; the message says where to get it."""


def load(name: str, data: Path | None = None) -> Problem:
    """The problem called ``name``; ``data`` is the folder with the suites' data files."""
    if name.endswith(".toml") or ".py" in name:
        from benchmarks.problems.user import load_file

        return load_file(name)
    suite, _, rest = name.partition("/")
    if suite not in _MODULES or not rest:
        raise ValueError(
            f"unknown problem {name!r}: expected SUITE/NAME with a suite of {sorted(_MODULES)}, "
            "or a file"
        )
    module = import_module(f"benchmarks.problems.{_MODULES[suite]}")
    problem = module.load(name, data)
    assert isinstance(problem, Problem)
    return problem


def names(suite: str) -> list[str]:
    """The names of all problems of a suite."""
    if suite not in _MODULES:
        raise ValueError(f"unknown suite {suite!r}; expected one of {sorted(_MODULES)}")
    module = import_module(f"benchmarks.problems.{_MODULES[suite]}")
    return [name for name in module.names() if name.startswith(suite + "/")]
