"""What distances are measured on: the embedding of conditional columns."""

import numpy as np
import pytest

from bayesopt.surrogate.features import Circle, Columns
from bayesopt.testing.numbers import slopes_in_points
from bayesopt.testing.spaces import MIXED, mixed_points


def test_an_inactive_point_is_as_far_as_two_active_ones_on_average():
    columns = Columns(np.zeros(1, dtype=bool), np.ones(1, dtype=bool))
    u = (np.arange(2000) + 0.5) / 2000
    active, _ = columns.features(u[:, None])
    inactive, _ = columns.features(np.array([[np.nan]]))
    apart = ((active - inactive) ** 2).sum(axis=1).mean()
    among = ((active[:, None] - active[None]) ** 2).sum(axis=2).mean()
    np.testing.assert_allclose(apart, among, rtol=1e-5)
    np.testing.assert_allclose(among, 1 / 6, rtol=1e-5)


def test_inactive_points_coincide_and_inactive_labels_are_a_label():
    X = np.array([[0.1, 1.0, np.nan, np.nan], [0.1, 1.0, np.nan, np.nan], [0.1, 1.0, 0.5, 0.0]])
    features, codes = MIXED.features(X)
    np.testing.assert_array_equal(features[0], features[1])
    assert not np.array_equal(features[0], features[2])
    assert codes[:, 1].tolist() == [-1, -1, 0]
    assert codes.dtype == np.int64
    assert features.flags.c_contiguous
    assert codes.flags.c_contiguous


def test_lengthscales_are_shared_with_the_activity():
    assert MIXED.numeric.tolist() == [0, 2]
    assert MIXED.categories.tolist() == [1, 3]
    assert MIXED.lengthscale_of.tolist() == [0, 1, 1]


def test_pullback_is_the_transposed_derivative():
    X = mixed_points(1, 20)
    rng = np.random.default_rng(2)
    slopes = rng.standard_normal((20, 3))
    expected = slopes_in_points(lambda x: (MIXED.features(x)[0] * slopes).sum(axis=1), X)
    free = ~np.isnan(X) & ~MIXED.categorical
    gradient = MIXED.pullback(X, slopes)
    np.testing.assert_allclose(gradient[free], expected[free], rtol=1e-9)
    assert (gradient[~free] == 0.0).all()


def test_no_columns_and_no_points():
    nothing = Columns(np.zeros(0, dtype=bool), np.zeros(0, dtype=bool))
    features, codes = nothing.features(np.empty((3, 0)))
    assert features.shape == (3, 0)
    assert codes.shape == (3, 0)
    features, codes = MIXED.features(np.empty((0, 4)))
    assert features.shape == (0, 3)
    assert codes.shape == (0, 2)


def test_the_ends_of_a_circle_are_the_same():
    none = np.zeros(2, dtype=bool)
    columns = Columns(none, none, embeddings=(Circle(), None))
    X = np.array([[0.0, 0.2], [1.0, 0.2], [0.01, 0.2], [0.99, 0.2], [0.5, 0.2]])
    features, _ = columns.features(X)
    assert columns.lengthscale_of.tolist() == [0, 1, 0]
    np.testing.assert_allclose(features[0], features[1], atol=1e-15)
    apart = np.linalg.norm(features[2] - features[3])
    np.testing.assert_allclose(apart, 0.02, rtol=1e-3)  # near points are as far as on a line
    assert np.linalg.norm(features[0] - features[4]) == pytest.approx(1.0 / np.pi)


def test_an_inactive_circle_is_as_far_as_two_active_points_are_on_average():
    yes, no = np.ones(1, dtype=bool), np.zeros(1, dtype=bool)
    columns = Columns(no, yes, embeddings=(Circle(),))
    u = np.linspace(0.0, 1.0, 1000, endpoint=False)[:, None]
    features, _ = columns.features(np.concatenate([u, [[np.nan]]]))
    active, inactive = features[:-1], features[-1]
    assert (inactive == 0.0).all()
    pairs = ((active[:, None, :] - active[None, ::10, :]) ** 2).sum(axis=2).mean()
    np.testing.assert_allclose(((active - inactive) ** 2).sum(axis=1).mean(), pairs, rtol=1e-6)
