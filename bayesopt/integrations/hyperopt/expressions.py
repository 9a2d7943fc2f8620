"""A space as an expression of Hyperopt, and an expression as a space.

Hyperopt has no order of choices: it is lost on the way.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from hyperopt import hp
from hyperopt.pyll import as_apply, scope
from hyperopt.pyll.base import Literal, dfs

from bayesopt.checks import plain
from bayesopt.integrations.exporting import check_exportable, choices_of, one_of
from bayesopt.integrations.hyperopt.space import ExpressionLabels, _arguments
from bayesopt.space import Float, Int, LogNormal, Normal, Parameter, Space

_TAILS = 4.0  # standard deviations of a normal distribution that are searched on either side


def from_hyperopt(expression: Any) -> Space:
    """The space of an expression, or of a dict or list of such; its labels are the parameters.

    The values of ``hp.choice`` are its options where these are plain values, else their numbers;
    what stands in its options is conditional. Normal distributions become ranges of four standard
    deviations with a belief about where the best value is.

    Raises
    ------
    NotImplementedError, ValueError : naming the label, for what has no counterpart.
    """
    node = as_apply(expression)
    labels = ExpressionLabels.of(node)
    if labels.space is None:
        raise ValueError("the expression has no label, so nothing to search")
    options = _options(node)
    nodes = {n.arg["label"].obj: n.arg["obj"] for n in dfs(node) if n.name == "hyperopt_param"}
    whole = {label for n in dfs(node) if n.name == "int" and (label := _label_in(n))}
    found: dict[str, Parameter] = {}
    for label in labels.space.names:
        when = {
            parent: [options[parent][int(i)] for i in indices]
            for parent, indices in labels.space.parameters[label].conditions.items()
        }
        if label in options:
            found[label] = one_of(options[label], when or None)
            continue
        given = _arguments(label, nodes[label])
        made = _parameter(nodes[label].name, given, label in whole)
        found[label] = made if made is not None else labels.priors[label].parameter
        if when:
            found[label] = replace(found[label], when=when)  # type: ignore[type-var]
    return Space(found)


def to_hyperopt(space: Space) -> dict[str, Any]:
    """The expression of a space, for ``fmin(..., space=to_hyperopt(space))``.

    A parameter that others depend on becomes an ``hp.choice`` of dicts, with its own value and
    what depends on it. :func:`flat_params` makes one dict of what the objective gets.

    Raises
    ------
    TypeError, ValueError : for constraints; for a parameter that depends on several others which
        do not depend on each other, or on a number: Hyperopt's choices have no place for it.
    """
    space = check_exportable(space, "Hyperopt")
    children = {name: _parent(name, space) for name in space.names}
    made: dict[str, Any] = {}

    def expression(name: str) -> Any:
        if name not in made:  # one node a label, in however many branches it stands
            mine = [child for child, parent in children.items() if parent == name]
            made[name] = _expression(name, space.parameters[name], mine, space, expression)
        return made[name]

    return {name: expression(name) for name, parent in children.items() if parent is None}


def flat_params(nested: Mapping[str, Any]) -> dict[str, Any]:
    """The active parameters by name, of a point of :func:`to_hyperopt`'s expression."""
    found: dict[str, Any] = {}
    for name, value in nested.items():
        if isinstance(value, Mapping):
            found |= flat_params(value)
        else:
            found[name] = value
    return found


def _label_in(node: Any) -> str | None:
    """The label that is made a whole number by ``int``, and perhaps ``float`` before."""
    (inner, *_) = node.inputs()
    if inner.name == "float":
        (inner, *_) = inner.inputs()
    return str(inner.arg["label"].obj) if inner.name == "hyperopt_param" else None


def _options(node: Any) -> dict[str, list[Any]]:
    """Of each choice its options, or their numbers where one is no plain value."""
    found: dict[str, list[Any]] = {}
    for switch in dfs(node):
        if switch.name == "switch":
            index, *options = switch.inputs()
            label = index.arg["label"].obj
            named = [_value(label, option) for option in options]
            values = [plain(value.obj) for value in named if value is not None]
            distinct = len({(type(v), v) for v in values}) == len(options)
            found[label] = values if distinct else list(range(len(options)))
    return found


def _value(label: str, option: Any) -> Any:
    """The node of an option's plain value: the option, or what it has under the label's name."""
    if option.name == "dict":
        option = dict(option.named_args).get(label)
    known = isinstance(option, Literal) and (
        option.obj is None or isinstance(plain(option.obj), str | bool | int | float)
    )
    return option if known else None


def _parameter(kind: str, given: Mapping[str, Any], whole: bool) -> Parameter | None:
    """The parameter of a distribution; None for one whose values are listed."""
    if kind == "randint":
        low, high = given["low"], given.get("high")
        return Int(0, int(low) - 1) if high is None else Int(int(low), int(high) - 1)
    if kind in ("normal", "lognormal"):
        return _normal(kind, float(given["mu"]), float(given["sigma"]))
    if kind not in ("uniform", "loguniform", "quniform", "qloguniform"):
        return None
    log, q = "log" in kind, given.get("q")
    ends = float(given["low"]), float(given["high"])
    low, high = map(math.exp, ends) if log else ends
    if whole and q == 1:
        return Int(round(low), round(high), log=log)
    if q is None:
        return Float(low, high, log=log)
    return None if log else Float(round(low / q) * q, round(high / q) * q, step=q)


def _normal(kind: str, mu: float, sigma: float) -> Parameter:
    low, high = mu - _TAILS * sigma, mu + _TAILS * sigma
    if kind == "normal":
        return Float(low, high, prior=Normal(mu, sigma))
    belief = LogNormal(math.exp(mu), math.exp(sigma))
    return Float(math.exp(low), math.exp(high), log=True, prior=belief)


def _parent(name: str, space: Space) -> str | None:
    """The innermost of the parameters that a parameter depends on."""
    conditions = space.parameters[name].conditions
    if not conditions:
        return None
    inner = [p for p in conditions if set(conditions) - {p} <= set(_ancestors(p, space))]
    if not inner:
        raise ValueError(
            f"{name}: it depends on {', '.join(conditions)}, none of which depends on the others; "
            "Hyperopt's choices have no place for it"
        )
    (parent, *_) = inner
    for outer in set(conditions) - {parent}:  # which must not ask for more than the parent does
        asked = _asked(parent, outer, space)
        if not set(asked) <= set(conditions[outer]):
            raise ValueError(
                f"{name}: it depends on {outer!r} in another way than {parent!r} does; Hyperopt's "
                "choices have no place for it"
            )
    if isinstance(space.parameters[parent], Float | Int):
        raise ValueError(
            f"{name}: it depends on the number {parent!r}; in Hyperopt only choices have branches"
        )
    return parent


def _ancestors(name: str, space: Space) -> Iterable[str]:
    for parent in space.parameters[name].conditions:
        yield parent
        yield from _ancestors(parent, space)


def _asked(name: str, outer: str, space: Space) -> tuple[Any, ...]:
    """The values of ``outer`` at which a parameter that depends on it can be active."""
    conditions = space.parameters[name].conditions
    if outer in conditions:
        return conditions[outer]
    between = next(p for p in conditions if outer in _ancestors(p, space))
    return _asked(between, outer, space)


def _expression(
    name: str, p: Parameter, children: list[str], space: Space, expression: Any
) -> Any:
    if isinstance(p, Float):
        if p.log:
            return hp.loguniform(name, math.log(p.low), math.log(p.high))
        return _stepped(name, p) if p.step is not None else hp.uniform(name, p.low, p.high)
    if isinstance(p, Int):
        return (
            hp.uniformint(name, p.low, p.high)
            if not p.log and p.step is None
            else _listed(name, p)
        )
    options = [
        {
            name: value,
            **{
                c: expression(c) for c in children if value in space.parameters[c].conditions[name]
            },
        }
        for value in choices_of(p)
    ]
    if not children:
        return hp.choice(name, list(choices_of(p)))
    return hp.choice(name, options)


def _stepped(name: str, p: Float) -> Any:
    assert p.step is not None
    start = p.low / p.step
    if abs(start - round(start)) > 1e-9:  # multiples of the step are all that Hyperopt has
        return _listed(name, p)
    return hp.quniform(name, p.low, p.high, p.step)


def _listed(name: str, p: Float | Int) -> Any:
    from bayesopt.integrations.exporting import step_values

    if p.step is None:  # whole numbers by their logarithm
        return scope.int(hp.qloguniform(name, math.log(p.low), math.log(p.high), 1))
    values = step_values(p, 1_000, lambda n: f"{name}: {n} values are too many to list")
    return hp.choice(name, values)
