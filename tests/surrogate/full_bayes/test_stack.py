"""All draws in one pass against one draw after the other."""

import numpy as np
import pytest

from bayesopt.surrogate import Columns, GaussianProcess, Posterior
from bayesopt.surrogate.full_bayes import stack as room
from bayesopt.surrogate.full_bayes.mixture import Mixture, Roots
from bayesopt.surrogate.full_bayes.stack import StackedPosterior
from tests.laws.covariances import default, hyperparameters

COLUMNS = Columns(
    np.array([False, True, False, True]), np.array([False, False, True, True]), tuple("abcd")
)


def points(n: int, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    coords = rng.random((n, 4))
    coords[:, 1], coords[:, 3] = rng.integers(0, 3, n), rng.integers(0, 2, n)
    coords[::3, 2:] = np.nan
    return coords


def posterior(n_draws: int = 5, n: int = 12) -> StackedPosterior:
    rng = np.random.default_rng(0)
    coords, y = points(n, 1), rng.standard_normal(n)
    parts = [
        GaussianProcess.fit(
            hyperparameters(COLUMNS, rng.standard_normal(6) - [0, 4, 0, 0, 0, 0]), coords, y
        )
        for _ in range(n_draws)
    ]
    weights = rng.dirichlet(np.ones(n_draws))
    return StackedPosterior(tuple(parts), weights)


@pytest.mark.parametrize("pending", [False, True])
def test_one_pass_is_all_passes(pending: bool) -> None:
    ours = posterior()
    if pending:
        normals = np.random.default_rng(3).standard_normal((2, 7))
        conditioned = ours.condition_on_pending(points(2, 5), normals)
        assert isinstance(conditioned, StackedPosterior)
        ours = conditioned
    plain = Posterior(ours.components, ours.weights)
    new = points(9, 2)
    one, all_ = ours.predict_each(new), plain.predict_each(new, slopes=True)
    assert isinstance(one.mean, np.ndarray)  # it was one pass
    np.testing.assert_allclose(one.mean, np.array(all_.mean), rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(one.var, np.array(all_.var), rtol=1e-9, atol=1e-12)
    rng = np.random.default_rng(4)
    d_mean, d_var = rng.standard_normal(one.mean.shape), rng.standard_normal(np.shape(one.var))
    np.testing.assert_allclose(
        one.pullback(d_mean, d_var), all_.pullback(d_mean, d_var), rtol=1e-9, atol=1e-10
    )


def test_large_batches_go_one_after_the_other(monkeypatch: pytest.MonkeyPatch) -> None:
    ours, new = posterior(), points(9, 2)
    small = ours.predict_each(new)
    monkeypatch.setattr(room, "_SMALL", 10)
    large = ours.predict_each(new)
    assert isinstance(large.mean, list)
    np.testing.assert_allclose(np.array(large.mean), small.mean, rtol=1e-10, atol=1e-12)


def test_a_mixture_of_one_is_that_one() -> None:
    ours = posterior(n_draws=1)
    each = ours.predict_each(points(4, 2))
    np.testing.assert_array_equal(each.mean[0], ours.components[0].predict(points(4, 2)).mean)


def test_roots_know_whom_they_serve() -> None:
    coords, y = points(10, 1), np.arange(10.0)
    draws = np.random.default_rng(0).standard_normal((3, 6)) - [0, 4, 0, 0, 0, 0]
    roots = Roots.factorise(default(COLUMNS), draws, coords[:6], np.zeros(6))
    assert roots.serve(draws.copy(), coords[:6].copy(), np.zeros(6))
    assert not roots.serve(draws + 1e-12, coords[:6], np.zeros(6))
    assert not roots.serve(draws, coords[1:7], np.zeros(6))
    assert not roots.serve(draws, coords[:6], np.full(6, 1e-9))
    mixture = Mixture.of(roots, coords, y, np.zeros(10))
    whole = Roots.factorise(default(COLUMNS), draws, coords, np.zeros(10))
    expected = Mixture.of(whole, coords, y, np.zeros(10))
    for a, b in zip(mixture.mean_var(points(5, 7)), expected.mean_var(points(5, 7)), strict=True):
        np.testing.assert_allclose(a, b, atol=1e-6)
