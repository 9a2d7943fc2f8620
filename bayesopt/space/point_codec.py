"""Between a point as the user has it, a mapping, and the row of numbers that stands for it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from bayesopt.checks import listed, shown, suggestion

from .conditions import Conditions
from .parameter import Parameter
from .scales import Floats


class IncompletePoint(ValueError):
    """A point lacks the value of a parameter."""


def read_parameters(
    mapping: Mapping[str, Parameter] | None, named: Mapping[str, Parameter]
) -> dict[str, Parameter]:
    """Join the parameters that a space is made of.

    Raises
    ------
    TypeError, ValueError : for names that are no text or given twice, for what is no parameter.
    """
    if mapping is not None and not isinstance(mapping, Mapping):
        raise TypeError(f"Space takes a mapping of names to parameters; got {shown(mapping)}")
    merged: dict[str, Parameter] = {}
    for name, parameter in [*(mapping or {}).items(), *named.items()]:
        if not isinstance(name, str) or not name:
            raise TypeError(f"a parameter's name must be a non-empty string; got {shown(name)}")
        if name in merged:
            raise ValueError(f"{name}: given twice; remove one of them")
        if not isinstance(parameter, Parameter):
            raise TypeError(
                f"{name}: expected a parameter such as Float(0, 1), Categorical([...]) or "
                f"Constant(...); got {shown(parameter)}"
            )
        merged[name] = parameter
    if not merged:
        raise ValueError("a space needs at least one parameter, as in Space(x=Float(0, 1))")
    return merged


def encode(
    params: Mapping[str, Any],
    parameters: Mapping[str, Parameter],
    column: Mapping[str, int],
    conditions: Conditions,
    outside: bool,
) -> Floats:
    """Row (p,) of a point; see :meth:`Space.encode`."""
    if not isinstance(params, Mapping):
        raise TypeError(f"a point must be a mapping of names to values; got {shown(params)}")
    for name in params:
        if name not in parameters:
            raise ValueError(
                f"unknown parameter {shown(name)}{suggestion(name, parameters)}; "
                f"expected {listed(parameters)}"
            )
    numbers: dict[str, float] = {}
    row = np.full(len(column), np.nan)
    for name in conditions.order:
        if name not in parameters:  # a descriptor
            continue
        parameter = parameters[name]
        if not conditions.holds(name, numbers):
            if name in params and not _says_nothing(params[name]):
                raise ValueError(
                    f"{name}: is inactive at this point, where it would need "
                    f"{_wanted(parameter)}; leave it out"
                )
        elif name in params:
            numbers[name] = parameter.encode(params[name], name, outside=outside)
        elif name in column:
            raise IncompletePoint(f"{name}: missing from the point {shown(dict(params))}")
        else:
            numbers[name] = 0.0
        if name in column and name in numbers:
            row[column[name]] = numbers[name]
    return row


def _says_nothing(value: object) -> bool:
    """Whether a value stands for none, as tables have it where a parameter is inactive."""
    return value is None or (isinstance(value, float) and math.isnan(value))


def _wanted(parameter: Parameter) -> str:
    needs = parameter.conditions.items()
    return " and ".join(f"{parent} = {' or '.join(map(repr, values))}" for parent, values in needs)


def decode(
    row: Floats,
    parameters: Mapping[str, Parameter],
    column: Mapping[str, int],
    conditions: Conditions,
) -> dict[str, Any]:
    """Point of a row (p,); see :meth:`Space.decode`."""
    values = row.tolist()
    numbers = {name: v for name, j in column.items() if (v := values[j]) == v}  # no NaN
    for name in conditions.order:
        if name not in column and conditions.holds(name, numbers):
            numbers[name] = 0.0
    return {name: p.decode(numbers[name]) for name, p in parameters.items() if name in numbers}
