"""Learning curves as a stopping rule sees them: less is better, whatever the run's direction."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from bayesopt.trial import Origin, Trial, TrialState

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

_WITH_CURVES = (
    TrialState.PENDING,
    TrialState.COMPLETE,
    TrialState.STOPPED,
    TrialState.FAILED,
)


@dataclass(frozen=True, eq=False)
class LearningCurve:
    """What one trial has reported.

    Attributes
    ----------
    number : of the trial.
    steps : (k,) ascending, k >= 1.
    values : (k,) less is better; NaN where what was reported was not finite.
    state : of the trial: PENDING while it goes on.
    final : the value that it was told at its end, less is better; NaN unless it is COMPLETE.
    sign : 1, or -1 where the run maximises: ``sign * value`` is in the user's units.
    resumed : whether its point was that of a stopped trial.
    superseded : whether a stopped trial's point was handed out again, and not lost.
    """

    number: int
    steps: Integers
    values: Floats
    state: TrialState
    final: float = np.nan
    sign: float = 1.0
    resumed: bool = False
    superseded: bool = False

    @property
    def waits(self) -> bool:
        """Whether it was stopped and might be finished after all."""
        return self.state is TrialState.STOPPED and not self.superseded

    @property
    def step(self) -> int:
        """The last step."""
        return int(self.steps[-1])

    @property
    def last(self) -> float:
        """The value at the last step; NaN when it has diverged."""
        return float(self.values[-1])

    @property
    def complete(self) -> bool:
        """Whether it ran to its end."""
        return self.state is TrialState.COMPLETE

    @cached_property
    def best_so_far(self) -> Floats:
        """(k,) the least value up to each step, infinite while there is none."""
        return np.minimum.accumulate(np.where(np.isnan(self.values), np.inf, self.values))

    def place(self, step: float) -> int:
        """Index of the last report at or before a step; of the first one where there is none."""
        return max(int(np.searchsorted(self.steps, step, side="right")) - 1, 0)

    def at(self, step: float) -> float:
        """The value at a step, infinite where it is NaN; that of the nearest report before it."""
        value = float(self.values[self.place(step)])
        return np.inf if np.isnan(value) else value

    def shown(self, value: float) -> str:
        """A value in the user's units."""
        return f"{self.sign * value:.6g}"


def learning_curves(trials: Iterable[Trial], sign: float) -> list[LearningCurve]:
    """The curves of the trials that have reported; not of those withdrawn or abandoned.

    Parameters
    ----------
    sign : 1 where the run minimises, -1 where it maximises.
    """
    trials, found = list(trials), []
    again = [t for t in trials if t.origin is Origin.RESUMED and t.state in _WITH_CURVES]
    for trial in trials:
        if not trial.curve or trial.state not in _WITH_CURVES:
            continue
        steps, values = zip(*trial.curve, strict=True)
        final = np.nan if trial.value is None else sign * trial.value
        found.append(
            LearningCurve(
                trial.number,
                np.array(steps, dtype=np.int64),
                sign * np.array(values, dtype=float),
                trial.state,
                final,
                sign,
                trial.origin is Origin.RESUMED,
                any(t.number > trial.number and t.params == trial.params for t in again)
                if trial.state is TrialState.STOPPED
                else False,
            )
        )
    return found


def longest(curves: Iterable[LearningCurve]) -> int | None:
    """The last step of a whole run: the largest of the complete curves; None: there is none."""
    return max((c.step for c in curves if c.complete), default=None)
