"""A user's function of two points, filled into matrices."""

import os

import numpy as np
import pytest
from numba import njit
from scipy.spatial.distance import cdist

from bayesopt_kernels import pairs


def exponential(x, y, theta):
    total = 0.0
    for j in range(len(x)):
        total += (x[j] - y[j]) ** 2
    return theta[0] * np.exp(-np.sqrt(total) / theta[1])


FUNCTION = exponential if os.environ.get("NUMBA_DISABLE_JIT") == "1" else njit(exponential)


@pytest.mark.parametrize(("n", "m", "q"), [(4, 3, 2), (1, 5, 1), (0, 2, 3)])
def test_every_pair_is_filled(n, m, q):
    rng = np.random.default_rng(n)
    x, y, theta = rng.random((n, q)), rng.random((m, q)), np.array([1.5, 0.3])
    K = np.full((n, m), np.nan)
    pairs.fill(FUNCTION, x, y, theta, K)
    np.testing.assert_allclose(K, 1.5 * np.exp(-cdist(x, y) / 0.3), rtol=1e-12)


def test_the_diagonal_is_that_of_the_matrix():
    x, theta = np.random.default_rng(1).random((6, 2)), np.array([0.7, 2.0])
    K, k = np.empty((6, 6)), np.full(6, np.nan)
    pairs.fill(FUNCTION, x, x, theta, K)
    pairs.fill_diagonal(FUNCTION, x, theta, k)
    np.testing.assert_array_equal(k, np.diag(K))
