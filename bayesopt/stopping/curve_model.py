"""The default rule: screen, and finish what promises most."""

from __future__ import annotations

import logging
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bayesopt.checks import optional, real, truth, whole
from bayesopt.stopping.base import StoppingRule, diverged
from bayesopt.stopping.curves import LearningCurve, longest
from bayesopt.stopping.ends import NEXT, predicted_ends, predictor
from bayesopt.stopping.log_ranks import log_ranks
from bayesopt.trial import TrialState

Floats = NDArray[np.float64]

_log = logging.getLogger("bayesopt.stopping")

_SHARE = 0.04  # of the steps of a whole run, that every trial gets: 1 of 25
_SHORT = 0.02  # the same where nothing is resumed
_LEAST_GAIN = 1e-3  # of the distance from the best end to the median one


@dataclass(frozen=True)
class CurveModel(StoppingRule):
    """Give every trial a few steps, the better ones four times as many, and finish those that
    promise most: as many steps are spent on each of the three.

    Every second new point is random, the others are proposed by a model of how all trials stand
    among each other (see :func:`~bayesopt.stopping.log_ranks.log_ranks`). Every second one of the
    second looks goes to a random point: where the first steps mislead, the model's points are all
    of one kind.

    Where a trial will end is predicted from the complete ones (see
    :class:`~bayesopt.stopping.ends.Predictor`), with an uncertainty. A trial that is stopped
    is not lost: when it is the one whose completion has the largest expected improvement, the next
    ask hands its point out once more, as a new trial of origin RESUMED. This is "train all for a
    few epochs, finish the best" (Egele et al. 2024, arXiv 2404.04111), without a budget that must
    be known, with a second look, and with a model that learns when early values mislead.

    Parameters
    ----------
    n_startup : complete trials before anything is stopped, >= 1.
    min_step : before it nothing is stopped, >= 0; None: a fiftieth of a whole run, at least 1.
    max_step : the last step of a whole run; None: that of the longest complete trial.
    resume : whether points of stopped trials are asked again. False, where somebody else proposes:
        then a trial goes on that is among the best so far, so many that about half of all steps
        are spent on them.
    share : steps spent on finishing for one spent on first looks, > 0.
    """

    n_startup: int = 1
    min_step: int | None = None
    max_step: int | None = None
    resume: bool = True
    share: float = 1.0

    def __post_init__(self) -> None:
        whole("n_startup", self.n_startup, 1)
        optional(whole, "min_step", self.min_step, 0)
        optional(whole, "max_step", self.max_step, 1)
        truth("resume", self.resume)
        real("share", self.share, above=0.0)

    def decide(self, curve: LearningCurve, others: Sequence[LearningCurve]) -> str | None:
        """See the class."""
        if curve.step > 0 and (reason := diverged(curve)):
            return reason
        end = self.max_step or longest(others)
        if end is None or sum(c.complete for c in others) < self.n_startup:
            return None
        rungs = self._rungs(end)
        level = int(np.searchsorted(rungs, curve.step, side="right")) - 1
        if level < 0 or curve.step >= end or (self.resume and rungs[level] <= curve.resumed_from):
            return None
        rung = rungs[level]
        if not _told([*others, curve], rungs[level:]):
            _log.info(
                "trial %d goes on: at step %d of %d the curves do not tell their ends yet",
                *(curve.number, rung, end),
            )
            return None
        if self.resume:
            return self._against_the_stopped(curve, others, level, end)
        return self._among_the_best(curve, others, rung, end)

    def resumes(self, curves: Sequence[LearningCurve]) -> int | None:
        """See :meth:`StoppingRule.resumes`."""
        end = self.max_step or longest(curves)
        if not self.resume or end is None or sum(c.complete for c in curves) < self.n_startup:
            return None
        rungs = self._rungs(end)
        for level in reversed(range(len(rungs))):
            waiting = _waiting(curves, level, rungs)
            if not waiting or not self._due(curves, level, rungs, end):
                continue
            if _told(curves, rungs[level:]):
                if level < len(rungs) - 1:
                    waiting = _turn(waiting, curves)
                return waiting[_first(waiting, _gains(waiting, curves))].number
        return None

    def remaining(self, curves: Sequence[LearningCurve]) -> int | None:
        """The most promising one, while a thousandth of the distance from the best to the median
        end is to be gained; where steps do not tell ends, each in its turn.
        """
        waiting = [c for c in curves if c.waits]
        ends = [c.final for c in curves if c.complete]
        if not self.resume or not waiting or not ends:
            return None
        gain = _gains(waiting, curves)
        best = _first(waiting, gain)
        if gain[best] > _LEAST_GAIN * (np.median(ends) - min(ends)):
            return waiting[best].number
        if all(_told(curves, [step]) for step in {c.step for c in waiting}):
            return None
        return min(waiting, key=lambda c: (-c.step, np.nan_to_num(c.last, nan=np.inf))).number

    def explores(self, number: int, curves: Sequence[LearningCurve]) -> bool:
        """Every second trial, where a first look tells something of the end."""
        end = self.max_step or longest(curves)
        if not self.resume or number % 2 == 0 or end is None:
            return False
        return _told(curves, self._rungs(end))

    def standing(self, curves: Sequence[LearningCurve]) -> Floats | None:
        """See :meth:`StoppingRule.standing`."""
        end = self.max_step or longest(curves)
        if not self.resume or end is None:
            return None
        rungs = self._rungs(end)
        while rungs and not _told(curves, rungs):
            rungs = rungs[1:]
        return log_ranks(curves, rungs) if rungs else None

    def _against_the_stopped(
        self,
        curve: LearningCurve,
        others: Sequence[LearningCurve],
        level: int,
        end: int,
    ) -> str | None:
        rungs = self._rungs(end)
        rung = rungs[level]
        if not self._due(others, level, rungs, end):
            return f"at step {rung} it is put by: enough was spent on trials that went further"
        waiting = _waiting(others, level, rungs)
        gain = _gains([curve, *waiting], [*others, curve])
        better = int((gain[1:] > gain[0]).sum())
        if better == 0:
            return None
        return f"at step {rung} {better} of {len(waiting)} stopped trials promise more"

    def _among_the_best(
        self, curve: LearningCurve, others: Sequence[LearningCurve], rung: int, end: int
    ) -> str | None:
        there = [c for c in others if c.step >= rung]
        found = predictor([*others, curve], rung)
        assert found is not None
        ends, _ = found.predict(np.array([c.at(rung) for c in (curve, *there)]))
        places = max(int(self.share * (len(there) + 1) * rung / (end - rung)), 1)
        better = int((ends[1:] < ends[0]).sum())
        if better < places:
            return None
        return (
            f"at step {rung} {better} of {len(there)} other trials promise more; "
            f"{places} may go on"
        )

    def _rungs(self, end: int) -> list[int]:
        """The steps at which trials are put by."""
        share = _SHARE if self.resume else _SHORT
        first = max(math.ceil(share * end - 1e-9) if self.min_step is None else self.min_step, 1)
        return [first, NEXT * first] if 2 * NEXT * first <= end else [first]

    def _due(
        self, curves: Sequence[LearningCurve], level: int, rungs: Sequence[int], end: int
    ) -> bool:
        """Whether too little was spent on going beyond a rung, what runs on included.

        Nothing gets ahead by more than a whole run: what trials cost that ran to their end because
        the curves told nothing is not made up for.
        """
        share = self.share if level == len(rungs) - 1 else 1.0
        ahead = 0.0
        for c in curves:
            reached = int(np.searchsorted(rungs, max(c.step, 1), side="left"))
            spent: float = c.cost
            if c.complete:
                reached = len(rungs)
            elif c.state is TrialState.PENDING:
                aims = int(np.searchsorted(rungs, c.resumed_from, side="right"))
                reached = max(aims, reached)
                spent = [*rungs, end][reached] - c.goes_on_from if reached > 0 else 0.0
            if reached == level + 1:
                ahead = min(ahead + spent / share, end)
            elif reached == level:
                ahead -= spent
        return ahead < 0.0


def _waiting(
    curves: Sequence[LearningCurve], level: int, rungs: Sequence[int]
) -> list[LearningCurve]:
    """The trials that were put by at a rung."""
    return [
        c for c in curves if c.waits and np.searchsorted(rungs, c.step, side="right") == level + 1
    ]


def _turn(waiting: list[LearningCurve], curves: Sequence[LearningCurve]) -> list[LearningCurve]:
    """Those whose turn it is: all, or every second time the random ones alone."""
    if sum(c.resumed for c in curves) % 2 == 0:
        return waiting
    return [c for c in waiting if c.number % 2 == 1] or waiting


def _told(curves: Sequence[LearningCurve], rungs: Sequence[int]) -> bool:
    """Whether the values at the first of some steps tell something of the ends; not where those at
    a later one, nearer to the end, are seen to tell nothing.
    """
    found = [predictor(curves, rung) for rung in rungs]
    if found[0] is None or not found[0].trusted:
        return False
    return all(f is not None and (f.trusted or f.spread == 0.0) for f in found)


def _gains(which: Sequence[LearningCurve], curves: Sequence[LearningCurve]) -> Floats:
    """Expected improvement (q,) of the ends on the best complete trial; 0 where nothing is known
    of an end; at one step never more for what is worse there, of whose end less may be known.
    """
    best = min(c.final for c in curves if c.complete)
    mean, sd = predicted_ends(curves, which)
    gains = np.nan_to_num(expected_improvement(best, mean, sd), nan=0.0)
    steps = np.array([c.step for c in which])
    values = np.array([c.at(c.step) for c in which])
    for step in np.unique(steps).tolist():
        here = np.flatnonzero(steps == step)
        here = here[np.argsort(values[here], kind="stable")]
        gains[here] = np.minimum.accumulate(gains[here])
    return gains


def _first(which: Sequence[LearningCurve], gains: Floats) -> int:
    """Index of the largest gain; of equal ones, of the best value."""
    values = np.array([c.at(c.step) for c in which])
    return int(np.lexsort((values, -gains))[0])


def expected_improvement(best: float, mean: Floats, sd: Floats) -> Floats:
    """``E max(best - y, 0)`` (q,) of normal y."""
    out = np.empty(len(mean))
    for i, (m, s) in enumerate(zip(mean.tolist(), sd.tolist(), strict=True)):
        if s <= 0.0:
            out[i] = max(best - m, 0.0)
            continue
        u = (best - m) / s
        density = math.exp(-0.5 * u * u) / math.sqrt(2.0 * math.pi)
        out[i] = s * (u * 0.5 * math.erfc(-u / math.sqrt(2.0)) + density)
    return out
