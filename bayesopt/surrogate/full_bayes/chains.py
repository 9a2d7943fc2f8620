"""Markov chains as arrays, and as what ArviZ works with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bayesopt.surrogate.full_bayes.extra import arviz, quiet

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
    dims: Mapping[str, str],
) -> Any:
    """Chains as ArviZ gives them: ``InferenceData`` (0.x) or ``DataTree`` (1.x).

    ``named`` holds the values (c, n, ...) of each variable; ``dims`` names the dimension of those
    of several numbers, and ``coords`` its members.
    """
    known = {name: [dim] for name, dim in dims.items() if name in named and dim in coords}
    stats = {
        "diverging": chains.diverging,
        "reached_max_treedepth": chains.saturated,
        "n_steps": chains.n_steps,
        "energy": chains.energy,
    }
    return from_groups({"posterior": dict(named), "sample_stats": stats}, dict(coords), known)


def from_groups(groups: dict[str, Any], coords: dict[str, Any], dims: dict[str, list[str]]) -> Any:
    """``arviz.from_dict`` of either generation."""
    az = arviz()
    with quiet():
        if int(az.__version__.split(".")[0]) >= 1:
            return az.from_dict(groups, coords=coords, dims=dims)
        return az.from_dict(**groups, coords=coords, dims=dims)
