"""Trials: what was proposed, and what became of it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from numbers import Rational, Real
from typing import Any

from bayesopt.checks import as_float, listed, shown, text_of
from bayesopt.readonly import read_only


class TrialState(Enum):
    """What became of a trial; the member's value is the sentence shown to a person."""

    PENDING = "handed out, no result yet"
    COMPLETE = "evaluated"
    FAILED = "the evaluation failed: the point is taken to be bad and its region is avoided"
    ABANDONED = (
        "the evaluation was lost: it says nothing about the point, which may be asked again"
    )
    RETRACTED = "its result was taken back: it informs nothing any more"


class Origin(Enum):
    """Where a trial's point came from."""

    INITIAL = "initial design"
    MODEL = "proposed by the surrogate"
    RANDOM = "drawn at random"
    EXPLORATION = "one of points spread over the space, as the surrogate had predicted badly"
    GRID = "point of the grid"
    ENQUEUED = "given by the user"
    ADDED = "observation brought along; does not count as a trial of the run"


@dataclass(frozen=True, slots=True)
class Outcome:
    """A successful evaluation.

    Attributes
    ----------
    value : finite float, in the user's units and sign.
    sd : measured standard deviation of ``value`` (> 0), or None when it was not measured.
    constraints : value of each outcome constraint by name; ``<= 0`` is feasible.
    cost : what the evaluation cost, in any unit (>= 0), or None.
    info : anything JSON-representable to keep with the trial.
    """

    value: float
    sd: float | None = None
    constraints: Mapping[str, float] = field(default_factory=dict)
    cost: float | None = None
    info: Any = None

    def __post_init__(self) -> None:
        for name in ("constraints", "info"):
            object.__setattr__(self, name, read_only(getattr(self, name)))


@dataclass(frozen=True, slots=True)
class Trial:
    """One point and what is known of it. Immutable: telling makes a new record.

    Attributes
    ----------
    number : position in the run, from 0.
    params : the point, a dict that cannot be changed; inactive conditional parameters are
        absent. ``dict(trial.params)`` is a copy of one's own.
    state : see :class:`TrialState`.
    origin : see :class:`Origin`.
    outcome : the result when ``state`` is COMPLETE, else None.
    error : why it failed, was abandoned or taken back, else None.
    asked : the point that was asked for, when ``params``, where it was evaluated, is another one
        (``tell(..., as_run=...)``); else None.
    violated : outcome constraints that this evaluation did not report, but that are broken by the
        mean of what other evaluations of the same point reported.
    start : when it was last handed out (UTC), or None for an observation that was brought along.
    seconds : from ``start`` until its result was told, waiting in a queue included; else None.
    worker : host and process that asked for it, where the run is kept in a file; else None.

    The last three say nothing of the point: trials that differ in them only are equal.
    """

    number: int
    params: Mapping[str, Any]
    state: TrialState = TrialState.PENDING
    origin: Origin = Origin.MODEL
    outcome: Outcome | None = None
    error: str | None = None
    asked: Mapping[str, Any] | None = None
    violated: tuple[str, ...] = ()
    start: datetime | None = field(default=None, compare=False)
    seconds: float | None = field(default=None, compare=False)
    worker: str | None = field(default=None, compare=False)

    def __post_init__(self) -> None:
        if type(self.params) is dict:
            object.__setattr__(self, "params", read_only(self.params))
        if self.asked is not None:
            object.__setattr__(self, "asked", read_only(self.asked))

    @property
    def value(self) -> float | None:
        """The observed value, or None."""
        return None if self.outcome is None else self.outcome.value

    @property
    def feasible(self) -> bool:
        """Whether it was evaluated and every outcome constraint is <= 0; for one that it did not
        report other evaluations of the same point speak, where there are any.
        """
        if self.outcome is None or self.violated:
            return False
        return all(c <= 0 for c in self.outcome.constraints.values())


_OUTCOME_KEYS = ("value", "sd", "constraints", "cost", "info")


def read_outcome(result: object, /) -> Outcome | str:
    """Make an :class:`Outcome` of what an objective returned.

    Parameters
    ----------
    result : a real number, or a mapping with ``value`` and optionally ``sd``, ``constraints``,
        ``cost`` and ``info``.

    Returns
    -------
    The outcome; or, when the value or a constraint is not finite, a sentence saying so (the trial
    has then failed).

    Raises
    ------
    TypeError : for anything that can never be a result, neither a number (an array of one number
        is one) nor such a mapping; the message says what to return instead.
    ValueError : for ``sd <= 0`` or a negative cost.
    """
    if not isinstance(result, Mapping):
        value = _real("the objective's value", result)
        return Outcome(value) if math.isfinite(value) else f"the objective's value was {value}"
    unknown = [key for key in result if key not in _OUTCOME_KEYS]
    if unknown:
        raise TypeError(
            f"unknown keys {listed(unknown)} in a result; expected some of {_OUTCOME_KEYS}: write "
            "{'value': ...} for what is optimized, and put what is only to be kept into 'info'"
        )
    if "value" not in result:
        raise TypeError(
            f"a result mapping needs the key 'value', what is optimized; got {listed(result)}"
        )
    value = _real("the objective's value", result["value"])
    raw_constraints = result.get("constraints")
    if raw_constraints is None:
        raw_constraints = {}
    if not isinstance(raw_constraints, Mapping):
        raise TypeError(
            "'constraints' must map names to numbers (<= 0 is feasible); got "
            f"{shown(raw_constraints)}"
        )
    constraints = {
        text_of(k): _real(f"constraint {shown(k)}", v) for k, v in raw_constraints.items()
    }
    for label, number in [("objective's value", value), *constraints.items()]:
        if not math.isfinite(number):
            return (
                f"the {label} was {number}"
                if number is value
                else f"constraint {label!r} was {number}"
            )
    return Outcome(
        value,
        _positive(result.get("sd")),
        constraints,
        _cost(result.get("cost")),
        result.get("info"),
    )


def read_value(value: object, /) -> float:
    """The number, finite or not, that an objective returned; TypeError as for read_outcome."""
    return _real("the objective's value", value)


def _real(what: str, value: object) -> float:
    number = value
    if not isinstance(value, Real) and callable(item := getattr(value, "item", None)):
        try:
            number = item()  # a NumPy scalar; an array or tensor of one number
            masked = bool(getattr(value, "mask", False))  # the number under a mask means nothing
        except Exception:
            raise TypeError(_not_a_number(what, value)) from None
        if masked:
            raise TypeError(f"{what} is masked; a value that is missing is float('nan')")
    if isinstance(number, (str, bytes, bytearray, bool)) or number is None:
        raise TypeError(_not_a_number(what, number))
    try:
        read = as_float(number)
    except TypeError:
        raise TypeError(_not_a_number(what, value)) from None
    if math.isinf(read) and isinstance(number, Rational):  # finite, but beyond the floats
        raise ValueError(f"{what} must be at most 1.7e308 in size; got {shown(value)}")
    return read


def _not_a_number(what: str, value: object) -> str:
    """What is wrong with a value, and what to return instead."""
    if value is None:
        advice = "is a `return` missing? An evaluation that failed raises, or returns float('nan')"
    elif isinstance(value, bool):
        advice = "write float(...) when it is meant as 0 or 1"
    elif isinstance(value, (str, bytes, bytearray)):
        advice = "write float(...) of it"
    elif isinstance(value, (tuple, list)):
        advice = "return the number, or {'value': ..., 'sd': ..., 'cost': ..., 'info': ...}"
    elif callable(getattr(value, "item", None)):
        advice = "return one number, such as their mean"
    else:
        advice = f"its type is {type(value).__name__}"
    return f"{what} must be a number; got {shown(value)}: {advice}"


def _positive(sd: object) -> float | None:
    if sd is None:
        return None
    number = _real("'sd'", sd)
    if not (math.isfinite(number) and number > 0):
        raise ValueError(f"'sd' must be a finite number > 0, or absent; got {shown(sd)}")
    return number


def _cost(cost: object) -> float | None:
    if cost is None:
        return None
    number = _real("'cost'", cost)
    if not (math.isfinite(number) and number >= 0):
        raise ValueError(f"'cost' must be a finite number >= 0, or absent; got {shown(cost)}")
    return number
