"""Real numbers on a scale of one's own: give a monotone function and its inverse."""

# ruff: noqa: D102 - what the methods do is said once, in Parameter and Scale

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from functools import cached_property
from typing import Any, Self

import numpy as np

from bayesopt.checks import real, shown

from .continuous import Continuous
from .parameter import Parameter, read_when
from .scales import Floats, Scale, clip


@dataclass(frozen=True, eq=False, repr=False)
class ContinuousParameter(Parameter):
    """A real number in [low, high] on a scale of your own; give :meth:`forward` and
    :meth:`inverse`.

    The model sees ``forward(value)``, brought to [0, 1]: steps of one size there matter alike.
    A logarithmic scale would be ``np.log`` and ``np.exp``. A subclass without further fields needs
    no decorator; one with fields is a dataclass with ``frozen=True, eq=False, repr=False``.

    Parameters
    ----------
    low, high : bounds, both included, where ``forward`` is finite.
    default : a value to begin with; else the middle of the scale.
    when : see :class:`Space`.

    Raises
    ------
    TypeError, ValueError : for bounds that are not numbers, swapped or equal, where ``forward`` is
        not finite or does not increase; for a default that is not legal.
    """

    low: float
    high: float
    _: KW_ONLY
    default: float | None = None
    when: Mapping[str, Any] | None = None

    @abstractmethod
    def forward(self, values: Floats) -> Floats:
        """The scale at values of any shape; increasing, NaN for NaN."""

    @abstractmethod
    def inverse(self, warped: Floats) -> Floats:
        """Values whose ``forward`` this is."""

    def __post_init__(self) -> None:
        owner = f"{type(self).__name__}({shown(self.low)}, {shown(self.high)})"
        for name in ("low", "high"):
            object.__setattr__(self, name, real(f"{owner}: {name}", getattr(self, name)))
        object.__setattr__(self, "when", read_when(owner, self.when))
        if not self.low < self.high:
            raise ValueError(f"{owner}: low must be below high; swap them, or use Constant")
        ends = self._warped(np.array([self.low, self.high]))
        if not np.isfinite(ends).all():
            raise ValueError(
                f"{owner}: forward must be finite at both bounds; got {ends.tolist()}: "
                "narrow the range"
            )
        if not 0.0 < ends[1] - ends[0] < np.inf:
            raise ValueError(f"{owner}: forward must increase; got {ends.tolist()} at the bounds")
        if self.default is not None:
            object.__setattr__(self, "default", self.encode(self.default, f"default of {owner}"))

    def _warped(self, values: Floats) -> Floats:
        with np.errstate(all="ignore"):
            return np.asarray(self.forward(values), dtype=np.float64)

    def scale(self) -> Scale:
        return Warped(self)

    def encode(self, value: Any, name: str, *, outside: bool = False) -> float:
        number = real(name, value)
        if not outside and not self.low <= number <= self.high:
            raise ValueError(
                f"{name}: expected a value in [{self.low!r}, {self.high!r}]; got {number!r}"
            )
        if not np.isfinite(self._warped(np.array([number]))).all():
            raise ValueError(f"{name}: {number!r} is not on the scale of {self!r}")
        return number

    def decode(self, number: float) -> float:
        return float(number)

    def default_number(self) -> float | None:
        return self.default


@dataclass(frozen=True, eq=False)
class Warped(Continuous):
    """The column of a parameter with a scale of its own."""

    parameter: ContinuousParameter
    stacks = False

    @cached_property
    def low(self) -> Floats:  # type: ignore[override]
        return np.array([self.parameter.low])

    @cached_property
    def high(self) -> Floats:  # type: ignore[override]
        return np.array([self.parameter.high])

    @cached_property
    def _ends(self) -> tuple[float, float]:
        low, high = self.parameter._warped(np.array([self.parameter.low, self.parameter.high]))
        return float(low), float(high)

    @property
    def _resolution(self) -> Floats:
        rows = self.to_rows(np.linspace(0.0, 1.0, 65)[:, None])
        below = np.maximum(np.nextafter(rows, -np.inf), self.low)
        steps = np.abs(self.to_coords(rows) - self.to_coords(below))
        return np.asarray(steps.max(axis=0))

    def to_coords(self, rows: Floats) -> Floats:
        low, high = self._ends
        return (self.parameter._warped(rows) - low) / (high - low)

    def to_rows(self, coords: Floats) -> Floats:
        low, high = self._ends
        warped = low + clip(coords, 0.0, 1.0) * (high - low)
        rows = clip(np.asarray(self.parameter.inverse(warped)), self.low, self.high)
        return np.where(coords >= 1, self.high, np.where(coords <= 0, self.low, rows))

    @classmethod
    def stack(cls, scales: Sequence[Self]) -> Self:
        (alone,) = scales
        return alone
