"""Ascent kernels against naive twins, SciPy on box-constrained problems, and laws."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import optimize

from bayesopt_kernels import ascent as kernels

FIRST = 0.1


def naive_reset(g, free, first):
    """Multiple of the identity whose step is ``first`` long in the largest free coordinate."""
    largest = np.max(np.abs(g[free]), initial=0.0)
    return np.eye(len(g)) * (first / largest if largest > 0 else 1.0)


def naive_propose(x, g, H, free, step):
    """Trial point and inverse Hessian of one search."""
    outward = ((x <= 0) & (g < 0)) | ((x >= 1) & (g > 0))
    moves = free & ~outward
    d = np.where(moves, H @ np.where(moves, g, 0.0), 0.0)
    if not d @ g > 0:
        H = naive_reset(g, moves, 0.1)
        d = np.where(moves, H @ g, 0.0)
    return np.where(moves, np.clip(x + step * d, 0, 1), x), H


def naive_update(H, s, y):
    """BFGS as a product (Nocedal & Wright 2006, eq. 6.17)."""
    if s @ y <= 1e-12:
        return H
    rho = 1 / (s @ y)
    left = np.eye(len(s)) - rho * np.outer(s, y)
    return left @ H @ left.T + rho * np.outer(s, s)


def searches(seed, n=6, p=4):
    """Points partly on the bounds, gradients, curved inverse Hessians, some fixed coordinates."""
    rng = np.random.default_rng(seed)
    x = np.clip(rng.uniform(-0.3, 1.3, (n, p)), 0, 1)
    g = rng.normal(size=(n, p)) * 10.0 ** rng.uniform(-3, 3, (n, 1))
    A = rng.normal(size=(n, p, p))
    H = np.ascontiguousarray(A @ A.transpose(0, 2, 1) * 0.01)
    free = (rng.random((n, p)) < 0.8).astype(np.int64)
    return x, g, H, free, rng.uniform(0.1, 1.0, n)


def concave(seed, p=4):
    """A concave quadratic, (values, gradients) of points (B, p), whose peak may lie outside."""
    rng = np.random.default_rng(seed)
    A = rng.normal(size=(p, p))
    A = A @ A.T + 0.1 * np.eye(p)
    peak = rng.uniform(-0.5, 1.5, p)

    def score(x):
        u = x - peak
        return -0.5 * np.einsum("bi,ij,bj->b", u, A, u), -u @ A

    return score


def climb(score, x, free, tolerance=1e-12, max_steps=200):
    """The loop as a caller writes it; returns the points, scores and the history of scores."""
    x = x.copy()
    f, g = score(x)
    H, step, trial = np.empty((*x.shape, x.shape[1])), np.ones(len(x)), np.empty(x.shape)
    active = np.ones(len(x), np.int64)
    kernels.start(g, free, H, FIRST)
    history = [f.copy()]
    for _ in range(max_steps):
        kernels.propose(x, g, H, free, step, active, trial)
        f_trial, g_trial = score(trial)
        left = kernels.accept(x, f, g, H, step, active, trial, f_trial, g_trial, tolerance)
        history.append(f.copy())
        assert left == active.sum()
        if left == 0:
            break
    return x, f, np.array(history)


# ---- twins -------------------------------------------------------------------------------------


@given(seed=st.integers(0, 2**32 - 1))
def test_start_is_the_twin(seed):
    _, g, H, free, _ = searches(seed)
    g[0] = 0.0
    kernels.start(g, free, H, FIRST)
    expected = [naive_reset(g[b], free[b] == 1, FIRST) for b in range(len(g))]
    np.testing.assert_allclose(H, expected, rtol=1e-14)


@given(seed=st.integers(0, 2**32 - 1))
def test_propose_is_the_twin(seed):
    x, g, H, free, step = searches(seed)
    H[1] *= -1.0  # no ascent: must be reset
    active = np.ones(len(x), np.int64)
    active[2] = 0
    expected = [naive_propose(x[b], g[b], H[b], free[b] == 1, step[b]) for b in range(len(x))]
    trial, untouched = np.full(x.shape, np.nan), H[2].copy()
    kernels.propose(x, g, H, free, step, active, trial)
    for b in (0, 1, 3, 4, 5):
        np.testing.assert_allclose(trial[b], expected[b][0], rtol=1e-9, atol=1e-12)
        np.testing.assert_allclose(H[b], expected[b][1], rtol=1e-12)
    np.testing.assert_array_equal(trial[2], x[2])  # a search that has ended stays
    np.testing.assert_array_equal(H[2], untouched)


@given(seed=st.integers(0, 2**32 - 1))
def test_an_accepted_step_updates_as_the_twin_does(seed):
    score = concave(seed)
    rng = np.random.default_rng(seed)
    x = rng.uniform(0, 1, (3, 4))
    f, g = score(x)
    trial = x + 1e-3 * g
    trial[:, 0] = x[:, 0]  # a coordinate that was held
    f_trial, g_trial = score(trial)
    _, _, H, _, step = searches(seed, n=3)
    s, y = trial - x, np.where(trial != x, g - g_trial, 0.0)
    expected = [naive_update(H[b], s[b], y[b]) for b in range(3)]
    active = np.ones(3, np.int64)
    left = kernels.accept(x, f, g, H, step, active, trial, f_trial, g_trial, 0.0)
    assert left == 3
    np.testing.assert_array_equal(x, trial)
    np.testing.assert_array_equal(f, f_trial)
    np.testing.assert_array_equal(g, g_trial)
    np.testing.assert_array_equal(step, 1.0)
    np.testing.assert_allclose(H, expected, rtol=1e-7, atol=1e-9)


# ---- what it must find -----------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(12))
def test_finds_the_peak_in_the_box(seed):
    score = concave(seed)
    x0 = np.random.default_rng(seed + 100).uniform(0, 1, (5, 4))
    x, f, _ = climb(score, x0, np.ones(x0.shape, np.int64))
    best = optimize.minimize(
        lambda u: -score(u[None])[0][0], x0[0], jac=lambda u: -score(u[None])[1][0],
        bounds=[(0, 1)] * 4, method="L-BFGS-B", options={"ftol": 1e-14, "gtol": 1e-10},
    )  # fmt: skip
    assert f.max() == pytest.approx(-best.fun, abs=1e-7)
    np.testing.assert_allclose(x[f.argmax()], best.x, atol=1e-3)


# ---- laws --------------------------------------------------------------------------------------


@given(seed=st.integers(0, 2**32 - 1))
def test_never_falls_never_leaves_the_box_never_moves_what_is_held(seed):
    rng = np.random.default_rng(seed)
    x0 = np.clip(rng.uniform(-0.2, 1.2, (4, 4)), 0, 1)
    free = (rng.random((4, 4)) < 0.7).astype(np.int64)
    x, _, history = climb(concave(seed), x0, free, max_steps=25)
    assert (np.diff(history, axis=0) >= 0).all()
    assert ((x >= 0) & (x <= 1)).all()
    np.testing.assert_array_equal(x[free == 0], x0[free == 0])


@pytest.mark.parametrize("bad", [np.nan, -np.inf])
def test_a_bad_trial_only_shortens_the_step(bad):
    x, f = np.full((1, 2), 0.5), np.zeros(1)
    g, H, trial = np.ones((1, 2)), 0.1 * np.eye(2)[None], np.full((1, 2), 0.6)
    step, active, before = np.ones(1), np.ones(1, np.int64), H.copy()
    left = kernels.accept(
        x, f, g, H, step, active, trial, np.array([bad]), np.full((1, 2), np.nan), 1e-6
    )
    assert left == 1
    assert step[0] == pytest.approx(0.1)
    np.testing.assert_array_equal(x, 0.5)
    np.testing.assert_array_equal(H, before)


def test_a_step_too_long_is_shortened_to_the_parabola():
    """f = -(u - 0.6)^2 from 0.5 to 0.9: its peak is a quarter of the way."""
    x, f, g = np.array([[0.5]]), np.array([-0.01]), np.array([[0.2]])
    trial, H = np.array([[0.9]]), np.ones((1, 1, 1))
    step, active = np.ones(1), np.ones(1, np.int64)
    kernels.accept(x, f, g, H, step, active, trial, np.array([-0.09]), np.array([[-0.6]]), 1e-9)
    assert step[0] == pytest.approx(0.25)
    assert x[0, 0] == 0.5


def test_a_search_ends_on_a_small_gain_or_a_short_step():
    x, f, g = np.full((2, 1), 0.5), np.zeros(2), np.ones((2, 1))
    H, step, active = np.ones((2, 1, 1)), np.ones(2), np.ones(2, np.int64)
    trial = np.array([[0.6], [0.5 + 1e-8]])
    f_trial = np.array([1e-3, 1.0])
    left = kernels.accept(x, f, g, H, step, active, trial, f_trial, 0.5 * g, 1e-2)
    assert left == 0
    np.testing.assert_array_equal(active, 0)
    assert x[0, 0] == 0.6  # the last gain is kept


@given(seed=st.integers(0, 2**32 - 1))
def test_searches_do_not_know_of_each_other(seed):
    score = concave(seed)
    x0 = np.random.default_rng(seed).uniform(0, 1, (3, 4))
    free = np.ones(x0.shape, np.int64)
    together = climb(score, x0, free, max_steps=10)[0]
    alone = climb(score, x0[:1], free[:1], max_steps=10)[0]
    np.testing.assert_allclose(together[:1], alone, atol=1e-9)


def test_every_kernel_has_been_compiled_once():
    climb(concave(0), np.full((2, 4), 0.3), np.ones((2, 4), np.int64), max_steps=3)
    if not hasattr(kernels.start, "signatures"):
        pytest.skip("not compiled: NUMBA_DISABLE_JIT is set")
    for name in ("start", "propose", "accept"):
        assert len(getattr(kernels, name).signatures) == 1, name
