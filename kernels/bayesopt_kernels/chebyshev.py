"""Log of the expected improvement of the augmented Chebyshev scalarisation, and its slopes.

Everything is minimised. Outputs ``Y_j ~ N(mean_j, sd_j^2)``, independent, are made one by

    G = max_j w_j (Y_j - origin_j) + rho sum_k w_k (Y_k - origin_k)

(Knowles 2006, ParEGO, with rho = 0.05). In the sum, which only breaks ties, the outputs other than
the j-th are replaced by their means, which makes the result about a tenth too low. Then G is at
most t with probability ``prod_j Phi((t - a_j) / b_j)``, where ``a_j = w_j (mean_j - origin_j) +
rho sum_k w_k (mean_k - origin_k)`` and ``b_j = (1 + rho) w_j sd_j``, so that

    E (best - G)+ = integral over t up to best of prod_j Phi((t - a_j) / b_j).

The integrand grows and its log is concave: it lies below its tangent at the upper end, which
says where it can be cut off. Gauss-Legendre between there, the steps of the factors, and the upper
end; relative to the integrand at the upper end, so that nothing underflows.
"""

import math

import numpy as np
import numpy.typing as npt
from numba import njit

FloatArray = npt.NDArray[np.float64]

SD_FLOOR = 1e-15  # standard deviations of standardised outputs below this are round-off
Z_LIMIT = 1e100  # z * z stays finite
TAIL = -4.0  # below: continued fraction; above: erfc
CUT = 40.0  # the integrand is left out where it is exp(-40) of that at the upper end
NODES, WEIGHTS = np.polynomial.legendre.leggauss(10)
SQRT_HALF = math.sqrt(0.5)
LOG_SQRT_2PI = 0.5 * math.log(2.0 * math.pi)


@njit(cache=True, error_model="numpy", nogil=True, inline="always")
def _hazard_excess(t: float) -> float:
    """``phi(t) / Phi(-t) - t`` for t >= 4: see ``hazard_excess`` of the acquisition kernels."""
    depth = int(5.0 + 400.0 / (t * t))
    ratio = 2.0 * (depth + 1) / (t + math.sqrt(t * t + 4.0 * (depth + 1)))
    for n in range(depth, 0, -1):
        ratio = n / (t + ratio)
    return ratio


@njit(cache=True, error_model="numpy", nogil=True)
def _log_cdf(z: float) -> tuple[float, float]:
    """``log Phi(z)``, plus ``z z / 2`` below TAIL, and its slope ``phi / Phi``."""
    if z < TAIL:
        hazard = _hazard_excess(-z) - z
        return -math.log(hazard) - LOG_SQRT_2PI, hazard
    mass = 0.5 * math.erfc(-z * SQRT_HALF)
    log_mass = math.log(mass) if z < 0.0 else math.log1p(-0.5 * math.erfc(z * SQRT_HALF))
    return log_mass, math.exp(-0.5 * z * z - LOG_SQRT_2PI) / mass


@njit(cache=True, error_model="numpy", nogil=True)
def _breaks(top: FloatArray, scale: FloatArray, logs: FloatArray, breaks: FloatArray) -> int:
    """Write the ends of the intervals of integration, as distances below the upper end; their
    number.

    ``top`` (m,) are the arguments of Phi at the upper end, ``scale`` (m,) the b_j; ``logs`` (m,)
    is overwritten with the first numbers of `_log_cdf` there.
    """
    m = len(top)
    height, slope = 0.0, 0.0
    for j in range(m):
        logs[j], hazard = _log_cdf(top[j])
        height += logs[j] - 0.5 * top[j] * top[j] if top[j] < TAIL else logs[j]
        slope += hazard / scale[j]
    # where the tangent, or one of the factors (Phi(-z) <= exp(-z z / 2)), is low enough
    reach = CUT / slope
    if height > -CUT:
        for j in range(m):
            reach = min(reach, scale[j] * (top[j] + math.sqrt(2.0 * (CUT - height))))
    breaks[0], breaks[1] = 0.0, reach
    size = 2
    for part in (0.125, 0.25, 0.5):
        if part * CUT / slope < reach:
            breaks[size] = part * CUT / slope
            size += 1
    for j in range(m):
        for z in (-6.0, -3.0, 0.0, 3.0, 8.0):
            distance = scale[j] * (top[j] - z)
            if 0.0 < distance < reach:
                breaks[size] = distance
                size += 1
    breaks[:size].sort()
    return size


@njit(cache=True, error_model="numpy", nogil=True)
def _log_ratio(top: float, log_top: float, width: float, log_low: float) -> float:
    """``log Phi(top - width) - log Phi(top)`` from what `_log_cdf` gives of both."""
    ratio = log_low - log_top
    if top < TAIL:
        return ratio + width * (top - 0.5 * width)
    if top - width < TAIL:
        return ratio - 0.5 * (top - width) * (top - width)
    return ratio


@njit(cache=True, error_model="numpy", nogil=True)
def _integrate(
    top: FloatArray, scale: FloatArray, breaks: FloatArray, by_mean: FloatArray, by_sd: FloatArray
) -> float:
    """Log of the integral, and integrals of the slopes of the factors over it: of ``phi / Phi``
    and of ``z phi / Phi``, both (m,), overwritten.
    """
    m = len(top)
    z, hazards, logs = np.empty(m), np.empty(m), np.empty(m)
    size = _breaks(top, scale, logs, breaks)
    by_mean[:] = 0.0
    by_sd[:] = 0.0
    total = 0.0
    for i in range(size - 1):
        half = 0.5 * (breaks[i + 1] - breaks[i])
        for k in range(len(NODES)):
            distance = breaks[i] + half * (1.0 + NODES[k])
            log_value = 0.0
            for j in range(m):
                width = distance / scale[j]
                z[j] = top[j] - width
                log_low, hazards[j] = _log_cdf(z[j])
                log_value += _log_ratio(top[j], logs[j], width, log_low)
            share = half * WEIGHTS[k] * math.exp(log_value)
            total += share
            for j in range(m):
                by_mean[j] += share * hazards[j]
                by_sd[j] += share * hazards[j] * z[j]
    by_mean /= total
    by_sd /= total
    log_total: float = math.log(total)
    for j in range(m):
        log_total += logs[j] - 0.5 * top[j] * top[j] if top[j] < TAIL else logs[j]
    return log_total


@njit(cache=True, error_model="numpy", nogil=True)
def log_improvement_slopes(
    mean: FloatArray,
    sd: FloatArray,
    origin: FloatArray,
    weights: FloatArray,
    best: float,
    rho: float,
    out: FloatArray,
    d_mean: FloatArray,
    d_sd: FloatArray,
) -> None:
    """Write the log expected improvement of the scalarisation at ``B`` points, and its slopes.

    Parameters
    ----------
    mean, sd : (B, m)
        Posterior mean and standard deviation (>= 0) of each output at each point.
    origin, weights : (m,)
        Of the scalarisation; weights > 0.
    best : float
        The scalarised value to improve on.
    rho : float
        Weight of the augmentation.
    out : (B,)
        Overwritten with the scores.
    d_mean, d_sd : (B, m)
        Overwritten with the slopes; the latter 0 below SD_FLOOR.
    """
    n_points, m = mean.shape
    scale, top, breaks = np.empty(m), np.empty(m), np.empty(5 + 5 * m)
    for b in range(n_points):
        limit = best
        for j in range(m):
            scale[j] = (1.0 + rho) * weights[j] * (SD_FLOOR if sd[b, j] < SD_FLOOR else sd[b, j])
            limit -= rho * weights[j] * (mean[b, j] - origin[j])
        for j in range(m):
            z = (limit - weights[j] * (mean[b, j] - origin[j])) / scale[j]
            top[j] = Z_LIMIT if z > Z_LIMIT else (-Z_LIMIT if z < -Z_LIMIT else z)
        out[b] = _integrate(top, scale, breaks, d_mean[b], d_sd[b])
        by_sum = 0.0  # the slope in the sum of the augmentation
        for j in range(m):
            by_sum += rho * d_mean[b, j] / scale[j]
        for j in range(m):
            by_mean, by_sd = d_mean[b, j] / scale[j], d_sd[b, j] / scale[j]
            d_mean[b, j] = -weights[j] * (by_mean + by_sum)
            d_sd[b, j] = 0.0 if sd[b, j] < SD_FLOOR else -(1.0 + rho) * weights[j] * by_sd
