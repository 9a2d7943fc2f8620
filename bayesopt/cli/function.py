"""A Python function named in a specification."""

from __future__ import annotations

import difflib
import importlib
import importlib.util
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

from bayesopt.cli.spec import SpecError


@dataclass(frozen=True, slots=True)
class FunctionObjective:
    """Calls a function by its name; worker processes import it for themselves.

    Attributes
    ----------
    name : "module:function" or "file.py:function".
    folder : where a file's path starts, and where modules are looked for first.
    """

    name: str
    folder: Path

    def __call__(self, params: dict[str, Any]) -> object:
        """Evaluate."""
        return load(self.name, self.folder)(params)

    def close(self) -> None:
        """Nothing is left running."""


@cache
def load(name: str, folder: Path) -> Callable[[dict[str, Any]], object]:
    """Import what "module:function" or "file.py:function" names.

    Raises
    ------
    SpecError : the name has another form, the module or function does not exist, or importing
        it raised.
    """
    place, _, attribute = name.rpartition(":")
    if not place or not attribute:
        raise SpecError(f"callable must be 'module:function' or 'file.py:function'; got {name!r}")
    module = _from_file(folder / place) if place.endswith(".py") else _by_name(place, folder)
    function = getattr(module, attribute, None)
    if function is None:
        near = difflib.get_close_matches(attribute, [n for n in dir(module) if n[0] != "_"], 1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        raise SpecError(f"callable {name!r}: {place} has no {attribute!r}{hint}")
    if not callable(function):
        raise SpecError(f"callable {name!r}: {attribute!r} is {function!r}, not a function")
    return function  # type: ignore[no-any-return]


def _from_file(path: Path) -> ModuleType:
    if not path.is_file():
        raise SpecError(f"callable: the file {path} does not exist")
    _look_in(path.parent)
    # a name of its own: a file called random.py must not hide the module it is named after
    alias = f"bayesopt_objective_{path.stem}"
    spec = importlib.util.spec_from_file_location(alias, path)
    if spec is None or spec.loader is None:
        raise SpecError(f"callable: {path} cannot be imported")
    module = importlib.util.module_from_spec(spec)
    sys.modules[alias] = module
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        raise SpecError(f"importing {path} raised {type(error).__name__}: {error}") from error
    return module


def _by_name(name: str, folder: Path) -> ModuleType:
    _look_in(Path.cwd())
    _look_in(folder)
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        raise SpecError(
            f"callable: cannot import {name!r}: {error}; looked in {folder}, the current folder "
            "and the installed packages"
        ) from error
    except Exception as error:
        raise SpecError(f"importing {name!r} raised {type(error).__name__}: {error}") from error


def _look_in(folder: Path) -> None:
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))
