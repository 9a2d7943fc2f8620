"""``bayesopt add``: results of a table of one's own."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bayesopt.cli.run_file import File, print_trials, problems, reopened
from bayesopt.cli.terminal import complain

if TYPE_CHECKING:
    from bayesopt.cli.answers import Answer
    from bayesopt.optimizer import Optimizer
    from bayesopt.trial import Trial


def add(
    file: File,
    table: Annotated[Path, typer.Argument(help="CSV with a column for each parameter and value.")],
    outside: Annotated[
        bool, typer.Option("--outside", help="Keep points beyond the bounds or off the grid.")
    ] = False,
    ignore_units: Annotated[
        bool, typer.Option("--ignore-units", help='Read "temperature [C]" as temperature.')
    ] = False,
    ignore_columns: Annotated[
        bool, typer.Option("--ignore-columns", help="Leave out columns of other things.")
    ] = False,
    again: Annotated[
        bool, typer.Option("--again", help="Take rows that the run has already, as replicates.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be taken; change nothing.")
    ] = False,
) -> None:
    """Add results from a CSV file: all rows, or none when one of them cannot be taken.

    Columns are found by their names: the parameters, "value", the run's other outputs, "sd",
    "cost", "info", "error". An empty cell is an inactive parameter; "failed" in place of a value,
    or a text under "error", a failure. Commas, semicolons or tabs; decimal commas with the latter
    two. What "export" wrote will do. Rows that the run has already are left out.
    """
    from bayesopt.optimizer.sheets import read_observations

    with problems(), reopened(file, read_only=dry_run) as optimizer:
        options = {
            "outside": outside,
            "ignore_units": ignore_units,
            "ignore_columns": ignore_columns,
            "again": again,
        }
        found = read_observations(table, optimizer, **options)
        if not dry_run:
            print_trials(optimizer.add_csv(table, **options))
        failed = sum(isinstance(told, str) for _, told in found.rows)
        words = [f"{_rows(len(found.rows))} {'would be ' * dry_run}added"]
        words += [f"{failed} of them failures"] if failed else []
        words += [f"{found.outside} outside of the space"] if found.outside else []
        words += [f"{found.known} left out, as the run has them (see --again)"] * bool(found.known)
        complain("; ".join([*words, *found.left_out]))


def _rows(n: int) -> str:
    return f"{n} row{'s' * (n != 1)}"


def batch_csv(optimizer: Optimizer, trials: Sequence[Trial]) -> str:
    """A sheet to be filled in: the points of trials, and an empty column for each output."""
    from bayesopt.cells import Cells
    from bayesopt.text import csv_cell
    from bayesopt.trial_table import column_of

    space = optimizer.space
    cells = {name: Cells(parameter) for name, parameter in space.parameters.items()}
    outputs = [o.name for o in optimizer.problem.objectives] + list(optimizer.outcome_constraints)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["number", *(csv_cell(column_of(n)) for n in space.names), *outputs])
    for trial in trials:
        point = [cells[n].write(trial.params[n]) if n in trial.params else "" for n in space.names]
        writer.writerow([trial.number, *point, *("" for _ in outputs)])
    return text.getvalue()


def read_batch(optimizer: Optimizer, path: Path, units: bool, columns: bool) -> list[Answer]:
    """The results in a sheet, as answers; rows that nobody has filled in yet are left out.

    Raises
    ------
    OSError, ValueError : naming every line that cannot be read.
    """
    from bayesopt.optimizer.sheets import read_table
    from bayesopt.sheet import read_sheet_file

    sheet = read_sheet_file(path)
    table = read_table(sheet, optimizer, ignore_units=units, ignore_columns=columns)
    table.check()
    answers: list[Answer] = []
    waiting = 0
    for row in table.rows:
        said: dict[str, Any] = dict(row.result) if row.error is None else {"error": row.error}
        waiting += not said
        said |= {k: v for k in ("number", "params") if (v := getattr(row, k)) is not None}
        if row.result or row.error is not None:
            answers.append((f"line {row.line}: ", said))
    words = [f"{_rows(waiting)} without a result left out"] if waiting else []
    for left_out in (*words, *table.left_out):
        complain(left_out)
    return answers
