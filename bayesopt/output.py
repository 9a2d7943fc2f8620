"""The outputs of an evaluation, by name, each with a role."""

from __future__ import annotations

import math
import re
import sys
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bayesopt.checks import shown

Floats = NDArray[np.float64]

_LIMIT = re.compile(r"\s*(<=|>=|≤|≥)\s*([-+]?[0-9.][0-9.]*(?:[eE][-+]?[0-9]+)?)\s*")
_PLAIN = {"≤": "<=", "≥": ">="}
_WIDTH = 6  # digits of a limit that are shown where they are exact


@dataclass(frozen=True)
class Output:
    """A number that an evaluation gives; of this class itself it is recorded and nothing else.

    Attributes
    ----------
    name : by which results name it.
    """

    name: str

    @property
    def sign(self) -> float:
        """-1 when more is better, else 1: what derivatives are multiplied by."""
        return 1.0

    def oriented(self, values: Floats) -> Floats:
        """Values (n,) turned so that less is better."""
        return values


@dataclass(frozen=True)
class Objective(Output):
    """An output to be optimised.

    Attributes
    ----------
    direction : "minimize" or "maximize".
    threshold : of one of several objectives, the value that is just good enough, in the output's
        units and finite; None: not known.
    """

    name: str = "value"
    direction: str = "minimize"
    threshold: float | None = None

    def __post_init__(self) -> None:
        if self.direction not in ("minimize", "maximize"):
            raise ValueError(f"direction must be 'minimize' or 'maximize'; got {self.direction!r}")
        if self.threshold is not None and not math.isfinite(self.threshold):
            raise ValueError(
                f"{self.name}: threshold must be a finite number; got {self.threshold!r}"
            )

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

    @classmethod
    def parse(cls, name: str, text: object) -> OutcomeConstraint:
        """The constraint of a limit as it is written, such as "<= 0.5" or ">= 90".

        Raises
        ------
        TypeError, ValueError : for anything else.
        """
        what = f"the limit of the outcome constraint {name!r} must be written like '<= 0.5' or "
        if not isinstance(text, str):
            raise TypeError(f"{what}'>= 90'; got {shown(text)}")
        found = _LIMIT.fullmatch(text)
        try:
            limit = float(found[2]) if found else math.nan
        except ValueError:  # "1.2.3"
            limit = math.nan
        if found is None or not math.isfinite(limit):
            raise ValueError(f"{what}'>= 90'; got {shown(text)}")
        return cls(name, _PLAIN.get(found[1], found[1]), limit)

    @property
    def written(self) -> str:
        """The limit as :meth:`parse` reads it: "<= 0.5"."""
        short = f"{self.limit:.{_WIDTH}g}"
        return f"{self.relation} {short if float(short) == self.limit else repr(self.limit)}"

    @property
    def sign(self) -> float:
        """-1 when the limit is a lower one, else 1."""
        return 1.0 if self.relation == "<=" else -1.0

    def excess(self, value: float) -> float:
        """By how much a finite value exceeds the limit: met where <= 0."""
        over = value - self.limit if self.relation == "<=" else self.limit - value
        return min(max(over, -sys.float_info.max), sys.float_info.max)

    def oriented(self, values: Floats) -> Floats:
        """By how much values (n,) exceed the limit, NaN where they are NaN: met where <= 0."""
        with np.errstate(over="ignore"):
            over = values - self.limit if self.relation == "<=" else self.limit - values
        return np.clip(over, -sys.float_info.max, sys.float_info.max)
