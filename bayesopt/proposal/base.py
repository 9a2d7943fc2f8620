"""The interface of proposers: from what is known of a run to the next point."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from numpy.typing import NDArray

from bayesopt.acquisition import Acquisition, AcquisitionContext, Score
from bayesopt.space import Space
from bayesopt.trial import Origin

if TYPE_CHECKING:
    from bayesopt.acquisition import MultiObjectiveContext

Floats = NDArray[np.float64]


_NOTHING_KNOWN = AcquisitionContext(None, ())


class SpaceExhausted(Exception):
    """Every legal point of the space has been evaluated, has failed or is pending."""


class NoFeasiblePoint(SpaceExhausted):
    """No new point was found that meets the known constraints.

    Attributes
    ----------
    constraints : names of those that leave no point, as :meth:`~bayesopt.Space.unmet` finds them.
    """

    def __init__(self, message: str, constraints: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.constraints = constraints


class ModelReliability(Enum):
    """Whether model predictions should guide the search."""

    RELIABLE = "recent predictions are at least as good as a constant baseline"
    DOUBTED = "recent predictions are no better than the mean and spread of the results"
    UNINFORMED = "all results are equal: there is nothing to tell from them"


@dataclass(frozen=True, eq=False)
class Evaluated:
    """The results of a run with one objective, to be minimised.

    Attributes
    ----------
    coords : (n, p) evaluated points.
    values : (n,) the objective's values.
    gradients : (n, p) its derivatives in the coordinates, NaN where unknown.
    """

    coords: Floats
    values: Floats
    gradients: Floats


@dataclass(frozen=True, eq=False)
class ProposalContext:
    """What a proposer may know when it is asked for a point.

    Attributes
    ----------
    space : the search space.
    taken : (m, p) coordinates never to be proposed again: evaluated, failed and pending points.
    centers : (k, p) coordinates of the evaluated points, the best by the model first; may be
        empty.
    n_front : how many of these, the first ones, are the front of several objectives.
    rng : this proposal's own random stream.
    number : the trial's number.
    seed : a number that all trials of the run share.
    acquisition : what :meth:`score` is made of; None for proposers without ``needs_model``.
    posterior : the posterior state at which the acquisition is evaluated; of several objectives a
        ``MultiObjectiveContext``.
    reliability : whether the surrogate's predictions should guide the search.
    held : names of the parameters that were fixed at their targets: fidelity and task.
    evaluated : the results, for proposers without ``needs_model``.
    second_region : whether ``posterior`` keeps the search to a second region, because it has
        settled in the first.
    spread : (k, p) points spread over the space, the first open one of which is taken where a
        search in a second region begins; None elsewhere.
    """

    space: Space
    taken: Floats
    centers: Floats
    rng: np.random.Generator
    number: int
    seed: int
    acquisition: Acquisition | None = None
    posterior: AcquisitionContext | MultiObjectiveContext = _NOTHING_KNOWN
    reliability: ModelReliability = ModelReliability.RELIABLE
    held: Collection[str] = ()
    evaluated: Evaluated | None = None
    second_region: bool = False
    spread: Floats | None = None
    n_front: int = 0

    @property
    def constrained(self) -> bool:
        """Whether the score has the probabilities of outcome constraints in it."""
        return self.posterior.constrained

    def score(self, candidates: Floats) -> Score:
        """The acquisition as a function over points, given candidates (B, p) that will be looked
        at.

        Raises
        ------
        TypeError : when there is no acquisition.
        """
        if self.acquisition is None:
            raise TypeError("there is no acquisition: say needs_model = True in the proposer")
        return self.acquisition.bind(self.posterior, candidates, self.rng)

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

    def first_open(self, points: Floats) -> Floats | None:
        """The first of some legal points (k, p) that is open; None when none is."""
        new = self.is_new(points)
        return np.asarray(points[int(np.argmax(new))]) if new.any() else None


class Proposer(ABC):
    """A configuration of how the next point is found; immutable.

    Attributes
    ----------
    needs_model : whether the surrogate is fitted and an initial design is evaluated first.
    """

    needs_model: ClassVar[bool] = True

    @property
    def origin(self) -> Origin:
        """What a run says of the points' origin."""
        return Origin.MODEL if self.needs_model else Origin.RANDOM

    def explores(self, context: ProposalContext) -> bool:
        """Whether the next point is for exploration, without the surrogate.

        It is then taken from a set spread over the space, and :meth:`propose` is not asked.
        """
        return False

    def leaves_settled(self, context: ProposalContext) -> bool:
        """Whether the next point is searched in a second region where the search has settled in
        the first.
        """
        return False

    @abstractmethod
    def propose(self, context: ProposalContext) -> Floats:
        """Coordinates (p,) of a legal, allowed point that is not taken.

        Raises
        ------
        SpaceExhausted : when there is none.
        NoFeasiblePoint : of these, when it is the known constraints that leave none, or none
            that was found.
        """
