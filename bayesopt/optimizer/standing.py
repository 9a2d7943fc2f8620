"""How far a run is, in words and as something to compare: for progress, logs and stopping."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

from bayesopt.pareto_front import HypervolumeTrace, ParetoFront
from bayesopt.trial import Trial


@dataclass(frozen=True)
class Standing:
    """The best so far.

    Attributes
    ----------
    words : for a person: "best 0.3", "front of 5, hypervolume 0.31".
    key : another one where the run has got further; None while no trial has a feasible value.
    best : the best trial; None where there is none, or there are several objectives.
    volume : of several objectives, the hypervolume that is dominated.
    """

    words: str
    key: Hashable
    best: Trial | None = None
    volume: float = 0.0

    @classmethod
    def of_best(cls, best: Trial | None) -> Standing:
        """That of a run with one objective."""
        if best is None:
            return cls("no success yet", None)
        return cls(f"best {best.value:.6g}", best.number, best)

    @classmethod
    def of_front(cls, front: ParetoFront, trace: HypervolumeTrace) -> Standing:
        """That of a run with several."""
        if not len(front):
            return cls("no success yet", None)
        words = f"front of {len(front)}, hypervolume {float(trace):.6g}"
        key = tuple(sorted(t.number for t in front.trials))
        return cls(words, key, volume=float(trace))
