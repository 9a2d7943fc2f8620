"""Known constraints: what a point must satisfy before it is worth evaluating."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import KW_ONLY, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .choice import Boolean, Constant, Ordinal
from .identity import plain, suggestion
from .numeric import Float, Int, read_number
from .parameter import Parameter
from .scales import Floats

Mask = NDArray[np.bool_]
_ROUND_OFF = 1e-12  # of the size of the terms; forgiven where a grid leaves no room to step aside


@dataclass(frozen=True)
class LinearConstraint:
    """``lower <= sum of coefficient * value <= upper`` over natural values.

    An inactive parameter counts 0. Between continuous parameters the bounds hold exactly; between
    parameters on a grid, whose sums carry round-off, within 1e-12 of the terms' size.

    Parameters
    ----------
    coefficients : name of a numeric parameter -> its coefficient.
    upper, lower : bounds, at least one of them; units of the sum.

    Raises
    ------
    TypeError, ValueError : for no bound, bounds that are swapped, numbers that are not finite.
    """

    coefficients: Mapping[str, float]
    _: KW_ONLY
    upper: float | None = None
    lower: float | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.coefficients, Mapping) or not self.coefficients:
            raise TypeError(
                "LinearConstraint: coefficients must map names to numbers, as in "
                f"LinearConstraint({{'x': 1, 'y': 2}}, upper=3); got {self.coefficients!r}"
            )
        checked = {
            name: read_number(f"LinearConstraint: the coefficient of {name!r}", value)
            for name, value in self.coefficients.items()
        }
        object.__setattr__(self, "coefficients", checked)
        for name in ("upper", "lower"):
            value = getattr(self, name)
            if value is not None:
                object.__setattr__(self, name, read_number(f"LinearConstraint: {name}", value))
        if self.upper is None and self.lower is None:
            raise ValueError("LinearConstraint: give upper=, lower= or both")
        if self.upper is not None and self.lower is not None and self.lower > self.upper:
            raise ValueError(
                f"LinearConstraint: lower={self.lower!r} is above upper={self.upper!r}; swap them"
            )

    def __hash__(self) -> int:
        return hash((tuple(self.coefficients.items()), self.upper, self.lower))

    def __str__(self) -> str:
        terms = " + ".join(f"{c:g}*{name}" for name, c in self.coefficients.items())
        below = "" if self.lower is None else f"{self.lower:g} <= "
        above = "" if self.upper is None else f" <= {self.upper:g}"
        return f"{below}{terms}{above}"


Params = dict[str, Any]
Constraint = LinearConstraint | Callable[[Params], bool]


class LinearTest:
    """A linear constraint laid over the columns of a space."""

    def __init__(
        self,
        constraint: LinearConstraint,
        parameters: Mapping[str, Parameter],
        column: Mapping[str, int],
    ) -> None:
        self.constraint = constraint
        self._terms: list[tuple[float, int, Floats | None]] = []
        self._constants: list[tuple[float, str]] = []
        continuous = False
        for name, coefficient in constraint.coefficients.items():
            if name not in parameters:
                raise ValueError(
                    f"constraint {constraint}: unknown parameter {name!r}"
                    f"{suggestion(name, parameters)}"
                )
            parameter = parameters[name]
            values = _values(name, parameter, constraint)
            scale = parameter.scale()
            if scale is None:
                self._constants.append((coefficient * float(parameter.decode(0)), name))
            else:
                self._terms.append((coefficient, column[name], values))
                continuous |= bool(np.isinf(scale.n_levels[0]))
        self._slack = 0.0 if continuous else _ROUND_OFF
        if continuous and constraint.lower == constraint.upper:
            raise ValueError(
                f"constraint {constraint}: an equality over continuous parameters leaves nothing "
                "to draw from; drop one of the parameters and compute it from the others"
            )

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
        return passed

    def _evaluated(self, rows: Floats, active: Callable[[str], Mask]) -> Iterator[Floats]:
        for coefficient, j, values in self._terms:
            here = ~np.isnan(rows[:, j])
            number = np.where(here, rows[:, j], 0.0)
            if values is not None:
                number = values[number.astype(np.int64)]
            yield np.where(here, coefficient * number, 0.0)
        for term, name in self._constants:
            yield np.where(active(name), term, 0.0)


def _values(name: str, parameter: Parameter, constraint: LinearConstraint) -> Floats | None:
    """Numbers that the indices of a listed parameter stand for; None for a number as it is."""
    if isinstance(parameter, Float | Int):
        return None
    options: tuple[Any, ...] = ()
    if isinstance(parameter, Ordinal):
        options = tuple(parameter.values)
    elif isinstance(parameter, Boolean):
        options = (0, 1)
    elif isinstance(parameter, Constant):
        options = (parameter.value,)
    try:
        numbers = [read_number(name, option) for option in options]
    except (TypeError, ValueError):
        numbers = []
    if not numbers:
        raise ValueError(
            f"constraint {constraint}: {name!r} is not a number; leave it out or write the "
            "constraint as a function of the parameters"
        )
    return np.array(numbers)


class Known:
    """All known constraints of a space.

    Attributes
    ----------
    all : the constraints as they were given.
    """

    def __init__(
        self,
        constraints: Iterable[Constraint],
        parameters: Mapping[str, Parameter],
        column: Mapping[str, int],
    ) -> None:
        self.all = read_constraints(constraints)
        self._linear = tuple(
            LinearTest(constraint, parameters, column)
            for constraint in self.all
            if isinstance(constraint, LinearConstraint)
        )
        self._callables = tuple(c for c in self.all if not isinstance(c, LinearConstraint))

    def hold(
        self, rows: Floats, active: Callable[[str], Mask], decode: Callable[[Floats], Params]
    ) -> Mask:
        """Whether each row (n, p) satisfies all constraints: (n,).

        Parameters
        ----------
        active : name -> (n,) whether it counts.
        decode : row (p,) -> params, for the callables; they see only what the linear ones passed.
        """
        passed = np.ones(len(rows), dtype=bool)
        for test in self._linear:
            passed &= test.holds(rows, active)
        for i in np.flatnonzero(passed) if self._callables else ():
            passed[i] = all(satisfies(c, decode(rows[i])) for c in self._callables)
        return passed

    def broken(
        self, row: Floats, active: Callable[[str], Mask], decode: Callable[[Floats], Params]
    ) -> Constraint | None:
        """First constraint that a row (p,) does not satisfy."""
        for test in self._linear:
            if not test.holds(row[None], active)[0]:
                return test.constraint
        return next((c for c in self._callables if not satisfies(c, decode(row))), None)


def read_constraints(constraints: object) -> tuple[Constraint, ...]:
    """Check that every constraint is linear or callable.

    Raises
    ------
    TypeError : otherwise.
    """
    if isinstance(constraints, LinearConstraint) or callable(constraints):
        raise TypeError(f"constraints must be a list; write constraints=[{constraints!r}]")
    if not isinstance(constraints, Iterable):
        raise TypeError(f"constraints must be a list; got {constraints!r}")
    checked = tuple(constraints)
    for constraint in checked:
        if not isinstance(constraint, LinearConstraint) and not callable(constraint):
            raise TypeError(
                "a constraint must be a LinearConstraint or a function of the parameters that "
                f"returns True or False; got {constraint!r}"
            )
    return checked


def satisfies(constraint: Callable[[Params], bool], params: Params) -> bool:
    """Ask a callable constraint about one point.

    Raises
    ------
    TypeError : if it answers with anything but True or False.
    """
    name = getattr(constraint, "__name__", repr(constraint))
    try:
        answer = plain(constraint(params))
    except Exception as error:
        error.add_note(f"raised by the constraint {name} at {params!r}")
        raise
    if not isinstance(answer, bool):
        raise TypeError(f"constraint {name} must return True or False; got {answer!r}")
    return answer
