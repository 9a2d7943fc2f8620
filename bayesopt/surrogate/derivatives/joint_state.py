"""What a fit to values and derivatives leaves for the next one, in memory and in a file."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from bayesopt.surrogate.derivatives.contradictions import Contradiction


@dataclass(frozen=True)
class JointState:
    """What a joint fit leaves for the next one.

    Attributes
    ----------
    n : observations when the hyperparameters were fitted.
    log_theta : of the covariance, then of the derivatives' noise.
    compared : observations when the covariances were compared.
    contradicting : numeric columns whose derivatives were left out, and how they contradict.
    worse : whether the values were not predicted better with the derivatives than without: they
        are then not used.
    streaks : in how many fits in a row each contradiction was found, by its name.
    """

    n: int
    log_theta: tuple[float, ...]
    compared: int
    contradicting: Mapping[int, Contradiction]
    worse: bool = False
    streaks: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def read(cls, state: Mapping[str, Any] | None, sizes: Collection[int]) -> Self | None:
        """The state in its stored form; None when there is none, or it is of another model than
        those with so many hyperparameters.
        """
        stored = (state or {}).get("derivatives")
        if not isinstance(stored, Mapping) or len(stored.get("log_theta", ())) not in sizes:
            return None
        left_out = {int(j): Contradiction[name] for j, name in stored["contradicting"].items()}
        theta = tuple(float(t) for t in stored["log_theta"])
        streaks = {str(name): int(k) for name, k in stored["streaks"].items()}
        n, worse = int(stored["n"]), bool(stored["worse"])
        return cls(n, theta, int(stored.get("compared", 0)), left_out, worse, streaks)

    def json(self) -> dict[str, Any]:
        """The stored form."""
        return {
            "n": self.n,
            "log_theta": list(self.log_theta),
            "compared": self.compared,
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
