"""``bayesopt resume``: go on with a run of which one has the file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from bayesopt.cli.described import recall
from bayesopt.cli.run import carry_out
from bayesopt.cli.spec import Spec


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
    csv: Annotated[Path | None, typer.Option(help="Write the trials to this file.")] = None,
    plot: Annotated[Path | None, typer.Option(help="Write the convergence picture here.")] = None,
) -> None:
    """Go on with a run that ended or was killed, with the objective and the limits kept in FILE.

    Trials that were being evaluated when it was killed are evaluated again. Several processes may
    resume one file at once and share its trials.

    Exit status: as for run.
    """
    overrides = {"n_trials": n_trials, "workers": workers}

    def plan() -> tuple[Spec, dict[str, Any]]:
        spec, settings = recall(file, tuple(command or ()))
        return spec, settings | {k: v for k, v in overrides.items() if v is not None}

    carry_out(plan, json=json, quiet=quiet, csv=csv, plot=plot)
