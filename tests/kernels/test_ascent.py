"""The lockstep ascent against SciPy's L-BFGS-B on concave quadratics in a box, and laws."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize

from bayesopt.proposal.ascent import first_hessians
from bayesopt_kernels import ascent as kernels


def quadratics(seed, n, p, *, condition=30.0):
    """``n`` concave quadratics of ``p`` variables: centres (n, p), some outside the box."""
    rng = np.random.default_rng(seed)
    centres = rng.uniform(-0.4, 1.4, (n, p))
    hessians = np.empty((n, p, p))
    for b in range(n):
        q, _ = np.linalg.qr(rng.standard_normal((p, p)))
        hessians[b] = (q * np.geomspace(1.0, condition, p)) @ q.T
    return centres, hessians


def quadratic(x, centres, hessians):
    """Values (n,) and gradients (n, p)."""
    d = x - centres
    g = -np.einsum("bij,bj->bi", hessians, d)
    return 0.5 * np.einsum("bi,bi->b", d, g), g


def climb(score, x, *, free=None, tolerance=1e-14, steps=400, seen=None):
    """Run the kernels to the end; returns points, scores and the number of evaluations."""
    x = np.ascontiguousarray(x)
    free = np.ones(x.shape, np.int64) if free is None else np.ascontiguousarray(free, np.int64)
    f, g = score(x)
    f, g = np.ascontiguousarray(f), np.ascontiguousarray(g)
    n, p = x.shape
    H, step, trial = first_hessians(g, free > 0, 0.1), np.ones(n), np.empty((n, p))
    running = np.ones(n, np.int64)
    for taken in range(1, steps + 1):  # noqa: B007  (it is returned)
        kernels.propose(x, g, H, free, step, running, trial)
        f_trial, g_trial = score(trial)
        if seen is not None:
            seen.append((trial.copy(), running.copy(), f.copy()))
        left = kernels.accept(
            x, f, g, H, step, running, trial,
            np.ascontiguousarray(f_trial), np.ascontiguousarray(g_trial), tolerance,
        )  # fmt: skip
        assert left == running.sum()
        if left == 0:
            break
    return x, f, taken


def constrained_maximum(centre, hessian, free, start):
    """The maximum over the free coordinates in the box: bounded least squares of the Hessian's
    root, by SciPy's active sets, which are exact where a descent may stop early.
    """
    root = np.linalg.cholesky(hessian).T
    rest = root @ np.where(free, centre, centre - start)
    z = start.copy()
    if free.any():  # SciPy 1.15 does not solve for no unknowns
        found = optimize.lsq_linear(root[:, free], rest, (0.0, 1.0), method="bvls", tol=1e-14)
        z[free] = found.x
    d = z - centre
    return z, -0.5 * d @ hessian @ d


@settings(max_examples=40)
@given(st.integers(0, 2**31), st.integers(1, 6))
def test_it_climbs_to_the_maximum_in_the_box(seed, p):
    centres, hessians = quadratics(seed, 4, p)
    start = np.random.default_rng(seed).random((4, p))
    points, scores, _ = climb(lambda x: quadratic(x, centres, hessians), start.copy())
    for b in range(4):
        x, f = constrained_maximum(centres[b], hessians[b], np.ones(p, dtype=bool), start[b])
        assert scores[b] >= f - 1e-6 * max(1.0, abs(f))
        np.testing.assert_allclose(points[b], x, atol=2e-3)


def test_an_interior_maximum_is_met_closely_and_soon():
    centres, hessians = quadratics(1, 5, 5)
    centres = 0.25 + 0.5 * np.random.default_rng(2).random((5, 5))
    start = np.random.default_rng(3).random((5, 5))
    points, _, steps = climb(lambda x: quadratic(x, centres, hessians), start)
    np.testing.assert_allclose(points, centres, atol=1e-5)
    assert steps < 60


@given(st.integers(0, 2**31), st.integers(1, 5))
def test_what_is_not_free_stays(seed, p):
    rng = np.random.default_rng(seed)
    centres, hessians = quadratics(seed, 4, p)
    start, free = rng.random((4, p)), rng.random((4, p)) < 0.6
    start[0] = np.round(start[0])  # a corner

    def score(x):
        f, g = quadratic(x, centres, hessians)
        return f, np.where(free, g, 0.0)

    before, _ = score(start)
    points, scores, _ = climb(score, start.copy(), free=free)
    np.testing.assert_array_equal(points[~free], start[~free])
    assert (scores >= before).all()
    for b in range(4):
        _, f = constrained_maximum(centres[b], hessians[b], free[b], start[b])
        assert scores[b] >= f - 1e-5 * max(1.0, abs(f))


@given(st.integers(0, 2**31), st.integers(1, 5))
def test_it_never_leaves_the_box_nor_loses_height(seed, p):
    rng = np.random.default_rng(seed)
    waves = rng.standard_normal((6, p)) * 8.0

    def score(x):  # many maxima, none of them quadratic
        phase = np.einsum("bi,bi->b", x, waves)
        return np.sin(phase), np.cos(phase)[:, None] * waves

    seen = []
    _, scores, _ = climb(score, rng.random((6, p)), seen=seen, steps=60)
    for trial, _, _ in seen:
        assert (trial >= 0.0).all()
        assert (trial <= 1.0).all()
    heights = np.array([f for _, _, f in seen] + [scores])
    assert (np.diff(heights, axis=0) >= 0.0).all()


def test_searches_do_not_disturb_each_other():
    centres, hessians = quadratics(4, 6, 4)
    start = np.random.default_rng(5).random((6, 4))
    together, _, _ = climb(lambda x: quadratic(x, centres, hessians), start.copy())
    for b in range(6):
        alone, _, _ = climb(
            lambda x, b=b: quadratic(x, centres[[b]], hessians[[b]]), start[[b]].copy()
        )
        np.testing.assert_array_equal(alone[0], together[b])


@pytest.mark.parametrize("unit", [2.0**-60, 2.0**-20, 2.0**20])
def test_the_unit_of_the_score_does_not_matter(unit):
    """Expected improvements of 1e-15 are climbed as those of 1 are."""
    centres, hessians = quadratics(6, 5, 4)
    start = np.random.default_rng(7).random((5, 4))

    def scaled(x):
        f, g = quadratic(x, centres, hessians)
        return unit * f, unit * g

    plain, _, _ = climb(lambda x: quadratic(x, centres, hessians), start.copy(), tolerance=1e-12)
    other, _, _ = climb(scaled, start.copy(), tolerance=1e-12 * unit)
    np.testing.assert_array_equal(other, plain)


def test_an_ended_search_stays_where_it_is():
    centres, hessians = quadratics(8, 2, 3)
    x = np.random.default_rng(9).random((2, 3))
    f, g = quadratic(x, centres, hessians)
    H, trial = first_hessians(g, np.full((2, 3), True), 0.1), np.full((2, 3), np.nan)
    running, step = np.array([1, 0]), np.ones(2)
    kernels.propose(x, g, H, np.ones((2, 3), np.int64), step, running, trial)
    np.testing.assert_array_equal(trial[1], x[1])
    assert not np.array_equal(trial[0], x[0])
    before = x.copy()
    high = np.full(2, 1e9)
    kernels.accept(x, f, g, H, step, running, trial, high, g.copy(), 0.0)
    np.testing.assert_array_equal(x[1], before[1])
    np.testing.assert_array_equal(x[0], trial[0])


def test_the_first_step_has_the_length_asked_for():
    g = np.array([[3.0, -4.0, 100.0], [0.0, 0.0, 0.0]])
    H = first_hessians(g, np.array([[True, True, False], [True, True, True]]), 0.1)
    np.testing.assert_allclose(H[0], 0.1 / 4.0 * np.eye(3))
    np.testing.assert_array_equal(H[1], np.eye(3))


@pytest.mark.parametrize("bad", [np.nan, -np.inf])
def test_a_cliff_shortens_the_step(bad):
    """Beyond 0.6 the score is not defined: the search ends before."""

    def score(x):
        over = x[:, 0] > 0.6
        return np.where(over, bad, x[:, 0]), np.where(over[:, None], np.nan, 1.0)

    points, scores, _ = climb(score, np.array([[0.2]]))
    assert 0.55 < points[0, 0] <= 0.6
    assert scores[0] == points[0, 0]


def test_a_stationary_point_ends_at_once():
    points, _, steps = climb(lambda x: (np.zeros(3), np.zeros((3, 2))), np.full((3, 2), 0.5))
    assert steps == 1
    np.testing.assert_array_equal(points, np.full((3, 2), 0.5))


def test_a_corner_is_stationary_when_it_pulls_outwards():
    points, _, steps = climb(lambda x: (x.sum(axis=1), np.ones((1, 2))), np.array([[1.0, 1.0]]))
    assert steps == 1
    np.testing.assert_array_equal(points, [[1.0, 1.0]])


def test_a_wrong_hessian_is_thrown_away():
    """A negative definite estimate would lead downhill: the step falls back to the gradient."""
    x, g = np.array([[0.5, 0.5]]), np.array([[1.0, 2.0]])
    H, trial = -np.eye(2)[None].copy(), np.empty((1, 2))
    kernels.propose(x, g, H, np.ones((1, 2), np.int64), np.ones(1), np.ones(1, np.int64), trial)
    np.testing.assert_allclose(trial - x, [[0.05, 0.1]])
    np.testing.assert_allclose(H[0], 0.05 * np.eye(2))


def accepted(seed, step):
    """A search's state before and after one accepted step on a quadratic inside the box."""
    rng = np.random.default_rng(seed)
    _, hessians = quadratics(seed, 1, 4)
    center = np.full((1, 4), 0.5)
    x = 0.5 + 0.2 * (rng.random((1, 4)) - 0.5)
    f, g = quadratic(x, center, hessians)
    free, running = np.ones((1, 4), np.int64), np.ones(1, np.int64)
    H, trial, steps = first_hessians(g, free > 0, 0.05), np.empty((1, 4)), np.full(1, step)
    kernels.propose(x, g, H, free, steps, running, trial)
    f_trial, g_trial = quadratic(trial, center, hessians)
    s, y = trial - x, g - g_trial
    assert f_trial[0] > f[0]
    kernels.accept(x, f, g, H, steps, running, trial, f_trial, g_trial, 0.0)
    np.testing.assert_array_equal(x, trial)
    return H[0], s[0], y[0], steps


@pytest.mark.parametrize("seed", range(3))
def test_an_accepted_step_teaches_the_curvature(seed):
    """The secant equation, symmetry and positive definiteness of BFGS."""
    H, s, y, _ = accepted(seed, 0.3)
    np.testing.assert_allclose(H @ y, s, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(H, H.T, rtol=1e-12)
    assert np.linalg.eigvalsh(H).min() > 0


def test_after_an_accepted_step_the_next_is_a_whole_one():
    assert accepted(0, 0.3)[3][0] == 1.0
