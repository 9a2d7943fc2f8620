"""Hyperparameters of Keras Tuner as a space, and values of the one as points of the other."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bayesopt.checks import plain
from bayesopt.space import Boolean, Categorical, Constant, Float, Int, Ordinal, Parameter, Space

Convert = Callable[[Any], Any]


def _same(value: Any) -> Any:
    return value


@dataclass(frozen=True)
class Entry:
    """One hyperparameter.

    Attributes
    ----------
    host : the hyperparameter, with its ``name``, ``conditions`` and ``default``.
    parents : name of each parent -> values of the parent where this one is active.
    flip : value of the parameter <-> value of the hyperparameter; it is its own inverse.
    """

    host: Any
    parents: Mapping[str, Sequence[Any]]
    flip: Convert = _same

    @property
    def name(self) -> str:
        """Its name, there and in the space."""
        return str(self.host.name)


class HyperSpace:
    """The space of a list of hyperparameters.

    Of several with one name, in different scopes, Keras Tuner keeps the last one's value only and
    takes the default for the others: these are left out, and a warning says so.

    Attributes
    ----------
    entries : the hyperparameters in their order, parents before children.
    space : None where there is nothing to search.
    """

    def __init__(self, hyperparameters: Sequence[Any]) -> None:
        self.entries: list[Entry] = []
        parameters: dict[str, Parameter] = {}
        last = {hp.name: hp for hp in hyperparameters}
        for hp in hyperparameters:
            if hp is not last[hp.name]:
                warnings.warn(
                    f"hyperparameter {hp.name!r} is in several scopes: Keras Tuner keeps the "
                    "value of the last one only. Give each a name of its own",
                    UserWarning,
                    stacklevel=2,
                )
                continue
            parents = self._parents(hp)
            parameter, flip = parameter_of(hp, parents or None)
            self.entries.append(Entry(hp, parents, flip))
            parameters[hp.name] = parameter
        self.space = Space(parameters) if parameters else None

    def values(self, point: Mapping[str, Any]) -> dict[str, Any]:
        """What the hyperparameters that are active at a point are, by name."""
        return {e.name: e.flip(point[e.name]) for e in self.entries if e.name in point}

    def point(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """The point of a trial's values; a hyperparameter that it lacks had its default."""
        found: dict[str, Any] = {}
        for e in self.entries:
            if all(k in found and found[k] in allowed for k, allowed in e.parents.items()):
                found[e.name] = e.flip(plain(values.get(e.name, e.host.default)))
        return found

    def _parents(self, hp: Any) -> dict[str, list[Any]]:
        """The scopes that it is in: values by name of the parent."""
        known = {e.name: e for e in self.entries}
        found: dict[str, list[Any]] = {}
        for condition in hp.conditions:
            parent = known.get(condition.name)
            if parent is None:  # of another scope, or none at all: taken for active, to be safe
                continue
            legal = _values_of(parent.host, list(condition.values))
            if legal is None:
                continue
            flipped = [parent.flip(v) for v in legal]
            found[parent.name] = [v for v in flipped if v in found.get(parent.name, flipped)]
        return found


def _values_of(host: Any, values: Sequence[Any]) -> list[Any] | None:
    """Those of a condition's values that the parent can take; None where it is a real number."""
    kind = type(host).__name__
    if kind == "Float" and host.step is None:
        return None
    parameter, flip = parameter_of(host, None)
    alone = Space({"it": parameter})
    legal = [v for v in values if alone.contains({"it": flip(v)})]
    return legal or None


def parameter_of(hp: Any, when: Mapping[str, Any] | None) -> tuple[Parameter, Convert]:
    """The parameter of a hyperparameter, and from its value to the other's, up to rounding.

    Raises
    ------
    TypeError : for a kind of hyperparameter that is not known here.
    """
    kind = type(hp).__name__
    if kind == "Fixed":
        return Constant(plain(hp.value), when=when), _same
    if kind == "Boolean":
        return Boolean(default=bool(hp.default), when=when), _same
    if kind == "Choice":
        return _choice(hp, when), _same
    if kind in ("Int", "Float"):
        return _number(hp, kind, when)
    raise TypeError(
        f"hyperparameter {hp.name!r} is a {kind}; expected Int, Float, Choice, Boolean or Fixed"
    )


def _choice(hp: Any, when: Mapping[str, Any] | None) -> Parameter:
    values = list(dict.fromkeys(map(plain, hp.values)))
    if len(values) == 1:
        return Constant(values[0], when=when)
    if hp.ordered:
        return Ordinal(sorted(values), default=plain(hp.default), when=when)
    return Categorical(values, default=plain(hp.default), when=when)


def _number(hp: Any, kind: str, when: Mapping[str, Any] | None) -> tuple[Parameter, Convert]:
    whole = kind == "Int"
    make: Any = Int if whole else Float
    low, high = plain(hp.min_value), plain(hp.max_value)
    log = hp.sampling in ("log", "reverse_log")
    flip: Convert = _same
    if hp.sampling == "reverse_log":

        def flip(value: Any) -> Any:
            return min(max(low + high - value, low), high)

    default = None if hp._default is None else flip(plain(hp._default))
    if hp.step is None or low == high:
        return make(low, high, log=log, default=default, when=when), flip
    if not log:
        return make(low, high, step=plain(hp.step), default=default, when=when), flip
    n = math.floor(math.log(high / low) / math.log(hp.step) + 1e-9)  # a step of logs is a factor
    values = [low * hp.step**k for k in range(n + 1)]
    values = [int(v) for v in values] if whole else values
    if len(values) == 1:
        return Constant(values[0], when=when), flip
    return Ordinal(values, when=when), flip
