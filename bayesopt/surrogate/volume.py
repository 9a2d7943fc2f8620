"""The share of the space that each observation stands for.

A search gathers where it is good. Statistics over its observations, each counted once, then say
what is usual beside the best point, not in the space: with half of the observations there, the
ordinary value elsewhere counts as an outlier, is clipped, and the surrogate expects something
good of every unknown place. Weighted by the volume that is nearest to it, an observation counts
for as much as it says.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from bayesopt.surrogate.features import Columns

Floats = NDArray[np.float64]

# of a point of the spread set, for each observation: however dense a cluster is, it says a little
_LEAST = 0.25
_TIED = 1e-9  # squared distances that differ by less than this in rounding only
_PART = 30_000  # distances at a time: they stay in a cache


def volume_shares(columns: Columns, coords: Floats, spread: Floats) -> Floats:
    """The shares (n,) of the space nearest to each of n points, positive and of sum 1.

    Counted on points (m, p) spread over the space: Voronoi cells by Monte Carlo. Distances are
    the surrogate's with all lengthscales 1; unequal labels are 1 apart. What is equally near to
    several points, such as equal ones, is divided among them; so their order does not matter.
    """
    here, there = columns.features(coords), columns.features(spread)
    labels = [_one_hot(h, t) for h, t in zip(here[1].T, there[1].T, strict=True)]
    points = np.concatenate([here[0], *(one for one, _ in labels)], axis=1)
    probes = np.concatenate([there[0], *(other for _, other in labels)], axis=1)
    # squared distances, less what is the same for all of the n points, as one product
    norms, n = np.einsum("ij,ij->i", points, points), len(coords)
    points = np.concatenate([-2.0 * points, norms[:, None]], axis=1).T
    probes = np.concatenate([probes, np.ones((len(probes), 1))], axis=1)
    shares = np.full(n, _LEAST)
    rows = max(_PART // n, 1)
    for i in range(0, len(probes), rows):
        distance = probes[i : i + rows] @ points
        near = distance <= distance.min(axis=1, keepdims=True) + _TIED
        probe, nearest = np.divmod(np.flatnonzero(near), n)
        shares += np.bincount(nearest, 1.0 / np.bincount(probe)[probe], minlength=n)
    return np.asarray(shares / shares.sum())


def _one_hot(codes: NDArray[np.int64], others: NDArray[np.int64]) -> tuple[Floats, Floats]:
    """Labels of two sets of points as vectors, unequal ones at a distance of 1."""
    known = np.unique(codes)
    height = np.sqrt(0.5)
    return height * (codes[:, None] == known), height * (others[:, None] == known)


def quantiles(values: Floats, at: Sequence[float], shares: Floats | None) -> list[float]:
    """Quantiles of values (n,) whose shares (n,) have the sum 1; None: equal ones.

    Between the middles of the values' shares they are interpolated (Hazen's definition).
    """
    if shares is None:
        return [float(q) for q in np.quantile(values, at)]
    order = np.argsort(values, kind="stable")
    ordered, middles = values[order], np.cumsum(shares[order]) - 0.5 * shares[order]
    above = np.clip(np.searchsorted(middles, at), min(1, len(values) - 1), len(values) - 1)
    below = np.maximum(above - 1, 0)
    # not np.interp: its slopes overflow where values are near the largest numbers
    way = np.maximum(middles[above] - middles[below], 1e-300)
    t = np.clip((np.asarray(at) - middles[below]) / way, 0.0, 1.0)
    found = ordered[below] + t * (ordered[above] - ordered[below])
    return [float(q) for q in np.minimum(found, ordered[above])]
