"""The file that describes a run: tables space, constraints, outcome_constraints, objective, run.

``outcome_constraints`` may be a list of names too, and ``records`` is one. Of several objectives
the table ``objectives`` has the directions, and ``thresholds`` what is just good enough.
"""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bayesopt.cli.run_words import read_words
from bayesopt.cli.toml_lines import located
from bayesopt.cli.toml_schema import OBJECTIVE, OPTIMIZER, RUN, TOP, types_of

if TYPE_CHECKING:
    from bayesopt.space import Space

INPUTS = OBJECTIVE["input"].one_of
DIRECTIONS = RUN["direction"].one_of

_DECLARED = ("outcome_constraints", "records")  # what an evaluation gives beside the objectives
OUTPUTS = ("objectives", "thresholds", *_DECLARED)
_OF_SPACE = ("space", "constraints", "candidates")
_TABLES = tuple(TOP)
_OBJECTIVE, _RUN, _PARTS = types_of(OBJECTIVE), types_of(RUN), types_of(OPTIMIZER)
PARTS = tuple(OPTIMIZER)
_KEYS = {"run": RUN, "objective": OBJECTIVE, "optimizer": OPTIMIZER}


class SpecError(ValueError):
    """Something in a specification is not as it should be; the message says what to change."""


@dataclass(frozen=True, slots=True)
class ObjectiveSpec:
    """What is evaluated: a Python function or an external command, never both.

    Attributes
    ----------
    callable : "module:function" or "file.py:function".
    command : program and arguments, with ``{name}`` for a parameter.
    input : how a command gets its parameters, one of ``INPUTS``.
    timeout : seconds one evaluation may take.
    folder : where relative paths start.
    workdir : the folder in which a trial's command runs, with ``{number}``; None: ``folder``.
    templates, files : copied into it; ``{name}`` in the former is filled.
    retry_on : exit statuses after which the command is run again, ``retries`` times, after
        ``retry_wait`` seconds.
    """

    callable: str | None
    command: tuple[str, ...]
    input: str
    timeout: float | None
    folder: Path
    workdir: str | None = None
    templates: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    retry_on: tuple[int, ...] = ()
    retries: int = 3
    retry_wait: float = 10.0


@dataclass(frozen=True, slots=True)
class Spec:
    """A run as it was described, checked.

    Attributes
    ----------
    run : the keys of the table ``[run]`` that were given, and the ``OUTPUTS``.
    """

    space: Space
    objective: ObjectiveSpec
    run: Mapping[str, Any]


def read_spec(path: Path, command: Sequence[str] = ()) -> Spec:
    """Read and check a specification.

    Parameters
    ----------
    command : an external command given on the command line, in place of the one in the file.

    Raises
    ------
    SpecError : the file is missing, is not TOML, or says something that cannot be.
    """
    with _with_lines(path):
        return _read_spec(path, command)


def _read_spec(path: Path, command: Sequence[str]) -> Spec:
    tables = _parse(path)
    _known("table", tables, _TABLES, path.name)
    for needed in ("space",) if command else ("space", "objective"):
        if needed not in tables and not (needed == "space" and "candidates" in tables):
            raise SpecError(f"{path.name}: the table [{needed}] is missing")
    where, folder = f"{path.name}: [objective]", path.resolve().parent
    objective = read_objective(_table(tables, "objective"), command, where, folder)
    return Spec(_space(tables, path), objective, _run(tables, path))


def read_plan(path: Path) -> tuple[Space, dict[str, Any]]:
    """The space of a specification and its table ``[run]``; it need not say what is evaluated.

    Raises
    ------
    SpecError : as :func:`read_spec` does.
    """
    with _with_lines(path):
        return _read_plan(path)


def _read_plan(path: Path) -> tuple[Space, dict[str, Any]]:
    tables = _parse(path)
    _known("table", tables, _TABLES, path.name)
    if "space" not in tables and "candidates" not in tables:
        raise SpecError(f"{path.name}: the table [space] is missing")
    return _space(tables, path), _run(tables, path)


@contextmanager
def _with_lines(path: Path) -> Iterator[None]:
    """Let messages say the line, and spell as the file does."""
    try:
        yield
    except SpecError as error:
        try:
            text = path.read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError):
            raise error from None
        raise SpecError(located(path.name, text, str(error))) from error


def has_objective(path: Path) -> bool:
    """Whether a specification says what is evaluated."""
    return "objective" in _parse(path)


def _parse(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except tomllib.TOMLDecodeError as error:
        raise SpecError(f"{path.name} is not valid TOML: {error}") from error
    except UnicodeDecodeError as error:
        raise SpecError(f"{path.name} is not UTF-8 text: {error}") from error
    except OSError as error:
        raise SpecError(f"cannot read {path}: {error.strerror}") from error


def read_limits(table: Mapping[str, Any], where: str) -> dict[str, Any]:
    """The keys of a table ``[run]``, checked; messages begin with ``where``."""
    run = _typed(table, _RUN, where)
    if run.get("direction", "minimize") not in DIRECTIONS:
        raise SpecError(f"{where} direction must be one of {DIRECTIONS}; got {run['direction']!r}")
    return run


def _run(tables: Mapping[str, Any], path: Path) -> dict[str, Any]:
    where = f"{path.name}: [run]"
    run = read_limits(_table(tables, "run"), where)
    try:
        run = read_words(run, path.resolve().parent)
    except (TypeError, ValueError) as error:
        raise SpecError(f"{where} {error}") from error
    return run | _outputs(tables, path) | _parts(tables, path)


def _parts(tables: Mapping[str, Any], path: Path) -> dict[str, Any]:
    """The parts of the algorithm that ``[optimizer]`` names."""
    table = _table(tables, "optimizer")
    where = f"{path.name}: [optimizer]"
    given = _typed(table, _PARTS, where)
    if not given:
        return {}
    from bayesopt.cli.toml_parts import read_part

    try:
        return {name: read_part(name, value) for name, value in given.items()}
    except (ImportError, TypeError, ValueError) as error:
        raise SpecError(f"{where} {error}") from error


def _outputs(tables: Mapping[str, Any], path: Path) -> dict[str, Any]:
    """Several objectives, and the outputs beside them, as ``Optimizer`` takes them."""
    given = {key: tables[key] for key in OUTPUTS if key in tables}
    if given:
        from bayesopt.objectives import check_distinct, read_objectives
        from bayesopt.optimizer.declaring import OutputArguments

        direction = _table(tables, "run").get("direction")
        try:
            declared = OutputArguments.read(*(given.get(key) for key in _DECLARED))
            several = given.get("objectives"), given.get("thresholds")
            check_distinct(read_objectives(direction, *several), declared.names)
        except (TypeError, ValueError) as error:
            raise SpecError(f"{path.name}: {error}") from error
    return given


def _space(tables: Mapping[str, Any], path: Path) -> Space:
    from bayesopt.space import Space

    try:
        found = {k: tables[k] for k in _OF_SPACE if k in tables}
        listed = found.get("candidates")
        if isinstance(listed, Mapping) and isinstance(listed.get("file"), str):
            file = path.resolve().parent / listed["file"]
            found["candidates"] = {**listed, "file": str(file)}
        return Space.from_toml(found)
    except (OSError, TypeError, ValueError) as error:
        raise SpecError(f"{path.name}: {error}") from error


def read_objective(
    table: Mapping[str, Any], command: Sequence[str], where: str, folder: Path
) -> ObjectiveSpec:
    """A table ``[objective]``, checked.

    Parameters
    ----------
    command : given on the command line, in place of the table's; it runs where the user is.
    where : how messages begin.
    folder : where the relative paths of the table start.
    """
    given = _typed(table, _OBJECTIVE, where)
    if command and "callable" in given:
        raise SpecError(f"{where} names a callable, and a command follows --: give one of them")
    folder = Path.cwd() if command else folder
    words = list(command) or given.get("command", [])
    if not all(isinstance(word, str) for word in words):
        raise SpecError(f"{where} command must be a list of strings; got {words!r}")
    if words and "callable" in given:
        raise SpecError(f"{where} has both a callable and a command; leave one of them out")
    if not words and "callable" not in given:
        raise SpecError(
            f'{where} needs either callable = "module:function" or command = ["./program", ...]'
        )
    style = given.get("input", "arguments")
    if style not in INPUTS:
        raise SpecError(f"{where} input must be one of {INPUTS}; got {style!r}")
    timeout = given.get("timeout")
    if timeout is not None and not timeout > 0:
        raise SpecError(f"{where} timeout must be seconds > 0; got {timeout!r}")
    more = _of_a_command(given, where)
    return ObjectiveSpec(given.get("callable"), tuple(words), style, timeout, folder, **more)


def _of_a_command(given: Mapping[str, Any], where: str) -> dict[str, Any]:
    """The keys that only a command has."""
    keys = ("workdir", "templates", "files", "retry_on", "retries", "retry_wait")
    more = {key: given[key] for key in keys if key in given}
    if more and "callable" in given:
        raise SpecError(f"{where} {next(iter(more))} belongs to a command, not to a callable")
    for key in ("templates", "files"):
        if not all(isinstance(name, str) for name in more.get(key, ())):
            raise SpecError(f"{where} {key} must be a list of file names; got {more[key]!r}")
    for code in more.get("retry_on", ()):
        if type(code) is not int or not 0 < code < 256:
            raise SpecError(f"{where} retry_on must list exit statuses, 1 to 255; got {code!r}")
    for key in ("retries", "retry_wait"):
        if more.get(key, 0) < 0:
            raise SpecError(f"{where} {key} must be >= 0; got {more[key]!r}")
    return {k: tuple(v) if isinstance(v, list) else v for k, v in more.items()}


def _table(tables: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    table = tables.get(name, {})
    if not isinstance(table, Mapping):
        raise SpecError(f"[{name}] must be a table; got {table!r}")
    return table


def _typed(
    table: Mapping[str, Any], types: Mapping[str, tuple[type, ...]], where: str
) -> dict[str, Any]:
    _known("key", table, types, where)
    for key, value in table.items():
        # bool is an int in Python, but not in what people mean
        if not isinstance(value, types[key]) or (
            isinstance(value, bool) and bool not in types[key]
        ):
            words = " or ".join(t.__name__ for t in types[key])
            raise SpecError(f"{where} {key} must be {words}; got {value!r}")
    return dict(table)


def _known(what: str, given: Iterable[str], allowed: Iterable[str], where: str) -> None:
    allowed = list(allowed)
    for key in given:
        if key not in allowed:
            near = difflib.get_close_matches(key, allowed, 1)
            hint = f"did you mean {near[0]!r}?" if near else f"expected one of {allowed}"
            homes = [f"[{name}]" for name, keys in _KEYS.items() if key in keys]
            if what == "table" and homes:
                hint = f"it is a key of {' or '.join(homes)}: write it below that line"
            raise SpecError(f"{where}: unknown {what} {key!r}; {hint}")
