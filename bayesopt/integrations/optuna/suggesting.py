"""A space in Optuna's terms: its distributions, and a trial that suggests a point of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)

from bayesopt.integrations.exporting import check_exportable, choices_of, one_of
from bayesopt.space import Float, Int, Parameter, Space


def to_distributions(space: Space) -> dict[str, BaseDistribution]:
    """Optuna's distributions of a space, by name.

    They know no conditions: :func:`suggest` does. An order of choices is lost, too.

    Raises
    ------
    TypeError, ValueError : for constraints.
    """
    space = check_exportable(space, "Optuna")
    return {name: _distribution(parameter) for name, parameter in space.parameters.items()}


def from_distributions(distributions: Mapping[str, BaseDistribution]) -> Space:
    """The space of Optuna's distributions.

    Raises
    ------
    TypeError : for anything else.
    """
    return Space({name: _parameter(name, d) for name, d in distributions.items()})


def suggest(trial: Any, space: Space) -> dict[str, Any]:
    """A point of a space from an Optuna trial, conditions included.

    ``def objective(trial): params = suggest(trial, space)`` in place of a line a parameter; with
    any of Optuna's samplers.

    Returns
    -------
    The active parameters.
    """
    space = check_exportable(space, "Optuna")
    point: dict[str, Any] = {}
    waiting = dict(space.parameters)
    while waiting:  # parents first; a space has no circles
        for name, parameter in list(waiting.items()):
            if any(parent in waiting for parent in parameter.conditions):
                continue
            del waiting[name]
            if all(p in point and point[p] in v for p, v in parameter.conditions.items()):
                point[name] = _suggest(trial, name, parameter)
    return {name: point[name] for name in space.parameters if name in point}


def _suggest(trial: Any, name: str, parameter: Parameter) -> Any:
    if isinstance(parameter, Float):
        return trial.suggest_float(
            name, parameter.low, parameter.high, step=parameter.step, log=parameter.log
        )
    if isinstance(parameter, Int):
        step = parameter.step or 1
        return trial.suggest_int(name, parameter.low, parameter.high, step=step, log=parameter.log)
    return trial.suggest_categorical(name, choices_of(parameter))


def _distribution(p: Parameter) -> BaseDistribution:
    if isinstance(p, Float):
        return FloatDistribution(p.low, p.high, log=p.log, step=p.step)
    if isinstance(p, Int):
        return IntDistribution(p.low, p.high, log=p.log, step=p.step or 1)
    return CategoricalDistribution(choices_of(p))


def _parameter(name: str, d: BaseDistribution) -> Parameter:
    if isinstance(d, FloatDistribution):
        return Float(d.low, d.high, log=d.log, step=d.step)
    if isinstance(d, IntDistribution):
        return Int(d.low, d.high, log=d.log, step=None if d.step == 1 else d.step)
    if isinstance(d, CategoricalDistribution):
        return one_of(list(d.choices), None)
    raise TypeError(f"{name}: expected a distribution of Optuna; got {type(d).__name__}")
