"""Parts of the algorithm as a specification names them: ``acquisition = {UCB = {beta = 2}}``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from importlib import import_module
from typing import Any

from bayesopt.checks import listed, shown, suggestion


def read_part(name: str, value: object) -> Any:
    """The part of a key of ``[optimizer]``.

    Parameters
    ----------
    name : "surrogate", "acquisition", ...
    value : the name of a class, or a table of one name with the class's options.

    Raises
    ------
    TypeError, ValueError : in the words of the file, for what is no such part.
    """
    from bayesopt.strategy.config import PARTS

    part = _made(name, value, _classes())
    if not isinstance(part, PARTS[name]):
        raise ValueError(
            f"{name}: {type(part).__name__} is no {PARTS[name].__name__.lower()}; expected one of "
            f"{listed(_of_kind(PARTS[name]), 20)}"
        )
    return part


def _classes() -> dict[str, type]:
    """The package's parts, and what they are made of, by their names."""
    from bayesopt.strategy.config import PART_MODULES, named_in

    found: dict[str, type] = {}
    for module in PART_MODULES:
        for name, cls in named_in(import_module(f"bayesopt.{module}")).items():
            if isinstance(cls, type) and is_dataclass(cls) and not name.startswith("_"):
                found[name] = cls
        for name in getattr(import_module(f"bayesopt.{module}"), "__all__", ()):
            cls = getattr(import_module(f"bayesopt.{module}"), name)
            if isinstance(cls, type) and is_dataclass(cls):
                found[name] = cls
    return found


def _of_kind(kind: type) -> list[str]:
    return sorted(name for name, cls in _classes().items() if issubclass(cls, kind))


def _made(where: str, value: object, classes: Mapping[str, type]) -> Any:
    options: Mapping[str, object] = {}
    word = value
    if isinstance(value, Mapping):
        if len(value) != 1:
            raise ValueError(
                f"{where} must be a name, or a table of one name with its options such as "
                f"{{UCB = {{beta = 2.0}}}}; got {shown(dict(value))}"
            )
        ((word, given),) = value.items()
        if not isinstance(given, Mapping):
            raise ValueError(f"{where}: the options of {word} must be a table; got {shown(given)}")
        options = given
    if not isinstance(word, str):
        raise TypeError(f"{where} must be a name, or a table of one; got {shown(value)}")
    known = {_plain(name): cls for name, cls in classes.items()}
    cls = known.get(_plain(word))
    if cls is None:
        near = suggestion(word, classes)
        raise ValueError(f"{where}: there is no part {shown(word)}{near}")
    names = [f.name for f in fields(cls) if f.init]
    made = {}
    for name, option in options.items():
        if name not in names:
            raise ValueError(
                f"{where}: {cls.__name__} has no option {shown(name)}{suggestion(name, names)}; "
                f"it takes {listed(names, 20) or 'none'}"
            )
        made[name] = _option(f"{where} {name}", option, classes)
    try:
        return cls(**made)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{where}: {cls.__name__}: {error}") from error


def _option(where: str, value: object, classes: Mapping[str, type]) -> Any:
    if isinstance(value, Mapping):
        return _made(where, value, classes)
    if isinstance(value, list):
        return tuple(_option(where, item, classes) for item in value)
    return value


def _plain(name: str) -> str:
    return name.replace("_", "").replace("-", "").lower()
