"""A run's results and their model, at one moment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from bayesopt.checks import one_of
from bayesopt.compiled import blas_threads
from bayesopt.output import Output
from bayesopt.strategy import Cache, ProposalConfig, RunData, RunModel, fit
from bayesopt.surrogate import Observations

_LEAST = 2


@dataclass(frozen=True, eq=False)
class FittedRun:
    """What is known of a run and its model, for questions to the model.

    Attributes
    ----------
    data : the results, as they were at that moment.
    config : the parts of the algorithm.
    state : what the model is fitted from.
    cache : the model, where it has been fitted already.
    """

    data: RunData
    config: ProposalConfig
    state: Mapping[str, Any] = field(default_factory=dict)
    cache: Cache = field(default_factory=Cache)

    @cached_property
    def model(self) -> RunModel:
        """The model of the results."""
        with blas_threads(1):
            return fit(self.data, self.config, state=self.state, cache=self.cache)

    def output(self, name: str | None) -> Output:
        """The output of a name; None: the first objective.

        Raises
        ------
        ValueError : for a name that is no objective or constraint.
        """
        problem = self.data.problem
        known = {o.name: o for o in (*problem.constraints, *problem.objectives)}
        if name is None:
            return problem.objectives[0]
        return known[one_of("output", name, known)]

    def observations(self, output: Output) -> Observations:
        """What the surrogate of an output is fitted to."""
        measured = next((m for m in self.data.measured if m.output == output), None)
        if measured is None or measured.reported.sum() < _LEAST:
            raise ValueError(
                f"{output.name!r} has fewer than {_LEAST} values: nothing can be said of it yet"
            )
        return measured.observations(
            self.data.evaluated_coords, deterministic=self.data.problem.deterministic
        )
