"""Numbers between two bounds: Float and Int."""

# ruff: noqa: D102 - what the methods do is said once, in Parameter

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass
from decimal import Decimal
from numbers import Integral
from typing import Any

import numpy as np

from bayesopt.calls import explained_class
from bayesopt.checks import MOST_WHOLE, plain, real, shown, truth, whole

from .beliefs import Belief, read_belief
from .continuous import Linear, Log
from .discrete import Grid, LogInteger
from .parameter import Parameter, read_when
from .roles import OF_NUMBERS, check_fidelity, read_role
from .scales import Floats, Scale, array

_ON_GRID = 1e-9  # in steps; a value this near to a level is the level


@explained_class
@dataclass(frozen=True, eq=False, repr=False)
class Float(Parameter):
    """A real number in [low, high].

    Parameters
    ----------
    low, high : bounds, both included. Equal bounds make a parameter of one value. The name of
        another Float or Int is its value: ``Float(0, "total")`` is at most ``total``, where both
        are active.
    log : measure on the logarithmic scale; needs ``low > 0``.
    step : only low, low + step, low + 2 step, ... up to ``high``. The grid is decimal:
        ``Float(0, 1, step=0.1)`` has 0.3, not 0.30000000000000004.
    default : a value to begin with; else the middle (of the logarithms with ``log``).
    when : see :class:`Space`.
    role : "design"; "context" for a value that is given and never chosen; "fidelity" for one such
        as epochs: results at ``high`` are wanted, and less is cheaper.
    prior : a belief about where the best value is: :class:`Normal` or :class:`LogNormal`. Without
        a ``default``, its most likely value is the one to begin with.

    Raises
    ------
    TypeError, ValueError : for bounds that are swapped or not finite, ``log`` with a bound <= 0
        or together with ``step``, a step larger than the range, a default that is not legal.
    """

    low: Any  # float, or the name of another parameter
    high: Any
    _: KW_ONLY
    log: bool = False
    step: float | None = None
    default: float | None = None
    when: Mapping[str, Any] | None = None
    role: str = "design"
    prior: Belief | None = None

    def __post_init__(self) -> None:
        if _waits(self):
            return  # the space knows the other parameter, and checks then
        owner = f"Float({shown(self.low)}, {shown(self.high)})"
        low, high = (real(f"{owner}: {n}", getattr(self, n)) for n in ("low", "high"))
        step = None if self.step is None else real(f"{owner}: step", self.step)
        _check_range(owner, low, high, self.log, step)
        if math.isinf(high - low):
            raise ValueError(
                f"{owner}: the range is larger than the largest float; "
                "narrow it or use log=True for a positive range"
            )
        for name, value in (("low", low), ("high", high), ("step", step)):
            object.__setattr__(self, name, value)
        object.__setattr__(self, "when", read_when(owner, self.when))
        object.__setattr__(self, "role", read_role(owner, self.role, self.when, OF_NUMBERS))
        check_fidelity(owner, self.role, low)
        object.__setattr__(self, "prior", read_belief(owner, self.prior, low))
        if step is not None:
            _check_step(owner, low, high, step)
        if self.default is not None:
            default = self.decode(self.encode(self.default, f"default of {owner}"))
            object.__setattr__(self, "default", default)

    def scale(self) -> Scale:
        if self.low == self.high:
            return _single(self.low)
        if self.step is not None:
            return _decimal_grid(self.low, self.high, self.step)
        kind = Log if self.log else Linear
        return kind(array(self.low), array(self.high))

    def encode(self, value: Any, name: str, *, outside: bool = False) -> float:
        number = real(name, value)
        if self.log and number <= 0:
            raise ValueError(f"{name}: on a log scale the value must be > 0; got {shown(value)}")
        if outside:
            return number
        _check_inside(name, number, self.low, self.high)
        if self.step is None or self.low == self.high:
            return number
        return _nearest_level(name, number, self.scale(), self.step)

    def decode(self, number: float) -> float:
        return float(number)

    def default_number(self) -> float | None:
        return _most_likely(self) if self.default is None else self.default


@explained_class
@dataclass(frozen=True, eq=False, repr=False)
class Int(Parameter):
    """A whole number in [low, high].

    Parameters
    ----------
    low, high : bounds, both included, at most 2**53 away from zero and from each other; or the
        name of another parameter, as for :class:`Float`.
    log : measure on the logarithmic scale; needs ``low >= 1``.
    step : only low, low + step, low + 2 step, ... up to ``high``.
    default : a value to begin with; else the middle (of the logarithms with ``log``).
    when : see :class:`Space`.
    role : "design"; "context" for a value that is given and never chosen; "fidelity" for one such
        as epochs: results at ``high`` are wanted, and less is cheaper.
    prior : a belief about where the best value is: :class:`Normal` or :class:`LogNormal`. Without
        a ``default``, its most likely value is the one to begin with.

    Raises
    ------
    TypeError, ValueError : as for :class:`Float`, and for numbers that are not whole.
    """

    low: Any  # int, or the name of another parameter
    high: Any
    _: KW_ONLY
    log: bool = False
    step: int | None = None
    default: int | None = None
    when: Mapping[str, Any] | None = None
    role: str = "design"
    prior: Belief | None = None

    def __post_init__(self) -> None:
        if _waits(self):
            return
        owner = f"Int({shown(self.low)}, {shown(self.high)})"
        low, high = (read_whole(f"{owner}: {n}", getattr(self, n)) for n in ("low", "high"))
        step = None if self.step is None else read_whole(f"{owner}: step", self.step)
        _check_range(owner, low, high, self.log, step)
        if max(abs(low), abs(high), high - low) > MOST_WHOLE:
            raise ValueError(
                f"{owner}: bounds and range must be at most 2**53 = {MOST_WHOLE}, beyond which "
                "float64 skips whole numbers; rescale it, or search its logarithm as a Float"
            )
        for name, value in (("low", low), ("high", high), ("step", step)):
            object.__setattr__(self, name, value)
        object.__setattr__(self, "when", read_when(owner, self.when))
        object.__setattr__(self, "role", read_role(owner, self.role, self.when, OF_NUMBERS))
        check_fidelity(owner, self.role, low)
        object.__setattr__(self, "prior", read_belief(owner, self.prior, low))
        if self.default is not None:
            default = self.decode(self.encode(self.default, f"default of {owner}"))
            object.__setattr__(self, "default", default)

    def scale(self) -> Scale:
        if self.low == self.high:
            return _single(self.low)
        if self.log:
            return LogInteger(array(self.low), array(self.high))
        step = self.step or 1
        top = (self.high - self.low) // step
        last = self.low + top * step
        return Grid(array(self.low), array(step), array(1), array(top), array(last))

    def encode(self, value: Any, name: str, *, outside: bool = False) -> float:
        number = read_whole(name, value)
        if abs(number) > MOST_WHOLE:
            raise ValueError(
                f"{name}: whole numbers beyond 2**53 are not exact; got {shown(value)}"
            )
        if self.log and number <= 0:
            raise ValueError(f"{name}: on a log scale the value must be >= 1; got {shown(value)}")
        if outside:
            return float(number)
        _check_inside(name, number, self.low, self.high)
        if (number - self.low) % (self.step or 1):
            raise ValueError(
                f"{name}: expected {self.low} plus a multiple of {self.step}; got {shown(value)}"
            )
        return float(number)

    def decode(self, number: float) -> int:
        return int(number)

    def default_number(self) -> float | None:
        return _most_likely(self) if self.default is None else self.default


def _waits(number: Float | Int) -> bool:
    """Whether a bound is the name of another parameter; "0.5" is a number in quotes, refused."""
    return any(_is_name(bound) for bound in (number.low, number.high))


def _is_name(bound: object) -> bool:
    if not isinstance(bound, str):
        return False
    try:
        float(bound)
    except ValueError:
        return True
    return False


def _most_likely(number: Float | Int) -> float | None:
    """The legal value nearest to the most likely one; None without a belief."""
    scale = number.scale()
    if number.prior is None or scale is None:
        return None
    value = min(max(number.prior.most_likely, number.low), number.high)
    return float(scale.to_rows(scale.snap(scale.to_coords(np.array([[value]]))))[0, 0])


def read_whole(name: str, value: object) -> int:
    """Make an int of a whole number, 3.0 included, or say what is wrong with it."""
    value = plain(value)
    number = real(name, value)
    if isinstance(value, Integral):
        return whole(name, value)
    if not number.is_integer():
        raise ValueError(
            f"{name} must be a whole number; got {shown(value)} (Float has fractions)"
        )
    return int(number)


def _check_range(owner: str, low: float, high: float, log: object, step: float | None) -> None:
    truth(f"{owner}: log", log)
    if low > high:
        raise ValueError(f"{owner}: low must not be above high; swap them")
    if log and low <= 0:
        raise ValueError(
            f"{owner}: log=True needs low > 0; raise low above zero or leave out log=True"
        )
    if step is None:
        return
    if log:
        raise ValueError(f"{owner}: log and step exclude each other; choose one of them")
    if step <= 0:
        raise ValueError(f"{owner}: step must be > 0; got {step!r}")
    if step > (high - low) * (1 + _ON_GRID):
        raise ValueError(
            f"{owner}: step={step!r} is larger than the range {high - low!r}; "
            "use a smaller step, or Constant for a single value"
        )


def _check_step(owner: str, low: float, high: float, step: float) -> None:
    spacing = float(np.spacing(max(abs(low), abs(high))))
    # Coordinates tell a level from what lies between levels to a thousandth of a step.
    if step < 4e3 * spacing or (high - low) / step > MOST_WHOLE:
        raise ValueError(
            f"{owner}: step={step!r} is too fine for float64 at these bounds; "
            "leave it out (the parameter is then continuous) or use a larger one"
        )


def _check_inside(name: str, number: float, low: float, high: float) -> None:
    if not low <= number <= high:
        raise ValueError(f"{name}: expected a value in [{low!r}, {high!r}]; got {number!r}")


def _single(value: float) -> Grid:
    return Grid(array(value), array(1), array(1), array(0), array(value))


def _decimal_grid(low: float, high: float, step: float) -> Grid:
    first, last, stride = Decimal(repr(low)), Decimal(repr(high)), Decimal(repr(step))
    # The tolerance lets 3 steps of a rounded 2/3 reach 2.
    top = math.floor((last - first) / stride + Decimal("1e-9"))
    digits = max(0, *(-int(d.as_tuple().exponent) for d in (first, stride)))
    scale = 10**digits
    whole = [int(first * scale), int(stride * scale)]
    furthest = abs(whole[0]) + top * whole[1]
    if digits <= 22 and furthest <= MOST_WHOLE:  # 10**22 is the last power of ten exact in float64
        return Grid(array(whole[0]), array(whole[1]), array(scale), array(top), array(high))
    return Grid(array(low), array(step), array(1), array(top), array(high))


def _nearest_level(name: str, number: float, grid: Scale, step: float) -> float:
    place: Floats = np.array([[number]])
    level = float(grid.to_rows(grid.to_coords(place))[0, 0])
    if abs(level - number) > max(_ON_GRID * step, 2 * float(np.spacing(abs(number)))):
        raise ValueError(
            f"{name}: {number!r} is not on the grid of step {step!r}; the nearest is {level!r}"
        )
    return level
