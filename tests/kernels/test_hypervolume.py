"""Dominance, hypervolume and free boxes against naive twins and, if it is there, moocore."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bayesopt_kernels import hypervolume as kernels


def naive_dominated(points):
    """Every row compared with every other."""
    return [
        any((q <= p).all() and (q < p).any() for k, q in enumerate(points) if k != i)
        for i, p in enumerate(points)
    ]


def naive_volume(front, reference):
    """Inclusion and exclusion: O(2^N)."""
    volume = 0.0
    for size in range(1, len(front) + 1):
        for some in itertools.combinations(front, size):
            volume -= (-1) ** size * np.prod(reference - np.max(some, axis=0))
    return volume


def counted_volume(front, reference):
    """Cells of the grid through all points that some point dominates."""
    edges = [np.unique([*front[:, j], reference[j]]) for j in range(len(reference))]
    lower = np.stack(np.meshgrid(*[e[:-1] for e in edges], indexing="ij"), axis=-1)
    sides = np.stack(np.meshgrid(*[np.diff(e) for e in edges], indexing="ij"), axis=-1)
    inside = (front[:, None] <= lower.reshape(1, -1, len(reference))).all(axis=2).any(axis=0)
    return sides.reshape(-1, len(reference)).prod(axis=1)[inside].sum()


def volume(front, reference):
    key = front[:, 0] if len(reference) == 2 else front[:, -1]
    ordered = np.ascontiguousarray(front[np.argsort(key, kind="stable")], dtype=float)
    return kernels.volume(ordered, np.ascontiguousarray(reference, dtype=float))


def sphere(n, m, seed=0):
    """Points of a concave front."""
    x = np.abs(np.random.default_rng(seed).standard_normal((n, m)))
    return x / np.linalg.norm(x, axis=1)[:, None]


def ranks_of(points):
    ranks = np.argsort(np.argsort(points, axis=0, kind="stable"), axis=0) + 1
    return np.ascontiguousarray(ranks, dtype=np.int64)


objectives = st.sampled_from([2, 3, 4])
seeds = st.integers(0, 10**6)
sizes = st.integers(1, 8)


def tied(seed, n, m):
    """Points with few different coordinates: ties, equal and dominated rows among them."""
    return np.random.default_rng(seed).integers(0, 5, (n, m)).astype(float)


# ---- dominance ------------------------------------------------------------------------------


@given(seeds, st.integers(0, 12), st.integers(1, 5))
def test_dominated_rows(seed, n, m):
    points = tied(seed, n, m)
    marks = np.full(n, 7)
    kernels.dominated(points, marks)
    assert marks.tolist() == naive_dominated(points)


def test_a_row_with_nan_has_no_part_in_dominance():
    marks = np.empty(3, np.int64)
    kernels.dominated(np.array([[0.0, np.nan], [1.0, 1.0], [2.0, 2.0]]), marks)
    assert marks.tolist() == [0, 0, 1]


def test_how_often_a_point_is_not_dominated():
    draws = np.random.default_rng(1).standard_normal((50, 6, 3))
    counts = np.empty(6, np.int64)
    kernels.count_nondominated(draws, counts)
    expected = 50 - np.sum([naive_dominated(d) for d in draws], axis=0)
    np.testing.assert_array_equal(counts, expected)


# ---- hypervolume ----------------------------------------------------------------------------


@given(seeds, sizes, objectives)
def test_volume_by_inclusion_and_exclusion(seed, n, m):
    front = np.random.default_rng(seed).random((n, m))
    reference = np.full(m, 1.1)
    assert volume(front, reference) == pytest.approx(naive_volume(front, reference), rel=1e-10)


@given(seeds, sizes, objectives)
def test_volume_with_ties_is_a_count_of_cells(seed, n, m):
    front = tied(seed, n, m)
    reference = np.full(m, 5.0)
    assert volume(front, reference) == counted_volume(front, reference)


@pytest.mark.parametrize("m", [2, 3, 4])
def test_volume_of_many_points_by_counting_cells(m):
    front = sphere([60, 40, 18][m - 2], m)
    reference = np.full(m, 1.2)
    expected = counted_volume(front, reference)
    assert volume(front, reference) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("m", [2, 3, 4])
@pytest.mark.parametrize("n", [1, 10, 150])
def test_volume_beside_moocore(m, n):
    moocore = pytest.importorskip("moocore")
    reference = np.full(m, 1.1)
    for front in (sphere(n, m, n), np.random.default_rng(n).random((n, m))):
        expected = moocore.hypervolume(front, ref=reference)
        assert volume(front, reference) == pytest.approx(expected, rel=1e-10)


@given(seeds, sizes, objectives)
def test_volume_is_the_same_for_objectives_in_another_order(seed, n, m):
    front = np.random.default_rng(seed).random((n, m))
    reference = np.linspace(1.0, 1.4, m)
    turned = volume(front[:, ::-1], reference[::-1])
    assert turned == pytest.approx(volume(front, reference), rel=1e-12)


@given(seeds, st.integers(2, 8), objectives)
def test_another_point_never_takes_volume_away(seed, n, m):
    front = np.random.default_rng(seed).random((n, m))
    reference = np.ones(m)
    assert volume(front, reference) >= volume(front[1:], reference) - 1e-12


# ---- free boxes -----------------------------------------------------------------------------


def boxes(points, reference):
    """Corners of the free boxes, what is unbounded cut at -1; for points in any order."""
    lower, upper = kernels.free_boxes(ranks_of(points))
    levels = np.concatenate(
        [np.full((1, len(reference)), -1.0), np.sort(points, axis=0), reference[None]]
    )
    objective = np.arange(len(reference))
    return levels[lower, objective], levels[upper, objective], lower, upper


@given(seeds, st.integers(0, 12), st.integers(1, 5))
def test_boxes_and_hypervolume_fill_the_whole(seed, n, m):
    points, reference = tied(seed, n, m), np.full(m, 5.0)
    lower, upper, *_ = boxes(points, reference)
    assert (lower <= upper).all()
    taken = counted_volume(points, reference) if n else 0.0
    assert (upper - lower).prod(axis=1).sum() == 6.0**m - taken


@given(seeds, st.integers(1, 12), st.integers(1, 5))
def test_boxes_are_disjoint(seed, n, m):
    lower, upper, *_ = boxes(tied(seed, n, m), np.full(m, 5.0))
    for i, k in itertools.combinations(range(len(lower)), 2):
        overlap = np.minimum(upper[i], upper[k]) - np.maximum(lower[i], lower[k])
        assert overlap.min() <= 0.0


@given(seeds, st.integers(1, 12), objectives)
def test_no_point_dominates_the_inside_of_a_box(seed, n, m):
    points = np.random.default_rng(seed).random((n, m))
    lower, upper, *_ = boxes(points, np.ones(m))
    middle = 0.5 * (lower + upper)
    assert not (points[:, None] <= middle).all(axis=2).any()


@pytest.mark.parametrize("n", [1, 2, 7, 30, 60])
def test_there_are_no_more_boxes_than_promised(n):
    found = [len(kernels.free_boxes(ranks_of(sphere(n, m, 5)))[0]) for m in (1, 2, 3, 4)]
    assert found[0] <= 2
    assert found[1] == n + 1
    assert found[2] <= 2 * n + 1
    assert found[3] <= n * n + 3


def test_no_points_leave_one_box():
    lower, upper = kernels.free_boxes(np.empty((0, 3), np.int64))
    assert lower.tolist() == [[0, 0, 0]]
    assert upper.tolist() == [[1, 1, 1]]


def test_every_kernel_has_been_compiled_once():
    points = sphere(5, 3)
    kernels.dominated(points, np.empty(5, np.int64))
    kernels.count_nondominated(points[None].copy(), np.empty(5, np.int64))
    volume(points, np.ones(3))
    kernels.free_boxes(ranks_of(points))
    if not hasattr(kernels.volume, "signatures"):
        pytest.skip("not compiled: NUMBA_DISABLE_JIT is set")
    for name in ("count_nondominated", "volume", "free_boxes"):
        assert len(getattr(kernels, name).signatures) == 1, name
