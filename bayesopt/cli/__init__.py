"""The command ``bayesopt``."""

from __future__ import annotations

import sys
from importlib.util import find_spec

__all__ = ["main"]


def main() -> None:
    """Run the command line; the exit code says how it went (see ``bayesopt run --help``)."""
    from bayesopt.minimize.interrupts import Signals

    with Signals("SIGINT", "SIGTERM", "SIGHUP") as signals:
        try:
            with signals.held():  # a command lets them through where it can be interrupted
                _run()
        finally:
            signals.mute()


def _run() -> None:
    missing = [name for name in ("typer", "rich") if find_spec(name) is None]
    if missing:
        print(
            f"bayesopt: the command line needs {' and '.join(missing)}, which are not installed: "
            "pip install 'bayesopt-engine[cli]'",
            file=sys.stderr,
        )
        sys.exit(2)
    from bayesopt.cli.app import app

    app()
