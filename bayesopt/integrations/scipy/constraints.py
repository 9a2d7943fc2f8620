"""SciPy's constraints as known constraints: what holds at every point that is evaluated."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bayesopt.integrations.scipy.convert import Variables
from bayesopt.space import Int, LinearConstraint

Floats = NDArray[np.float64]
Constraint = LinearConstraint | Callable[[dict[str, Any]], bool]


@dataclass(frozen=True, eq=False)
class Within:
    """``low <= fun(x) <= high`` in every component.

    Attributes
    ----------
    fun : called with the vector (n,) and ``args``.
    low, high : numbers or arrays that go with what ``fun`` returns.
    names : of the variables, in the order of the vector.
    """

    fun: Callable[..., Any]
    low: Floats
    high: Floats
    names: tuple[str, ...]
    args: tuple[Any, ...] = ()

    def __str__(self) -> str:
        name = getattr(self.fun, "__name__", type(self.fun).__name__)
        name = "fun" if name == "<lambda>" else name
        return f"{self.low} <= {name}(x) <= {self.high}"

    def __call__(self, params: Mapping[str, Any]) -> bool:
        """Whether it holds; a value that is nan does not."""
        x = np.array([float(params[name]) for name in self.names])
        value = np.asarray(self.fun(x, *self.args), dtype=float)
        return bool(((self.low <= value) & (value <= self.high)).all())


def read_constraints(constraints: Any, variables: Variables) -> list[Constraint]:
    """The known constraints of a space.

    Raises
    ------
    TypeError, ValueError : for what is no constraint; for equalities over continuous variables.
    """
    alone = isinstance(constraints, Mapping) or not isinstance(constraints, Iterable)
    several = [constraints] if alone else list(constraints)
    return [known for constraint in several for known in _read(constraint, variables)]


def _read(constraint: Any, variables: Variables) -> Iterator[Constraint]:
    from scipy.optimize import Bounds, NonlinearConstraint
    from scipy.optimize import LinearConstraint as Linear

    names = tuple(variables)
    if isinstance(constraint, Mapping):
        yield _of_dict(constraint, variables)
    elif isinstance(constraint, Linear):
        yield from _of_matrix(constraint, names)
    elif isinstance(constraint, NonlinearConstraint | Bounds):
        low, high = np.asarray(constraint.lb, float), np.asarray(constraint.ub, float)
        if (low == high).any():
            _refuse_equality(variables)
        yield Within(getattr(constraint, "fun", np.asarray), low, high, names)
    else:
        raise TypeError(
            "constraints must be LinearConstraint, NonlinearConstraint, Bounds or dicts such as "
            f"{{'type': 'ineq', 'fun': ...}}; got {constraint!r}"
        )


def _of_dict(constraint: Mapping[str, Any], variables: Variables) -> Within:
    kind, fun = str(constraint.get("type", "")).lower(), constraint.get("fun")
    if kind not in ("eq", "ineq") or not callable(fun):
        raise ValueError(
            "a constraint as a dict needs 'type', 'ineq' or 'eq', and 'fun', a function of the "
            f"vector; got {dict(constraint)!r}"
        )
    if kind == "eq":
        _refuse_equality(variables)
    high = np.array(0.0 if kind == "eq" else math.inf)
    args = tuple(constraint.get("args", ()))
    return Within(fun, np.array(0.0), high, tuple(variables), args)


def _of_matrix(constraint: Any, names: tuple[str, ...]) -> Iterator[LinearConstraint]:
    matrix = constraint.A.toarray() if hasattr(constraint.A, "toarray") else constraint.A
    rows = np.atleast_2d(np.asarray(matrix, dtype=float))
    if rows.shape[1] != len(names):
        raise ValueError(
            f"LinearConstraint: A must have {len(names)} columns, one for each variable; "
            f"got shape {rows.shape}"
        )
    low = np.broadcast_to(np.asarray(constraint.lb, float), len(rows))
    high = np.broadcast_to(np.asarray(constraint.ub, float), len(rows))
    for row, lower, upper in zip(rows.tolist(), low.tolist(), high.tolist(), strict=True):
        bounds: dict[str, Any] = {}
        if lower != -math.inf:
            bounds["lower"] = lower
        if upper != math.inf:
            bounds["upper"] = upper
        if bounds:
            yield LinearConstraint(dict(zip(names, row, strict=True)), **bounds)


def _refuse_equality(variables: Variables) -> None:
    if not all(isinstance(variable, Int) for variable in variables.values()):
        raise ValueError(
            "constraints: an equality over continuous variables leaves nothing to draw from; "
            "give it as a LinearConstraint where it is linear, else compute one variable from the "
            "others inside fun, or allow a tolerance"
        )
