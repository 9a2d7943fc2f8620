"""Covariances over mixed points: values, slopes and what the evidence's gradient needs of them.

Notation
--------
``z`` scaled features (a numeric coordinate divided by its lengthscale), ``codes`` category codes,
``c`` category weights, ``s2`` outputscale, ``r2`` squared scaled distance::

    k(x, x') = s2 * radial(r2) * exp(-sum_h c_h [codes_h != codes'_h])      r2 = |z - z'|^2

``radial`` is one of Matern-1/2, -3/2, -5/2 and the squared exponential (Rasmussen & Williams 2006,
eq. 4.9 and 4.14-4.17, unit lengthscale); the categorical factor is the heat kernel of a complete
graph, written by its value ``exp(-c_h)`` for two unequal labels. Slopes are ``d k / d r2``: finite
everywhere but for Matern-1/2 at r = 0, where the slope is set to 0.

Points come transposed, features first, so that the inner loops run over points: they then
vectorise without reordering any sum, and the result does not depend on the machine's vector width.

What a kernel of the same file calls is inlined before typing, ``inline="always"``: else it is
compiled twice, by itself and inside, which is a fifth of the wait on an empty cache.
"""

from __future__ import annotations

import numpy as np
from numba import njit

MATERN12, MATERN32, MATERN52, RBF = 0, 1, 2, 3

_LOG2E = 1.4426950408889634
_LN2_HI = 6.93147180369123816490e-01  # Cody & Waite 1980: ln 2 in two parts
_LN2_LO = 1.90821492927058770002e-10
_MAGIC = 6755399441055744.0  # 1.5 * 2**52: adding it leaves round(x) in the low bits
_EXP_MIN = -708.0


@njit(cache=True, error_model="numpy", nogil=True, inline="always")
def exp_nonpositive(x: np.ndarray, work: np.ndarray) -> None:
    """Replace each ``x`` (m,), all <= 0, by exp(x); below -708 by 0. ``work`` (m,) is overwritten.

    A polynomial on the reduced argument that the compiler can vectorise (libm's exp is a call per
    number); within 2 ulp.
    """
    m = x.shape[0]
    bits = work.view(np.int64)
    for j in range(m):
        t = x[j]
        t = t if t > _EXP_MIN else _EXP_MIN
        shifted = t * _LOG2E + _MAGIC
        k = shifted - _MAGIC
        r = (t - k * _LN2_HI) - k * _LN2_LO
        p = 1.6059043836821613e-10  # Taylor coefficients 1/13!, ..., 1/2!
        p = p * r + 2.08767569878681e-09
        p = p * r + 2.505210838544172e-08
        p = p * r + 2.755731922398589e-07
        p = p * r + 2.7557319223985893e-06
        p = p * r + 2.48015873015873e-05
        p = p * r + 1.984126984126984e-04
        p = p * r + 1.388888888888889e-03
        p = p * r + 8.333333333333333e-03
        p = p * r + 4.1666666666666664e-02
        p = p * r + 1.6666666666666666e-01
        p = p * r + 0.5
        work[j] = shifted
        x[j] = p * r * r + r + 1.0 if x[j] > _EXP_MIN else 0.0
    out = x.view(np.int64)
    for j in range(m):
        if x[j] > 0.0:
            out[j] += bits[j] << 52


@njit(cache=True, error_model="numpy", nogil=True, inline="always")
def radial(family: int, k: np.ndarray, d: np.ndarray, work: np.ndarray) -> None:
    """Turn squared distances ``k`` (m,) into covariances; ``d`` (m,) receives d k / d r2."""
    m = k.shape[0]
    if family == 3:  # RBF
        for j in range(m):
            k[j] *= -0.5
    else:
        nu2 = 5.0 if family == 2 else (3.0 if family == 1 else 1.0)
        for j in range(m):
            d[j] = -np.sqrt(nu2 * k[j])
            k[j] = d[j]
    exp_nonpositive(k, work)
    if family == 2:
        for j in range(m):
            t, e = d[j], k[j]
            k[j] = (1.0 - t + t * t / 3.0) * e
            d[j] = -(5.0 / 6.0) * (1.0 - t) * e
    elif family == 1:
        for j in range(m):
            t, e = d[j], k[j]
            k[j] = (1.0 - t) * e
            d[j] = -1.5 * e
    elif family == 0:
        for j in range(m):
            d[j] = 0.5 * k[j] / d[j] if d[j] < 0.0 else 0.0
    else:
        for j in range(m):
            d[j] = -0.5 * k[j]


@njit(cache=True, error_model="numpy", nogil=True)
def cross(
    family: int,
    z: np.ndarray,
    codes: np.ndarray,
    zt: np.ndarray,
    codes_t: np.ndarray,
    c: np.ndarray,
    s2: float,
    lower: int,
    K: np.ndarray,
    D: np.ndarray,
) -> None:
    """Covariances ``K`` (B, n) and slopes ``D`` (B, n) between B points and n points.

    Parameters
    ----------
    z, codes : features (B, q) and codes (B, h): points first.
    zt, codes_t : features (q, n) and codes (h, n): points last.
    lower : 1 when both are the same points: then only the lower triangles are written, with
        ``s2`` in ``K``'s diagonal and 0 in ``D``'s. Else 0.
    """
    work = np.empty(zt.shape[1])
    for b in range(z.shape[0]):
        m = b if lower else zt.shape[1]
        k, d = K[b, :m], D[b, :m]
        for j in range(m):
            k[j] = 0.0
        for f in range(zt.shape[0]):
            zf = z[b, f]
            for j in range(m):
                u = zf - zt[f, j]
                k[j] += u * u
        radial(family, k, d, work[:m])
        for h in range(codes_t.shape[0]):
            unequal = np.exp(-c[h])
            code = codes[b, h]
            for j in range(m):
                factor = 1.0 if codes_t[h, j] == code else unequal
                k[j] *= factor
                d[j] *= factor
        for j in range(m):
            k[j] *= s2
            d[j] *= s2
        if lower:
            K[b, b] = s2
            D[b, b] = 0.0


@njit(cache=True, error_model="numpy", nogil=True)
def evidence_weights(
    inverse: np.ndarray,
    alpha: np.ndarray,
    K: np.ndarray,
    D: np.ndarray,
    codes_t: np.ndarray,
    W: np.ndarray,
    totals: np.ndarray,
) -> None:
    """What the gradient of the negative log evidence needs, in one pass over the lower triangle.

    With ``A = inverse - alpha alpha^T`` (Rasmussen & Williams 2006, eq. 5.9), ``W`` (n, n) becomes
    the symmetric matrix ``A * D`` and ``totals`` (2 + h,) receives ``sum A * K``, ``tr A`` and,
    for each category h, the sum of ``A * K`` over the pairs whose labels differ.

    Parameters
    ----------
    inverse : (n, n), of which the lower triangle is read.
    alpha : (n,), the inverse times the observations.
    K, D : (n, n), noise-free covariances and slopes, lower triangles.
    """
    n = alpha.shape[0]
    h = codes_t.shape[0]
    for t in range(2 + h):
        totals[t] = 0.0
    row = np.empty(n)
    for i in range(n):
        ai = alpha[i]
        for j in range(i):
            a = inverse[i, j] - ai * alpha[j]
            row[j] = 2.0 * a * K[i, j]
            W[i, j] = a * D[i, j]
        for j in range(i):
            W[j, i] = W[i, j]
        W[i, i] = 0.0
        a = inverse[i, i] - ai * ai
        totals[1] += a
        totals[0] += a * K[i, i]
        for j in range(i):
            totals[0] += row[j]
        for t in range(h):
            code = codes_t[t, i]
            unequal = 0.0
            for j in range(i):
                unequal += row[j] if codes_t[t, j] != code else 0.0
            totals[2 + t] += unequal
