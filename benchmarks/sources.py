"""Which state of this project is measured."""

from __future__ import annotations

import hashlib
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def source_hash() -> str:
    """Eight digits that change with the sources of the package: our own version."""
    digest = hashlib.sha256()
    for path in sorted([*ROOT.glob("bayesopt/**/*.py"), *ROOT.glob("kernels/**/*.py")]):
        digest.update(path.relative_to(ROOT).as_posix().encode() + path.read_bytes())
    return digest.hexdigest()[:8]


def commit() -> str:
    """The commit of this checkout, with "+" when files of the package differ from it."""
    git = ["git", "-C", str(ROOT)]
    try:
        head = _output([*git, "rev-parse", "--short", "HEAD"])
        changed = _output([*git, "status", "--porcelain", "bayesopt", "kernels"])
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return head + ("+" if changed else "")


def _output(command: list[str]) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
