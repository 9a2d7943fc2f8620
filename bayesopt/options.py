"""The options that functions pass on to ``Optimizer``, for type checkers and editors.

A test compares them with ``Optimizer``'s own parameters.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypedDict

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from bayesopt.acquisition import Acquisition
    from bayesopt.budget import Budget
    from bayesopt.design import InitialDesign
    from bayesopt.proposal import Proposer
    from bayesopt.stopping import StoppingRule
    from bayesopt.storage import Storage
    from bayesopt.surrogate import Surrogate
    from bayesopt.trial import Trial


class WithTrials(Protocol):
    """A result or an optimizer."""

    @property
    def direction(self) -> str:
        """Of its only objective."""

    @property
    def trials(self) -> Sequence[Trial]:
        """All of them."""


Earlier = WithTrials | str | Path


class PartOptions(TypedDict, total=False):
    """Parts of the algorithm, and what may change from session to session."""

    deterministic: bool | None
    surrogate: Surrogate | None
    acquisition: Acquisition | None
    proposer: Proposer | None
    initial_design: InitialDesign | None
    early_stopping: StoppingRule | str | None
    budget: Budget | None
    threads: int
    lease: float | None
    retries: int


class RunOptions(PartOptions, total=False):
    """Those of a run whose seed is given otherwise."""

    storage: str | Path | Storage | None


class OptimizerOptions(RunOptions, total=False):
    """Those that ``minimize`` and ``maximize`` pass on."""

    objectives: Mapping[str, str] | None
    thresholds: Mapping[str, float] | None
    seed: int | None
    start: Mapping[str, Any] | Iterable[Mapping[str, Any]] | None
    earlier: Iterable[Earlier] | Earlier | None
    outcome_constraints: Mapping[str, str] | Iterable[str] | None
    records: Iterable[str] | None


class ImportOptions(OptimizerOptions, total=False):
    """Those of a run that is made of another tool's."""

    n_trials: int | None


class ReopenOptions(PartOptions, total=False):
    """Those of a run that is found in its storage."""

    thresholds: Mapping[str, float] | None
    seed: int | None
    n_trials: int | None
    outcome_constraints: Mapping[str, str] | Iterable[str] | None
    records: Iterable[str] | None
