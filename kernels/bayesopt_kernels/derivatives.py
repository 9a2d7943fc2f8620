"""Covariances of a Gaussian process's values and derivatives over mixed points.

Notation
--------
A *row* (at, of) is one number that is observed at the point ``at``: the value (``of`` is -1), or
the derivative with respect to the unscaled feature ``of``. Points have scaled features ``z``,
category codes and ``D = z - z'``. Hyperparameters come as ``theta = [s2, inv, c]``: the variance,
the inverse lengthscale of each of q features, the weight of each of h categories::

    k(x, x') = s2 * f(r2) * exp(-sum_h c_h [codes_h != codes'_h])             r2 = |D|^2

    value, derivative j         -2 f' D_j inv_j
    derivative i, value          2 f' D_i inv_i
    derivative i, derivative j  (-2 f' [i = j] - 4 f'' D_i D_j) inv_i inv_j

with f', f'' in r2 (Rasmussen & Williams 2006, section 9.4). ``f`` is Matern-5/2 or the squared
exponential: the others have no derivatives in the mean square of use here. f''' of Matern-5/2 is
infinite at r = 0, where it only occurs times D_i D_j D_m^2, which vanishes faster.
"""

from __future__ import annotations

import numpy as np
from numba import njit

MATERN52, RBF = 2, 3


@njit(cache=True, error_model="numpy", nogil=True, inline="always")
def _radial(
    family: int,
    z: np.ndarray,
    codes: np.ndarray,
    z2: np.ndarray,
    codes2: np.ndarray,
    c: np.ndarray,
    s2: float,
    f: np.ndarray,
) -> None:
    """``f`` (4, n): the covariance of a point with n others, and its derivatives in r2."""
    for i in range(z2.shape[0]):
        r2 = 0.0
        for m in range(z.shape[0]):
            r2 += (z[m] - z2[i, m]) ** 2
        differ = 0.0
        for h in range(c.shape[0]):
            differ += c[h] if codes[h] != codes2[i, h] else 0.0
        k = s2 * np.exp(-differ) if differ > 0.0 else s2
        if family == 2:
            t = np.sqrt(5.0 * r2)
            e = k * np.exp(-t)
            f[0, i] = (1.0 + t + t * t / 3.0) * e
            f[1, i] = -(5.0 / 6.0) * (1.0 + t) * e
            f[2, i] = (25.0 / 12.0) * e
            f[3, i] = -(125.0 / 24.0) * e / t if t > 0.0 else 0.0
        else:
            e = k * np.exp(-0.5 * r2)
            f[0, i] = e
            f[1, i] = -0.5 * e
            f[2, i] = 0.25 * e
            f[3, i] = -0.125 * e


@njit(cache=True, error_model="numpy", nogil=True)
def between(
    family: int,
    z: np.ndarray,
    codes: np.ndarray,
    rows: np.ndarray,
    z2: np.ndarray,
    codes2: np.ndarray,
    rows2: np.ndarray,
    theta: np.ndarray,
    K: np.ndarray,
) -> None:
    """Covariances ``K`` (N, M) of N rows with M rows; rows of one point should be neighbours.

    Parameters
    ----------
    z, codes, z2, codes2 : (n, q), (n, h), (m, q), (m, h) points.
    rows, rows2 : (N, 2), (M, 2) int64.
    theta : (1 + q + h,).
    """
    q = z.shape[1]
    s2, inv, c = theta[0], theta[1 : 1 + q], theta[1 + q :]
    f = np.empty((4, z2.shape[0]))
    last = -1
    for a in range(rows.shape[0]):
        p, i = rows[a, 0], rows[a, 1]
        if p != last:
            _radial(family, z[p], codes[p], z2, codes2, c, s2, f)
            last = p
        for b in range(rows2.shape[0]):
            o, j = rows2[b, 0], rows2[b, 1]
            if i < 0 and j < 0:
                K[a, b] = f[0, o]
            elif i < 0:
                K[a, b] = -2.0 * f[1, o] * (z[p, j] - z2[o, j]) * inv[j]
            elif j < 0:
                K[a, b] = 2.0 * f[1, o] * (z[p, i] - z2[o, i]) * inv[i]
            else:
                k = -4.0 * f[2, o] * (z[p, i] - z2[o, i]) * (z[p, j] - z2[o, j])
                if i == j:
                    k -= 2.0 * f[1, o]
                K[a, b] = k * inv[i] * inv[j]


@njit(cache=True, error_model="numpy", nogil=True)
def slopes(
    family: int,
    z: np.ndarray,
    codes: np.ndarray,
    z2: np.ndarray,
    codes2: np.ndarray,
    rows2: np.ndarray,
    theta: np.ndarray,
    G: np.ndarray,
    out: np.ndarray,
) -> None:
    """Derivatives ``out`` (n, q), in the scaled features of n points, of a number that depends on
    the covariances of their values with M rows, from its derivatives ``G`` (n, M) in these.
    """
    q = z.shape[1]
    s2, inv, c = theta[0], theta[1 : 1 + q], theta[1 + q :]
    f = np.empty((4, z2.shape[0]))
    for p in range(z.shape[0]):
        _radial(family, z[p], codes[p], z2, codes2, c, s2, f)
        for m in range(z.shape[1]):
            out[p, m] = 0.0
        for b in range(rows2.shape[0]):
            o, j, g = rows2[b, 0], rows2[b, 1], G[p, b]
            if j < 0:
                factor = 2.0 * g * f[1, o]
            else:
                factor = -4.0 * g * f[2, o] * (z[p, j] - z2[o, j]) * inv[j]
                out[p, j] -= 2.0 * g * f[1, o] * inv[j]
            for m in range(z.shape[1]):
                out[p, m] += factor * (z[p, m] - z2[o, m])


@njit(cache=True, error_model="numpy", nogil=True)
def by_hyperparameters(
    family: int,
    z: np.ndarray,
    codes: np.ndarray,
    rows: np.ndarray,
    theta: np.ndarray,
    W: np.ndarray,
    scales: np.ndarray,
    weights: np.ndarray,
) -> float:
    """Derivatives of a number that depends on the covariances K of N rows with themselves.

    Parameters
    ----------
    W : (N, N) its derivatives in K, symmetric; the lower triangle is read.
    scales : (q,) receives the derivatives in the log lengthscale of each feature.
    weights : (h,) receives those in log c.

    Returns
    -------
    That in log s2, ``sum W * K``.
    """
    q = z.shape[1]
    s2, inv, c = theta[0], theta[1 : 1 + q], theta[1 + q :]
    f = np.empty((4, z.shape[0]))
    scales[:] = 0.0
    weights[:] = 0.0
    total = 0.0
    last = -1
    for a in range(rows.shape[0]):
        p, i = rows[a, 0], rows[a, 1]
        if p != last:
            _radial(family, z[p], codes[p], z, codes, c, s2, f)
            last = p
        for b in range(a + 1):
            o, j = rows[b, 0], rows[b, 1]
            w = W[a, b] if a == b else 2.0 * W[a, b]
            # k: the number; r: its derivative in r2. Each D and each inv goes as 1 / lengthscale.
            if i < 0 and j < 0:
                k, r = w * f[0, o], w * f[1, o]
            elif i < 0 or j < 0:
                m = j if i < 0 else i
                d = 2.0 * w * (z[p, m] - z[o, m]) * inv[m]
                d = -d if i < 0 else d
                k, r = d * f[1, o], d * f[2, o]
                scales[m] -= 2.0 * k
            else:
                both = w * inv[i] * inv[j]
                d = -4.0 * both * (z[p, i] - z[o, i]) * (z[p, j] - z[o, j])
                k, r = d * f[2, o], d * f[3, o]
                scales[i] -= 2.0 * k
                scales[j] -= 2.0 * k
                if i == j:
                    k -= 2.0 * both * f[1, o]
                    r -= 2.0 * both * f[2, o]
                    scales[i] += 4.0 * both * f[1, o]
            for m in range(z.shape[1]):
                scales[m] -= 2.0 * r * (z[p, m] - z[o, m]) ** 2
            total += k
            for h in range(c.shape[0]):
                weights[h] -= c[h] * k if codes[p, h] != codes[o, h] else 0.0
    return total
