"""When a parameter is active, learned from the trials that have it and those that have it not.

A define-by-run objective never says when it will ask for a parameter. What can be learned is a
conjunction: every parent present and its value among some. It never takes a parameter out where a
trial had it; where it keeps one in that the objective does not ask for, the value is ignored.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

_RETIRED = 10  # evaluated trials without it after which an unexplained parameter is given up


@dataclass(frozen=True)
class Learned:
    """What the trials say of conditions.

    Attributes
    ----------
    when : child -> parent -> numbers of the parent for which the child is active.
    retired : parameters that the objective has ceased to ask for.
    """

    when: Mapping[str, Mapping[str, list[float]]]
    retired: frozenset[str]


def learn(
    table: Floats,
    whole: Mask,
    names: Sequence[str],
    levels: Mapping[str, tuple[list[float], bool]],
) -> Learned:
    """Learn the conditions of all parameters.

    Parameters
    ----------
    table : (n, len(names)) numbers of the trials in order, NaN where a trial does not have the
        parameter.
    whole : (n,) whether the trial has asked for all its parameters, so that what is absent is
        absent.
    names : of the columns.
    levels : numbers of the discrete parameters, and whether they are ordered: possible parents.
    """
    present = ~np.isnan(table)
    rules: dict[bytes, tuple[dict[str, list[float]], bool]] = {}
    when: dict[str, Mapping[str, list[float]]] = {}
    retired = set()
    for x, name in enumerate(names):
        with_it = present[:, x]
        without = whole & ~with_it
        if not without.any():
            continue
        key = with_it.tobytes()  # siblings share their condition
        if key not in rules:
            rules[key] = _conjunction(table, with_it, without, names, levels)
        rule, explained = rules[key]
        when[name] = rule
        if not explained and not with_it[whole][-_RETIRED:].any() and whole.sum() > _RETIRED:
            retired.add(name)
    return Learned(when, frozenset(retired))


def _conjunction(
    table: Floats,
    with_it: Mask,
    without: Mask,
    names: Sequence[str],
    levels: Mapping[str, tuple[list[float], bool]],
) -> tuple[dict[str, list[float]], bool]:
    """The parents that explain most absences, one by one, and whether they explain all.

    A parent must be present wherever the child is, and its value must exclude at least one trial
    that has the parent but not the child: so it is present strictly more often, and conditions
    cannot run in a circle.
    """
    candidates = {}
    for q, name in enumerate(names):
        if name in levels and not np.isnan(table[with_it, q]).any():
            allowed = _allowed(table[with_it, q], table[without, q], *levels[name])
            is_allowed = np.isin(table[:, q], allowed)
            excluded = without & ~np.isnan(table[:, q]) & ~is_allowed
            if excluded.any() and is_allowed[with_it].all():
                candidates[name] = (allowed, without & ~is_allowed)
    rule: dict[str, list[float]] = {}
    left = without.copy()
    while left.any() and candidates:
        gains = {name: int((left & excluded).sum()) for name, (_, excluded) in candidates.items()}
        # unordered parents before ordered ones, which split in two more easily by chance
        best = max(candidates, key=lambda name: (gains[name], not levels[name][1]))
        if not gains[best]:
            break
        allowed, excluded = candidates.pop(best)
        rule[best] = allowed
        left &= ~excluded
    return rule, not left.any()


def _allowed(
    seen_with: Floats, seen_without: Floats, numbers: Sequence[float], ordered: bool
) -> list[float]:
    """Numbers of a parent for which the child is active.

    Categories: those seen with the child and those never seen. Ordered: an interval around those
    seen with the child, which ends half-way to the nearest seen without it.
    """
    without = seen_without[~np.isnan(seen_without)]
    if not ordered:
        excluded = set(without.tolist()) - set(seen_with.tolist())
        return [v for v in numbers if v not in excluded]
    place = {v: i for i, v in enumerate(numbers)}
    inside = [place[v] for v in seen_with.tolist() if v in place]
    if not inside:
        return []
    below = [place[v] for v in without.tolist() if place.get(v, len(place)) < min(inside)]
    above = [place[v] for v in without.tolist() if place.get(v, -1) > max(inside)]
    low = (max(below) + min(inside)) / 2 if below else -np.inf
    high = (min(above) + max(inside)) / 2 if above else np.inf
    return [v for i, v in enumerate(numbers) if low < i < high or i in (min(inside), max(inside))]
