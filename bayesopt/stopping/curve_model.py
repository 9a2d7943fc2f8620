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
from bayesopt.stopping.ends import predicted_ends, predictor
from bayesopt.trial import TrialState

Floats = NDArray[np.float64]

_log = logging.getLogger("bayesopt.stopping")

_SHARE = 0.04  # of the steps of a whole run, that every trial gets: 2 of 51
_LEAST = 2
_NEXT = 4  # times as far is the next step at which a trial is judged
_TRUSTED = 0.1  # R² of the ends below which a step says nothing of them
_HOPELESS = 2.0  # standard deviations by which an end would have to be better than predicted


@dataclass(frozen=True)
class CurveModel(StoppingRule):
    """Give every trial a few steps; spend half of all steps on those, the other half on finishing
    the trials that promise most.

    Where a trial will end is predicted from the complete ones (see
    :class:`~bayesopt.stopping.ends.Predictor`), with an uncertainty. A trial that is stopped
    is not lost: when it is the one whose completion has the largest expected improvement, the next
    ask hands its point out once more, as a new trial of origin RESUMED. This is "train all for a
    few epochs, finish the best" (Egele et al. 2024, arXiv 2404.04111), without a budget that must
    be known, and with a model that learns when early values mislead.

    Parameters
    ----------
    n_startup : complete trials before anything is stopped, >= 1. With 1 less is paid before the
        first stop; with 3 the model sees whether the early order misleads.
    min_step : before it nothing is stopped, >= 0; None: a twenty-fifth of a whole run, at least 2.
    max_step : the last step of a whole run; None: that of the longest complete trial.
    resume : whether points of stopped trials are asked again. False, where somebody else proposes:
        then a trial goes on that is among the best so far, so many that about half of all steps
        are spent on them.
    share : steps spent on finishing for one spent on screening, > 0.
    """

    n_startup: int = 3
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
        end = self.max_step if self.max_step is not None else longest(others)
        if end is None or sum(c.complete for c in others) < self.n_startup:
            return None
        first = self._first(end)
        if curve.step < first or curve.step >= end:
            return None
        rung = first * _NEXT ** int(math.log(curve.step / first) / math.log(_NEXT) + 1e-9)
        found = predictor([*others, curve], rung)
        if found is None or found.r2 < _TRUSTED:
            _log.info(
                "trial %d goes on: at step %d of %d the curves do not tell their ends yet",
                *(curve.number, rung, end),
            )
            return None
        if self.resume:
            return self._against_the_stopped(curve, others, rung, first)
        return self._among_the_best(curve, others, rung, end)

    def resumes(self, curves: Sequence[LearningCurve]) -> int | None:
        """See :meth:`StoppingRule.resumes`."""
        complete = [c for c in curves if c.complete]
        if not self.resume or len(complete) < self.n_startup or not self._finishing_is_due(curves):
            return None
        waiting = [c for c in curves if c.waits]
        if not waiting:
            return None
        gain, hope = _gains(waiting, curves)
        gain = np.where(hope, gain, -1.0)
        best = int(np.argmax(gain))
        return waiting[best].number if gain[best] > 0.0 else None

    def explores(self, number: int) -> bool:
        """Every second trial."""
        return self.resume and number % 2 == 1

    def _against_the_stopped(
        self, curve: LearningCurve, others: Sequence[LearningCurve], rung: int, first: int
    ) -> str | None:
        if curve.resumed or rung > first:  # it was chosen to be finished
            return None
        if not self._finishing_is_due(others):
            return f"at step {rung} it is put by: as much as for screening is spent on finishing"
        waiting = [c for c in others if c.waits]
        gain, hope = _gains([curve, *waiting], [*others, curve])
        if not hope[0]:
            return f"at step {rung} it will hardly become better than the best"
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

    def _first(self, end: int) -> int:
        if self.min_step is not None:
            return max(self.min_step, 1)
        return max(_LEAST, math.ceil(_SHARE * end - 1e-9))

    def _finishing_is_due(self, curves: Sequence[LearningCurve]) -> bool:
        """Whether less was spent on finishing than on screening, what runs on included."""
        end = self.max_step or longest(curves) or 1
        first = self._first(end)
        finishing = sum(c.step for c in curves if c.complete)
        running = [c for c in curves if c.state is TrialState.PENDING]
        finishing += sum(end for c in running if c.resumed or c.step > first)
        screening = sum(
            c.step for c in curves if c.state in (TrialState.STOPPED, TrialState.FAILED)
        )
        return finishing < self.share * screening


def _gains(
    which: Sequence[LearningCurve], curves: Sequence[LearningCurve]
) -> tuple[Floats, NDArray[np.bool_]]:
    """Expected improvement (q,) of the ends on the best complete trial, and whether there is hope
    of any.
    """
    best = min(c.final for c in curves if c.complete)
    mean, sd = predicted_ends(curves, which)
    hope = mean - _HOPELESS * sd < best
    return expected_improvement(best, mean, sd), np.asarray(hope)


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
