"""Trials in flight on an executor: time limits, lost workers, slots that hang."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, CancelledError, Executor, Future
from concurrent.futures import wait as wait_for
from dataclasses import dataclass
from functools import partial

from bayesopt.minimize.evaluate import Evaluation, Objective, describe, evaluate
from bayesopt.minimize.executors import DaemonThreads, end, is_worker_loss, kill, successor
from bayesopt.trial import Trial

_POLL = 0.5  # seconds between looks at a slot that hangs


class WorkersLost(RuntimeError):
    """The executor is broken and cannot be replaced."""


@dataclass(frozen=True, slots=True)
class Finished:
    """A trial that is no longer in flight: exactly one of the three answers is set.

    Attributes
    ----------
    evaluation : the objective ran.
    lost : why it is not known what the objective would have said.
    error : the objective raised (when asked not to catch), or could not be called at all.
    """

    trial: Trial
    evaluation: Evaluation | None = None
    lost: str | None = None
    error: BaseException | None = None


class Crew:
    """At most ``n_workers`` trials in flight.

    Parameters
    ----------
    make : makes another executor when this one broke or hangs; then this one, which it made too,
        is shut down in the end.
    trial_timeout : seconds a trial may take, counted from its submission. The slot of a trial that
        took longer is given back when its call returns, or when all slots hang and the executor
        can be replaced.
    """

    def __init__(
        self,
        executor: Executor,
        n_workers: int,
        trial_timeout: float | None,
        *,
        make: Callable[[], Executor] | None = None,
    ) -> None:
        self._executor = executor
        self._make = make
        self._ours = make is not None
        self._broken = False
        self._n_workers = n_workers
        self._timeout = trial_timeout
        self._running: dict[Future[Evaluation], tuple[Trial, float]] = {}
        self._stuck: set[Future[Evaluation]] = set()

    @property
    def trials(self) -> list[Trial]:
        """The trials in flight."""
        return [trial for trial, _ in self._running.values()]

    @property
    def has_room(self) -> bool:
        """Whether one more may be submitted."""
        return len(self._running) + len(self._stuck) < self._n_workers

    def submit(self, trial: Trial, objective: Objective, catch: bool) -> None:
        """Start a trial; WorkersLost when there is nobody left to run it."""
        if self._broken:
            self._replace()
        task = partial(evaluate, objective, dict(trial.params), catch)
        try:
            future = self._executor.submit(task)
        except (BrokenExecutor, OSError):  # OSError: a pool caught in the act of breaking
            self._replace()
            future = self._executor.submit(task)
        self._running[future] = (trial, time.monotonic())

    def wait(self) -> list[Finished]:
        """Wait until something happened; the trials that are through, in order of submission."""
        if not self._running and self._stuck and self._replace_hanging():
            return []
        wait_for({*self._running, *self._stuck}, self._patience(), FIRST_COMPLETED)
        self._stuck = {future for future in self._stuck if not future.done()}
        done = [future for future in self._running if future.done()]
        finished = [self._outcome(future, self._running.pop(future)[0]) for future in done]
        return finished + self._expired()

    def close(self, stop_running: bool) -> None:
        """Let go of the executor; one that was made here is shut down."""
        for future in self._running:
            future.cancel()
        if self._ours and (stop_running or self._stuck):
            kill(self._executor)
        elif self._ours:
            end(self._executor, wait=True)

    def _patience(self) -> float | None:
        if self._timeout is None or not self._running:
            return _POLL if self._stuck else None
        first = min(started for _, started in self._running.values())
        return max(first + self._timeout - time.monotonic(), 0.0)

    def _outcome(self, future: Future[Evaluation], trial: Trial) -> Finished:
        try:
            return Finished(trial, future.result())
        except CancelledError:
            return Finished(trial, lost="the evaluation was cancelled")
        except BrokenExecutor as error:
            self._broken = True
            return Finished(trial, lost=f"its worker died: {describe(error)}")
        except Exception as error:
            if is_worker_loss(error):
                return Finished(trial, lost=f"its worker died: {describe(error)}")
            return Finished(trial, error=error)

    def _expired(self) -> list[Finished]:
        if self._timeout is None:
            return []
        now = time.monotonic()
        late = [f for f, (_, started) in self._running.items() if now - started >= self._timeout]
        finished = []
        for future in late:
            trial, _ = self._running.pop(future)
            if future.cancel():
                lost = f"it did not begin within {self._timeout:g} s: no worker was free"
                finished.append(Finished(trial, lost=lost))
                continue
            if not isinstance(self._executor, DaemonThreads):
                self._stuck.add(future)
            reason = f"timeout: no result after {self._timeout:g} s"
            finished.append(Finished(trial, Evaluation(failure=reason)))
        return finished

    def _replace_hanging(self) -> bool:
        if self.has_room:
            return False
        try:
            self._replace()
        except WorkersLost:  # nobody to take over: wait until a call returns after all
            return False
        return True

    def _replace(self) -> None:
        fresh = self._make() if self._make else successor(self._executor, self._n_workers)
        if fresh is None:
            raise WorkersLost(
                "the executor is broken and cannot be replaced; pass a function that makes one "
                "(executor=lambda: ...) so that the run can go on"
            )
        kill(self._executor)
        self._executor, self._ours, self._broken, self._stuck = fresh, True, False, set()
