"""The part of a space in which some parameters have given values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bayesopt.checks import listed, suggestion

from .conditions import Conditions
from .parameter import Parameter

Allowed = dict[str, frozenset[float]]


def left(
    params: Mapping[str, Any], parameters: Mapping[str, Parameter], conditions: Conditions
) -> Allowed:
    """The numbers in rows that are left to parameters when some have given values.

    A parameter that has a value is active, so its parents have values for which it is.

    Raises
    ------
    TypeError, ValueError : for unknown names, impossible values, and values that exclude each
        other.
    """
    for name in params:
        if name not in parameters:
            raise ValueError(
                f"unknown parameter {name!r}{suggestion(name, parameters)}; "
                f"expected {listed(parameters)}"
            )
    found: Allowed = {
        name: frozenset([parameters[name].encode(value, name)]) for name, value in params.items()
    }
    active = set(params)
    for name in reversed(conditions.order):  # children before their parents
        for parent, numbers in conditions.needs.get(name, {}).items() if name in active else ():
            both = found.get(parent, numbers) & numbers
            if not both:
                values = [parameters[parent].decode(number) for number in sorted(found[parent])]
                raise ValueError(
                    f"{name}: is inactive where {parent} is {listed(values)}, "
                    "so it can have no value there; leave one of them out"
                )
            found[parent] = both
            active.add(parent)
    return found
