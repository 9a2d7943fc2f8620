"""Bounds that are other parameters, as a document may have them: ``high = "n"``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bayesopt.checks import listed, shown, suggestion

from .linear import LinearConstraint

_NUMERIC = ("float", "int")


def bounded_by_others(
    tables: Mapping[str, Any],
) -> tuple[dict[str, Any], list[LinearConstraint]]:
    """Tables of parameters with numbers as bounds, and the constraints that the names stand for.

    ``high = "n"`` is the largest value of ``n`` and the constraint that the parameter is at most
    ``n``; ``low`` likewise.

    Raises
    ------
    TypeError, ValueError : naming the parameter, for a name that no number can be had of.
    """
    found: dict[str, Any] = {}
    constraints: list[LinearConstraint] = []
    for name, entry in tables.items():
        changed = entry
        if isinstance(entry, Mapping) and entry.get("type") in _NUMERIC:
            for end, sign in (("low", -1.0), ("high", 1.0)):
                other = entry.get(end)
                if isinstance(other, str):
                    changed = {**changed, end: _bound(name, end, other, tables)}
                    weights = {name: sign, other: -sign}
                    constraints.append(LinearConstraint(weights, upper=0.0))
        found[name] = changed
    return found, constraints


def _bound(name: str, end: str, other: str, tables: Mapping[str, Any]) -> Any:
    entry = tables.get(other)
    others = [n for n in tables if n != name]
    if other == name or not isinstance(entry, Mapping):
        raise TypeError(
            f"{name}: {end} must be a finite number or another parameter"
            f"{suggestion(other, others)}; got {shown(other)}; "
            f"there are: {listed(others) or 'none'}"
        )
    bound = entry.get(end)
    if entry.get("type") not in _NUMERIC or isinstance(bound, bool | str):
        raise ValueError(
            f"{name}: {end} is {shown(other)}, which must be a float or int whose own {end} is a "
            "number"
        )
    return bound
