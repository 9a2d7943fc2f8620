"""Fantasies of pending points."""

import numpy as np
import pytest
from scipy.special import ndtr

from bayesopt.strategy.pending import fantasy_normals


@pytest.mark.parametrize("q", [1, 3, 7])
def test_fantasies_fall_once_into_each_quantile(q: int) -> None:
    normals = fantasy_normals(q, np.random.default_rng(q))
    assert normals.shape == (q, 32)
    assert np.isfinite(normals).all()
    cells = np.sort(np.floor(32 * ndtr(normals)), axis=1)
    np.testing.assert_array_equal(cells, np.tile(np.arange(32.0), (q, 1)))


def test_fantasies_of_different_points_and_streams_differ() -> None:
    a, b = (fantasy_normals(2, np.random.default_rng(s)) for s in (0, 1))
    assert not np.allclose(a, b)
    assert abs(np.corrcoef(a)[0, 1]) < 0.5
    np.testing.assert_array_equal(a, fantasy_normals(2, np.random.default_rng(0)))


def test_without_pending_points_there_is_nothing_to_draw() -> None:
    assert fantasy_normals(0, np.random.default_rng(0)).shape == (0, 32)
