"""The one loop: ask while there is room, tell in the order of completion, stop when it is time."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from bayesopt.minimize.callbacks import Callbacks
from bayesopt.minimize.ending import Gains
from bayesopt.minimize.evaluate import Objective
from bayesopt.minimize.failures import Failures, Fault, Grade, describe
from bayesopt.minimize.interrupts import signals, stop_of
from bayesopt.minimize.limits import Limits
from bayesopt.minimize.progress import ProgressBar
from bayesopt.minimize.repeating import repeat_best
from bayesopt.minimize.reporting import LocalReports
from bayesopt.minimize.running import RunningTrial
from bayesopt.minimize.unsaved import ResultsNotKept, untold
from bayesopt.minimize.worker_pool import Finished, WorkerPool, WorkersLost
from bayesopt.result import Stop
from bayesopt.storage import StorageError
from bayesopt.text import printable
from bayesopt.trial import Trial, TrialState

if TYPE_CHECKING:
    from bayesopt.optimizer import Optimizer

_log = logging.getLogger("bayesopt.minimize")

# A worker that dies takes the other trials of its pool along. A trial that was lost is tried again
# alone; when it is lost so often, it is the point that kills. So many losses in a row (times the
# number of workers) without any answer count as failures too, or the run might never end.
_DEATHS = 3
_LOSSES_PER_WORKER = 3


@dataclass(slots=True)
class Loop:
    """A run in progress. Lives only as long as the call of ``minimize`` that made it."""

    optimizer: Optimizer
    objective: Objective
    limits: Limits
    pool: WorkerPool
    n_workers: int
    callbacks: Callbacks
    bar: ProgressBar
    catch: bool
    context: Callable[[], Mapping[str, Any]] = dict
    gains: Gains = field(default_factory=lambda: Gains(None, False))
    takes_trial: bool = False  # whether the objective wants the running trial
    stop: Stop = Stop.RUNNING
    _started: float = field(default_factory=time.monotonic)
    _asked: Trial | None = None  # asked and not yet submitted
    _deaths: dict[int, int] = field(default_factory=dict)  # how often a trial was lost
    _came_back: list[Finished] = field(default_factory=list)  # finished, not yet told
    _best: Hashable = None  # another one when a trial is better, or on the front
    _stale: int = 0
    _failures: Failures = field(default_factory=Failures)
    _losses: int = 0
    _answered: bool = False
    _reports: LocalReports | None = None  # the way of running trials to the run
    _before: frozenset[int] = frozenset()  # pending when the run began: somebody else's

    def run(self) -> Stop:
        """Run to the end and say why it ended; no trial of this run is left pending."""
        self._best = self.optimizer.standing().key
        self._before = self.optimizer._pending_here()
        self.stop = self.limits.reached(self.optimizer, self._started, 0, 0)
        clean = False
        try:
            while self._fill() or self.pool.trials:
                try:
                    self._came_back += self.pool.wait()
                except WorkersLost as error:
                    self._give_up(str(error), self.pool.trials)
                    break
                while self._came_back:
                    self._finish(self._came_back[0])
                    self._came_back.pop(0)
                if self.stop is Stop.RUNNING:
                    counts = self._stale, self._failures.in_a_row
                    self.stop = self.limits.reached(self.optimizer, self._started, *counts)
                if self.stop is Stop.RUNNING:
                    self.stop = self.gains.ended(self.optimizer)
                budget = self.optimizer.config.budget
                if self.stop is Stop.RUNNING and budget is not None:
                    self.stop = Stop.BUDGET if self.optimizer.spent >= budget.total else self.stop
            clean = True
        except KeyboardInterrupt as error:
            self.stop = stop_of(error)
        finally:
            with signals().held():
                self._let_go(clean)
        return self.stop

    def _fill(self) -> bool:
        """Ask and submit while there is room; False when nothing more is to be asked."""
        from bayesopt.optimizer import EnoughTrials
        from bayesopt.proposal import NoFeasiblePoint, SpaceExhausted

        while self.stop is Stop.RUNNING:
            try:
                if not self.pool.has_room or not self._submit_next():
                    return True
            except EnoughTrials:
                self.stop = Stop.RUNNING if self.pool.trials else Stop.N_TRIALS
                return False
            except NoFeasiblePoint as error:  # it names the constraints
                _log.warning("%s", printable(str(error)))
                self.stop = Stop.NO_FEASIBLE_POINT
            except SpaceExhausted:
                if self.pool.trials:  # they may be lost, or tell of noise
                    return False
                if not repeat_best(self.optimizer):
                    self.stop = Stop.EXHAUSTED
            except WorkersLost as error:
                self._give_up(str(error), ())
        return False

    def _submit_next(self) -> bool:
        """Ask and submit one trial; False when it, or one that runs, has to be alone."""
        running = self.pool.trials
        if any(t.number in self._deaths for t in running):
            return False
        if self._asked is None:
            limit = self.limits.n_trials
            self.optimizer._check_limit(limit)  # before the context is read in vain
            self._asked = self.optimizer.ask(limit=limit, context=self.context())
            self.gains.note(self.optimizer, self._asked)
        if self._asked.number in self._deaths and running:
            return False
        asked, handle = self._asked, None
        if self.takes_trial:
            self._reports = self._reports or LocalReports(self.optimizer)
            handle = RunningTrial(self._reports, asked.number, asked.params)
        names = self.optimizer.objective_names
        self.pool.submit(asked, self.objective, self.catch, handle, names)
        self._asked = None
        return True

    def _finish(self, finished: Finished) -> None:
        trial = self._tell(finished)
        if trial.state is not TrialState.ABANDONED:
            best = self.optimizer.standing().key
            self._stale = 0 if best != self._best else self._stale + 1
            self._best = best
        self.bar.show(self.optimizer, trial, self.gains.last)
        if self.callbacks.call(self.optimizer, trial) and self.stop is Stop.RUNNING:
            self.stop = Stop.CALLBACK
        if self._failures.ending is not None:
            raise self._failures.ending

    def _tell(self, finished: Finished) -> Trial:
        """Record what became of a trial."""
        trial, evaluation = finished.trial, finished.evaluation
        if finished.lost is not None:
            return self._lost(trial, finished.lost, finished.begun)
        self._losses = 0
        if evaluation is None:
            return self._raised(trial, finished.error or RuntimeError("no answer"))
        self._answered = True
        if evaluation.stopped is not None:
            self._failures.success()
            return self.optimizer.tell_stopped(trial, evaluation.stopped.why)
        if evaluation.failure is not None or evaluation.outcome is None:
            return self._failed(trial, evaluation.failure or "no result", evaluation.fault)
        try:
            told = self.optimizer.tell(trial, evaluation.outcome)
        except (TypeError, ValueError) as error:
            return self._refused(trial, error)
        self._failures.success()
        return told

    def _failed(self, trial: Trial, reason: str, fault: Fault | None = None) -> Trial:
        """Record a failure; when it is not the point's, so that the point is asked again."""
        if fault is not None and fault.grade is Grade.FATAL:
            self._failures.fatal(trial, reason, fault)
            return self.optimizer.abandon(trial, reason)
        told = self.optimizer.tell_failure(trial, reason)
        self._failures.failure(trial, reason, fault)
        return told

    def _refused(self, trial: Trial, error: Exception) -> Trial:
        """A result that cannot be told (a misspelt constraint, an info that is no JSON)."""
        now = self.optimizer.trials[trial.number]
        if now.state in (TrialState.COMPLETE, TrialState.FAILED, TrialState.STOPPED):
            _log.warning("another worker has finished trial %d: its result stands", now.number)
            return now
        self._failures.fatal(trial, str(error), error)
        return self.optimizer.abandon(trial, describe(error))

    def _lost(self, trial: Trial, reason: str, begun: bool) -> Trial:
        self._losses += 1
        if not begun:  # no fault of the point's
            if self._losses > _LOSSES_PER_WORKER * self.n_workers:
                self.stop = Stop.WORKERS
            return self.optimizer.abandon(trial, reason)
        deaths = self._deaths[trial.number] = self._deaths.get(trial.number, 0) + 1
        if deaths >= _DEATHS:
            self._losses = 0
            return self._failed(trial, f"{reason} ({deaths} times)")
        if self._losses > _LOSSES_PER_WORKER * self.n_workers:
            return self._failed(trial, f"{reason} ({self._losses} in a row)")
        return self.optimizer.abandon(trial, reason)

    def _raised(self, trial: Trial, error: BaseException) -> Trial:
        """Record an error that did not come as an evaluation; raise it when it stops the run."""
        told = self.optimizer.tell_failure(trial, describe(error))
        if not self.catch:
            raise error
        if not self._answered:
            raise RuntimeError(
                f"the executor could not run the objective ({describe(error)}); worker processes "
                "need a function defined at the top level of a module they can import"
            ) from error
        return told

    def _give_up(self, reason: str, running: Sequence[Trial]) -> None:
        _log.warning("%s: the run ends with what there is", printable(reason))
        for trial in running:
            self.optimizer.abandon(trial, reason)
        self._abandon(reason)
        self.stop = Stop.WORKERS

    def _let_go(self, clean: bool) -> None:
        """Leave no trial pending, nothing untold and nothing running."""
        try:
            self._settle(clean)
        except StorageError as error:
            raise ResultsNotKept(str(error), untold(self._came_back)) from None
        finally:
            if self._reports is not None:
                self._reports.close()
            self.pool.close(stop_running=not clean)
            self.bar.close()
            self.callbacks.close()

    def _settle(self, clean: bool) -> None:
        pending = {t.number for t in self.optimizer.trials if t.state is TrialState.PENDING}
        while self._came_back:  # results that are known: no interrupt loses them
            finished = self._came_back[0]
            if finished.trial.number in pending and finished.error is None:
                self._tell(finished)
            self._came_back.pop(0)
        for trial in self.pool.trials:
            if trial.number in pending:
                self.optimizer.abandon(trial, "the run ended before its evaluation did")
        reason = "the run ended before its evaluation began"
        self._abandon(reason)
        if not clean:  # an interrupt may come when an ask was written and not yet returned
            for number in sorted(self.optimizer._pending_here() - self._before):
                self.optimizer.abandon(number, reason)

    def _abandon(self, reason: str) -> None:
        if self._asked is not None:
            self.optimizer.abandon(self._asked, reason)
            self._asked = None
