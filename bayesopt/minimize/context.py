"""The context of each trial of a loop: fixed, or read by a function of the user's."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from bayesopt.checks import mapping
from bayesopt.optimizer.given import read_context
from bayesopt.space import Space

ContextSource = Mapping[str, Any] | Callable[[], Mapping[str, Any]]


def read_source(space: Space, given: ContextSource | None) -> Callable[[], Mapping[str, Any]]:
    """A function that says what the context is now.

    Raises
    ------
    TypeError, ValueError : when the space has context parameters and nothing says what they are,
        or for a mapping that does not fit.
    """
    if given is None and space.context:
        names = ", ".join(f"{name!r}: ..." for name in space.context)
        raise ValueError(
            f"the space has context parameters, which are not chosen: give context={{{names}}}, "
            "or a function that reads them before each trial; or use Optimizer.ask(context=...)"
        )
    if callable(given) and not isinstance(given, Mapping):
        read = given
        return lambda: mapping("what context() returned", read(), "a mapping")
    fixed = read_context(space, given)
    return lambda: fixed
