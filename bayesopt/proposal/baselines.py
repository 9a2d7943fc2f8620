"""Random and grid search behind the same interface, because people compare against them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from bayesopt.calls import explained_class
from bayesopt.checks import whole
from bayesopt.proposal.base import ProposalContext, Proposer, SpaceExhausted
from bayesopt.proposal.candidates import listed, none_feasible, none_found
from bayesopt.space import Space
from bayesopt.trial import Origin

Floats = NDArray[np.float64]
_FINEST = 100_000  # levels of a grid
_DRAWS = (16, 1024, 65536)  # random points drawn at once, in turn


@explained_class
@dataclass(frozen=True)
class RandomSearch(Proposer):
    """Uniform draws from the space (log-uniform where declared), never the same point twice."""

    needs_model: ClassVar[bool] = False

    def propose(self, context: ProposalContext) -> Floats:
        """A random open point (p,)."""
        space, rng = context.space, context.rng
        for n in _DRAWS:
            points = space.from_cube(rng.random((n, space.n_columns)))
            new = np.flatnonzero(context.is_new(points))
            if len(new):
                return np.asarray(points[new[0]])
        every = listed(context)
        if every is None:
            raise none_found(context, sum(_DRAWS))
        return np.asarray(every[int(rng.integers(len(every)))])


@explained_class
@dataclass(frozen=True)
class GridSearch(Proposer):
    """The points of a grid in a shuffled order, so that a cut-off grid is not a corner of the
    space.

    Attributes
    ----------
    levels : points (1 to 100,000) per numeric parameter with more values than that, ends
        included; categories are all taken.
    """

    levels: int = 5
    needs_model: ClassVar[bool] = False
    origin: ClassVar[Origin] = Origin.GRID

    def __post_init__(self) -> None:
        object.__setattr__(self, "levels", whole("levels", self.levels, 1, _FINEST))

    def propose(self, context: ProposalContext) -> Floats:
        """The next open point (p,) of the grid."""
        space = context.space
        sizes = [len(axis) for axis in self._axes(space)]
        total = (
            int(np.prod([float(s) for s in sizes]))
            if np.prod([float(s) for s in sizes]) < 2**62
            else 2**62
        )
        order = _Shuffled(total, context.seed)
        # earlier trials took the first points of the order; inactive parameters make several
        # points the same
        start, any_allowed = 0, False
        while start < total:
            block = np.array(
                [order[i] for i in range(start, min(start + 256, total))], dtype=object
            )
            points = space.snap(self._points(space, block))
            new = np.flatnonzero(context.is_new(points))
            if len(new):
                return np.asarray(points[new[0]])
            any_allowed = any_allowed or bool(space.allowed(points).any())
            start += 256
        if not any_allowed:
            grid = f"of the grid with {self.levels} levels a parameter no point meets"
            raise none_feasible(context, grid)
        raise SpaceExhausted(
            f"all points of the grid with {self.levels} levels a parameter are spent"
        )

    def _axes(self, space: Space) -> list[Floats]:
        axes = []
        for j in range(space.n_columns):
            few = np.isfinite(space.n_levels[j]) and space.n_levels[j] <= self.levels
            if few or space.is_categorical[j]:
                axes.append(np.asarray(space.level_coords(j), dtype=float))
            else:
                axes.append(
                    np.linspace(0.0, 1.0, self.levels) if self.levels > 1 else np.array([0.5])
                )
        return axes

    def _points(self, space: Space, numbers: NDArray[np.object_]) -> Floats:
        axes = self._axes(space)
        points = np.empty((len(numbers), space.n_columns))
        for i, number in enumerate(numbers):
            rest = int(number)
            for j, axis in enumerate(axes):
                rest, k = divmod(rest, len(axis))
                points[i, j] = axis[k]
        return points


class _Shuffled:
    """A permutation of range(total) that need not be stored: an affine map modulo a total's
    coprime.
    """

    def __init__(self, total: int, seed: int) -> None:
        rng = np.random.default_rng(seed)
        self._total = total
        self._offset = int(rng.integers(total))
        step = int(total * 0.618) + int(rng.integers(max(total // 100, 1)))
        while np.gcd(step, total) != 1:
            step += 1
        self._step = step

    def __getitem__(self, i: int) -> int:
        return (self._offset + i * self._step) % self._total
