"""A user's own problem: a TOML file, or a class in a Python file.

``my.toml``::

    objective = "furnace.py:cost"           # a function of a dict; the path is relative to here
    # command = ["./simulate", "--t", "{t}"]  # instead: the last word it prints is the value
    group = "mixed"                         # optional, as is optimum
    [space.t]
    type = "float"
    low = 200
    high = 900

``my.py:Class`` names a subclass of ``benchmarks.problems.base.Problem`` that needs no arguments.
"""

from __future__ import annotations

import importlib.util
import subprocess
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from benchmarks.problems.base import Problem
from benchmarks.space import Space

_KEYS = ("objective", "command", "group", "optimum", "space")


def load_file(name: str) -> Problem:
    """The problem of ``file.toml`` or ``file.py:Class``; its name is ``name``."""
    if name.endswith(".toml"):
        return Written(name)
    path, _, attribute = name.partition(":")
    if not attribute:
        raise ValueError(
            f"{name!r} needs the name of a class after a colon, as in my_problem.py:Furnace"
        )
    problem = find(Path(path), attribute)()
    if not isinstance(problem, Problem):
        raise TypeError(
            f"{name}: {attribute} must be a subclass of benchmarks.problems.base.Problem"
        )
    problem.name = name
    return problem


def find(path: Path, attribute: str) -> Any:
    """What a Python file calls ``attribute``."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    if spec is None or spec.loader is None or not path.exists():
        raise FileNotFoundError(f"there is no Python file {path}")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    if not hasattr(module, attribute):
        raise ValueError(f"{path} defines no {attribute!r}")
    return getattr(module, attribute)


class Written(Problem):
    """A problem written down in TOML."""

    def __init__(self, name: str) -> None:
        path = Path(name)
        table = tomllib.loads(path.read_text())
        unknown = set(table) - set(_KEYS)
        if unknown:
            raise ValueError(f"{name}: unknown keys {sorted(unknown)}; expected some of {_KEYS}")
        if ("objective" in table) == ("command" in table) or "space" not in table:
            raise ValueError(f"{name}: give [space.NAME] tables and either objective or command")
        self.name = name
        self.space = Space.from_json(table["space"])
        self.group = str(table.get("group", "user"))
        self.optimum = table.get("optimum")
        self.folder = path.resolve().parent
        self.command: list[str] = table.get("command", [])
        self.function: Callable[[dict[str, Any]], float] | None = None
        if "objective" in table:
            file, _, attribute = str(table["objective"]).partition(":")
            self.function = find(self.folder / file, attribute)

    def value(self, params: Mapping[str, Any]) -> float:
        if self.function is not None:
            return float(self.function(dict(params)))
        words = [word.format_map(params) for word in self.command]
        done = subprocess.run(words, cwd=self.folder, capture_output=True, text=True, check=True)
        return float(done.stdout.split()[-1])
