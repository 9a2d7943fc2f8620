"""``minimize`` and ``maximize``."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bayesopt.minimize.crew import Crew
from bayesopt.minimize.evaluate import Objective
from bayesopt.minimize.executors import DaemonThreads, Inline, width
from bayesopt.minimize.limits import Limits, check_count, check_seconds
from bayesopt.minimize.loop import Callback, Loop
from bayesopt.minimize.progress import ProgressBar
from bayesopt.result import Result
from bayesopt.trial import Origin, TrialState

if TYPE_CHECKING:
    from bayesopt.optimizer import Optimizer
    from bayesopt.space import Space

_DEFAULT_TRIALS = 100
_DONE = (TrialState.COMPLETE, TrialState.FAILED)


def minimize(
    objective: Objective,
    space: Space | None = None,
    *,
    n_trials: int | None = None,
    timeout: float | None = None,
    target: float | None = None,
    patience: int | None = None,
    callbacks: Iterable[Callback] = (),
    progress: bool | None = None,
    raise_errors: bool = False,
    executor: Executor | Callable[[], Executor] | None = None,
    n_workers: int | None = None,
    trial_timeout: float | None = None,
    optimizer: Optimizer | None = None,
    **options: Any,
) -> Result:
    """Minimise a function of parameters.

    Parameters
    ----------
    objective : called with a dict of parameters (inactive ones absent); returns a number, or a
        mapping with ``value`` and optionally ``sd``, ``constraints``, ``cost``, ``info``. An
        exception, or a value that is not finite, is recorded as a failed trial and avoided.
    space : what to search; left out when ``optimizer`` is given.
    n_trials : trials of the whole run, failures included; trials that a given or reloaded
        optimizer already has count, added observations and abandoned trials do not. When no limit
        of any kind is given, 100.
    timeout : seconds; evaluations that are running then are waited for.
    target : stop once the best feasible value is this good.
    patience : stop after so many finished trials in a row without a better one, counted from the
        first success.
    callbacks : each called as ``callback(optimizer, trial)`` after every trial; returning True or
        raising StopIteration ends the run.
    progress : show a bar on standard error; None: when that is a terminal.
    raise_errors : let an exception of the objective through, after recording it.
    executor : a ``concurrent.futures`` executor, or a function that makes one (called again when
        the workers died). None: the calling thread; threads when ``n_workers`` > 1 or
        ``trial_timeout`` is given. For work that holds the interpreter lock take a
        ``ProcessPoolExecutor``.
    n_workers : trials in flight at once; None: as many as the executor has workers.
    trial_timeout : seconds one trial may take, then it counts as failed. A thread cannot be
        stopped: its call goes on unheeded.
    optimizer : an optimizer to go on with, in place of ``space`` and ``options``.
    **options : anything ``Optimizer`` takes: ``seed``, ``storage``, ``surrogate``, ...

    Returns
    -------
    The result; ``result.stop`` says why the run ended. Ctrl-C ends it too, with what there is.

    Raises
    ------
    TypeError, ValueError : an argument is not what it should be.
    RuntimeError : the executor cannot run the objective at all.
    """
    return _run(
        objective,
        _optimizer(space, "minimize", n_trials, optimizer, options),
        Limits(n_trials, timeout, target, patience),
        _Workers(executor, n_workers, trial_timeout),
        _Manners(tuple(callbacks), progress, raise_errors),
    )


def maximize(
    objective: Objective,
    space: Space | None = None,
    *,
    n_trials: int | None = None,
    timeout: float | None = None,
    target: float | None = None,
    patience: int | None = None,
    callbacks: Iterable[Callback] = (),
    progress: bool | None = None,
    raise_errors: bool = False,
    executor: Executor | Callable[[], Executor] | None = None,
    n_workers: int | None = None,
    trial_timeout: float | None = None,
    optimizer: Optimizer | None = None,
    **options: Any,
) -> Result:
    """Maximise a function of parameters.

    Everything is as in :func:`minimize`; values, ``target`` and the result stay in the
    objective's own sign.
    """
    return _run(
        objective,
        _optimizer(space, "maximize", n_trials, optimizer, options),
        Limits(n_trials, timeout, target, patience),
        _Workers(executor, n_workers, trial_timeout),
        _Manners(tuple(callbacks), progress, raise_errors),
    )


@dataclass(frozen=True, slots=True)
class _Workers:
    """Who evaluates."""

    executor: Executor | Callable[[], Executor] | None
    n_workers: int | None
    trial_timeout: float | None

    def __post_init__(self) -> None:
        check_count("n_workers", self.n_workers)
        check_seconds("trial_timeout", self.trial_timeout)
        if not (
            self.executor is None or isinstance(self.executor, Executor) or callable(self.executor)
        ):
            raise TypeError(
                "'executor' must be a concurrent.futures executor, a function that makes one, or "
                f"None; got {self.executor!r}"
            )

    def crew(self) -> tuple[Crew, int]:
        """The crew and its size."""
        if self.executor is None:
            size = self.n_workers or 1
            threads = size > 1 or self.trial_timeout is not None
            return Crew(DaemonThreads() if threads else Inline(), size, self.trial_timeout), size
        executor = self.executor if isinstance(self.executor, Executor) else self.executor()
        make = None if executor is self.executor else self.executor
        size = self.n_workers or width(executor) or 0
        if not size:
            raise ValueError(
                f"{type(executor).__name__} does not say how many workers it has; give 'n_workers'"
            )
        return Crew(executor, size, self.trial_timeout, make=make), size


@dataclass(frozen=True, slots=True)
class _Manners:
    """How the run behaves towards its user."""

    callbacks: tuple[Callback, ...]
    progress: bool | None
    raise_errors: bool

    def __post_init__(self) -> None:
        for callback in self.callbacks:
            if not callable(callback):
                raise TypeError(f"'callbacks' must be functions; got {callback!r}")


def _optimizer(
    space: Space | None,
    direction: str,
    n_trials: int | None,
    given: Optimizer | None,
    options: dict[str, Any],
) -> Optimizer:
    if given is None:
        from bayesopt.optimizer import Optimizer

        if space is None:
            raise TypeError("'space' is missing: give a Space, or an 'optimizer' to go on with")
        if "direction" in options:
            raise TypeError("'direction' is settled by the choice of minimize or maximize")
        return Optimizer(space, direction=direction, n_trials=n_trials, **options)
    if space is not None and space is not given.space:
        raise TypeError("give 'space' or 'optimizer', not both: an optimizer has its space")
    if options:
        raise TypeError(f"{sorted(options)} belong to the Optimizer; set them when making it")
    if given.direction != direction:
        raise ValueError(
            f"the given optimizer has direction={given.direction!r}: use bo.{given.direction}"
        )
    return given


def _run(
    objective: Objective,
    optimizer: Optimizer,
    limits: Limits,
    workers: _Workers,
    manners: _Manners,
) -> Result:
    if not callable(objective):
        raise TypeError(
            f"'objective' must be a function of a dict of parameters; got {objective!r}"
        )
    if not limits.any_given:
        limits = Limits(n_trials=_DEFAULT_TRIALS)
    crew, size = workers.crew()
    bar = ProgressBar(manners.progress, limits.n_trials)
    bar.start(sum(t.origin is not Origin.ADDED and t.state in _DONE for t in optimizer.trials))
    catch = not manners.raise_errors
    stop = Loop(optimizer, objective, limits, crew, size, manners.callbacks, bar, catch).run()
    return optimizer.result(stop)
