"""The part of the space of outputs that a front leaves free, as disjoint boxes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bayesopt.acquisition.front import checked, nondominated
from bayesopt.compiled import floats, integers
from bayesopt.compiled import hypervolume as kernels

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class FreeBoxes:
    """Disjoint boxes that fill what no point of a front dominates, below a reference point.

    By local upper bounds (Lacour, Klamroth & Fonseca 2017): N + 1 boxes for a front of N points
    and two objectives, at most 2 N + 1 for three, O(N²) for four. Boxes have few different sides;
    they are stored as levels of each objective, sides between levels, and boxes of sides.

    Attributes
    ----------
    front : (N, m) the non-dominated points below the reference point in every objective.
    reference : (m,) the reference point.
    levels : (m, N + 2) ascending coordinates: -inf, those of the front, that of the reference.
    sides : (T, 3) an objective, and the indices of the lower and the upper level.
    boxes : (K, m) each box's side in each objective, an index into ``sides``.
    """

    front: Floats
    reference: Floats
    levels: Floats
    sides: Integers
    boxes: Integers

    @classmethod
    def of(cls, points: Floats, reference: Floats) -> FreeBoxes:
        """The boxes for any finite points (n, m), to be minimised, m >= 1; n may be 0.

        Points that are dominated, equal to another, or not below the reference point do not
        matter.

        Raises
        ------
        ValueError : for shapes that do not fit or numbers that are not finite.
        """
        points, reference = checked(points, reference)
        front = np.unique(points[(points < reference).all(axis=1)], axis=0)
        front = front[nondominated(front)]
        n, m = front.shape
        order = np.argsort(front, axis=0, kind="stable")
        ranks = np.empty((n, m), dtype=np.int64)
        np.put_along_axis(ranks, order, np.arange(1, n + 1)[:, None], axis=0)
        lower, upper = kernels.free_boxes(integers(ranks))
        levels = np.concatenate(
            [np.full((1, m), -np.inf), np.take_along_axis(front, order, axis=0), reference[None]]
        ).T
        objective = np.arange(m)
        solid = (levels[objective, lower] < levels[objective, upper]).all(axis=1)
        lower, upper = lower[solid], upper[solid]
        described = np.stack([np.broadcast_to(objective, lower.shape), lower, upper], axis=2)
        sides, boxes = np.unique(described.reshape(-1, 3), axis=0, return_inverse=True)
        return cls(
            front, reference, floats(levels), integers(sides), integers(boxes.reshape(-1, m))
        )

    @property
    def lower(self) -> Floats:
        """(K, m) lower corners; -inf where a box is unbounded."""
        chosen = self.sides[self.boxes]
        return np.asarray(self.levels[chosen[:, :, 0], chosen[:, :, 1]])

    @property
    def upper(self) -> Floats:
        """(K, m) upper corners."""
        chosen = self.sides[self.boxes]
        return np.asarray(self.levels[chosen[:, :, 0], chosen[:, :, 2]])
