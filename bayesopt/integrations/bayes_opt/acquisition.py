"""The acquisition functions of ``bayes_opt.acquisition`` by their names there."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from bayesopt.acquisition import EI, PI, UCB, Acquisition, LogEI
from bayesopt.checks import shown

_NAMES = ("UpperConfidenceBound", "ExpectedImprovement", "ProbabilityOfImprovement")


def read_acquisition(given: Any) -> Acquisition:
    """The acquisition for what a user gave: None, one of this package, or one of ``bayes_opt``.

    Raises
    ------
    TypeError : for anything else.
    """
    if given is None:
        return LogEI()
    if isinstance(given, Acquisition):
        return given
    if type(given).__module__.startswith("bayes_opt.") and type(given).__name__ in _NAMES:
        name = type(given).__name__
        return _upper(float(given.kappa)) if name == _NAMES[0] else _improvement(name)
    raise TypeError(
        f"acquisition_function must be None, one of bayesopt (LogEI(), UCB(beta=2.576), ...) or "
        f"acquisition.{', acquisition.'.join(_NAMES)}; got {shown(given)}"
    )


def _upper(
    kappa: float = 2.576,
    exploration_decay: float | None = None,
    exploration_decay_delay: int | None = None,
    random_state: Any = None,
) -> Acquisition:
    """μ + kappa s."""
    _refuse_decay(exploration_decay)
    return UCB(beta=kappa)


def _improvement(name: str) -> Acquisition:
    return PI() if name.startswith("Prob") else EI()


def _expected(
    xi: float = 0.01,
    exploration_decay: float | None = None,
    exploration_decay_delay: int | None = None,
    random_state: Any = None,
) -> Acquisition:
    """Expected improvement; ``xi`` has no effect."""
    _refuse_decay(exploration_decay)
    return EI()


def _probability(
    xi: float = 0.01,
    exploration_decay: float | None = None,
    exploration_decay_delay: int | None = None,
    random_state: Any = None,
) -> Acquisition:
    """Probability of improvement; ``xi`` has no effect."""
    _refuse_decay(exploration_decay)
    return PI()


def _refuse_decay(exploration_decay: float | None) -> None:
    if exploration_decay is not None:
        raise ValueError(
            "exploration_decay is not available: the acquisition stays the same throughout; "
            "leave it out"
        )


acquisition = SimpleNamespace(
    UpperConfidenceBound=_upper,
    ExpectedImprovement=_expected,
    ProbabilityOfImprovement=_probability,
)
