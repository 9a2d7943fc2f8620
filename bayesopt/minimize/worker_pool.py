"""Trials in flight on an executor: time limits, lost workers, slots that hang."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, CancelledError, Executor, Future
from concurrent.futures import wait as wait_for
from dataclasses import dataclass
from functools import partial
from itertools import islice
from uuid import uuid4

from bayesopt.minimize.evaluate import Evaluation, Objective, evaluate
from bayesopt.minimize.executors import (
    DaemonThreads,
    capacity,
    end,
    is_worker_loss,
    kill,
    stops_calls,
    submit,
    successor,
    waits_behind,
)
from bayesopt.minimize.failures import describe
from bayesopt.minimize.running import RunningTrial
from bayesopt.trial import Trial

_log = logging.getLogger("bayesopt.minimize")

_POLL = 0.5  # seconds between looks at a slot that hangs
_LOOK = 2.0  # seconds between looks at a cluster
_SLICE = 0.5  # seconds between looks at the signals that came: not each of them wakes a wait


class WorkersLost(RuntimeError):
    """There is nobody left to run a trial."""


@dataclass(frozen=True, slots=True)
class Finished:
    """A trial that is no longer in flight: exactly one of evaluation, lost and error is set.

    Attributes
    ----------
    evaluation : the objective ran.
    lost : why it is not known what the objective would have said.
    error : the objective raised (when asked not to catch), or could not be called at all.
    begun : False when a lost one cannot be the cause: it was still waiting for a worker.
    """

    trial: Trial
    evaluation: Evaluation | None = None
    lost: str | None = None
    error: BaseException | None = None
    begun: bool = True


class WorkerPool:
    """At most ``n_workers`` trials in flight.

    Parameters
    ----------
    make : makes another executor when this one broke or hangs; then this one, which it made too,
        is shut down in the end.
    trial_timeout : seconds a trial may take, counted from its submission; on a cluster that says
        how many workers it has, from when there was one for it. The slot of a trial that took
        longer is given back when its call returns, or when all slots hang and the executor can be
        replaced.
    worker_timeout : seconds to wait for a worker when a cluster has lost all it had, or all slots
        hang, before WorkersLost; None: for ever. A cluster's first worker is always waited for.
    """

    def __init__(
        self,
        executor: Executor,
        n_workers: int,
        trial_timeout: float | None,
        worker_timeout: float | None = None,
        *,
        make: Callable[[], Executor] | None = None,
    ) -> None:
        self._executor = executor
        self._make = make
        self._ours = make is not None
        self._broken = False
        self._n_workers = n_workers
        self._timeout = trial_timeout
        self._worker_timeout = worker_timeout
        self._running: dict[Future[Evaluation], Trial] = {}
        self._begun: dict[Future[Evaluation], float] = {}
        self._names: dict[Future[Evaluation], str] = {}
        self._stuck: set[Future[Evaluation]] = set()
        self._capacity = capacity(executor)
        self._looked = time.monotonic()
        self._manned = self._capacity != 0  # whether there ever was a worker
        self._alone_since: float | None = None

    @property
    def trials(self) -> list[Trial]:
        """The trials in flight."""
        return list(self._running.values())

    @property
    def has_room(self) -> bool:
        """Whether one more may be submitted."""
        return len(self._running) + len(self._stuck) < self._n_workers

    def submit(
        self,
        trial: Trial,
        objective: Objective,
        catch: bool,
        running: RunningTrial | None = None,
        objectives: tuple[str, ...] = (),
    ) -> None:
        """Start a trial; WorkersLost when there is nobody left to run it.

        ``running`` is what an objective with a second argument gets, ``objectives`` are
        the names of several that its result must have.
        """
        if self._broken:
            self._replace()
        task = partial(evaluate, objective, dict(trial.params), catch, running, objectives)
        name = f"bayesopt-trial-{time.time_ns():020d}-{uuid4().hex}"  # sorts as submitted
        try:
            future = submit(self._executor, task, name)
        except (BrokenExecutor, OSError):  # OSError: a pool caught in the act of breaking
            self._replace()
            future = submit(self._executor, task, name)
        except Exception as error:
            if self._capacity is None or not self._manned:
                raise
            raise WorkersLost(f"the cluster takes no more work: {describe(error)}") from error
        self._running[future], self._names[future] = trial, name
        self._look()

    def wait(self) -> list[Finished]:
        """Wait until something changes; the finished trials, in order of submission.

        WorkersLost when there has been nobody to run them for too long.
        """
        if not self._running and self._stuck and self._replace_hanging():
            return []
        wait_for({*self._running, *self._stuck}, self._patience(), FIRST_COMPLETED)
        self._stuck = {future for future in self._stuck if not future.done()}
        done = [future for future in self._running if future.done()]
        finished = [self._outcome(future, self._pop(future)) for future in done]
        self._look()
        finished += self._expired()
        if not finished:
            self._check_manned()
        return finished

    def close(self, stop_running: bool) -> None:
        """Let go of the executor; one that was made here is shut down."""
        for future in (*self._running, *self._stuck):
            future.cancel()
        if self._ours and (stop_running or self._stuck):
            kill(self._executor)
        elif self._ours:
            end(self._executor, wait=True)

    def _pop(self, future: Future[Evaluation]) -> Trial:
        self._begun.pop(future, None)
        del self._names[future]
        return self._running.pop(future)

    def _patience(self) -> float:
        looks = [_SLICE] if self._capacity is None else [_SLICE, _LOOK]
        if self._stuck:
            looks.append(_POLL)
        if self._timeout is not None and self._begun:
            first = min(self._begun.values())
            looks.append(max(first + self._timeout - time.monotonic(), 0.0))
        return min(looks)

    def _look(self) -> None:
        """See how many workers there are and which trials they have begun."""
        now = time.monotonic()
        if self._capacity is not None and now - self._looked >= _LOOK:
            self._capacity, self._looked = capacity(self._executor), now
        if self._capacity is None:
            n_begun = len(self._running)
        else:  # first come, first served
            n_begun = max(self._capacity - len(self._stuck), 0)
        if self._capacity == 0:
            self._begun.clear()
        for future in islice(self._running, n_begun):
            self._begun.setdefault(future, now)

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
        late = [f for f, begun in self._begun.items() if now - begun >= self._timeout]
        return [self._late(future, self._timeout) for future in late]

    def _late(self, future: Future[Evaluation], seconds: float) -> Finished:
        behind = waits_behind(self._executor, self._names[future])
        trial = self._pop(future)
        if behind and future.cancel():
            lost = f"for {seconds:g} s it waited on its worker behind another trial"
            return Finished(trial, lost=lost, begun=False)
        cancelled = (self._capacity is None or stops_calls(self._executor)) and future.cancel()
        if cancelled and self._capacity is None:
            lost = f"it did not begin within {seconds:g} s: no worker was free"
            return Finished(trial, lost=lost, begun=False)
        if not cancelled and not isinstance(self._executor, DaemonThreads):
            self._stuck.add(future)
        return Finished(trial, Evaluation(failure=f"timeout: no result after {seconds:g} s"))

    def _check_manned(self) -> None:
        """WorkersLost when nobody has been there, or free, for too long."""
        now = time.monotonic()
        self._manned = self._manned or bool(self._capacity)
        if self._capacity == 0:
            what = "no worker is left"
        elif len(self._stuck) >= (self._capacity or self._n_workers):
            what = "all workers hang in trials that took too long"
        else:
            self._alone_since = None
            return
        if self._alone_since is None:
            self._alone_since = now
            _log.warning("%s: waiting", what if self._manned else "no worker has come yet")
        waited = now - self._alone_since
        if self._manned and self._worker_timeout is not None and waited >= self._worker_timeout:
            raise WorkersLost(f"{what}; waited {waited:.0f} s for one")

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
        self._capacity = capacity(fresh)
