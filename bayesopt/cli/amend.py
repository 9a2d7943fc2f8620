"""``bayesopt correct`` and ``retract``: what was told wrongly is put right."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any

import typer

from bayesopt.checks import shown
from bayesopt.cli.run_file import File, Number, print_trials, problems, reopened


def correct(
    file: File,
    number: Number,
    value: Annotated[
        str | None, typer.Option(help="The right value; nan: the evaluation failed.")
    ] = None,
    sd: Annotated[float | None, typer.Option(help="Its measured standard deviation.")] = None,
    constraint: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=NUMBER", help="The right value of another output; repeatable."),
    ] = None,
    why: Annotated[str | None, typer.Option("--why", help="Kept with the correction.")] = None,
) -> None:
    """Put a result right that was told wrongly, or a failure that was none.

    What is not given stays as it was. The model knows the corrected result only; the first one
    stays in the file, see show --history.
    """
    with problems(), reopened(file) as optimizer:
        told: dict[str, Any] = named_numbers("--constraint", constraint or ())
        if value is not None:
            told["value"] = number_of("--value", value)
        if sd is not None:
            told["sd"] = sd
        if not told:
            raise ValueError("nothing to correct: give --value, --sd or --constraint NAME=NUMBER")
        print_trials([optimizer.correct(number, told, why=why)])


def retract(
    file: File,
    number: Number,
    why: Annotated[str, typer.Option("--why", help="Kept with the trial.")],
) -> None:
    """Withdraw a wrong result: the model no longer uses it.

    The trial stays in the file as retracted; its point may be asked again, or told anew as an
    observation of your own (with "params"). Where the right result is known, take correct.
    """
    with problems(), reopened(file) as optimizer:
        print_trials([optimizer.retract(number, why)])


def named_numbers(option: str, given: Iterable[str]) -> dict[str, float]:
    """The numbers of options ``NAME=NUMBER``.

    Raises
    ------
    ValueError : naming the one that is none.
    """
    found: dict[str, float] = {}
    for text in given:
        name, equals, number = text.partition("=")
        if not (name and equals):
            raise ValueError(f"{option} must be NAME=NUMBER, such as impurity=0.3; got {text!r}")
        if name in found:
            raise ValueError(f"{option} has {name!r} twice")
        found[name] = number_of(f"{option} {name}", number)
    return found


def number_of(what: str, text: str) -> float:
    """The number of a text; ValueError when it is none."""
    try:
        return float(text)
    except ValueError:
        raise ValueError(f"{what} must be a number, such as 74.2; got {shown(text)}") from None
