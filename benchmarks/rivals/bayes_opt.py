"""The package ``bayesian-optimization`` with its defaults: five random points, then UCB.

It has no logarithmic scales: the exponent is searched. Conditions are flattened.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from typing import Any

from benchmarks.rivals.base import Point, Result, Rival, Worst, installed, serve
from benchmarks.space import Parameter

_FIRST = 5  # default of maximize(init_points=5)


class BayesOpt(Rival):
    """Suggest and register; it maximises."""

    flattens = True

    @staticmethod
    def version() -> str:
        return installed("bayesian-optimization", "scikit-learn")

    def start(self) -> None:
        import numpy as np
        from bayes_opt import BayesianOptimization

        warnings.filterwarnings("ignore")
        bounds = {p.name: self._bounds(p) for p in self.task.space.parameters}
        if any(p.log and p.kind == "int" for p in self.task.space.parameters):
            self.approximations.append("logarithmic integers by rounding")
        self.optimizer = BayesianOptimization(
            None, bounds, random_state=self.task.seed, verbose=0, allow_duplicate_points=True
        )
        self.rng = np.random.RandomState(self.task.seed)
        self.worst, self.told = Worst(), 0

    @staticmethod
    def _bounds(p: Parameter) -> Any:
        if p.kind == "categorical":
            return tuple(f"c{i}" for i in range(len(p.choices)))
        if p.kind == "ordinal":
            return (0, len(p.choices) - 1, int)
        if p.log:
            return (math.log(p.low), math.log(p.high))
        return (p.low, p.high, int) if p.kind == "int" else (p.low, p.high)

    def ask(self, n: int) -> list[Point]:
        if self.told < _FIRST:
            space = self.optimizer.space
            sample = space.random_sample(random_state=self.rng)
            self.asked = space.array_to_params(sample)
        else:
            self.asked = self.optimizer.suggest()
        return [self._point(self.asked)]

    def _point(self, params: Any) -> Point:
        point: Point = {}
        for p in self.task.space.parameters:
            v = params[p.name]
            if p.kind == "categorical":
                point[p.name] = p.choices[int(str(v)[1:])]
            elif p.kind == "ordinal":
                point[p.name] = p.choices[round(float(v))]
            else:
                v = math.exp(float(v)) if p.log else float(v)
                v = min(max(v, p.low), p.high)
                point[p.name] = round(v) if p.kind == "int" else v
        return point

    def tell(self, points: Sequence[Point], results: Sequence[Result]) -> None:
        self.optimizer.register(self.asked, -self.worst.value(results[0]))
        self.told += 1


if __name__ == "__main__":
    serve(BayesOpt, BayesOpt.version)
