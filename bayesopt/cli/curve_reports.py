"""``bayesopt progress``, ``should-stop``, ``stopped``: curves of trials that scripts run."""

from __future__ import annotations

from typing import Annotated

import typer

from bayesopt.cli.exit_status import NOTHING
from bayesopt.cli.run_file import File, Number, print_trials, problems, reopened
from bayesopt.cli.values import read_values


def progress(
    file: File,
    number: Number,
    step: Annotated[int, typer.Argument(min=0, help="How far it is, such as the epoch.")],
    value: Annotated[float, typer.Argument(help="Of the objective so far; nan if it diverged.")],
) -> None:
    """Report how far a running trial is, and renew its lease."""
    with problems(), reopened(file) as optimizer:
        optimizer.report(number, value, step)


def should_stop(file: File, number: Number) -> None:
    """Say whether a running trial is better ended now, and why.

    Exit status: 0 it should stop; 1 it should go on.
    """
    with problems(), reopened(file) as optimizer:
        reason = optimizer.why_stop(number)
    if reason is None:
        print("go on")
        raise typer.Exit(NOTHING)
    print(f"stop: {reason}")


def stopped(
    file: File,
    number: Number,
    why: Annotated[
        str | None, typer.Option("--why", help="Kept with the trial; else the rule's reason.")
    ] = None,
    as_run: Annotated[
        list[str] | None,
        typer.Option(
            "--as-run",
            metavar="NAME=VALUE",
            help="Where it was really run, of what differs from what was asked; repeatable.",
        ),
    ] = None,
) -> None:
    """Report that a trial was ended early: its curve is kept, it has no value."""
    with problems(), reopened(file) as optimizer:
        given = read_values(optimizer.space, "--as-run", as_run or (), outside=True)
        trials = optimizer.trials
        asked = dict(trials[number].params) if 0 <= number < len(trials) else {}
        elsewhere = {**asked, **given} if given and asked else None
        print_trials([optimizer.tell_stopped(number, why, as_run=elsewhere)])
