"""scikit-optimize's Optimizer with its defaults. Conditions are flattened."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

from benchmarks.rivals.base import Point, Result, Rival, Worst, installed, serve
from benchmarks.space import Parameter


class Skopt(Rival):
    """Ask and tell of ``skopt.Optimizer``."""

    expresses = ("batch",)
    flattens = True

    @staticmethod
    def version() -> str:
        return installed("scikit-optimize", "scikit-learn")

    def start(self) -> None:
        from skopt import Optimizer

        warnings.filterwarnings("ignore")
        dimensions = [self._dimension(p) for p in self.task.space.parameters]
        self.optimizer = Optimizer(dimensions, random_state=self.task.seed)
        self.worst = Worst()

    @staticmethod
    def _dimension(p: Parameter) -> Any:
        from skopt.space import Categorical, Integer, Real

        prior = "log-uniform" if p.log else "uniform"
        if p.kind == "float":
            return Real(p.low, p.high, prior=prior)
        if p.kind == "int":
            return Integer(int(p.low), int(p.high), prior=prior)
        if p.kind == "ordinal":
            return Integer(0, len(p.choices) - 1)
        return Categorical([f"c{i}" for i in range(len(p.choices))])

    def ask(self, n: int) -> list[Point]:
        self.asked = self.optimizer.ask(n) if n > 1 else [self.optimizer.ask()]
        return [self._point(x) for x in self.asked]

    def _point(self, x: Sequence[Any]) -> Point:
        point: Point = {}
        for p, v in zip(self.task.space.parameters, x, strict=True):
            if p.kind == "categorical":
                point[p.name] = p.choices[int(str(v)[1:])]
            elif p.kind == "ordinal":
                point[p.name] = p.choices[int(v)]
            else:
                point[p.name] = int(v) if p.kind == "int" else min(max(float(v), p.low), p.high)
        return point

    def tell(self, points: Sequence[Point], results: Sequence[Result]) -> None:
        self.optimizer.tell(self.asked, [self.worst.value(r) for r in results])


if __name__ == "__main__":
    serve(Skopt, Skopt.version)
