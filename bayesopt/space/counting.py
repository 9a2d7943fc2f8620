"""How many points a discrete space has, and which."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from .conditions import Conditions, Mask
from .scales import Floats

LARGEST = 10**5  # points that are listed
_MOST_STATES = 10**4  # keeps counting below about a second


@dataclass(frozen=True)
class Count:
    """How many points there are.

    Attributes
    ----------
    points : their number; None when infinite or when the conditions are too entangled to count.
    never_active : parameters that no point has.
    """

    points: int | None
    never_active: tuple[str, ...] = ()


def count_points(conditions: Conditions, column: Mapping[str, int], n_levels: Floats) -> Count:
    """Count the distinct points, one parameter after the other.

    Of the values chosen so far only this is remembered: which later parameters they switch off.
    Choices that switch off the same ones are counted together.
    """
    children = _children(conditions)
    states: dict[frozenset[str], int] = {frozenset(): 1}
    infinite, never = False, []
    for name in _depth_first(conditions, children):
        size = n_levels[column[name]] if name in column else 1.0
        kinds = _kinds(name, conditions, children[name], size)
        following: Counter[frozenset[str]] = Counter()
        for off, count in states.items():
            later = off - {name}
            for switched_off, values in kinds if name not in off else [(children[name], 1)]:
                following[later | switched_off] += count * values
        if all(name in off for off in states):
            never.append(name)
        elif math.isinf(size):
            infinite = True
        if len(following) > _MOST_STATES:
            return Count(None)
        states = following
    return Count(None if infinite else sum(states.values()), tuple(never))


def _children(conditions: Conditions) -> dict[str, frozenset[str]]:
    children: dict[str, set[str]] = {name: set() for name in conditions.order}
    for name, needs in conditions.needs.items():
        for parent in needs:
            children[parent].add(name)
    return {name: frozenset(found) for name, found in children.items()}


def _depth_first(conditions: Conditions, children: Mapping[str, frozenset[str]]) -> list[str]:
    """All names, parents first, and children as soon after them as can be."""
    rank = {name: i for i, name in enumerate(conditions.order)}
    placed: dict[str, None] = {}
    waiting = [name for name in reversed(conditions.order) if name not in conditions.needs]
    while waiting:
        name = waiting.pop()
        if name not in placed and all(p in placed for p in conditions.needs.get(name, {})):
            placed[name] = None
            waiting.extend(sorted(children[name], key=rank.__getitem__, reverse=True))
    return list(placed)


def _kinds(
    name: str, conditions: Conditions, children: frozenset[str], size: float
) -> list[tuple[frozenset[str], int]]:
    """Kinds of values of ``name``: the children that they switch off, and how many do so."""
    switched: dict[float, set[str]] = {}
    for child in children:
        for number in conditions.needs[child][name]:
            switched.setdefault(number, set()).add(child)
    kinds = Counter(children - on for on in switched.values())
    others = 1 if math.isinf(size) else int(size) - len(switched)
    if others > 0:
        kinds[children] += others
    return list(kinds.items())


def all_points(
    conditions: Conditions, column: Mapping[str, int], levels: Callable[[str], Floats]
) -> Floats:
    """Coordinates (N, p) of all distinct points, sorted by the first column, then the second...

    Parameters
    ----------
    levels : coordinates of all levels of the column of a name; not asked for where no point has
        it active, for there it may be continuous.
    """
    coords = np.full((1, len(column)), np.nan)
    masks: dict[str, Mask] = {}
    for name in conditions.order:
        mask = conditions.active_one(name, coords, masks)
        if name in column and mask.any():
            places = levels(name)
            values = np.tile(places, int(mask.sum()))
            source = np.repeat(np.arange(len(coords)), np.where(mask, len(places), 1))
            coords, mask = coords[source], mask[source]
            masks = {other: found[source] for other, found in masks.items()}
            coords[mask, column[name]] = values
        masks[name] = mask
    order = np.lexsort(coords.T[::-1]) if len(column) else np.arange(len(coords))
    return coords[order]
