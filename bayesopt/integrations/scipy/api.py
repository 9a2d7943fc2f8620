"""``minimize``, and the callable for SciPy's function of that name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Unpack

from numpy.typing import ArrayLike

from bayesopt.calls import explained_with
from bayesopt.checks import whole
from bayesopt.integrations.scipy import convert
from bayesopt.integrations.scipy.constraints import read_constraints
from bayesopt.integrations.scipy.run import Run, VectorFunction
from bayesopt.integrations.scipy.workers import Map, evaluator
from bayesopt.optimizer import Optimizer
from bayesopt.options import RunOptions
from bayesopt.space import Space


class MethodOptions(RunOptions, total=False):
    """What :func:`method` passes on to :func:`minimize`."""

    integrality: ArrayLike | None
    rng: Any
    workers: int | Map
    maxfev: int
    batch: int | None
    disp: bool


@explained_with(RunOptions)
def minimize(
    fun: Callable[..., Any],
    bounds: Any,
    args: tuple[Any, ...] = (),
    *,
    x0: ArrayLike | None = None,
    integrality: ArrayLike | None = None,
    constraints: Any = (),
    callback: Callable[..., Any] | None = None,
    rng: Any = None,
    workers: int | Map = 1,
    maxfev: int = 100,
    batch: int | None = None,
    disp: bool = False,
    **options: Unpack[RunOptions],
) -> Any:
    """Minimise an expensive function of a vector within bounds.

    Parameters
    ----------
    fun : called as ``fun(x, *args)`` with ``x`` (n,); returns a number. One that is not finite
        marks the point as failed and its region is avoided; an exception is let through.
    bounds : n pairs ``(low, high)`` or a ``scipy.optimize.Bounds``; finite.
    args : further arguments of ``fun``.
    x0 : point (n,), or points (m, n), to begin with; moved into the bounds, and left out where
        the constraints do not hold.
    integrality : (n,) or a single one; true where the variable is a whole number.
    constraints : what every point must satisfy before it is evaluated: one or several of
        ``LinearConstraint``, ``NonlinearConstraint``, ``Bounds`` and ``{"type": "ineq", "fun":
        ...}``. They are checked at thousands of points for every evaluation, so they must be
        cheap. Equalities only over whole numbers.
    callback : called after every evaluation (every batch of them), as
        ``callback(intermediate_result)`` with an ``OptimizeResult`` if its only parameter has
        that name, else as ``callback(x)`` with the best point so far. It ends the run by raising
        StopIteration or returning a true value.
    rng : int, ``numpy.random.Generator`` or ``RandomState``; the same one makes the same run.
    workers : number of processes (-1: one for each core; ``fun`` must be importable then), or a
        function like ``map``, such as ``pool.map``.
    maxfev : evaluations.
    batch : points handed to ``workers`` at once; by default as many as there are processes, or
        cores for a function like ``map``.
    disp : print a line for every batch.
    **options : anything else that :class:`bayesopt.Optimizer` takes, such as ``deterministic``.

    Returns
    -------
    OptimizeResult : ``x`` (n,) and ``fun``, the best observed; ``success``; ``status`` (0: the
        evaluations are spent; 1: all points are evaluated; 2: no value was finite; 3: no new
        point was found that meets the constraints, which ``message`` names; 99: the callback
        asked to stop); ``message``, ``nfev``, ``nit``; ``x_iters`` (nfev, n) and
        ``func_vals`` (nfev,), nan where it failed; ``x_recommended`` (n,), the evaluated point
        that is best by the posterior mean: under noise, the one to use.

    Raises
    ------
    TypeError, ValueError : naming the argument.

    Examples
    --------
    >>> found = minimize(lambda x: (x[0] - 0.3) ** 2, [(0, 1)], maxfev=12, rng=0)
    >>> bool(abs(found.x[0] - 0.3) < 0.02)
    True
    """
    variables = convert.read_variables(bounds, integrality)
    known = read_constraints(constraints, variables)
    budget = whole("maxfev", maxfev, 1)
    show = convert.read_callback(callback)
    starts = convert.read_starts(x0, variables)
    space = Space(variables, constraints=known)
    optimizer = Optimizer(space, seed=convert.read_seed(rng), n_trials=budget, **options)
    optimizer.enqueue([start for start in starts if space.contains(start)])
    with evaluator(workers, batch) as (evaluate, size):
        run = Run(optimizer, VectorFunction(fun, args), evaluate, size)
        return run.go(budget, [show, _print] if disp else [show])


@explained_with(MethodOptions)
def method(
    fun: Callable[..., Any],
    x0: ArrayLike,
    args: tuple[Any, ...] = (),
    *,
    bounds: Any = None,
    constraints: Any = (),
    callback: Callable[..., Any] | None = None,
    jac: Any = None,
    hess: Any = None,
    hessp: Any = None,
    tol: Any = None,
    **options: Unpack[MethodOptions],
) -> Any:
    """For ``scipy.optimize.minimize(fun, x0, method=method, bounds=bounds, options={...})``.

    Parameters
    ----------
    fun, args, bounds, constraints, callback : as in :func:`minimize`; ``bounds`` are needed.
    x0 : point (n,) to begin with.
    jac, hess, hessp, tol : not used.
    **options : the other arguments of :func:`minimize`: ``maxfev``, ``rng``, ``integrality``, ...
    """
    if bounds is None:
        raise ValueError(
            "bounds are needed: write scipy.optimize.minimize(fun, x0, method=method, "
            "bounds=[(low, high), ...])"
        )
    return minimize(
        fun, bounds, args, x0=x0, constraints=constraints, callback=callback, **options
    )


def _print(state: Any) -> bool:
    print(f"bayesopt: {state.nfev} evaluations, f(x) = {state.fun:g}")
    return False
