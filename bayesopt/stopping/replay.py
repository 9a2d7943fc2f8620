"""What a rule would have saved, and cost, on the curves of a run."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from bayesopt.stopping.base import StoppingRule
from bayesopt.stopping.curves import LearningCurve, learning_curves
from bayesopt.trial import Trial, TrialState


@dataclass(frozen=True)
class Replay:
    """A run as it would have been under a stopping rule, with the same trials in the same order.

    Attributes
    ----------
    stopped : number of each trial that would have been stopped and not finished later -> the step.
    resumed : numbers of those that would have been stopped, begun again and finished.
    steps : steps that the trials ran.
    steps_spent : steps that they would have run.
    best : the best value of the run; None: no trial with a curve is complete.
    best_kept : the best value of the trials that would have been finished; None: there is none.
    """

    stopped: Mapping[int, int]
    resumed: tuple[int, ...]
    steps: int
    steps_spent: int
    best: float | None
    best_kept: float | None

    @property
    def saved(self) -> float:
        """Share of the steps that would have been saved; below 0 where more had been needed."""
        return 1.0 - self.steps_spent / self.steps if self.steps else 0.0

    @property
    def lost(self) -> float:
        """By how much the best value would have been worse, >= 0, in the user's units."""
        if self.best is None:
            return 0.0
        return math.inf if self.best_kept is None else abs(self.best_kept - self.best)

    def __repr__(self) -> str:
        if self.best is None:
            return "Replay: no complete trial has reported a curve"
        kept = "none" if self.best_kept is None else f"{self.best_kept:.6g}"
        return (
            f"Replay: {self.saved:.0%} of {self.steps} steps saved, {len(self.stopped)} trials "
            f"stopped; best value {kept} instead of {self.best:.6g}"
        )


def replay(rule: StoppingRule, trials: Iterable[Trial], sign: float) -> Replay:
    """Let a rule decide at each report of a run, trial by trial in the order of their numbers.

    Parameters
    ----------
    trials : of the run; those that reported nothing are left out. What was stopped, or failed, in
        the run itself cannot run further than it did.
    sign : 1 where the run minimises, -1 where it maximises.
    """
    whole = [c for c in learning_curves(trials, sign) if c.state is not TrialState.PENDING]
    seen: list[LearningCurve] = []
    stopped: dict[int, int] = {}
    resumed: list[int] = []
    begun: dict[int, int] = {}  # number of a trial as replayed -> the run's trial that it is
    whole_of = {c.number: c for c in whole}
    spent, beyond = 0, max((c.number for c in whole), default=0) + 1
    for curve in whole:
        ended = _replayed(rule, replace(curve, resumed_from=0, superseded=False), seen)
        seen.append(ended)
        spent += ended.step
        if ended.state is TrialState.STOPPED and curve.complete:
            stopped[curve.number] = ended.step
            begun[curve.number] = curve.number
        again = rule.resumes(seen)
        if again is None or again not in begun:
            continue
        first = begun.pop(again)
        before = next(c for c in seen if c.number == again)
        seen = [replace(c, superseded=True) if c.number == again else c for c in seen]
        number, beyond = beyond, beyond + 1
        full = replace(whole_of[first], number=number, resumed_from=before.step, superseded=False)
        ended = _replayed(rule, full, seen)
        seen.append(ended)
        spent += ended.step
        if ended.state is TrialState.STOPPED:
            begun[number], stopped[first] = first, ended.step
        else:
            resumed.append(first)
            del stopped[first]
    ends = [sign * c.final for c in whole if c.complete]
    kept = [sign * c.final for c in seen if c.complete]
    best = min if sign > 0 else max
    return Replay(
        stopped,
        tuple(resumed),
        sum(c.step for c in whole),
        spent,
        best(ends, default=None),
        best(kept, default=None),
    )


def _replayed(
    rule: StoppingRule, curve: LearningCurve, others: Sequence[LearningCurve]
) -> LearningCurve:
    """The curve up to the report after which the rule stops it."""
    for k in range(1, len(curve.steps)):
        part = replace(
            curve,
            steps=curve.steps[:k],
            values=curve.values[:k],
            state=TrialState.PENDING,
            final=math.nan,
        )
        if rule.decide(part, others) is not None:
            return replace(part, state=TrialState.STOPPED)
    return curve
