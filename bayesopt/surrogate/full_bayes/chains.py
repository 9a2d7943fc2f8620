"""Markov chains as arrays, and as what ArviZ works with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bayesopt.surrogate.full_bayes.extra import arviz, quiet
from bayesopt.surrogate.full_bayes.layout import DIMS

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Chains:
    """Draws after tuning.

    Attributes
    ----------
    q : (c, n, k) unconstrained draws.
    diverging : (c, n) whether the trajectory diverged.
    saturated : (c, n) whether the trajectory was cut at the depth limit.
    n_steps : (c, n) gradients that the draw took.
    energy : (c, n) of the Hamiltonian.
    """

    q: Floats
    diverging: NDArray[np.bool_]
    saturated: NDArray[np.bool_]
    n_steps: NDArray[np.int64]
    energy: Floats


def to_arviz(
    chains: Chains,
    named: Mapping[str, Floats],
    coords: Mapping[str, list[str]],
    *,
    depths: Floats | None = None,
) -> Any:
    """Chains as ArviZ gives them: ``InferenceData`` (0.x) or ``DataTree`` (1.x).

    ``named`` holds the values (c, n, ...) of each variable.
    """
    dims = {name: [_dim_of(name, v)] for name, v in named.items() if v.ndim == 3}
    dims = {name: d for name, d in dims.items() if d[0] in coords}
    stats = {
        "diverging": chains.diverging,
        "reached_max_treedepth": chains.saturated,
        "n_steps": chains.n_steps,
        "energy": chains.energy,
    }
    return from_groups({"posterior": dict(named), "sample_stats": stats}, dict(coords), dims)


def from_groups(groups: dict[str, Any], coords: dict[str, Any], dims: dict[str, list[str]]) -> Any:
    """``arviz.from_dict`` of either generation."""
    az = arviz()
    with quiet():
        if int(az.__version__.split(".")[0]) >= 1:
            return az.from_dict(groups, coords=coords, dims=dims)
        return az.from_dict(**groups, coords=coords, dims=dims)


def _dim_of(name: str, values: Floats) -> str:
    own = {"lam": "parameter", "lam_category": "category", **{n: d[0] for n, d in DIMS.items()}}
    return own.get(name, f"{name}_dim")
