"""Results that people have in a table of their own: what a row says of a run's outputs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bayesopt.checks import listed, shown, suggestion
from bayesopt.optimizer.events import stored_row
from bayesopt.optimizer.fields import Row
from bayesopt.outcome import Outcome
from bayesopt.returned import read_outcome
from bayesopt.sheet import Sheet, read_sheet_file, without_unit
from bayesopt.text import csv_text
from bayesopt.trial import Origin, TrialState
from bayesopt.trial_table import ASKED, FIXED, OUTPUTS, PointCells, column_of, read_json

if TYPE_CHECKING:
    from bayesopt.optimizer.queries import RunQueries

_MOST_PROBLEMS = 20
_FAILURES = ("failed", "failure", "fail", "nan")
_UNUSED = ("number", "origin", "violated", "start", "seconds", "worker", "curve")
_NO_RESULT = ("pending", "abandoned", "retracted", "stopped")  # rows of an export


@dataclass
class TableRow:
    """What one row says.

    Attributes
    ----------
    line : in the file.
    number : of a trial, where the table has such a column and a number in it.
    params : the point; None when all its cells are empty.
    result : as ``Optimizer.tell`` takes it; empty when there is none yet.
    error : why the evaluation failed, or None.
    """

    line: int
    number: int | None
    params: dict[str, Any] | None
    result: dict[str, Any]
    error: str | None


@dataclass
class ReadTable:
    """The rows of a table, and what is wrong in it.

    Attributes
    ----------
    rows : those that can be read.
    problems : a sentence each, with line and column.
    left_out : the columns that say nothing here, and how many rows have no result.
    """

    source: str
    rows: list[TableRow] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)

    def check(self) -> None:
        """ValueError with every problem, when there is any."""
        if self.problems:
            shown_here = self.problems[:_MOST_PROBLEMS]
            more = len(self.problems) - len(shown_here)
            rest = [f"and {more} more"] if more else []
            raise ValueError(
                "\n  ".join([f"{self.source}: nothing was taken:", *shown_here, *rest])
            )


@dataclass(frozen=True)
class TableObservations:
    """What a table would add to a run.

    Attributes
    ----------
    rows : (row, outcome or the reason of a failure) of each.
    outside : how many lie outside of the space.
    known : rows left out because the run has them.
    left_out : what else was left out, a sentence each.
    """

    rows: list[tuple[Row, Outcome | str]]
    outside: int
    known: int
    left_out: list[str]


def read_table(
    sheet: Sheet, optimizer: RunQueries, *, ignore_units: bool, ignore_columns: bool
) -> ReadTable:
    """What each row of a sheet says of the outputs and parameters of a run.

    Raises
    ------
    ValueError : for columns that are none of these.
    """
    reader = _TableReader(sheet, optimizer, ignore_units, ignore_columns)
    table = ReadTable(sheet.source)
    table.problems += [f"line {line}: {reason}" for line, reason in sheet.ragged.items()]
    if reader.ignored:
        table.left_out.append(f"columns left out: {listed(reader.ignored, 30)}")
    waiting = Counter[str]()
    for line, cells in sheet.rows.items():
        state = cells.get("state", "").strip().lower()
        if state in _NO_RESULT:
            waiting[state] += 1
            continue
        try:
            table.rows.append(reader.row(line, cells))
        except (TypeError, ValueError) as error:
            table.problems.append(f"line {line}: {error}")
    table.left_out += [f"rows left out: {count} {state}" for state, count in waiting.items()]
    return table


def read_observations(
    path: str | Path,
    optimizer: RunQueries,
    *,
    outside: bool,
    ignore_units: bool,
    ignore_columns: bool,
    again: bool,
) -> TableObservations:
    """What a file would add to a run; see ``Optimizer.add_csv``.

    Raises
    ------
    OSError, ValueError : naming every line that cannot be taken.
    """
    sheet = read_sheet_file(path)
    table = read_table(sheet, optimizer, ignore_units=ignore_units, ignore_columns=ignore_columns)
    found: list[tuple[Row, Outcome | str]] = []
    beyond = 0
    for row in table.rows:
        try:
            told = _told(row, optimizer.objective_names)
            point = optimizer.space.encode(row.params or {}, outside=outside)
            found.append((stored_row(point), told))
        except (TypeError, ValueError) as error:
            hint = "" if outside else _keeps(optimizer, row)
            table.problems.append(f"line {row.line}: {error}{hint}")
        else:
            beyond += not optimizer.space.contains(row.params or {})
    table.problems.sort(key=_line_of)
    table.check()
    known = Counter() if again else _known(optimizer)
    new = []
    for pair in found:
        if known[_key(pair)] > 0:
            known[_key(pair)] -= 1
        else:
            new.append(pair)
    return TableObservations(new, beyond, len(found) - len(new), table.left_out)


def _told(row: TableRow, objectives: tuple[str, ...]) -> Outcome | str:
    if row.params is None:
        raise ValueError("it has no point: the cells of all parameters are empty")
    if row.error is not None:
        return row.error
    if not row.result:
        raise ValueError(
            "it has no value: write the value, 'failed' (or the reason in a column 'error') when "
            "the evaluation failed, or leave the row out"
        )
    return read_outcome(row.result, objectives)


def _keeps(optimizer: RunQueries, row: TableRow) -> str:
    try:
        optimizer.space.encode(row.params or {}, outside=True)
    except (TypeError, ValueError):
        return ""
    return " (outside=True, --outside, keeps it)"


def _line_of(problem: str) -> int:
    return int(problem.split(":", 1)[0].removeprefix("line "))


def _key(pair: tuple[Row, Outcome | str]) -> tuple[Any, ...]:
    row, told = pair
    if isinstance(told, str):
        return row, "failed"
    return row, tuple(sorted(told.values.items()))


def _known(optimizer: RunQueries) -> Counter[tuple[Any, ...]]:
    """How often the run has each result that was added."""
    history, known = optimizer._history, Counter[tuple[Any, ...]]()
    for trial in optimizer.trials:
        if trial.origin is Origin.ADDED and trial.state is not TrialState.RETRACTED:
            told = "failed" if trial.outcome is None else trial.outcome
            known[_key((history.row(trial.number), told))] += 1
    return known


class _TableReader:
    """What the columns of a sheet mean for a run."""

    def __init__(
        self, sheet: Sheet, optimizer: RunQueries, ignore_units: bool, ignore_columns: bool
    ) -> None:
        self._sheet = sheet
        self._space = optimizer.space
        names = optimizer.objective_names
        self._objectives = ("value", *names, *(f"objective:{name}" for name in names))
        self._points = PointCells(optimizer.space)
        self._parameters: dict[str, str] = {}  # column -> heading
        self._outputs: dict[str, str] = {}
        self.ignored: list[str] = []
        outputs = _output_names(optimizer)
        parameters = {column_of(name) for name in self._space.names}
        known = [*parameters, *outputs, *FIXED]
        for heading in sheet.head:
            name = heading if _means(heading, parameters, outputs) else heading.strip()
            if ignore_units and not _means(name, parameters, outputs):
                name = without_unit(heading)
            place = self._place(name, parameters, outputs)
            if place is not None:
                if name in place:
                    raise ValueError(
                        f"{sheet.source}: the columns {shown(place[name])} and {shown(heading)} "
                        "are the same"
                    )
                place[name] = heading
            elif name in _UNUSED or name.startswith(ASKED):
                continue
            elif ignore_columns:
                self.ignored.append(heading)
            else:
                raise ValueError(
                    f"{sheet.source}: its column {shown(heading)} is neither a parameter nor an "
                    f"output of the run{_hint(heading, known)}; expected some of "
                    f"{listed(known, 30)}. To leave such columns out: ignore_columns=True "
                    "(--ignore-columns)"
                )

    def _place(
        self, name: str, parameters: Iterable[str], outputs: Iterable[str]
    ) -> dict[str, str] | None:
        if name in parameters:
            return self._parameters
        return self._outputs if _means(name, (), outputs) else None

    def row(self, line: int, cells: Mapping[str, str]) -> TableRow:
        """What a row says; ValueError with the column."""
        points = {name: cells[heading] for name, heading in self._parameters.items()}
        params = self._points.read(points, column_of, self._sheet.number)
        number = cells.get("number", "").strip()
        try:
            wanted = int(number) if number else None
        except ValueError:
            raise ValueError(f"number: expected a trial's number; got {shown(number)}") from None
        told = {n: cells[heading].strip() for n, heading in self._outputs.items()}
        reason = "" if "error" in self._objectives else told.pop("error", "")
        error = csv_text(reason) or None
        state = told.pop("state", "").lower()
        values = {told.get(name, "").lower() for name in self._objectives}
        if values & set(_FAILURES) or state == "failed":
            told = {n: text for n, text in told.items() if n == "info"}
            error = error or "it failed"
        return TableRow(line, wanted, params, self._result(told) if error is None else {}, error)

    def _result(self, told: Mapping[str, str]) -> dict[str, Any]:
        result: dict[str, Any] = {}
        for name, cell in told.items():
            if not cell:
                continue
            if name in ("info", "gradients"):
                result[name] = read_json(cell)
                continue
            if name == "value" and cell.startswith("["):
                result["values"] = read_json(cell)
                continue
            number = _number(name, self._sheet.number(cell))
            if name in self._objectives:
                result[name.removeprefix("objective:")] = number
                continue
            for prefix, role in OUTPUTS.items():
                if name.startswith(prefix):
                    result.setdefault(role, {})[name.removeprefix(prefix)] = number
                    break
            else:
                result[name] = number
        return result


def _number(name: str, cell: str) -> float:
    try:
        return float(cell)
    except ValueError:
        raise ValueError(f"{name}: expected a number; got {shown(cell)}") from None


def _output_names(optimizer: RunQueries) -> list[str]:
    history = optimizer._history
    names = [objective.name for objective in optimizer.problem.objectives]
    return [*names, *(output.name for output in history.outputs)]


def _means(name: str, parameters: Iterable[str], outputs: Iterable[str]) -> bool:
    said = ("value", "sd", "cost", "info", "error", "state", "gradients")
    return name in (*parameters, *outputs, *said) or name.startswith(tuple(OUTPUTS))


def _hint(heading: str, known: Iterable[str]) -> str:
    known = list(known)
    if without_unit(heading) in known:
        return " (ignore_units=True, --ignore-units, reads it without its unit)"
    return suggestion(heading, known)
