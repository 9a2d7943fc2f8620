"""The exact Gaussian process against scikit-learn, naive NumPy, itself by other ways, and laws."""

import logging
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.gaussian_process import GaussianProcessRegressor

from bayesopt.surrogate import GaussianProcess, Posterior, sample_joint
from bayesopt.surrogate.cholesky import NotPositiveDefinite
from bayesopt.surrogate.covariance.terms import FAMILIES
from bayesopt.surrogate.evidence import MEAN_VARIANCE
from bayesopt.testing.numbers import slopes_in_points
from bayesopt.testing.spaces import MIXED, mixed_points, numeric
from tests.laws.covariances import hyperparameters
from tests.surrogate.test_evidence import each_family, naive_covariance, sklearn_kernel

LOG_THETA = np.log([1.4, 0.03, 0.4, 0.7, 0.9, 1.6])
RUGGED = np.append(LOG_THETA, np.log([0.3, 0.2]))
with_and_without_short_scale = pytest.mark.parametrize("log_theta", [LOG_THETA, RUGGED])


def fit_mixed(seed, n, *, family="matern52", log_theta=LOG_THETA, noise=None):
    X = mixed_points(seed, n)
    y = np.random.default_rng(seed + 1).standard_normal(n)
    return GaussianProcess.fit(hyperparameters(MIXED, log_theta, family), X, y, noise), X, y


def naive_posterior(X, y, new, noise, *, family="matern52", log_theta=LOG_THETA):
    """Conditional normal from whole matrices (Rasmussen & Williams 2006, eq. 2.22-2.24)."""
    n = len(X)
    K = naive_covariance(MIXED, np.concatenate([X, new]), log_theta, family) + MEAN_VARIANCE
    A = K[:n, :n] + np.diag(math.exp(log_theta[1]) + noise)
    k = K[n:, :n]
    return k @ np.linalg.solve(A, y), K[n:, n:] - k @ np.linalg.solve(A, k.T)


@each_family
def test_numeric_columns_agree_with_scikit_learn(family):
    rng = np.random.default_rng(1)
    X, y, new = rng.random((20, 3)), rng.standard_normal(20), rng.random((30, 3))
    gp = GaussianProcess.fit(
        hyperparameters(numeric(3), np.log([1.7, 0.05, 0.3, 0.8, 2.5]), family), X, y
    )
    kernel = sklearn_kernel(family, 1.7, 0.05, [0.3, 0.8, 2.5])
    peer = GaussianProcessRegressor(kernel, optimizer=None, alpha=1e-300).fit(X, y)
    mean, covariance = peer.predict(new, return_cov=True)
    covariance -= 0.05 * np.eye(30)  # theirs is of the observation, ours of the function
    moments = gp.predict(new)
    np.testing.assert_allclose(moments.mean[:, 0], mean, rtol=1e-8, atol=1e-10)
    np.testing.assert_allclose(moments.var, covariance.diagonal(), rtol=1e-7, atol=1e-10)
    joint_mean, joint = gp.joint(new)
    np.testing.assert_allclose(joint_mean[:, 0], mean, rtol=1e-8, atol=1e-10)
    np.testing.assert_allclose(joint, covariance, rtol=1e-6, atol=1e-9)


@each_family
def test_mixed_columns_agree_with_whole_matrices(family):
    noise = 0.2 * np.random.default_rng(2).random(16)
    gp, X, y = fit_mixed(3, 16, family=family, noise=noise)
    new = np.concatenate([mixed_points(4, 20), X[:2]])
    mean, covariance = naive_posterior(X, y, new, noise, family=family)
    moments = gp.predict(new)
    np.testing.assert_allclose(moments.mean[:, 0], mean, rtol=1e-9, atol=1e-11)
    np.testing.assert_allclose(moments.var, covariance.diagonal(), rtol=1e-8, atol=1e-11)
    np.testing.assert_allclose(gp.joint(new)[1], covariance, rtol=1e-8, atol=1e-11)


def test_a_short_scale_component_agrees_with_whole_matrices():
    gp, X, y = fit_mixed(3, 16, log_theta=RUGGED)
    new = np.concatenate([mixed_points(4, 20), X[:2]])
    mean, covariance = naive_posterior(X, y, new, np.zeros(16), log_theta=RUGGED)
    moments = gp.predict(new)
    np.testing.assert_allclose(moments.mean[:, 0], mean, rtol=1e-9, atol=1e-11)
    np.testing.assert_allclose(moments.var, covariance.diagonal(), rtol=1e-8, atol=1e-11)
    np.testing.assert_allclose(gp.joint(new)[1], covariance, rtol=1e-8, atol=1e-11)
    assert (gp.predict_bound(new).var >= moments.var - 1e-12).all()


@with_and_without_short_scale
@pytest.mark.parametrize("q", [1, 4])
def test_conditioning_is_fitting_to_all(q, log_theta):
    gp, X, y = fit_mixed(5, 14, log_theta=log_theta)
    new, values = mixed_points(6, q), np.linspace(-1, 1, q)
    noise = np.full(q, gp.noise_variance)
    extended = gp.condition(new, values[:, None], noise)
    refitted = GaussianProcess.fit(
        gp.hyperparameters, np.concatenate([X, new]), np.concatenate([y, values])
    )
    for name in ("root", "alpha", "y"):
        np.testing.assert_allclose(
            getattr(extended, name), getattr(refitted, name), rtol=1e-9, atol=1e-9, err_msg=name
        )
    test = mixed_points(7, 10)
    np.testing.assert_allclose(
        extended.predict(test).mean, refitted.predict(test).mean, atol=1e-10
    )
    np.testing.assert_allclose(extended.predict(test).var, refitted.predict(test).var, atol=1e-10)


def test_each_fantasy_is_a_fit_of_its_own():
    gp, _X, _y = fit_mixed(8, 12)
    new = mixed_points(9, 3)
    values = np.random.default_rng(10).standard_normal((3, 5))
    noise = np.array([0.1, 0.2, 0.3])
    together = gp.condition(new, values, noise).predict(mixed_points(11, 9))
    assert together.mean.shape == (9, 5)
    for f in range(5):
        alone = gp.condition(new, values[:, [f]], noise).predict(mixed_points(11, 9))
        np.testing.assert_allclose(together.mean[:, [f]], alone.mean, atol=1e-12)
        np.testing.assert_allclose(together.var, alone.var, atol=1e-12)


def test_other_values_at_the_same_points():
    gp, X, _ = fit_mixed(8, 12)
    y = np.cos(np.arange(12.0))
    changed = gp.with_values(y)
    refitted = GaussianProcess.fit(gp.hyperparameters, X, y)
    np.testing.assert_allclose(changed.predict(X).mean, refitted.predict(X).mean, atol=1e-12)
    np.testing.assert_array_equal(changed.predict(X).var, gp.predict(X).var)


def test_leave_one_out_is_fitting_without_each():
    gp, X, y = fit_mixed(12, 10)
    mean, var = gp.leave_one_out()
    for i in range(10):
        rest = np.arange(10) != i
        moments = GaussianProcess.fit(gp.hyperparameters, X[rest], y[rest]).predict(X[[i]])
        assert mean[i] == pytest.approx(moments.mean[0, 0], abs=1e-10)
        assert var[i] == pytest.approx(moments.var[0] + gp.noise_variance, rel=1e-9)
    for newest in (1, 4):
        for whole, part in zip((mean, var), gp.leave_one_out(newest), strict=True):
            np.testing.assert_allclose(part, whole[-newest:], rtol=1e-12)


@with_and_without_short_scale
@pytest.mark.parametrize("family", ["matern32", "matern52", "rbf"])
@pytest.mark.parametrize("fantasies", [1, 3])
def test_pullback_against_finite_differences(family, fantasies, log_theta):
    gp, _, _ = fit_mixed(13, 15, family=family, log_theta=log_theta)
    pending = mixed_points(14, 2)
    gp = gp.condition(
        pending, np.random.default_rng(15).standard_normal((2, fantasies)), np.full(2, 0.1)
    )
    points = mixed_points(16, 12)
    weights = np.linspace(-1.0, 2.0, fantasies)

    def score(x):
        m = gp.predict(x)
        return np.sin(m.mean) @ weights + np.log(m.var)

    m = gp.predict(points, slopes=True)
    slopes = m.pullback(np.cos(m.mean) * weights, 1.0 / m.var)
    expected = slopes_in_points(score, points, 1e-4)
    free = ~np.isnan(points) & ~MIXED.categorical
    np.testing.assert_allclose(slopes[free], expected[free], rtol=1e-5, atol=1e-6)
    assert (slopes[~free] == 0.0).all()


def test_the_pullback_is_finite_at_the_data():
    for family in FAMILIES:
        gp, X, _ = fit_mixed(17, 9, family=family)
        m = gp.predict(X, slopes=True)
        assert np.isfinite(m.pullback(np.ones((9, 1)), np.ones(9))).all()


def test_predicting_in_parts_changes_nothing(monkeypatch):
    gp, _, _ = fit_mixed(18, 12)
    points = mixed_points(19, 50)
    whole, bound = gp.predict(points), gp.predict_bound(points)
    monkeypatch.setattr("bayesopt.surrogate.gp._PART", 12 * 7)
    monkeypatch.setattr("bayesopt.surrogate.gp._ROWS", 1)
    np.testing.assert_allclose(gp.predict(points).mean, whole.mean, rtol=1e-13)
    np.testing.assert_allclose(gp.predict(points).var, whole.var, rtol=1e-12)
    np.testing.assert_allclose(gp.predict_bound(points).var, bound.var, rtol=1e-12)
    np.testing.assert_allclose(gp.predict(points, slopes=True).var, whole.var, rtol=1e-12)


def test_repeated_points_are_averaged():
    """Five observations of one point are one of their mean with a fifth of the noise."""
    x = np.array([[0.3, 0.7]])
    hp = hyperparameters(numeric(2), np.log([1.0, 0.5, 0.4, 0.4]))
    y = np.array([0.1, -0.4, 0.8, 0.3, 0.2])
    five = GaussianProcess.fit(hp, np.repeat(x, 5, axis=0), y)
    fifth = hyperparameters(numeric(2), np.log([1.0, 0.1, 0.4, 0.4]))
    one = GaussianProcess.fit(fifth, x, y.mean(keepdims=True))
    new = np.random.default_rng(20).random((7, 2))
    np.testing.assert_allclose(five.predict(new).mean, one.predict(new).mean, atol=1e-12)
    np.testing.assert_allclose(five.predict(new).var, one.predict(new).var, atol=1e-12)


def test_coincident_points_without_noise_get_a_jitter(caplog):
    x = np.repeat(np.random.default_rng(21).random((5, 2)), 3, axis=0)
    y = np.repeat(np.arange(5.0), 3)
    hp = hyperparameters(numeric(2), np.log([1.0, 1e-300, 0.5, 0.5]))
    with caplog.at_level(logging.INFO, logger="bayesopt"):
        gp = GaussianProcess.fit(hp, x, y)
    assert "jitter" in caplog.text
    np.testing.assert_allclose(gp.predict(x).mean[:, 0], y, atol=1e-3)
    assert (gp.predict(x).var >= 0.0).all()


def test_a_hopeless_covariance_is_said_so():
    hp = hyperparameters(numeric(2), np.zeros(4))
    x = np.random.default_rng(0).random((4, 2))
    with pytest.raises(NotPositiveDefinite, match="4 points"):
        GaussianProcess.fit(hp, x, np.zeros(4), np.full(4, -5.0))


def test_conditioning_on_a_point_already_known_without_noise():
    hp = hyperparameters(numeric(2), np.log([1.0, 1e-12, 0.5, 0.5]))
    x = np.random.default_rng(22).random((6, 2))
    gp = GaussianProcess.fit(hp, x, np.sin(np.arange(6.0)))
    again = gp.condition(x[:3], np.sin(np.arange(3.0))[:, None], np.zeros(3))
    np.testing.assert_allclose(again.predict(x).mean[:, 0], np.sin(np.arange(6.0)), atol=1e-3)
    assert np.isfinite(again.predict(x).var).all()


def test_scales_of_mean_and_shape_are_named():
    hp = hyperparameters(MIXED, LOG_THETA)
    assert hp.outputscale == pytest.approx(1.4)
    assert hp.noise == pytest.approx(0.03)
    np.testing.assert_allclose(hp.named["lengthscale"], [0.4, 0.7])
    np.testing.assert_allclose(hp.named["category_weight"], [0.9, 1.6])


# ---- laws -----------------------------------------------------------------------------------

seeds = st.integers(0, 2**31)
sizes = st.integers(1, 12)
families = st.sampled_from(sorted(FAMILIES))


@given(seeds, sizes, families)
def test_variance_is_at_most_the_prior_and_falls_with_data(seed, n, family):
    gp, _X, _y = fit_mixed(seed, n, family=family)
    points = mixed_points(seed + 2, 15)
    before = gp.predict(points).var
    assert (before >= 0.0).all()
    assert (before <= (gp.hyperparameters.outputscale + MEAN_VARIANCE) * (1 + 1e-12)).all()
    after = (
        gp.condition(mixed_points(seed + 3, 2), np.zeros((2, 1)), np.full(2, 0.03))
        .predict(points)
        .var
    )
    assert (after <= before + 1e-9).all()


@given(seeds, sizes, families)
def test_the_bound_is_one(seed, n, family):
    noise = np.random.default_rng(seed).random(n)
    gp, _, _ = fit_mixed(seed, n, family=family, noise=noise)
    points = mixed_points(seed + 2, 15)
    exact, bound = gp.predict(points), gp.predict_bound(points)
    assert (bound.var >= exact.var - 1e-9).all()
    np.testing.assert_allclose(bound.mean, exact.mean, rtol=1e-12, atol=1e-12)


@given(seeds, sizes)
def test_the_order_of_the_data_does_not_matter(seed, n):
    noise = np.random.default_rng(seed).random(n)
    gp, X, y = fit_mixed(seed, n, noise=noise)
    order = np.random.default_rng(seed + 5).permutation(n)
    other = GaussianProcess.fit(gp.hyperparameters, X[order], y[order], noise[order])
    points = mixed_points(seed + 2, 10)
    np.testing.assert_allclose(other.predict(points).mean, gp.predict(points).mean, atol=1e-9)
    np.testing.assert_allclose(other.predict(points).var, gp.predict(points).var, atol=1e-9)


@given(seeds, sizes, families)
def test_the_joint_covariance_is_one(seed, n, family):
    gp, X, _ = fit_mixed(seed, n, family=family)
    points = np.concatenate([mixed_points(seed + 2, 8), X[:1]])
    mean, covariance = gp.joint(points)
    np.testing.assert_allclose(covariance, covariance.T, atol=1e-12)
    assert np.linalg.eigvalsh(covariance).min() > -1e-9
    np.testing.assert_allclose(covariance.diagonal(), gp.predict(points).var, atol=1e-9)
    np.testing.assert_allclose(mean, gp.predict(points).mean, atol=1e-9)


# ---- mixtures and samples -------------------------------------------------------------------


def two():
    first, X, y = fit_mixed(23, 10)
    other = GaussianProcess.fit(hyperparameters(MIXED, LOG_THETA + 0.5), X, y)
    return first, other


def test_moments_of_a_mixture_are_those_of_its_samples():
    first, other = two()
    mixture = Posterior((first, other), np.array([0.3, 0.7]))
    points = mixed_points(24, 6)
    mean, var = mixture.mean_var(points)
    a, b = first.predict(points), other.predict(points)
    m1, m2 = a.mean[:, 0], b.mean[:, 0]
    np.testing.assert_allclose(mean, 0.3 * m1 + 0.7 * m2, rtol=1e-12)
    second_moment = 0.3 * (a.var + m1**2) + 0.7 * (b.var + m2**2)
    np.testing.assert_allclose(var, second_moment - mean**2, rtol=1e-9)
    assert mixture.noise_variance == pytest.approx(0.3 * 0.03 + 0.7 * 0.03 * math.exp(0.5))


def test_a_mixture_of_one_is_that_one():
    first, _ = two()
    points = mixed_points(25, 5)
    mean, var = Posterior.single(first).mean_var(points)
    np.testing.assert_allclose(mean, first.predict(points).mean[:, 0], rtol=1e-14)
    np.testing.assert_allclose(var, first.predict(points).var, rtol=1e-14)


def test_samples_have_the_joint_moments():
    gp, _X, _ = fit_mixed(26, 6)
    points = np.concatenate([mixed_points(27, 4), mixed_points(27, 1)])  # one point twice
    normals = np.random.default_rng(28).standard_normal((5, 40_000))
    samples = sample_joint(gp, points, normals)
    mean, covariance = gp.joint(points)
    np.testing.assert_allclose(samples.mean(axis=1), mean[:, 0], atol=0.04)
    np.testing.assert_allclose(np.cov(samples), covariance, atol=0.06)
    np.testing.assert_allclose(samples[0], samples[4], atol=1e-6)
    noisy = sample_joint(gp, points, normals, noise=0.5)
    np.testing.assert_allclose(np.cov(noisy), covariance + 0.5 * np.eye(5), atol=0.08)


def test_pending_points_lower_the_variance_and_keep_the_mean():
    first, other = two()
    mixture = Posterior((first, other), np.array([0.3, 0.7]))
    pending, points = mixed_points(29, 2), mixed_points(30, 6)
    normals = np.random.default_rng(31).standard_normal((2, 20_000))
    normals = np.concatenate([normals, -normals], axis=1)  # antithetic: the mean is kept exactly
    conditioned = mixture.condition_on_pending(pending, normals)
    for before, after in zip(mixture.components, conditioned.components, strict=True):
        a, b = before.predict(points), after.predict(points)
        np.testing.assert_allclose(b.mean.mean(axis=1), a.mean[:, 0], atol=1e-9)
        assert (b.var < a.var).all()
        # law of total variance: what is gone from the variance is in the spread of the means
        np.testing.assert_allclose(b.var + b.mean.var(axis=1), a.var, rtol=0.03)


def test_variances_beside_the_data_are_more_than_round_off():
    """Where runs end: close together, little noise. Reference: Cholesky in long double."""
    rng = np.random.default_rng(32)
    X = np.concatenate([rng.random((15, 2)), 0.4 + 0.02 * rng.standard_normal((15, 2))])
    hp = hyperparameters(numeric(2), np.log([2.0, 1e-6, 0.7, 0.9]))
    gp = GaussianProcess.fit(hp, X, np.zeros(30))
    new = 0.4 + 0.02 * rng.standard_normal((40, 2))
    everything = np.concatenate([X, new]).astype(np.longdouble)
    apart = (everything[:, None] - everything[None]) / np.array([0.7, 0.9], np.longdouble)
    r = np.sqrt((apart**2).sum(axis=2)) * np.sqrt(np.longdouble(5))
    K = 2 * (1 + r + r**2 / 3) * np.exp(-r) + MEAN_VARIANCE
    K[:30, :30] += 1e-6 * np.eye(30)
    n = len(K)
    L = np.zeros_like(K[:, :30])
    for j in range(30):
        L[j, j] = np.sqrt(K[j, j] - L[j, :j] @ L[j, :j])
        L[j + 1 :, j] = (K[j + 1 :, j] - L[j + 1 :, :j] @ L[j, :j]) / L[j, j]
    exact = (K.diagonal()[30:n] - (L[30:] ** 2).sum(axis=1)).astype(float)
    np.testing.assert_allclose(gp.predict(new).var, exact, rtol=1e-5)
    rest = GaussianProcess.fit(hp, X[:20], np.zeros(20))
    extended = rest.condition(X[20:], np.zeros((10, 1)), np.full(10, 1e-6))
    np.testing.assert_allclose(extended.predict(new).var, exact, rtol=1e-5)
    np.testing.assert_allclose(gp.joint(new)[1].diagonal(), exact, rtol=1e-5)
