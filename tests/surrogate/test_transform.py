"""Output transforms: maps, derivatives, Jacobians by second routes; what outliers do."""

import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import stats

from bayesopt.surrogate.transform import (
    Bilog,
    Identity,
    LogGap,
    OutputTransform,
    RobustScaler,
    YeoJohnson,
    make_warp,
)

WARPS = [
    Identity(),
    LogGap(-1.5, 0.7),
    LogGap(-1.5, 30.0),
    YeoJohnson(0.3, 2.0, 0.05),
    YeoJohnson(0.3, 2.0, 0.6),
    YeoJohnson(0.3, 2.0, 1.0),
    YeoJohnson(0.3, 2.0, 1.95),
    Bilog(0.4),
]
each_warp = pytest.mark.parametrize("warp", WARPS, ids=repr)
NAMES = ["identity", "log", "yeo-johnson"]
each_name = pytest.mark.parametrize("name", NAMES)
values = st.floats(-1e6, 1e6)


def transform_of(y, name):
    scaler = RobustScaler.of(y)
    warp = make_warp(name, scaler.scaled(y))
    return OutputTransform.of(y, scaler, warp or Identity())


# ---- warps ----------------------------------------------------------------------------------


@each_warp
@settings(max_examples=20)
@given(u=st.lists(st.floats(-1e3, 1e3), min_size=1, max_size=8))
def test_inverse_undoes_forward(warp, u):
    u = np.array(u)
    np.testing.assert_allclose(warp.inverse(warp.forward(u)), u, rtol=1e-7, atol=1e-7)


@each_warp
@settings(max_examples=20)
@given(g=st.lists(st.floats(-8, 8), min_size=1, max_size=8))
def test_forward_undoes_inverse(warp, g):
    g = np.array(g)
    np.testing.assert_allclose(warp.forward(warp.inverse(g)), g, rtol=1e-7, atol=1e-7)


@each_warp
@settings(max_examples=20)
@given(a=values, b=values)
def test_warps_keep_the_order(warp, a, b):
    assume(b - a > 1e-3 * max(1.0, abs(a)))
    low, high = warp.forward(np.array([a, b]))
    assert low < high


@each_warp
def test_slopes_against_finite_differences(warp):
    u = np.concatenate([np.linspace(-4.03, 4.03, 41), [100.0, -100.0]])
    h = 1e-6
    slopes = (warp.forward(u + h) - warp.forward(u - h)) / (2 * h)
    np.testing.assert_allclose(warp.log_slope(u), np.log(slopes), atol=1e-6)


def test_yeo_johnson_agrees_with_scipy():
    u = np.linspace(-5, 9, 50)
    for power in (0.05, 0.7, 1.3, 1.95):
        expected = stats.yeojohnson((u - 0.3) / 2.0, power)
        np.testing.assert_allclose(YeoJohnson(0.3, 2.0, power).forward(u), expected, rtol=1e-12)


def test_the_power_is_the_most_likely_one():
    u = np.random.default_rng(1).gamma(3.0, size=200)
    warp = make_warp("yeo-johnson", u)
    _, power = stats.yeojohnson((u - np.median(u)) / u.std())
    assert warp.power == pytest.approx(power, abs=0.026)  # half a step of the grid


@each_warp
def test_no_warp_overflows(warp):
    ends = warp.inverse(np.array([-1e4, -750.0, 750.0, 1e4]))
    assert not np.isnan(ends).any()
    assert (np.diff(ends) >= 0).all()


def test_an_unknown_bend_is_refused():
    with pytest.raises(ValueError, match="'identity', 'log' or 'yeo-johnson'"):
        make_warp("box-cox", np.arange(3.0))


# ---- the whole transform --------------------------------------------------------------------


@each_name
@given(
    y=st.lists(st.floats(-1e5, 1e5), min_size=2, max_size=20),
    scale=st.sampled_from([1e-300, 1e-9, 1.0, 1e290]),
)
def test_round_trip_monotone_standardised(name, y, scale):
    y = scale * np.array(y)
    transform = transform_of(y, name)
    z = transform.forward(y)
    assert np.isfinite(z).all()
    assert abs(z.mean()) < 1e-6
    assert z.std() == pytest.approx(1.0, rel=1e-6) or z.std() < 1e-6  # constants
    order = np.argsort(y)
    assert (np.diff(z[order]) >= -1e-9).all()
    kept = (transform.scaler.scaled(y) < transform.scaler.high) & (
        transform.scaler.scaled(y) > transform.scaler.low
    )
    back = transform.inverse(z)
    reach = y.max() - y.min() if len(y) else 1.0
    # the least numbers of all have few digits
    np.testing.assert_allclose(back[kept], y[kept], rtol=1e-6, atol=1e-6 * reach + 1e-320)


@each_name
def test_slope_and_jacobian_against_finite_differences(name):
    y = 40.0 + 7.0 * np.random.default_rng(2).gamma(2.0, size=25)
    transform = transform_of(y, name)
    inside = transform.scaler.scaled(y) < transform.scaler.high - 1e-6
    inside &= y > y.min()  # the log has a kink at the least value
    h = 1e-5
    slopes = (transform.forward(y + h) - transform.forward(y - h)) / (2 * h)
    np.testing.assert_allclose(transform.slope(y)[inside], slopes[inside], rtol=1e-5)
    y = y[inside]
    expected = np.log(slopes[inside]).sum() + len(y) * math.log(transform.scaler.spread)
    assert transform.log_jacobian(y) == pytest.approx(expected, abs=1e-3)


def test_the_jacobian_makes_densities_comparable():
    """The density of log-normal data by SciPy, and as that of bent values with the Jacobian."""
    y = np.exp(np.random.default_rng(3).standard_normal(4000))
    scaler = RobustScaler(0.0, 1.0, -1e8, 1e8)
    log = LogGap(0.0, 5e-4)  # nearly log(y) + constant
    transform = OutputTransform.of(y, scaler, log)
    ours = stats.norm.logpdf(transform.forward(y)).sum() + transform.log_jacobian(y)
    shape, _, scale = stats.lognorm.fit(y, floc=0.0)
    assert ours == pytest.approx(stats.lognorm(shape, scale=scale).logpdf(y).sum(), abs=2.0)


@given(
    y=st.lists(st.floats(-1e3, 1e3), min_size=1, max_size=15),
    power=st.integers(-900, 900),
)
def test_a_power_of_two_as_unit_changes_nothing(y, power):
    """Scaled values are the same to the last bit, and so are the proposals."""
    y = np.array(y)
    assume(np.abs(y[y != 0]).min(initial=1.0) > 1e-3)
    unit = 2.0**power
    np.testing.assert_array_equal(
        RobustScaler.of(y * unit).scaled(y * unit), RobustScaler.of(y).scaled(y)
    )


@given(y=st.lists(st.floats(-100, 100), min_size=1, max_size=15), a=st.floats(0.01, 100), b=values)
def test_units_and_origin_do_not_matter(y, a, b):
    y = np.array(y)
    spread = np.quantile(y, 0.75) - np.quantile(y, 0.25)
    assume(spread > 1e-2)
    scaled, moved = RobustScaler.of(y).scaled(y), RobustScaler.of(a * y + b).scaled(a * y + b)
    np.testing.assert_allclose(scaled, moved, atol=1e-9 * (abs(b) / a + 100) / spread)


# ---- robustness -----------------------------------------------------------------------------


def test_only_the_bad_side_is_clipped_where_tukey_says():
    y = np.concatenate([np.arange(21.0), [1e9, -1e3]])
    scaler = RobustScaler.of(y)
    q1, q3 = np.quantile(y, [0.25, 0.75])
    assert scaler.unscaled(np.array(scaler.high)) == pytest.approx(q3 + 1.5 * (q3 - q1))
    scaled = scaler.scaled(y)
    assert scaled[-2] == scaler.high
    np.testing.assert_allclose(scaler.unscaled(scaled[:-2]), y[:-2], atol=1e-12)
    assert scaler.unscaled(scaled[-1]) == pytest.approx(-1e3)
    both = RobustScaler.of(y, both_sides=True)
    assert both.unscaled(both.scaled(y))[-1] == pytest.approx(q1 - 1.5 * (q3 - q1))


@pytest.mark.parametrize(
    "y",
    [
        [0.0],
        [1e300],
        [-1e300],
        [1e-300],
        [5e-324],
        [5e-324, 0.0, 1e-323],
        [0.0, 0.0, 0.0],
        [7.0] * 9,
        [1e300, -1e300],
        [1.7e308, -1.7e308, 0.0],
        [1e300, 1e-300, 0.0, -1e-300],
        [1.0, 2.0, 3.0, 4.0, 5.0, 1e300],
        [1.0, 2.0, 3.0, 4.0, 5.0, -1e300],
        [1.0, 1.0, 1.0, 1.0, 1.0, 2.0],
        [0.1 + 0.2, 0.3, 0.3, 0.3],  # equal but for rounding
        [1e300 * (1 + 1e-15 * i) for i in range(8)],
    ],
    ids=str,
)
@each_name
def test_any_finite_values_are_standardised(y, name):
    y = np.array(y)
    transform = transform_of(y, name)
    z = transform.forward(y)
    assert np.isfinite(z).all()
    assert np.abs(z).max() < 100.0
    assert (np.diff(z[np.argsort(y, kind="stable")]) >= 0.0).all()
    back = transform.inverse(np.linspace(-30, 30, 61))
    assert np.isfinite(back).all()
    assert (back[1:] >= back[:-1]).all()  # the difference may overflow


@pytest.mark.parametrize("y", [[3.0] * 5, [0.0, 1e-17, 0.0]], ids=str)
def test_equal_values_have_no_bend(y):
    u = RobustScaler.of(np.array(y)).scaled(np.array(y))
    if np.ptp(u) == 0.0:
        assert make_warp("log", u) is None
        assert make_warp("yeo-johnson", u) is None
