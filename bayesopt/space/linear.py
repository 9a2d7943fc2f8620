"""Linear constraints over the natural values of a point."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import KW_ONLY, InitVar, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bayesopt.checks import distinct_names, real, shown, suggestion, truth

from .choice import Boolean, Constant, Ordinal
from .numeric import Float, Int
from .parameter import Parameter
from .scales import Floats

Mask = NDArray[np.bool_]
# of the size of the terms; forgiven where there is no room to step aside
_ROUND_OFF = 1e-12  # on grids
_EQUAL = 1e-9  # in equalities of continuous parameters


@dataclass(frozen=True)
class LinearConstraint:
    """``lower <= sum of coefficient * value <= upper`` over natural values.

    An inactive parameter adds 0. Between continuous parameters the bounds hold exactly; an
    equality holds within 1e-9 of the terms' size, a sum of parameters on a grid within 1e-12.
    Points are made to meet it, however small the part of the box that does.

    Parameters
    ----------
    coefficients : name of a numeric parameter -> its coefficient.
    upper, lower : bounds, at least one of them; units of the sum.
    equals : both bounds at once.
    if_active : it is asked for only where all of its parameters are active.

    Raises
    ------
    TypeError, ValueError : for no bound, bounds that are swapped, numbers that are not finite.
    """

    coefficients: Mapping[str, float]
    _: KW_ONLY
    upper: float | None = None
    lower: float | None = None
    equals: InitVar[float | None] = None
    if_active: bool = False

    def __post_init__(self, equals: float | None) -> None:
        if equals is not None:
            if self.upper is not None or self.lower is not None:
                raise ValueError("LinearConstraint: give equals= or bounds, not both")
            object.__setattr__(self, "upper", equals)
            object.__setattr__(self, "lower", equals)
        if not isinstance(self.coefficients, Mapping) or not self.coefficients:
            raise TypeError(
                "LinearConstraint: coefficients must map names to numbers, as in "
                f"LinearConstraint({{'x': 1, 'y': 2}}, upper=3); got {shown(self.coefficients)}"
            )
        checked = {
            name: real(f"LinearConstraint: the coefficient of {shown(name)}", value)
            for name, value in self.coefficients.items()
        }
        object.__setattr__(self, "coefficients", checked)
        for name in ("upper", "lower"):
            value = getattr(self, name)
            if value is not None:
                object.__setattr__(self, name, real(f"LinearConstraint: {name}", value))
        truth("LinearConstraint: if_active", self.if_active)
        if self.upper is None and self.lower is None:
            raise ValueError("LinearConstraint: give upper=, lower=, both, or equals=")
        if self.upper is not None and self.lower is not None and self.lower > self.upper:
            raise ValueError(
                f"LinearConstraint: lower={self.lower!r} is above upper={self.upper!r}; swap them"
            )

    def __hash__(self) -> int:
        return hash((tuple(self.coefficients.items()), self.upper, self.lower))

    def __str__(self) -> str:
        if (
            self.if_active
            and sorted(self.coefficients.values()) == [-1.0, 1.0]
            and self.upper == 0
        ):
            less, more = sorted(self.coefficients, key=lambda name: -self.coefficients[name])
            return f"{less} <= {more}"
        terms = " + ".join(f"{c:g}*{name}" for name, c in self.coefficients.items())
        below = "" if self.lower is None else f"{self.lower:g} <= "
        above = "" if self.upper is None else f" <= {self.upper:g}"
        if self.lower is not None and self.lower == self.upper:
            return f"{terms} == {self.upper:g}"
        return f"{below}{terms}{above}"


def total(
    names: Iterable[str],
    *,
    equals: float | None = None,
    upper: float | None = None,
    lower: float | None = None,
) -> LinearConstraint:
    """The sum of parameters is ``equals``, or lies between bounds; in ``bayesopt`` called ``Sum``.

    Parameters
    ----------
    names : of numeric parameters, as in ``Sum(["water", "ethanol", "salt"], equals=1.0)``.
    """
    what = "a list of names, as in Sum(['x', 'y'], equals=1)"
    listing = distinct_names("Sum: the first argument", names, what)
    return LinearConstraint(dict.fromkeys(listing, 1.0), equals=equals, upper=upper, lower=lower)


class LinearTest:
    """A linear constraint laid over the columns of a space.

    Attributes
    ----------
    terms : coefficient, column and, for a listed parameter, the number of each of its values.
    constants : contribution and name of each parameter that has no column.

    Raises
    ------
    ValueError : for unknown names, parameters that are no numbers, and a constraint that no point
        can satisfy.
    """

    def __init__(
        self,
        constraint: LinearConstraint,
        parameters: Mapping[str, Parameter],
        column: Mapping[str, int],
    ) -> None:
        self.constraint = constraint
        self.terms: list[tuple[float, int, Floats | None]] = []
        self.constants: list[tuple[float, str]] = []
        continuous, least, most = False, 0.0, 0.0
        for name, coefficient in constraint.coefficients.items():
            parameter = _known_parameter(name, parameters, constraint)
            numbers = _numbers(name, parameter, constraint)
            scale = parameter.scale()
            if scale is None:
                self.constants.append((coefficient * float(numbers[0]), name))
            else:
                listed = None if isinstance(parameter, Float | Int) else numbers
                self.terms.append((coefficient, column[name], listed))
                continuous |= bool(np.isinf(scale.n_levels[0]))
            may_be_left_out = parameter.conditions and not constraint.if_active
            ends = coefficient * np.append(numbers, 0.0 if may_be_left_out else numbers[0])
            least, most = least + float(ends.min()), most + float(ends.max())
        is_equality = constraint.lower is not None and constraint.lower == constraint.upper
        self._slack = (_EQUAL if is_equality else 0.0) if continuous else _ROUND_OFF
        _check_possible(constraint, least, most)

    def holds(self, rows: Floats, active: Callable[[str], Mask]) -> Mask:
        """Whether each row (n, p) satisfies the constraint: (n,)."""
        total, size = np.zeros(len(rows)), np.zeros(len(rows))
        for term in self._evaluated(rows, active):
            total += term
            size += np.abs(term)
        passed = np.ones(len(rows), dtype=bool)
        if self.constraint.upper is not None:
            passed &= total <= self.constraint.upper + self._slack * size
        if self.constraint.lower is not None:
            passed &= total >= self.constraint.lower - self._slack * size
        return passed | ~self.asked_for(active) if self.constraint.if_active else passed

    def asked_for(self, active: Callable[[str], Mask]) -> Mask:
        """Whether all of its parameters are active: (n,)."""
        each = [active(name) for name in self.constraint.coefficients]
        return np.asarray(np.logical_and.reduce(each))

    def _evaluated(self, rows: Floats, active: Callable[[str], Mask]) -> Iterator[Floats]:
        for coefficient, j, values in self.terms:
            here = ~np.isnan(rows[:, j])
            number = np.where(here, rows[:, j], 0.0)
            if values is not None:
                number = values[number.astype(np.int64)]
            yield np.where(here, coefficient * number, 0.0)
        for term, name in self.constants:
            yield np.where(active(name), term, 0.0)


def _known_parameter(
    name: str, parameters: Mapping[str, Parameter], constraint: LinearConstraint
) -> Parameter:
    if name in parameters:
        return parameters[name]
    raise ValueError(
        f"constraint {constraint}: unknown parameter {shown(name)}{suggestion(name, parameters)}"
    )


def _numbers(name: str, parameter: Parameter, constraint: LinearConstraint) -> Floats:
    """Both bounds of a numeric parameter; the number of each value of a listed one."""
    options: tuple[Any, ...] = ()
    if isinstance(parameter, Float | Int):
        options = (parameter.low, parameter.high)
    elif isinstance(parameter, Ordinal):
        options = tuple(parameter.values)
    elif isinstance(parameter, Boolean):
        options = (0, 1)
    elif isinstance(parameter, Constant):
        options = (parameter.value,)
    try:
        numbers = [real(name, option) for option in options]
    except (TypeError, ValueError):
        numbers = []
    if not numbers:
        raise ValueError(
            f"constraint {constraint}: {shown(name)} is not a number; leave it out or write the "
            "constraint as a function of the parameters"
        )
    return np.array(numbers)


def _check_possible(constraint: LinearConstraint, least: float, most: float) -> None:
    room = 1e-9 * max(abs(least), abs(most))
    upper = math.inf if constraint.upper is None else constraint.upper
    lower = -math.inf if constraint.lower is None else constraint.lower
    if least - room > upper or most + room < lower:
        raise ValueError(
            f"constraint {constraint}: no point can satisfy it, the sum lies in "
            f"[{least:g}, {most:g}]"
        )
