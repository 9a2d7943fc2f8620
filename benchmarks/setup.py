"""Make the rivals' environments: ``python -m benchmarks.setup [NAME...] [--environments FOLDER]``.

A name is a method or an environment; without one, all are made. PyTorch comes first, in its CPU
build where the index serves one. An environment that cannot be made is reported and the others go
on; the exit code is then 1.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import venv
from collections.abc import Sequence
from pathlib import Path

from benchmarks.rivals import ENVIRONMENTS, METHODS, Environment

# bayesmark 0.0.8 reads an enum the way it worked before Python 3.11
_BAYESMARK_LINE = ('_, dest = str(arg).split(".")', "dest = arg.name")


def chosen(names: Sequence[str]) -> list[str]:
    """The environments of the named methods and environments, in the order of the table."""
    unknown = [n for n in names if n not in METHODS and n not in ENVIRONMENTS]
    if unknown:
        raise SystemExit(
            f"unknown {unknown}; expected methods {sorted(METHODS)} or environments "
            f"{sorted(ENVIRONMENTS)}"
        )
    wanted = {METHODS[n].environment if n in METHODS else n for n in names}
    return [e for e in ENVIRONMENTS if e in wanted or not names]


def make(name: str, environment: Environment, folder: Path) -> str | None:
    """Make one environment; return why it could not be made, or None."""
    place = folder / name
    if not (place / "bin" / "python").exists():
        venv.create(place, with_pip=True)
    python = str(place / "bin" / "python")
    for step in environment.steps:
        done = subprocess.run(
            [python, "-m", "pip", "install", "-q", *step],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            lines = (done.stderr.strip() or done.stdout.strip()).splitlines()
            return (
                f"pip install {' '.join(step)}: {lines[-1] if lines else 'failed without a word'}"
            )
    if name == "bayesmark":
        _mend_bayesmark(place)
    return None


def _mend_bayesmark(place: Path) -> None:
    for path in place.glob("lib/python*/site-packages/bayesmark/cmd_parse.py"):
        path.write_text(path.read_text().replace(*_BAYESMARK_LINE))


def main(arguments: Sequence[str] | None = None) -> int:
    """Make what was asked for; 0 when all of it could be made."""
    options = argparse.ArgumentParser(prog="python -m benchmarks.setup", description=__doc__)
    options.add_argument("names", nargs="*")
    options.add_argument(
        "--environments", type=Path, default=Path(__file__).resolve().parent / "environments"
    )
    given = options.parse_args(arguments)
    failed = 0
    for name in chosen(given.names):
        why = make(name, ENVIRONMENTS[name], given.environments)
        failed += why is not None
        print(f"{name}: {'ready' if why is None else 'cannot be made: ' + why}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
