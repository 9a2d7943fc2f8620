"""Runs that move between this package and Optuna's storages."""

from __future__ import annotations

import json
import math
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Unpack

from bayesopt.calls import explained_with
from bayesopt.integrations.host import require
from bayesopt.options import ImportOptions
from bayesopt.outcome import outcome_to_json
from bayesopt.space import (
    Boolean,
    Categorical,
    Constant,
    ContinuousParameter,
    Float,
    Int,
    Ordinal,
    Space,
)
from bayesopt.trial import TrialState

if TYPE_CHECKING:
    from bayesopt.optimizer import Optimizer
    from bayesopt.outcome import Outcome
    from bayesopt.result import Result
    from bayesopt.space import Parameter
    from bayesopt.trial import Trial

_NUMBERS = (Float, Int, ContinuousParameter)
_CONSTRAINTS = "constraints"  # the system attribute that Optuna's samplers and dashboard read


def to_optuna(result: Result, url: str, *, study_name: str) -> int:
    """Copy a run's finished trials into a new study of an Optuna storage.

    Values, constraints and failures go where Optuna keeps them; the measured standard deviation,
    cost and info become user attributes. Pending and abandoned trials stay behind: Optuna has no
    state that means them.

    Parameters
    ----------
    result : the run.
    url : an Optuna storage, such as ``sqlite:///optuna.db`` or ``postgresql://...``.
    study_name : must not exist there yet.

    Returns
    -------
    The number of trials copied.

    Raises
    ------
    ValueError : the study exists.
    ImportError : Optuna is not installed or too old.
    """
    require("optuna", extra="optuna", at_least="4.0")
    import optuna

    finished = [t for t in result.trials if t.state in (TrialState.COMPLETE, TrialState.FAILED)]
    distributions = {n: _distribution(p) for n, p in result.space.parameters.items()}
    with _opened(url) as storage:
        try:
            ways = list(result.objectives.values()) if result.several else [result.direction]
            study = optuna.create_study(storage=storage, study_name=study_name, directions=ways)
        except optuna.exceptions.DuplicatedStudyError:
            raise ValueError(
                f"the study {study_name!r} exists in {url}; give another name"
            ) from None
        if result.several:
            _name(study, list(result.objectives))
        study.add_trials([_frozen(t, result, distributions) for t in finished])
    return len(finished)


@contextmanager
def _opened(url: str) -> Iterator[Any]:
    """An Optuna storage, its database connections closed at the end (Optuna leaves them open)."""
    from optuna.storages import RDBStorage

    storage = RDBStorage(url)
    try:
        yield storage
    finally:
        storage.remove_session()
        storage.engine.dispose()


@explained_with(ImportOptions)
def from_optuna(
    study: Any, space: Space | None = None, **options: Unpack[ImportOptions]
) -> Optimizer:
    """An optimizer that knows what an Optuna study has found so far.

    Parameters
    ----------
    study : an ``optuna.Study``. Complete and failed trials come along as added observations,
        constraints included; not so a trial that failed before it had asked for all of its
        parameters. Several objectives are called by the study's metric names, or ``objective_0``
        and so on.
    space : the search space. None: made of the trials' distributions; a parameter that only some
        trials have becomes conditional on the categorical one that decides it.
    **options : those of :class:`~bayesopt.Optimizer`, such as ``storage`` and ``seed``.

    Raises
    ------
    ValueError : no space can be made of the study.
    """
    from optuna.trial import TrialState as State

    from bayesopt.optimizer import Optimizer

    trials = study.get_trials(deepcopy=False, states=(State.COMPLETE, State.FAIL))
    complete = [t for t in trials if t.state is State.COMPLETE]
    chosen = _space_of(complete) if space is None else space
    ways = [direction.name.lower() for direction in study.directions]
    names_of = study.metric_names or [f"objective_{j}" for j in range(len(ways))]
    several = dict(zip(names_of, ways, strict=True)) if len(ways) > 1 else None
    declared: Any = {"direction": ways[0]} if several is None else {"objectives": several}
    known = [t for t in trials if t.state is State.COMPLETE or _is_whole(t, chosen)]
    observations = [(_point(t, chosen), _answer(t, list(several or ()))) for t in known]
    answers = [answer for _, answer in observations if isinstance(answer, dict)]
    names = dict.fromkeys(name for answer in answers for name in answer.get("constraints", ()))
    if names:  # any trial of a study may have further ones
        limits = {k: v for t in known for k, v in _kept_by_name(t, "limit").items()}
        options.setdefault(
            "outcome_constraints",
            {name: limits.get(name, "<= 0") for name in names} if limits else tuple(names),
        )
    records = dict.fromkeys(name for answer in answers for name in answer.get("records", ()))
    if records:
        options.setdefault("records", tuple(records))
    optimizer = Optimizer(chosen, **{**declared, **options})
    optimizer.add_observations(observations)
    return optimizer


def _distribution(parameter: Parameter) -> Any:
    from optuna import distributions as d

    if isinstance(parameter, Float):
        p = parameter
        return d.FloatDistribution(p.low, p.high, log=p.log, step=p.step)
    if isinstance(parameter, ContinuousParameter):
        return d.FloatDistribution(parameter.low, parameter.high)
    if isinstance(parameter, Int):
        return d.IntDistribution(
            parameter.low, parameter.high, log=parameter.log, step=parameter.step or 1
        )
    return d.CategoricalDistribution(tuple(_choice(c, parameter) for c in _choices(parameter)))


def _choices(parameter: Any) -> Sequence[Any]:
    if isinstance(parameter, Constant):
        return (parameter.value,)
    if isinstance(parameter, Boolean):
        return (False, True)
    return tuple(parameter.values if isinstance(parameter, Ordinal) else parameter.choices)


def _choice(value: Any, parameter: Any) -> Any:
    """A choice as Optuna can hold it: text where its comparison could not tell choices apart."""
    choices = _choices(parameter)
    plain = all(c is None or isinstance(c, (bool, int, float, str)) for c in choices)
    return value if plain and len(set(choices)) == len(choices) else json.dumps(value)


def _frozen(trial: Trial, result: Result, distributions: Mapping[str, Any]) -> Any:
    from optuna.trial import TrialState as State
    from optuna.trial import create_trial

    params = {
        name: value if isinstance(result.space.parameters[name], _NUMBERS)
        else _choice(value, result.space.parameters[name])
        for name, value in trial.params.items()
    }  # fmt: skip
    excess = trial.excess  # Optuna's constraints are met where <= 0
    return create_trial(
        state=State.COMPLETE if trial.outcome else State.FAIL,
        values=_values(trial, list(result.objectives) if result.several else ()),
        params=params,
        distributions={name: distributions[name] for name in params},
        user_attrs=_attributes(trial, trial.outcome),
        system_attrs={_CONSTRAINTS: list(excess.values())} if excess else {},
    )


def _name(study: Any, objectives: list[str]) -> None:
    """Let a study know what its values are called."""
    from optuna.exceptions import ExperimentalWarning

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ExperimentalWarning)
        study.set_metric_names(objectives)


def _values(trial: Trial, objectives: Sequence[str]) -> list[float] | None:
    """The value, or those of several objectives in their order."""
    if trial.outcome is None:
        return None
    return [trial.values[name] for name in objectives or ("value",)]


def _attributes(trial: Trial, outcome: Outcome | None) -> dict[str, Any]:
    known: dict[str, Any] = {"bayesopt:number": trial.number, "bayesopt:error": trial.error}
    if outcome is not None:
        written = outcome_to_json(outcome)
        kept = ("sd", "cost", "info", "records", "sds")
        known |= {f"bayesopt:{key}": written.get(key) for key in kept}
        known |= {f"bayesopt:constraint:{k}": v for k, v in outcome.constraints.items()}
        known |= {f"bayesopt:limit:{k}": limit.written for k, limit in trial.limits.items()}
    return {key: value for key, value in known.items() if value is not None}


def _space_of(trials: Sequence[Any]) -> Space:
    """The space that the trials' distributions describe."""
    distributions: dict[str, Any] = {}
    for trial in trials:
        for name, distribution in trial.distributions.items():
            if distributions.setdefault(name, distribution) != distribution:
                raise ValueError(
                    f"{name}: the study has different distributions for it ({distributions[name]} "
                    f"and {distribution}); give space="
                )
    if not distributions:
        raise ValueError("the study has no finished trials to read a space from; give space=")
    return Space({n: _parameter(n, d, trials, distributions) for n, d in distributions.items()})


def _parameter(name: str, d: Any, trials: Sequence[Any], others: Mapping[str, Any]) -> Parameter:
    when = _condition(name, trials, others)
    kind = type(d).__name__
    if kind == "FloatDistribution":
        return Float(d.low, d.high, log=d.log, step=d.step, when=when)
    if kind == "IntDistribution":
        return Int(d.low, d.high, log=d.log, step=None if d.step == 1 else d.step, when=when)
    return (
        Constant(d.choices[0], when=when)
        if len(d.choices) == 1
        else Categorical(list(d.choices), when=when)
    )


def _condition(
    name: str, trials: Sequence[Any], others: Mapping[str, Any]
) -> dict[str, list[Any]] | None:
    """When a parameter is active: None for always."""
    has = [name in t.params for t in trials if t.params]
    if all(has):
        return None
    for parent, distribution in others.items():
        if parent == name or not hasattr(distribution, "choices"):
            continue
        seen = [t.params.get(parent, math.nan) for t in trials if t.params]
        on = [v for v, h in zip(seen, has, strict=True) if h]
        off = [v for v, h in zip(seen, has, strict=True) if not h]
        if all(v in distribution.choices for v in on) and not any(v in on for v in off):
            return {parent: [c for c in distribution.choices if c in on]}
    raise ValueError(
        f"{name}: only some trials have it, and no categorical parameter says which; give space="
    )


def _point(trial: Any, space: Space) -> dict[str, Any]:
    """An Optuna trial's parameters, with the choices that :func:`to_optuna` wrote as text."""
    point = dict(trial.params)
    for name, value in point.items():
        parameter = space.parameters.get(name)
        if parameter is None or isinstance(parameter, _NUMBERS):
            continue
        written = {(type(w), w): c for c in _choices(parameter) for w in [_choice(c, parameter)]}
        point[name] = written.get((type(value), value), value)
    return point


def _is_whole(trial: Any, space: Space) -> bool:
    try:
        space.encode(_point(trial, space))
    except (TypeError, ValueError):
        return False
    return True


def _kept_by_name(trial: Any, what: str) -> dict[str, Any]:
    """What :func:`to_optuna` wrote of each outcome constraint of a trial."""
    prefix = f"bayesopt:{what}:"
    return {k.removeprefix(prefix): v for k, v in trial.user_attrs.items() if k.startswith(prefix)}


def _answer(trial: Any, objectives: Sequence[str]) -> object:
    if trial.values is None:
        return math.nan
    kept = trial.user_attrs
    answer: dict[str, Any] = {"value": trial.values[0]}
    if objectives:
        answer = {"objectives": dict(zip(objectives, trial.values, strict=True))}
    keys = ("sd", "cost", "info", "records", "sds")
    answer |= {k: kept[f"bayesopt:{k}"] for k in keys if f"bayesopt:{k}" in kept}
    named = _kept_by_name(trial, "constraint")
    values = trial.system_attrs.get(_CONSTRAINTS) or ()
    answer["constraints"] = named or {f"c{i}": float(v) for i, v in enumerate(values)}
    return answer
