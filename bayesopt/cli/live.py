"""``bayesopt watch``: a run that goes on, in the terminal or as a live page."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from bayesopt.cli.run_file import File, problems, reopened
from bayesopt.cli.terminal import say


def watch_run(
    file: File,
    serve: Annotated[
        bool, typer.Option("--serve", help="Serve the report as a page that renews itself.")
    ] = False,
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="Of the page; 0 takes a free one.")
    ] = 0,
    host: Annotated[
        str, typer.Option(help="Who may see the page; 127.0.0.1 is this machine only.")
    ] = "127.0.0.1",
    every: Annotated[
        float, typer.Option(min=0.1, help="Seconds between two looks at the run.")
    ] = 2.0,
    times: Annotated[
        int | None, typer.Option(min=1, help="Looks until it ends; until Ctrl-C if left out.")
    ] = None,
) -> None:
    """Watch a run that goes on elsewhere; its file is not changed. Ctrl-C ends it."""
    with problems():
        if serve:
            _serve(file, host, port)
        else:
            _look(file, every, times)


def _look(file: Path, every: float, times: int | None) -> None:
    """Print the status of the run whenever it has changed."""
    from bayesopt.cli.status import print_status
    from bayesopt.report.server import LivePage

    console, seen, looks = Console(), "", 0
    version = LivePage(file, str)
    while True:
        now = version.version
        if now != seen:
            seen = now
            if console.is_terminal:
                console.clear()
            with reopened(file, read_only=True) as optimizer:
                print_status(console, str(file), optimizer, optimizer.result())
        looks += 1
        if looks == times:
            return
        time.sleep(every)


def _serve(file: Path, host: str, port: int) -> None:
    from bayesopt.report import page
    from bayesopt.report.server import LivePage, PageServer

    def make() -> str:
        with reopened(file, read_only=True) as optimizer:
            return page(optimizer.result(), title=file.stem, refresh="version")

    with reopened(file, read_only=True):
        pass  # complain now rather than in the browser
    with PageServer(LivePage(file, make), host, port) as server:
        console = Console()
        say(console, f"{file}: {server.url}")
        if host not in ("127.0.0.1", "localhost", "::1"):
            say(console, "whoever has this address and reaches this machine can see the run")
        say(console, "Ctrl-C ends it")
        server.serve_forever(poll_interval=0.2)
