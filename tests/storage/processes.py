"""Other processes that use the same file."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import bayesopt.storage


def environment() -> dict[str, str]:
    """An environment in which a child finds the package that is under test."""
    root = str(Path(bayesopt.storage.__file__).parents[2])
    return os.environ | {"PYTHONPATH": root, "PYTHONDONTWRITEBYTECODE": "1"}


def start(code: str, *arguments: object) -> subprocess.Popen[str]:
    """Run Python code in a process of its own, with its output in a pipe."""
    command = [sys.executable, "-c", code, *map(str, arguments)]
    return subprocess.Popen(command, env=environment(), stdout=subprocess.PIPE, text=True)
