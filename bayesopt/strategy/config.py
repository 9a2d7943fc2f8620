"""The exchangeable parts of the algorithm, and their defaults."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, is_dataclass
from importlib import import_module
from types import ModuleType
from typing import Any

from bayesopt.acquisition import Acquisition, LogEI
from bayesopt.budget import Budget, Unlimited
from bayesopt.checks import instance
from bayesopt.design import InitialDesign
from bayesopt.proposal import AcquisitionSearch, Proposer
from bayesopt.surrogate import MapGP, Surrogate

PARTS: Mapping[str, type] = {
    "surrogate": Surrogate,
    "acquisition": Acquisition,
    "proposer": Proposer,
    "initial_design": InitialDesign,
    "budget": Budget,
}
DEFAULTS: Mapping[str, type] = {
    "surrogate": MapGP,
    "acquisition": LogEI,
    "proposer": AcquisitionSearch,
    "initial_design": InitialDesign,
}
PART_MODULES = (
    *("acquisition", "budget", "design", "proposal", "surrogate", "surrogate.full_bayes"),
)
_OPTIONAL = ("initial_design", "budget")
# what other libraries call the parts
_PEERS = {
    "lcb": "UCB", "gp_ucb": "UCB", "ucb1": "UCB", "poi": "PI", "mpi": "PI", "ts": "Thompson",
    "pbgi": "Gittins",
    "ehvi": "EHVI", "logehvi": "EHVI", "qehvi": "EHVI", "qnehvi": "EHVI", "qlognehvi": "EHVI",
    "parego": "ParEGO", "qparego": "ParEGO", "qnparego": "ParEGO",
    "gp_hedge": "LogEI", "logei": "LogEI", "log_ei": "LogEI", "qlogei": "LogEI", "qei": "EI",
    "gp": "MapGP", "saas": "FullBayesGP", "saasbo": "FullBayesGP", "dummy": "RandomSearch",
    "random": "RandomSearch", "rand": "RandomSearch", "grid": "GridSearch",
    "sobol": "InitialDesign", "lhs": "InitialDesign",
}  # fmt: skip


def check_part(name: str, part: object) -> None:
    """TypeError unless a part is of the kind that its name asks for."""
    if isinstance(part, str):
        raise TypeError(_written_as(name, part, PARTS[name]))
    instance(name, part, PARTS[name])


def _written_as(name: str, word: str, kind: type) -> str:
    """What to write in place of the name of a part."""
    classes = {
        n: cls
        for module in PART_MODULES
        for n, cls in named_in(import_module(f"bayesopt.{module}")).items()
    }
    ours = [n for n, c in classes.items() if isinstance(c, type) and issubclass(c, kind)]
    ours = [n for n in ours if is_dataclass(classes[n])]
    meant = _PEERS.get(word.lower(), word)
    near = [n for n in ours if n.lower() == meant.lower()] or ours
    written = " or ".join(f"bo.{n}()" for n in near)
    an = "an" if kind.__name__[0] in "AEIOU" else "a"
    return f"{name} must be {an} {kind.__name__}; got {word!r}: write {name}={written}"


def named_in(module: ModuleType) -> dict[str, Any]:
    """What a module has by name, that which it loads when it is asked for included."""
    lazy = vars(module).get("_LAZY", ())
    return {**vars(module), **{name: getattr(module, name) for name in lazy}}


def check_acquisition(acquisition: Acquisition, n_objectives: int) -> None:
    """Refuse an acquisition that is not for so many objectives.

    Raises
    ------
    TypeError, ValueError : saying which to take.
    """
    most = getattr(acquisition, "most_objectives", n_objectives)
    if n_objectives > most:
        raise ValueError(
            f"{acquisition!r} is for at most {most} objectives, and there are {n_objectives}: "
            "write acquisition=bo.ParEGO(), or give some of them as outcome_constraints"
        )
    if n_objectives > 1 and not acquisition.of_several:
        raise TypeError(
            f"{acquisition!r} is an acquisition of one objective, and there are {n_objectives}: "
            "write acquisition=bo.EHVI() or bo.ParEGO(), or leave it out"
        )


def acquisition_for(acquisition: Acquisition, n_objectives: int) -> Acquisition:
    """The acquisition for so many objectives; where it is the default one, that for as many."""
    if n_objectives > 1 and acquisition == DEFAULTS["acquisition"]():
        acquisition = default_acquisition(n_objectives)
    check_acquisition(acquisition, n_objectives)
    return acquisition


def default_acquisition(n_objectives: int) -> Acquisition:
    """The acquisition where none is given: exact for two to four objectives."""
    if n_objectives < 2:
        return LogEI()
    from bayesopt.acquisition import EHVI, ParEGO

    return EHVI() if n_objectives <= EHVI.most_objectives else ParEGO()


@dataclass(frozen=True)
class ProposalConfig:
    """The algorithm's parts and settings.

    Attributes
    ----------
    seed : the same seed and the same data make the same proposal.
    surrogate, acquisition, proposer, initial_design : as for :class:`~bayesopt.Optimizer`;
        without ``initial_design`` the model proposes from the beginning.
    n_trials : the budget if known; it limits the initial design.
    budget : what the trials may cost in all: cheap points are preferred while much of it is left.
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
    budget: Budget | None = None
    repeat: bool = False

    def __post_init__(self) -> None:
        for name in PARTS:
            if name not in _OPTIONAL or getattr(self, name) is not None:
                check_part(name, getattr(self, name))

    @property
    def counted(self) -> Budget | None:
        """How the cost of a trial is counted; None where no part of the algorithm asks."""
        counts = self.budget is None and self.acquisition.needs_costs
        return Unlimited() if counts else self.budget

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
