"""Log of the expected hypervolume improvement and its slopes, exact, for independent normals.

Everything is minimised. For disjoint boxes that fill what a front leaves free below a reference
point and independent ``Y_j ~ N(mean_j, sd_j^2)``

    EHVI = sum over boxes of prod_j D_j(box),    D_j = E (u_j - Y_j)+ - E (l_j - Y_j)+

because the volume of the part of a box that Y dominates is a product of such lengths (compare Yang
et al. 2019, who sum 2^m terms a box). With ``z = (t - mean) / sd`` and ``h = phi + z Phi``

    D = sd (h(z_u) - h(z_l)),    dD/dmean = -(Phi_u - Phi_l),    dD/dsd = phi_u - phi_l

All three differences cancel: for a short side they are summed as their Taylor series about
``z_u``, above zero they are taken from what is missing to ``z``, and far below zero all numbers
are kept relative to ``phi(z_u)``. Boxes share sides: each pair of levels is looked at once, and
the boxes are products of what was found. When the relative sum leaves the range of floats it is
done again in logarithms, so that the result is finite wherever the input is: ``z`` is cut at
+-1e100, sd below at SD_FLOOR. NaN gives NaN.
"""

import math

import numpy as np
import numpy.typing as npt
from numba import njit

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

SD_FLOOR = 1e-15  # standard deviations of standardised outputs below this are round-off
Z_LIMIT = 1e100  # z * z stays finite
TAIL = -4.0  # below: continued fraction; above: erfc, which loses under 1e-13 to cancellation
NARROW = 0.2  # (z_u - z_l) max(1, |z_u|) below which the series is used
TERMS = 16  # of the series: the rest is below 1e-16 at NARROW
INVERSE = tuple([0.0] + [1.0 / k for k in range(1, TERMS + 2)])
LEAST = 1e-200  # relative sums below this may have lost digits to underflow
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
def _level(z: float, at: FloatArray, i: int) -> None:
    """Write of level i: z, a log scale, and ``phi, Phi, h`` at ``-|z|`` over that scale.

    The scale is 1 above TAIL and ``phi(z)`` below.
    """
    t = abs(z)
    at[i, 0], at[i, 1] = z, 0.0
    if not t > -TAIL:  # NaN too
        density = math.exp(-0.5 * t * t - LOG_SQRT_2PI)
        mass = 0.5 * math.erfc(t * SQRT_HALF)
        at[i, 2], at[i, 3], at[i, 4] = density, mass, density - t * mass
        return
    excess = _hazard_excess(t)
    log_density = -0.5 * t * t - LOG_SQRT_2PI
    density = 1.0
    if z > 0.0:
        density = math.exp(log_density)
    else:
        at[i, 1] = log_density
    mass = density / (t + excess)
    at[i, 2], at[i, 3], at[i, 4] = density, mass, mass * excess


@njit(cache=True, error_model="numpy", nogil=True)
def _narrow_side(
    width: float, z: float, density: float, mass: float
) -> tuple[float, float, float]:
    """What `_side` writes, for a short side: the Taylor series about the upper level.

    Its terms ``w^k He_k(z) / k!`` by the recurrence of the Hermite polynomials.
    """
    step, square, size = width * z, width * width, width * (1.0 + abs(z))
    last, term = 0.0, 1.0
    gain, between, rise, bound = 0.5, 1.0, 0.0, 1.0
    for k in range(1, TERMS):
        last, term = term, (step * term - square * last) * INVERSE[k]
        part = term * INVERSE[k + 1]
        rise += term
        between += part
        gain += part * INVERSE[k + 2]
        bound *= size
        if bound < 1e-17:
            break
    below = mass if z <= 0.0 else 1.0 - mass
    return width * (below - width * density * gain), width * density * between, -density * rise


@njit(cache=True, error_model="numpy", nogil=True)
def _side(at: FloatArray, low: int, high: int, width: float, sides: FloatArray, p: int) -> None:
    """Write ``h_u - h_l, Phi_u - Phi_l, phi_u - phi_l`` over the scale of the upper level.

    ``low`` and ``high`` are the rows that `_level` has written; ``width`` is ``z_u - z_l``.
    """
    z, density, mass, gain = at[high, 0], at[high, 2], at[high, 3], at[high, 4]
    if width * max(1.0, abs(z)) < NARROW:
        sides[p, 0], sides[p, 1], sides[p, 2] = _narrow_side(width, z, density, mass)
        return
    # the lower level's numbers over the scale of the upper one
    ratio = 1.0
    if at[high, 1] < 0.0:
        ratio = math.exp(-width * (0.5 * width - z))
    elif at[low, 1] < 0.0:
        ratio = math.exp(at[low, 1])
    low_mass, low_gain = ratio * at[low, 3], ratio * at[low, 4]
    sides[p, 2] = density - ratio * at[low, 2]
    if at[low, 0] >= 0.0:
        sides[p, 0], sides[p, 1] = width - (low_gain - gain), low_mass - mass
    elif z > 0.0:
        sides[p, 0], sides[p, 1] = z + (gain - low_gain), 1.0 - (mass + low_mass)
    else:
        sides[p, 0], sides[p, 1] = gain - low_gain, mass - low_mass


@njit(cache=True, error_model="numpy", nogil=True)
def _sides(
    mean: FloatArray,
    sd: FloatArray,
    levels: FloatArray,
    pairs: IntArray,
    at: FloatArray,
    sides: FloatArray,
) -> None:
    """Write of each objective's levels what `_level` gives, and of each side what `_side` gives,
    with the log scale as the fourth number. A side that begins at -inf is ``h_u, Phi_u, phi_u``.
    """
    n_levels = levels.shape[1]
    for j in range(len(mean)):
        for i in range(1, n_levels):
            z = (levels[j, i] - mean[j]) / sd[j]
            z = Z_LIMIT if z > Z_LIMIT else (-Z_LIMIT if z < -Z_LIMIT else z)
            _level(z, at, j * n_levels + i)
    for p in range(len(pairs)):
        j, low = pairs[p, 0], pairs[p, 1]
        high = j * n_levels + pairs[p, 2]
        sides[p, 3] = at[high, 1]
        if low > 0:
            width = (levels[j, pairs[p, 2]] - levels[j, low]) / sd[j]
            width = 2.0 * Z_LIMIT if width > 2.0 * Z_LIMIT else width
            _side(at, j * n_levels + low, high, width, sides, p)
        elif at[high, 0] > 0.0:
            sides[p, 0], sides[p, 1] = at[high, 0] + at[high, 4], 1.0 - at[high, 3]
            sides[p, 2] = at[high, 2]
        else:
            sides[p, 0], sides[p, 1], sides[p, 2] = at[high, 4], at[high, 3], at[high, 2]


@njit(cache=True, error_model="numpy", nogil=True)
def _sum_of_products(lengths: FloatArray, boxes: IntArray, weights: FloatArray) -> float:
    """Sum over boxes of the product of their sides' lengths, and for each side the derivative of
    the sum, written to ``weights``.
    """
    n_boxes, m = boxes.shape
    weights[:] = 0.0
    total = 0.0
    for b in range(n_boxes):
        before = 1.0
        for j in range(m):
            others = before
            for k in range(j + 1, m):
                others *= lengths[boxes[b, k]]
            weights[boxes[b, j]] += others
            before *= lengths[boxes[b, j]]
        total += before
    return total


@njit(cache=True, error_model="numpy", nogil=True)
def _log_sum_of_products(logs: FloatArray, boxes: IntArray, weights: FloatArray) -> float:
    """Log of that sum from the logs of the lengths, and for each side the share of the sum that
    has it for a factor, written to ``weights``.
    """
    n_boxes, m = boxes.shape
    weights[:] = 0.0
    top, total = -math.inf, 0.0
    for b in range(n_boxes):
        product = 0.0
        for j in range(m):
            product += logs[boxes[b, j]]
        if product == -math.inf:
            continue
        if not product <= top:
            shrink = math.exp(top - product)
            total *= shrink
            weights *= shrink
            top = product
        share = math.exp(product - top)
        total += share
        for j in range(m):
            weights[boxes[b, j]] += share
    if total == 0.0:
        return -math.inf
    weights /= total
    return top + math.log(total)


@njit(cache=True, error_model="numpy", nogil=True)
def _log_sum(
    sd: FloatArray,
    levels: FloatArray,
    pairs: IntArray,
    boxes: IntArray,
    at: FloatArray,
    sides: FloatArray,
    lengths: FloatArray,
    weights: FloatArray,
) -> float:
    """Log of the sum over boxes from what `_sides` has written, and the sides' shares in it,
    written to ``weights``. ``lengths`` is overwritten.

    Each length is taken relative to the density at its objective's reference point; logarithms
    are used where that is not enough.
    """
    n_sides, last = len(pairs), levels.shape[1] - 1
    log_scale = 0.0
    for j in range(len(sd)):
        log_scale += at[(j + 1) * last + j, 1]
    for p in range(n_sides):
        j, log_ratio = pairs[p, 0], sides[p, 3]
        top = (j + 1) * last + j
        if at[top, 1] < 0.0:
            width = (levels[j, last] - levels[j, pairs[p, 2]]) / sd[j]
            log_ratio = -width * (0.5 * width - at[top, 0])
        lengths[p] = sides[p, 0] if log_ratio == 0.0 else sides[p, 0] * math.exp(log_ratio)
    total = _sum_of_products(lengths, boxes, weights)
    if LEAST < total < math.inf:
        for p in range(n_sides):
            weights[p] *= lengths[p] / total
        return log_scale + math.log(total)
    for p in range(n_sides):
        lengths[p] = math.log(sides[p, 0]) + sides[p, 3]
    log_sum: float = _log_sum_of_products(lengths, boxes, weights)
    return log_sum


@njit(cache=True, error_model="numpy", nogil=True)
def log_ehvi_slopes(
    mean: FloatArray,
    sd: FloatArray,
    levels: FloatArray,
    pairs: IntArray,
    boxes: IntArray,
    out: FloatArray,
    d_mean: FloatArray,
    d_sd: FloatArray,
) -> None:
    """Write the log of the expected hypervolume improvement of ``B`` points, and its slopes.

    Parameters
    ----------
    mean, sd : (B, m)
        Posterior mean and standard deviation (>= 0) of each output at each point.
    levels : (m, L)
        Coordinates of the boxes' sides in ascending order, the first -inf, the last that of the
        reference point.
    pairs : (T, 3)
        The sides: an objective, and the indices of the lower and the higher level, which differ.
    boxes : (K, m)
        For each box its side in each objective, an index into ``pairs``.
    out : (B,)
        Overwritten with the scores.
    d_mean, d_sd : (B, m)
        Overwritten with the slopes; the latter 0 below SD_FLOOR.
    """
    n_points, m = mean.shape
    n_levels, n_sides = levels.shape[1], len(pairs)
    at = np.empty((m * n_levels, 5))
    sides, weights = np.empty((n_sides, 4)), np.empty(n_sides)
    lengths, s = np.empty(n_sides), np.empty(m)
    for b in range(n_points):
        log_scale = 0.0
        for j in range(m):
            s[j] = SD_FLOOR if sd[b, j] < SD_FLOOR else sd[b, j]
            log_scale += math.log(s[j])
        _sides(mean[b], s, levels, pairs, at, sides)
        out[b] = log_scale + _log_sum(s, levels, pairs, boxes, at, sides, lengths, weights)
        d_mean[b] = 0.0
        d_sd[b] = 0.0
        for p in range(n_sides):
            if weights[p] != 0.0:
                j = pairs[p, 0]
                d_mean[b, j] -= weights[p] * sides[p, 1] / (sides[p, 0] * s[j])
                if sd[b, j] >= SD_FLOOR:
                    d_sd[b, j] += weights[p] * sides[p, 2] / (sides[p, 0] * s[j])
