"""From what a user hands over as ``search_spaces`` to the spaces that are searched."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from bayesopt.checks import whole
from bayesopt.integrations.sklearn.dimensions import Dimension, read_dimension, same
from bayesopt.space import Categorical, Parameter, Space

Params = dict[str, Any]

_BRANCH = "search space"  # no parameter of an estimator has a blank in its name


@dataclass(frozen=True)
class OfList:
    """A constraint that wants a point as a list of values, in the order of their sorted names."""

    constraint: Callable[[list[Any]], Any]
    names: Sequence[str]
    params: Callable[[Mapping[str, Any]], Params]

    def __call__(self, point: Mapping[str, Any]) -> bool:
        """Whether the point is allowed; an inactive parameter is None."""
        params = self.params(point)
        return bool(self.constraint([params.get(name) for name in self.names]))


@dataclass(frozen=True)
class Search:
    """One search: a space, the meaning of its points, and how many of them are evaluated.

    Attributes
    ----------
    space : what the optimizer searches.
    values : name of a parameter of ``space`` -> the estimator's name for it, and from its value to
        the estimator's.
    parts : for each dict that the user gave, its place among all of them and its names, sorted.
    budget : evaluations.
    """

    space: Space
    values: Mapping[str, tuple[str, Callable[[Any], Any]]]
    parts: tuple[tuple[int, tuple[str, ...]], ...]
    budget: int

    def params(self, point: Mapping[str, Any]) -> Params:
        """The estimator's parameters at a point of the space."""
        found = {}
        for name, value in point.items():
            if name in self.values:
                target, read = self.values[name]
                found[target] = read(value)
        return found

    def part(self, point: Mapping[str, Any]) -> int:
        """Which of ``parts`` a point belongs to."""
        return int(point.get(_BRANCH, 0))

    def constrained(self, constraint: Callable[[list[Any]], Any]) -> Search:
        """The search where ``constraint`` holds, a function of values in the order of names."""
        known = [*self.space.constraints, OfList(constraint, self.names, self.params)]
        return replace(self, space=Space(dict(self.space.parameters), constraints=known))

    @property
    def names(self) -> tuple[str, ...]:
        """The estimator's names of all parameters, sorted."""
        return tuple(sorted({name for _, names in self.parts for name in names}))


def read_searches(search_spaces: Any, n_iter: int) -> list[Search]:
    """Make searches of a dict, a Space, or a list of them and of pairs ``(dict, n_iter)``.

    The dicts of a list are branches of one space with ``n_iter`` evaluations in all; a pair, and a
    Space in a list, is a search of its own.

    Raises
    ------
    TypeError, ValueError : saying what is wrong with which part.
    """
    several = search_spaces if isinstance(search_spaces, list | tuple) else [search_spaces]
    if _is_pair(search_spaces):
        several = [search_spaces]
    given = [_read_part(part, n_iter) for part in several]
    if not given:
        raise ValueError(
            "search_spaces is an empty list; expected a dict of parameters, or a list of dicts"
        )
    joined = [
        i
        for i, (part, budget) in enumerate(given)
        if budget is None and not isinstance(part, Space)
    ]
    searches = []
    for i, (part, budget) in enumerate(given):
        if isinstance(part, Space):
            searches.append(_of_space(i, part, n_iter if budget is None else budget))
        elif budget is not None:
            searches.append(_of_dicts([i], [part], budget))
        elif i == joined[0]:
            searches.append(_of_dicts(joined, [given[j][0] for j in joined], n_iter))
    return [search for search in searches if search.budget]


def _is_pair(part: Any) -> bool:
    if not isinstance(part, tuple) or len(part) != 2:
        return False
    return isinstance(part[0], Mapping | Space) and not isinstance(part[1], Mapping | Space)


def _read_part(part: Any, n_iter: int) -> tuple[Any, int | None]:
    """A dict of dimensions or a Space, and its own number of evaluations if there is one."""
    budget = None
    if _is_pair(part):
        part, budget = part
        budget = whole("search_spaces: the second of a pair (dict, n_iter)", budget, 0)
    if isinstance(part, Space):
        return part, budget
    if not isinstance(part, Mapping):
        raise TypeError(
            "search_spaces must be a dict of parameters, a bayesopt.Space, or a list of dicts or "
            "of pairs (dict, n_iter); "
            f"got {part!r} of type {type(part).__name__}"
        )
    for name in part:
        if not isinstance(name, str):
            raise TypeError(f"search_spaces: names of parameters must be strings; got {name!r}")
    return {name: read_dimension(name, spec) for name, spec in part.items()}, budget


def _of_space(place: int, space: Space, budget: int) -> Search:
    values = {name: (name, same) for name in space.names}
    return Search(space, values, ((place, tuple(sorted(space.names))),), budget)


def _of_dicts(
    places: Sequence[int], dicts: Sequence[Mapping[str, Dimension]], budget: int
) -> Search:
    """One search through a dict, or through several as branches of one conditional space."""
    parts = tuple((place, tuple(sorted(part))) for place, part in zip(places, dicts, strict=True))
    if not any(dicts):
        raise ValueError(
            "search_spaces has no parameters; give at least one, as in {'C': (0.1, 10.0)}"
        )
    if len(dicts) == 1:
        parameters = {name: dimension.parameter for name, dimension in dicts[0].items()}
        values = {name: (name, dimension.value) for name, dimension in dicts[0].items()}
        return Search(Space(parameters), values, parts, budget)
    joint: dict[str, Parameter] = {_BRANCH: Categorical(range(len(dicts)))}
    values = {}
    for name in dict.fromkeys(name for part in dicts for name in part):
        for inner, branches in _variants(name, dicts):
            dimension = dicts[branches[0]][name]
            joint[inner] = _conditional(dimension.parameter, branches, dicts)
            values[inner] = (name, dimension.value)
    return Search(Space(joint), values, parts, budget)


def _variants(name: str, dicts: Sequence[Mapping[str, Dimension]]) -> list[tuple[str, list[int]]]:
    """The parameters that ``name`` stands for, with their branches; equal definitions are one."""
    groups: list[list[int]] = []
    for i, part in enumerate(dicts):
        if name not in part:
            continue
        # a parameter with conditions of its own stays apart: its parents may differ between the
        # branches
        known = (
            g for g in groups if not part[name].parameter.when and dicts[g[0]][name] == part[name]
        )
        group = next(known, None)
        if group is None:
            groups.append([i])
        else:
            group.append(i)
    if len(groups) == 1:
        return [(name, groups[0])]
    return [(f"{name} [{group[0]}]", group) for group in groups]


def _conditional(
    parameter: Parameter, branches: Sequence[int], dicts: Sequence[Mapping[str, Dimension]]
) -> Parameter:
    """The parameter with its branches among its conditions."""
    when: dict[str, Any] = {}
    for parent, values in parameter.conditions.items():
        inner = next((n for n, b in _variants(parent, dicts) if branches[0] in b), parent)
        when[inner] = list(values)
    if len(branches) < len(dicts):
        when[_BRANCH] = list(branches)
    return replace(parameter, when=when or None)  # type: ignore[type-var]


def count(searches: Iterable[Search]) -> int:
    """Evaluations of all searches together."""
    return sum(search.budget for search in searches)
