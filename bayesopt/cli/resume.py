"""``bayesopt resume``: go on with a run of which one has the file."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from bayesopt.cli.evaluation_spec import load_evaluation_spec
from bayesopt.cli.run import carry_out
from bayesopt.cli.spec import Spec, SpecError
from bayesopt.cli.terminal import say


def resume(
    file: Annotated[Path, typer.Argument(help="The run's file, as made by run --storage.")],
    command: Annotated[
        list[str] | None,
        typer.Argument(help="After --: a command to run in place of the objective kept there."),
    ] = None,
    n_trials: Annotated[
        int | None, typer.Option(min=1, help="Evaluations of the whole run, past ones included.")
    ] = None,
    workers: Annotated[int | None, typer.Option(min=1, help="Evaluations at once.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Only JSON on standard output.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress.")] = False,
    trust: Annotated[
        bool,
        typer.Option("--trust", help="Run what FILE holds, whoever described it, unasked."),
    ] = False,
    csv: Annotated[Path | None, typer.Option(help="Write the trials to this file.")] = None,
    plot: Annotated[Path | None, typer.Option(help="Write the convergence picture here.")] = None,
) -> None:
    """Go on with a run that ended or was killed, with the objective and the limits kept in FILE.

    Trials that were being evaluated when it was killed are evaluated again. Several processes may
    resume one file at once and share its trials.

    A file may hold any command. One that you did not describe yourself, on this host and at this
    place, is shown and asked about; without a terminal it runs with --trust only.

    Exit status: as for run.
    """
    overrides = {"n_trials": n_trials, "workers": workers}

    def plan() -> tuple[Spec, dict[str, Any]]:
        spec, settings = load_evaluation_spec(
            file, tuple(command or ()), _trusting if trust else _ask
        )
        return spec, settings | {k: v for k, v in overrides.items() if v is not None}

    carry_out(plan, inputs=[file], json=json, quiet=quiet, csv=csv, plot=plot)


def _trusting(shown: str) -> bool:
    return True


def _ask(shown: str) -> bool:
    """Show what would run, and ask; without somebody to ask it does not run."""
    errors = Console(stderr=True)
    say(errors, shown)
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise SpecError(
            "nothing was run: look at what is shown above, then give --trust, or a command of "
            "your own after --"
        )
    errors.print("Run it? [y/N] ", end="", markup=False, highlight=False)
    return sys.stdin.readline().strip().lower() in ("y", "yes")
