"""Values of parameters on a command line: ``--context humidity=.4 --context plant=north``."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from bayesopt.checks import listed, shown, suggestion

if TYPE_CHECKING:
    from bayesopt.space import Parameter, Space


def read_values(
    space: Space, option: str, words: Iterable[str], *, outside: bool = False
) -> dict[str, Any]:
    """Name -> value, of words such as ``name=value`` or ``name=value,name=value``.

    A value is a JSON value where the parameter takes that (``4``, ``true``, ``"4"``), else text.

    Parameters
    ----------
    outside : whether numbers may be beyond the bounds and between the steps.

    Raises
    ------
    ValueError : naming the option, for another form, an unknown name, a value that the parameter
        cannot take.
    """
    values: dict[str, Any] = {}
    for pair in (pair for word in words for pair in _parts(word)):
        name, equals, text = pair.partition("=")
        name = name.strip()
        if not equals or not name:
            raise ValueError(f"{option} must be NAME=VALUE; got {shown(pair)}")
        if name in values:
            raise ValueError(f"{option}: {name} is given twice")
        if name not in space.parameters:
            raise ValueError(
                f"{option}: unknown parameter {shown(name)}{suggestion(name, space.parameters)}; "
                f"expected {listed(space.parameters)}"
            )
        values[name] = _value(space.parameters[name], text.strip(), f"{option} {name}", outside)
    return values


def _parts(word: str) -> list[str]:
    """The pairs of a word; a comma that no name and equals sign follow belongs to the value."""
    parts: list[str] = []
    for piece in word.split(","):
        if "=" in piece or not parts:
            parts.append(piece)
        else:
            parts[-1] += f",{piece}"
    return parts


def _value(parameter: Parameter, text: str, name: str, outside: bool) -> Any:
    try:
        read = json.loads(text)
    except (ValueError, RecursionError):
        read = _number(text)
    refused: ValueError | None = None
    for value in (read, text):
        try:
            return parameter.decode(parameter.encode(value, name, outside=outside))
        except (TypeError, ValueError) as error:
            refused = refused or ValueError(str(error))
    assert refused is not None
    raise refused


def _number(text: str) -> Any:
    """A number that JSON would write in another way, such as ``.4``; else the text."""
    try:
        return float(text)
    except ValueError:
        return text
