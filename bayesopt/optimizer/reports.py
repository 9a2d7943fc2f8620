"""What running trials report, and whether they should go on."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from typing import Any

from bayesopt.checks import MOST_WHOLE, text_of, whole
from bayesopt.optimizer.curve_events import Reported, Stopped
from bayesopt.optimizer.events import stored_row
from bayesopt.optimizer.history import History
from bayesopt.optimizer.queries import RunQueries
from bayesopt.returned import read_value
from bayesopt.stopping import StoppingRule, learning_curves, resumed_trial, verdict
from bayesopt.trial import Trial, TrialState


class RunReports(RunQueries):
    """Learning curves: reports of running trials, and their early end.

    Attributes
    ----------
    early_stopping : the rule that decides.
    """

    early_stopping: StoppingRule

    @property
    def has_stopped(self) -> bool:
        """Whether trials were stopped early. Questions are then answered by another model than
        the one that proposes, see ``docs/early_stopping.md``.
        """
        with self._event_log.whole(), self._event_log.lock:
            self._event_log.sync()
            return bool(self._history.stopped_after)

    def report(self, trial: Trial | int, value: object, step: int) -> Trial:
        """Say how far a running trial is; returns the trial with the report in its ``curve``.

        Parameters
        ----------
        trial : what :meth:`ask` returned, or its number.
        value : of the objective so far, in its units; one that is not finite is kept as NaN.
        step : how far: the epoch, say, a whole number >= 0. Where a trial goes back to a step that
            it had before (it was begun again, or goes on from a checkpoint), what it reported from
            there on is replaced.

        Raises
        ------
        ValueError : when the trial is unknown or already finished.
        TypeError : when value or step are no numbers.

        Notes
        -----
        A report also renews the trial's lease.
        """
        at = whole("step", step, 0, MOST_WHOLE)
        number = read_value(value)
        kept = number if math.isfinite(number) else None
        event_log = self._event_log
        with event_log.whole(), event_log.transaction() as history:
            found = event_log.running(trial)
            until = _renewed(history, found, time.time())
            event_log.append(Reported(found.number, at, kept, until))
            return history.trials[found.number]

    def should_stop(self, trial: Trial | int) -> bool:
        """Whether a running trial is better ended now, by :attr:`early_stopping`.

        The answer depends on the curves of the run and on nothing else. True also when the trial
        has ended already: somebody else has finished it.

        Raises
        ------
        ValueError : when the trial is unknown.
        """
        return self.why_stop(trial) is not None

    def why_stop(self, trial: Trial | int) -> str | None:
        """The reason why :meth:`should_stop` is true, as a sentence; None when it is not."""
        event_log = self._event_log
        with event_log.whole(), event_log.lock:
            event_log.sync()
            found = event_log.history.trials[event_log.number_of(trial)]
            if found.state not in (TrialState.PENDING, TrialState.ABANDONED):
                return found.error or f"it is already finished ({found.state.name.lower()})"
            if len(self.problem.objectives) != 1:  # a report is of one value
                return None
            sign = self.problem.objective.sign
            curves = learning_curves(event_log.history.trials, sign)
            return verdict(self.early_stopping, curves, found.number)

    def resumes(self, trial: Trial | int) -> int | None:
        """The number of the stopped trial that this one goes on with; None: it is a new one.

        It has the same parameters. Where a training keeps a checkpoint under its trial's number,
        it can go on from there, and reports from the next step on.

        Raises
        ------
        ValueError : when the trial is unknown.
        """
        event_log = self._event_log
        with event_log.whole(), event_log.lock:
            event_log.sync()
            trials = event_log.history.trials
            return resumed_trial(trials, trials[event_log.number_of(trial)])

    def tell_stopped(
        self,
        trial: Trial | int,
        why: str | None = None,
        *,
        as_run: Mapping[str, Any] | None = None,
    ) -> Trial:
        """Report that a trial was ended early; returns it, STOPPED.

        It has no value and has not failed: what it reported until then is what is known of it.

        Parameters
        ----------
        trial : what :meth:`ask` returned, or its number.
        why : kept as ``trial.error``; None: the reason that the rule gives now, if it gives one.
        as_run : the point that was run, as for :meth:`tell`. When the trial is to go on, it is
            this point that is asked again, unless it is no point of the space.

        Raises
        ------
        ValueError : when the trial is unknown or already finished.
        """
        reason = self.why_stop(trial) if why is None else text_of(why)
        row = None if as_run is None else stored_row(self.space.encode(as_run, outside=True))
        return self._event_log.finish(trial, lambda number: Stopped(number, reason, row))


def _renewed(history: History, trial: Trial, now: float) -> float | None:
    """The new end of a trial's lease: as long from now as it was at first; None: it has none."""
    lease = history.leases.get(trial.number)
    if lease is None or lease.until is None or trial.start is None:
        return None
    given = history.lease_seconds.get(trial.number, lease.until - trial.start.timestamp())
    return max(now + given, lease.until)
