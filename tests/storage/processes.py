"""Other processes that use the same file."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import bayesopt
import bayesopt_kernels


def environment() -> dict[str, str]:
    """An environment in which a child finds the package that is under test."""
    roots = [
        Path(bayesopt.storage.__file__).parents[2],
        Path(bayesopt_kernels.__file__).parents[1],
    ]
    path = os.pathsep.join(map(str, roots))
    return os.environ | {"PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"}


def start(code: str, *arguments: object) -> subprocess.Popen[str]:
    """Run Python code in a process of its own, with its output in a pipe."""
    command = [sys.executable, "-c", code, *map(str, arguments)]
    return subprocess.Popen(command, env=environment(), stdout=subprocess.PIPE, text=True)
