"""BoTorch as its documentation puts it together: SingleTaskGP, LogEI, its mixed optimiser.

BoTorch has no initial design of its own: clip(d + 2, 5, 20) scrambled Sobol points, the rule that
this project uses. Categories make it MixedSingleTaskGP; integers with few values and categories go
to ``optimize_acqf_mixed_alternating``. The incumbent is the best observed, under noise the best
posterior mean. Each fit starts at the initial values, although one of MixedSingleTaskGP then
takes 5 to 20 seconds: started where the one before ended, it was caught at evidences half a nat an
observation lower, and the runs were no better than random search.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from benchmarks.rivals import unit
from benchmarks.rivals.base import Point, Result, Rival, Worst, installed, serve

_MANY = 50  # integers with more values are optimised as numbers and rounded


class BoTorch(Rival):
    """A loop over fit and optimise."""

    flattens = True

    @staticmethod
    def version() -> str:
        return installed("botorch", "gpytorch", "torch")

    def start(self) -> None:
        import torch

        torch.set_num_threads(1)
        torch.manual_seed(self.task.seed)
        space = self.task.space
        self.x: list[list[float]] = []
        self.y: list[float] = []
        self.worst = Worst()
        self.sobol = torch.quasirandom.SobolEngine(
            len(space.parameters), scramble=True, seed=self.task.seed
        )
        self.n_first = min(max(len(space.parameters) + 2, 5), 20)
        self.categorical = [j for j, p in enumerate(space.parameters) if p.kind == "categorical"]
        self.discrete = {
            j: unit.levels(p)
            for j, p in enumerate(space.parameters)
            if p.kind != "categorical" and p.n_levels <= _MANY
        }
        if any(_MANY < p.n_levels < float("inf") for p in space.parameters):
            self.approximations.append(f"integers with more than {_MANY} values by rounding")

    def ask(self, n: int) -> list[Point]:
        space = self.task.space
        if len(self.x) < self.n_first:
            self.given = [space.from_unit(self.sobol.draw(1)[0].tolist())]
        else:
            self.given = [unit.point_at(space, self._propose())]
        return self.given

    def tell(self, points: Sequence[Point], results: Sequence[Result]) -> None:
        for point, result in zip(self.given, results, strict=True):
            self.x.append(unit.vector(self.task.space, point))
            self.y.append(-self.worst.value(result))
        self.asked = getattr(self, "asked", []) + list(points)

    def preload(self, points: Sequence[Point], results: Sequence[Result]) -> None:
        self.given = [unit.complete(self.task.space, p) for p in points]
        self.tell(points, results)

    def _fit(self) -> Any:
        import torch
        from botorch.fit import fit_gpytorch_mll
        from botorch.models import MixedSingleTaskGP, SingleTaskGP
        from gpytorch.mlls import ExactMarginalLogLikelihood

        x = torch.tensor(self.x, dtype=torch.double)
        y = torch.tensor(self.y, dtype=torch.double)[:, None]
        model = (
            MixedSingleTaskGP(x, y, cat_dims=self.categorical)
            if self.categorical
            else SingleTaskGP(x, y)
        )
        fit_gpytorch_mll(ExactMarginalLogLikelihood(model.likelihood, model))
        return model, x

    def _propose(self) -> list[float]:
        import torch
        from botorch.acquisition import LogExpectedImprovement
        from botorch.optim import optimize_acqf
        from botorch.optim.optimize_mixed import optimize_acqf_mixed_alternating

        model, x = self._fit()
        best = model.posterior(x).mean.max().item() if self.task.noisy else max(self.y)
        acquisition = LogExpectedImprovement(model, best_f=best)
        upper = [
            p.n_levels - 1.0 if p.kind == "categorical" else 1.0
            for p in self.task.space.parameters
        ]
        bounds = torch.tensor([[0.0] * len(upper), upper], dtype=torch.double)
        if not self.categorical and not self.discrete:
            found, _ = optimize_acqf(acquisition, bounds, q=1, num_restarts=10, raw_samples=512)
        else:
            found, _ = optimize_acqf_mixed_alternating(
                acquisition,
                bounds,
                discrete_dims=self.discrete,
                cat_dims={j: unit.levels(self.task.space.parameters[j]) for j in self.categorical},
            )
        return [float(v) for v in found[0]]

    def recommend(self) -> Point | None:
        if not self.task.noisy or len(self.x) < 2:
            return None
        model, x = self._fit()
        return self.asked[int(model.posterior(x).mean.argmax())]


if __name__ == "__main__":
    serve(BoTorch, BoTorch.version)
