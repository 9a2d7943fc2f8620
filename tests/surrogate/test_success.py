"""The model of failures: what it must say, and its gradients."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from bayesopt.surrogate.evidence import MEAN_VARIANCE
from bayesopt.surrogate.features import Columns
from bayesopt.surrogate.probit import ProbitData, laplace, propagate
from bayesopt.surrogate.success import SuccessModel, prior_mean

PRIOR = 0.9


def numeric_columns(p):
    return Columns(np.zeros(p, dtype=bool), np.zeros(p, dtype=bool))


# numeric, categorical, conditional numeric, conditional categorical
MIXED = Columns(np.array([False, True, False, True]), np.array([False, False, True, True]))


def mixed_points(seed, n):
    rng = np.random.default_rng(seed)
    X = rng.random((n, 4))
    X[:, [1, 3]] = np.floor(3 * X[:, [1, 3]])
    X[rng.random(n) < 0.4, 2] = np.nan
    X[rng.random(n) < 0.4, 3] = np.nan
    return X


def probability(model, X):
    return np.exp(model.log_probability(X))


def fit(X, succeeded, columns=None):
    columns = columns if columns is not None else numeric_columns(X.shape[1])
    return SuccessModel.fit(columns, X, np.asarray(succeeded, dtype=bool))


# ---- prediction by a second route ------------------------------------------------------------


def test_prediction_is_that_of_the_book():
    """Rasmussen & Williams 2006, eq. 3.60-3.61 and 3.25, with whole matrices."""
    rng = np.random.default_rng(5)
    X, T = rng.random((20, 2)), rng.random((6, 2))
    succeeded = X[:, 0] < 0.6
    model = fit(X, succeeded)
    scales = model.process.hyperparameters.named["lengthscale"]
    v, m = model.link_variance, model.prior_mean
    assert m == prior_mean(v)

    def k(A, B):
        r = np.sqrt(5 * (((A[:, None] - B[None, :]) / scales) ** 2).sum(axis=2))
        return (1 + r + r**2 / 3) * np.exp(-r) + MEAN_VARIANCE

    answers = ProbitData(np.where(succeeded, 1.0, -1.0), k(X, X), m, v)
    mode, evidence = laplace(answers, np.zeros(20))
    assert model.evidence == pytest.approx(evidence, abs=0.05)
    sites = propagate(answers, mode.sites, tolerance=1e-10)
    inverse = np.linalg.inv(k(X, X) + np.diag(sites.noise))
    mean = m + k(T, X) @ inverse @ sites.y
    var = 1 + MEAN_VARIANCE - np.einsum("bi,ij,bj->b", k(T, X), inverse, k(T, X))
    expected = stats.norm.logcdf(mean / np.sqrt(v + var))
    np.testing.assert_allclose(model.log_probability(T), expected, rtol=2e-3, atol=1e-4)


# ---- gradients --------------------------------------------------------------------------------


def test_gradient_agrees_with_finite_differences():
    X = mixed_points(1, 25)
    model = fit(X, X[:, 0] < 0.5, MIXED)
    T = mixed_points(2, 12)
    values, gradient = model.log_probability_with_gradient(T)
    np.testing.assert_allclose(values, model.log_probability(T), rtol=1e-12)
    step = 1e-6
    for j in (0, 2):
        up, down = T.copy(), T.copy()
        up[:, j] += step
        down[:, j] -= step
        numeric = (model.log_probability(up) - model.log_probability(down)) / (2 * step)
        active = ~np.isnan(T[:, j])
        np.testing.assert_allclose(gradient[active, j], numeric[active], rtol=1e-5, atol=1e-7)
        np.testing.assert_array_equal(gradient[~active, j], 0.0)
    np.testing.assert_array_equal(gradient[:, [1, 3]], 0.0)


def test_gradient_at_the_data_is_finite():
    X = np.array([[0.2, 0.2], [0.2, 0.2], [0.7, 0.1]])
    values, gradient = fit(X, [True, False, False]).log_probability_with_gradient(X)
    assert np.isfinite(values).all()
    assert np.isfinite(gradient).all()


# ---- what it must say -------------------------------------------------------------------------


@pytest.mark.parametrize("v", [1 / 64, 1 / 4, 3.0])
def test_prior_probability(v):
    total = v + MEAN_VARIANCE + 1.0
    assert stats.norm.cdf(prior_mean(v) / math.sqrt(total)) == pytest.approx(PRIOR, rel=1e-12)


@pytest.mark.parametrize("p", [1, 2, 10])
def test_one_failure_is_avoided_and_far_points_are_not(p):
    model = fit(np.full((1, p), 0.1), [False])
    line = np.linspace(0.1, 1.0, 30)[:, None] * np.ones(p)
    P = probability(model, line)
    assert P[0] < 0.5
    assert (np.diff(P) > 0).all()
    assert P[0] < P[-1] < PRIOR


def test_when_everything_failed_the_unknown_is_more_promising():
    rng = np.random.default_rng(0)
    X = 0.4 * rng.random((15, 2))
    model = fit(X, np.zeros(15))
    assert (probability(model, X) < 0.4).all()
    assert probability(model, np.array([[1.0, 1.0]])) > 2 * probability(model, X).max()
    _, gradient = model.log_probability_with_gradient(np.array([[0.5, 0.5]]))
    assert (gradient > 0).all()  # away from the failures


def test_when_nothing_failed_success_is_likely_everywhere():
    X = np.random.default_rng(1).random((12, 2))
    T = np.random.default_rng(2).random((50, 2))
    assert (probability(fit(X, np.ones(12)), T) > PRIOR).all()


def test_a_border_is_learnt():
    X, T = np.random.default_rng(3).random((60, 3)), np.random.default_rng(4).random((500, 3))
    P = probability(fit(X, X[:, 0] < 0.7), T)
    assert ((P > 0.5) == (T[:, 0] < 0.7)).mean() > 0.9
    assert P[T[:, 0] < 0.4].mean() > 0.9
    assert P[T[:, 0] > 0.9].mean() < 0.15


def test_a_category_that_fails_is_learnt():
    columns = Columns(np.array([False, True]), np.array([False, False]))
    rng = np.random.default_rng(6)
    X = np.column_stack([rng.random(30), rng.integers(0, 3, 30)])
    model = fit(X, X[:, 1] != 2, columns)
    P = probability(model, np.array([[0.5, 0.0], [0.5, 1.0], [0.5, 2.0]]))
    assert P[:2].min() > 0.8
    assert P[2] < 0.2


def test_near_duplicates_with_different_labels():
    X = np.array([[0.5, 0.5], [0.5 + 1e-10, 0.5], [0.1, 0.9], [0.9, 0.2]])
    model = fit(X, [True, False, True, True])
    P = probability(model, X)
    assert P[0] == pytest.approx(P[1], abs=1e-6)
    assert 0.2 < P[0] < 0.8
    assert P[0] < P[2:].min()


def test_random_failures_do_not_make_a_map():
    rng = np.random.default_rng(7)
    X, T = rng.random((80, 2)), rng.random((300, 2))
    P = probability(fit(X, rng.random(80) > 0.25), T)
    assert 0.6 < P.mean() < 0.9


def test_few_failures_among_many_points_are_not_forgotten():
    X = np.random.default_rng(8).random((400, 2))
    failed = ((X - 0.8) ** 2).sum(axis=1) < 0.05**2
    assert 0 < failed.sum() < 10
    P = probability(fit(X, ~failed), X)
    assert P[failed].max() < 0.7
    assert P[((X - 0.8) ** 2).sum(axis=1) > 0.3**2].min() > 0.9


@settings(max_examples=20)
@given(seed=st.integers(0, 2**32 - 1), n=st.integers(1, 20), rate=st.floats(0, 1))
def test_values_are_log_probabilities_with_finite_gradients(seed, n, rate):
    X = mixed_points(seed, n)
    X[n // 2 :, 0] = np.round(X[n // 2 :, 0], 1)  # some points coincide in it
    model = fit(X, np.random.default_rng(seed).random(n) < rate, MIXED)
    values, gradient = model.log_probability_with_gradient(np.concatenate([X, mixed_points(0, 9)]))
    assert np.isfinite(values).all()
    assert (values <= 0).all()
    assert np.isfinite(gradient).all()


@settings(max_examples=10)
@given(seed=st.integers(0, 2**32 - 1))
def test_order_of_the_data_does_not_matter(seed):
    rng = np.random.default_rng(seed)
    X, T = rng.random((20, 2)), rng.random((10, 2))
    succeeded, order = X[:, 1] < 0.7, rng.permutation(20)
    expected = fit(X, succeeded).log_probability(T)
    again = fit(X[order], succeeded[order]).log_probability(T)
    np.testing.assert_allclose(again, expected, rtol=1e-5)


def test_the_same_data_give_the_same_bits():
    X = np.random.default_rng(9).random((40, 3))
    first, second = (fit(X, X[:, 2] > 0.2).log_probability(X) for _ in range(2))
    np.testing.assert_array_equal(first, second)
