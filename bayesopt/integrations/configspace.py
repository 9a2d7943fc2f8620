"""ConfigSpace: ``to_configspace(space)``, ``from_configspace(configuration_space)``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from bayesopt.checks import plain, shown
from bayesopt.integrations.exporting import check_exportable, choices_of, step_values
from bayesopt.integrations.host import require
from bayesopt.space import (
    Boolean,
    Categorical,
    Constant,
    Float,
    Int,
    Normal,
    Ordinal,
    Parameter,
    Space,
)

require("ConfigSpace", extra="configspace", at_least="1.0")

import ConfigSpace as cs  # noqa: E402

_MOST = 1_000  # values of a parameter with a step, which ConfigSpace has as a list


@dataclass(frozen=True)
class Allowed:
    """A known constraint: a point is none of a forbidden clause."""

    clause: Any

    def __call__(self, params: Mapping[str, Any]) -> bool:
        """Whether the point is allowed."""
        names = {literal.hyperparameter.name for literal in _literals(self.clause)}
        if not names <= params.keys():
            return True
        return not self.clause.is_forbidden_value(dict(params))


def from_configspace(space: Any) -> Space:
    """The space of a ``ConfigurationSpace``.

    Conditions become conditions, forbidden clauses known constraints, normal distributions beliefs
    about where the best value is. A condition that compares takes those values of its parent.

    Raises
    ------
    ValueError : naming the hyperparameter, for what has no counterpart: a condition that compares
        a real number, an "or" over several parents, unbounded and beta distributions.
    """
    conditions: dict[str, list[Any]] = {}
    for condition in space.conditions:
        conditions.setdefault(_child(condition).name, []).append(condition)
    found = {
        name: _parameter(space[name], _when(conditions.get(name, ()))) for name in list(space)
    }
    return Space(found, constraints=[Allowed(clause) for clause in space.forbidden_clauses])


def to_configspace(space: Space, *, name: str | None = None, seed: int | None = None) -> Any:
    """The ``ConfigurationSpace`` of a space.

    Numbers with a step become ordinal, as ConfigSpace has no steps.

    Raises
    ------
    TypeError, ValueError : for constraints, and for a step with more than 1,000 values.
    """
    space = check_exportable(space, "ConfigSpace")
    made = cs.ConfigurationSpace(name=name, seed=seed)
    hyper = {n: _hyperparameter(n, p) for n, p in space.parameters.items()}
    made.add(list(hyper.values()))
    for child, parameter in space.parameters.items():
        terms = [
            cs.EqualsCondition(hyper[child], hyper[parent], values[0])
            if len(values) == 1
            else cs.InCondition(hyper[child], hyper[parent], list(values))
            for parent, values in parameter.conditions.items()
        ]
        if terms:
            made.add(terms[0] if len(terms) == 1 else cs.AndConjunction(*terms))
    return made


def _hyperparameter(name: str, p: Parameter) -> Any:
    if isinstance(p, Constant):
        return cs.Constant(name, p.value)
    if isinstance(p, Float | Int) and p.step is not None:
        values = step_values(
            p, _MOST, lambda n: f"{name}: ConfigSpace has no steps, and {n} values are too many"
        )
        return cs.OrdinalHyperparameter(name, values, **_default(p))
    if isinstance(p, Float | Int):
        if p.low == p.high:
            return cs.Constant(name, p.low)
        number = isinstance(p, Float)
        make = cs.UniformFloatHyperparameter if number else cs.UniformIntegerHyperparameter
        return make(name, p.low, p.high, p.default, log=p.log)
    values = list(choices_of(p))
    if isinstance(p, Ordinal):
        return cs.OrdinalHyperparameter(name, values, **_default(p))
    return cs.CategoricalHyperparameter(name, values, **_default(p))


def _default(p: Any) -> dict[str, Any]:
    """The default, if there is one: a parameter without one begins in its middle."""
    bare = p.__dataclass_fields__["default"].default
    return {} if p.default is bare or p.default is None else {"default_value": p.default}


def _parameter(hp: Any, when: Mapping[str, Any] | None) -> Parameter:
    kind = type(hp).__name__
    if kind == "Constant":
        return Constant(plain(hp.value), when=when)
    if kind in ("CategoricalHyperparameter", "OrdinalHyperparameter"):
        ordered = kind.startswith("Ordinal")
        values = [plain(v) for v in (hp.sequence if ordered else hp.choices)]
        return _listed(values, ordered, plain(hp.default_value), when)
    make: Any = Int if "Integer" in kind else Float
    if kind.startswith(("Uniform", "Normal")) and hp.lower is not None:
        normal = kind.startswith("Normal") and not hp.log
        belief = Normal(float(hp.mu), float(hp.sigma)) if normal else None
        low, high, default = plain(hp.lower), plain(hp.upper), plain(hp.default_value)
        number: Parameter = make(
            low, high, log=bool(hp.log), default=default, when=when, prior=belief
        )
        return number
    raise ValueError(f"{hp.name}: {kind} has no counterpart here; give bounds")


def _listed(
    values: list[Any], ordered: bool, default: Any, when: Mapping[str, Any] | None
) -> Parameter:
    if len(values) == 1:
        return Constant(values[0], when=when)
    if ordered:
        return Ordinal(values, default=default, when=when)
    if values[0] is False and values[1] is True and len(values) == 2:
        return Boolean(default=default, when=when)
    return Categorical(values, default=default, when=when)


def _child(condition: Any) -> Any:
    return condition.child if hasattr(condition, "child") else condition.components[0].child


def _when(conditions: Any) -> dict[str, list[Any]] | None:
    found: dict[str, list[Any]] = {}
    for condition in conditions:
        for parent, values in _read(condition).items():
            found[parent] = [v for v in found.get(parent, values) if v in values]
    return found or None


def _read(condition: Any) -> dict[str, list[Any]]:
    kind = type(condition).__name__
    if kind == "AndConjunction":
        return _when(condition.components) or {}
    if kind == "OrConjunction":
        parts = [_read(part) for part in condition.components]
        names = {tuple(part) for part in parts}
        if len(names) > 1 or len(parts[0]) > 1:
            raise ValueError(
                f"{_child(condition).name}: an 'or' over several parents has no counterpart here: "
                f"{condition}"
            )
        (name,) = parts[0]
        return {name: list(dict.fromkeys(v for part in parts for v in part[name]))}
    parent = condition.parent
    if kind == "EqualsCondition":
        return {parent.name: [plain(condition.value)]}
    if kind == "InCondition":
        return {parent.name: [plain(v) for v in condition.values]}
    tests: dict[str, Callable[[Any], bool]] = {
        "NotEqualsCondition": lambda v: v != condition.value,
        "GreaterThanCondition": lambda v: _rank(parent, v) > _rank(parent, condition.value),
        "LessThanCondition": lambda v: _rank(parent, v) < _rank(parent, condition.value),
    }
    return {parent.name: [v for v in _values(parent, condition) if tests[kind](v)]}


def _rank(parent: Any, value: Any) -> Any:
    """Where a value stands: an ordinal's by its place."""
    return list(parent.sequence).index(value) if hasattr(parent, "sequence") else value


def _values(parent: Any, condition: Any) -> list[Any]:
    for attribute in ("choices", "sequence"):
        if hasattr(parent, attribute):
            return [plain(v) for v in getattr(parent, attribute)]
    if "Integer" in type(parent).__name__ and parent.upper - parent.lower < _MOST:
        return list(range(int(parent.lower), int(parent.upper) + 1))
    raise ValueError(
        f"{_child(condition).name}: a condition that compares {shown(parent.name)}, a number, has "
        f"no counterpart here: {condition}"
    )


def _literals(clause: Any) -> list[Any]:
    if hasattr(clause, "components"):
        return [literal for part in clause.components for literal in _literals(part)]
    return [clause]
