"""How many points a discrete space has, and which."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from .conditions import Conditions, Mask
from .scales import Floats

LARGEST = 10**5  # points that are listed, and combinations of parents that are looked through


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
    """Count the distinct points by going through what the parents may be.

    A parent's values are told apart only by the children that they switch on, and a parent is
    forgotten as soon as its last child has been seen; what is left to remember is a state, kept
    with the number of points that lead to it.
    """
    order = _depth_first(conditions)
    last_use = {parent: name for name in order for parent in conditions.needs.get(name, {})}
    states: dict[frozenset[tuple[str, frozenset[str]]], int] = {frozenset(): 1}
    infinite, never = False, []
    for name in order:
        size = n_levels[column[name]] if name in column else 1.0
        kinds = _kinds(name, conditions, size)
        needs = frozenset((parent, name) for parent in conditions.needs.get(name, {}))
        following: Counter[frozenset[tuple[str, frozenset[str]]]] = Counter()
        active = False
        for state, count in states.items():
            on = needs <= {(parent, child) for parent, kind in state for child in kind}
            active |= on
            kept = frozenset(item for item in state if last_use[item[0]] != name)
            for kind, multiplicity in kinds.items() if on else [(frozenset[str](), 1)]:
                entry = kept | {(name, kind)} if name in last_use else kept
                following[entry] += count * multiplicity
        infinite |= active and math.isinf(size)
        if not active:
            never.append(name)
        if len(following) > LARGEST:
            return Count(None)
        states = following
    return Count(None if infinite else sum(states.values()), tuple(never))


def _depth_first(conditions: Conditions) -> list[str]:
    """All names, parents first, and children as soon after them as can be."""
    children: dict[str, list[str]] = {name: [] for name in conditions.order}
    for name, needs in conditions.needs.items():
        for parent in needs:
            children[parent].append(name)
    placed: dict[str, None] = {}
    waiting = [name for name in reversed(conditions.order) if name not in conditions.needs]
    while waiting:
        name = waiting.pop()
        if name not in placed and all(p in placed for p in conditions.needs.get(name, {})):
            placed[name] = None
            waiting.extend(reversed(children[name]))
    return list(placed)


def _kinds(name: str, conditions: Conditions, size: float) -> dict[frozenset[str], int]:
    """Children switched on -> number of values of ``name`` that do so."""
    switched: dict[float, set[str]] = {}
    for child, needs in conditions.needs.items():
        for number in needs.get(name, ()):
            switched.setdefault(number, set()).add(child)
    kinds = Counter(frozenset(children) for children in switched.values())
    others = 1 if math.isinf(size) else int(size) - len(switched)
    if others > 0:
        kinds[frozenset()] += others
    return kinds


def all_points(
    conditions: Conditions, column: Mapping[str, int], levels: Mapping[str, Floats]
) -> Floats:
    """Coordinates (N, p) of all distinct points, sorted by the first column, then the second...

    Parameters
    ----------
    levels : coordinates of all levels of every column, by name.
    """
    coords = np.full((1, len(column)), np.nan)
    masks: dict[str, Mask] = {}
    for name in conditions.order:
        mask = conditions.active_one(name, coords, masks)
        if name in column:
            places = levels[name]
            values = np.tile(places, int(mask.sum()))
            source = np.repeat(np.arange(len(coords)), np.where(mask, len(places), 1))
            coords, mask = coords[source], mask[source]
            masks = {other: found[source] for other, found in masks.items()}
            coords[mask, column[name]] = values
        masks[name] = mask
    order = np.lexsort(coords.T[::-1]) if len(column) else np.arange(len(coords))
    return coords[order]
