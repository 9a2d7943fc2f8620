"""When a run ends."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bayesopt.checks import optional, real, seconds, whole
from bayesopt.result import Stop

if TYPE_CHECKING:
    from bayesopt.optimizer import Optimizer


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of a run; None means no such limit.

    Attributes
    ----------
    n_trials : trials of the whole run, failures included, added and abandoned ones not.
    timeout : seconds of wall time from now on; running evaluations are waited for.
    target : stop when the best feasible value is at least as good as this.
    patience : stop after so many finished trials without a better one (of several objectives: one
        that comes onto the front). Counted from the first
        success, so that a run that still looks for a feasible point is not given up.
    stop_after_failures : stop when so many trials in a row failed.
    """

    n_trials: int | None = None
    timeout: float | None = None
    target: float | None = None
    patience: int | None = None
    stop_after_failures: int | None = None

    def __post_init__(self) -> None:
        for name in ("n_trials", "patience", "stop_after_failures"):
            optional(whole, name, getattr(self, name), 1)
        optional(seconds, "timeout", self.timeout)
        object.__setattr__(self, "target", optional(real, "target", self.target))

    @property
    def any_given(self) -> bool:
        """Whether there is any limit that a run without failures will reach."""
        return any(
            x is not None for x in (self.n_trials, self.timeout, self.target, self.patience)
        )

    def check_for(self, optimizer: Optimizer) -> None:
        """ValueError when a limit is none for this run."""
        if optimizer.several and self.target is not None:
            raise ValueError(
                f"target={self.target:g} is for one objective; with several give thresholds= "
                "(values that are just good enough), or stop by a callback"
            )

    def reached(self, optimizer: Optimizer, started: float, stale: int, failed: int) -> Stop:
        """Why the run should end now, or RUNNING.

        Parameters
        ----------
        started : ``time.monotonic()`` at the beginning of the run.
        stale : finished trials since the best one.
        failed : failed trials since the last success.
        """
        if self.stop_after_failures is not None and failed >= self.stop_after_failures:
            return Stop.FAILURES
        standing = optimizer.standing()
        value = None if standing.best is None else standing.best.value
        if self.target is not None and value is not None:
            sign = 1.0 if optimizer.direction == "minimize" else -1.0
            if sign * value <= sign * self.target:
                return Stop.TARGET
        if self.patience is not None and stale >= self.patience and standing.key is not None:
            return Stop.PATIENCE
        if self.timeout is not None and time.monotonic() - started >= self.timeout:
            return Stop.TIMEOUT
        return Stop.RUNNING
