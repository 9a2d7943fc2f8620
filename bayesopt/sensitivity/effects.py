"""What is said of the importance of parameters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from bayesopt.show import name_text, table_html, table_text

LITTLE = 0.1  # share explained below which the model has nothing to say (as in Ax)


@dataclass(frozen=True)
class ParameterEffect:
    """One parameter's share of the variance of the model's mean; 0 to 1.

    Attributes
    ----------
    name : of the parameter.
    first : what it explains by itself (first-order Sobol' index).
    total : its interactions included (total Sobol' index).
    first_range, total_range : 5 and 95 % quantiles over functions that the results allow, with
        the hyperparameters that they allow; None where they cannot be had.
    active : the share of the space in which it is active.
    """

    name: str
    first: float
    total: float
    first_range: tuple[float, float] | None
    total_range: tuple[float, float] | None
    active: float = 1.0


@dataclass(frozen=True)
class PairEffect:
    """What two parameters explain together beyond what each does; 0 to 1."""

    names: tuple[str, str]
    share: float


@dataclass(frozen=True)
class Importance:
    """What matters, by the model of a run.

    Attributes
    ----------
    parameters : those that matter most first, by their total index.
    pairs : the strongest interactions, strongest first.
    explained : leave-one-out R² of the model, without what fitting would explain of mere noise:
        how far the rest is to be believed. NaN where it cannot be told.
    output : which output.
    n : observations.
    method : how it was computed.
    notes : what to keep in mind, in sentences.
    """

    parameters: tuple[ParameterEffect, ...]
    pairs: tuple[PairEffect, ...]
    explained: float
    output: str
    n: int
    method: str
    notes: tuple[str, ...] = ()

    @property
    def is_trustworthy(self) -> bool:
        """Whether the model explains enough for its shares to mean something."""
        return self.explained >= LITTLE

    def __repr__(self) -> str:
        title, rows = self._shown()
        return "\n".join([title, table_text(rows), *self.notes])

    def _repr_html_(self) -> str:
        title, rows = self._shown()
        return table_html(" ".join(["; ".join(title.splitlines()) + ".", *self.notes]), rows)

    def _shown(self) -> tuple[str, list[list[str]]]:
        rows = [["parameter", "by itself", "with interactions", "5 to 95 %"]]
        for effect in self.parameters:
            ends = effect.total_range
            between = "" if ends is None else f"{ends[0]:.2f} to {ends[1]:.2f}"
            rows.append(
                [name_text(effect.name), f"{effect.first:.2f}", f"{effect.total:.2f}", between]
            )
        title = f"What matters for {name_text(self.output)}: shares of the model's variance"
        title += f"\nthe model explains {explained_words(self.explained)} of {self.n} results"
        return title, rows

    def to_dict(self) -> dict[str, Any]:
        """The whole of it as JSON-representable values; NaN is None."""
        return {
            "output": self.output,
            "explained": self.explained if np.isfinite(self.explained) else None,
            "n": self.n,
            "method": self.method,
            "parameters": [
                {
                    "name": e.name,
                    "first": e.first,
                    "first_range": None if e.first_range is None else list(e.first_range),
                    "total": e.total,
                    "total_range": None if e.total_range is None else list(e.total_range),
                    "active": e.active,
                }
                for e in self.parameters
            ],
            "pairs": [{"names": list(pair.names), "share": pair.share} for pair in self.pairs],
            "notes": list(self.notes),
        }


def explained_words(r2: float) -> str:
    """A leave-one-out R² as a share: "83 % of the variance"."""
    if not np.isfinite(r2):
        return "an unknown share"
    return "nothing" if r2 <= 0.0 else f"{100 * r2:.0f} % of the variance"
