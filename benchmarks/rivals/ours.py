"""This project's optimizer with its defaults: it is given the space, the seed and the budget.

As ``full`` it samples the hyperparameters: the setting for pace, a sampling every three tells.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

from benchmarks.rivals.base import Point, Result, Rival, installed, serve
from benchmarks.space import Parameter


class Ours(Rival):
    """``bayesopt.Optimizer``'s ask and tell."""

    expresses = ("conditional", "constraints", "batch")

    @staticmethod
    def version() -> str:
        from benchmarks.sources import source_hash

        return f"bayesopt {source_hash()}"

    def start(self) -> None:
        import bayesopt as bo

        space = bo.Space({p.name: parameter(p) for p in self.task.space.parameters})
        self.optimizer = bo.Optimizer(
            space, seed=self.task.seed, n_trials=self.task.budget, surrogate=self.surrogate()
        )

    def surrogate(self) -> Any:
        """None for the default, MAP."""
        return None

    def ask(self, n: int) -> list[Point]:
        from bayesopt.proposal import SpaceExhausted

        try:
            self.trials = self.optimizer.ask_batch(n)
        except SpaceExhausted:
            self.trials = []
        points = [dict(t.params) for t in self.trials]
        best = self.optimizer.best
        if len(points) < n and best is None:
            raise SpaceExhausted("every point of the space has been tried, and none has a value")
        # every point is taken: a benchmark wants its number all the same
        return points + [dict(best.params) for _ in range(n - len(points)) if best is not None]

    def tell(self, points: Sequence[Point], results: Sequence[Result]) -> None:
        for trial, result in zip(self.trials, results, strict=False):  # repeats teach nothing
            if "failed" in result:
                self.optimizer.tell_failure(trial, result["failed"])
            else:
                told: dict[str, Any] = {"value": result["value"]}
                if self.task.constraints:
                    told["constraints"] = result["constraints"]
                self.optimizer.tell(trial, told)

    def preload(self, points: Sequence[Point], results: Sequence[Result]) -> None:
        values = [float(r["value"]) for r in results]
        self.optimizer.add_observations(list(zip(points, values, strict=True)))

    def recommend(self) -> Point | None:
        trial = self.optimizer.recommended
        return None if trial is None else dict(trial.params)


class Full(Ours):
    """The same with :class:`bayesopt.FullBayesGP`."""

    @staticmethod
    def version() -> str:
        return f"{Ours.version()}, {installed('nutpie')}"

    def surrogate(self) -> Any:
        import bayesopt as bo

        return bo.FullBayesGP(draws=128, tune=256, refit_every=3, sampler="nutpie")


def parameter(p: Parameter) -> Any:
    """The parameter as bayesopt states it."""
    import bayesopt as bo

    when = {k: list(v) for k, v in p.when.items()} or None
    if p.kind == "float":
        return bo.Float(p.low, p.high, log=p.log, when=when)
    if p.kind == "int":
        return bo.Int(int(p.low), int(p.high), log=p.log, when=when)
    if p.kind == "ordinal":
        return bo.Ordinal(list(p.choices), when=when)
    return bo.Categorical(list(p.choices), when=when)


if __name__ == "__main__":
    kind = {"default": Ours, "full": Full}[sys.argv[1]]
    serve(kind, kind.version)
