"""The acquisition functions of ``bayes_opt.acquisition`` by their names there."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from bayesopt.acquisition import EI, PI, UCB, Acquisition, LogEI
from bayesopt.checks import shown, whole

_NAMES = ("UpperConfidenceBound", "ExpectedImprovement", "ProbabilityOfImprovement")


@dataclass(frozen=True)
class DecayingBound:
    """μ + kappa s, with a kappa that shrinks from suggestion to suggestion.

    Attributes
    ----------
    kappa : of the first suggestion of the model.
    decay : what it is multiplied by after each suggestion, in (0, 1].
    delay : suggestions after which that begins.
    """

    kappa: float
    decay: float
    delay: int = 0

    def __post_init__(self) -> None:
        if not 0 < self.decay <= 1:
            raise ValueError(f"exploration_decay must be > 0 and <= 1; got {shown(self.decay)}")
        whole("exploration_decay_delay", self.delay, 0)

    def at(self, suggestion: int) -> Acquisition:
        """The acquisition for a suggestion, counted from 1."""
        return UCB(beta=self.kappa * self.decay ** max(suggestion - max(self.delay, 1), 0))


def read_acquisition(given: Any) -> Acquisition | DecayingBound:
    """The acquisition for what a user gave: None, one of this package, or one of ``bayes_opt``.

    Raises
    ------
    TypeError : for anything else.
    """
    if given is None:
        return LogEI()
    if isinstance(given, Acquisition | DecayingBound):
        return given
    name = type(given).__name__
    if type(given).__module__.startswith("bayes_opt.") and name in _NAMES:
        decay, delay = given.exploration_decay, given.exploration_decay_delay
        if name == _NAMES[0]:
            return _upper(float(given.kappa), decay, delay)
        return _improvement(name, float(given.xi), stacklevel=4)
    raise TypeError(
        f"acquisition_function must be None, one of bayesopt (LogEI(), UCB(beta=2.576), ...) or "
        f"acquisition.{', acquisition.'.join(_NAMES)}; got {shown(given)}"
    )


def _upper(
    kappa: float = 2.576,
    exploration_decay: float | None = None,
    exploration_decay_delay: int | None = None,
    random_state: Any = None,
) -> Acquisition | DecayingBound:
    """μ + kappa s."""
    if exploration_decay is None:
        return UCB(beta=kappa)
    return DecayingBound(kappa, exploration_decay, exploration_decay_delay or 0)


def _improvement(name: str, xi: float, *, stacklevel: int = 3) -> Acquisition:
    if xi:
        warnings.warn(
            f"{name}: xi={xi:g} has no effect, nor has its decay: the improvement is counted from "
            "the best value. For more exploration take UpperConfidenceBound(kappa=...); xi=0 "
            "silences this",
            UserWarning,
            stacklevel=stacklevel,
        )
    return PI() if name == _NAMES[2] else EI()


def _expected(
    xi: float = 0.0,
    exploration_decay: float | None = None,
    exploration_decay_delay: int | None = None,
    random_state: Any = None,
) -> Acquisition:
    """Expected improvement; an ``xi`` other than 0 has no effect and is answered by a warning."""
    return _improvement(_NAMES[1], xi)


def _probability(
    xi: float = 0.0,
    exploration_decay: float | None = None,
    exploration_decay_delay: int | None = None,
    random_state: Any = None,
) -> Acquisition:
    """Probability of improvement; ``xi`` as for the expected improvement."""
    return _improvement(_NAMES[2], xi)


acquisition = SimpleNamespace(
    UpperConfidenceBound=_upper,
    ExpectedImprovement=_expected,
    ProbabilityOfImprovement=_probability,
)
