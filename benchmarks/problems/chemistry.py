"""Direct arylation: 1,728 measured reactions of Shields et al. (Nature 590, 2021).

Needs ``direct_arylation.csv`` in ``DATA/edbo`` (repository b-shields/edbo,
``experiments/data/direct_arylation/experiment_index.csv``, MIT licence).
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks.problems.base import Problem
from benchmarks.space import Parameter, Space

_ORDINAL = ("Concentration", "Temp_C")
_NAMES = {"Base_SMILES": "base", "Ligand_SMILES": "ligand", "Solvent_SMILES": "solvent"}


class Arylation(Problem):
    """Minus the yield in percent."""

    name = "chemistry/direct_arylation"
    group = "combinatorial"
    optimum = -100.0

    def __init__(self, data: Path | None) -> None:
        path = None if data is None else data / "edbo" / "direct_arylation.csv"
        if path is None or not path.exists():
            raise RuntimeError(
                f"{self.name} needs --data FOLDER with edbo/direct_arylation.csv "
                f"(from the repository b-shields/edbo); got {path}"
            )
        with path.open() as file:
            rows = list(csv.DictReader(file))
        columns = [
            c
            for c in rows[0]
            if c not in ("", "yield", "entry") and len({r[c] for r in rows}) < len(rows)
        ]
        parameters = []
        for column in columns:
            ordinal = column in _ORDINAL
            values: set[Any] = {float(r[column]) if ordinal else r[column] for r in rows}
            kind = "ordinal" if ordinal else "categorical"
            parameters.append(
                Parameter(_NAMES.get(column, column.lower()), kind, choices=tuple(sorted(values)))
            )
        self.space = Space(tuple(parameters))
        self.yields = {
            tuple(float(r[c]) if c in _ORDINAL else r[c] for c in columns): float(r["yield"])
            for r in rows
        }

    def value(self, params: Mapping[str, Any]) -> float:
        return -self.yields[tuple(params[n] for n in self.space.names)]


def names() -> list[str]:
    return [Arylation.name]


def load(name: str, data: Path | None = None) -> Problem:
    if name != Arylation.name:
        raise ValueError(f"unknown problem {name!r}: expected {Arylation.name}")
    return Arylation(data)
