"""``bayesopt export``: a run for other programs."""

from __future__ import annotations

import json
import re
import sys
from enum import StrEnum
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bayesopt.cli.run_file import File, problems, reopened
from bayesopt.cli.terminal import complain
from bayesopt.trial_table import uniform_columns

if TYPE_CHECKING:
    from bayesopt.result import Result


class Format(StrEnum):
    """The forms of a table of trials."""

    CSV = "csv"
    JSON = "json"
    PARQUET = "parquet"


def export(
    file: File,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Where to; standard output if left out.")
    ] = None,
    form: Annotated[
        Format | None, typer.Option("--format", help="By the output's name, else csv.")
    ] = None,
    to_optuna: Annotated[
        str | None,
        typer.Option(
            metavar="URL", help="Copy the run into an Optuna storage, such as sqlite:///o.db"
        ),
    ] = None,
    study: Annotated[
        str | None, typer.Option(help="Name of the Optuna study; the file's name if left out.")
    ] = None,
) -> None:
    """Write a run's trials as CSV, JSON or Parquet, or copy it into an Optuna storage."""
    with problems():
        if to_optuna is not None:
            _to_optuna(file, to_optuna, study or file.stem)
            return
        if output is not None and output.resolve() == file.resolve():
            raise ValueError(f"{output} is the run's own file; give another name")
        chosen = form or _by_name(output)
        with reopened(file, read_only=True) as optimizer:
            result = optimizer.result()
        data = _encoded(result, chosen)
        if output is None:
            sys.stdout.buffer.write(data)
            sys.stdout.flush()
        else:
            output.write_bytes(data)


def _by_name(output: Path | None) -> Format:
    if output is None:
        return Format.CSV
    try:
        return Format(output.suffix.lstrip(".").lower())
    except ValueError:
        raise ValueError(
            f"what form is {output.name}? Give --format, one of {[f.value for f in Format]}"
        ) from None


def _encoded(result: Result, form: Format) -> bytes:
    if form is Format.CSV:
        return result.to_csv().encode()
    if form is Format.JSON:
        return (json.dumps(result.to_dict(), indent=1) + "\n").encode()
    return _parquet(result)


def _parquet(result: Result) -> bytes:
    try:
        pyarrow, parquet = import_module("pyarrow"), import_module("pyarrow.parquet")
    except ImportError:
        raise ValueError("parquet needs pyarrow: pip install pyarrow (or take csv)") from None
    fixed = {"value": pyarrow.float64(), "sd": pyarrow.float64(), "cost": pyarrow.float64()}
    fixed["error"] = pyarrow.string()  # their kind does not depend on what there is so far
    columns = {
        name: pyarrow.array(cells, fixed.get(name))
        for name, cells in uniform_columns(result.trials, result.space).items()
    }
    sink = pyarrow.BufferOutputStream()
    parquet.write_table(pyarrow.table(columns), sink)
    return bytes(sink.getvalue().to_pybytes())


def _to_optuna(file: Path, url: str, name: str) -> None:
    from bayesopt.integrations.studies import to_optuna

    shown = re.sub(r"(//[^/:@]*):.*@", r"\1:***@", url)  # a password is not for the screen
    if Path(url.removeprefix("sqlite:///").partition("?")[0]).resolve() == file.resolve():
        raise ValueError(f"{shown} is the run's own file; name another one for Optuna's")
    with reopened(file, read_only=True) as optimizer:
        result = optimizer.result()
    try:
        copied = to_optuna(result, url, study_name=name)
    except ValueError:
        raise
    except Exception as error:  # Optuna, SQLAlchemy and each driver have kinds of their own
        cause = error.__cause__ or error
        reason = str(error if isinstance(error, ImportError) else cause).strip().partition("\n")[0]
        raise ValueError(f"could not copy the run into {shown}: {reason}") from error
    complain(f"{copied} trials copied to the study {name!r} in {shown}")
