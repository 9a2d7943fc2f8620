"""YAHPO Gym's surrogates of real experiments: ``yahpo/SCENARIO-INSTANCE``, in their own
environment.

Needs ``DATA/yahpo`` (repository slds-lmu/yahpo_data: lcbench, rbv2_rpart, rbv2_xgboost).
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from benchmarks.problems.base import Problem
from benchmarks.problems.remote import Remote, Served, folder_of, serve

_DEFAULT = {
    "lcbench": ("167168", "189873", "189906"),
    "rbv2_xgboost": ("12", "1501", "16", "40499"),
    "rbv2_rpart": ("14", "40499"),
}
# what is optimised (maximised), and the fidelity at which it is measured
_TARGETS: dict[str, tuple[str, dict[str, Any]]] = {
    "lcbench": ("val_accuracy", {"epoch": 52}),
    "rbv2_xgboost": ("acc", {"trainsize": 1.0, "repl": 10}),
    "rbv2_rpart": ("acc", {"trainsize": 1.0, "repl": 10}),
}


def names() -> list[str]:
    return [f"yahpo/{scenario}-{i}" for scenario, instances in _DEFAULT.items() for i in instances]


def load(name: str, data: Path | None = None) -> Problem:
    scenario, _, instance = name.partition("/")[2].partition("-")
    if scenario not in _TARGETS or not instance:
        raise ValueError(
            f"unknown problem {name!r}: expected yahpo/SCENARIO-INSTANCE with {sorted(_TARGETS)}"
        )
    folder = folder_of(data, "yahpo", "from the repository slds-lmu/yahpo_data")
    return Remote(name, "yahpo", "yahpo", [scenario, instance, str(folder.resolve())])


def translate(space: Any) -> dict[str, dict[str, Any]]:
    """A ConfigSpace (0.6) as a neutral space; constants are left out."""
    tables: dict[str, dict[str, Any]] = {}
    for name in space.get_hyperparameter_names():  # parents come first
        p = space.get_hyperparameter(name)
        kind = type(p).__name__
        if kind == "CategoricalHyperparameter" and len(p.choices) > 1:
            tables[name] = {"type": "categorical", "choices": list(p.choices)}
        elif kind in ("UniformFloatHyperparameter", "UniformIntegerHyperparameter"):
            tables[name] = {
                "type": "float" if "Float" in kind else "int",
                "low": p.lower,
                "high": p.upper,
                "log": p.log,
            }
    for condition in space.get_conditions():
        for part in getattr(condition, "components", [condition]):
            child, parent = part.child.name, part.parent.name
            if child in tables and parent in tables:
                values = list(part.values) if hasattr(part, "values") else [part.value]
                tables[child].setdefault("when", {})[parent] = values
    return tables


def _build(scenario: str, instance: str, folder: str) -> Served:
    from yahpo_gym import benchmark_set, local_config

    local_config.init_config()
    local_config.set_data_path(folder)
    bench = benchmark_set.BenchmarkSet(scenario, instance=instance, check=False)
    space = bench.get_opt_space(drop_fidelity_params=True, seed=0)
    target, fidelity = _TARGETS[scenario]
    constants = {
        p.name: p.value for p in space.get_hyperparameters() if type(p).__name__ == "Constant"
    }
    constants |= {
        p.name: p.choices[0]
        for p in space.get_hyperparameters()
        if hasattr(p, "choices") and len(p.choices) == 1
    }
    tables = translate(space)
    conditional = any("when" in table for table in tables.values())

    def evaluate(params: dict[str, Any]) -> float:
        return -float(bench.objective_function({**constants, **params, **fidelity})[0][target])

    return {
        "space": tables,
        "group": "conditional" if conditional else "mixed",
        "optimum": None,
    }, evaluate


if __name__ == "__main__":
    serve(lambda: _build(*sys.argv[1:]))
