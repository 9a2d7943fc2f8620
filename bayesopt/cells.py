"""The value of a parameter as the text of a cell, and back."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from bayesopt.checks import listed, shown, text_of
from bayesopt.space import Boolean, Categorical, Constant, Ordinal, Parameter
from bayesopt.text import csv_cell


class _Absent:
    """Stands in a cell that holds nothing, as None may be a choice."""

    def __repr__(self) -> str:
        return "ABSENT"


ABSENT: Any = _Absent()

_BLANK = frozenset({"", "nan", "none", "null", "na", "n/a", "<na>"})  # nothing, in other programs


def written(value: Any) -> str:
    """Any value as a cell; empty text is ``""``, so that it is not taken for nothing."""
    if isinstance(value, str):
        return csv_cell(value) or '""'
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, float):
        return float.__repr__(value)
    return csv_cell(text_of(value))


class Cells:
    """How one parameter's values are written: listed ones each by a text of its own.

    Parameters
    ----------
    parameter : the parameter.
    """

    def __init__(self, parameter: Parameter) -> None:
        self._parameter = parameter
        self._options = _options_of(parameter)
        self._texts = _distinct_texts(self._options or ())
        self._known = dict(zip(self._texts, self._options or (), strict=True))

    def write(self, value: Any) -> str:
        """The text of a value."""
        if self._options is None:
            return written(value)
        return self._texts[int(self._parameter.encode(value, "a value"))]

    def knows(self, text: str) -> bool:
        """Whether it is the text of a listed value."""
        return text in self._known

    def read(self, text: str) -> Any:
        """The value of a text; ABSENT for what means nothing.

        Raises
        ------
        ValueError : when it is neither a number nor one of the listed values.
        """
        if text in self._known:
            return self._known[text]
        if text.strip().lower() in _BLANK:
            return ABSENT
        return _number(text) if self._options is None else self._nearly(text)

    def _nearly(self, text: str) -> Any:
        """A listed value in the words of a spreadsheet: 1 for 1.0, TRUE for True."""
        for option in self._options or ():
            if isinstance(option, bool):
                same = text.lower() == str(option).lower()
            else:
                same = isinstance(option, int | float) and _is(text, option)
            if same:
                return option
        raise ValueError(f"expected one of {listed(self._texts)}; got {shown(text)}")


def _options_of(parameter: Parameter) -> Sequence[Any] | None:
    if isinstance(parameter, Boolean):
        return (False, True)
    if isinstance(parameter, Categorical):
        return tuple(parameter.choices)
    if isinstance(parameter, Ordinal):
        return tuple(parameter.values)
    return (parameter.value,) if isinstance(parameter, Constant) else None


def _distinct_texts(options: Sequence[Any]) -> list[str]:
    """A text for each value; 1 and "1" get two, as do None and "None"."""
    texts = [""] * len(options)
    taken: set[str] = {""}
    others = [i for i, option in enumerate(options) if not isinstance(option, str)]
    strings = [i for i, option in enumerate(options) if isinstance(option, str)]
    for i in (*others, *strings):
        text = written(options[i])
        if text in taken and isinstance(options[i], str):
            text = json.dumps(options[i])
        while text in taken:
            text += f" #{i}"
        taken.add(text)
        texts[i] = text
    return texts


def _number(text: str) -> int | float:
    try:
        return int(text)
    except ValueError:
        pass
    try:
        return float(text)
    except ValueError:
        raise ValueError(f"expected a number; got {shown(text)}") from None


def _is(text: str, number: float) -> bool:
    try:
        return _number(text) == number
    except ValueError:
        return False
