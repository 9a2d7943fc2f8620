"""``bayesopt new``, ``show``, ``ask``, ``tell``, ``fail``, ``abandon``: a run as a file.

The file is all that the commands share, so a shell script, a job scheduler, another language or a
person at a bench can take part. JSON goes out and comes in, one object a line.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from bayesopt.cli.answers import further, read_lines, read_result, tell_all
from bayesopt.cli.exit_status import NOTHING
from bayesopt.cli.run_file import File, Number, print_trials, problems, reopened
from bayesopt.cli.spec import OUTPUTS, PARTS, read_plan
from bayesopt.cli.tables import batch_csv, read_batch
from bayesopt.cli.terminal import complain
from bayesopt.cli.values import read_values


def new(
    spec: Annotated[Path, typer.Argument(help="TOML file with [space.*]; [run] may follow.")],
    file: Annotated[Path, typer.Argument(help="Where to keep the run; must not exist.")],
    seed: Annotated[int | None, typer.Option(min=0, help="Same seed, same trials.")] = None,
    direction: Annotated[
        str | None, typer.Option(help="minimize (unless [run] says otherwise) or maximize.")
    ] = None,
    earlier: Annotated[
        list[Path] | None,
        typer.Option(help="File of an earlier run that informs this one; may be repeated."),
    ] = None,
) -> None:
    """Begin a run to be driven by ask and tell."""
    from bayesopt.optimizer import Optimizer

    with problems():
        if file.exists():
            raise ValueError(f"{file} exists; give another name, or go on with ask and tell")
        space, settings = read_plan(spec)
        chosen = {"seed": seed, "direction": direction, "earlier": earlier or None}
        settings |= {key: value for key, value in chosen.items() if value is not None}
        settled = ("direction", "seed", "n_trials", "deterministic", "early_stopping")
        kept = (*settled, "earlier", "budget", *OUTPUTS, *PARTS)
        options = {key: settings[key] for key in kept if key in settings}
        Optimizer(space, storage=file, **options).close()
        complain(
            f"{file} is ready. Next: bayesopt ask {file} (or ask -n 8 --csv > batch.csv), then "
            f"bayesopt tell {file} 0 VALUE (or tell {file} --csv batch.csv); bayesopt show {file}"
        )


def ask(
    file: File,
    n: Annotated[int, typer.Option("--n", "-n", min=1, help="How many points.")] = 1,
    lease: Annotated[
        float | None,
        typer.Option(
            help="Hand a point to somebody else after so many seconds; never, if left out."
        ),
    ] = None,
    fix: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=VALUE", help="The points have this value; repeatable."),
    ] = None,
    same: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="All points of the batch share its value; repeatable."),
    ] = None,
    context: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=VALUE", help="What a context parameter is now."),
    ] = None,
    as_csv: Annotated[
        bool, typer.Option("--csv", help="A sheet to fill in, for tell --csv.")
    ] = False,
    priority: Annotated[
        Path | None,
        typer.Option(help="Write all candidates to a CSV file: 1 to be run, -1 tried, 0 others."),
    ] = None,
) -> None:
    """Print the next points to evaluate, one JSON object a line: {"number": 0, "params": {...}}.

    Exit status: 1 when the space has no further point.
    """
    from bayesopt.proposal import SpaceExhausted

    with problems(), reopened(file) as optimizer:
        try:
            batch = optimizer.ask_batch(
                n,
                hold=True if lease is None else lease,
                fixed=read_values(optimizer.space, "--fix", fix or ()) or None,
                same=same or None,
                context=read_values(optimizer.space, "--context", context or ()),
            )
            if priority is not None:
                optimizer.write_priorities(priority)
            if as_csv:
                print(batch_csv(optimizer, batch), end="")
                return
            for trial in batch:
                print(json.dumps({"number": trial.number, "params": dict(trial.params)}))
        except SpaceExhausted as error:
            complain(str(error))
            raise typer.Exit(NOTHING) from None


def tell(
    file: File,
    number: Annotated[int | None, typer.Argument(help="The trial's number.")] = None,
    result: Annotated[
        str | None,
        typer.Argument(
            help='A number, JSON such as {"value": 1.5, "impurity": 0.2}, or replicates [60, 62].'
        ),
    ] = None,
    as_run: Annotated[
        bool,
        typer.Option("--as-run", help="Where params differ from what was asked, they were run."),
    ] = False,
    again: Annotated[
        bool, typer.Option("--again", help="A further evaluation of a trial's point.")
    ] = False,
    csv: Annotated[
        Path | None, typer.Option(help="Results in a CSV file, such as ask --csv printed.")
    ] = None,
    ignore_units: Annotated[
        bool, typer.Option("--ignore-units", help='CSV: read "temperature [C]" as temperature.')
    ] = False,
    ignore_columns: Annotated[
        bool, typer.Option("--ignore-columns", help="CSV: leave out columns of other things.")
    ] = False,
) -> None:
    """Report a result and print the finished trial.

    Without NUMBER and RESULT, reads one JSON object a line from standard input: "number" and
    "value" (with the run's other outputs by name, "sd", "cost", "info" where known; of several
    objectives each by its name), or "number"
    and "error" for a failure; with "params" in place of "number" it is an observation made
    elsewhere. A line that "ask" printed, with "value" added to it, will do. Either all lines are
    taken or none.

    With --csv, the same from the columns of a file; rows without a result are left for later.

    A line with "number" whose "params" are not those that were asked is refused: with --as-run the
    trial is stored where it was really run; without "number" it is an observation of your own.
    """
    with problems(), reopened(file) as optimizer:
        if number is not None and result is None:
            raise ValueError("RESULT is missing: a number, or a JSON object with 'value'")
        if csv is not None:
            if number is not None:
                raise ValueError("give NUMBER and RESULT, or --csv, not both")
            answers = read_batch(optimizer, csv, ignore_units, ignore_columns)
        elif number is None or result is None:
            answers = read_lines(sys.stdin)
        else:
            answers = read_result(number, result)
        if again:
            answers = [further(optimizer, answer) for answer in answers]
        print_trials(tell_all(optimizer, answers, as_run))


def fail(
    file: File,
    number: Number,
    message: Annotated[str, typer.Argument(help="Why; kept with the trial.")],
) -> None:
    """Report that a point could not be evaluated: its region is avoided from now on."""
    with problems(), reopened(file) as optimizer:
        print_trials([optimizer.tell_failure(number, message)])


def abandon(
    file: File,
    number: Number,
    reason: Annotated[str, typer.Argument(help="Why; kept with the trial.")],
    retry: Annotated[
        bool, typer.Option("--retry/--for-good", help="Let the next ask hand it out again.")
    ] = True,
) -> None:
    """Report that an evaluation was lost: nothing is learned about the point."""
    with problems(), reopened(file) as optimizer:
        print_trials([optimizer.abandon(number, reason, retry=retry)])


def show(
    file: File,
    as_json: Annotated[
        bool, typer.Option("--json", help="Everything, as one JSON object.")
    ] = False,
    history: Annotated[
        bool, typer.Option("--history", help="What happened to each trial, corrections included.")
    ] = False,
) -> None:
    """Show the status of a run. It may be going on; the file is not changed."""
    from bayesopt.cli.event_lines import history_of, print_history
    from bayesopt.cli.status import print_status

    with problems(), reopened(file, read_only=True) as optimizer:
        result = optimizer.result()
        if as_json:
            events = {"history": history_of(optimizer)} if history else {}
            print(json.dumps({**result.to_dict(), "seed": optimizer.seed, **events}))
        elif history:
            print_history(Console(), optimizer)
        else:
            print_status(Console(), str(file), optimizer, result)
