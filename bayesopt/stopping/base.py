"""What a stopping rule is."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from bayesopt.stopping.curves import LearningCurve

Floats = NDArray[np.float64]


class StoppingRule(ABC):
    """Decides whether a trial that reports its progress should go on.

    A rule is a function of the curves and nothing else, so that a run read from its file decides
    as it did before. Write your own as a frozen dataclass with :meth:`decide`.
    """

    @abstractmethod
    def decide(self, curve: LearningCurve, others: Sequence[LearningCurve]) -> str | None:
        """Why the trial of ``curve`` should stop now; None: it should go on.

        Parameters
        ----------
        curve : what it has reported so far.
        others : what the run's other trials have, in the order of their numbers.
        """

    def resumes(self, curves: Sequence[LearningCurve]) -> int | None:
        """The stopped trial whose point the next ask should hand out again; None: no one's.

        Parameters
        ----------
        curves : of all trials, in the order of their numbers.
        """
        return None

    def remaining(self, curves: Sequence[LearningCurve]) -> int | None:
        """The stopped trial to go on with where no new point is left to ask for; None: no one's,
        and the space is exhausted.

        Parameters
        ----------
        curves : of all trials, in the order of their numbers.
        """
        return None

    def explores(self, number: int, curves: Sequence[LearningCurve]) -> bool:
        """Whether the new trial ``number`` should be a random point rather than the model's, in a
        run with stopped trials: where a look costs little, looking around pays.

        Parameters
        ----------
        curves : of all trials before it, in the order of their numbers.
        """
        return False

    def standing(self, curves: Sequence[LearningCurve]) -> Floats | None:
        """(n,) what the model that proposes points is to be fitted to in place of the values, in a
        run with stopped trials, less is better and NaN where nothing is known; None: the values,
        and the ends that are predicted of what was stopped.

        Parameters
        ----------
        curves : of all trials that have ended, in the order of their numbers.
        """
        return None


def verdict(rule: StoppingRule, curves: Sequence[LearningCurve], number: int) -> str | None:
    """A rule's decision on one of some curves; None for a trial that has reported nothing."""
    own = next((c for c in curves if c.number == number), None)
    if own is None:
        return None
    return rule.decide(own, [c for c in curves if c.number != number])


def diverged(curve: LearningCurve) -> str | None:
    """Why a curve whose last report is no number should stop; None when it is one."""
    if np.isnan(curve.last):
        return f"what it reported at step {curve.step} is not finite"
    return None
