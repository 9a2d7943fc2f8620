"""Nevergrad's default, NGOpt. Conditions are flattened; failures count as the worst value seen."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

from benchmarks.rivals.base import Point, Result, Rival, Worst, installed, serve
from benchmarks.space import Parameter


class Nevergrad(Rival):
    """Ask and tell of NGOpt."""

    expresses = ("constraints", "batch")
    flattens = True

    @staticmethod
    def version() -> str:
        return installed("nevergrad")

    def start(self) -> None:
        import nevergrad as ng
        import numpy as np

        warnings.filterwarnings("ignore")
        parts = {f"p{i}": self._part(p) for i, p in enumerate(self.task.space.parameters)}
        parametrization = ng.p.Dict(**parts)
        parametrization.random_state = np.random.RandomState(self.task.seed)
        self.optimizer = ng.optimizers.NGOpt(
            parametrization, budget=self.task.budget, num_workers=self.task.batch
        )
        self.worst = Worst()

    @staticmethod
    def _part(p: Parameter) -> Any:
        import nevergrad as ng

        if p.kind == "categorical":
            return ng.p.Choice(list(range(len(p.choices))))
        if p.kind == "ordinal":
            return ng.p.TransitionChoice(list(range(len(p.choices))))
        scalar = (
            ng.p.Log(lower=p.low, upper=p.high)
            if p.log
            else ng.p.Scalar(lower=p.low, upper=p.high)
        )
        return scalar.set_integer_casting() if p.kind == "int" else scalar

    def ask(self, n: int) -> list[Point]:
        self.candidates = [self.optimizer.ask() for _ in range(n)]
        return [self._point(c.value) for c in self.candidates]

    def _point(self, values: Any) -> Point:
        point: Point = {}
        for i, p in enumerate(self.task.space.parameters):
            v = values[f"p{i}"]
            if p.choices:
                point[p.name] = p.choices[int(v)]
            else:
                v = min(max(float(v), p.low), p.high)
                point[p.name] = round(v) if p.kind == "int" else v
        return point

    def tell(self, points: Sequence[Point], results: Sequence[Result]) -> None:
        for candidate, result in zip(self.candidates, results, strict=True):
            value = self.worst.value(result)
            violations = [max(0.0, float(v)) for v in result.get("constraints", {}).values()]
            if violations:
                self.optimizer.tell(candidate, value, constraint_violation=violations)
            else:
                self.optimizer.tell(candidate, value)

    def recommend(self) -> Point | None:
        if not self.task.noisy:
            return None
        return self.task.space.strip(self._point(self.optimizer.provide_recommendation().value))


if __name__ == "__main__":
    serve(Nevergrad, Nevergrad.version)
