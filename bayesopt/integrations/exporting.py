"""What a space may hold that another tool's does not: said before it is lost."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from bayesopt.space import Boolean, Categorical, Constant, Float, Int, Ordinal, Parameter, Space

_KNOWN = (Float, Int, Ordinal, Categorical, Boolean, Constant)


def check_exportable(space: object, host: str) -> Space:
    """A space that ``host`` can hold, but for beliefs, which are left out with a warning.

    Raises
    ------
    TypeError, ValueError : saying what it cannot hold.
    """
    if isinstance(space, Mapping):
        space = Space(space)
    if not isinstance(space, Space):
        raise TypeError(f"expected a bayesopt.Space; got {type(space).__name__}")
    if space.constraints:
        raise ValueError(
            f"{host} has no place for the constraints of the space: {len(space.constraints)} given"
        )
    for name, parameter in space.parameters.items():
        if type(parameter) not in _KNOWN:
            raise ValueError(f"{name}: {host} has no {type(parameter).__name__}")
        if getattr(parameter, "role", "design") != "design":
            raise ValueError(f"{name}: {host} has no place for the role {parameter.role!r}")
        if parameter.prior is not None:
            warnings.warn(
                f"{name}: {host} has no place for its prior, which is left out",
                UserWarning,
                stacklevel=3,
            )
    return space


def choices_of(parameter: Parameter) -> tuple[Any, ...]:
    """The values of a parameter that lists them."""
    if isinstance(parameter, Constant):
        return (parameter.value,)
    if isinstance(parameter, Boolean):
        return (False, True)
    if isinstance(parameter, Ordinal):
        return tuple(parameter.values)
    if isinstance(parameter, Categorical):
        return tuple(parameter.choices)
    raise TypeError(f"{type(parameter).__name__} does not list its values")


def one_of(values: list[Any], when: Mapping[str, Any] | None) -> Parameter:
    """The parameter for values without an order."""
    if len(values) == 1:
        return Constant(values[0], when=when)
    if len(values) == 2 and all(isinstance(v, bool) for v in values):
        return Boolean(when=when) if values == [False, True] else Categorical(values, when=when)
    return Categorical(values, when=when)


def step_values(parameter: Parameter, most: int, refuse: Callable[[int], str]) -> list[Any]:
    """All values of a Float or Int with a step.

    Raises
    ------
    ValueError : with what ``refuse`` says of their number, for more than ``most``.
    """
    assert isinstance(parameter, Float | Int)
    assert parameter.step is not None
    n = int((parameter.high - parameter.low) / parameter.step + 1 + 1e-9)
    if n > most:
        raise ValueError(refuse(n))
    alone = Space({"it": replace(parameter, when=None)})
    rows = alone.to_rows(alone.from_cube(_centres(n)))
    return [alone.decode(row)["it"] for row in rows]


def _centres(n: int) -> Any:
    import numpy as np

    return ((np.arange(n) + 0.5) / n)[:, None]
