"""Bayesmark's wrapper of any adapter: this file runs inside Bayesmark's environment.

The adapter runs in an environment of its own, behind the same protocol as in every benchmark.
"""

from __future__ import annotations

from typing import Any

import bayesmark.np_util
from bayesmark.abstract_optimizer import AbstractOptimizer

from benchmarks.published.bayesmark_space import back, forth, translate
from benchmarks.rivals.process import adapter


class Adapter(AbstractOptimizer):
    """Suggest and observe through an adapter's process."""

    primary_import = None

    def __init__(
        self,
        api_config: dict[str, Any],
        *,
        module: str,
        argument: str,
        python: str,
        budget: int,
        batch: int,
    ) -> None:
        AbstractOptimizer.__init__(self, api_config)
        self.process = adapter(module, argument, python)
        answer = self.process.request(
            {
                "cmd": "start",
                "space": translate(api_config),
                "seed": int(bayesmark.np_util.random.randint(2**31 - 1)),
                "budget": budget,
                "batch": batch,
            }
        )
        if "unsupported" in answer:
            raise ValueError(answer["unsupported"])

    def suggest(self, n_suggestions: int = 1) -> list[dict[str, Any]]:
        self.points = self.process.request({"cmd": "ask", "n": n_suggestions})["points"]
        return [back(self.api_config, p) for p in self.points]

    def observe(self, X: list[dict[str, Any]], y: Any) -> None:
        results = []
        for value in y:
            finite = float("-inf") < float(value) < float("inf")
            results.append(
                {"value": float(value), "constraints": {}} if finite else {"failed": "not finite"}
            )
        if len(X) != len(self.points):
            self.points = [forth(self.api_config, x) for x in X]
        self.process.request({"cmd": "tell", "points": self.points, "results": results})


if __name__ == "__main__":
    from bayesmark.experiment import experiment_main

    experiment_main(Adapter)
