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
    from bayesopt.space import Space

_SHOWN = 20


def migrate(
    file: File,
    spec: Annotated[Path, typer.Argument(help="TOML file with the new [space.*].")],
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="A new file, which must not exist; FILE stays then."),
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
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what would change; nothing is written.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="As one JSON object.")] = False,
) -> None:
    """Take a run into another space: levels and parameters come and go, bounds are moved.

    Says how the spaces differ and what becomes of each trial. A trial whose point is outside of
    the new space informs the model. Without -o the run goes on in FILE, and a copy of it as it was
    is left beside it; it is refused while somebody works on a trial.
    """
    from bayesopt.optimizer import Optimizer

    with problems():
        with reopened(file, read_only=True) as optimizer:
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
            if dry_run:
                complain("nothing was written (--dry-run)")
                return
            if output is not None:
                if output.exists():
                    raise ValueError(f"{output} exists; give another name")
                moved = optimizer.with_space(space, storage=output, leave_out=leave_out, **given)
                moved.close()
        done = f"{output} is written; go on with it in place of {file}"
        if output is None:
            done = _in_place(file, space, found, given, leave_out)
        outputs = {key: settings[key] for key in OUTPUTS if key in settings}
        if outputs:
            Optimizer.reopen(output or file, **outputs).close()
        complain(done)


def _in_place(
    file: Path, space: Space, found: Migration, given: dict[str, Any], leave_out: bool
) -> str:
    """Change the file; what was done, in words."""
    from bayesopt.optimizer.in_place import migrate_in_place

    if not found.changes:  # nothing to keep a copy of
        return f"{file} stays in its space"
    copy = migrate_in_place(file, space, given["dropped"], given["added"], leave_out)
    return f"{file} goes on in the new space; as it was, it is kept as {copy}"


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
