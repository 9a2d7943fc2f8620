"""Branches: what the values of a category decide, where other parameters depend on it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from .choice import Categorical
from .scales import Floats

if TYPE_CHECKING:
    from .space import Space


@dataclass(frozen=True)
class Branch:
    """The points with one value of a categorical parameter that is always active, where others
    are active for this value and not for all.

    Attributes
    ----------
    name : of the categorical parameter.
    number : in a row and in coordinates, of its value here.
    """

    name: str
    number: float

    def has(self, space: Space, coords: Floats) -> NDArray[np.bool_]:
        """(n,) whether coordinates (n, p) are in the branch."""
        return np.asarray(coords[:, space.columns.index(self.name)] == self.number)

    def middle(self, space: Space) -> Floats:
        """Coordinates (p,) of the defaults, or the middle, with this value."""
        value = space.parameters[self.name].decode(self.number)
        return space.fix({self.name: value}).default_coords()


def branches(space: Space) -> list[Branch]:
    """The branches of a space, in the order of its parameters and of their values."""
    found: dict[str, dict[float, None]] = {}
    for parameter in space.parameters.values():
        for name, values in parameter.conditions.items():
            parent = space.parameters[name]
            if name in space.columns and isinstance(parent, Categorical) and not parent.conditions:
                numbers = [parent.encode(value, name) for value in values]
                found.setdefault(name, {}).update(dict.fromkeys(numbers))
    return [Branch(name, number) for name in space.columns for number in found.get(name, ())]
