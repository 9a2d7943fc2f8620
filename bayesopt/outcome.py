"""An outcome: what an evaluation gave, and its one written form in events, files and lines."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from bayesopt.checks import shown
from bayesopt.readonly import read_only

_NOTHING: Mapping[str, float] = read_only({})
_NO_GRADIENTS: Mapping[str, Mapping[str, float]] = read_only({})
_BY_NAME = ("constraints", "records", "sds", "objectives")


@dataclass(frozen=True, slots=True)
class Outcome:
    """A successful evaluation: finite numbers by name, in the user's units and sign.

    Attributes
    ----------
    value : of the objective; None where there are several.
    sd : measured standard deviation of ``value`` (> 0), or None when it was not measured.
    constraints : value of each outcome constraint by name.
    cost : what the evaluation cost, in any unit (>= 0), or None.
    info : anything JSON-representable to keep with the trial.
    records : value of each output that is only recorded, by name.
    sds : measured standard deviations (> 0) of the others by name, where known.
    gradients : derivatives of "value" and of constraints, by the output's name and then by the
        parameter's, in the user's units; derivatives that are not known are left out.
    objectives : value of each of several objectives by name; empty where there is one.

    Raises
    ------
    ValueError : naming the field, for what no outcome can hold.
    """

    value: float | None = None
    sd: float | None = None
    constraints: Mapping[str, float] = field(default_factory=lambda: _NOTHING)
    cost: float | None = None
    info: Any = None
    records: Mapping[str, float] = field(default_factory=lambda: _NOTHING)
    sds: Mapping[str, float] = field(default_factory=lambda: _NOTHING)
    gradients: Mapping[str, Mapping[str, float]] = field(default_factory=lambda: _NO_GRADIENTS)
    objectives: Mapping[str, float] = field(default_factory=lambda: _NOTHING)

    def __post_init__(self) -> None:
        keep = object.__setattr__
        alone = self.sd is self.cost is self.info is None and not (
            self.constraints or self.records or self.sds or self.gradients or self.objectives
        )
        if alone and type(self.value) is float and math.isfinite(self.value):
            for name in _BY_NAME:  # the quick way, for nearly all
                if getattr(self, name) is not _NOTHING:
                    keep(self, name, _numbers(name, getattr(self, name)))
            if self.gradients is not _NO_GRADIENTS:
                keep(self, "gradients", self._read_gradients())
            return
        keep(self, "sd", _optional("sd", self.sd, above=True))
        keep(self, "cost", _optional("cost", self.cost, above=False))
        for name in _BY_NAME:
            keep(self, name, _numbers(name, getattr(self, name)))
        if not self.objectives:
            keep(self, "value", finite("value", self.value))
        elif self.value is not None or self.sd is not None:
            raise ValueError("several 'objectives' have no 'value' and no 'sd'; give their 'sds'")
        for name, sd in self.sds.items():
            if not any(name in has for has in (self.constraints, self.records, self.objectives)):
                raise ValueError(f"'sds' has {shown(name)}, which the outcome has no value of")
            _optional(f"sds[{name!r}]", sd, above=True)
        keep(self, "gradients", self._read_gradients())
        keep(self, "info", read_only(self.info))

    def _read_gradients(self) -> Mapping[str, Mapping[str, float]]:
        if not self.gradients:
            return _NO_GRADIENTS
        if not isinstance(self.gradients, Mapping):
            raise ValueError(
                f"'gradients' must map names to mappings; got {shown(self.gradients)}"
            )
        for name in self.gradients:
            if name not in self.values:
                raise ValueError(
                    f"'gradients' has {shown(name)}, which the outcome has no value of"
                )
        found = {n: _numbers(f"gradients[{n!r}]", g) for n, g in self.gradients.items()}
        read: Mapping[str, Mapping[str, float]] = read_only(found)
        return read

    @property
    def values(self) -> dict[str, float]:
        """All values by name; that of a single objective is called "value"."""
        of_objectives = dict(self.objectives) if self.value is None else {"value": self.value}
        return {**self.records, **self.constraints, **of_objectives}


KEYS = tuple(f.name for f in fields(Outcome))

# what the keys of a result, of a line of `bayesopt tell` and of an exported trial mean, so that no
# output can have such a name
RESERVED = (
    *KEYS,
    *("gradient", "curve", "values"),
    *("number", "params", "error", "state", "origin", "asked", "violated"),
)


def outcome_to_json(outcome: Outcome) -> dict[str, Any]:
    """An outcome as JSON values; what was not given is left out.

    ``read_outcome`` takes it as a result, and :func:`outcome_from_json` gives the same outcome.
    """
    written: dict[str, Any] = {}
    for key in KEYS:
        value = getattr(outcome, key)
        numbers = isinstance(value, Mapping) and key != "info"
        if value is not None and (not numbers or value):
            written[key] = dict(value) if numbers else value
    return written


def outcome_from_json(data: Mapping[str, Any]) -> Outcome:
    """The outcome that :func:`outcome_to_json` wrote; nothing is taken on trust.

    Raises
    ------
    ValueError : naming the key, for what no outcome can hold.
    """
    unknown = [key for key in data if key not in KEYS]
    if unknown:
        raise ValueError(f"it has the unknown key {unknown[0]!r}; expected some of {KEYS}")
    if "value" not in data and "objectives" not in data:
        raise ValueError("it has no 'value'")
    return Outcome(**data)


def finite(name: str, value: object) -> float:
    """``value`` as a float; ValueError unless it is a finite number."""
    if type(value) is float and math.isfinite(value):
        return value
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        try:
            number = float(value)
        except OverflowError:
            number = math.inf
        if math.isfinite(number):
            return number
    raise ValueError(f"{name!r} must be a finite number; got {shown(value)}")


def _optional(name: str, value: object, *, above: bool) -> float | None:
    if value is None:
        return None
    number = finite(name, value)
    if number < 0 or (above and number == 0):
        raise ValueError(f"{name!r} must be {'> 0' if above else '>= 0'}; got {number!r}")
    return number


def _numbers(field_name: str, given: object) -> Mapping[str, float]:
    """A read-only mapping from names to finite numbers; None stands for an empty one."""
    if given is None or (type(given) is dict and not given):
        return _NOTHING
    if not isinstance(given, Mapping):
        raise ValueError(f"{field_name!r} must map names to numbers; got {shown(given)}")
    read: Mapping[str, float] = read_only(
        {name: finite(f"{field_name}[{name!r}]", v) for name, v in given.items()}
    )
    return read
