"""``bayesopt new``, ``show``, ``ask``, ``tell``, ``fail``, ``abandon``: a run as a file.

The file is all that the commands share, so a shell script, a job scheduler, another language or a
person at a bench can take part. JSON goes out and comes in, one object a line.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

from bayesopt.cli.spec import read_plan
from bayesopt.cli.status import NOTHING, USAGE
from bayesopt.cli.terminal import complain

if TYPE_CHECKING:
    from bayesopt.optimizer import Optimizer
    from bayesopt.trial import Trial

File = Annotated[Path, typer.Argument(help="The run's file, as made by new or run --storage.")]
Number = Annotated[int, typer.Argument(help="The trial's number, as ask printed it.")]


def new(
    spec: Annotated[Path, typer.Argument(help="TOML file with [space.*]; [run] may follow.")],
    file: Annotated[Path, typer.Argument(help="Where to keep the run; must not exist.")],
    seed: Annotated[int | None, typer.Option(min=0, help="Same seed, same trials.")] = None,
    direction: Annotated[
        str | None, typer.Option(help="minimize (unless [run] says otherwise) or maximize.")
    ] = None,
) -> None:
    """Begin a run to be driven by ask and tell."""
    from bayesopt.optimizer import Optimizer

    with problems():
        if file.exists():
            raise ValueError(f"{file} exists; give another name, or go on with ask and tell")
        space, settings = read_plan(spec)
        chosen = {"seed": seed, "direction": direction}
        settings |= {key: value for key, value in chosen.items() if value is not None}
        kept = ("direction", "seed", "n_trials", "deterministic")
        options = {key: settings[key] for key in kept if key in settings}
        Optimizer(space, storage=file, **options).close()


def ask(
    file: File,
    n: Annotated[int, typer.Option("--n", "-n", min=1, help="How many points.")] = 1,
    lease: Annotated[
        float | None,
        typer.Option(
            help="Hand a point to somebody else after so many seconds; never, if left out."
        ),
    ] = None,
) -> None:
    """Print the next points to evaluate, one JSON object a line: {"number": 0, "params": {...}}.

    Exit status: 1 when the space has no further point.
    """
    from bayesopt.proposal import SpaceExhausted

    with problems(), reopened(file) as optimizer:
        try:
            for trial in optimizer.ask_batch(n, hold=True if lease is None else lease):
                print(json.dumps({"number": trial.number, "params": dict(trial.params)}))
        except SpaceExhausted as error:
            complain(str(error))
            raise typer.Exit(NOTHING) from None


def tell(
    file: File,
    number: Annotated[int | None, typer.Argument(help="The trial's number.")] = None,
    result: Annotated[
        str | None, typer.Argument(help='A number, or JSON: {"value": 1.5, "constraints": {...}}.')
    ] = None,
) -> None:
    """Report a result and print the finished trial.

    Without NUMBER and RESULT, reads one JSON object a line from standard input: "number" and
    "value" (with "sd", "constraints", "cost", "info" where known), or "number" and "error" for a
    failure; with "params" in place of "number" it is an observation brought along. A line that
    "ask" printed, with "value" added to it, will do. Either all lines are taken or none.
    """
    with problems(), reopened(file) as optimizer:
        if number is not None and result is None:
            raise ValueError("RESULT is missing: a number, or a JSON object with 'value'")
        if number is None or result is None:
            lines = [line for line in sys.stdin if line.strip()]
            answers = [_line(i, line) for i, line in enumerate(lines, 1)]
        else:
            read = _json("RESULT", result)
            answers = [{"number": number, **(read if isinstance(read, dict) else {"value": read})}]
        _print_trials(_tell_all(optimizer, answers))


def fail(
    file: File,
    number: Number,
    message: Annotated[str, typer.Argument(help="Why; kept with the trial.")],
) -> None:
    """Report that a point could not be evaluated: its region is avoided from now on."""
    with problems(), reopened(file) as optimizer:
        _print_trials([optimizer.tell_failure(number, message)])


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
        _print_trials([optimizer.abandon(number, reason, retry=retry)])


def show(
    file: File,
    as_json: Annotated[
        bool, typer.Option("--json", help="Everything, as one JSON object.")
    ] = False,
) -> None:
    """Show how a run stands. It may be going on; the file is not changed."""
    from bayesopt.cli.standing import describe_standing

    with problems(), reopened(file, read_only=True) as optimizer:
        result = optimizer.result()
        if as_json:
            print(json.dumps({**result.to_dict(), "seed": optimizer.seed}))
        else:
            describe_standing(Console(), str(file), optimizer, result)


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
    except (StorageError, ValueError, TypeError, OSError) as error:
        complain(str(error))
        raise typer.Exit(USAGE) from None


def _tell_all(optimizer: Optimizer, answers: Iterable[Mapping[str, Any]]) -> list[Trial]:
    with optimizer.storage.exclusive():
        return [_tell_one(optimizer, dict(answer)) for answer in answers]


def _tell_one(optimizer: Optimizer, answer: dict[str, Any]) -> Trial:
    params, number = answer.pop("params", None), answer.pop("number", None)
    error = answer.pop("error", None)
    if number is None:
        if params is None:
            raise ValueError("an answer needs 'number' (or 'params', for data brought along)")
        return optimizer.add_observation(params, answer)
    if error is not None:
        return optimizer.tell_failure(number, str(error))
    return optimizer.tell(number, answer)


def _line(i: int, line: str) -> dict[str, Any]:
    answer = _json(f"line {i}", line)
    if not isinstance(answer, dict):
        raise ValueError(f"line {i}: expected a JSON object with 'number'; got {line.strip()}")
    return answer


def _json(what: str, text: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        pass
    try:
        return float(text)  # "nan" and "inf", which JSON does not have
    except ValueError:
        raise ValueError(f"{what} is neither a number nor JSON: {text.strip()}") from None


def _print_trials(trials: Iterable[Trial]) -> None:
    from bayesopt.result import record

    for trial in trials:
        print(json.dumps(record(trial)))
