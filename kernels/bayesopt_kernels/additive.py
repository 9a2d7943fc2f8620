"""Covariances of values and derivatives of a sum of functions of one feature each.

Notation
--------
As in :mod:`bayesopt_kernels.derivatives`: a *row* (at, of) is the value (``of`` is -1) or the
derivative with respect to the unscaled feature ``of`` at the point ``at``; ``z`` are scaled
features and ``D = z - z'``. Hyperparameters come as ``theta = [w, inv]``: the variance and the
inverse lengthscale of each of q features. With ``u_j = w_j f(D_j^2)`` and u', u'' its derivatives
in D_j^2::

    value, value              sum_j u_j
    value, derivative j       -2 u'_j D_j inv_j
    derivative i, value        2 u'_i D_i inv_i
    derivative i, derivative j (-2 u'_i - 4 u''_i D_i^2) inv_i^2 where i = j, else 0

(Duvenaud, Nickisch & Rasmussen 2011, first order). ``f`` is Matern-5/2 or the squared
exponential.
"""

from __future__ import annotations

import numpy as np
from numba import njit

MATERN52, RBF = 2, 3


@njit(cache=True, error_model="numpy", nogil=True, inline="always")
def _functions(family: int, z: np.ndarray, z2: np.ndarray, w: np.ndarray, u: np.ndarray) -> None:
    """``u`` (4, n, q): each function's covariance of a point with n others, and its derivatives
    in the squared distance.
    """
    for o in range(z2.shape[0]):
        for m in range(z.shape[0]):
            d2 = (z[m] - z2[o, m]) ** 2
            if family == 2:
                t = np.sqrt(5.0 * d2)
                e = w[m] * np.exp(-t)
                u[0, o, m] = (1.0 + t + t * t / 3.0) * e
                u[1, o, m] = -(5.0 / 6.0) * (1.0 + t) * e
                u[2, o, m] = (25.0 / 12.0) * e
                u[3, o, m] = -(125.0 / 24.0) * e / t if t > 0.0 else 0.0
            else:
                e = w[m] * np.exp(-0.5 * d2)
                u[0, o, m] = e
                u[1, o, m] = -0.5 * e
                u[2, o, m] = 0.25 * e
                u[3, o, m] = -0.125 * e


@njit(cache=True, error_model="numpy", nogil=True)
def between(
    family: int,
    z: np.ndarray,
    rows: np.ndarray,
    z2: np.ndarray,
    rows2: np.ndarray,
    theta: np.ndarray,
    K: np.ndarray,
) -> None:
    """Covariances ``K`` (N, M) of N rows with M rows; rows of one point should be neighbours.

    Parameters
    ----------
    z, z2 : (n, q), (m, q) points.
    rows, rows2 : (N, 2), (M, 2) int64.
    theta : (2 q,).
    """
    q = z.shape[1]
    w, inv = theta[:q], theta[q:]
    u = np.empty((4, z2.shape[0], q))
    total = np.empty(z2.shape[0])
    last = -1
    for a in range(rows.shape[0]):
        p, i = rows[a, 0], rows[a, 1]
        if p != last:
            _functions(family, z[p], z2, w, u)
            for o in range(z2.shape[0]):
                total[o] = 0.0
                for m in range(q):
                    total[o] += u[0, o, m]
            last = p
        for b in range(rows2.shape[0]):
            o, j = rows2[b, 0], rows2[b, 1]
            if i < 0 and j < 0:
                K[a, b] = total[o]
            elif i < 0:
                K[a, b] = -2.0 * u[1, o, j] * (z[p, j] - z2[o, j]) * inv[j]
            elif j < 0:
                K[a, b] = 2.0 * u[1, o, i] * (z[p, i] - z2[o, i]) * inv[i]
            elif i == j:
                d = z[p, i] - z2[o, i]
                K[a, b] = (-2.0 * u[1, o, i] - 4.0 * u[2, o, i] * d * d) * inv[i] * inv[i]
            else:
                K[a, b] = 0.0


@njit(cache=True, error_model="numpy", nogil=True)
def slopes(
    family: int,
    z: np.ndarray,
    z2: np.ndarray,
    rows2: np.ndarray,
    theta: np.ndarray,
    G: np.ndarray,
    out: np.ndarray,
) -> None:
    """Derivatives ``out`` (n, q), in the scaled features of n points, of a number that depends on
    the covariances of their values with M rows, from its derivatives ``G`` (n, M) in these.
    """
    q = z.shape[1]
    w, inv = theta[:q], theta[q:]
    u = np.empty((4, z2.shape[0], q))
    for p in range(z.shape[0]):
        _functions(family, z[p], z2, w, u)
        for m in range(q):
            out[p, m] = 0.0
        for b in range(rows2.shape[0]):
            o, j, g = rows2[b, 0], rows2[b, 1], G[p, b]
            if j < 0:
                for m in range(q):
                    out[p, m] += 2.0 * g * u[1, o, m] * (z[p, m] - z2[o, m])
            else:
                d = z[p, j] - z2[o, j]
                out[p, j] -= g * (2.0 * u[1, o, j] + 4.0 * u[2, o, j] * d * d) * inv[j]


@njit(cache=True, error_model="numpy", nogil=True)
def by_hyperparameters(
    family: int,
    z: np.ndarray,
    rows: np.ndarray,
    theta: np.ndarray,
    W: np.ndarray,
    variances: np.ndarray,
    scales: np.ndarray,
) -> None:
    """Derivatives of a number that depends on the covariances K of N rows with themselves.

    Parameters
    ----------
    W : (N, N) its derivatives in K, symmetric; the lower triangle is read.
    variances, scales : (q,) receive the derivatives in the log variance and the log lengthscale
        of each feature.
    """
    q = z.shape[1]
    w, inv = theta[:q], theta[q:]
    u = np.empty((4, z.shape[0], q))
    variances[:] = 0.0
    scales[:] = 0.0
    last = -1
    for a in range(rows.shape[0]):
        p, i = rows[a, 0], rows[a, 1]
        if p != last:
            _functions(family, z[p], z, w, u)
            last = p
        for b in range(a + 1):
            o, j = rows[b, 0], rows[b, 1]
            g = W[a, b] if a == b else 2.0 * W[a, b]
            # each D and each inv goes as 1 / lengthscale
            if i < 0 and j < 0:
                for m in range(q):
                    d = z[p, m] - z[o, m]
                    variances[m] += g * u[0, o, m]
                    scales[m] -= 2.0 * g * u[1, o, m] * d * d
            elif i < 0 or j < 0:
                m = j if i < 0 else i
                d = z[p, m] - z[o, m]
                k = (-2.0 if i < 0 else 2.0) * g * d * inv[m]
                variances[m] += k * u[1, o, m]
                scales[m] -= 2.0 * k * (u[1, o, m] + u[2, o, m] * d * d)
            elif i == j:
                d2, k = (z[p, i] - z[o, i]) ** 2, g * inv[i] * inv[i]
                variances[i] -= k * (2.0 * u[1, o, i] + 4.0 * u[2, o, i] * d2)
                scales[i] += k * (4.0 * u[1, o, i] + 20.0 * u[2, o, i] * d2)
                scales[i] += k * 8.0 * u[3, o, i] * d2 * d2
