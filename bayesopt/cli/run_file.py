"""What the commands on a stored run have in common: opening it, problems, printing trials."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bayesopt.cli.exit_status import USAGE
from bayesopt.cli.terminal import complain

if TYPE_CHECKING:
    from bayesopt.optimizer import Optimizer
    from bayesopt.trial import Trial

File = Annotated[Path, typer.Argument(help="The run's file, as made by new or run --storage.")]
Number = Annotated[int, typer.Argument(help="The trial's number, as ask printed it.")]


@contextmanager
def reopened(file: Path, *, read_only: bool = False) -> Iterator[Optimizer]:
    """The run in a file, closed afterwards."""
    from bayesopt.optimizer import Optimizer
    from bayesopt.storage import SQLiteStorage

    if not file.exists():
        raise FileNotFoundError(
            f"{file} does not exist; begin a run with bayesopt new SPEC {file}"
        )
    if file.stat().st_size == 0:  # opening it would make a run file of somebody's empty one
        raise ValueError(f"{file} is empty: it holds no run")
    with SQLiteStorage(file, read_only=read_only) as storage:
        yield Optimizer.reopen(storage)


@contextmanager
def problems() -> Iterator[None]:
    """Turn what the user can put right into a sentence and an exit status."""
    from bayesopt.storage import StorageError

    try:
        yield
    except BrokenPipeError:  # the reader has enough, as "head" has: typer ends quietly with 1
        raise
    except (StorageError, ValueError, TypeError, OSError) as error:
        complain(str(error))
        raise typer.Exit(USAGE) from None


def print_trials(trials: Iterable[Trial]) -> None:
    """Print trials, one JSON object a line."""
    from bayesopt.result import trial_to_dict

    for trial in trials:
        print(json.dumps(trial_to_dict(trial)))
