"""Bounds that are other parameters, ``Int(1, "n")``: the space makes a constraint of each."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bayesopt.checks import listed, shown, suggestion

from .linear import LinearConstraint
from .numeric import Float, Int
from .parameter import Parameter

_ENDS = (("low", -1.0), ("high", 1.0))


def bounded_by_others(
    parameters: Mapping[str, Parameter],
) -> tuple[dict[str, Parameter], list[LinearConstraint]]:
    """Parameters with numbers as bounds, and the constraints that the names stand for.

    ``high="n"`` is the largest value of ``n``, and the constraint that the parameter is at most
    ``n`` where both are active; ``low`` likewise.

    Raises
    ------
    ValueError : naming the parameter, for a name that no number can be had of.
    """
    found: dict[str, Parameter] = {}
    constraints: list[LinearConstraint] = []
    for name, parameter in parameters.items():
        found[name] = parameter
        if not isinstance(parameter, Float | Int):
            continue
        bounds: dict[str, Any] = {}
        for end, sign in _ENDS:
            other = getattr(parameter, end)
            if isinstance(other, str):
                number = _bound(name, end, parameters, (name,))
                whole = math.floor if end == "high" else math.ceil
                bounds[end] = whole(number) if isinstance(parameter, Int) else number
                weights = {name: sign, other: -sign}
                constraints.append(LinearConstraint(weights, upper=0.0, if_active=True))
        if bounds:
            try:
                found[name] = replace(parameter, **bounds)
            except ValueError as error:
                raise ValueError(f"{name}: {error}") from None
    return found, constraints


def _bound(
    name: str, end: str, parameters: Mapping[str, Parameter], seen: tuple[str, ...]
) -> float:
    """What an end of a parameter is at most (low: at least), whatever the others are."""
    other = getattr(parameters[name], end)
    if not isinstance(other, str):
        return float(other)
    numbers = [n for n, p in parameters.items() if isinstance(p, Float | Int) and n not in seen]
    if other in seen:
        raise ValueError(f"{seen[0]}: {end} leads back to {shown(other)}; one must be a number")
    if other not in numbers:
        why = "" if other not in parameters else ", which is no Float or Int"
        raise ValueError(
            f"{name}: {end} must be a number or another Float or Int; got {shown(other)}{why}"
            f"{suggestion(other, numbers)}; there are: {listed(numbers) or 'none'}"
        )
    return _bound(other, end, parameters, (*seen, other))
