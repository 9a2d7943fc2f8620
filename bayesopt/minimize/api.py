"""``minimize`` and ``maximize``: light to import; what they need is loaded when called."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

from bayesopt.calls import explained_with
from bayesopt.options import OptimizerOptions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from concurrent.futures import Executor

    from bayesopt.minimize.callbacks import Callback
    from bayesopt.minimize.context import ContextSource
    from bayesopt.minimize.ending import StopRule
    from bayesopt.minimize.evaluate import Objective
    from bayesopt.optimizer import Optimizer
    from bayesopt.result import Result
    from bayesopt.space import Parameter, Space


@explained_with(OptimizerOptions)
def minimize(
    objective: Objective,
    space: Space | Mapping[str, Parameter] | None = None,
    *,
    n_trials: int | None = None,
    timeout: float | None = None,
    target: float | None = None,
    patience: int | None = None,
    stop_after_failures: int | None = None,
    stop: StopRule | None = None,
    callbacks: Callback | Iterable[Callback] = (),
    progress: bool | None = None,
    raise_errors: bool = False,
    context: ContextSource | None = None,
    executor: Executor | Callable[[], Executor] | None = None,
    n_workers: int | None = None,
    trial_timeout: float | None = None,
    worker_timeout: float | None = 300.0,
    optimizer: Optimizer | None = None,
    **options: Unpack[OptimizerOptions],
) -> Result:
    """Minimise a function of parameters.

    Parameters
    ----------
    objective : called with a dict of parameters (inactive ones absent); returns a number, or a
        mapping with ``value``, other outputs by name, and optionally ``sd``, ``sds``, ``cost``,
        ``info``; see :meth:`Optimizer.tell <bayesopt.Optimizer.tell>`. An exception, or a value
        that is not finite, is recorded as a failed trial and avoided; the first one is logged as
        a warning. Anything that can never be a value (None, a list, text) ends the run.
        With a second argument (without a default, or called ``trial``) it gets the running trial
        as well: ``trial.report(value, step)``, and ``if trial.should_stop(): return
        trial.stopped()``; ``early_stopping=`` decides. It may be a worker process of this machine.
    space : what to search, a Space or a mapping from names to parameters; left out when
        ``optimizer`` is given.
    n_trials : trials of the whole run, failures included; trials that a given or reloaded
        optimizer already has count, added observations and abandoned trials do not. When no limit
        of any kind is given, 100.
    timeout : seconds; evaluations that are running then are waited for.
    target : stop once the best feasible value is this good.
    patience : stop after so many finished trials in a row without a better one, counted from the
        first success.
    stop_after_failures : stop when so many trials in a row failed. None: never, as a simulator may
        diverge in most of its space.
    stop : a rule that ends the run when too little is left to gain: ``bo.Converged()``, or
        ``bo.WorthIt(price)`` where evaluations have a price. Give ``n_trials`` as well, as a
        limit. What the model expects of its last proposal is
        ``result.diagnostics["expected_gain"]``.
    callbacks : one function or several, each called as ``callback(optimizer, trial)`` after every
        trial; returning True or raising StopIteration ends the run. One that raises anything else
        is reported in the log and the run goes on. An object with a method ``end`` is told the
        result at the end. MLflow, Weights & Biases and TensorBoard: ``docs/trackers.md``.
    progress : show the best value so far while it runs. None: as a bar in a notebook and on a
        terminal. True: elsewhere too (``nohup``, a batch system), as plain lines. The log
        ``bayesopt.minimize`` gets a line a trial and a summary at level INFO, unless it is False.
    raise_errors : let an exception of the objective through, after recording it.
    context : for a space with context parameters: their values by name, or a function without
        arguments that reads them before each trial.
    executor : a ``concurrent.futures`` executor, or a function that makes one (called again when
        the workers died). None: the calling thread; threads when ``n_workers`` > 1 or
        ``trial_timeout`` is given. For work that holds the interpreter lock take a
        ``ProcessPoolExecutor``.
    n_workers : trials in flight at once; None: as many as the executor has workers.
    trial_timeout : seconds one trial may take, then it counts as failed. A thread cannot be
        stopped: its call goes on unheeded.
    worker_timeout : seconds to go on waiting when a cluster (Dask, Ray) has lost all its workers,
        or when all hang in trials that took too long; then the run ends with what there is
        (``Stop.WORKERS``). None: for ever, as for a cluster's first workers.
    optimizer : an optimizer to go on with, in place of ``space`` and ``options``.
    **options : anything ``Optimizer`` takes: ``seed``, ``storage``, ``surrogate``, ... With
        ``objectives={"error": "minimize", "throughput": "maximize"}`` the objective returns a
        mapping with these names, or a tuple in this order, and the result has a front:
        ``result.pareto``.

    Returns
    -------
    The result; ``result.stop`` says why the run ended. Ctrl-C ends it too, with what there is.

    Raises
    ------
    TypeError, ValueError : an argument is not what it should be.
    ObjectiveError : the first three evaluations raised the same programming error (TypeError,
        KeyError, NameError, AttributeError, ImportError, ...) at the same line, or the objective
        returned what can never be a value. The trials are in ``error.result``, and in the
        ``storage`` if there is one.
    RuntimeError : the executor cannot run the objective at all.
    """
    from bayesopt.minimize.callbacks import read_callbacks
    from bayesopt.minimize.limits import Limits
    from bayesopt.minimize.run import LoopOptions, Workers, make_optimizer, run

    return run(
        objective,
        Limits(n_trials, timeout, target, patience, stop_after_failures),
        Workers(executor, n_workers, trial_timeout, worker_timeout),
        LoopOptions(read_callbacks(callbacks), progress, raise_errors, context, stop),
        make_optimizer(space, "minimize", n_trials, optimizer, options),
    )


@explained_with(OptimizerOptions)
def maximize(
    objective: Objective,
    space: Space | Mapping[str, Parameter] | None = None,
    *,
    n_trials: int | None = None,
    timeout: float | None = None,
    target: float | None = None,
    patience: int | None = None,
    stop_after_failures: int | None = None,
    stop: StopRule | None = None,
    callbacks: Callback | Iterable[Callback] = (),
    progress: bool | None = None,
    raise_errors: bool = False,
    context: ContextSource | None = None,
    executor: Executor | Callable[[], Executor] | None = None,
    n_workers: int | None = None,
    trial_timeout: float | None = None,
    worker_timeout: float | None = 300.0,
    optimizer: Optimizer | None = None,
    **options: Unpack[OptimizerOptions],
) -> Result:
    """Maximise a function of parameters.

    Everything is as in :func:`minimize`; values, ``target`` and the result stay in the
    objective's own sign.
    """
    from bayesopt.minimize.callbacks import read_callbacks
    from bayesopt.minimize.limits import Limits
    from bayesopt.minimize.run import LoopOptions, Workers, make_optimizer, run

    return run(
        objective,
        Limits(n_trials, timeout, target, patience, stop_after_failures),
        Workers(executor, n_workers, trial_timeout, worker_timeout),
        LoopOptions(read_callbacks(callbacks), progress, raise_errors, context, stop),
        make_optimizer(space, "maximize", n_trials, optimizer, options),
    )
