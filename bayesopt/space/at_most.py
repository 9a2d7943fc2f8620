"""At most so many of some parameters may differ from zero."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import KW_ONLY, dataclass

import numpy as np
from numpy.typing import NDArray

from bayesopt.calls import explained_class
from bayesopt.checks import MOST_WHOLE, distinct_names, suggestion, whole

from .choice import Constant
from .numeric import Float, Int
from .parameter import Parameter
from .scales import Floats


@explained_class
@dataclass(frozen=True)
class AtMost:
    """At most ``k`` of the named parameters differ from zero.

    For mixtures of few out of many ingredients, as in ``AtMost(3, of=["salt", "acid", "oil"])``
    (the NChooseK constraint of formulation software).

    Parameters
    ----------
    k : at least 1.
    of : names of :class:`Float` or :class:`Int` parameters whose range contains 0.
    """

    k: int
    _: KW_ONLY
    of: tuple[str, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "k", whole("AtMost: k", self.k, 1, MOST_WHOLE))
        what = "a list of names, as in AtMost(2, of=['x', 'y', 'z'])"
        object.__setattr__(self, "of", tuple(distinct_names("AtMost: of", self.of, what)))

    def __str__(self) -> str:
        return f"at most {self.k} of {', '.join(self.of)} differ from 0"


class AtMostTest:
    """The constraint laid over the columns of a space.

    Attributes
    ----------
    columns : (c,) of the named parameters.
    zeros : (c,) coordinates of 0.

    Raises
    ------
    ValueError : for unknown names and parameters that cannot be 0.
    """

    def __init__(
        self, constraint: AtMost, parameters: Mapping[str, Parameter], column: Mapping[str, int]
    ) -> None:
        self.constraint = constraint
        zeros = []
        for name in constraint.of:
            if name not in parameters:
                raise ValueError(
                    f"constraint {constraint}: unknown parameter {name!r}"
                    f"{suggestion(name, parameters)}"
                )
            parameter = parameters[name]
            scale = parameter.scale()
            if scale is None or not isinstance(parameter, Float | Int):
                kind = "a constant" if isinstance(parameter, Constant) else "no Float or Int"
                raise ValueError(f"constraint {constraint}: {name!r} is {kind}; leave it out")
            low, high = parameter.low, parameter.high
            try:
                parameter.encode(0, name)
            except (TypeError, ValueError):
                raise ValueError(
                    f"constraint {constraint}: {name!r} cannot be 0, its range is "
                    f"[{low:g}, {high:g}]; let the range contain 0"
                ) from None
            zeros.append(float(scale.to_coords(np.zeros((1, 1)))[0, 0]))
        self.columns = np.array([column[name] for name in constraint.of], dtype=np.int64)
        self.zeros = np.array(zeros)

    def holds(self, rows: Floats, active: Callable[[str], NDArray[np.bool_]]) -> NDArray[np.bool_]:
        """(n,) whether rows (n, p), NaN where inactive, meet the constraint."""
        numbers = np.nan_to_num(rows[:, self.columns], nan=0.0)
        return np.asarray((numbers != 0.0).sum(axis=1) <= self.constraint.k)

    def thinned(self, coords: Floats, order: Floats) -> Floats:
        """Coordinates (n, p) with all but the k of greatest ``order`` (n, c) set to zero."""
        rank = np.argsort(np.argsort(-order, axis=1, kind="stable"), axis=1)
        coords = coords.copy()
        at = coords[:, self.columns]
        coords[:, self.columns] = np.where(rank < self.constraint.k, at, self.zeros)
        return coords
