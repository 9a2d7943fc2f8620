"""Ax through its Client with the default generation strategy. Conditions are flattened."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

from benchmarks.rivals.base import Point, Result, Rival, installed, serve
from benchmarks.space import Parameter

_METRIC = "objective"


class Ax(Rival):
    """The client's trials."""

    expresses = ("constraints", "batch")
    flattens = True

    @staticmethod
    def version() -> str:
        return installed("ax-platform", "botorch", "torch")

    def start(self) -> None:
        import warnings

        import torch
        from ax.api.client import Client

        warnings.filterwarnings("ignore")
        logging.disable(logging.WARNING)
        torch.set_num_threads(1)
        self.client = Client(random_seed=self.task.seed)
        self.client.configure_experiment([self._parameter(p) for p in self.task.space.parameters])
        limits = [f"{c} <= 0" for c in self.task.constraints]
        self.client.configure_optimization(f"-{_METRIC}", outcome_constraints=limits or None)
        self.client.configure_generation_strategy(initialization_random_seed=self.task.seed)

    @staticmethod
    def _parameter(p: Parameter) -> Any:
        from ax.api.configs import ChoiceParameterConfig, RangeParameterConfig

        if p.kind in ("float", "int"):
            scaling = "log" if p.log else "linear"
            return RangeParameterConfig(p.name, (p.low, p.high), p.kind, scaling=scaling)  # type: ignore[arg-type]
        if p.kind == "ordinal":
            return ChoiceParameterConfig(
                p.name, list(range(len(p.choices))), "int", is_ordered=True
            )
        labels = [f"c{i}" for i in range(len(p.choices))]
        return ChoiceParameterConfig(p.name, labels, "str", is_ordered=len(labels) == 2)

    def ask(self, n: int) -> list[Point]:
        trials = self.client.get_next_trials(max_trials=n)
        self.numbers = list(trials)
        return [self._point(params) for params in trials.values()]

    def _point(self, params: Any) -> Point:
        point: Point = {}
        for p in self.task.space.parameters:
            v = params[p.name]
            if p.kind == "categorical":
                point[p.name] = p.choices[int(v[1:])]
            elif p.kind == "ordinal":
                point[p.name] = p.choices[int(v)]
            else:
                point[p.name] = int(v) if p.kind == "int" else min(max(float(v), p.low), p.high)
        return point

    def tell(self, points: Sequence[Point], results: Sequence[Result]) -> None:
        for number, result in zip(self.numbers, results, strict=True):
            if "failed" in result:
                self.client.mark_trial_failed(number)
            else:
                data = {_METRIC: float(result["value"])} | dict(result["constraints"])
                self.client.complete_trial(number, raw_data=data)

    def recommend(self) -> Point | None:
        if not self.task.noisy or self.task.constraints:
            return None
        params, *_ = self.client.get_best_parameterization(use_model_predictions=True)
        return self.task.space.strip(self._point(params))


if __name__ == "__main__":
    serve(Ax, Ax.version)
