"""The objectives of a call: ``direction=``, or ``objectives=`` with ``thresholds=``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from bayesopt.checks import listed, mapping, one_of, optional, real, shown, suggestion
from bayesopt.outcome import RESERVED
from bayesopt.output import Objective

DIRECTIONS = ("minimize", "maximize")

_WHAT = "names with directions, such as {'error': 'minimize', 'throughput': 'maximize'}"
_LIMITS = "names with values that are just good enough, such as {'error': 0.3}"


def read_objectives(
    direction: object = None, objectives: object = None, thresholds: object = None
) -> tuple[Objective, ...]:
    """The objectives that a call declares; one called "value" when it names none.

    Raises
    ------
    TypeError, ValueError : for what they cannot be, naming the argument.
    """
    if objectives is None:
        if thresholds is not None:
            raise ValueError(
                "thresholds are for several objectives: give objectives= too, or with one "
                "objective say when to stop by target="
            )
        if isinstance(direction, Mapping):
            raise TypeError(f"direction is for one objective; write objectives={shown(direction)}")
        return (Objective(direction=one_of("direction", direction or "minimize", DIRECTIONS)),)
    given = mapping("objectives", objectives, _WHAT)
    if direction is not None:
        raise ValueError(
            f"direction={shown(direction)} is for one objective, and objectives= has a direction "
            f"for each: write objectives={_spelt(given, direction)} and leave direction out"
        )
    if len(given) < 2:
        raise ValueError(
            f"objectives must be at least two {_WHAT}; got {shown(dict(given))}. One objective is "
            "direction='minimize', and its result a number or {'value': ...}"
        )
    names = [_name(name) for name in given]
    limits = _thresholds(thresholds, names)
    return tuple(
        Objective(name, one_of(f"objectives[{name!r}]", given[name], DIRECTIONS), limits.get(name))
        for name in names
    )


def as_arguments(objectives: Sequence[Objective]) -> dict[str, Any]:
    """The arguments that :func:`read_objectives` makes these objectives of."""
    if len(objectives) == 1:
        return {"direction": objectives[0].direction}
    limits = {o.name: o.threshold for o in objectives if o.threshold is not None}
    return {"objectives": {o.name: o.direction for o in objectives}, "thresholds": limits or None}


def check_distinct(objectives: Iterable[Objective], others: Mapping[str, Iterable[str]]) -> None:
    """ValueError when an objective has the name of another output, of which ``others`` has the
    names by argument.
    """
    names = {o.name for o in objectives}
    for argument, given in others.items():
        if both := sorted(names & set(given)):
            raise ValueError(f"{both[0]!r} is in objectives and in {argument}; choose one")


def with_thresholds(
    objectives: Iterable[Objective], thresholds: Mapping[str, float | None]
) -> tuple[Objective, ...]:
    """The objectives with other thresholds; those that are not named have none."""
    return tuple(replace(o, threshold=thresholds.get(o.name)) for o in objectives)


def words(objectives: Iterable[Objective]) -> str:
    """What is to be done, in words: "minimize error, maximize throughput"."""
    return ", ".join(f"{o.direction} {o.name}" for o in objectives)


def _name(name: object) -> str:
    if not isinstance(name, str):
        raise TypeError(f"objectives must be {_WHAT}; got the name {shown(name)}")
    if not name:
        raise ValueError(f"objectives must be {_WHAT}; got an empty name")
    if name in RESERVED and name != "error":  # a text below this key is a failure, a number is not
        raise ValueError(f"objectives: {name!r} has another meaning in results; take another name")
    return name


def _thresholds(given: object, names: Sequence[str]) -> dict[str, float]:
    limits = optional(mapping, "thresholds", given, _LIMITS) or {}
    for name in limits:
        if name not in names:
            raise ValueError(
                f"thresholds has {shown(name)}, which is no objective"
                f"{suggestion(name, names)}; the objectives are {listed(names)}"
            )
    return {
        str(name): real(f"thresholds[{name!r}]", limit)
        for name, limit in limits.items()
        if limit is not None
    }


def _spelt(given: Mapping[Any, Any], direction: object) -> dict[str, object]:
    return {str(name): one if one in DIRECTIONS else direction for name, one in given.items()}
