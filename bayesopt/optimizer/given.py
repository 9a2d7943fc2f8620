"""What is given to an ask: values that are not to be chosen."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from bayesopt.checks import distinct_names, listed, optional, shown, suggestion
from bayesopt.checks import mapping as checked_mapping
from bayesopt.space import Space


@dataclass(frozen=True)
class Given:
    """Values that a proposal has exactly.

    Attributes
    ----------
    space : the search space.
    fixed : what the user fixed this time.
    context : the value of each context parameter.
    """

    space: Space
    fixed: Mapping[str, Any]
    context: Mapping[str, Any]

    @classmethod
    def read(cls, space: Space, fixed: object, context: object) -> Given:
        """Check the arguments of an ask.

        Raises
        ------
        TypeError, ValueError : naming what is missing, unknown or out of range.
        """
        what = "a mapping from names to values"
        values = optional(checked_mapping, "fixed", fixed, what) or {}
        for name in space.context:
            if name in values:
                raise ValueError(
                    f"{name} is a context parameter: write context={{{name!r}: "
                    f"{shown(values[name])}}} instead of fixed="
                )
        return cls(space, values, read_context(space, context))

    @property
    def all(self) -> dict[str, Any]:
        """Everything that is given."""
        return {**self.context, **self.fixed}

    @cached_property
    def context_numbers(self) -> dict[int, float]:
        """The context's numbers in a row, by their column."""
        columns = {name: j for j, name in enumerate(self.space.columns)}
        return {
            columns[name]: self.space.parameters[name].encode(value, name)
            for name, value in self.context.items()
            if name in columns
        }


def read_context(space: Space, context: object) -> Mapping[str, Any]:
    """The value of each context parameter of a space.

    Raises
    ------
    TypeError, ValueError : when one is missing, unknown or out of range.
    """
    given = optional(checked_mapping, "context", context, "a mapping from names to values") or {}
    wanted = space.context
    for name in given:
        if name in wanted:
            continue
        if name in space.parameters:
            raise ValueError(
                f"{name} is no context parameter: write fixed={{{name!r}: {shown(given[name])}}}, "
                'or give it role="context" in the space'
            )
        known = f"; expected {listed(wanted)}" if wanted else "; the space has none"
        raise ValueError(
            f"unknown context parameter {shown(name)}{suggestion(name, wanted)}{known}"
        )
    missing = [name for name in wanted if name not in given]
    if missing:
        example = ", ".join(f"{name!r}: ..." for name in wanted)
        raise ValueError(
            f"the context lacks {listed(missing)}: write context={{{example}}} with the present "
            "values of the context parameters (--context NAME=VALUE)"
        )
    for name, value in given.items():
        space.parameters[name].encode(value, f"context: {name}")
    return given


def shared_names(space: Space, same: Iterable[str]) -> list[str]:
    """Names of the parameters that a batch shares.

    Raises
    ------
    TypeError, ValueError : for what is no list of names of the space.
    """
    names = distinct_names("same", same, "a list of names of parameters")
    for name in names:
        if name not in space.parameters:
            raise ValueError(
                f"same: unknown parameter {shown(name)}{suggestion(name, space.parameters)}; "
                f"expected {listed(space.parameters)}"
            )
    return names


def shared_values(space: Space, names: Iterable[str], params: Mapping[str, Any]) -> dict[str, Any]:
    """The values that the rest of a batch has, from its first point.

    Where a parameter is inactive there, what makes it so is shared.
    """
    shared: dict[str, Any] = {}
    waiting = list(names)
    for name in waiting:  # grows
        if name in space.context:
            continue
        if name in params:
            shared[name] = params[name]
        else:
            waiting += space.parameters[name].conditions
    return shared
