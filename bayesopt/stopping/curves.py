"""Learning curves as a stopping rule sees them: less is better, whatever the run's direction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

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
    steps : (k,) ascending, k >= 1. Where a trial goes on from a checkpoint, what it reported
        before it was stopped is part of it.
    values : (k,) less is better; NaN where what was reported was not finite.
    state : of the trial: PENDING while it goes on.
    final : the value that it was told at its end, less is better; NaN unless it is COMPLETE.
    sign : 1, or -1 where the run maximises: ``sign * value`` is in the user's units.
    resumed_from : the last step of the stopped trial whose point it was given; 0: it is a new one.
    superseded : whether a stopped trial's point was handed out again, and not lost.
    goes_on_from : the step of the checkpoint with which it began; 0: it began from the start.
    """

    number: int
    steps: Integers
    values: Floats
    state: TrialState
    final: float = np.nan
    sign: float = 1.0
    resumed_from: int = 0
    superseded: bool = False
    goes_on_from: int = 0

    @property
    def resumed(self) -> bool:
        """Whether its point was that of a stopped trial."""
        return self.resumed_from > 0

    @property
    def waits(self) -> bool:
        """Whether it was stopped and might be finished after all."""
        return self.state is TrialState.STOPPED and not self.superseded

    @property
    def step(self) -> int:
        """The last step."""
        return int(self.steps[-1])

    @property
    def cost(self) -> int:
        """The steps that it ran itself."""
        return self.step - self.goes_on_from

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
    known = [t for t in trials if t.state in _WITH_CURVES]
    again = {_asked_point(t) for t in known if t.origin is Origin.RESUMED}
    stopped: dict[object, list[int]] = {}  # point -> places of its stopped trials in `found`
    found: list[LearningCurve] = []
    for trial in known:
        before = stopped.get(_asked_point(trial)) if trial.origin is Origin.RESUMED else None
        for place in before or ():  # several, where they were run at the same point
            found[place] = replace(found[place], superseded=True)
        if not trial.curve:
            continue
        found.append(_curve(trial, sign, found[before[-1]] if before else None))
        if again and trial.state is TrialState.STOPPED:
            stopped.setdefault(_point(trial.params), []).append(len(found) - 1)
    return found


def _asked_point(trial: Trial) -> object:
    """The point that was asked, which need not be the one that was run."""
    return _point(trial.params if trial.asked is None else trial.asked)


def _point(params: Mapping[str, Any]) -> object:
    """Parameters, hashable."""
    values = tuple(params.items())
    try:
        hash(values)
    except TypeError:  # an option of a choice may be a list
        return repr(values)
    return values


def _curve(trial: Trial, sign: float, before: LearningCurve | None) -> LearningCurve:
    told = dict(trial.curve)
    steps, values = list(told), [sign * value for value in told.values()]
    goes_on_from = 0
    if before is not None:
        goes_on_from = before.step if steps[0] > before.step else 0
        k = int(np.searchsorted(before.steps, steps[0]))
        steps, values = (
            [*before.steps[:k].tolist(), *steps],
            [*before.values[:k].tolist(), *values],
        )
    return LearningCurve(
        trial.number,
        np.array(steps, dtype=np.int64),
        np.array(values, dtype=float),
        trial.state,
        np.nan if trial.value is None else sign * trial.value,
        sign,
        0 if before is None else max(before.step, 1),
        goes_on_from=goes_on_from,
    )


def resumed_trial(trials: Sequence[Trial], trial: Trial) -> int | None:
    """The stopped trial that a resumed one goes on with: the last one before it at its point."""
    if trial.origin is not Origin.RESUMED:
        return None
    point = _asked_point(trial)
    before = (t for t in trials if t.number < trial.number and t.state is TrialState.STOPPED)
    return max((t.number for t in before if _point(t.params) == point), default=None)


def longest(curves: Iterable[LearningCurve]) -> int | None:
    """The last step of a whole run: the largest of the complete curves; None: there is none."""
    return max((c.step for c in curves if c.complete), default=None)
