"""The exchangeable parts of the algorithm, and their defaults."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bayesopt.acquisition import Acquisition, LogEI
from bayesopt.checks import instance
from bayesopt.design import InitialDesign
from bayesopt.proposal import AcquisitionSearch, Proposer
from bayesopt.surrogate import MapGP, Surrogate

PARTS: Mapping[str, type] = {
    "surrogate": Surrogate,
    "acquisition": Acquisition,
    "proposer": Proposer,
    "initial_design": InitialDesign,
}
DEFAULTS: Mapping[str, type] = {
    "surrogate": MapGP,
    "acquisition": LogEI,
    "proposer": AcquisitionSearch,
    "initial_design": InitialDesign,
}


@dataclass(frozen=True)
class ProposalConfig:
    """The algorithm's parts and what it may count on.

    Attributes
    ----------
    seed : the same seed and the same data make the same proposal.
    surrogate, acquisition, proposer, initial_design : as for :class:`~bayesopt.Optimizer`;
        without ``initial_design`` the model proposes from the beginning.
    n_trials : the budget if known; it limits the initial design.
    repeat : when every legal point is taken, propose one of them once more rather than raise
        SpaceExhausted: the best by the acquisition, which knows of noise, among those that are
        not pending.
    """

    seed: int
    surrogate: Surrogate = field(default_factory=MapGP)
    acquisition: Acquisition = field(default_factory=LogEI)
    proposer: Proposer = field(default_factory=AcquisitionSearch)
    initial_design: InitialDesign | None = field(default_factory=InitialDesign)
    n_trials: int | None = None
    repeat: bool = False

    def __post_init__(self) -> None:
        for name, kind in PARTS.items():
            if name != "initial_design" or self.initial_design is not None:
                instance(name, getattr(self, name), kind)

    @classmethod
    def of(
        cls,
        seed: int,
        *,
        surrogate: Surrogate | None = None,
        acquisition: Acquisition | None = None,
        **options: Any,
    ) -> ProposalConfig:
        """A configuration from what a user gave: None stands for the default surrogate or
        acquisition; ``options`` are further attributes.
        """
        return cls(
            seed,
            MapGP() if surrogate is None else surrogate,
            LogEI() if acquisition is None else acquisition,
            **options,
        )
