"""``bayesopt enqueue``: points that are to be run next."""

from __future__ import annotations

from typing import Annotated

import typer

from bayesopt.cli.run_file import File, problems, reopened
from bayesopt.cli.terminal import complain
from bayesopt.cli.values import read_values


def enqueue(
    file: File,
    points: Annotated[
        list[str],
        typer.Argument(metavar="NAME=VALUE,...", help="A point, or a part of one; several."),
    ],
) -> None:
    """Put points first in line for the next ask; of a part of a point the rest is proposed."""
    with problems(), reopened(file) as optimizer:
        optimizer.enqueue([read_values(optimizer.space, "a point", [p]) for p in points])
        n = len(points)
        complain(f"{n} point{'s' * (n != 1)} in line; bayesopt ask {file} hands out the next")
