"""``bayesopt migrate``: a run goes on in another space."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

from bayesopt.cli.run_file import File, problems, reopened
from bayesopt.cli.spec import OUTPUTS, read_plan
from bayesopt.cli.terminal import complain, say
from bayesopt.cli.values import read_values
from bayesopt.text import one_line

if TYPE_CHECKING:
    from bayesopt.optimizer.migration import Migration

_SHOWN = 20


def migrate(
    file: File,
    spec: Annotated[Path, typer.Argument(help="TOML file with the new [space.*].")],
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="The new file; without it nothing is written."),
    ] = None,
    drop: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=VALUE", help="At which a parameter that goes is held."),
    ] = None,
    added: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=VALUE", help="What a new parameter was in all trials so far."),
    ] = None,
    leave_out: Annotated[
        bool, typer.Option("--leave-out", help="Leave out trials that cannot be taken along.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="As one JSON object.")] = False,
) -> None:
    """Take a run into another space: levels and parameters come and go, bounds are moved.

    Says how the spaces differ and what becomes of each trial. With -o the run is written to a new
    file; FILE stays as it is. A trial whose point is outside of the new space informs the model.
    """
    from bayesopt.optimizer import Optimizer

    with problems(), reopened(file, read_only=True) as optimizer:
        space, settings = read_plan(spec)
        given: dict[str, Any] = {
            "dropped": read_values(optimizer.space, "--drop", drop or ()),
            "added": read_values(space, "--added", added or ()),
        }
        found = optimizer.migration(space, **given)
        if as_json:
            trials = [asdict(trial) for trial in found.trials]
            print(json.dumps({"changes": found.changes, **found.counts, "trials": trials}))
        else:
            _print(Console(), found)
        if output is None:
            complain("nothing was written: give -o NEW.db to write the run in the new space")
            return
        if output.exists():
            raise ValueError(f"{output} exists; give another name")
        optimizer.with_space(space, storage=output, leave_out=leave_out, **given).close()
        outputs = {key: settings[key] for key in OUTPUTS if key in settings}
        if outputs:
            Optimizer.reopen(output, **outputs).close()
        complain(f"{output} is written; go on with it in place of {file}")


def _print(console: Console, found: Migration) -> None:
    for change in found.changes or ["the spaces are the same"]:
        say(console, one_line(change))
    counts = found.counts
    words = [f"{counts['kept']} kept"]
    if counts["outside"]:
        words.append(f"{counts['outside']} outside of the new space, which inform the model")
    if counts["left out"]:
        words.append(f"{counts['left out']} that cannot be taken along")
    say(console, f"trials: {', '.join(words)}")
    others = [trial for trial in found.trials if trial.fate != "kept"]
    for trial in others[:_SHOWN]:
        say(console, one_line(f"  {trial.number}  {trial.fate}: {trial.why}"))
    if len(others) > _SHOWN:
        say(console, f"  and {len(others) - _SHOWN} more")
