"""The one written form of an outcome: how a result stands in events, files and JSON lines."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from bayesopt.checks import shown
from bayesopt.trial import Outcome

KEYS = ("value", "sd", "constraints", "cost", "info")


def outcome_to_json(outcome: Outcome) -> dict[str, Any]:
    """An outcome as JSON values; what was not given is left out.

    ``read_outcome`` takes it as a result, and :func:`outcome_from_json` gives the same outcome.
    """
    optional = {
        "sd": outcome.sd,
        "constraints": dict(outcome.constraints),
        "cost": outcome.cost,
        "info": outcome.info,
    }
    given = {key: value for key, value in optional.items() if not _is_nothing(value)}
    return {"value": outcome.value, **given}


def _is_nothing(value: object) -> bool:
    return value is None or (isinstance(value, dict) and not value)


def outcome_from_json(data: Mapping[str, Any]) -> Outcome:
    """The outcome that :func:`outcome_to_json` wrote; nothing is taken on trust.

    Raises
    ------
    ValueError : naming the key, for what no outcome can hold.
    """
    unknown = [key for key in data if key not in KEYS]
    if unknown:
        raise ValueError(f"it has the unknown key {unknown[0]!r}; expected some of {KEYS}")
    if "value" not in data:
        raise ValueError("it has no 'value'")
    constraints = data.get("constraints")
    if constraints is None:
        constraints = {}
    elif not isinstance(constraints, Mapping):
        raise ValueError(f"'constraints' must map names to numbers; got {shown(constraints)}")
    return Outcome(
        finite("value", data["value"]),
        _optional("sd", data.get("sd"), above=True),
        {name: finite(f"constraints[{name!r}]", v) for name, v in constraints.items()},
        _optional("cost", data.get("cost"), above=False),
        data.get("info"),
    )


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
