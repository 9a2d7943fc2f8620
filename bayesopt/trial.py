"""Trials: what was proposed, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from math import isnan, nan
from typing import Any

from bayesopt.checks import real, shown, whole
from bayesopt.outcome import Outcome
from bayesopt.output import OutcomeConstraint
from bayesopt.readonly import read_only
from bayesopt.show import name_text, table_html, value_text

_NO_LIMITS: Mapping[str, OutcomeConstraint] = read_only({})


class TrialState(Enum):
    """What became of a trial; the member's value is the sentence shown to a person."""

    PENDING = "handed out, no result yet"
    COMPLETE = "evaluated"
    FAILED = "the evaluation failed: the point is taken to be bad and its region is avoided"
    ABANDONED = (
        "the evaluation was lost: it says nothing about the point, which may be asked again"
    )
    RETRACTED = "its result was withdrawn: the model no longer uses it"
    STOPPED = "stopped early: what it reported until then is kept, a final value it has not"


class Origin(Enum):
    """Where a trial's point came from."""

    INITIAL = "initial design"
    MODEL = "proposed by the surrogate"
    SECOND_REGION = "proposed by the surrogate, away from a region where the search had settled"
    RANDOM = "drawn at random"
    EXPLORATION = "exploration: the surrogate's recent predictions were poor"
    GRID = "point of the grid"
    DESCENT = "step of a gradient descent"
    ENQUEUED = "given by the user"
    RESUMED = "stopped early before, and promising: to be run to its end"
    ADDED = "observation made elsewhere; not a trial of the run"

    @property
    def fits_model(self) -> bool:
        """Whether a surrogate is fitted for such a point, whether it is heard or not."""
        return self in (Origin.MODEL, Origin.SECOND_REGION, Origin.EXPLORATION)


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
    error : why it failed, was stopped early, abandoned or withdrawn, else None.
    asked : the point that was asked for, when ``params``, where it was evaluated, is another one
        (``tell(..., as_run=...)``, ``tell_stopped(..., as_run=...)``); else None.
    violated : outcome constraints that this evaluation did not report, but that are broken by the
        mean of what other evaluations of the same point reported.
    start : when it was last handed out (UTC), or None for an observation that was added.
    seconds : from ``start`` until its result was told, waiting in a queue included; else None.
    worker : host and process that asked for it, where the run is kept in a file; else None.
    limits : the run's outcome constraints that have a limit other than ``<= 0``, by name.
    curve : what was reported while it ran: pairs ``(step, value)``, steps ascending; the value is
        NaN where it was not finite. See :meth:`Optimizer.report <bayesopt.Optimizer.report>`.

    ``start``, ``seconds`` and ``worker`` say nothing of the point: trials that differ in them only
    are equal.
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
    limits: Mapping[str, OutcomeConstraint] = field(default_factory=lambda: _NO_LIMITS, repr=False)
    curve: tuple[tuple[int, float], ...] = ()

    def __post_init__(self) -> None:
        if type(self.params) is dict:
            object.__setattr__(self, "params", read_only(self.params))
        if self.asked is not None:
            object.__setattr__(self, "asked", read_only(self.asked))
        if type(self.limits) is dict:
            object.__setattr__(self, "limits", read_only(self.limits))

    def __repr__(self) -> str:
        title, rows = self._shown()
        return f"{title}: {', '.join('='.join(row) for row in rows[1:])}"

    def _repr_html_(self) -> str:
        return table_html(*self._shown())

    def _shown(self) -> tuple[str, list[list[str]]]:
        words = [self.state.name.lower(), self.origin.name.lower()]
        if self.seconds is not None:
            words.append(f"{self.seconds:.3g} s")
        title = f"Trial {self.number} ({', '.join(words)})"
        rows = [["", ""]] if self.value is None else [["", ""], ["value", value_text(self.value)]]
        rows += [[name_text(name), value_text(v)] for name, v in self.params.items()]
        objectives = {} if self.outcome is None else self.outcome.objectives
        rows[1:1] = [[name_text(name), value_text(v)] for name, v in objectives.items()]
        constraints = {} if self.outcome is None else self.outcome.constraints
        rows += [[name_text(name), value_text(v)] for name, v in constraints.items()]
        if self.curve:
            step, value = self.curve[-1]
            rows.append(["last report", f"{value_text(value)} at step {step}"])
        return title, rows if self.error is None else [*rows, ["error", value_text(self.error)]]

    @property
    def value(self) -> float | None:
        """The observed value of the only objective, or None; see :attr:`values` for several."""
        return None if self.outcome is None else self.outcome.value

    @property
    def values(self) -> dict[str, float]:
        """The observed values of all outputs by name, that of a single objective as "value"; empty
        while there are none.
        """
        return {} if self.outcome is None else self.outcome.values

    @property
    def feasible(self) -> bool:
        """Whether it was evaluated and every outcome constraint is met; for one that it did not
        report other evaluations of the same point speak, where there are any.
        """
        if self.outcome is None or self.violated:
            return False
        return not self.outcome.constraints or all(over <= 0 for over in self.excess.values())

    @property
    def excess(self) -> dict[str, float]:
        """By how much each outcome constraint that it reported exceeds its limit; <= 0 is met."""
        if self.outcome is None:
            return {}
        limits, reported = self.limits, self.outcome.constraints
        return {k: limits[k].excess(v) if k in limits else v for k, v in reported.items()}


def curve_to_json(curve: tuple[tuple[int, float], ...]) -> list[list[float | None]]:
    """A curve as JSON values: pairs of step and value, None in place of NaN."""
    return [[step, None if isnan(value) else value] for step, value in curve]


def curve_from_json(data: object) -> tuple[tuple[int, float], ...]:
    """The curve that :func:`curve_to_json` wrote.

    Raises
    ------
    ValueError : for what is no curve.
    """
    read: list[tuple[int, float]] = []
    for pair in data if isinstance(data, list) else [data]:
        if not isinstance(pair, list) or len(pair) != 2:
            raise ValueError(f"a curve is a list of [step, value]; got {shown(pair)}")
        step = whole("a curve's step", pair[0], read[-1][0] + 1 if read else 0)
        read.append((step, nan if pair[1] is None else real("a curve's value", pair[1])))
    return tuple(read)
