"""Factors, inverses and products of triangles against SciPy's and NumPy's plain ones."""

import logging

import numpy as np
import pytest
from scipy import linalg

from bayesopt.surrogate import cholesky
from bayesopt.surrogate.cholesky import NotPositiveDefinite


def covariance(n, seed=0):
    A = np.random.default_rng(seed).standard_normal((n, n))
    return A @ A.T


@pytest.mark.parametrize("n", [1, 2, 7, 60])
def test_factor_and_inverse_against_scipy(n):
    K, diagonal = covariance(n), np.linspace(0.5, 1.0, n)
    lower = cholesky.factor(np.tril(K), diagonal, 1.0)
    np.testing.assert_allclose(lower, linalg.cholesky(K + np.diag(diagonal), lower=True))
    root = cholesky.inverted(lower)
    np.testing.assert_allclose(root @ lower, np.eye(n), atol=1e-10)
    np.testing.assert_array_equal(root, np.tril(root))
    y = np.random.default_rng(1).standard_normal((n, 3))
    np.testing.assert_allclose(cholesky.solve(root, y), linalg.solve(K + np.diag(diagonal), y))


@pytest.mark.parametrize("rows", [1, 5])
def test_products_with_a_triangle(rows):
    rng = np.random.default_rng(2)
    a, triangle = rng.standard_normal((rows, 9)), np.tril(rng.standard_normal((9, 9)))
    np.testing.assert_allclose(cholesky.times(a, triangle), a @ triangle)
    np.testing.assert_allclose(cholesky.times(a, triangle, transposed=True), a @ triangle.T)


def test_the_arguments_are_left_alone():
    K = covariance(5)
    copy = K.copy()
    lower = cholesky.factor(K, np.ones(5), 1.0)
    np.testing.assert_array_equal(K, copy)
    copy = lower.copy()
    cholesky.inverted(lower)
    np.testing.assert_array_equal(lower, copy)


def test_a_singular_matrix_gets_the_least_jitter_and_a_line(caplog):
    caplog.set_level(logging.INFO, "bayesopt")
    K = np.ones((4, 4))
    lower = cholesky.factor(K, np.zeros(4), 1.0)
    assert 0.0 < np.abs(lower @ lower.T - K).max() < 1e-8
    assert "jitter" in caplog.text


def test_what_is_not_positive_definite_is_refused():
    with pytest.raises(NotPositiveDefinite, match="even with a jitter"):
        cholesky.factor(-np.eye(3), np.zeros(3), 1.0)
