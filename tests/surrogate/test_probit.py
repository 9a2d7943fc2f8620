"""Laplace's approximation and expectation propagation, each by a second route."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, optimize, stats

from bayesopt.surrogate.probit import ProbitData, laplace, propagate


def covariance(X):
    """Squared exponential with an uncertain constant: some positive definite matrix."""
    return np.exp(-5 * (X[:, None] - X[None, :]) ** 2) + 1.0


def some_answers(v, n=9, m=1.2, seed=3):
    X = np.linspace(0, 1, n)
    sign = np.where(np.random.default_rng(seed).random(n) < 0.6, 1.0, -1.0)
    return ProbitData(sign, covariance(X), m, v)


def log_posterior(g, answers):
    """Up to a constant; straight from the definition."""
    t = answers.sign * (answers.m + g) / math.sqrt(answers.v)
    return stats.norm.logcdf(t).sum() - 0.5 * g @ np.linalg.solve(answers.K, g)


def moments(answers, sites):
    """Mean (n,) and covariance (n, n) of the latent function given Gaussian observations."""
    gain = answers.K @ np.linalg.inv(answers.K + np.diag(sites.noise))
    return gain @ sites.y, answers.K - gain @ answers.K


def naive_propagation(answers, sweeps=300):
    """One point after the other, as in Rasmussen & Williams 2006, Alg. 3.5."""
    n = len(answers.sign)
    tau, nu = np.zeros(n), np.zeros(n)
    cov, mean = answers.K.copy(), np.zeros(n)
    for _ in range(sweeps):
        for i in range(n):
            tau_cavity = 1 / cov[i, i] - tau[i]
            nu_cavity = mean[i] / cov[i, i] - nu[i]
            m, s2 = nu_cavity / tau_cavity, 1 / tau_cavity
            root = math.sqrt(answers.v + s2)
            z = answers.sign[i] * (answers.m + m) / root
            hazard = math.exp(stats.norm.logpdf(z) - stats.norm.logcdf(z))
            m_hat = m + answers.sign[i] * s2 * hazard / root  # eq. 3.58
            s2_hat = s2 - s2**2 * hazard / root**2 * (z + hazard)
            tau[i], nu[i] = 1 / s2_hat - tau_cavity, m_hat / s2_hat - nu_cavity
            cov = np.linalg.inv(np.linalg.inv(answers.K) + np.diag(tau))
            mean = cov @ nu
    return mean, cov


# ---- Laplace ------------------------------------------------------------------------------------


@pytest.mark.parametrize("v", [1 / 64, 1 / 4, 4.0])
def test_mode_and_evidence_agree_with_scipy(v):
    answers = some_answers(v)
    root = np.linalg.cholesky(answers.K)
    found = optimize.minimize(
        lambda u: -log_posterior(root @ u, answers), np.zeros(9), method="BFGS",
        options={"gtol": 1e-5},
    )  # fmt: skip
    mode, evidence = laplace(answers, np.zeros(9))
    np.testing.assert_allclose(mode.g, root @ found.x, atol=1e-4)
    assert log_posterior(mode.g, answers) >= -found.fun - 1e-9
    assert mode.height == pytest.approx(log_posterior(mode.g, answers), abs=1e-9)
    np.testing.assert_allclose(mode.a, mode.slope, atol=1e-6)  # the gradient vanishes
    B = np.eye(9) + answers.K * mode.curvature  # eq. 3.32
    expected = mode.height - 0.5 * np.linalg.slogdet(B)[1]
    assert evidence == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("spread", [0.0, 0.8])
def test_slopes_and_curvatures_are_derivatives(spread):
    answers = some_answers(0.3, n=4)
    g, step = np.array([0.3, -2.0, 1.0, -9.0]), 1e-4
    value, slope, curvature = answers.log_likelihood(g, spread)

    def likelihood(x):
        return stats.norm.logcdf(answers.sign * (answers.m + x) / math.sqrt(0.3 + spread))

    assert value == pytest.approx(likelihood(g).sum(), rel=1e-10)
    first = (likelihood(g + step) - likelihood(g - step)) / (2 * step)
    second = (likelihood(g + step) - 2 * likelihood(g) + likelihood(g - step)) / step**2
    np.testing.assert_allclose(slope, first, rtol=1e-5)
    np.testing.assert_allclose(curvature, -second, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("start", [-30.0, -1.0, 1.0, 30.0])
def test_mode_does_not_depend_on_the_start(start):
    answers = some_answers(1 / 16)
    mode, evidence = laplace(answers, np.zeros(9))
    other, other_evidence = laplace(answers, np.full(9, start))
    np.testing.assert_allclose(other.g, mode.g, atol=1e-5)
    assert other_evidence == pytest.approx(evidence, abs=1e-5)


def test_mode_is_that_of_its_pseudo_observations():
    answers = some_answers(1 / 4)
    mode, _ = laplace(answers, np.zeros(9))
    mean, cov = moments(answers, mode.sites)
    np.testing.assert_allclose(mean, mode.g, atol=1e-8)
    expected = np.linalg.inv(np.linalg.inv(answers.K) + np.diag(mode.curvature))  # eq. 3.20
    np.testing.assert_allclose(cov, expected, atol=1e-8)


@pytest.mark.parametrize("label", [1.0, -1.0])
@pytest.mark.parametrize(("v", "error"), [(1 / 4, 0.3), (4.0, 0.03), (100.0, 1e-3)])
def test_evidence_of_one_point_agrees_with_the_integral(label, v, error):
    """It is Phi(y m / sqrt(v + k)) exactly; Laplace's is the nearer the wider the link."""
    answers = ProbitData(np.array([label]), np.array([[2.0]]), 1.5 * math.sqrt(v), v)
    exact = stats.norm.logcdf(label * answers.m / math.sqrt(v + 2.0))
    assert laplace(answers, np.zeros(1))[1] == pytest.approx(exact, abs=error)


@pytest.mark.parametrize("signs", [(1.0, 1.0), (1.0, -1.0), (-1.0, -1.0)])
@pytest.mark.parametrize(("v", "error"), [(4.0, 0.06), (100.0, 2e-3)])
def test_evidence_of_two_points_agrees_with_quadrature(signs, v, error):
    answers = ProbitData(
        np.array(signs), np.array([[2.0, 1.3], [1.3, 2.0]]), 1.5 * math.sqrt(v), v
    )
    weights, cells = cell_probabilities(answers)
    exact = math.log((weights * cells).sum())
    assert laplace(answers, np.zeros(2))[1] == pytest.approx(exact, abs=error)


# ---- expectation propagation -------------------------------------------------------------------


def cell_probabilities(answers, half_width=9.0, n=721):
    """Prior weights and likelihoods of two latent values on a grid."""
    axis = np.linspace(-half_width, half_width, n)
    grid = np.stack(np.meshgrid(axis, axis, indexing="ij"), axis=-1)
    density = stats.multivariate_normal(np.zeros(2), answers.K).pdf(grid)
    t = answers.sign * (answers.m + grid) / math.sqrt(answers.v)
    return density * (axis[1] - axis[0]) ** 2, stats.norm.cdf(t).prod(axis=-1)


@pytest.mark.parametrize("label", [1.0, -1.0])
@pytest.mark.parametrize("v", [1 / 64, 1 / 4, 4.0])
def test_one_answer_is_exact(label, v):
    answers = ProbitData(np.array([label]), np.array([[2.0]]), 0.9, v)
    sites = propagate(answers, laplace(answers, np.zeros(1))[0].sites, tolerance=1e-10)
    mean, cov = moments(answers, sites)

    def integral(power):
        def weighted(g):
            yes = stats.norm.cdf(label * (0.9 + g) / math.sqrt(v))
            return g**power * yes * stats.norm.pdf(g, 0, math.sqrt(2))

        return integrate.quad(weighted, -12, 12, points=[-0.9], limit=200)[0]

    mass, first, second = (integral(power) for power in range(3))
    assert mean[0] == pytest.approx(first / mass, abs=1e-6)
    assert cov[0, 0] == pytest.approx(second / mass - (first / mass) ** 2, abs=1e-6)


@pytest.mark.parametrize("signs", [(1.0, 1.0), (1.0, -1.0), (-1.0, -1.0)])
def test_two_answers_are_nearly_exact(signs):
    answers = ProbitData(np.array(signs), np.array([[2.0, 1.3], [1.3, 2.0]]), 0.9, 1 / 4)
    sites = propagate(answers, laplace(answers, np.zeros(2))[0].sites, tolerance=1e-8)
    mean, cov = moments(answers, sites)
    weights, cells = cell_probabilities(answers)
    posterior = weights * cells / (weights * cells).sum()
    axis = np.linspace(-9.0, 9.0, len(posterior))
    for i in range(2):
        marginal = posterior.sum(axis=1 - i)
        exact = marginal @ axis
        assert mean[i] == pytest.approx(exact, abs=0.02)
        assert cov[i, i] == pytest.approx(marginal @ axis**2 - exact**2, rel=0.03)


@pytest.mark.parametrize("v", [1 / 64, 1 / 4, 4.0])
def test_all_at_once_ends_where_one_after_the_other_does(v):
    answers = some_answers(v)
    sites = propagate(answers, laplace(answers, np.zeros(9))[0].sites, tolerance=1e-10)
    mean, cov = moments(answers, sites)
    naive_mean, naive_cov = naive_propagation(answers)
    np.testing.assert_allclose(mean, naive_mean, atol=1e-5)
    np.testing.assert_allclose(cov, naive_cov, atol=1e-5)


@settings(max_examples=25)
@given(
    seed=st.integers(0, 2**32 - 1),
    n=st.integers(1, 25),
    rate=st.floats(0, 1),
    v=st.sampled_from([1 / 64, 1 / 4]),
    stretch=st.sampled_from([0.01, 1.0, 30.0]),
)
def test_it_settles_whatever_the_answers(seed, n, rate, v, stretch):
    """Also for points that coincide and points that know nothing of each other."""
    rng = np.random.default_rng(seed)
    X = stretch * np.round(rng.random(n), 1)
    answers = ProbitData(np.where(rng.random(n) < rate, 1.0, -1.0), covariance(X), 1.8, v)
    start = laplace(answers, np.zeros(n))[0].sites
    loose, tight = (propagate(answers, start, tolerance=t) for t in (1e-4, 1e-6))
    assert (tight.noise > 0).all()
    assert np.isfinite(tight.y).all()
    mean, cov = moments(answers, tight)
    loose_mean, loose_cov = moments(answers, loose)
    np.testing.assert_allclose(loose_mean, mean, atol=5e-3)
    np.testing.assert_allclose(loose_cov, cov, atol=5e-3)


def test_clear_answers_teach_more_than_they_do_laplace():
    answers = ProbitData(np.ones(20), covariance(np.linspace(0, 0.1, 20)), 1.9, 1 / 16)
    start = laplace(answers, np.zeros(20))[0].sites
    mean, cov = moments(answers, start)
    better_mean, better_cov = moments(answers, propagate(answers, start))
    assert better_mean[0] > mean[0]
    assert better_cov[0, 0] < cov[0, 0]
