"""Problems whose packages live in another environment: a process that answers JSON lines.

Requests: ``{"cmd": "describe"}`` gives ``{"space", "group", "optimum"}``, ``{"cmd": "evaluate",
"params"}`` gives ``{"value"}``. The other side is ``serve``.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from benchmarks.problems.base import Problem
from benchmarks.space import Space


class Remote(Problem):
    """A problem in a process of its own."""

    def __init__(self, name: str, module: str, environment: str, arguments: list[str]) -> None:
        from benchmarks.rivals.process import Process, environments_folder, find_python

        python = find_python(environment, environments_folder())
        self.name = name
        self.process = Process([python, "-m", f"benchmarks.problems.{module}", *arguments])
        described = self.process.request({"cmd": "describe"}, timeout=300)
        self.space = Space.from_json(described["space"])
        self.group = str(described["group"])
        self.optimum = described["optimum"]

    def value(self, params: Mapping[str, Any]) -> float:
        return float(self.process.request({"cmd": "evaluate", "params": dict(params)})["value"])

    def close(self) -> None:
        self.process.close()


Served = tuple[Mapping[str, Any], Callable[[dict[str, Any]], float]]


def serve(build: Callable[[], Served]) -> None:
    """Answer requests about the problem that ``build`` makes until the input ends."""
    # libraries print while they load; that must not mix with the protocol
    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    described, evaluate = build()
    for line in sys.stdin:
        request = json.loads(line)
        try:
            answer = (
                dict(described)
                if request["cmd"] == "describe"
                else {"value": evaluate(request["params"])}
            )
        except Exception as error:
            answer = {"error": f"{type(error).__name__}: {error}"}
        out.write(json.dumps(answer) + "\n")
        out.flush()


def folder_of(data: Path | None, name: str, what: str) -> Path:
    """A folder of the data; RuntimeError says where to get it."""
    path = None if data is None else data / name
    if path is None or not path.is_dir():
        raise RuntimeError(f"--data FOLDER with {name}/ is needed: {what}; got {path}")
    return path
