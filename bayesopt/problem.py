"""What is optimised: a space, and outputs by name, each with a role."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property

from bayesopt.output import Objective, OutcomeConstraint, Output
from bayesopt.space import Space


@dataclass(frozen=True)
class Problem:
    """A space and the outputs of an evaluation.

    Attributes
    ----------
    space : the search space.
    outputs : what an evaluation gives; names are unique within a role.
    deterministic : evaluating a point twice gives the same outputs.
    """

    space: Space
    outputs: tuple[Output, ...] = (Objective(),)
    deterministic: bool = False

    def __post_init__(self) -> None:
        kinds = [(type(output), output.name) for output in self.outputs]
        for kind, name in kinds:
            if kinds.count((kind, name)) > 1:
                raise ValueError(f"outputs: {name!r} is there twice; give each a name of its own")

    @cached_property
    def objectives(self) -> tuple[Objective, ...]:
        """The outputs to be optimised."""
        return tuple(o for o in self.outputs if isinstance(o, Objective))

    @cached_property
    def constraints(self) -> tuple[OutcomeConstraint, ...]:
        """The outputs that must keep to a limit."""
        return tuple(o for o in self.outputs if isinstance(o, OutcomeConstraint))

    @property
    def objective(self) -> Objective:
        """The only objective.

        Raises
        ------
        ValueError : when there is none, or there are several.
        """
        found = self.objectives
        if len(found) != 1:
            raise ValueError(
                f"one objective was expected; this problem has {len(found)}: "
                f"{[o.name for o in found]}"
            )
        return found[0]

    def with_outputs(self, outputs: Iterable[Output]) -> Problem:
        """The problem with those outputs added that it does not have yet."""
        known = {(type(o), o.name) for o in self.outputs}
        new = tuple(o for o in outputs if (type(o), o.name) not in known)
        return replace(self, outputs=(*self.outputs, *new)) if new else self
