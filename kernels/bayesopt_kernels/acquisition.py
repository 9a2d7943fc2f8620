"""Acquisition values and their slopes in the posterior mean and variance.

Everything minimises the objective, and a bigger score is better. A score is taken over ``F``
fantasies (joint draws of the pending outcomes), which share the variance and differ in the mean
and in the incumbent: with ``s = sqrt(var)`` and ``z = (best - mean) / s``

====  =====  =============================================================================
kind  name   score
====  =====  =============================================================================
0     LogEI  log of the mean over fantasies of ``s h(z)``, ``h(z) = phi(z) + z Phi(z)``
1     EI     mean over fantasies of ``s h(z)``
2     LogPI  log of the mean over fantasies of ``Phi(z)``
3     PI     mean over fantasies of ``Phi(z)``
4     UCB    ``-(mean - beta s)``, mean over fantasies
====  =====  =============================================================================

Far below zero ``phi`` and ``z Phi`` cancel, so the tail goes through the scaled complementary
error function, in the form of its continued fraction; idea of the log form: Ament et al. 2023,
"Unexpected improvements to expected improvement" (their series and thresholds are not used).
Finite input never gives NaN: ``z`` is cut at +-1e100 and ``var`` below at ``VAR_FLOOR``.
"""

import math

import numpy as np
import numpy.typing as npt
from numba import njit

FloatArray = npt.NDArray[np.float64]

LOG_EI = 0
EI = 1
LOG_PI = 2
PI = 3
UCB = 4

# Variances of standardised outputs below this are round-off; the slopes there, about
# 1 / var^2, still have finite squares.
VAR_FLOOR = 1e-30
Z_LIMIT = 1e100  # z * z stays finite
TAIL = -3.0  # below: continued fraction; above: erfc, which loses under 2e-14 to cancellation
SQRT_HALF = math.sqrt(0.5)
LOG_SQRT_2PI = 0.5 * math.log(2.0 * math.pi)
LOG_H_0 = -LOG_SQRT_2PI  # log h(0)
MOST_LOG_H = 200.0  # a cost of 1e87 standard deviations: beyond it all are too dear


@njit(cache=True, error_model="numpy", nogil=True, inline="always")
def hazard_excess(t: float) -> float:
    """How far the normal hazard lies above its argument, ``phi(t) / Phi(-t) - t``, for t >= 3.

    The continued fraction ``1/(t + 2/(t + 3/(t + ...)))`` (Abramowitz & Stegun 26.2.14), summed
    from below with the fixed point of ``r = n / (t + r)`` for the rest. It is the scaled
    complementary error function in the form that the tails need without any cancellation:
    ``erfcx(x) = sqrt(2/pi) / (t + hazard_excess(t))`` with ``t = x sqrt(2)``.
    """
    depth = int(5.0 + 400.0 / (t * t))
    ratio = 2.0 * (depth + 1) / (t + math.sqrt(t * t + 4.0 * (depth + 1)))
    for n in range(depth, 0, -1):
        ratio = n / (t + ratio)
    return ratio


@njit(cache=True, error_model="numpy", nogil=True, inline="always")
def log_term(kind: int, z: float) -> tuple[float, float, float]:
    """Log of ``h(z)`` (kinds 0, 1) or ``Phi(z)`` (kinds 2, 3), its slope, and one thing more.

    The third value is the slope in ``log s`` of ``log(s h)`` or ``log Phi`` with ``z = gap / s``:
    ``1 - z Phi/h = phi/h``, which would cancel if the caller made it, or ``-z phi/Phi``.
    NaN fails every comparison here and comes out again.
    """
    z = Z_LIMIT if z > Z_LIMIT else (-Z_LIMIT if z < -Z_LIMIT else z)
    log_phi = -0.5 * z * z - LOG_SQRT_2PI
    if z < TAIL:
        # With e the excess: Phi / phi = 1 / (e - z) and h / phi = e / (e - z).
        excess = hazard_excess(-z)
        hazard = excess - z
        if kind <= EI:
            return log_phi + math.log(excess / hazard), 1.0 / excess, hazard / excess
        return log_phi - math.log(hazard), hazard, -z * hazard
    density = math.exp(log_phi)
    mass = 0.5 * math.erfc(-z * SQRT_HALF)
    if kind <= EI:
        h = density + z * mass
        return math.log(h), mass / h, density / h
    slope = density / mass
    log_mass = math.log(mass) if z < 0.0 else math.log1p(-0.5 * math.erfc(z * SQRT_HALF))
    return log_mass, slope, -z * slope


@njit(cache=True, error_model="numpy", nogil=True)
def log_h(z: float) -> float:
    """Log of the standardised expected improvement, ``log(phi(z) + z Phi(z))``."""
    value: float = log_term(np.int64(LOG_EI), z)[0]
    return value


@njit(cache=True, error_model="numpy", nogil=True)
def log_h_slope(z: float) -> float:
    """Derivative of `log_h`, ``Phi(z) / (phi(z) + z Phi(z))``."""
    value: float = log_term(np.int64(LOG_EI), z)[1]
    return value


@njit(cache=True, error_model="numpy", nogil=True)
def score_slopes(
    kind: int,
    mean: FloatArray,
    var: FloatArray,
    best: FloatArray,
    beta: float,
    out: FloatArray,
    d_mean: FloatArray,
    d_var: FloatArray,
) -> None:
    """Write the scores of ``B`` points and their slopes.

    Parameters
    ----------
    kind : int
        Which acquisition, see the table of the module.
    mean : (B, F) array
        Posterior mean of each point under each fantasy.
    var : (B,) array
        Posterior variance of the latent function, >= 0.
    best : (F,) array
        Incumbent value under each fantasy (unused by UCB).
    beta : float
        Weight of the standard deviation (UCB only).
    out : (B,) array
        Overwritten with the scores.
    d_mean : (B, F) array
        Overwritten with the derivative of ``out[b]`` in ``mean[b, f]``.
    d_var : (B,) array
        Overwritten with the derivative of ``out[b]`` in ``var[b]``; 0 below the floor.
    """
    n_points, n_fantasies = mean.shape
    for b in range(n_points):
        v = VAR_FLOOR if var[b] < VAR_FLOOR else var[b]
        s = math.sqrt(v)
        by_log_s = 0.0
        total = 0.0
        if kind == UCB:
            for f in range(n_fantasies):
                total += mean[b, f]
                d_mean[b, f] = -1.0 / n_fantasies
            by_log_s = beta * s
            out[b] = by_log_s - total / n_fantasies
        else:
            # Sums of exp(value - top) in one pass: all is scaled anew whenever the top rises.
            top = -math.inf
            for f in range(n_fantasies):
                value, slope, spread = log_term(kind, (best[f] - mean[b, f]) / s)
                if kind <= EI:
                    value += math.log(s)
                if value > top:
                    shrink = math.exp(top - value)
                    total *= shrink
                    by_log_s *= shrink
                    for g in range(f):
                        d_mean[b, g] *= shrink
                    top = value
                weight = math.exp(value - top)
                total += weight
                by_log_s += weight * spread
                d_mean[b, f] = -weight * slope / s
            if kind % 2 == 0:  # a logarithm
                out[b] = top + math.log(total / n_fantasies)
                scale = 1.0 / total
            else:
                scale = math.exp(top) / n_fantasies
                out[b] = scale * total
            for f in range(n_fantasies):
                d_mean[b, f] *= scale
            by_log_s *= scale
        d_var[b] = 0.0 if var[b] < VAR_FLOOR else 0.5 * by_log_s / v


@njit(cache=True, error_model="numpy", nogil=True)
def log_feasible_slopes(
    mean: FloatArray, var: FloatArray, out: FloatArray, d_mean: FloatArray, d_var: FloatArray
) -> None:
    """Write the log probability that a constraint holds (is <= 0), and its slopes.

    The mean is over fantasies, ``log mean_f Phi(-mean[b, f] / sqrt(var[b]))``; arguments as in
    `score_slopes`.
    """
    score_slopes(np.int64(LOG_PI), mean, var, np.zeros(mean.shape[1]), 0.0, out, d_mean, d_var)


@njit(cache=True, error_model="numpy", nogil=True, inline="always")
def inverse_log_h(r: float) -> float:
    """The z of ``log h(z) = r``: Newton's steps on a concave function from below its root.

    Where ``z > 0``, ``h(z) < z + phi(0)``; where ``z < -0.9``, ``h(z) < phi(z) / z^2``: so both
    starts are below the root, and all steps go up to it.
    """
    r = min(r, MOST_LOG_H)
    z = max(0.0, math.exp(r) - 0.4) if r > LOG_H_0 else -math.sqrt(-2.0 * r)
    step = 1.0
    while step > 1e-12 * (1.0 + abs(z)):  # also ends with NaN
        value, slope, _spread = log_term(np.int64(LOG_EI), z)
        step = (r - value) / slope
        z += max(step, 0.0)
    return z


@njit(cache=True, error_model="numpy", nogil=True)
def gittins_slopes(
    mean: FloatArray,
    var: FloatArray,
    log_cost: FloatArray,
    out: FloatArray,
    d_mean: FloatArray,
    d_var: FloatArray,
    d_cost: FloatArray,
) -> None:
    """Write minus the Pandora's-box Gittins indices of ``B`` points, and their slopes.

    The index is the g at which the expected improvement over g is the cost, ``s h((g - mean) / s)
    = exp(log_cost)`` (Weitzman 1979); its mean over fantasies.

    Parameters
    ----------
    mean, var, out, d_mean, d_var
        As in `score_slopes`.
    log_cost : (B,) array
        Log of each point's cost, in units of the objective.
    d_cost : (B,) array
        Overwritten with the derivative of ``out[b]`` in ``log_cost[b]``.
    """
    n_points, n_fantasies = mean.shape
    for b in range(n_points):
        s = math.sqrt(max(var[b], VAR_FLOOR))
        z = inverse_log_h(log_cost[b] - math.log(s))
        _value, slope, spread = log_term(np.int64(LOG_EI), z)
        total = 0.0
        for f in range(n_fantasies):
            total += mean[b, f]
            d_mean[b, f] = -1.0 / n_fantasies
        out[b] = -(total / n_fantasies + s * z)
        d_cost[b] = -s / slope
        d_var[b] = 0.0 if var[b] < VAR_FLOOR else 0.5 * spread / (slope * s)
