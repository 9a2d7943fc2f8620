"""Acquisition kernels against naive twins in 60 digits, SciPy, and laws."""

import math

import mpmath as mp
import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from scipy import integrate, special, stats

from bayesopt_kernels import acquisition as kernels

KINDS = [kernels.LOG_EI, kernels.EI, kernels.LOG_PI, kernels.PI, kernels.UCB]
NAMES = ["LogEI", "EI", "LogPI", "PI", "UCB"]
each_kind = pytest.mark.parametrize("kind", KINDS, ids=NAMES)
DIGITS = 60  # phi and z Phi cancel in 16 digits at z = -1e8


def naive_h(z):
    return mp.npdf(z) + z * mp.ncdf(z)


def naive_score(kind, mean, var, best, beta):
    """The score of one point, (F,) means, in the formulas of the table."""
    s = mp.sqrt(var)
    if kind == kernels.UCB:
        return -mp.fsum(mean) / len(mean) + beta * s
    z = [(b - m) / s for b, m in zip(best, mean, strict=True)]
    improving = kind in (kernels.LOG_EI, kernels.EI)
    average = mp.fsum(s * naive_h(x) if improving else mp.ncdf(x) for x in z) / len(z)
    return mp.log(average) if kind in (kernels.LOG_EI, kernels.LOG_PI) else average


def exact(numbers):
    return [mp.mpf(float(x)) for x in numbers]


def score(kind, mean, var, best, beta=2.0):
    return slopes(kind, mean, var, best, beta)[0]


def slopes(kind, mean, var, best, beta=2.0):
    out, d_mean, d_var = np.full(len(var), np.nan), np.full(mean.shape, np.nan), np.empty(len(var))
    with np.errstate(over="ignore"):  # only uncompiled: NumPy scalars warn where C does not
        kernels.score_slopes(kind, mean, var, best, beta, out, d_mean, d_var)
    return out, d_mean, d_var


def one(kind, mean, var, best, beta=2.0):
    """Score of a single point under a single fantasy."""
    return score(kind, np.array([[mean]]), np.array([var]), np.array([best]), beta)[0]


def points(n, n_fantasies, seed=0):
    """Means, variances and incumbents that reach from sure improvement into the far tail."""
    rng = np.random.default_rng(seed)
    mean = rng.normal(size=(n, 1)) * 3 + 0.5 * rng.normal(size=(n, n_fantasies))
    return mean, 10.0 ** rng.uniform(-6, 1, n), -1 + 0.1 * rng.normal(size=n_fantasies)


Z = np.concatenate(
    [
        np.linspace(-12, 30, 211),
        -np.geomspace(10, 1e8, 71),
        [np.nextafter(kernels.TAIL, -9), kernels.TAIL, 0.0, -0.0],
    ]
)


# ---- log h ---------------------------------------------------------------------------------


def test_log_h_is_exact_from_plus_30_to_minus_1e8():
    with mp.workdps(DIGITS):
        for z in Z:
            expected = mp.log(naive_h(mp.mpf(float(z))))
            error = abs(kernels.log_h(float(z)) - expected)
            assert error <= max(1e-12 * abs(expected), 1e-15), z  # the promise: 1e-10, 1e-13


def test_log_h_slope_is_exact():
    with mp.workdps(DIGITS):
        for z in Z:
            x = mp.mpf(float(z))
            expected = mp.ncdf(x) / naive_h(x)
            assert abs(kernels.log_h_slope(float(z)) / expected - 1) < 1e-12, z  # promise: 1e-8


@pytest.mark.parametrize("z", [-40.0, -3.5, -2.5, -1.0, 0.0, 0.7, 4.0])
def test_log_h_slope_is_the_derivative_of_log_h(z):
    step = 1e-5
    numeric = (kernels.log_h(z + step) - kernels.log_h(z - step)) / (2 * step)
    assert kernels.log_h_slope(z) == pytest.approx(numeric, rel=1e-8)


def test_log_h_has_no_step_where_the_formula_changes():
    above, below = kernels.TAIL, float(np.nextafter(kernels.TAIL, -9))
    assert kernels.log_h(above) == pytest.approx(kernels.log_h(below), rel=1e-13)
    assert kernels.log_h_slope(above) == pytest.approx(kernels.log_h_slope(below), rel=1e-12)


@pytest.mark.parametrize("z", [1e150, math.inf, -1e150, -math.inf])
def test_log_h_stays_finite_beyond_its_limit(z):
    limit = math.copysign(kernels.Z_LIMIT, z)
    assert math.isfinite(kernels.log_h(z))
    assert kernels.log_h(z) == kernels.log_h(limit)
    assert math.isfinite(kernels.log_h_slope(z))


def test_nan_comes_out_again():
    assert math.isnan(kernels.log_h(math.nan))
    assert math.isnan(kernels.log_h_slope(math.nan))


@given(st.floats(-1e9, 1e9), st.floats(0, 1e9))
def test_log_h_rises(z, step):
    assert kernels.log_h(z + step) >= kernels.log_h(z)
    assert kernels.log_h_slope(z) > 0


# ---- the tail's building block ---------------------------------------------------------------


def test_scaled_erfc_agrees_with_scipy():
    x = np.concatenate([np.linspace(-kernels.TAIL, 60, 200), np.geomspace(60, 1e9, 30)])
    scaled = [math.sqrt(2 / math.pi) / (t + kernels.hazard_excess(t)) for t in x]
    np.testing.assert_allclose(scaled, special.erfcx(x / math.sqrt(2)), rtol=4e-15)


def test_log_mass_agrees_with_scipy():
    z = np.concatenate([np.linspace(-30, 8, 400), -np.geomspace(30, 1e6, 30)])
    mass = [kernels.log_term(kernels.LOG_PI, float(x))[0] for x in z]
    np.testing.assert_allclose(mass, special.log_ndtr(z), rtol=1e-12)


def test_log_mass_keeps_its_digits_where_the_mass_is_almost_one():
    with mp.workdps(400):
        for z in (0.5, 3.0, 9.0, 20.0, 37.0):
            expected = mp.log1p(-mp.ncdf(-mp.mpf(z)))
            assert abs(kernels.log_term(kernels.LOG_PI, z)[0] / expected - 1) < 1e-13


# ---- scores and slopes against the twin -------------------------------------------------------


@each_kind
@pytest.mark.parametrize("n_fantasies", [1, 4])
def test_score_is_the_formula(kind, n_fantasies):
    mean, var, best = points(40, n_fantasies)
    got = score(kind, mean, var, best, 1.7)
    floor = mp.mpf("1e-300") if kind in (kernels.EI, kernels.PI) else mp.mpf("1e-14")
    with mp.workdps(DIGITS):
        for b in range(len(var)):
            v = mp.mpf(float(var[b]))
            expected = naive_score(kind, exact(mean[b]), v, exact(best), 1.7)
            error = abs(got[b] - expected)
            assert error <= max(1e-11 * abs(expected), floor), b


@each_kind
@pytest.mark.parametrize("n_fantasies", [1, 3])
def test_slopes_are_the_derivatives_of_the_formula(kind, n_fantasies):
    mean, var, best = points(12, n_fantasies, seed=1)
    _, d_mean, d_var = slopes(kind, mean, var, best, 1.7)
    tiny = mp.mpf("1e-100")  # what is left of the 60 digits
    with mp.workdps(DIGITS):
        target = exact(best)
        for b in range(len(var)):
            m, v = exact(mean[b]), mp.mpf(float(var[b]))
            by_var = mp.diff(lambda x, m=m: naive_score(kind, m, x, target, 1.7), v, h=v / 10**18)
            assert abs(d_var[b] - by_var) <= max(1e-8 * abs(by_var), tiny), b
            for f in range(n_fantasies):

                def moved(x, m=m, v=v, f=f):
                    return naive_score(kind, [*m[:f], x, *m[f + 1 :]], v, target, 1.7)

                by_mean = mp.diff(moved, m[f], h=mp.sqrt(v) / 10**18)
                assert abs(d_mean[b, f] - by_mean) <= max(1e-8 * abs(by_mean), tiny), (b, f)


@each_kind
def test_slopes_come_with_the_same_score(kind):
    mean, var, best = points(50, 3, seed=2)
    np.testing.assert_array_equal(slopes(kind, mean, var, best)[0], score(kind, mean, var, best))


@each_kind
def test_slopes_agree_with_finite_differences(kind):
    mean, var, best = np.array([[0.3, -0.2]]), np.array([0.7]), np.array([-0.4, 0.1])
    _, d_mean, d_var = slopes(kind, mean, var, best)
    step = 1e-6
    for f in range(2):
        shift = np.zeros((1, 2))
        shift[0, f] = step
        up, down = score(kind, mean + shift, var, best), score(kind, mean - shift, var, best)
        assert d_mean[0, f] == pytest.approx((up[0] - down[0]) / (2 * step), rel=1e-7)
    up, down = score(kind, mean, var + step, best), score(kind, mean, var - step, best)
    assert d_var[0] == pytest.approx((up[0] - down[0]) / (2 * step), rel=1e-7)


def test_expected_improvement_agrees_with_a_numerical_integral():
    mean, var, best = 0.4, 0.36, 0.1
    y = np.linspace(mean - 12 * 0.6, best, 200_001)
    density = stats.norm.pdf(y, mean, 0.6)
    expected = integrate.trapezoid((best - y) * density, y)
    assert one(kernels.EI, mean, var, best) == pytest.approx(expected, rel=1e-8)


# ---- laws --------------------------------------------------------------------------------------

ordinary = st.floats(-1e3, 1e3)
variances = st.floats(1e-6, 1e6)
finite = st.floats(allow_nan=False, allow_infinity=False)


@each_kind
@given(mean=finite, var=finite, best=finite)
@example(mean=1e308, var=0.0, best=-1e308)
@example(mean=-1e308, var=0.0, best=1e308)
@example(mean=0.0, var=0.0, best=0.0)
@example(mean=1.0, var=-1e-18, best=0.0)  # round-off of a variance
@example(mean=1.0, var=5e-324, best=0.0)
def test_finite_input_never_gives_nan(kind, mean, var, best):
    out, d_mean, d_var = slopes(kind, np.array([[mean]]), np.array([var]), np.array([best]))
    assert np.isfinite(out).all()
    assert np.isfinite(d_mean).all()
    assert np.isfinite(d_var).all()


@each_kind
@given(mean=ordinary, var=variances, best=ordinary, step=st.floats(0, 1e3))
def test_a_lower_mean_is_never_worse(kind, mean, var, best, step):
    here, lower = one(kind, mean, var, best), one(kind, mean - step, var, best)
    assert lower >= here - 1e-12 * abs(here)
    assert slopes(kind, np.array([[mean]]), np.array([var]), np.array([best]))[1][0, 0] <= 0


@pytest.mark.parametrize("kind", [kernels.LOG_EI, kernels.EI, kernels.UCB])
@given(mean=ordinary, var=variances, best=ordinary, factor=st.floats(1, 1e3))
def test_more_variance_is_never_worse(kind, mean, var, best, factor):
    here, wider = one(kind, mean, var, best), one(kind, mean, var * factor, best)
    assert wider >= here - 1e-12 * abs(here)
    assert slopes(kind, np.array([[mean]]), np.array([var]), np.array([best]))[2][0] >= 0


@given(mean=ordinary, var=variances, best=ordinary, power=st.integers(-20, 20))
def test_scores_follow_the_units(mean, var, best, power):
    a = 2.0**power  # a power of two scales without rounding
    scaled = (a * mean, a * a * var, a * best)
    log_ei = one(kernels.LOG_EI, mean, var, best)
    assert one(kernels.LOG_EI, *scaled) == pytest.approx(
        log_ei + math.log(a), rel=1e-12, abs=1e-12
    )
    assert one(kernels.LOG_PI, *scaled) == one(kernels.LOG_PI, mean, var, best)
    assert one(kernels.UCB, *scaled) == pytest.approx(a * one(kernels.UCB, mean, var, best))


@pytest.mark.parametrize(
    ("log_kind", "kind"), [(kernels.LOG_EI, kernels.EI), (kernels.LOG_PI, kernels.PI)]
)
@pytest.mark.parametrize("n_fantasies", [1, 5])
def test_log_scores_are_logs_of_scores(log_kind, kind, n_fantasies):
    mean, var, best = points(60, n_fantasies, seed=3)
    logs = score(log_kind, mean, var, best)
    np.testing.assert_allclose(score(kind, mean, var, best), np.exp(logs), rtol=1e-12)


@each_kind
def test_equal_fantasies_are_one(kind):
    mean, var, best = points(30, 1, seed=4)
    again = score(kind, np.repeat(mean, 6, axis=1), var, np.repeat(best, 6))
    np.testing.assert_allclose(again, score(kind, mean, var, best), rtol=1e-13)


@each_kind
def test_the_order_of_fantasies_does_not_matter(kind):
    mean, var, best = points(30, 6, seed=5)
    order = np.array([3, 1, 5, 0, 4, 2])
    out, d_mean, d_var = slopes(kind, mean, var, best)
    out_2, d_mean_2, d_var_2 = slopes(
        kind, np.ascontiguousarray(mean[:, order]), var, np.ascontiguousarray(best[order])
    )
    np.testing.assert_allclose(out_2, out, rtol=1e-12, atol=1e-15)
    np.testing.assert_allclose(d_mean_2, d_mean[:, order], rtol=1e-11, atol=1e-300)
    np.testing.assert_allclose(d_var_2, d_var, rtol=1e-11, atol=1e-300)


@each_kind
def test_fantasies_lie_around_their_mean(kind):
    mean, var, best = points(30, 5, seed=6)
    each = np.stack([score(kind, mean[:, [f]], var, best[[f]]) for f in range(5)])
    together = score(kind, mean, var, best)
    slack = 1e-12 * np.abs(together)
    assert (together >= each.min(axis=0) - slack).all()
    assert (together <= each.max(axis=0) + slack).all()


def test_no_variance_means_certainty():
    mean, var, best = np.array([[-2.0], [3.0]]), np.zeros(2), np.array([0.5])
    assert score(kernels.LOG_EI, mean, var, best)[0] == pytest.approx(math.log(2.5), rel=1e-12)
    np.testing.assert_allclose(score(kernels.EI, mean, var, best), [2.5, 0.0])
    np.testing.assert_array_equal(score(kernels.PI, mean, var, best), [1.0, 0.0])
    np.testing.assert_allclose(score(kernels.UCB, mean, var, best), [2.0, -3.0])
    out, d_mean, d_var = slopes(kernels.LOG_EI, mean, var, best)
    assert out[1] < -1e20  # still finite, so that candidates keep an order
    assert d_mean[0, 0] == pytest.approx(-1 / 2.5)
    np.testing.assert_array_equal(d_var, 0.0)


@each_kind
def test_nan_is_not_hidden(kind):
    mean, var, best = np.array([[0.0, np.nan], [0.0, 1.0]]), np.ones(2), np.zeros(2)
    out, _, d_var = slopes(kind, mean, var, best)
    assert np.isnan(out).tolist() == [True, False]
    assert np.isfinite(d_var[1])
    assert np.isnan(score(kind, mean[1:], np.array([np.nan]), best)).all()


@each_kind
def test_no_points_is_no_work(kind):
    assert score(kind, np.empty((0, 2)), np.empty(0), np.zeros(2)).shape == (0,)


# ---- feasibility -------------------------------------------------------------------------------


def feasible(mean, var):
    out = np.full(len(var), np.nan)
    kernels.log_feasible_slopes(mean, var, out, np.empty(mean.shape), np.empty(len(var)))
    return out


def test_feasibility_agrees_with_scipy():
    mean, var, _ = points(60, 1, seed=7)
    expected = stats.norm.logcdf(-mean[:, 0] / np.sqrt(var))
    np.testing.assert_allclose(feasible(mean, var), expected, rtol=1e-11, atol=1e-300)


def test_feasibility_is_a_mean_over_fantasies():
    mean, var, _ = points(40, 4, seed=8)
    logs = special.log_ndtr(-mean / np.sqrt(var)[:, None])
    expected = special.logsumexp(logs, axis=1) - math.log(4)
    np.testing.assert_allclose(feasible(mean, var), expected, rtol=1e-11, atol=1e-15)


def test_feasibility_has_its_slopes():
    mean, var = np.array([[0.3, -0.8], [9.0, 8.0]]), np.array([0.5, 0.04])
    out, d_mean, d_var = np.empty(2), np.empty((2, 2)), np.empty(2)
    kernels.log_feasible_slopes(mean, var, out, d_mean, d_var)
    np.testing.assert_array_equal(out, feasible(mean, var))
    step = 1e-6
    for f in range(2):
        shift = np.zeros((2, 2))
        shift[:, f] = step
        numeric = (feasible(mean + shift, var) - feasible(mean - shift, var)) / (2 * step)
        np.testing.assert_allclose(d_mean[:, f], numeric, rtol=1e-6, atol=1e-12)
    numeric = (feasible(mean, var + step) - feasible(mean, var - step)) / (2 * step)
    np.testing.assert_allclose(d_var, numeric, rtol=1e-6)


def test_every_kernel_has_been_compiled_once():
    mean, var, best = points(3, 2)
    slopes(kernels.LOG_EI, mean, var, best)
    score(kernels.UCB, mean, var, best)
    feasible(mean, var)
    kernels.log_h(0.5)
    kernels.log_h_slope(0.5)
    kernels.log_feasible_slopes(mean, var, np.empty(3), np.empty((3, 2)), np.empty(3))
    if not hasattr(kernels.score_slopes, "signatures"):
        pytest.skip("not compiled: NUMBA_DISABLE_JIT is set")
    for name in ("score_slopes", "log_feasible_slopes", "log_h", "log_h_slope"):
        assert len(getattr(kernels, name).signatures) == 1, name
