"""Known constraints: what a point must satisfy before it is worth evaluating."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import PurePath
from typing import Any

import numpy as np

from bayesopt.checks import plain, several, shown

from .at_most import AtMost, AtMostTest
from .linear import LinearConstraint, LinearTest, Mask
from .parameter import Parameter
from .scales import Floats

Params = dict[str, Any]
Constraint = LinearConstraint | AtMost | Callable[[Params], bool]


class ConstraintSet:
    """All known constraints of a space.

    Attributes
    ----------
    all : the constraints as they were given.
    linear, at_most : those of known form, laid over the columns.
    """

    def __init__(
        self,
        constraints: Iterable[Constraint],
        parameters: Mapping[str, Parameter],
        column: Mapping[str, int],
    ) -> None:
        self.all = read_constraints(constraints)
        self.linear = tuple(
            LinearTest(constraint, parameters, column)
            for constraint in self.all
            if isinstance(constraint, LinearConstraint)
        )
        self.at_most = tuple(
            AtMostTest(constraint, parameters, column)
            for constraint in self.all
            if isinstance(constraint, AtMost)
        )
        self._tests: tuple[LinearTest | AtMostTest, ...] = (*self.linear, *self.at_most)
        self._callables = tuple(
            c for c in self.all if not isinstance(c, LinearConstraint | AtMost)
        )

    def hold_by_form(self, rows: Floats, active: Callable[[str], Mask]) -> Mask:
        """Whether each row (n, p) satisfies the constraints that are no functions: (n,)."""
        passed = np.ones(len(rows), dtype=bool)
        for test in self._tests:
            passed &= test.holds(rows, active)
        return passed

    def hold(
        self, rows: Floats, active: Callable[[str], Mask], decode: Callable[[Floats], Params]
    ) -> Mask:
        """Whether each row (n, p) satisfies all constraints: (n,).

        Parameters
        ----------
        active : name -> (n,) whether it is active.
        decode : row (p,) -> params, for the callables; they see only what the linear ones passed.
        """
        passed = self.hold_by_form(rows, active)
        for i in np.flatnonzero(passed) if self._callables else ():
            passed[i] = self._unsatisfied(decode(rows[i])) is None
        return passed

    def broken(
        self, row: Floats, active: Callable[[str], Mask], decode: Callable[[Floats], Params]
    ) -> Constraint | None:
        """First constraint that a row (p,) does not satisfy."""
        for test in self._tests:
            if not test.holds(row[None], active)[0]:
                return test.constraint
        return self._unsatisfied(decode(row)) if self._callables else None

    def unmet(
        self, rows: Floats, active: Callable[[str], Mask], decode: Callable[[Floats], Params]
    ) -> tuple[str, ...]:
        """Names of the constraints that leave none of the rows (n, p): those of known form, where
        they do together; else the functions that hold at no row, or all constraints.
        """
        passed = [decode(row) for row in rows[self.hold_by_form(rows, active)]]
        if not passed:  # rows made to meet them break only some of those that exclude each other
            names = [called(test.constraint) for test in self._tests]
        else:
            never = (c for c in self._callables if not any(satisfies(c, dict(p)) for p in passed))
            names = [called(c) for c in never] or [called(c) for c in self.all]
        return tuple(dict.fromkeys(names))

    def _unsatisfied(self, params: Params) -> Callable[[Params], bool] | None:
        """The first callable that is not satisfied; each gets its own copy, once decoded."""
        return next((c for c in self._callables if not satisfies(c, dict(params))), None)


def read_constraints(constraints: object) -> tuple[Constraint, ...]:
    """Check that every constraint is of a known form or callable.

    Raises
    ------
    TypeError : otherwise.
    """
    if isinstance(constraints, LinearConstraint | AtMost) or callable(constraints):
        raise TypeError(f"constraints must be a list; write constraints=[{shown(constraints)}]")
    checked = tuple(several("constraints", constraints, "a list"))
    for constraint in checked:
        if not isinstance(constraint, LinearConstraint | AtMost) and not callable(constraint):
            raise TypeError(
                "a constraint must be a LinearConstraint, Sum, AtMost or a function of the "
                f"parameters that returns True or False; got {shown(constraint)}"
            )
    return checked


def called(constraint: Constraint) -> str:
    """Name of a constraint, for messages; for a lambda, with where it is written."""
    name = str(getattr(constraint, "__name__", constraint))
    code = getattr(constraint, "__code__", None)
    if name == "<lambda>" and code is not None:
        return f"the lambda in line {code.co_firstlineno} of {PurePath(code.co_filename).name}"
    return name


def satisfies(constraint: Callable[[Params], bool], params: Params) -> bool:
    """Ask a callable constraint about one point.

    Raises
    ------
    TypeError : if it answers with anything but True or False.
    """
    try:
        answer = plain(constraint(params))
    except Exception as error:
        error.add_note(f"raised by the constraint {called(constraint)} at {params!r}")
        raise
    if not isinstance(answer, bool):
        raise TypeError(
            f"constraint {called(constraint)} must return True or False; got {shown(answer)}"
        )
    return answer
