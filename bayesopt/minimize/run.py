"""From the arguments of ``minimize`` to a run."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, replace

from bayesopt.checks import instance, optional, seconds, shown, truth, whole
from bayesopt.minimize.callbacks import Callback, Callbacks
from bayesopt.minimize.context import ContextSource, read_source
from bayesopt.minimize.ending import Gains, StopRule, most_objectives
from bayesopt.minimize.evaluate import Objective
from bayesopt.minimize.executors import DaemonThreads, Inline, width
from bayesopt.minimize.failures import ObjectiveError
from bayesopt.minimize.interrupts import keyboard, signals
from bayesopt.minimize.limits import Limits
from bayesopt.minimize.loop import Loop
from bayesopt.minimize.progress import ProgressBar
from bayesopt.minimize.running import takes_trial
from bayesopt.minimize.worker_pool import WorkerPool
from bayesopt.optimizer import Optimizer
from bayesopt.options import OptimizerOptions
from bayesopt.result import Result, Stop
from bayesopt.space import Parameter, Space
from bayesopt.trial import Origin, TrialState

_log = logging.getLogger("bayesopt.minimize")

_MOST_WORKERS = 10_000
_DEFAULT_TRIALS = 100
_SHORT = 9  # stopped trials for a complete one, above which there is a word on it
_MOST_FAILURES = 100  # in a row, where nothing else is sure to end a run
_DONE = (TrialState.COMPLETE, TrialState.FAILED, TrialState.STOPPED)


@dataclass(frozen=True, slots=True)
class Workers:
    """Who evaluates."""

    executor: Executor | Callable[[], Executor] | None
    n_workers: int | None
    trial_timeout: float | None
    worker_timeout: float | None

    def __post_init__(self) -> None:
        optional(whole, "n_workers", self.n_workers, 1, _MOST_WORKERS)
        optional(seconds, "trial_timeout", self.trial_timeout)
        optional(seconds, "worker_timeout", self.worker_timeout)
        if not (
            self.executor is None or isinstance(self.executor, Executor) or callable(self.executor)
        ):
            raise TypeError(
                "'executor' must be a concurrent.futures executor, a function that makes one, or "
                f"None; got {shown(self.executor)}"
            )

    def pool(self) -> tuple[WorkerPool, int]:
        """The pool and its number of workers."""
        if self.executor is None:
            size = self.n_workers or 1
            threads = size > 1 or self.trial_timeout is not None
            return WorkerPool(
                DaemonThreads() if threads else Inline(), size, self.trial_timeout
            ), size
        if isinstance(self.executor, Executor):
            executor, make = self.executor, None
        else:
            executor, make = self.executor(), self.executor
        size = self.n_workers or width(executor) or 0
        if not size:
            raise ValueError(
                f"{type(executor).__name__} does not say how many workers it has; give 'n_workers'"
            )
        limits = self.trial_timeout, self.worker_timeout
        return WorkerPool(executor, size, *limits, make=make), size


@dataclass(frozen=True, slots=True)
class LoopOptions:
    """Callbacks, progress bar, error policy, where the context comes from, when it is enough."""

    callbacks: tuple[Callback, ...]
    progress: bool | None
    raise_errors: bool
    context: ContextSource | None = None
    stop: StopRule | None = None

    def __post_init__(self) -> None:
        optional(truth, "progress", self.progress)
        truth("raise_errors", self.raise_errors)
        if not (self.stop is None or isinstance(self.stop, StopRule)):
            raise TypeError(
                "stop must be a rule such as bo.Converged() or bo.WorthIt(price), or None; got "
                f"{shown(self.stop)}"
            )


def make_optimizer(
    space: Space | Mapping[str, Parameter] | None,
    direction: str,
    n_trials: int | None,
    given: Optimizer | None,
    options: OptimizerOptions,
) -> Optimizer:
    """The given optimizer, checked, or a new one."""
    if given is None:
        if space is None:
            raise TypeError("'space' is missing: give a Space, or an 'optimizer' to go on with")
        second: object = space
        if callable(second) and not isinstance(second, Mapping):
            raise TypeError(f"the objective comes first: {direction}(objective, space)")
        if options.get("objectives") is None:
            return Optimizer(space, direction=direction, n_trials=n_trials, **options)
        _check_minimize(direction, options["objectives"])
        return Optimizer(space, n_trials=n_trials, **options)
    instance("optimizer", given, Optimizer, also=" to go on with")
    if space is not None and space is not given.space:
        raise TypeError("give 'space' or 'optimizer', not both: an optimizer has its space")
    if options:
        raise TypeError(f"{sorted(options)} belong to the Optimizer; set them when making it")
    if given.several:
        _check_minimize(direction, {o.name: o.direction for o in given.problem.objectives})
    elif given.direction != direction:
        raise ValueError(
            f"the given optimizer has direction={given.direction!r}: use bo.{given.direction}"
        )
    return given


def _check_minimize(called: str, objectives: object) -> None:
    """Each objective has its direction; the function is ``minimize`` for all."""
    if called != "minimize":
        raise ValueError(
            f"bo.{called} is for one objective; with several write bo.minimize(f, space, "
            f"objectives={shown(objectives)}): each has its own direction there"
        )


def run(
    objective: Objective,
    limits: Limits,
    workers: Workers,
    loop_options: LoopOptions,
    optimizer: Optimizer,
) -> Result:
    """Run to the end."""
    if not callable(objective):
        raise TypeError(
            f"'objective' must be a function of a dict of parameters; got {shown(objective)}"
        )
    context = read_source(optimizer.space, loop_options.context)
    if loop_options.stop is not None:
        _check_rule(loop_options.stop, optimizer)
    limited = loop_options.stop is not None or optimizer.config.budget is not None
    if not (limits.any_given or limited):
        limits = Limits(n_trials=_DEFAULT_TRIALS)
    elif not limits.any_given:  # where all fail nothing is spent, and no model expects anything
        limits = replace(limits, stop_after_failures=limits.stop_after_failures or _MOST_FAILURES)
    limits.check_for(optimizer)
    pool, size = workers.pool()
    bar = ProgressBar(loop_options.progress, limits.n_trials)
    bar.start(sum(t.origin is not Origin.ADDED and t.state in _DONE for t in optimizer.trials))
    catch = not loop_options.raise_errors
    callbacks = Callbacks(loop_options.callbacks)
    wants = takes_trial(objective, optimizer.space.names) is not None
    gains = Gains(loop_options.stop, bar.live)
    loop = Loop(
        optimizer, objective, limits, pool, size, callbacks, bar, catch, context, gains, wants
    )
    with keyboard():
        result = _result(loop, optimizer)
    callbacks.end(result)
    bar.summary(result)
    _say_if_short(result)
    return result


def _say_if_short(result: Result) -> None:
    """A warning where the trials were spent on looks: who counts trials meant more than that."""
    states = [t.state for t in result.trials]
    complete, stopped = states.count(TrialState.COMPLETE), states.count(TrialState.STOPPED)
    steps = [t.curve[-1][0] for t in result.trials if t.curve]
    whole_run = max((t.curve[-1][0] for t in result.trials if t.feasible and t.curve), default=0)
    if result.stop is Stop.N_TRIALS and stopped > _SHORT * complete and whole_run > 1:
        _log.warning(
            "%d of %d trials were stopped early, so that the run cost about %d whole ones. "
            "n_trials counts stopped trials: give more of them, or a timeout",
            *(stopped, len(states), max(round(sum(steps) / whole_run), 1)),
        )


def _check_rule(rule: StopRule, optimizer: Optimizer) -> None:
    m = len(optimizer.problem.objectives)
    if m > 1 and not rule.for_several():
        raise ValueError(
            f"stop={type(rule).__name__}(...) is for one objective: it has no "
            "least_volume(trials, volume); with several use bo.Converged() or bo.WorthIt(price)"
        )
    if m > 1 and m > (most := most_objectives()):
        raise ValueError(
            f"stop= goes by the expected hypervolume, which is told for at most {most} "
            f"objectives; this run has {m}: use patience= or a callback"
        )


def _result(loop: Loop, optimizer: Optimizer) -> Result:
    """What there is when the loop has ended; an interrupt now only costs the recommendation."""
    try:
        stop = loop.run()
    except ObjectiveError as error:
        error.result = optimizer.result(Stop.ERROR)
        kept = getattr(optimizer.storage, "path", "the error's attribute `result`")
        n = len(error.result.trials)
        error.add_note(f"Nothing is lost: the run's {n} trials are in {kept}.")
        raise
    try:
        with signals().released():
            result = optimizer.result(stop)
            if loop.gains.last is None:
                return result
            about = {**result.diagnostics, "expected_gain": loop.gains.last}
            return result.with_diagnostics(about)
    except KeyboardInterrupt:
        with signals().held():
            return result_so_far(optimizer, stop)


def result_so_far(optimizer: Optimizer, stop: Stop) -> Result:
    """The trials of a run and the best of them; no model is asked for a recommendation."""
    return optimizer.result_so_far(stop)
