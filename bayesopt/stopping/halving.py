"""Successive halving, asynchronous, and Hyperband."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bayesopt.checks import optional, real, whole
from bayesopt.stopping.base import StoppingRule, diverged
from bayesopt.stopping.curves import LearningCurve, longest

_GOLDEN = (math.sqrt(5.0) - 1.0) / 2.0  # multiples of it fill [0, 1) evenly


@dataclass(frozen=True)
class SuccessiveHalving(StoppingRule):
    """Let the best ``1/factor`` of the trials at each rung go on to the next (ASHA, Li et al.
    2020): rungs are at the steps ``min_step * factor**k``.

    While fewer than ``factor`` trials have reached a rung, the best of them goes on.

    Parameters
    ----------
    min_step : the first rung, >= 1.
    factor : how many times as far each rung is, and how many compete for a place, > 1.
    """

    min_step: int = 1
    factor: float = 4

    def __post_init__(self) -> None:
        whole("min_step", self.min_step, 1)
        real("factor", self.factor, above=1.0)

    def decide(self, curve: LearningCurve, others: Sequence[LearningCurve]) -> str | None:
        """See the class."""
        return halved(curve, others, self.min_step, self.factor)


@dataclass(frozen=True)
class Hyperband(StoppingRule):
    """Successive halving from several first rungs at once (Li et al. 2018).

    The trials are dealt out to the brackets, which differ in their first rung, in proportion to
    the trials that a bracket starts for the same cost; a trial competes with those of its bracket.

    Parameters
    ----------
    min_step : the first rung of the first bracket, >= 1.
    max_step : the last step of a whole run; None: that of the longest complete trial, and nothing
        is stopped before there is one.
    factor : as of :class:`SuccessiveHalving`.
    """

    min_step: int = 1
    max_step: int | None = None
    factor: float = 3

    def __post_init__(self) -> None:
        whole("min_step", self.min_step, 1)
        optional(whole, "max_step", self.max_step, self.min_step)
        real("factor", self.factor, above=1.0)

    def decide(self, curve: LearningCurve, others: Sequence[LearningCurve]) -> str | None:
        """See the class."""
        last = self.max_step if self.max_step is not None else longest(others)
        if last is None or last < self.min_step:
            return None
        mine = self.bracket(curve.number, last)
        rivals = [c for c in others if self.bracket(c.number, last) == mine]
        return halved(curve, rivals, self.min_step * self.factor**mine, self.factor)

    def bracket(self, number: int, last: int) -> int:
        """The bracket of a trial, 0 being the one that stops first.

        Parameters
        ----------
        number : of the trial.
        last : the last step of a whole run.
        """
        n = math.floor(math.log(last / self.min_step) / math.log(self.factor) + 1e-9) + 1
        k = np.arange(n)
        shares = np.ceil(n * self.factor ** (n - 1.0 - k) / (n - k))
        ends = np.cumsum(shares) / shares.sum()
        place = ((number + 1) * _GOLDEN) % 1.0
        return min(int(np.searchsorted(ends, place, side="right")), n - 1)


def halved(
    curve: LearningCurve, others: Sequence[LearningCurve], first: float, factor: float
) -> str | None:
    """Why a curve is not among those that go on from the last rung that it has reached."""
    if curve.step < first:
        return None
    if reason := diverged(curve):
        return reason
    rung = first * factor ** math.floor(math.log(curve.step / first) / math.log(factor) + 1e-9)
    value = curve.at(rung)
    there = [c.at(rung) for c in others if c.step >= rung]
    places = max(int((len(there) + 1) / factor), 1)
    better = sum(v < value for v in there)
    if better < places:
        return None
    return (
        f"at step {math.ceil(rung)} {better} of {len(there)} other trials were better than its "
        f"{curve.shown(value)}; {places} may go on"
    )
