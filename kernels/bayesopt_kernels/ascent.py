"""One step of many projected quasi-Newton ascents at once, inside the unit box.

Each of B searches keeps its point ``x``, score ``f``, gradient ``g`` and an inverse Hessian
estimate ``H`` of the negative score (BFGS: Nocedal & Wright 2006, eq. 6.17; active bounds as in
Bertsekas 1982). All searches move in lockstep: the caller scores one trial point of each, in one
batch, between :func:`propose` and :func:`accept`. This keeps the score free to be anything that
can be evaluated in batches, at one interpreter round trip per step of all searches.
"""

from __future__ import annotations

import numpy as np
from numba import njit


@njit(cache=True, error_model="numpy", nogil=True, inline="always")
def _reset(g: np.ndarray, free: np.ndarray, H: np.ndarray, first: float) -> None:
    p = g.shape[0]
    largest = 0.0
    for i in range(p):
        if free[i]:
            largest = max(largest, abs(g[i]))
    scale = first / largest if largest > 0.0 else 1.0
    for i in range(p):
        for j in range(p):
            H[i, j] = 0.0
        H[i, i] = scale


@njit(cache=True, error_model="numpy", nogil=True)
def propose(
    x: np.ndarray,
    g: np.ndarray,
    H: np.ndarray,
    free: np.ndarray,
    step: np.ndarray,
    active: np.ndarray,
    trial: np.ndarray,
) -> None:
    """Write the next trial point of each active search into ``trial`` (B, p).

    Parameters
    ----------
    x, g : (B, p) points and gradients of the score.
    H : (B, p, p) inverse Hessians of the negative score; reset where they give no ascent.
    free : (B, p) int64, 1 where the coordinate may move.
    step : (B,) lengths along the quasi-Newton direction, 1 for a fresh direction.
    active : (B,) int64, 0 where the search has ended; its trial is its point.
    """
    p = x.shape[1]
    moves = np.empty(p, np.int64)
    d = np.empty(p)
    for b in range(x.shape[0]):
        for i in range(p):
            trial[b, i] = x[b, i]
        if active[b] == 0:
            continue
        for i in range(p):
            outward = (x[b, i] <= 0.0 and g[b, i] < 0.0) or (x[b, i] >= 1.0 and g[b, i] > 0.0)
            moves[i] = 1 if free[b, i] and not outward else 0
        gain = 0.0
        for i in range(p):
            d[i] = 0.0
            if moves[i]:
                for j in range(p):
                    if moves[j]:
                        d[i] += H[b, i, j] * g[b, j]
                gain += d[i] * g[b, i]
        if not gain > 0.0:
            _reset(g[b], moves, H[b], 0.1)
            for i in range(p):
                d[i] = H[b, i, i] * g[b, i] if moves[i] else 0.0
        for i in range(p):
            if moves[i]:
                trial[b, i] = min(max(x[b, i] + step[b] * d[i], 0.0), 1.0)


@njit(cache=True, error_model="numpy", nogil=True, inline="always")
def _update(H: np.ndarray, s: np.ndarray, y: np.ndarray, Hy: np.ndarray) -> None:
    p = s.shape[0]
    ss, yy, sy, yHy = 0.0, 0.0, 0.0, 0.0
    for i in range(p):
        ss += s[i] * s[i]
        yy += y[i] * y[i]
        sy += s[i] * y[i]
    if not sy > 1e-8 * np.sqrt(ss * yy):  # an angle: the unit of the score must not matter
        return
    for i in range(p):
        Hy[i] = 0.0
        for j in range(p):
            Hy[i] += H[i, j] * y[j]
        yHy += y[i] * Hy[i]
    for i in range(p):
        for j in range(p):
            rank_one = Hy[i] * s[j] + s[i] * Hy[j]
            H[i, j] += (1.0 + yHy / sy) * s[i] * s[j] / sy - rank_one / sy


@njit(cache=True, error_model="numpy", nogil=True)
def accept(
    x: np.ndarray,
    f: np.ndarray,
    g: np.ndarray,
    H: np.ndarray,
    step: np.ndarray,
    active: np.ndarray,
    trial: np.ndarray,
    f_trial: np.ndarray,
    g_trial: np.ndarray,
    tolerance: float,
) -> int:
    """Take or shorten each search's step; returns the number of searches still active.

    ``x``, ``f``, ``g``, ``H``, ``step`` and ``active`` are updated in place; the other arguments
    are as in :func:`propose`. A search ends when an accepted step gains less than ``tolerance`` or
    a step gets shorter than 1e-7.
    """
    p = x.shape[1]
    s, y, Hy = np.empty(p), np.empty(p), np.empty(p)
    remaining = 0
    for b in range(x.shape[0]):
        if active[b] == 0:
            continue
        slope = 0.0
        longest = 0.0
        for i in range(p):
            s[i] = trial[b, i] - x[b, i]
            longest = max(longest, abs(s[i]))
            slope += g[b, i] * s[i]
        if longest < 1e-7:
            active[b] = 0
            continue
        gain = f_trial[b] - f[b]
        if gain >= 1e-4 * slope and gain > 0.0:  # Armijo
            for i in range(p):
                y[i] = g[b, i] - g_trial[b, i] if s[i] != 0.0 else 0.0
            _update(H[b], s, y, Hy)
            for i in range(p):
                x[b, i] = trial[b, i]
                g[b, i] = g_trial[b, i]
            f[b] = f_trial[b]
            step[b] = 1.0
            if gain < tolerance:
                active[b] = 0
        else:
            # the maximum of the parabola through both scores and the slope, within limits; a trial
            # of -inf or NaN just shortens
            shrink = 0.5 * slope / (slope - gain) if np.isfinite(gain) and slope > gain else 0.1
            step[b] *= min(max(shrink, 0.1), 0.5)
        remaining += active[b]
    return remaining
