"""Which parameters are active at a point: `when`, resolved over a whole space."""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from graphlib import CycleError, TopologicalSorter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bayesopt.checks import suggestion

from .parameter import Parameter
from .scale_blocks import ScaleBlocks
from .scales import Floats, Scale

Mask = NDArray[np.bool_]


class Conditions:
    """The conditions of every parameter of a space.

    Parameters
    ----------
    parameters : all parameters by name; what their ``when`` says is checked here.
    column : name -> column, for the parameters that have one.
    columns : the columns themselves.

    Attributes
    ----------
    order : all names, parents before their children.
    needs : child -> parent -> the numbers that the parent may have in a row.
    """

    def __init__(
        self, parameters: Mapping[str, Parameter], column: Mapping[str, int], columns: ScaleBlocks
    ) -> None:
        self.order = _parents_first(parameters)
        self.needs = {
            name: {
                parent: _numbers(name, parent, parameters[parent], values)
                for parent, values in parameters[name].conditions.items()
            }
            for name in self.order
            if parameters[name].conditions
        }
        self._column = column
        self._columns = columns
        self._tolerance = columns.tolerance
        self._targets = self._find_targets()

    def within(self, left: Mapping[str, frozenset[float]]) -> Conditions:
        """The conditions where parents have only the numbers that are left to them."""
        part = copy(self)
        part.needs = {
            name: {
                parent: numbers & left.get(parent, numbers) for parent, numbers in needs.items()
            }
            for name, needs in self.needs.items()
        }
        part._targets = part._find_targets()
        return part

    def _find_targets(self) -> dict[tuple[str, str], Floats]:
        """The coordinates that each parent may have."""
        return {
            (name, parent): _places(self._columns.scales[self._column[parent]], numbers)
            for name, parents in self.needs.items()
            for parent, numbers in parents.items()
            if parent in self._column
        }

    def holds(self, name: str, row: Mapping[str, float]) -> bool:
        """Whether a parameter is active, given the numbers of all active parents in a row."""
        needs = self.needs.get(name, {})
        return all(parent in row and row[parent] in allowed for parent, allowed in needs.items())

    def active(self, coords: Floats) -> dict[str, Mask]:
        """Conditional parameter -> (n,) whether it is active at coordinates (n, p)."""
        found: dict[str, Mask] = {}
        for name in self.order:
            if name in self.needs:
                found[name] = self.active_one(name, coords, found)
        return found

    def active_one(self, name: str, coords: Floats, found: Mapping[str, Mask]) -> Mask:
        """(n,) whether ``name`` is active; ``found`` has the masks of its conditional parents."""
        mask = np.ones(len(coords), dtype=bool)
        for parent in self.needs.get(name, {}):
            if parent in found:
                mask &= found[parent]
            if parent in self._column:  # a constant's value was checked when it was read
                j = self._column[parent]
                distance = np.abs(coords[:, j, None] - self._targets[name, parent])
                mask &= (distance <= self._tolerance[j]).any(axis=1)
        return mask


def _parents_first(parameters: Mapping[str, Parameter]) -> tuple[str, ...]:
    for name, parameter in parameters.items():
        for parent in parameter.conditions:
            if parent not in parameters:
                raise ValueError(
                    f"{name}: when names the unknown parameter {parent!r}"
                    f"{suggestion(parent, parameters)}"
                )
    sorter = TopologicalSorter({n: list(p.conditions) for n, p in parameters.items()})
    try:
        return tuple(sorter.static_order())
    except CycleError as error:
        ring = " -> ".join(reversed(error.args[1]))
        raise ValueError(
            f"the conditions run in a circle: {ring}; remove `when` from one of them"
        ) from None


def _numbers(
    name: str, parent: str, parameter: Parameter, values: tuple[Any, ...]
) -> frozenset[float]:
    scale = parameter.scale()
    if scale is not None and np.isinf(scale.n_levels).any():
        raise ValueError(
            f"{name}: when={{{parent!r}: ...}} asks a continuous Float for exact values; "
            "give the parent a step, or make it an Ordinal"
        )
    try:
        return frozenset(parameter.encode(value, f"{parent!r}") for value in values)
    except (TypeError, ValueError) as error:
        hint = "; several values are written as a list" if isinstance(values[0], tuple) else ""
        raise type(error)(
            f"{name}: when asks {parent!r} for a value that it cannot take: {error}{hint}"
        ) from None


def _places(scale: Scale, numbers: frozenset[float]) -> Floats:
    return scale.to_coords(np.array(sorted(numbers))[:, None])[:, 0]
