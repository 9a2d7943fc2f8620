"""``bayesopt what-matters``: which parameters the result depends on."""

from __future__ import annotations

import json
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from bayesopt.cli.run_file import File, problems, reopened
from bayesopt.cli.terminal import cell, say


def what_matters(
    file: File,
    output: Annotated[
        str | None,
        typer.Option(help="Which objective or outcome constraint; the first objective."),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Everything, as one JSON object.")
    ] = False,
) -> None:
    """Show each parameter's share of what the run's model explains. The file is not changed."""
    from bayesopt.sensitivity import explained_words

    with problems(), reopened(file, read_only=True) as optimizer:
        found = optimizer.what_matters(output)
        if as_json:
            print(json.dumps(found.to_dict()))
            return
        console = Console()
        table = Table(title=cell(f"what matters for {found.output}"), title_justify="left")
        for heading in ("parameter", "by itself", "with interactions", "5 to 95 %", ""):
            table.add_column(heading, justify="left" if heading in ("parameter", "") else "right")
        for effect in found.parameters:
            ends = effect.total_range
            table.add_row(
                cell(effect.name),
                f"{effect.first:.2f}",
                f"{effect.total:.2f}",
                "" if ends is None else f"{ends[0]:.2f} to {ends[1]:.2f}",
                "█" * round(20 * effect.total),
            )
        console.print(table)
        words = explained_words(found.explained)
        say(console, f"The model explains {words} of {found.n} results (left out one by one).")
        for pair in found.pairs[:3]:
            say(console, f"{pair.names[0]} and {pair.names[1]} interact: {pair.share:.2f}.")
        for note in found.notes:
            say(console, note)
