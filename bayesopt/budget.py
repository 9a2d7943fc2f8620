"""What a run may cost in all."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

from bayesopt.calls import explained_class
from bayesopt.checks import real


class Budget(ABC):
    """A limit to the sum of the trials' costs; immutable.

    Attributes
    ----------
    total : what may be spent (> 0).
    """

    total: float

    @abstractmethod
    def cost(self, told: float | None, seconds: float | None) -> float | None:
        """The cost of a trial, None when it is not known.

        Parameters
        ----------
        told : the ``cost`` of its result.
        seconds : between ask and tell.
        """


@explained_class
@dataclass(frozen=True)
class Cost(Budget):
    """Of the ``cost`` that is told with each result: ``{"value": 0.3, "cost": 2.0}``.

    Attributes
    ----------
    total : what may be spent (> 0), in the unit of the costs.
    """

    total: float

    def __post_init__(self) -> None:
        object.__setattr__(self, "total", real("total", self.total, above=0.0))

    def cost(self, told: float | None, seconds: float | None) -> float | None:
        """What was told."""
        return told


@explained_class
@dataclass(frozen=True)
class Seconds(Budget):
    """Of the seconds that the trials take, summed over all workers.

    Attributes
    ----------
    total : seconds that may be spent (> 0).
    """

    total: float

    def __post_init__(self) -> None:
        object.__setattr__(self, "total", real("total", self.total, above=0.0))

    def cost(self, told: float | None, seconds: float | None) -> float | None:
        """What was measured."""
        return seconds


@dataclass(frozen=True)
class Unlimited(Budget):
    """Of the cost that is told, or else of the seconds; without a limit."""

    total: float = float("inf")

    def cost(self, told: float | None, seconds: float | None) -> float | None:
        """What was told, or measured."""
        return seconds if told is None else told
