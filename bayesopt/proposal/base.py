"""The interface of proposers: from what is known of a run to the next point."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from bayesopt.acquisition import Score
from bayesopt.space import Space

Floats = NDArray[np.float64]


class SpaceExhausted(Exception):
    """Every legal point of the space has been evaluated, has failed or is pending."""


class Trust(Enum):
    """How far the surrogate can be a guide."""

    KEPT = "it has foretold results at least as well as a constant would have"
    LOST = "it has foretold the latest results worse than their mean and spread would have"
    NONE = "all results are equal: there is nothing to tell from them"


@dataclass(frozen=True, eq=False)
class Situation:
    """What a proposer may know when it is asked for a point.

    Attributes
    ----------
    space : the search space.
    taken : (m, p) coordinates never to be proposed again: evaluated, failed and pending points.
    centers : (k, p) coordinates of the evaluated points, the best by the model first; may be
        empty.
    bind : makes the acquisition's score, given candidates that will be looked at; None for
        proposers without ``needs_model``.
    rng : this proposal's own random stream.
    number : the trial's number.
    seed : a number that all trials of the run share.
    constrained : whether the score has the probabilities of outcome constraints in it.
    trust : how far the surrogate behind the score can be a guide.
    """

    space: Space
    taken: Floats
    centers: Floats
    bind: Callable[[Floats], Score] | None
    rng: np.random.Generator
    number: int
    seed: int
    constrained: bool = False
    trust: Trust = Trust.KEPT

    def is_new(self, coords: Floats) -> NDArray[np.bool_]:
        """(B,) whether each legal point (B, p) is not taken and meets the known constraints."""
        fresh = self.is_untaken(coords)
        if self.space.has_constraints and fresh.any():
            fresh[fresh] = self.space.allowed(coords[fresh])
        return fresh

    def is_untaken(self, coords: Floats) -> NDArray[np.bool_]:
        """(B,) whether each legal point (B, p) is not taken."""
        if not len(self.taken) or not len(coords):
            return np.ones(len(coords), dtype=bool)
        return np.asarray(~self.space.same(coords, self.taken).any(axis=1))


class Proposer(ABC):
    """A configuration of how the next point is found; immutable.

    Attributes
    ----------
    needs_model : whether the surrogate is fitted and an initial design is evaluated first.
    """

    needs_model: ClassVar[bool] = True

    def explores(self, situation: Situation) -> bool:
        """Whether the point will be one that the surrogate has no part in."""
        return False

    @abstractmethod
    def propose(self, situation: Situation) -> Floats:
        """Coordinates (p,) of a legal, allowed point that is not taken.

        Raises
        ------
        SpaceExhausted : when there is none.
        """
