"""Trials as a table, one row a trial, and the one way into CSV and back without loss.

The columns: ``number, state, origin, value, sd, cost, error`` (for several objectives
``objective:NAME`` each in place of ``value`` and ``sd``), one for each parameter,
``constraint:NAME`` and ``record:NAME``, ``start, seconds, worker``; where any trial has such,
``sd:NAME`` of other outputs, ``asked:NAME``, and as JSON ``info``, ``violated``, ``gradients`` and
``curve``. A parameter that has the name of another column is ``param:NAME``. An empty cell is
nothing: an inactive parameter, no value. ``None`` is the choice None, and ``""`` in a cell is
empty text.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from enum import Enum
from importlib import import_module
from typing import Any, TypeVar

from bayesopt.cells import ABSENT, Cells, written
from bayesopt.checks import MOST_WHOLE, listed, one_of, shown, suggestion
from bayesopt.outcome import Outcome, outcome_from_json
from bayesopt.output import OutcomeConstraint
from bayesopt.readonly import read_only
from bayesopt.space import Space
from bayesopt.text import csv_cell, csv_text
from bayesopt.trial import Origin, Trial, TrialState, curve_from_json, curve_to_json

E = TypeVar("E", bound=Enum)

_NO_LIMITS: Mapping[str, OutcomeConstraint] = read_only({})


_FIRST = ("number", "state", "origin", "value", "sd", "cost", "error")
_LIBRARIES = ("pandas", "polars")
_TIMES = ("start", "seconds", "worker")
_JSON = ("info", "violated", "gradients", "curve")
FIXED = (*_FIRST, *_TIMES, *_JSON)
_CONSTRAINT, ASKED, _PARAM, _OBJECTIVE = "constraint:", "asked:", "param:", "objective:"
OUTPUTS = {
    _OBJECTIVE: "objectives",
    _CONSTRAINT: "constraints",
    "record:": "records",
    "sd:": "sds",
}


def columns(trials: Sequence[Trial], space: Space) -> dict[str, list[Any]]:
    """The cells of every column as values, ABSENT where there is nothing."""
    outcomes = [t.outcome for t in trials]
    table: dict[str, list[Any]] = {
        "number": [t.number for t in trials],
        "state": [t.state.name.lower() for t in trials],
        "origin": [t.origin.name.lower() for t in trials],
        "value": [_or_absent(t.value) for t in trials],
        "sd": [_or_absent(o and o.sd) for o in outcomes],
        "cost": [_or_absent(o and o.cost) for o in outcomes],
        "error": [_or_absent(t.error) for t in trials],
    }
    several = next((list(o.objectives) for o in outcomes if o and o.objectives), [])
    if several:
        del table["value"], table["sd"]
    for name in several:
        cells = [o.objectives.get(name, ABSENT) if o else ABSENT for o in outcomes]
        table[_OBJECTIVE + name] = cells
    for name in space.names:
        table[column_of(name)] = [t.params.get(name, ABSENT) for t in trials]
    for prefix, role in OUTPUTS.items():
        if role == "objectives":
            continue
        held = [getattr(o, role) if o else {} for o in outcomes]
        for name in sorted({name for numbers in held for name in numbers}):
            table[prefix + name] = [numbers.get(name, ABSENT) for numbers in held]
    for name in _TIMES:
        table[name] = [_or_absent(getattr(t, name)) for t in trials]
    if any(o and o.info is not None for o in outcomes):
        table["info"] = [_or_absent(o and o.info) for o in outcomes]
    if any(t.curve for t in trials):
        table["curve"] = [curve_to_json(t.curve) or ABSENT for t in trials]
    if any(t.violated for t in trials):
        table["violated"] = [list(t.violated) or ABSENT for t in trials]
    if any(o and o.gradients for o in outcomes):
        table["gradients"] = [_or_absent((o and o.gradients) or None) for o in outcomes]
    asked = [t.asked or {} for t in trials]
    for name in space.names if any(asked) else ():
        table[ASKED + name] = [a.get(name, ABSENT) for a in asked]
    return table


def text_columns(trials: Sequence[Trial], space: Space) -> dict[str, list[str]]:
    """The cells of every column as text, as they stand in the CSV."""
    writers = _writers(space)
    return {
        name: ["" if cell is ABSENT else writers.get(name, written)(cell) for cell in cells]
        for name, cells in columns(trials, space).items()
    }


def uniform_columns(trials: Sequence[Trial], space: Space) -> dict[str, list[Any]]:
    """The columns for tables with one type a column, None where there is nothing.

    A column of several types, or with None among its values, is given as its text in the CSV.
    """
    texts = text_columns(trials, space)
    table: dict[str, list[Any]] = {}
    for name, cells in columns(trials, space).items():
        present = [cell for cell in cells if cell is not ABSENT]
        kinds = {type(cell) for cell in present}
        exact = all(abs(cell) <= MOST_WHOLE for cell in present if type(cell) is int)
        if kinds == {int, float} and exact:
            table[name] = [None if c is ABSENT else float(c) for c in cells]
        elif len(kinds) <= 1 and kinds <= {bool, int, float, str, datetime} and exact:
            table[name] = [None if c is ABSENT else c for c in cells]
        else:
            table[name] = [text or None for text in texts[name]]
    return table


def to_csv(trials: Sequence[Trial], space: Space) -> str:
    """The table as CSV: no cell is a formula to a spreadsheet, or a command to a terminal."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    table = text_columns(trials, space)
    writer.writerow([csv_cell(name) for name in table])
    writer.writerows(zip(*table.values(), strict=True))
    return text.getvalue()


def to_dataframe(trials: Sequence[Trial], space: Space, library: str | None) -> Any:
    """The table as a DataFrame of pandas or polars; see ``Result.to_dataframe``."""
    return _dataframe(uniform_columns(trials, space), library)


def curves_to_dataframe(trials: Sequence[Trial], library: str | None) -> Any:
    """The curves, a row a report; see ``Result.curves_to_dataframe``."""
    rows = [
        (t.number, t.state.name.lower(), step, value) for t in trials for step, value in t.curve
    ]
    names = ("number", "state", "step", "value")
    return _dataframe({name: [row[i] for row in rows] for i, name in enumerate(names)}, library)


def _dataframe(table: Mapping[str, list[Any]], library: str | None) -> Any:
    if library is not None:
        one_of("library", library, _LIBRARIES)
    for name in _LIBRARIES if library is None else (library,):
        try:
            module = import_module(name)
        except ModuleNotFoundError as error:
            if error.name != name:
                raise
            continue
        return module.DataFrame(table)
    needed = library or "pandas"
    raise ImportError(
        f"to_dataframe() needs {library or 'pandas or polars'}: "
        f"pip install 'bayesopt-engine[{needed}]'",
        name=needed,
    )


def read_csv(
    text: str,
    space: Space,
    source: str,
    limits: Mapping[str, OutcomeConstraint] = _NO_LIMITS,
    objectives: Sequence[str] = (),
) -> tuple[Trial, ...]:
    """The trials of a CSV: those that :func:`to_csv` wrote, or a table of one's own.

    Parameters
    ----------
    source : what messages call it.
    limits : of the outcome constraints that are not met where ``<= 0``.
    objectives : names of several objectives.

    Raises
    ------
    ValueError : naming the line and what is wrong in it.
    """
    limit = csv.field_size_limit(max(len(text), 1))  # of the whole process, so it is put back
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error as error:
        raise ValueError(f"{source} is no CSV: {error}") from None
    finally:
        csv.field_size_limit(limit)
    if not rows:
        raise ValueError(f"{source} is empty; its first line must name the columns")
    head = [csv_text(name) for name in rows[0]]
    try:
        _check_head(head, space)
    except ValueError as error:
        raise ValueError(f"{source}: {error}") from None
    reader = _Reader(space, head, limits, objectives)
    trials: list[Trial] = []
    for line, cells in enumerate(rows[1:], 2):
        try:
            trials.append(reader.trial(cells, len(trials)))
        except (TypeError, ValueError) as error:
            raise ValueError(f"{source}, row {line}: {error}") from None
    return tuple(trials)


def column_of(name: str) -> str:
    """The column of a parameter: its name, unless that is another column's."""
    reserved = name in FIXED or name.startswith((*OUTPUTS, ASKED, _PARAM))
    return _PARAM + name if reserved else name


def _or_absent(value: Any) -> Any:
    return ABSENT if value is None else value


def _writers(space: Space) -> dict[str, Callable[[Any], str]]:
    """How the cells of a column are written where that depends on the column."""
    found: dict[str, Callable[[Any], str]] = dict.fromkeys(_JSON, _json)
    for name, parameter in space.parameters.items():
        found[column_of(name)] = found[ASKED + name] = Cells(parameter).write
    return found


def _json(value: Any) -> str:
    return csv_cell(json.dumps(value))


def _check_head(head: Sequence[str], space: Space) -> None:
    for name in head:
        if head.count(name) > 1:
            raise ValueError(f"it has two columns {shown(name)}")
    known = [*FIXED, *map(column_of, space.names), *(ASKED + name for name in space.names)]
    for name in head:
        if name not in known and not name.startswith(tuple(OUTPUTS)):
            raise ValueError(
                f"its column {shown(name)} is neither a parameter nor known"
                f"{suggestion(name, known)}; expected some of {listed(known, 30)}"
            )


class _Reader:
    """Makes trials of rows; the first line has said what is where."""

    def __init__(
        self,
        space: Space,
        head: Sequence[str],
        limits: Mapping[str, OutcomeConstraint],
        objectives: Sequence[str],
    ) -> None:
        self._objectives = objectives
        self._limits = limits
        self._space = space
        self._head = head
        self._points = PointCells(space)

    def trial(self, cells: Sequence[str], position: int) -> Trial:
        """The trial of one row; ValueError or TypeError saying what is wrong."""
        if len(cells) != len(self._head):
            raise ValueError(f"it has {len(cells)} cells; the first row has {len(self._head)}")
        row = dict(zip(self._head, cells, strict=True))
        outcome = self._outcome(row)
        default = TrialState.FAILED if outcome is None else TrialState.COMPLETE
        state = _member(TrialState, row.get("state"), default)
        if (state is TrialState.COMPLETE) is (outcome is None):
            what = "no value" if outcome is None else "a value"
            raise ValueError(f"a trial that is {state.name.lower()} cannot have {what}")
        number = int(row.get("number") or position)
        if number != position:
            raise ValueError(f"its number is {number}; rows are in order, so {position} was due")
        params = self._points.read(row, column_of)
        if params is None:
            raise ValueError("it has no point: the cells of all parameters are empty")
        return Trial(
            number,
            params,
            state,
            _member(Origin, row.get("origin"), Origin.ADDED),
            outcome,
            _text(row.get("error")),
            self._points.read(row, lambda name: ASKED + name),
            tuple(read_json(row.get("violated")) or ()),
            _time(row.get("start")),
            _float(row, "seconds"),
            _text(row.get("worker")),
            self._limits,
            () if (curve := read_json(row.get("curve"))) is None else curve_from_json(curve),
        )

    def _outcome(self, row: Mapping[str, str]) -> Outcome | None:
        value = _float(row, "value")
        of_objectives = any(row.get(_OBJECTIVE + name) for name in self._objectives)
        if value is None and not of_objectives:
            return None
        written_down: dict[str, Any] = {} if value is None else {"value": value}
        written_down |= {"sd": _float(row, "sd"), "cost": _float(row, "cost")}
        for prefix, role in OUTPUTS.items():
            found = {n: _float(row, n) for n in self._head if n.startswith(prefix)}
            written_down[role] = {
                n.removeprefix(prefix): v for n, v in found.items() if v is not None
            }
        written_down["gradients"] = read_json(row.get("gradients")) or {}
        if lacking := set(self._objectives) ^ set(written_down["objectives"]):
            raise ValueError(f"it has no value of {listed(sorted(lacking))}, or one too many")
        return outcome_from_json(written_down | {"info": read_json(row.get("info"))})


class PointCells:
    """Reads the point of a row."""

    def __init__(self, space: Space) -> None:
        self._space = space
        self._cells = {name: Cells(p) for name, p in space.parameters.items()}

    def read(
        self,
        row: Mapping[str, str],
        column: Callable[[str], str],
        number: Callable[[str], str] = str,
    ) -> dict[str, Any] | None:
        """The point in some columns; None when all are empty.

        Parameters
        ----------
        row : the cells by column.
        column : the column of a parameter.
        number : how a number in a cell is written with a decimal point.

        Raises
        ------
        TypeError, ValueError : naming the parameter.
        """
        if all(row.get(column(name), "") == "" for name in self._space.names):
            return None if self._space.names else {}
        found: dict[str, Any] = {}
        for name, cells in self._cells.items():
            cell = row.get(column(name), "")
            try:
                found[name] = cells.read(cell if cells.knows(cell) else number(cell))
            except ValueError as error:
                raise ValueError(f"{name}: {error}") from None
        params = {
            name: value
            for name, value in found.items()
            if value is not ABSENT and not (value is None and not self._is_active(name, found))
        }
        return self._space.decode(self._space.encode(params, outside=True))

    def _is_active(self, name: str, found: Mapping[str, Any]) -> bool:
        return all(
            found[parent] in values and self._is_active(parent, found)
            for parent, values in self._space.parameters[name].conditions.items()
        )


def _member(kind: type[E], text: str | None, default: E) -> E:
    if not text:
        return default
    try:
        return kind[text.upper()]
    except KeyError:
        words = [member.name.lower() for member in kind]
        raise ValueError(f"expected one of {listed(words)}; got {shown(text)}") from None


def _text(cell: str | None) -> str | None:
    return csv_text(cell) if cell else None


def _float(row: Mapping[str, str], name: str) -> float | None:
    cell = row.get(name)
    if not cell:
        return None
    try:
        return float(cell)
    except ValueError:
        raise ValueError(f"{name}: expected a number; got {shown(cell)}") from None


def read_json(cell: str | None) -> Any:
    """The JSON value of a cell, None for an empty one; ValueError when it is none."""
    try:
        return json.loads(csv_text(cell) if cell.startswith("'") else cell) if cell else None
    except ValueError as error:
        raise ValueError(f"expected JSON; got {shown(cell)}: {error}") from None


def _time(cell: str | None) -> datetime | None:
    return datetime.fromisoformat(cell) if cell else None
