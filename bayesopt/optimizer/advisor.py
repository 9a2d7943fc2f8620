"""Proposals for runs that another tool keeps: a function of what is known, with nothing
remembered.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bayesopt.acquisition import Acquisition, LogEI
from bayesopt.compiled import blas_threads
from bayesopt.design import InitialDesign
from bayesopt.optimizer import parts
from bayesopt.optimizer.model import Results, RunModel
from bayesopt.optimizer.planner import (
    design_points,
    first_open,
    fitting_stream,
    situation,
    with_model,
)
from bayesopt.proposal import AcquisitionSearch, Proposer, Situation, SpaceExhausted
from bayesopt.space import Space
from bayesopt.surrogate import Columns, MapGP, Surrogate

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Known:
    """What is known of a run at one moment.

    Attributes
    ----------
    space : the search space.
    results : of the evaluated and the failed points.
    pending : (q, p) coordinates of the points being evaluated.
    avoided : (m, p) coordinates of points that are not to be proposed again for other reasons.
    number : of the trial that is asked for; selects its random stream.
    state : ``Proposal.state`` of an earlier proposal of the run, or empty.
    """

    space: Space
    results: Results
    pending: Floats
    avoided: Floats
    number: int
    state: Mapping[str, Any] = field(default_factory=dict)

    @property
    def columns(self) -> Columns:
        """Kinds of the columns; one that lacks a value anywhere may be inactive."""
        coords = np.concatenate([self.results.coords, self.results.failed, self.pending])
        return Columns(
            self.space.is_categorical,
            self.space.is_conditional | np.isnan(coords).any(axis=0),
            self.space.columns,
        )


@dataclass(frozen=True, eq=False)
class Proposal:
    """A point to evaluate next.

    Attributes
    ----------
    coords : (p,) its coordinates.
    state : what the next proposal may start from; JSON-representable.
    from_model : False for a point of the initial design.
    repeated : the space is exhausted: the point has been evaluated before.
    """

    coords: Floats
    state: Mapping[str, Any]
    from_model: bool
    repeated: bool = False


@dataclass(frozen=True)
class Advisor:
    """The default algorithm without a run of its own.

    Attributes
    ----------
    seed : the same seed and the same knowledge make the same proposal.
    surrogate, acquisition, proposer, initial_design : as for :class:`~bayesopt.Optimizer`;
        without ``initial_design`` the model proposes from the beginning.
    """

    seed: int
    surrogate: Surrogate = field(default_factory=MapGP)
    acquisition: Acquisition = field(default_factory=LogEI)
    proposer: Proposer = field(default_factory=AcquisitionSearch)
    initial_design: InitialDesign | None = field(default_factory=InitialDesign)

    @classmethod
    def of(
        cls,
        seed: int,
        *,
        surrogate: Surrogate | None,
        acquisition: Acquisition | None,
        initial_design: InitialDesign | None,
    ) -> Advisor:
        """The advisor with the given parts; None stands for the default surrogate or acquisition.

        Raises
        ------
        TypeError : for a part of the wrong kind.
        """
        given = {"surrogate": surrogate, "acquisition": acquisition}
        chosen = parts.complete({**dict.fromkeys(parts.KINDS), **given}, {})
        return cls(seed, chosen["surrogate"], chosen["acquisition"], initial_design=initial_design)

    def propose(self, known: Known, *, attempt: int = 0) -> Proposal:
        """The next point; another ``attempt`` at the same trial draws from another stream.

        When every legal point is taken, one of them is proposed once more: the best by the
        acquisition, which knows of noise, among those that are not pending.

        Raises
        ------
        SpaceExhausted : when even then there is none, as known constraints allow no point.
        """
        with blas_threads():
            taken = np.concatenate(
                [known.results.coords, known.results.failed, known.pending, known.avoided]
            )
            at = situation(known.space, taken, self.seed, known.number, attempt=attempt)
            initial = self._next_of_design(known, at)
            if initial is not None:
                return Proposal(initial, known.state, from_model=False)
            model = self._fit(known)
            # all that is taken, or only what is pending, or nothing
            for i, off_limits in enumerate((taken, known.pending, taken[:0])):
                guided = replace(at, taken=off_limits)
                guided = with_model(guided, model, known.pending, self.acquisition)
                try:
                    coords = self.proposer.propose(guided)
                    return Proposal(coords, model.state, from_model=True, repeated=i > 0)
                except SpaceExhausted as error:
                    exhausted = error
            raise exhausted

    def _next_of_design(self, known: Known, at: Situation) -> Floats | None:
        if self.initial_design is None:
            return None
        size = self.initial_design.size(known.space, None)
        begun = len(known.results.coords) + len(known.results.failed) + len(known.pending)
        if begun >= size:
            return None
        return first_open(design_points(self.initial_design, known.space, size, self.seed), at)

    def _fit(self, known: Known) -> RunModel:
        n = len(known.results.coords) + len(known.results.failed)
        return RunModel.fit(
            known.results,
            known.columns,
            self.surrogate,
            known.state,
            fitting_stream(self.seed, n),
        )
