"""Points that meet linear constraints by construction, where drawn ones hardly ever do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from .at_most import AtMostTest
from .conditions import Conditions
from .linear import LinearTest
from .polytope import Polytope
from .scale_blocks import ScaleBlocks
from .scales import Floats
from .slab import Slab
from .term import Term

Mask = NDArray[np.bool_]
_CACHED = 512  # patterns of active columns whose sets are kept
_DIGITS = 64.0  # the digits of a cube coordinate below this share are used a second time
_GOLDEN = 0.6180339887498949


class FeasibleSet:
    """What linear and at-most constraints allow, over all columns and their conditions.

    Parameters
    ----------
    linear, at_most : the constraints, laid over the columns.
    columns, conditions, column : of the space.
    middle : (p,) coordinates that a column gets when it becomes active.
    """

    def __init__(
        self,
        linear: Sequence[LinearTest],
        at_most: Sequence[AtMostTest],
        columns: ScaleBlocks,
        conditions: Conditions,
        column: Mapping[str, int],
        middle: Floats,
    ) -> None:
        self._linear, self._at_most = tuple(linear), tuple(at_most)
        self._columns, self._conditions, self._column = columns, conditions, column
        self._middle = middle
        self._blocks = [
            _Block(tests, columns) for tests in self._ordered(_connected(self._linear))
        ]

    def spread(self, cube: Floats) -> Floats:
        """Legal coordinates (n, p), evenly spread for evenly spread points (n, p) of the cube.

        Where there is none for the categories drawn, the coordinates meet the constraints as
        nearly as they can.
        """
        coords = self._columns.from_cube(cube)
        for test in self._at_most:
            order = cube[:, test.columns]
            cube = cube.copy()
            cube[:, test.columns] = (order * _DIGITS) % 1.0  # what is kept would be large only
            kept = self._columns.from_cube(cube)
            coords[:, test.columns] = kept[:, test.columns]
            coords = test.thinned(coords, order)
        return self._met(coords, cube)

    def nearest(self, coords: Floats) -> Floats:
        """Legal coordinates (n, p) near the given ones, NaN where inactive; legal ones stay."""
        coords = np.where(np.isnan(coords), self._middle, coords)
        for test in self._at_most:
            active = self._active(coords)[:, test.columns]
            size = np.where(active, np.abs(coords[:, test.columns] - test.zeros), 0.0)
            many = (size > 0.0).sum(axis=1) > test.constraint.k
            coords[many] = test.thinned(coords[many], size[many])
        return self._met(coords, None)

    def _off(self, coords: Floats) -> Mask:
        """(n, p) columns that must stay zero; which of several may leave it is up to chance."""
        off = np.zeros(coords.shape, dtype=bool)
        chance = (np.nan_to_num(coords).sum(axis=1, keepdims=True) * 1e4) % 1.0
        for test in self._at_most:
            zero = coords[:, test.columns] == test.zeros
            free = test.constraint.k - (~zero).sum(axis=1, keepdims=True)
            order = (chance + _GOLDEN * np.arange(len(test.columns))) % 1.0
            rank = np.argsort(np.argsort(np.where(zero, order, 2.0), axis=1), axis=1)
            off[:, test.columns] |= zero & (rank >= free)
        return off

    def _met(self, coords: Floats, cube: Floats | None) -> Floats:
        """The coordinates (n, p), changed in place to meet the linear constraints, NaN where
        inactive; see :meth:`_Block.apply`.
        """
        off = self._off(coords)
        for block in self._blocks:
            found = self._conditions.active(coords)
            block.apply(coords, self._mask(coords, found) & ~off, found, cube)
        coords[~self._active(coords)] = np.nan
        return coords

    def _active(self, coords: Floats) -> Mask:
        return self._mask(coords, self._conditions.active(coords))

    def _mask(self, coords: Floats, found: Mapping[str, Mask]) -> Mask:
        """(n, p) whether each column is active, from what was found of the conditional ones."""
        mask = np.ones(coords.shape, dtype=bool)
        for name, active in found.items():
            if name in self._column:
                mask[:, self._column[name]] = active
        return mask

    def _ordered(self, groups: list[list[LinearTest]]) -> list[list[LinearTest]]:
        """Groups of constraints; those whose columns switch others on come first."""
        place = {name: i for i, name in enumerate(self._conditions.order)}
        names = {j: name for name, j in self._column.items()}

        def last(tests: list[LinearTest]) -> int:
            return max((place[names[j]] for t in tests for _, j, _ in t.terms), default=0)

        return sorted(groups, key=last)


class _Block:
    """Linear constraints that share columns."""

    def __init__(self, tests: list[LinearTest], columns: ScaleBlocks) -> None:
        self._tests = tests
        found: dict[int, Term] = {}
        for test in tests:
            for coefficient, j, listed in test.terms:
                if coefficient != 0.0:
                    found.setdefault(j, Term(j, coefficient, columns.scales[j], listed))
        self._terms = list(found.values())
        self._at = np.array(list(found), dtype=np.int64)
        self._coefficients = np.array(
            [[sum(c for c, j, _ in test.terms if j == at) for at in found] for test in tests]
        ).reshape(len(tests), len(found))
        bounds = [test.constraint for test in tests]
        self._upper = np.array([np.inf if b.upper is None else b.upper for b in bounds])
        self._lower = np.array([-np.inf if b.lower is None else b.lower for b in bounds])
        self._sets: dict[bytes, tuple[list[int], Slab | Polytope]] = {}

    def apply(
        self, coords: Floats, active: Mask, given: Mapping[str, Mask], cube: Floats | None
    ) -> None:
        """Change coordinates (n, p) so that the constraints hold, in place: to points spread
        over what they allow when there is a cube (n, p), else to near ones.

        ``active`` (n, p) says of each column, ``given`` of each conditional parameter by name
        (constants included) whether it is active.
        """
        spent = np.zeros((len(coords), len(self._tests)))
        for i, test in enumerate(self._tests):
            for part, name in test.constants:
                spent[:, i] += part * given[name] if name in given else part
        free = np.array([self._free(test, given, len(coords)) for test in self._tests]).T
        key = np.concatenate([active[:, self._at], spent, free], axis=1)
        patterns, group = np.unique(key, axis=0, return_inverse=True)
        for g, pattern in enumerate(patterns):
            rows = np.flatnonzero(group.ravel() == g)
            on, allowed = self._set(pattern)
            if not on:
                continue
            at = self._at[on]
            where = np.ix_(rows, at)
            if cube is None:
                coords[where] = allowed.nearest(coords[where])
                continue
            found = allowed.spread(cube[where])
            coords[where] = np.where(np.isnan(found), coords[where], found)

    @staticmethod
    def _free(test: LinearTest, given: Mapping[str, Mask], n: int) -> Mask:
        """(n,) whether points need not meet it, as a parameter of it is inactive."""
        if not test.constraint.if_active:
            return np.zeros(n, dtype=bool)
        everywhere = np.ones(n, dtype=bool)
        return ~test.asked_for(lambda name: given.get(name, everywhere))

    def _set(self, pattern: Floats) -> tuple[list[int], Slab | Polytope]:
        key = pattern.tobytes()
        if key not in self._sets:
            if len(self._sets) >= _CACHED:
                self._sets.clear()
            k = len(self._at)
            on = [int(j) for j in np.flatnonzero(pattern[:k])]
            terms = tuple(self._terms[j] for j in on)
            spent, free = np.split(pattern[k:], 2)
            upper = np.where(free, np.inf, self._upper - spent)
            lower = np.where(free, -np.inf, self._lower - spent)
            allowed = (
                Slab(terms, float(lower[0]), float(upper[0]))
                if len(self._tests) == 1
                else Polytope(terms, self._coefficients[:, on], lower, upper)
            )
            self._sets[key] = (on, allowed)
        return self._sets[key]


def _connected(tests: Sequence[LinearTest]) -> list[list[LinearTest]]:
    """Groups of constraints that share columns, directly or by others."""
    groups: list[tuple[set[int], list[LinearTest]]] = []
    for test in tests:
        columns, members = {j for _, j, _ in test.terms}, [test]
        apart = []
        for others, theirs in groups:
            if others & columns:
                columns, members = columns | others, theirs + members
            else:
                apart.append((others, theirs))
        groups = [*apart, (columns, members)]
    return [members for columns, members in groups if columns]
