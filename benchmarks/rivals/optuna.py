"""Optuna's samplers with their defaults; TPE multivariate (grouped where there are conditions).

Optuna branches a space by asking for a parameter only when it is active, so conditional spaces are
native. Failed evaluations are told as failed trials.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from benchmarks.rivals.base import Point, Result, Rival, Task, Unsupported, installed, serve


class Optuna(Rival):
    """A study with one of Optuna's samplers."""

    expresses = ("conditional", "batch")
    packages: tuple[str, ...] = ("optuna",)

    @classmethod
    def version(cls) -> str:  # type: ignore[override]
        return installed(*cls.packages)

    def sampler(self) -> Any:
        raise NotImplementedError

    def start(self) -> None:
        import optuna

        warnings.filterwarnings("ignore")
        optuna.logging.set_verbosity(optuna.logging.ERROR)
        self.study = optuna.create_study(direction="minimize", sampler=self.sampler())
        self.pending: dict[tuple[Any, ...], list[Any]] = {}

    def ask(self, n: int) -> list[Point]:
        points = []
        for _ in range(n):
            trial = self.study.ask()
            point: Point = {}
            for p in self.task.space.parameters:
                if self.task.space.is_active(p, point):
                    point[p.name] = self._suggest(trial, p)
            self.pending.setdefault(self.task.space.key(point), []).append(trial)
            points.append(point)
        return points

    def _suggest(self, trial: Any, p: Any) -> Any:
        if p.kind == "float":
            return trial.suggest_float(p.name, p.low, p.high, log=p.log)
        if p.kind == "int":
            return trial.suggest_int(p.name, p.low, p.high, log=p.log)
        if p.kind == "ordinal":  # Optuna has no ordered values: their positions are integers
            return p.choices[trial.suggest_int(p.name, 0, len(p.choices) - 1)]
        return p.choices[trial.suggest_categorical(p.name, list(range(len(p.choices))))]

    def tell(self, points: Sequence[Point], results: Sequence[Result]) -> None:
        import optuna

        for point, result in zip(points, results, strict=True):
            trial = self.pending[self.task.space.key(point)].pop(0)
            if "failed" in result:
                self.study.tell(trial, state=optuna.trial.TrialState.FAIL)
                continue
            if self.task.constraints:
                trial.set_user_attr(
                    "constraints", [result["constraints"][c] for c in self.task.constraints]
                )
            self.study.tell(trial, result["value"])

    def preload(self, points: Sequence[Point], results: Sequence[Result]) -> None:
        import optuna

        trials = []
        for point, result in zip(points, results, strict=True):
            fixed = optuna.trial.FixedTrial(
                {
                    p.name: self._code(p, point[p.name])
                    for p in self.task.space.parameters
                    if p.name in point
                }
            )
            for p in self.task.space.parameters:
                if p.name in point:
                    self._suggest(fixed, p)
            trials.append(
                optuna.trial.create_trial(
                    params=fixed.params,
                    distributions=fixed.distributions,
                    value=float(result["value"]),
                )
            )
        self.study.add_trials(trials)

    @staticmethod
    def _code(p: Any, value: Any) -> Any:
        return p.index(value) if p.choices else value

    def constraints_func(self) -> Callable[[Any], Sequence[float]] | None:
        if not self.task.constraints:
            return None
        return lambda trial: trial.user_attrs.get("constraints", [1.0])


class TPE(Optuna):
    expresses = ("conditional", "constraints", "batch")

    def sampler(self) -> Any:
        import optuna

        grouped: Mapping[str, bool] = {"group": True} if self.task.space.conditional else {}
        return optuna.samplers.TPESampler(
            multivariate=True,
            seed=self.task.seed,
            constraints_func=self.constraints_func(),
            **grouped,
        )


class GP(Optuna):
    expresses = ("conditional", "constraints", "batch")
    packages = ("optuna", "torch")

    def sampler(self) -> Any:
        import optuna
        import torch

        torch.set_num_threads(1)
        return optuna.samplers.GPSampler(
            seed=self.task.seed, constraints_func=self.constraints_func()
        )


class Ours(Optuna):
    """This project's sampler, as Optuna's users have it."""

    expresses = ("conditional", "constraints", "batch")

    @classmethod
    def version(cls) -> str:  # type: ignore[override]
        from benchmarks.sources import source_hash

        return f"{installed('optuna')} bayesopt {source_hash()}"

    def sampler(self) -> Any:
        from bayesopt.integrations.optuna import BayesOptSampler

        return BayesOptSampler(seed=self.task.seed, constraints_func=self.constraints_func())


class CMA(Optuna):
    packages = ("optuna", "cmaes")

    def sampler(self) -> Any:
        import optuna

        if self.task.space.conditional:
            raise Unsupported("no conditional parameters")
        if "categorical" in self.task.space.kinds:
            raise Unsupported("no categorical parameters")
        if len(self.task.space.parameters) < 2:
            raise Unsupported("no one-dimensional spaces")
        return optuna.samplers.CmaEsSampler(seed=self.task.seed)


if __name__ == "__main__":
    kind: type[Optuna] = {"tpe": TPE, "gp": GP, "cma": CMA, "ours": Ours}[sys.argv[1]]

    def make(task: Task) -> Rival:
        return kind(task)

    serve(make, kind.version)
