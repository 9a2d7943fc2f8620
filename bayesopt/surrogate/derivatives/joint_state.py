"""What a fit to values and derivatives leaves for the next one, in memory and in a file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from bayesopt.surrogate.derivatives.contradictions import Contradiction


@dataclass(frozen=True)
class JointState:
    """What a joint fit leaves for the next one.

    Attributes
    ----------
    n : observations when the hyperparameters were fitted.
    model : name of the covariance.
    log_theta : of the covariance, then of the derivatives' noise.
    compared : observations when the covariances were compared, how often that was.
    contradicting : numeric columns whose derivatives were left out, and how they contradict.
    worse : whether the values were not predicted better with the derivatives than without: they
        are then not used.
    streaks : in how many fits in a row each contradiction was found, by its name.
    """

    n: int
    model: str
    log_theta: tuple[float, ...]
    compared: int
    rounds: int
    contradicting: Mapping[int, Contradiction]
    worse: bool = False
    streaks: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def read(cls, state: Mapping[str, Any] | None, sizes: Mapping[str, int]) -> Self | None:
        """The state in its stored form; None when there is none, or it is of another model than
        those named, with so many hyperparameters.
        """
        stored = (state or {}).get("derivatives")
        if not isinstance(stored, Mapping):
            return None
        model = str(stored.get("model"))
        if sizes.get(model) != len(stored.get("log_theta", ())):
            return None
        left_out = {int(j): Contradiction[name] for j, name in stored["contradicting"].items()}
        theta = tuple(float(t) for t in stored["log_theta"])
        streaks = {str(name): int(k) for name, k in stored["streaks"].items()}
        n, worse = int(stored["n"]), bool(stored["worse"])
        compared, rounds = int(stored["compared"]), int(stored["rounds"])
        return cls(n, model, theta, compared, rounds, left_out, worse, streaks)

    def json(self) -> dict[str, Any]:
        """The stored form."""
        return {
            "n": self.n,
            "model": self.model,
            "log_theta": list(self.log_theta),
            "compared": self.compared,
            "rounds": self.rounds,
            "contradicting": {str(j): c.name for j, c in self.contradicting.items()},
            "worse": self.worse,
            "streaks": dict(self.streaks),
        }

    def is_due(self, n: int) -> bool:
        """Whether the hyperparameters are fitted again."""
        return n >= self.n + max(1, n // 20)

    def compares(self, n: int) -> bool:
        """Whether the covariances are compared again."""
        return self.is_due(n) and n >= self.compared + max(1, self.compared // 4)
