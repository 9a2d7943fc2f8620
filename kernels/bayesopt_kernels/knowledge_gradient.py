"""The knowledge gradient: by how much one more evaluation is expected to lower the least mean.

An evaluation moves the posterior means of some points along lines ``a_i + b_i z``, with ``z``
standard normal. What it is worth is ``min_i a_i - E[min_i (a_i + b_i z)]``, of which the
expectation is exact: only the lines of the lower envelope count, each between two breakpoints
(Frazier, Powell & Dayanik 2009, "The knowledge-gradient policy for correlated normal beliefs",
algorithms 1 and 2). Between lines of neighbouring slopes that cross at ``c`` it is ``(b - b')
h(-|c|)``, ``h(z) = phi(z) + z Phi(z)``: all terms are positive, and none cancel.
"""

import math

import numpy as np
import numpy.typing as npt
from numba import njit

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

FARTHEST = 8.0  # standard deviations: lines that are the least beyond them only are left out
NOTHING = 40.0  # standard deviations: from there on h is 0
SQRT_HALF = math.sqrt(0.5)
SQRT_2PI = math.sqrt(2.0 * math.pi)


@njit(cache=True, error_model="numpy", nogil=True)
def envelope(
    a: FloatArray, b: FloatArray, order: IntArray, lines: IntArray, breaks: FloatArray
) -> int:
    """Write the lines of the lower envelope of ``a + b z``, from z = -inf to inf, and how many.

    Parameters
    ----------
    a, b : (n,) intercepts and slopes.
    order : (m,) the lines that count, by falling slope: the first is the least at z = -inf.
    lines : (n,) takes the indices of the envelope's lines.
    breaks : (n + 1,) takes the z at which each begins; after the last one, inf.
    """
    count = 0
    for i in order:
        begins = -np.inf
        while count > 0:
            last = lines[count - 1]
            if b[last] == b[i]:
                if a[last] <= a[i]:
                    begins = np.inf
                    break
                count -= 1
                begins = -np.inf
                continue
            begins = (a[i] - a[last]) / (b[last] - b[i])
            if begins > breaks[count - 1]:
                break
            count -= 1
            begins = -np.inf
        if begins < np.inf:
            lines[count], breaks[count] = i, begins
            count += 1
    breaks[count] = np.inf
    return count


@njit(cache=True, error_model="numpy", nogil=True)
def lines_that_count(
    a: FloatArray, b: FloatArray, least: IntArray, counts: BoolArray, found: IntArray
) -> int:
    """Write the lines that may be the least within FARTHEST, of each of F sets of intercepts and
    of any, and how many the latter are.

    Parameters
    ----------
    a, b : (F, n) intercepts and (n,) slopes.
    least : (F,) takes the line of the least intercept.
    counts : (F, n) takes whether a line counts.
    found : (n,) takes the lines that do in any set.
    """
    m = 0
    for f in range(len(a)):
        least[f] = np.argmin(a[f])
    for i in range(len(b)):
        any_set = False
        for f in range(len(a)):
            at = least[f]
            # at FARTHEST the least of all lines is at most that of the least intercept
            counts[f, i] = i == at or a[f, i] - a[f, at] < FARTHEST * abs(b[i] - b[at])
            any_set = any_set or counts[f, i]
        if any_set:
            found[m] = i
            m += 1
    return m


@njit(cache=True, error_model="numpy", nogil=True)
def knowledge_gradient(
    known: FloatArray,
    moved: FloatArray,
    mean: FloatArray,
    own: FloatArray,
    out: FloatArray,
    d_moved: FloatArray,
    d_mean: FloatArray,
    d_own: FloatArray,
) -> None:
    """Write what evaluating each of B points is worth on average over F fantasies, and its slopes.

    The fantasies differ in their means alone, so that the lines are sorted once.

    Parameters
    ----------
    known : (F, n) posterior means of the points that may be the best.
    moved : (B, n) by how much an evaluation one standard deviation above its mean moves these.
    mean : (B, F) the means of the point itself.
    own : (B,) by how much it is moved.
    out : (B,) takes the values, >= 0.
    d_moved, d_mean, d_own : (B, n), (B, F), (B,) take the derivatives.
    """
    F, n = known.shape
    a, b = np.empty((F, n + 1)), np.empty(n + 1)
    lines, breaks = np.empty(n + 1, dtype=np.int64), np.empty(n + 2)
    chosen, found = np.empty(n + 1, dtype=np.int64), np.empty(n + 1, dtype=np.int64)
    least, counts = np.empty(F, dtype=np.int64), np.empty((F, n + 1), dtype=np.bool_)
    a[:, :n] = known
    share = 1.0 / F
    for j in range(len(own)):
        a[:, n], b[:n], b[n] = mean[j], moved[j], own[j]
        out[j], d_moved[j], d_own[j] = 0.0, 0.0, 0.0
        m = lines_that_count(a, b, least, counts, found)
        order = found[np.argsort(-b[found[:m]])]
        for f in range(F):
            m = 0
            for i in order:
                if counts[f, i]:
                    chosen[m] = i
                    m += 1
            count = envelope(a[f], b, chosen[:m], lines, breaks)
            by_mean = 1.0 if least[f] == n else 0.0
            for k in range(count):
                i, low, high = lines[k], breaks[k], breaks[k + 1]
                mass = 0.5 * (math.erfc(-high * SQRT_HALF) - math.erfc(-low * SQRT_HALF))
                slope = (math.exp(-0.5 * low * low) - math.exp(-0.5 * high * high)) / SQRT_2PI
                if i == n:
                    by_mean -= mass
                    d_own[j] -= share * slope
                else:
                    d_moved[j, i] -= share * slope
                if k > 0:
                    far = min(abs(low), NOTHING)
                    density, tail = (
                        math.exp(-0.5 * far * far) / SQRT_2PI,
                        math.erfc(far * SQRT_HALF),
                    )
                    gain = (b[lines[k - 1]] - b[i]) * max(density - 0.5 * far * tail, 0.0)
                    out[j] += share * gain
            d_mean[j, f] = share * by_mean
