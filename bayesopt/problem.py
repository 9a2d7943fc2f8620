"""What is optimised: a space, and outputs by name, each with a role."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from bayesopt.space import Space

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Output:
    """A number that an evaluation gives; of this class itself it is recorded and nothing else.

    Attributes
    ----------
    name : by which results name it.
    """

    name: str

    def oriented(self, values: Floats) -> Floats:
        """Values (n,) turned so that less is better."""
        return values


@dataclass(frozen=True)
class Objective(Output):
    """An output to be optimised.

    Attributes
    ----------
    direction : "minimize" or "maximize".
    """

    name: str = "value"
    direction: str = "minimize"

    def __post_init__(self) -> None:
        if self.direction not in ("minimize", "maximize"):
            raise ValueError(f"direction must be 'minimize' or 'maximize'; got {self.direction!r}")

    @property
    def sign(self) -> float:
        """1 when minimising, -1 when maximising."""
        return 1.0 if self.direction == "minimize" else -1.0

    def oriented(self, values: Floats) -> Floats:
        """Values (n,) to be minimised."""
        return self.sign * values


@dataclass(frozen=True)
class OutcomeConstraint(Output):
    """An output that must keep to a limit, which is only known after an evaluation.

    Attributes
    ----------
    relation : "<=" or ">=".
    limit : finite, in the output's units.
    """

    relation: str = "<="
    limit: float = 0.0

    def __post_init__(self) -> None:
        if self.relation not in ("<=", ">="):
            raise ValueError(f"{self.name}: relation must be '<=' or '>='; got {self.relation!r}")
        if not math.isfinite(self.limit):
            raise ValueError(f"{self.name}: limit must be a finite number; got {self.limit!r}")

    def oriented(self, values: Floats) -> Floats:
        """By how much values (n,) exceed the limit: met where <= 0."""
        return values - self.limit if self.relation == "<=" else self.limit - values


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

    @property
    def objectives(self) -> tuple[Objective, ...]:
        """The outputs to be optimised."""
        return tuple(o for o in self.outputs if isinstance(o, Objective))

    @property
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

    def with_constraints(self, names: tuple[str, ...]) -> Problem:
        """The problem with an outcome constraint ``<= 0`` of each name added that has none yet."""
        known = {o.name for o in self.constraints}
        new = tuple(OutcomeConstraint(name) for name in names if name not in known)
        return replace(self, outputs=(*self.outputs, *new)) if new else self
