"""Calls with arguments that do not fit: said in the words of the call, with what was meant."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Sequence
from typing import Any, TypeVar, cast

F = TypeVar("F", bound=Callable[..., Any])
C = TypeVar("C", bound=type)

# Words for the same thing, here and in other libraries (scikit-optimize, Optuna, Hyperopt,
# bayesian-optimization, Ax, SciPy, scikit-learn); those that a call may take come first.
_SAME = (
    ("n_trials", "n_iter", "maxfev", "n_calls", "max_evals", "max_iter", "maxiter", "n_evals",
     "n_evaluations", "max_trials", "total_trials", "num_trials", "num_samples", "budget",
     "iterations", "evaluation_limit"),
    ("seed", "random_state", "rng", "random_seed", "rstate"),
    ("n_workers", "n_jobs", "workers", "max_workers", "num_workers", "parallelism", "n_procs",
     "max_concurrency", "n_parallel"),
    ("progress", "verbose", "disp", "show_progress_bar", "show_progressbar", "progress_bar",
     "progressbar"),
    ("callbacks", "callback", "on_trial", "hooks"),
    ("timeout", "max_time", "time_limit", "time_budget", "max_runtime"),
    ("patience", "early_stopping", "early_stopping_rounds", "early_stop_fn", "no_progress_loss"),
    ("target", "loss_threshold", "target_value", "f_target"),
    ("raise_errors", "catch", "raise_on_error", "reraise", "error_score",
     "catch_eval_exceptions"),
    ("stop_after_failures", "max_failures", "max_failed_trials"),
    ("objective", "fun", "f", "func", "fn", "objective_function", "evaluation_function"),
    ("space", "search_spaces", "bounds", "pbounds", "dimensions", "search_space", "domain",
     "param_grid", "param_distributions", "param_space", "params", "parameters"),
    ("acquisition", "acquisition_function", "acq_func", "acq", "acqf", "acq_function"),
    ("surrogate", "base_estimator", "model", "gp", "estimator", "regressor", "kernel",
     "gp_params"),
    ("initial_design", "n_startup_trials", "n_startup_jobs", "init_points", "n_initial_points",
     "n_random_starts", "initial_points", "n_init", "initial_point_generator",
     "num_initialization_trials", "initial_design_numdata"),
    ("proposer", "algo", "sampler", "strategy", "acq_optimizer", "algorithm"),
    ("storage", "study_name", "load_if_exists", "trials_save_file", "checkpoint", "database", "db",
     "path", "file"),
    ("direction", "sense", "goal", "minimize", "maximize", "directions"),
    ("deterministic", "deterministic_objective", "noiseless", "exact"),
    ("outcome_constraints", "constraint", "constraints", "constraints_func", "constraint_names"),
    ("records", "metrics", "tracking_metrics", "tracking_metric_names"),
    ("start", "x0", "points_to_evaluate", "initial_params", "initial_guess", "starts"),
    ("low", "min", "lower", "lb", "low_bound"),
    ("high", "max", "upper", "ub", "stop", "end", "high_bound"),
    ("step", "q", "resolution", "precision", "digits"),
    ("log", "log_scale", "logscale", "scale", "log10"),
    ("choices", "values", "categories", "options", "sequence"),
    ("when", "condition", "conditions", "parent", "active_if", "depends_on"),
    ("default", "initial", "init", "guess"),
    ("beta", "kappa"),
    ("n", "n_points", "num_points", "size"),
)  # fmt: skip

_KNOWN = (
    "known results go to an optimizer: optimizer.add_observations([(params, value), ...]), then "
)
_CONTINUED = "bo.minimize(objective, optimizer=optimizer)"
_LOG = "log=True makes a range logarithmic, to whatever base"

# Words that no option stands for, but something else does: an option by which the calls are known
# that it concerns ("" for all), and what to do.
_ELSEWHERE = {
    "start": ("low", "a range begins at low=..."),
    "y0": ("", _KNOWN + _CONTINUED),
    "distribution": ("log", _LOG),
    "transform": ("log", _LOG),
    "base": ("log", _LOG),
    "name": ("when", "a parameter gets its name from the space: Space(name=Float(0, 1))"),
    "args": ("objective", "write `lambda params: f(params, ...)`"),
    "kwargs": ("objective", "write `lambda params: f(params, ...)`"),
    "direction": ("optimizer", "it is settled by the choice of bo.minimize or bo.maximize"),
    "xi": ("acquisition", "it belongs to another acquisition, such as acquisition=bo.UCB(beta=2)"),
    "kappa": ("acquisition", "it belongs to one: acquisition=bo.UCB(beta=2)"),
}

# What BayesSearchCV takes elsewhere: options of scikit-optimize's optimizer.
_KWARGS = "optimizer_kwargs"
_IN_KWARGS = {
    "base_estimator": '{"surrogate": bo.MapGP()}',
    "surrogate": '{"surrogate": bo.MapGP()}',
    "acquisition": '{"acquisition": bo.EI()}',
    "proposer": '{"proposer": bo.RandomSearch()}',
    "initial_design": '{"n_initial_points": 10}',
    "acq_func": '{"acq_func": "EI"}',
    "kappa": '{"acq_func": "LCB", "acq_func_kwargs": {"kappa": 1.96}}',
    "space_constraint": '{"space_constraint": allowed}',
    "deterministic": '{"deterministic": True}',
} | dict.fromkeys(
    ("n_initial_points", "n_random_starts", "n_startup_trials"), '{"n_initial_points": 10}'
)

# A short example of an option whose value is not evident from its name.
_WRITTEN = {
    "acquisition": "acquisition=bo.EI()",
    "surrogate": "surrogate=bo.MapGP()",
    "initial_design": "initial_design=bo.InitialDesign(n=10)",
    "proposer": "proposer=bo.RandomSearch()",
    "storage": 'storage="run.db"',
    "start": "start={...}",
    "progress": "progress=True",
    "raise_errors": "raise_errors=True",
    "direction": 'direction="maximize"',
}


class _Default:
    """Stands in a signature for the default of the function that an option is passed on to."""

    def __repr__(self) -> str:
        return "..."


_DEFAULT = _Default()


def explained(function: F, /) -> F:
    """Make a function explain arguments that do not fit it."""
    return _explained(function, inspect.signature(function))


def explained_with(options: type, /) -> Callable[[F], F]:
    """Make a function explain arguments that do not fit it or its ``**options``.

    Parameters
    ----------
    options : the TypedDict of ``**options``; they become part of the function's signature, as
        ``help`` and notebooks show it.
    """

    def decorate(function: F) -> F:
        return _explained(function, _with_options(inspect.signature(function), options))

    return decorate


def explained_class(cls: C, /) -> C:
    """Make a class explain arguments that do not fit it."""
    cls.__init__ = explained(cls.__init__)  # type: ignore[misc]
    return cls


def explained_methods(cls: C, /) -> C:
    """Make every public method of a class explain arguments that do not fit it."""
    for name in dir(cls):
        method = inspect.getattr_static(cls, name)
        if not name.startswith("_") and inspect.isfunction(method):
            signature = inspect.signature(method)
            setattr(cls, name, _explained(method, signature, f"{cls.__name__}.{name}"))
    return cls


def unknown(call: str, word: str, known: Sequence[str]) -> str:
    """The sentence that a call does not know a word, with the one that was probably meant."""
    from bayesopt.checks import suggestion

    sentence = f"{call} has no option {word!r}"
    if _KWARGS in known and (advice := _of_a_search(word.lower())):
        return f"{sentence}; {advice}"
    group = next((group for group in _SAME if word.lower() in group), ())
    peers = [name for name in group if name in known]
    if peers:
        return f"{sentence}; it is called {_WRITTEN.get(peers[0], peers[0] + '=...')} here"
    concerned, advice = _ELSEWHERE.get(word.lower(), (None, ""))
    if concerned in (*known, ""):
        return f"{sentence}; {advice}"
    if "n_workers" in group:
        return f"{sentence}; bo.minimize(objective, ..., n_workers=4) runs several trials at once"
    if near := suggestion(word, known):
        return f"{sentence}{near}"
    return f"{sentence}; it takes {', '.join(known) or 'none'}"


def _of_a_search(word: str) -> str:
    """Where BayesSearchCV takes a word that is no option of its own."""
    if word in _IN_KWARGS:
        return f"write optimizer_kwargs={_IN_KWARGS[word]}"
    if word in ("callback", "callbacks", "groups", "sample_weight"):
        name = "callback" if word == "callbacks" else word
        return f"it goes to fit: search.fit(X, y, {name}=...)"
    return ""


def _explained(function: F, signature: inspect.Signature, call: str = "") -> F:
    call = call or function.__qualname__

    @functools.wraps(function)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        misfit = None
        if kwargs.keys() <= signature.parameters.keys():
            try:
                return function(*args, **kwargs)
            except TypeError:
                misfit = _misfit(call, signature, args, kwargs)
                if misfit is None:  # it came from inside
                    raise
        raise TypeError(misfit or _misfit(call, signature, args, kwargs))

    wrapper.__signature__ = signature  # type: ignore[attr-defined]
    return cast(F, wrapper)


def _with_options(signature: inspect.Signature, options: type) -> inspect.Signature:
    kept = [p for p in signature.parameters.values() if p.kind is not p.VAR_KEYWORD]
    more = [
        inspect.Parameter(
            name,
            inspect.Parameter.KEYWORD_ONLY,
            default=_DEFAULT,
            annotation=getattr(hint, "__forward_arg__", hint),
        )
        for name, hint in options.__annotations__.items()
    ]
    return signature.replace(parameters=[*kept, *more])


def _misfit(
    qualname: str, signature: inspect.Signature, args: Sequence[Any], kwargs: dict[str, Any]
) -> str | None:
    """Why arguments do not fit; None when they do."""
    try:
        signature.bind(*args, **kwargs)
    except TypeError as error:
        reason = str(error)
    else:
        return None
    call = f"{qualname.removesuffix('.__init__')}()"
    known = [name for name in signature.parameters if name not in ("self", "cls", "_")]
    for word in kwargs:
        if word not in signature.parameters:
            return unknown(call, word, known)
    by_place = [p for p in signature.parameters.values() if p.kind is p.POSITIONAL_OR_KEYWORD]
    extra = list(args[len(by_place) :])
    if extra:
        names = [p.name for p in by_place if p.name in known]
        return _too_many(call, names, [name for name in known if name not in names], args, extra)
    return f"{call} {reason}"


def _too_many(
    call: str, names: Sequence[str], others: Sequence[str], args: Sequence[Any], extra: list[Any]
) -> str:
    if names in (["choices"], ["values"]):
        values = [*args[-len(extra) - 1 :]]
        return f"{call} takes one list: write {call[:-1]}{values!r})"
    example = f"{others[0]}=..." if others else ""
    if "log" in others and isinstance(extra[0], str) and "log" in extra[0].lower():
        example = "log=True"
    by_place = f"only {' and '.join(names)}" if names else "nothing"
    return (
        f"{call} takes {by_place} by position; got {', '.join(map(repr, extra))} as well. Give "
        f"options by name: {example}"
    )
