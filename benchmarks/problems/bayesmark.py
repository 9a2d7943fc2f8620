"""Bayesmark's problems as they are, in their own environment: ``bayesmark/MODEL-DATA-METRIC``.

For the leaderboard's score see ``benchmarks.published.bayesmark``.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from benchmarks.problems.base import Problem
from benchmarks.problems.remote import Remote, Served, serve
from benchmarks.published.bayesmark_space import back, translate

_DEFAULT = tuple(
    f"{model}-{data}"
    for model in ("SVM", "DT", "RF", "kNN")
    for data in ("wine-nll", "breast-acc")
)


def names() -> list[str]:
    return [f"bayesmark/{n}" for n in _DEFAULT]


def load(name: str, data: Path | None = None) -> Problem:
    parts = name.partition("/")[2].split("-")
    if len(parts) != 3:
        raise ValueError(
            f"unknown problem {name!r}: expected bayesmark/MODEL-DATA-METRIC, as in {names()[:3]}"
        )
    return Remote(name, "bayesmark", "bayesmark", parts)


def _build(model: str, data: str, metric: str) -> Served:
    import warnings

    from bayesmark.sklearn_funcs import SklearnModel

    warnings.filterwarnings("ignore")
    problem = SklearnModel(model, data, metric)
    space = translate(problem.get_api_config())

    def evaluate(params: dict[str, Any]) -> float:
        return float(problem.evaluate(back(problem.get_api_config(), params))[0])

    return {"space": space, "group": "mixed", "optimum": None}, evaluate


if __name__ == "__main__":
    serve(lambda: _build(*sys.argv[1:]))
