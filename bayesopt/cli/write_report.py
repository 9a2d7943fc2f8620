"""``bayesopt report``: a run as one page."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from bayesopt.cli.run_file import File, problems, reopened
from bayesopt.cli.terminal import say


def report(
    file: File,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="Where to; the run's name with .html if left out."),
    ] = None,
    title: Annotated[str | None, typer.Option(help="Of the page; the file's name.")] = None,
) -> None:
    """Write a page that shows what was found, how sure it is, and what to do next.

    One file that needs no network. The run may be going on; its file is not changed.
    """
    from bayesopt.report import page

    with problems():
        target = file.with_suffix(".html") if output is None else output
        if target.resolve() == file.resolve():
            raise ValueError(f"{target} is the run's own file; give another name with -o")
        with reopened(file, read_only=True) as optimizer:
            text = page(optimizer.result(), title=file.stem if title is None else title)
        target.write_text(text, encoding="utf-8")
        say(Console(), f"{target}: open it in a browser")
