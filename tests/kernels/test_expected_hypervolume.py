"""Log EHVI against mpmath, quadrature, draws and finite differences."""

import math

import mpmath as mp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bayesopt_kernels import acquisition
from bayesopt_kernels import expected_hypervolume as kernels

DIGITS = 60


def grid_boxes(front, reference):
    """Levels, sides and boxes: simply all cells of the grid that no point dominates."""
    front = np.asarray(front, dtype=float).reshape(-1, len(reference))
    n, m = front.shape
    levels = np.concatenate([np.full((1, m), -np.inf), np.sort(front, axis=0), reference[None]]).T
    sides = [
        (j, i, i + 1) for j in range(m) for i in range(n + 1) if levels[j, i] < levels[j, i + 1]
    ]
    index = {side: k for k, side in enumerate(sides)}
    boxes = []
    for cell in np.ndindex(*(n + 1,) * m):
        low = levels[np.arange(m), cell]
        chosen = [index.get((j, c, c + 1)) for j, c in enumerate(cell)]
        if None not in chosen and not (front <= low).all(axis=1).any():
            boxes.append(chosen)
    return np.ascontiguousarray(levels), np.array(sides), np.array(boxes)


def naive(mean, sd, levels, sides, boxes):
    """EHVI as defined, with many digits: sums of products of differences of expected gains."""

    def gain(t, mu, s):
        z = (mp.mpf(float(t)) - mu) / s
        return s * (mp.npdf(z) + z * mp.ncdf(z)) if t > -math.inf else mp.mpf(0)

    mean, sd = [mp.mpf(x) for x in mean], [mp.mpf(s) for s in sd]
    lengths = [
        gain(levels[j, b], mean[j], sd[j]) - gain(levels[j, a], mean[j], sd[j])
        for j, a, b in sides
    ]
    return mp.fsum(mp.fprod(lengths[k] for k in box) for box in boxes)


def slopes(mean, sd, what):
    mean, sd = np.atleast_2d(mean).astype(float), np.atleast_2d(sd).astype(float)
    out = np.full(len(mean), np.nan)
    d_mean, d_sd = np.full(mean.shape, np.nan), np.full(mean.shape, np.nan)
    with np.errstate(all="ignore"):  # only uncompiled: NumPy scalars warn where C does not
        kernels.log_ehvi_slopes(mean, sd, *what, out, d_mean, d_sd)
    return out, d_mean, d_sd


def score(mean, sd, what):
    return slopes(mean, sd, what)[0]


FRONTS = {
    "none": (np.empty((0, 2)), np.array([1.0, 0.5])),
    "one": (np.array([[0.2, -0.3]]), np.array([1.0, 0.5])),
    "two": (np.array([[0.0, 0.9], [0.4, 0.5], [0.8, 0.1]]), np.array([1.1, 1.0])),
    "narrow": (np.array([[0.0, 1e-9], [1e-12, 1e-10], [0.5, 0.0]]), np.array([0.6, 1e-8])),
    "three": (
        np.array([[0.1, 0.8, 0.5], [0.5, 0.2, 0.6], [0.7, 0.6, 0.1], [0.5, 0.5, 0.5]]),
        np.array([1.0, 0.9, 0.8]),
    ),
    "four": (np.array([[0.1, 0.6, 0.4, 0.5], [0.7, 0.1, 0.5, 0.2]]), np.ones(4)),
}
each_front = pytest.mark.parametrize("name", FRONTS)


def points(m, n=25, seed=0):
    """Means and sds from sure improvement to where EHVI underflows by thousands of orders."""
    rng = np.random.default_rng(seed)
    mean = rng.normal(size=(n, m)) * 10.0 ** rng.uniform(-1, 1.3, (n, 1))
    return mean, 10.0 ** rng.uniform(-2.5, 1, (n, m))


@each_front
def test_exact_also_where_it_underflows(name):
    what = grid_boxes(*FRONTS[name])
    mean, sd = points(what[0].shape[0])
    found = score(mean, sd, what)
    assert found.min() < -1e4
    assert found.max() > 0.0
    for x, s, value in zip(mean, sd, found, strict=True):
        with mp.workdps(DIGITS):
            expected = mp.log(naive(x.tolist(), s.tolist(), *what))
        assert abs(value - expected) < max(1e-13 * abs(value), 5e-13), (x, s)


@pytest.mark.parametrize(
    ("mean", "sd"),
    [
        ([0.6, 0.3, 0.4], [0.2, 0.3, 0.1]),
        ([30.0, -3.0, 25.0], [0.5, 0.2, 1.0]),
        ([-5.0, -5.0, -5.0], [0.1, 0.1, 0.1]),
        ([-5.0, 4.0, 0.5], [0.3, 0.1, 1e-3]),
    ],
)
def test_slopes_are_exact(mean, sd):
    what = grid_boxes(*FRONTS["three"])
    _, *found = slopes(mean, sd, what)
    step = mp.mpf(10) ** -25
    with mp.workdps(2 * DIGITS):
        for which, j in np.ndindex(2, 3):
            logs = []
            for sign in (1, -1):
                at = [[mp.mpf(x) for x in mean], [mp.mpf(x) for x in sd]]
                at[which][j] += sign * step
                logs.append(mp.log(naive(*at, *what)))
            slope = (logs[0] - logs[1]) / (2 * step)
            assert abs(found[which][0, j] - slope) < 1e-11 * max(abs(slope), 1), (which, j)


@each_front
def test_slopes_are_finite_differences(name):
    what = grid_boxes(*FRONTS[name])
    rng = np.random.default_rng(2)
    m = what[0].shape[0]
    mean, sd = rng.normal(size=(40, m)), 0.1 + rng.random((40, m))
    _, d_mean, d_sd = slopes(mean, sd, what)
    for j in range(m):
        h = 1e-5 * (np.arange(m) == j)
        by_mean = (score(mean + h, sd, what) - score(mean - h, sd, what)) / 2e-5
        by_sd = (score(mean, sd + h, what) - score(mean, sd - h, what)) / 2e-5
        np.testing.assert_allclose(d_mean[:, j], by_mean, rtol=1e-6, atol=1e-8)
        np.testing.assert_allclose(d_sd[:, j], by_sd, rtol=1e-6, atol=1e-6)


# ---- second routes ----------------------------------------------------------------------------


def improvement(y, what):
    """The volume that outcomes y (S, m) add."""
    levels, sides, boxes = what
    chosen = sides[boxes]
    total = np.zeros(len(y))
    for box in chosen:
        low, high = levels[box[:, 0], box[:, 1]], levels[box[:, 0], box[:, 2]]
        total += np.clip(high - np.maximum(y, low), 0.0, None).prod(axis=1)
    return total


@pytest.mark.parametrize("name", ["one", "two", "three", "four"])
def test_mean_of_draws(name):
    what = grid_boxes(*FRONTS[name])
    m = what[0].shape[0]
    mean, sd = np.linspace(0.3, 0.6, m), np.linspace(0.4, 0.2, m)
    draws = improvement(mean + sd * np.random.default_rng(3).standard_normal((400_000, m)), what)
    error = (math.exp(score(mean, sd, what)[0]) - draws.mean()) / (draws.std() / 400_000**0.5)
    assert abs(error) < 4.5


@pytest.mark.parametrize("name", ["one", "two"])
def test_quadrature(name):
    """The integral of the added volume over the density, between the kinks by Gauss's rule."""
    what = grid_boxes(*FRONTS[name])
    levels = what[0]
    m = len(levels)
    mean, sd = np.linspace(0.3, 0.5, m), np.linspace(0.3, 0.2, m)
    x, w = np.polynomial.legendre.leggauss(16)
    nodes, weights = [], []
    for j in range(m):
        edges = np.unique([*(mean[j] - sd[j] * np.array([9.0, 4.5, 2.0])), *levels[j, 1:]])
        half, middle = 0.5 * np.diff(edges), 0.5 * (edges[1:] + edges[:-1])
        y = (middle[:, None] + half[:, None] * x).ravel()
        density = np.exp(-0.5 * ((y - mean[j]) / sd[j]) ** 2) / (sd[j] * math.sqrt(2 * math.pi))
        nodes.append(y)
        weights.append((half[:, None] * w).ravel() * density)
    y = np.stack(np.meshgrid(*nodes, indexing="ij"), axis=-1).reshape(-1, m)
    mass = np.prod(np.meshgrid(*weights, indexing="ij"), axis=0).ravel()
    expected = mass @ improvement(y, what)
    assert math.exp(score(mean, sd, what)[0]) == pytest.approx(expected, rel=1e-9)


@given(st.integers(0, 10**6))
def test_one_objective_is_log_ei(seed):
    mean, sd = points(1, 20, seed)
    best = float(np.random.default_rng(seed).normal())
    what = np.array([[-np.inf, best, best + 1.0]]), np.array([[0, 0, 1]]), np.array([[0]])
    out, d_mean, d_sd = slopes(mean, sd, what)
    expected, by_mean, by_var = np.empty(20), np.empty((20, 1)), np.empty(20)
    acquisition.score_slopes(
        0, mean, sd[:, 0] ** 2, np.array([best]), 0.0, expected, by_mean, by_var
    )
    np.testing.assert_allclose(out, expected, rtol=1e-11, atol=1e-12)
    np.testing.assert_allclose(d_mean, by_mean, rtol=1e-10, atol=1e-300)
    np.testing.assert_allclose(d_sd[:, 0], 2.0 * sd[:, 0] * by_var, rtol=1e-10, atol=1e-300)


# ---- laws -------------------------------------------------------------------------------------


def random_front(seed):
    rng = np.random.default_rng(seed)
    m = int(rng.integers(2, 5))
    return grid_boxes(rng.random((int(rng.integers(0, 5)), m)), np.ones(m)), m, rng


@given(st.integers(0, 10**6))
def test_lower_means_and_larger_sds_never_score_less(seed):
    """The added volume falls in each output, and is convex in each."""
    what, m, rng = random_front(seed)
    mean, sd = points(m, 10, seed)
    value = score(mean, sd, what)
    slack = 1e-12 * (1.0 + np.abs(value))
    assert (score(mean - rng.random((10, m)), sd, what) >= value - slack).all()
    assert (score(mean, sd * (1.0 + rng.random((10, m))), what) >= value - slack).all()


@given(st.integers(0, 10**6))
def test_units_do_not_matter(seed):
    what, m, rng = random_front(seed)
    mean, sd = points(m, 10, seed)
    scale, shift = 10.0 ** rng.uniform(-3, 3, m), rng.normal(size=m)
    levels = np.ascontiguousarray(what[0] * scale[:, None] + shift[:, None])
    moved = score(mean * scale + shift, sd * scale, (levels, *what[1:]))
    value = score(mean, sd, what)
    np.testing.assert_allclose(moved - np.log(scale).sum(), value, rtol=1e-6, atol=1e-6)


@given(st.integers(0, 10**6))
def test_both_ways_to_sum_agree(seed):
    """Far from the front the sum is made in logarithms: a switch must not be seen."""
    what, m, _ = random_front(seed)
    away = np.linspace(15.0, 40.0, 200)[:, None] * np.ones(m)
    value, d_mean, _ = slopes(away, np.full((200, m), 1.0), what)
    step = away[1, 0] - away[0, 0]
    by_slopes = 0.5 * step * (d_mean[1:] + d_mean[:-1]).sum(axis=1)  # the trapezoidal rule
    np.testing.assert_allclose(np.diff(value), by_slopes, rtol=1e-4)


@pytest.mark.parametrize("name", FRONTS)
def test_extreme_numbers_stay_numbers(name):
    what = grid_boxes(*FRONTS[name])
    m = what[0].shape[0]
    for x in (0.0, 0.25, 1e3, -1e3, 1e150, -1e150, 1e300, -1e300):
        for s in (0.0, 1e-300, 1e-15, 1e-6, 1.0, 1e100, 1e300):
            out, d_mean, d_sd = slopes(np.full(m, x), np.full(m, s), what)
            assert not np.isnan(out).any(), (x, s)
            assert np.isfinite(d_mean).all(), (x, s)
            assert np.isfinite(d_sd).all(), (x, s)


def test_no_variance_means_certainty():
    what = grid_boxes(*FRONTS["two"])
    y = np.array([[-0.2, -0.1], [0.3, 0.3], [0.3, 0.6]])
    out = score(y, np.zeros((3, 2)), what)
    np.testing.assert_allclose(np.exp(out), improvement(y, what), rtol=1e-12)


def test_nan_is_not_hidden():
    what = grid_boxes(*FRONTS["two"])
    mean, sd = np.array([[0.0, np.nan], [0.0, 1.0], [0.1, 0.2]]), np.ones((3, 2))
    sd[2, 0] = np.nan
    assert np.isnan(score(mean, sd, what)).tolist() == [True, False, True]


def test_no_points_is_no_work():
    assert score(np.empty((0, 2)), np.empty((0, 2)), grid_boxes(*FRONTS["two"])).shape == (0,)


def test_the_kernel_has_been_compiled_once():
    score([0.1, 0.2], [1.0, 1.0], grid_boxes(*FRONTS["two"]))
    if not hasattr(kernels.log_ehvi_slopes, "signatures"):
        pytest.skip("not compiled: NUMBA_DISABLE_JIT is set")
    assert len(kernels.log_ehvi_slopes.signatures) == 1


@pytest.mark.parametrize("lost", [[], [0], [0, 1], [0, 1, 2, 3]])
def test_boxes_of_no_size_add_nothing(lost):
    """Sides of length zero: log 0 in some factors of the sum, or in all."""
    rng = np.random.default_rng(len(lost))
    logs, boxes = rng.normal(-400.0, 300.0, 8), np.array([[0, 4], [1, 5], [2, 6], [3, 7]])
    logs[lost] = -np.inf
    weights = np.empty(8)
    with np.errstate(divide="ignore"):
        total = kernels._log_sum_of_products(logs, boxes, weights)
    products = logs[boxes].sum(axis=1)
    np.testing.assert_allclose(total, np.logaddexp.reduce(products), rtol=1e-12)
    shares = np.zeros(4) if len(lost) == 4 else np.exp(products - total)
    np.testing.assert_allclose(weights, np.concatenate([shares, shares]), atol=1e-12)
