"""Dominance, hypervolume, and boxes that fill what a front leaves free. Everything is minimised.

A point dominates another when it is nowhere larger and somewhere smaller. The hypervolume of a
set of points is the volume of what lies between them and a reference point. Sweeps over one
coordinate after the other: O(N log N) for two, O(N^2) for three, O(N^3) for four objectives
(compare Fonseca, Paquete & Lopez-Ibanez 2006; simpler here, as fronts have a few hundred points).
"""

import numpy as np
import numpy.typing as npt
from numba import njit

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]


@njit(cache=True, error_model="numpy", nogil=True)
def dominated(points: FloatArray, out: IntArray) -> None:
    """Write 1 for every row of ``points`` (N, m) that another row dominates, else 0, to (N,).

    Equal rows do not dominate each other. A row with a NaN neither dominates nor is dominated.
    """
    n, m = points.shape
    for i in range(n):
        out[i] = 0
        for k in range(n):
            smaller = False
            for j in range(m):
                if not points[k, j] <= points[i, j]:
                    smaller = False
                    break
                smaller = smaller or points[k, j] < points[i, j]
            if smaller:
                out[i] = 1
                break


@njit(cache=True, error_model="numpy", nogil=True)
def count_nondominated(draws: FloatArray, out: IntArray) -> None:
    """Write for each of n points in how many of the draws (S, n, m) no other dominates it."""
    flags = np.empty(draws.shape[1], np.int64)
    out[:] = 0
    for s in range(draws.shape[0]):
        dominated(draws[s], flags)
        for i in range(len(flags)):
            out[i] += 1 - flags[i]


@njit(cache=True, error_model="numpy", nogil=True)
def _volume_of_two(front: FloatArray, reference: FloatArray) -> float:
    """Area of (N, 2) rows sorted by the first coordinate, all below the reference point."""
    area = 0.0
    height = reference[1]
    for i in range(len(front)):
        if front[i, 1] < height:
            area += (reference[0] - front[i, 0]) * (height - front[i, 1])
            height = front[i, 1]
    return area


@njit(cache=True, error_model="numpy", nogil=True)
def _volume_of_three(
    front: FloatArray, order: IntArray, reference: FloatArray, x: FloatArray, y: FloatArray
) -> float:
    """Volume of rows (N, >= 3) taken in an ``order`` in which the third coordinate grows.

    ``x`` and ``y`` (N + 1,) are overwritten: the staircase of what was swept, x growing and y
    falling. Its area times the way to the next row is added up.
    """
    volume, area, size = 0.0, 0.0, 0
    for k in range(len(order)):
        a, b, level = front[order[k], 0], front[order[k], 1], front[order[k], 2]
        first = 0  # of the steps at or right of a
        while first < size and x[first] < a:
            first += 1
        if not (first > 0 and y[first - 1] <= b) and not (
            first < size and x[first] == a and y[first] <= b
        ):
            # steps first..last-1 are dominated by the new one and leave
            last, left, top = first, a, reference[1] if first == 0 else y[first - 1]
            while last < size and y[last] >= b:
                area += (x[last] - left) * (top - b)
                left, top = x[last], y[last]
                last += 1
            right = x[last] if last < size else reference[0]
            area += (right - left) * (top - b)
            if last == first:
                for i in range(size, first, -1):
                    x[i], y[i] = x[i - 1], y[i - 1]
                size += 1
            else:
                gone = last - first - 1
                for i in range(last, size):
                    x[i - gone], y[i - gone] = x[i], y[i]
                size -= gone
            x[first], y[first] = a, b
        following = front[order[k + 1], 2] if k + 1 < len(order) else reference[2]
        volume += area * (following - level)
    return volume


@njit(cache=True, error_model="numpy", nogil=True)
def _volume_of_four(front: FloatArray, reference: FloatArray) -> float:
    """Volume of rows (N, 4) sorted by the fourth coordinate: a sum of slices."""
    n = len(front)
    order = np.empty(n, np.int64)
    x, y = np.empty(n + 1), np.empty(n + 1)
    volume = 0.0
    for i in range(n):
        k = i
        while k > 0 and front[order[k - 1], 2] > front[i, 2]:
            order[k] = order[k - 1]
            k -= 1
        order[k] = i
        following = front[i + 1, 3] if i + 1 < n else reference[3]
        if following > front[i, 3]:
            slab = _volume_of_three(front, order[: i + 1], reference, x, y)
            volume += slab * (following - front[i, 3])
    return volume


@njit(cache=True, error_model="numpy", nogil=True)
def volume(front: FloatArray, reference: FloatArray) -> float:
    """Hypervolume of rows (N, m), m = 2, 3 or 4; sorted by the last coordinate (the first for two
    objectives), none beyond the reference point (m,). Rows may be dominated or equal.
    """
    m, n = len(reference), len(front)
    if m == 2:
        size: float = _volume_of_two(front, reference)
    elif m == 3:
        order, x, y = np.arange(n), np.empty(n + 1), np.empty(n + 1)
        size = _volume_of_three(front, order, reference, x, y)
    else:
        size = _volume_of_four(front, reference)
    return size


@njit(cache=True, error_model="numpy", nogil=True)
def _split(
    z: IntArray,
    i: int,
    upper: IntArray,
    points: IntArray,
    new_upper: IntArray,
    new_points: IntArray,
) -> int:
    """Write the local upper bounds and their defining points after adding point i; their number.

    Bounds that the point is not strictly below stay. Every other one gives way to copies with one
    coordinate replaced by the point's, as far as they are not below another bound.
    """
    m = z.shape[1]
    size = 0
    for b in range(len(upper)):
        below = True
        for j in range(m):
            below = below and z[i, j] < upper[b, j]
        if not below:
            new_upper[size], new_points[size] = upper[b], points[b]
            size += 1
            continue
        for j in range(m):
            highest = 0
            for k in range(m):
                if k != j:
                    highest = max(highest, z[points[b, k], j])
            if z[i, j] > highest:
                new_upper[size], new_points[size] = upper[b], points[b]
                new_upper[size, j], new_points[size, j] = z[i, j], i
                size += 1
    return size


@njit(cache=True, error_model="numpy", nogil=True)
def free_boxes(ranks: IntArray) -> tuple[IntArray, IntArray]:
    """Disjoint boxes that fill what N points leave free below a reference point.

    One for each local upper bound u (Klamroth, Lacour & Vanderpooten 2015, the update with
    redundancy avoided): u is defined by m points, the k-th of which gives u_k and lies below u in
    all other coordinates. By Lacour, Klamroth & Fonseca 2017 the dominated region is filled by
    ``[u_1, r_1) x prod_{j>1} [max_{k<j} z^k_j, u_j)``; on a line in the first coordinate what is
    free is what comes before u_1, so that the free region is filled by the same boxes with
    ``(-inf, u_1)`` in the place of ``[u_1, r_1)``. So many boxes cannot be undercut: each has one
    local upper bound as its corner.

    Parameters
    ----------
    ranks : (N, m), in each column the numbers 1 .. N in some order: the points' order in that
        coordinate. Equal coordinates get different ranks (in any order), so that the points are in
        general position; boxes that are empty for that reason the caller leaves out.

    Returns
    -------
    lower, upper : (K, m) ranks of the boxes' sides; 0 is minus infinity, N + 1 the reference
        point. K = N + 1 for two objectives, at most 2 N + 1 for three, O(N^2) for four.
    """
    n, m = ranks.shape
    z = np.zeros((n + m, m), np.int64)  # after the points m dummies, which define the reference
    z[:n] = ranks
    upper, points = np.empty((1, m), np.int64), np.empty((1, m), np.int64)
    for j in range(m):
        z[n + j, j] = n + 1
        upper[0, j], points[0, j] = n + 1, n + j
    for i in range(n):
        room = 0
        for b in range(len(upper)):
            room += m if np.all(z[i] < upper[b]) else 1
        new_upper, new_points = np.empty((room, m), np.int64), np.empty((room, m), np.int64)
        size = _split(z, i, upper, points, new_upper, new_points)
        upper, points = new_upper[:size], new_points[:size]
    lower = np.zeros(upper.shape, np.int64)
    for b in range(len(upper)):
        for j in range(1, m):
            for k in range(j):
                lower[b, j] = max(lower[b, j], z[points[b, k], j])
    return lower, upper
