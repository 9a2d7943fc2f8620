"""The evidence against scikit-learn, SciPy and finite differences."""

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import RBF, ConstantKernel, Matern, WhiteKernel

from bayesopt.surrogate.cholesky import NotPositiveDefinite
from bayesopt.surrogate.covariance.terms import FAMILIES
from bayesopt.surrogate.evidence import MEAN_VARIANCE, Evidence
from bayesopt.surrogate.features import Columns
from bayesopt.surrogate.hyperparameters import Hyperparameters
from bayesopt.surrogate.prior import Priors
from bayesopt.testing.numbers import finite_differences
from bayesopt.testing.spaces import MIXED, mixed_points, numeric
from tests.laws.covariances import default

each_family = pytest.mark.parametrize("family", sorted(FAMILIES))
NU = {"matern12": 0.5, "matern32": 1.5, "matern52": 2.5}


def sklearn_kernel(family, s2, noise, lengthscales):
    radial = RBF(lengthscales) if family == "rbf" else Matern(lengthscales, nu=NU[family])
    constant = ConstantKernel(MEAN_VARIANCE, constant_value_bounds="fixed")
    return ConstantKernel(s2) * radial + WhiteKernel(noise) + constant


def naive_covariance(columns, X, log_theta, family):
    """Covariance of the latent function less its mean, pair by pair from the definition."""
    g, h = len(columns.numeric), len(columns.categories)
    theta = np.exp(log_theta)
    s2, lengthscales, weights = theta[0], theta[2 : 2 + g], theta[2 + g : 2 + g + h]
    short, short_scale = theta[2 + g + h :] if len(theta) > 2 + g + h else (0.0, 1.0)
    K = np.empty((len(X), len(X)))
    for i, a in enumerate(X):
        for j, b in enumerate(X):
            r2, unscaled, unequal = 0.0, 0.0, 0.0
            for column, scale in zip(columns.numeric, lengthscales, strict=True):
                u, v = a[column], b[column]
                if math.isnan(u) and math.isnan(v):
                    continue
                if math.isnan(u) or math.isnan(v):  # centre against activity
                    there = v if math.isnan(u) else u
                    apart = (there - 0.5) ** 2 + 1.0 / 12.0
                else:
                    apart = (u - v) ** 2
                r2 += apart / scale**2
                unscaled += apart
            for column, weight in zip(columns.categories, weights, strict=True):
                same = a[column] == b[column] or (math.isnan(a[column]) and math.isnan(b[column]))
                unequal += 0.0 if same else weight
            r = math.sqrt(r2)
            radial = {
                "matern12": math.exp(-r),
                "matern32": (1 + math.sqrt(3) * r) * math.exp(-math.sqrt(3) * r),
                "matern52": (1 + math.sqrt(5) * r + 5 * r2 / 3) * math.exp(-math.sqrt(5) * r),
                "rbf": math.exp(-r2 / 2),
            }[family]
            K[i, j] = s2 * radial * math.exp(-unequal)
            if unequal == 0.0:
                t = math.sqrt(5.0 * unscaled) / short_scale
                K[i, j] += short * (1 + t + t**2 / 3) * math.exp(-t)
    return K


@each_family
def test_numeric_columns_agree_with_scikit_learn(family):
    rng = np.random.default_rng(1)
    X, y = rng.random((25, 3)), rng.standard_normal(25)
    log_theta = np.log([1.7, 0.05, 0.3, 0.8, 2.5])
    evidence = Evidence(default(numeric(3), family), X, y, np.zeros(25))
    value, gradient = evidence(log_theta)
    kernel = sklearn_kernel(family, 1.7, 0.05, [0.3, 0.8, 2.5])
    model = GaussianProcessRegressor(kernel, optimizer=None, alpha=1e-300).fit(X, y)
    expected, slopes = model.log_marginal_likelihood(kernel.theta, eval_gradient=True)
    assert value == pytest.approx(-expected, rel=1e-9)
    # scikit-learn's order: outputscale, lengthscales, noise
    np.testing.assert_allclose(gradient[[0, 2, 3, 4, 1]], -slopes, rtol=1e-6, atol=1e-8)


@each_family
def test_mixed_columns_agree_with_the_normal_density(family):
    X = mixed_points(2, 20)
    rng = np.random.default_rng(3)
    y, noise = rng.standard_normal(20), 0.3 * rng.random(20)
    log_theta = np.log([0.8, 0.02, 0.4, 0.6, 0.7, 1.3])
    value, _ = Evidence(default(MIXED, family), X, y, noise)(log_theta)
    covariance = (
        naive_covariance(MIXED, X, log_theta, family) + MEAN_VARIANCE + np.diag(0.02 + noise)
    )
    assert value == pytest.approx(
        -stats.multivariate_normal(np.zeros(20), covariance).logpdf(y), rel=1e-10
    )


def of_tasks(X):
    """The mixed columns with a noise for each label of the categorical one; 1 has the usual."""
    column = int(np.flatnonzero(MIXED.categorical)[0])
    labels = int(np.nanmax(X[:, column])) + 1
    return replace(MIXED, noise_by=column, noise_label=1, n_noises=labels), X[:, column]


@pytest.mark.parametrize("short_scale", [False, True])
def test_tasks_with_a_noise_each_agree_with_the_normal_density_and_finite_differences(short_scale):
    X = mixed_points(2, 30)
    X = X[~np.isnan(X[:, np.flatnonzero(MIXED.categorical)[0]])]
    columns, labels = of_tasks(X)
    rng = np.random.default_rng(3)
    y, known = rng.standard_normal(len(X)), 0.3 * rng.random(len(X))
    covariance = default(columns, short_scale=short_scale)
    evidence = Evidence(covariance, X, y, known)
    vector = covariance.vector
    assert vector.noise_ratios.stop - vector.noise_ratios.start == columns.n_noises - 1
    log_theta = rng.normal(-0.5, 0.5, vector.size)
    theta = np.exp(log_theta)
    ratios = np.insert(theta[vector.noise_ratios], 1, 1.0)  # by label
    noise = theta[vector.noise] * ratios[labels.astype(int)]
    others = np.delete(log_theta, np.arange(vector.size)[vector.noise_ratios])
    K = naive_covariance(MIXED, X, others, "matern52") + MEAN_VARIANCE + np.diag(noise + known)
    value, gradient = evidence(log_theta)
    density = stats.multivariate_normal(np.zeros(len(X)), K).logpdf(y)
    assert value == pytest.approx(-density, rel=1e-9)
    slopes = finite_differences(lambda t: evidence(t)[0], log_theta)
    np.testing.assert_allclose(gradient, slopes, rtol=1e-5, atol=1e-6)
    further = Hyperparameters(covariance, log_theta).further_noise(X)
    np.testing.assert_allclose(theta[vector.noise] + further, noise, rtol=1e-12)


def test_noise_that_is_known_leaves_no_ratio_free():
    columns, _ = of_tasks(mixed_points(2, 30))
    prior = default(columns).vector.prior(Priors(), deterministic=True)
    ratios = default(columns).vector.noise_ratios
    assert np.all(prior.low[ratios] == 0.0)
    assert np.all(prior.high[ratios] == 0.0)
    assert default(columns.of_one_noise).vector.noise_ratios == slice(0, 0)


def test_a_short_scale_component_agrees_with_the_normal_density():
    X = mixed_points(2, 20)
    X[5] = X[4]
    y = np.random.default_rng(3).standard_normal(20)
    log_theta = np.log([0.8, 0.02, 0.4, 0.6, 0.7, 1.3, 0.5, 0.2])
    value, _ = Evidence(default(MIXED, short_scale=True), X, y, np.zeros(20))(log_theta)
    covariance = naive_covariance(MIXED, X, log_theta, "matern52") + MEAN_VARIANCE
    covariance += 0.02 * np.eye(20)
    assert value == pytest.approx(
        -stats.multivariate_normal(np.zeros(20), covariance).logpdf(y), rel=1e-10
    )


def test_a_short_scale_component_of_numbers_agrees_with_scikit_learn():
    rng = np.random.default_rng(1)
    X, y = rng.random((25, 3)), rng.standard_normal(25)
    log_theta = np.log([1.7, 0.05, 0.3, 0.8, 2.5, 0.6, 0.15])
    value, gradient = Evidence(default(numeric(3), short_scale=True), X, y, np.zeros(25))(
        log_theta
    )
    kernel = sklearn_kernel("matern52", 1.7, 0.05, [0.3, 0.8, 2.5])
    kernel += ConstantKernel(0.6) * Matern(0.15, nu=2.5)
    model = GaussianProcessRegressor(kernel, optimizer=None, alpha=1e-300).fit(X, y)
    expected, slopes = model.log_marginal_likelihood(kernel.theta, eval_gradient=True)
    assert value == pytest.approx(-expected, rel=1e-9)
    # scikit-learn's order: outputscale, lengthscales, noise, the component
    np.testing.assert_allclose(gradient[[0, 2, 3, 4, 1, 5, 6]], -slopes, rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("seed", [4, 5])
def test_gradient_with_a_short_scale_component(seed):
    X = mixed_points(seed, 18)
    X[3] = X[2]
    rng = np.random.default_rng(seed)
    evidence = Evidence(
        default(MIXED, short_scale=True), X, rng.standard_normal(18), 0.1 * rng.random(18)
    )
    log_theta = np.log([1.3, 0.1, 0.5, 0.9, 0.6, 1.1, 0.4, 0.3]) + 0.3 * rng.standard_normal(8)
    _, gradient = evidence(log_theta)
    slopes = finite_differences(lambda t: evidence(t)[0], log_theta, 1e-3)
    np.testing.assert_allclose(gradient, slopes, rtol=1e-6, atol=1e-7)


@each_family
@pytest.mark.parametrize("seed", [4, 5])
def test_gradient_over_mixed_and_conditional_columns(family, seed):
    X = mixed_points(seed, 18)
    X[3] = X[2]  # a repeated point: distance 0
    rng = np.random.default_rng(seed)
    evidence = Evidence(default(MIXED, family), X, rng.standard_normal(18), 0.1 * rng.random(18))
    log_theta = np.log([1.3, 0.1, 0.5, 0.9, 0.6, 1.1]) + 0.3 * rng.standard_normal(6)
    _, gradient = evidence(log_theta)
    slopes = finite_differences(lambda t: evidence(t)[0], log_theta, 1e-3)
    np.testing.assert_allclose(gradient, slopes, rtol=1e-6, atol=1e-7)


def test_gradient_over_categories_alone():
    columns = Columns(np.ones(2, dtype=bool), np.array([False, True]))
    X = np.floor(3 * np.random.default_rng(6).random((15, 2)))
    X[::4, 1] = np.nan
    evidence = Evidence(default(columns), X, np.sin(np.arange(15.0)), np.zeros(15))
    log_theta = np.log([1.0, 0.1, 0.5, 2.0])
    _, gradient = evidence(log_theta)
    slopes = finite_differences(lambda t: evidence(t)[0], log_theta, 1e-3)
    np.testing.assert_allclose(gradient, slopes, rtol=1e-7, atol=1e-8)


def test_one_observation_by_hand():
    evidence = Evidence(default(numeric(2)), np.array([[0.2, 0.9]]), np.array([0.7]), np.zeros(1))
    value, gradient = evidence(np.log([1.5, 0.25, 0.3, 0.4]))
    variance = 1.5 + 0.25 + MEAN_VARIANCE
    assert value == pytest.approx(-stats.norm(0, math.sqrt(variance)).logpdf(0.7), rel=1e-14)
    slope = 0.5 * (1 / variance - 0.7**2 / variance**2)
    np.testing.assert_allclose(
        gradient, [1.5 * slope, 0.25 * slope, 0.0, 0.0], rtol=1e-13, atol=1e-15
    )


def test_evaluations_do_not_disturb_each_other():
    """Work arrays are shared between calls: what is left in them must not matter."""
    X, y = mixed_points(7, 12), np.cos(np.arange(12.0))
    evidence = Evidence(default(MIXED), X, y, np.zeros(12))
    first, other = np.log([1.0, 0.1, 0.5, 0.5, 1.0, 1.0]), np.log([3.0, 1e-6, 9.0, 0.1, 0.2, 4.0])
    before = evidence(first)
    evidence(other)
    after = evidence(first)
    assert before[0] == after[0]
    np.testing.assert_array_equal(before[1], after[1])


def test_the_order_of_the_data_does_not_matter():
    X, y, noise = mixed_points(8, 15), np.sin(np.arange(15.0)), np.linspace(0, 1, 15)
    order = np.random.default_rng(9).permutation(15)
    log_theta = np.log([1.0, 0.1, 0.5, 0.5, 1.0, 1.0])
    value, gradient = Evidence(default(MIXED), X, y, noise)(log_theta)
    value2, gradient2 = Evidence(default(MIXED), X[order], y[order], noise[order])(log_theta)
    assert value == pytest.approx(value2, rel=1e-12)
    np.testing.assert_allclose(gradient, gradient2, rtol=1e-9, atol=1e-11)


def test_a_singular_covariance_is_said_so():
    X = np.full((6, 2), 0.5)
    evidence = Evidence(default(numeric(2)), X, np.zeros(6), np.zeros(6))
    with pytest.raises(NotPositiveDefinite):
        evidence(np.array([0.0, -np.inf, 0.0, 0.0]))
