"""BoTorch as its documentation puts it together: SingleTaskGP, LogEI, its mixed optimiser.

BoTorch has no initial design of its own: clip(d + 2, 5, 20) scrambled Sobol points, the rule that
this project uses. Categories make it MixedSingleTaskGP; integers with few values and categories go
to ``optimize_acqf_mixed_alternating``. The incumbent is the best observed, under noise the best
posterior mean. Each fit starts at the initial values, although one of MixedSingleTaskGP then
takes 5 to 20 seconds: started where the one before ended, it was caught at evidences half a nat an
observation lower, and the runs were no better than random search.

Outcome constraints get a model each (``ModelListGP``) and ``LogConstrainedExpectedImprovement``,
its analytic acquisition; as long as nothing feasible is known, ``LogProbabilityOfFeasibility``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from benchmarks.rivals import unit
from benchmarks.rivals.base import Point, Result, Rival, Worst, installed, serve

_MANY = 50  # integers with more values are optimised as numbers and rounded


class BoTorch(Rival):
    """A loop over fit and optimise."""

    expresses = ("constraints",)
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
        self.within: list[list[float] | None] = []  # the constraints' values; None where it failed
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
            self.within.append(
                None
                if "failed" in result
                else [float(result["constraints"][c]) for c in self.task.constraints]
            )
        self.asked = getattr(self, "asked", []) + list(points)

    def preload(self, points: Sequence[Point], results: Sequence[Result]) -> None:
        self.given = [unit.complete(self.task.space, p) for p in points]
        self.tell(points, results)

    def _model(self) -> tuple[Any, Any]:
        """The objective's model and the inputs of its data."""
        import torch

        x = torch.tensor(self.x, dtype=torch.double)
        return self._fit(x, self.y), x

    def _fit(self, x: Any, values: Sequence[float]) -> Any:
        import torch
        from botorch.fit import fit_gpytorch_mll
        from botorch.models import MixedSingleTaskGP, SingleTaskGP
        from gpytorch.mlls import ExactMarginalLogLikelihood

        y = torch.tensor(values, dtype=torch.double)[:, None]
        model = (
            MixedSingleTaskGP(x, y, cat_dims=self.categorical)
            if self.categorical
            else SingleTaskGP(x, y)
        )
        fit_gpytorch_mll(ExactMarginalLogLikelihood(model.likelihood, model))
        return model

    def _acquisition(self) -> Any:
        from botorch.acquisition import LogExpectedImprovement

        model, x = self._model()
        seen = model.posterior(x).mean[:, 0].tolist() if self.task.noisy else self.y
        if not any(self.within):  # no constraints, or no evaluation that told them
            return LogExpectedImprovement(model, best_f=max(seen))
        return self._constrained(model, seen)

    def _constrained(self, objective: Any, seen: Sequence[float]) -> Any:
        import torch
        from botorch.acquisition.analytic import (
            LogConstrainedExpectedImprovement,
            LogProbabilityOfFeasibility,
        )
        from botorch.models import ModelListGP

        everything = zip(self.x, seen, self.within, strict=True)
        known = [(x, value, at) for x, value, at in everything if at is not None]
        x = torch.tensor([x for x, _, _ in known], dtype=torch.double)
        columns = zip(*(at for _, _, at in known), strict=True)
        limits = [self._fit(x, column) for column in columns]
        model = ModelListGP(objective, *limits)
        below = dict.fromkeys(range(1, len(limits) + 1), (None, 0.0))
        feasible = [value for _, value, at in known if max(at) <= 0.0]
        if not feasible:
            return LogProbabilityOfFeasibility(model, constraints=below)
        return LogConstrainedExpectedImprovement(
            model, best_f=max(feasible), objective_index=0, constraints=below
        )

    def _propose(self) -> list[float]:
        import torch
        from botorch.optim import optimize_acqf
        from botorch.optim.optimize_mixed import optimize_acqf_mixed_alternating

        acquisition = self._acquisition()
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
        if not self.task.noisy or self.task.constraints or len(self.x) < 2:
            return None
        model, x = self._model()
        return self.asked[int(model.posterior(x).mean.argmax())]


if __name__ == "__main__":
    serve(BoTorch, BoTorch.version)
