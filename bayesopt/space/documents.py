"""Spaces written down: JSON, which is canonical, and TOML, which people write.

JSON::

    {"parameters": [{"name": "lr", "type": "float", "low": 1e-5, "high": 0.1, "log": true},
                    {"name": "leaves", "type": "int", "low": 4, "high": 256,
                     "when": {"booster": ["tree"]}}],
     "constraints": [{"coefficients": {"x": 1, "y": 2}, "upper": 3},
                     {"at_most": 2, "of": ["x", "y", "z"]}],
     "table": [[0.0, 1.0]]}

Parameters are a list because their order is that of the columns. ``table`` holds rows. Tuples are
written as lists and lists are read as tuples. TOML has ``[space.NAME]`` and ``[[constraints]]``
with the same keys; what TOML has no value for is written as ``{json = "null"}``. A constraint may
also be written ``sum = ["x", "y"]`` with ``equals``, ``upper`` or ``lower``.

A parameter of a class of one's own has the import path as its type: ``"mylab:Probability"``. It is
looked for among the classes that the program has; nothing is imported because a document names it.
"""

from __future__ import annotations

import json
import math
import os
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any

from bayesopt.checks import listed, same_kind, several, shown, suggestion

from .at_most import AtMost
from .beliefs import Belief
from .choice import Boolean, Categorical, Constant, Ordinal
from .constraints import Constraint
from .linear import LinearConstraint, total
from .numeric import Float, Int
from .parameter import UNSET, Parameter, is_default
from .task import Task

TYPES: dict[str, type[Parameter]] = {
    "float": Float,
    "int": Int,
    "ordinal": Ordinal,
    "categorical": Categorical,
    "task": Task,
    "boolean": Boolean,
    "constant": Constant,
}


class UnknownParameterType(ValueError):
    """A document names a parameter's class that has not been imported."""


def read_json(data: Mapping[str, Any]) -> tuple[dict[str, Parameter], list[Constraint], Any]:
    """Parameters, constraints and the table's rows or None, from JSON values."""
    _check_keys("a space", data, ("parameters", "constraints", "table"), ("parameters",))
    parameters: dict[str, Parameter] = {}
    for name, entry in _entries(data["parameters"]):
        if name in parameters:
            raise ValueError(f"{name}: listed twice in 'parameters'; remove one of them")
        parameters[name] = _read_parameter(name, entry, lambda value: value)
    rows = data.get("table")
    if rows is not None and not (isinstance(rows, list) and rows):
        raise ValueError(f"'table' must be a list of rows, at least one; got {shown(rows)}")
    return parameters, _read_constraints(data.get("constraints", ())), rows


def _entries(listing: object) -> Iterable[tuple[str, Mapping[str, Any]]]:
    if isinstance(listing, Mapping):
        yield from listing.items()
        return
    if not isinstance(listing, list):
        raise TypeError(f"'parameters' must be a list of objects; got {shown(listing)}")
    for entry in listing:
        if not isinstance(entry, Mapping) or "name" not in entry:
            raise ValueError(
                f"each of 'parameters' must be an object with a 'name'; got {shown(entry)}"
            )
        yield entry["name"], {key: value for key, value in entry.items() if key != "name"}


def read_toml(
    source: str | os.PathLike[str] | Mapping[str, Any], other: tuple[str, ...]
) -> tuple[dict[str, Parameter], list[Constraint], dict[str, Any] | None]:
    """Parameters and constraints from a TOML file, text, or what it was parsed into; or how
    ``Space.from_csv`` is to be called.
    """
    data = source if isinstance(source, Mapping) else _parse_toml(source)
    if isinstance(data, Mapping) and "candidates" in data:
        _check_keys("the file", data, ("candidates", *other), ())
        return {}, [], _read_candidates(data["candidates"], source)
    _check_keys("the file", data, ("space", "constraints", *other), ("space",))
    if not isinstance(data["space"], Mapping):
        raise TypeError(
            f"'space' must hold a table [space.NAME] a parameter; got {shown(data['space'])}"
        )
    tables = data["space"].items()
    parameters = {name: _read_parameter(name, entry, _from_toml) for name, entry in tables}
    return parameters, _read_constraints(data.get("constraints", ())), None


def _read_candidates(entry: Any, source: object) -> dict[str, Any]:
    _check_keys("[candidates]", entry, ("file", "descriptors", "ordinal"), ("file",))
    if not isinstance(entry["file"], str):
        raise TypeError(f"[candidates]: 'file' must be a path; got {shown(entry['file'])}")
    from_text = isinstance(source, Mapping) or (isinstance(source, str) and _is_toml(source))
    folder = Path() if from_text else Path(str(source)).parent
    return {"path": folder / entry["file"], **{k: v for k, v in entry.items() if k != "file"}}


def _is_toml(text: str) -> bool:
    return "\n" in text or "=" in text


def _parse_toml(source: str | os.PathLike[str]) -> dict[str, Any]:
    if isinstance(source, str) and _is_toml(source):
        return tomllib.loads(source)
    if not isinstance(source, str | os.PathLike):
        raise TypeError(f"TOML must be text, a path or a mapping; got {shown(source)}")
    return tomllib.loads(Path(source).read_text(encoding="utf-8"))


def _from_toml(value: Any) -> Any:
    if isinstance(value, list):
        return [_from_toml(item) for item in value]
    if not isinstance(value, Mapping):
        return value
    if list(value) != ["json"] or not isinstance(value["json"], str):
        raise ValueError(f'expected a value or {{json = "..."}}; got {shown(dict(value))}')
    try:
        return json.loads(value["json"])
    except json.JSONDecodeError as error:
        raise ValueError(f"{shown(value['json'])} is not JSON: {error}") from None


def _read_parameter(
    name: str, entry: Mapping[str, Any], convert: Callable[[Any], Any]
) -> Parameter:
    if not isinstance(entry, Mapping):
        raise TypeError(
            f"{name}: expected a table with 'type' and its options; got {shown(entry)}"
        )
    kind = entry.get("type")
    cls = _class(name, kind)
    known = fields(cls)  # type: ignore[arg-type]
    required = [field.name for field in known if field.default is MISSING]
    _check_keys(name, entry, ("type", *(field.name for field in known)), required)
    try:
        given = {
            key: _READERS.get(key, _read_frozen)(value, convert)
            for key, value in entry.items()
            if key != "type"
        }
        return cls(**given)
    except (TypeError, ValueError) as error:
        raise same_kind(error)(f"{name}: {error}") from None


def _class(name: str, kind: Any) -> type[Parameter]:
    if isinstance(kind, str) and kind in TYPES:
        return TYPES[kind]
    if isinstance(kind, str) and ":" in kind:
        return _imported(name, kind)
    raise ValueError(
        f"{name}: 'type' must be one of {listed(TYPES)}; got {shown(kind)}"
        f"{suggestion(kind, TYPES)}"
    )


def _path(cls: type) -> str:
    """How a document names a class that is not the package's own."""
    return f"{cls.__module__}:{cls.__qualname__}"


def _imported(name: str, path: str) -> type[Parameter]:
    """The parameter's class of that path, if the program has it: a document imports nothing."""
    waiting: list[Any] = [Parameter]
    found: type[Parameter] | None = None
    for cls in waiting:  # grows; the class that was defined last wins
        waiting += cls.__subclasses__()
        if _path(cls) == path and hasattr(cls, "__dataclass_fields__"):
            found = cls
    if found is None:
        module, _, qualname = path.partition(":")
        raise UnknownParameterType(
            f"{name}: the type {shown(path)} is a class of somebody's own, and nothing is "
            f"imported because a file names it; write `from {module} import {qualname}` first"
        )
    return found


def _read_when(when: Any, convert: Callable[[Any], Any]) -> Any:
    if not isinstance(when, Mapping):
        return when  # refused by the parameter, in its own words
    return {parent: _any_of(convert(values)) for parent, values in when.items()}


def _read_frozen(value: Any, convert: Callable[[Any], Any]) -> Any:
    return _frozen(convert(value))


def _read_prior(prior: Any, convert: Callable[[Any], Any]) -> Any:
    if isinstance(prior, Mapping) and list(prior) != ["json"]:
        return {key: _frozen(convert(value)) for key, value in prior.items()}
    return convert(prior)


_READERS: Mapping[str, Callable[[Any, Callable[[Any], Any]], Any]] = {
    "when": _read_when,
    "prior": _read_prior,
}


def _any_of(values: Any) -> Any:
    return [_frozen(value) for value in values] if isinstance(values, list) else values


def _frozen(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(_frozen(item) for item in value)
    if value is None or isinstance(value, bool | int | float | str):
        return value
    raise TypeError(f"expected a number, text, truth value, null or a list; got {shown(value)}")


def _read_constraints(listing: Any) -> list[Constraint]:
    constraints: list[Constraint] = []
    what = "a list, [[constraints]] in TOML"
    for i, entry in enumerate(several("'constraints'", listing, what)):
        constraints.append(_read_constraint(f"constraint {i}", entry))
    return constraints


def _read_constraint(where: str, entry: Any) -> Constraint:
    bounds = ("upper", "lower", "equals", "if_active")
    if isinstance(entry, Mapping) and "at_most" in entry:
        _check_keys(where, entry, ("at_most", "of"), ("at_most", "of"))
        return AtMost(entry["at_most"], of=entry["of"])
    if isinstance(entry, Mapping) and "sum" in entry:
        _check_keys(where, entry, ("sum", *bounds), ("sum",))
        return total(entry["sum"], **{key: entry[key] for key in bounds if key in entry})
    if isinstance(entry, Mapping) and "coefficients" not in entry:
        raise ValueError(
            f"{where}: expected one of 'coefficients', 'sum' or 'at_most'; got the keys "
            f"{listed(entry)}"
        )
    _check_keys(where, entry, ("coefficients", *bounds), ("coefficients",))
    return LinearConstraint(**entry)


def _check_keys(where: str, entry: Any, known: Sequence[str], required: Sequence[str]) -> None:
    if not isinstance(entry, Mapping):
        raise TypeError(f"{where}: expected keys and values; got {shown(entry)}")
    for key in entry:
        if key not in known:
            raise ValueError(
                f"{where}: unknown key {shown(key)}{suggestion(key, known)}; expected "
                f"{listed(known)}"
            )
    for key in required:
        if key not in entry:
            raise ValueError(f"{where}: the key {shown(key)} is missing")


def write_json(
    parameters: Mapping[str, Parameter],
    constraints: Sequence[Constraint],
    table: list[list[float]] | None,
) -> dict[str, Any]:
    """Write a space as JSON values; what equals its default is left out."""
    written: dict[str, Any] = {"parameters": [_write(n, p) for n, p in parameters.items()]}
    if constraints:
        written["constraints"] = [_write_constraint(constraint) for constraint in constraints]
    if table is not None:
        written["table"] = table
    return written


def _write(name: str, parameter: Parameter) -> dict[str, Any]:
    kinds = {cls: kind for kind, cls in TYPES.items()}
    cls: Any = type(parameter)
    if not hasattr(cls, "__dataclass_fields__"):
        raise ValueError(f"{name}: a {cls.__name__} is no dataclass, which JSON needs")
    entry: dict[str, Any] = {"name": name, "type": kinds.get(cls) or _path(cls)}
    for field in fields(cls):
        value = getattr(parameter, field.name)
        if field.name == "when":
            if parameter.conditions:
                entry["when"] = {k: _json(name, v) for k, v in parameter.conditions.items()}
        elif field.default is MISSING or not (is_default(field, value) or value is UNSET):
            entry[field.name] = _json(name, value)
    return entry


def _write_constraint(constraint: Constraint) -> dict[str, Any]:
    if isinstance(constraint, AtMost):
        return {"at_most": constraint.k, "of": list(constraint.of)}
    if not isinstance(constraint, LinearConstraint):
        raise ValueError(
            f"the constraint {shown(constraint)} is a function, which JSON cannot hold; "
            "write it as a LinearConstraint, Sum or AtMost, or build the space in Python"
        )
    bounds = {"upper": constraint.upper, "lower": constraint.lower}
    kept = {name: bound for name, bound in bounds.items() if bound is not None}
    where = {"if_active": True} if constraint.if_active else {}
    return {"coefficients": dict(constraint.coefficients), **kept, **where}


def _json(name: str, value: Any) -> Any:
    if isinstance(value, Belief):
        return value.as_json()
    if type(value) is tuple:
        return [_json(name, item) for item in value]
    if type(value) in (type(None), bool, int, str) or (
        type(value) is float and math.isfinite(value)
    ):
        return value
    raise ValueError(
        f"{name}: {shown(value)} of type {type(value).__name__} is not a JSON value; "
        "use text instead"
    )
