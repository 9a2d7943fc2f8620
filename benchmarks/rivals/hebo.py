"""HEBO with its defaults (MACE, warped GP). No conditions: the space is flattened."""

from __future__ import annotations

import random
from collections.abc import Sequence

from benchmarks.rivals import unit
from benchmarks.rivals.base import Point, Result, Rival, Worst, installed, serve
from benchmarks.space import Parameter


class Hebo(Rival):
    """HEBO's suggest and observe."""

    expresses = ("batch",)
    flattens = True

    @staticmethod
    def version() -> str:
        return installed("HEBO", "pymoo", "gpytorch", "torch")

    def start(self) -> None:
        import warnings

        import numpy as np
        import torch
        from hebo.design_space.design_space import DesignSpace
        from hebo.optimizers.hebo import HEBO

        warnings.filterwarnings("ignore")
        torch.set_num_threads(1)
        random.seed(self.task.seed)
        np.random.seed(self.task.seed)  # noqa: NPY002 - what HEBO draws from
        torch.manual_seed(self.task.seed)
        space = DesignSpace().parse([self._parameter(p) for p in self.task.space.parameters])
        self.hebo = HEBO(space, scramble_seed=self.task.seed)
        self.worst = Worst()

    @staticmethod
    def _parameter(p: Parameter) -> dict[str, object]:
        if p.kind == "categorical":
            return {
                "name": p.name,
                "type": "cat",
                "categories": [f"c{i}" for i in range(len(p.choices))],
            }
        if p.kind == "ordinal":
            return {"name": p.name, "type": "int", "lb": 0, "ub": len(p.choices) - 1}
        kind = {
            ("float", False): "num",
            ("float", True): "pow",
            ("int", False): "int",
            ("int", True): "pow_int",
        }
        return {"name": p.name, "type": kind[p.kind, p.log], "lb": p.low, "ub": p.high}

    def ask(self, n: int) -> list[Point]:
        self.frame = self.hebo.suggest(n_suggestions=n)
        return [self._point(row) for _, row in self.frame.iterrows()]

    def _point(self, row: object) -> Point:
        point: Point = {}
        for p in self.task.space.parameters:
            v = row[p.name]  # type: ignore[index]
            if p.kind == "categorical":
                point[p.name] = p.choices[int(v[1:])]
            elif p.kind == "ordinal":
                point[p.name] = p.choices[round(v)]
            else:
                point[p.name] = round(v) if p.kind == "int" else min(max(float(v), p.low), p.high)
        return unit.complete(self.task.space, point)

    def tell(self, points: Sequence[Point], results: Sequence[Result]) -> None:
        import numpy as np

        self.hebo.observe(self.frame, np.array([[self.worst.value(r)] for r in results]))


if __name__ == "__main__":
    serve(Hebo, Hebo.version)
