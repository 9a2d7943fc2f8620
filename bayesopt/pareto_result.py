"""What a run with several objectives gives back."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from bayesopt.objectives import words
from bayesopt.pareto_front import HypervolumeTrace, ParetoFront, ParetoTrial
from bayesopt.result import KeptRun, Result, Stop, trial_counts, trial_to_dict
from bayesopt.show import table_html
from bayesopt.space import Space
from bayesopt.trial import Trial
from bayesopt.upcalls import upper


class NoSingle:
    """Stands for what only a run with one objective has."""

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    def __get__(self, result: ParetoResult | None, owner: type | None = None) -> Any:
        if result is None:
            return self
        names = ", ".join(o.name for o in result.pareto.objectives)
        raise ValueError(
            f"this run has several objectives ({names}), so there is no result.{self._name}: "
            "result.pareto holds the trials that none dominates, result.compromise(weights=None) "
            "is one of them"
        )

    def __set__(self, result: ParetoResult, value: object) -> None:
        """What the base class puts here is not kept."""


class ParetoResult(Result):
    """A :class:`~bayesopt.Result` of several objectives: ``pareto`` in place of ``best``."""

    __slots__ = ()

    best = NoSingle()
    recommended = NoSingle()
    direction = NoSingle()

    def __init__(
        self,
        trials: tuple[Trial, ...],
        stop: Stop,
        space: Space,
        front: ParetoFront,
        trace: HypervolumeTrace,
        diagnostics: Mapping[str, Any] | None = None,
        outcome_constraints: Mapping[str, str] | None = None,
        kept: KeptRun | None = None,
    ) -> None:
        about = diagnostics or {}, outcome_constraints or {}, kept or KeptRun(), (front, trace)
        super().__init__(None, None, trials, stop, "", space, *about)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, ParetoResult):
            return NotImplemented
        mine, theirs = (
            (r.trials, r.stop, r.space, r.pareto, r.outcome_constraints) for r in (self, other)
        )
        return mine == theirs

    __hash__ = None  # type: ignore[assignment]

    def __reduce__(self) -> tuple[Callable[..., ParetoResult], tuple[Any, ...]]:
        about = self.diagnostics, self.outcome_constraints
        front, trace = self.pareto, self.hypervolume
        return type(self), (self.trials, self.stop, self.space, front, trace, *about)

    def __repr__(self) -> str:
        return f"{self._title}\n{self.pareto!r}"

    def _repr_html_(self) -> str:
        return table_html(self._title, self.pareto.rows())

    @property
    def _title(self) -> str:
        what = words(self.pareto.objectives)
        counts = trial_counts(self.trials)
        return f"Result: {what}, {counts}; {self.stop.value}; {self.hypervolume!r}"

    def with_diagnostics(self, diagnostics: Mapping[str, Any]) -> ParetoResult:
        """The same result with other ``diagnostics``."""
        front, trace, limits = self.pareto, self.hypervolume, self.outcome_constraints
        ran = self.trials, self.stop, self.space
        return ParetoResult(*ran, front, trace, diagnostics, limits, self.kept)

    def plot(self) -> Any:
        """A picture of the front (matplotlib figure); needs the extra ``plot``."""
        return upper("front")(self)

    def to_dict(self) -> dict[str, Any]:
        """The whole result as JSON-representable values."""
        trace = self.hypervolume
        return {
            "objectives": self.objectives,
            "outcome_constraints": dict(self.outcome_constraints),
            "stop": self.stop.name.lower(),
            "pareto": [_pareto_to_dict(one) for one in self.pareto],
            "hypervolume": {
                "value": float(trace),
                "reference": dict(trace.reference),
                "inferred": list(trace.inferred),
            },
            "trials": [trial_to_dict(t) for t in self.trials],
        }


def _pareto_to_dict(one: ParetoTrial) -> dict[str, Any]:
    return {
        **trial_to_dict(one.trial),
        "means": dict(one.means),
        "sds": {k: v for k, v in one.sds.items() if not math.isnan(v)},
        "probability": None if math.isnan(one.probability) else one.probability,
    }
