"""SMAC3's hyperparameter-optimisation facade (random forest) with its defaults.

Conditions are native. SMAC wants to be told whether the objective is noisy.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from typing import Any

from benchmarks.rivals.base import Point, Result, Rival, Worst, installed, serve
from benchmarks.space import Parameter


class Smac(Rival):
    """The facade's ask and tell."""

    expresses = ("conditional",)

    @staticmethod
    def version() -> str:
        return installed("smac", "ConfigSpace")

    def start(self) -> None:
        from smac import HyperparameterOptimizationFacade, Scenario

        self.folder = tempfile.TemporaryDirectory()
        scenario = Scenario(
            self._space(),
            n_trials=self.task.budget,
            seed=self.task.seed,
            deterministic=not self.task.noisy,
            output_directory=self.folder.name,
        )
        self.smac = HyperparameterOptimizationFacade(
            scenario, lambda config, seed=0: 0.0, overwrite=True, logging_level=False
        )
        self.worst = Worst()

    def _space(self) -> Any:
        import ConfigSpace as cs

        space = cs.ConfigurationSpace(seed=self.task.seed)
        made = {}
        for p in self.task.space.parameters:
            made[p.name] = self._parameter(p)
            space.add(made[p.name])
        for p in self.task.space.parameters:
            clauses = [
                cs.InCondition(made[p.name], made[parent], [self._code(parent, v) for v in values])
                for parent, values in p.when.items()
            ]
            if clauses:
                space.add(clauses[0] if len(clauses) == 1 else cs.AndConjunction(*clauses))
        return space

    def _code(self, name: str, value: Any) -> Any:
        p = next(q for q in self.task.space.parameters if q.name == name)
        return p.index(value) if p.choices else value

    def _parameter(self, p: Parameter) -> Any:
        import ConfigSpace as cs

        if p.kind == "float":
            return cs.Float(p.name, (p.low, p.high), log=p.log)
        if p.kind == "int":
            return cs.Integer(p.name, (int(p.low), int(p.high)), log=p.log)
        # values by position: ConfigSpace takes neither booleans nor None among others
        if p.kind == "ordinal":
            return cs.OrdinalHyperparameter(p.name, list(range(len(p.choices))))
        return cs.CategoricalHyperparameter(p.name, list(range(len(p.choices))))

    def ask(self, n: int) -> list[Point]:
        self.info = self.smac.ask()
        return [self._point(self.info.config)]

    def _point(self, config: Any) -> Point:
        point = {}
        for p in self.task.space.parameters:
            if p.name in config:  # it holds the active ones only
                v = config[p.name]
                point[p.name] = (
                    p.choices[int(v)] if p.choices else (int(v) if p.kind == "int" else float(v))
                )
        return point

    def tell(self, points: Sequence[Point], results: Sequence[Result]) -> None:
        from smac.runhistory.dataclasses import TrialValue
        from smac.runhistory.enumerations import StatusType

        failed = "failed" in results[0]
        status = StatusType.CRASHED if failed else StatusType.SUCCESS
        self.smac.tell(self.info, TrialValue(cost=self.worst.value(results[0]), status=status))

    def recommend(self) -> Point | None:
        incumbent = self.smac.intensifier.get_incumbent()
        return None if incumbent is None else self._point(incumbent)


if __name__ == "__main__":
    serve(Smac, Smac.version)
