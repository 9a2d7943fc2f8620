"""The fields of a stored event, taken one by one and checked."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from typing import Any, Literal, overload

from bayesopt.checks import shown
from bayesopt.objectives import read_objectives
from bayesopt.outcome import KEYS, Outcome, finite, outcome_from_json
from bayesopt.output import Objective, OutcomeConstraint

Row = tuple[float | None, ...]

_LONGEST_PART = 20_000  # characters; the longest that is written has about 1,500


class EventError(ValueError):
    """A record cannot be an event of this run; the message says why."""


class Fields:
    """What is left of a record; every reader takes its field out.

    Attributes
    ----------
    worker : the process that wrote the event, or None.
    """

    def __init__(self, record: Mapping[str, Any]) -> None:
        self._rest = dict(record)
        self._rest.pop("kind", None)
        self._rest.pop("time", None)
        self.worker: str | None = self._rest.pop("worker", None)

    def has(self, name: str) -> bool:
        """Whether the field is there."""
        return name in self._rest

    def end(self) -> None:
        """EventError when there are fields that nobody has taken."""
        for name in self._rest:
            raise EventError(f"it has a field {shown(name)} that no such event has")

    def rest(self) -> dict[str, Any]:
        """All that is left."""
        rest, self._rest = self._rest, {}
        return rest

    @overload
    def whole(self, name: str) -> int: ...
    @overload
    def whole(self, name: str, *, optional: Literal[True]) -> int | None: ...
    def whole(self, name: str, *, optional: bool = False) -> int | None:
        """A whole number >= 0."""
        value = self._take(name, optional)
        if value is None:
            return None
        if type(value) is not int or value < 0:
            raise EventError(f"{name!r} must be a whole number >= 0; got {shown(value)}")
        return value

    @overload
    def number(self, name: str) -> float: ...
    @overload
    def number(self, name: str, *, optional: Literal[True]) -> float | None: ...
    def number(self, name: str, *, optional: bool = False) -> float | None:
        """A finite number."""
        value = self._take(name, optional)
        return None if value is None else _finite(name, value)

    @overload
    def text(self, name: str) -> str: ...
    @overload
    def text(self, name: str, *, optional: Literal[True]) -> str | None: ...
    def text(self, name: str, *, optional: bool = False) -> str | None:
        """Text."""
        value = self._take(name, optional)
        if not (value is None or isinstance(value, str)):
            raise EventError(f"{name!r} must be text; got {shown(value)}")
        return value

    def flag(self, name: str, *, optional: bool = False) -> bool:
        """True or false; false when it is optional and missing."""
        value = self._take(name, optional)
        if not (value is None or isinstance(value, bool)):
            raise EventError(f"{name!r} must be true or false; got {shown(value)}")
        return bool(value)

    def one_of(self, name: str, words: Collection[str]) -> str:
        """One of some words."""
        value = self._take(name, False)
        if not (isinstance(value, str) and value in words):
            raise EventError(f"{name!r} must be one of {', '.join(words)}; got {shown(value)}")
        return value

    @overload
    def mapping(self, name: str) -> dict[str, Any]: ...
    @overload
    def mapping(self, name: str, *, optional: Literal[True]) -> dict[str, Any] | None: ...
    def mapping(self, name: str, *, optional: bool = False) -> dict[str, Any] | None:
        """A mapping."""
        value = self._take(name, optional)
        if not (value is None or isinstance(value, dict)):
            raise EventError(f"{name!r} must be a mapping; got {shown(value)}")
        return value

    def words(self, name: str) -> dict[str, str]:
        """A mapping from names to texts, each of a length that somebody could have written."""
        value = self.mapping(name)
        for key, text in value.items():
            if not (isinstance(text, str) and len(text) <= _LONGEST_PART):
                raise EventError(f"{name!r} must map names to short texts; {key!r} has another")
        return value

    def names(self, name: str) -> tuple[str, ...] | None:
        """A list of distinct texts, or None when it is missing."""
        value = self._take(name, True)
        if value is None:
            return None
        if not isinstance(value, (list, tuple)) or not all(isinstance(v, str) for v in value):
            raise EventError(f"{name!r} must be a list of names; got {shown(value)}")
        if len(set(value)) < len(value):
            raise EventError(f"{name!r} has a name twice; got {shown(value)}")
        return tuple(value)

    def wholes(self, name: str) -> tuple[int, ...] | None:
        """A list of whole numbers >= 0, or None when it is missing."""
        value = self._take(name, True)
        if value is None:
            return None
        if not isinstance(value, (list, tuple)) or any(type(v) is not int or v < 0 for v in value):
            raise EventError(f"{name!r} must be a list of whole numbers >= 0; got {shown(value)}")
        return tuple(value)

    def constraints(self, name: str) -> tuple[OutcomeConstraint, ...] | None:
        """Outcome constraints: names, or a mapping from names to limits; None when missing."""
        value = self._rest.get(name)
        if not isinstance(value, dict):
            names = self.names(name)
            return None if names is None else tuple(map(OutcomeConstraint, names))
        del self._rest[name]
        try:
            return tuple(OutcomeConstraint.parse(str(k), text) for k, text in value.items())
        except (TypeError, ValueError) as error:
            raise EventError(str(error)) from None

    def numbers(self, name: str) -> dict[str, float] | None:
        """A mapping from names to finite numbers, or None when it is missing."""
        value = self.mapping(name, optional=True)
        return None if value is None else {key: _finite(name, v) for key, v in value.items()}

    def objectives(self) -> tuple[Objective, ...]:
        """Several objectives, as they were declared."""
        value = self._take("objectives", False)
        try:
            if not isinstance(value, list | tuple):
                raise TypeError(f"'objectives' must be a list; got {shown(value)}")
            directions = {item["name"]: item["direction"] for item in value}
            limits = {item["name"]: item.get("threshold") for item in value}
            if len(directions) < len(value):
                raise ValueError("'objectives' has a name twice")
            return read_objectives(None, directions, limits)
        except (AttributeError, LookupError, TypeError, ValueError) as error:
            raise EventError(f"'objectives' cannot be read: {error}") from None

    def row(self) -> Row:
        """A row: finite numbers, or null where a parameter is inactive."""
        value = self._take("row", False)
        if not isinstance(value, (list, tuple)):
            raise EventError(f"'row' must be a list; got {shown(value)}")
        # the quick way, for nearly all: a sum is finite only where all its terms are
        if set(map(type, value)) == {float} and math.isfinite(sum(value)):
            return tuple(value)
        return tuple(None if v is None else _finite("row", v) for v in value)

    def outcome(self) -> Outcome:
        """The fields of an outcome."""
        taken = {key: self._rest.pop(key) for key in KEYS if key in self._rest}
        try:
            return outcome_from_json(taken)
        except ValueError as error:
            raise EventError(str(error)) from None

    def _take(self, name: str, optional: bool) -> Any:
        value = self._rest.pop(name, None)
        if value is None and not optional:
            raise EventError(f"it has no {name!r}")
        return value


def _finite(name: str, value: object) -> float:
    try:
        return finite(name, value)
    except ValueError as error:
        raise EventError(str(error)) from None


def check_objectives(outcome: Outcome | None, names: tuple[str, ...]) -> None:
    """EventError unless an outcome has a value for each of several objectives, and no other."""
    if outcome is None or not (names or outcome.objectives):
        return
    if set(outcome.objectives) != set(names):
        has = ", ".join(outcome.objectives) or "a single value"
        raise EventError(f"it has {has}; the run's objectives are {', '.join(names) or 'one'}")
