"""Rules that end a run when too little is left to gain."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from statistics import fmean, median
from typing import TYPE_CHECKING, ClassVar

from bayesopt.calls import explained_class
from bayesopt.checks import real, whole
from bayesopt.result import Stop
from bayesopt.trial import Origin, TrialState

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bayesopt.optimizer import Optimizer
    from bayesopt.trial import Trial

_MOST_PATIENCE = 10_000
_EVERY = 10  # where trials were stopped, proposals for one gain: it takes a fit of its own
_RECENT = 10  # evaluations whose mean cost is expected of the next


class StopRule(ABC):
    """When a run is no longer worth going on with; immutable.

    Attributes
    ----------
    stop : what the result says.
    patience : proposals in a row that must say so.
    """

    stop: ClassVar[Stop]
    patience: int

    @abstractmethod
    def least_gain(self, trials: Sequence[Trial], direction: str) -> float | None:
        """The expected gain of a proposal below which it is not worth evaluating, in the
        objective's units; None while that cannot be said.
        """

    def least_volume(self, trials: Sequence[Trial], volume: float) -> float | None:
        """The same for several objectives, whose gains are of hypervolume, in the product of their
        units; ``volume`` is what is dominated so far. A rule without it is for one objective.
        """
        raise NotImplementedError

    @classmethod
    def for_several(cls) -> bool:
        """Whether the rule is for several objectives too."""
        return cls.least_volume is not StopRule.least_volume

    def ends(self, gains: Sequence[float], trials: Sequence[Trial], direction: str) -> bool:
        """Whether the last proposals were not worth it.

        Parameters
        ----------
        gains : expected gains of the model's proposals so far.
        """
        return self._ends(gains, self.least_gain(trials, direction))

    def ends_front(self, gains: Sequence[float], trials: Sequence[Trial], volume: float) -> bool:
        """The same for several objectives, of which so much volume is dominated."""
        return self._ends(gains, self.least_volume(trials, volume))

    def _ends(self, gains: Sequence[float], least: float | None) -> bool:
        last = gains[-self.patience :]
        return least is not None and len(last) == self.patience and max(last) < least


@explained_class
@dataclass(frozen=True)
class Converged(StopRule):
    """Ends a run when the expected gains are a small part of what was gained.

    Attributes
    ----------
    gain : part (> 0) of the distance from the median of the initial design to the best value; of
        several objectives, part of the hypervolume that is dominated.
    patience : model's proposals in a row that must expect less, 1 to 10,000.
    """

    gain: float = 1e-3
    patience: int = 5
    stop: ClassVar[Stop] = Stop.CONVERGED

    def __post_init__(self) -> None:
        object.__setattr__(self, "gain", real("gain", self.gain, above=0.0))
        patience = whole("patience", self.patience, 1, _MOST_PATIENCE)
        object.__setattr__(self, "patience", patience)

    def least_gain(self, trials: Sequence[Trial], direction: str) -> float | None:
        """``gain`` times that distance."""
        sign = 1.0 if direction == "minimize" else -1.0
        values = [sign * t.value for t in trials if t.feasible and t.value is not None]
        first = [
            sign * t.value for t in trials if t.origin is Origin.INITIAL and t.value is not None
        ]
        if not values or not first:
            return None
        return self.gain * (median(first) - min(values))

    def least_volume(self, trials: Sequence[Trial], volume: float) -> float | None:
        """``gain`` times the volume that is dominated; None while none is."""
        return self.gain * volume if volume > 0.0 else None


@explained_class
@dataclass(frozen=True)
class WorthIt(StopRule):
    """Ends a run when the next evaluation is expected to gain less than it costs.

    Attributes
    ----------
    price : what one unit of cost is worth, in the objective's units (> 0), or those of
        hypervolume, where there are several: the product of theirs. The cost is that told
        with the results (``cost``), or else the seconds of a trial.
    patience : model's proposals in a row that must not be worth it, 1 to 10,000.

    Notes
    -----
    The rule of the Pandora's-box index with equal costs (Xie, Astudillo, Frazier & Scully 2024,
    arXiv 2406.20062): stop when no point's expected improvement exceeds its cost.
    """

    price: float
    patience: int = 3
    stop: ClassVar[Stop] = Stop.NOT_WORTH_IT

    def __post_init__(self) -> None:
        object.__setattr__(self, "price", real("price", self.price, above=0.0))
        patience = whole("patience", self.patience, 1, _MOST_PATIENCE)
        object.__setattr__(self, "patience", patience)

    def least_gain(self, trials: Sequence[Trial], direction: str) -> float | None:
        """``price`` times the mean cost of the last ten evaluations."""
        return self._price_of(trials)

    def least_volume(self, trials: Sequence[Trial], volume: float) -> float | None:
        """The same."""
        return self._price_of(trials)

    def _price_of(self, trials: Sequence[Trial]) -> float | None:
        done = [t for t in trials if t.state in (TrialState.COMPLETE, TrialState.FAILED)]
        told = [t.outcome.cost for t in done if t.outcome and t.outcome.cost is not None]
        costs = told or [t.seconds for t in done if t.seconds is not None]
        return self.price * fmean(costs[-_RECENT:]) if costs else None


def most_objectives() -> int:
    """Of so many an expected gain of hypervolume is told."""
    from bayesopt.acquisition import EHVI  # a run with one objective does not load it

    return EHVI.most_objectives


@dataclass(slots=True)
class Gains:
    """The expected gains of a run's proposals, and the rule that looks at them."""

    rule: StopRule | None
    wanted: bool  # without a rule too; that of one objective always is
    seen: list[float] = field(default_factory=list)
    _proposals: int = 0  # of the model, since trials were stopped

    @property
    def last(self) -> float | None:
        """That of the last proposal of the model, or None."""
        return self.seen[-1] if self.seen else None

    def note(self, optimizer: Optimizer, asked: Trial) -> None:
        """Take in a trial that was just asked."""
        if self.rule is None and not self.wanted and optimizer.several:
            return  # of hypervolume it takes a while
        if optimizer.several and len(optimizer.problem.objectives) > most_objectives():
            return
        if asked.origin is Origin.MODEL and self._due(optimizer):
            gain = optimizer.expected_gain(asked.params)
            if gain is not None:
                self.seen.append(gain)

    def _due(self, optimizer: Optimizer) -> bool:
        """Always, where a rule looks at the gains, and while nothing was stopped early: then the
        model that proposed says what it expects.
        """
        if self.rule is not None or not optimizer.has_stopped:
            return True
        self._proposals += 1
        return self._proposals % _EVERY == 1

    def ended(self, optimizer: Optimizer) -> Stop:
        """Why the run should end now, or RUNNING."""
        if self.rule is None or not self.seen:
            return Stop.RUNNING
        trials = optimizer.trials
        if optimizer.several:
            volume = optimizer.standing().volume
            ends = self.rule.ends_front(self.seen, trials, volume)
        else:
            ends = self.rule.ends(self.seen, trials, optimizer.direction)
        return self.rule.stop if ends else Stop.RUNNING
