"""The share of the space that an observation stands for, and statistics by it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bayesopt import Float, LinearConstraint, MapGP, Space
from bayesopt.strategy.spread import spread_over
from bayesopt.surrogate import Columns, Observations
from bayesopt.surrogate.volume import quantiles, volume_shares
from bayesopt.testing.spaces import each_space, named, some_points

CUBE = Columns(np.zeros(4, dtype=bool), np.zeros(4, dtype=bool))


def cube(n, seed=0):
    return np.random.default_rng(seed).random((n, 4))


def naive(columns, coords, spread):
    """One point of the spread set after the other, one observation after the other."""
    shares = np.full(len(coords), 0.25)
    for probe in spread:
        distances = []
        for point in coords:
            (a, b), (c, d) = columns.features(probe[None]), columns.features(point[None])
            distances.append(sum((a - c)[0] ** 2) + sum((b != d)[0]))
        nearest = np.isclose(distances, min(distances), rtol=0.0, atol=1e-9)
        shares += nearest / nearest.sum()
    return shares / shares.sum()


@given(space=each_space, n=st.integers(1, 7), seed=st.integers(0, 9))
def test_shares_by_a_second_route_over_any_space(space, n, seed):
    space = named(space)
    coords = some_points(space, n, seed)
    columns = Columns(space.is_categorical, space.is_conditional, space.columns)
    spread = spread_over(space)[:16]
    shares = volume_shares(columns, coords, spread)
    np.testing.assert_allclose(shares, naive(columns, coords, spread), atol=1e-12)
    back = np.arange(len(coords))[::-1]
    np.testing.assert_allclose(
        volume_shares(columns, coords[back], spread), shares[back], atol=1e-12
    )


def test_points_spread_over_a_space_are_its_own_and_always_the_same():
    limit = LinearConstraint({"x": 1.0, "y": 1.0}, upper=1.0)
    space = Space({"x": Float(0, 1), "y": Float(0, 1)}, constraints=[limit])
    points = spread_over(space)
    assert 200 < len(points) < 312
    assert space.allowed(points).all()
    again = Space({"x": Float(0, 1), "y": Float(0, 1)}, constraints=[limit])
    np.testing.assert_array_equal(spread_over(again), points)
    never = Space({"x": Float(0, 1)}, constraints=[lambda params: False])
    assert len(spread_over(never)) == 512


def test_equal_points_divide_one_share():
    points = cube(6)
    alone = volume_shares(CUBE, points, cube(4000, 1))
    twice = volume_shares(CUBE, np.concatenate([points, points[:1]]), cube(4000, 1))
    assert twice[0] == twice[-1] == pytest.approx(alone[0] / 2, rel=0.01)


def test_a_cluster_stands_for_little_more_than_one_point():
    points = cube(20)
    near = points[0] + 1e-3 * cube(60, 1)
    alone = volume_shares(CUBE, points, cube(512, 2))
    shares = volume_shares(CUBE, np.concatenate([points, near]), cube(512, 2))
    assert shares[0] + shares[20:].sum() < alone[0] + 0.05
    np.testing.assert_allclose(shares[1:20], alone[1:], rtol=0.1)


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=9), st.data())
def test_quantiles_by_a_second_route(values, data):
    y = np.array(values)
    at = [0.1, 0.25, 0.5, 0.9]
    even = np.full(len(y), 1 / len(y))
    hazen = np.quantile(y, at, method="hazen")
    scale = np.abs(y).max() + 1e-300
    np.testing.assert_allclose(quantiles(y, at, even), hazen, atol=1e-9 * scale)
    np.testing.assert_allclose(quantiles(y, at, None), np.quantile(y, at), atol=1e-9 * scale)
    weights = st.floats(0.01, 1.0)
    w = np.array(data.draw(st.lists(weights, min_size=len(y), max_size=len(y))))
    found = quantiles(y, at, w / w.sum())
    assert y.min() <= found[0] <= found[1] <= found[2] <= found[3] <= y.max()
    for q, value in zip(at, found, strict=True):  # at least and at most so much lies below
        slack = 1e-9 * scale
        assert w[y < value - slack].sum() <= (q + 1e-9) * w.sum() + 0.5 * w.max()
        assert w[y <= value + slack].sum() >= (q - 1e-9) * w.sum() - 0.5 * w.max()


def valley(x):
    return 3.0 - 3.0 * np.exp(-8.0 * ((x - 0.35) ** 2).sum(axis=1))


def moved(spread, seed):
    """By how much predictions far away change, and by how much the range of what is said there,
    once 60 of 80 observations lie beside the best of the others.
    """
    points = cube(20, seed)
    best = points[np.argmin(valley(points))]
    rng = np.random.default_rng(seed)
    near = np.clip(best + 0.01 * rng.standard_normal((60, 4)), 0, 1)
    far = cube(200, seed + 100)
    far = far[((far - best) ** 2).sum(axis=1) > 0.4]
    said = []
    for X in (points, np.concatenate([points, near])):
        data = Observations(X, valley(X), np.full(len(X), np.nan), spread=spread)
        fitted = MapGP().fit(CUBE, data, state=None, rng=np.random.default_rng(0))
        said.append(fitted.transform.inverse(fitted.posterior.mean_var(far)[0]))
    return float(np.abs(said[1] - said[0]).mean()) / 3.0


def test_a_cluster_beside_the_best_point_changes_little_far_away():
    """Quartiles of all 80 are those of the cluster: what is usual far away would be an outlier."""
    spread = cube(512, 9)
    by_volume = np.array([moved(spread, seed) for seed in range(4)])
    by_number = np.array([moved(None, seed) for seed in range(4)])
    assert np.median(by_volume) < 0.15
    assert np.median(by_number) > 2.0 * np.median(by_volume)


def test_a_constraint_that_little_of_the_space_keeps_is_resolved_at_its_limit():
    """Amounts beside the limit were outliers by volume, and clipped to one value."""
    rng = np.random.default_rng(0)
    space = Space({f"w{i}": Float(0, 1) for i in range(6)})
    columns = Columns(space.is_categorical, space.is_conditional, space.columns)
    wide, near = rng.random((10, 6)), 0.166 + 0.02 * rng.standard_normal((20, 6))
    coords = np.concatenate([wide, near])
    amounts = coords.sum(axis=1) - 1.0
    data = Observations(
        coords, amounts, np.full(30, np.nan), False, True, None, spread_over(space)
    )
    fitted = MapGP().fit(columns, data, state=None, rng=rng)
    ends = fitted.transform.forward(np.array([-0.05, 0.0, 0.05, 0.5]))
    assert (np.diff(ends) > 0.05).all()
