"""What every parameter is: a checked value, a scale, and when it is active."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Hashable, Mapping
from dataclasses import MISSING, Field, fields
from enum import Enum
from typing import Any

from bayesopt.checks import plain, printed, shown

from .identity import identity
from .scales import Scale


class Unset(Enum):
    """Marks a default that was not given, where None may be a value."""

    UNSET = "no default given"

    def __repr__(self) -> str:
        return "UNSET"


UNSET = Unset.UNSET


class Parameter(ABC):
    """One named quantity of a search space.

    Attributes
    ----------
    when : name of a parent -> the values of it for which this parameter is active; all keys must
        hold. Empty: always.
    role : "design" for a parameter that is chosen, "context" for one that is given.
    prior : a belief about the best value, weights of listed values, or None.
    """

    when: Mapping[str, Any] | None = None
    role: str = "design"
    prior: Any = None

    @abstractmethod
    def scale(self) -> Scale | None:
        """The parameter's column, or None when it has none."""

    @abstractmethod
    def encode(self, value: Any, name: str, *, outside: bool = False) -> float:
        """Number that stands for ``value`` in a row.

        Parameters
        ----------
        value : what the user gave.
        name : the parameter's name, for the message.
        outside : accept numbers out of bounds and between the steps.

        Raises
        ------
        TypeError, ValueError : if the parameter cannot take the value.
        """

    @abstractmethod
    def decode(self, number: float) -> Any:
        """Value that ``number`` stands for in a row."""

    def default_number(self) -> float | None:
        """Number of the default in a row, or None when none was given."""
        return None

    @property
    def has_default(self) -> bool:
        """Whether a default was given."""
        return getattr(self, "default", None) is not None

    @property
    def conditions(self) -> dict[str, tuple[Any, ...]]:
        """``when`` with the values of each parent as a tuple."""
        return {parent: tuple(values) for parent, values in (self.when or {}).items()}

    def _key(self) -> Hashable:
        def comparable(value: Any) -> Hashable:
            if isinstance(value, Mapping):
                return tuple((name, identity(tuple(values))) for name, values in value.items())
            return identity(value)

        return (type(self), tuple(comparable(getattr(self, f.name)) for f in fields(self)))  # type: ignore[arg-type]

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Parameter):
            return NotImplemented
        return self._key() == other._key()

    def __hash__(self) -> int:
        return hash(self._key())

    def __repr__(self) -> str:
        parts = []
        for field in fields(self):  # type: ignore[arg-type]
            value = getattr(self, field.name)
            if field.default is MISSING:
                is_list = field.name in ("values", "choices")
                parts.append(printed(list(value) if is_list else value))
            elif not is_default(field, value) and not (field.name == "when" and not value):
                parts.append(f"{field.name}={printed(value)}")
        return f"{type(self).__name__}({', '.join(parts)})"


def is_default(field: Field[Any], value: object) -> bool:
    """Whether a field has the value that it has when nothing is given: the same object, as 0 and
    False or 1 and 1.0 are different choices, or the same word.
    """
    same_word = type(value) is str and value == field.default
    return value is field.default or (field.name == "role" and same_word)


def read_when(owner: str, when: object) -> dict[str, list[Any]]:
    """Check ``when`` and give every parent's values as a list, as it may also be written.

    Raises
    ------
    TypeError, ValueError : unless it maps names to a value or to a non-empty list of values.
    """
    if when is None:
        return {}
    if not isinstance(when, Mapping) or not all(isinstance(name, str) for name in when):
        raise TypeError(
            f"{owner}: when must map the name of a parent to its value or a list of values, "
            f"as in when={{'booster': ['tree', 'dart']}}; got {shown(when)}"
        )
    return {name: _several(owner, name, values) for name, values in when.items()}


def _several(owner: str, parent: str, values: object) -> list[Any]:
    if isinstance(values, set | frozenset):
        values = sorted(values, key=repr)
    if not isinstance(values, list):
        return [plain(values)]
    if not values:
        raise ValueError(
            f"{owner}: when={{{parent!r}: []}} never holds; list a value or leave it out"
        )
    return [plain(value) for value in values]
