"""Calibration on a small scale; the large one is ``benchmarks/calibration``."""

from typing import Any

import numpy as np
import pytest

from bayesopt.surrogate import Columns, Observations
from bayesopt.surrogate.covariance import bind
from bayesopt.surrogate.evidence import Evidence
from bayesopt.surrogate.full_bayes import FullBayesGP, SaasPriors
from bayesopt.surrogate.full_bayes.sampling import SamplingSettings, sample_pymc
from bayesopt.surrogate.full_bayes.target import LayoutTarget, make_target

simulate = pytest.importorskip(
    "benchmarks.calibration.simulate", reason="the benchmarks are not part of the wheel"
)
picture = pytest.importorskip("benchmarks.calibration.picture", reason="as above")


def test_the_simulated_covariance_is_that_of_the_evidence() -> None:
    """The script writes the model anew: both give the same density."""
    from scipy.stats import multivariate_normal

    rng = np.random.default_rng(0)
    coords, y = rng.random((9, 2)), rng.standard_normal(9)
    columns = Columns(np.zeros(2, dtype=bool), np.zeros(2, dtype=bool))
    log_theta = np.array([0.4, -3.0, -0.7, 0.3])
    K = simulate.covariance(log_theta, coords)
    value, _ = Evidence(bind("matern52", columns), coords, y, np.zeros(9))(log_theta)
    np.testing.assert_allclose(-value, multivariate_normal(cov=K).logpdf(y), rtol=1e-10)


def test_band_holds_uniform_ranks_and_catches_others() -> None:
    rng = np.random.default_rng(1)
    height = picture.band(100)
    outside = [picture.scaled(rng.integers(0, 32, 100)) > height for _ in range(300)]
    assert 0.01 < np.mean(outside) < 0.11
    too_narrow = np.clip(np.round(15.5 + 14 * rng.standard_normal(100)), 0, 31).astype(int)
    assert picture.scaled(too_narrow) > height
    assert picture.p_of_deviation(too_narrow) < 0.05
    p_values = [picture.p_of_deviation(rng.integers(0, 32, 100)) for _ in range(300)]
    assert 0.4 < np.mean(p_values) < 0.6


@pytest.mark.bayes
@pytest.mark.parametrize("prior", ["lognormal", "saas"])
def test_ranks_of_the_truth_are_central(prior: str) -> None:
    """Few data sets: enough to catch a wrong prior, Jacobian or gradient, not a slight one."""
    priors = simulate.PRIORS[prior]
    settings = SamplingSettings(40, 60)
    records = [simulate.rank_one(priors, 8, 1, settings, sample_pymc, seed) for seed in range(10)]
    for name in ("outputscale", "noise", "lengthscale", "log_evidence"):
        ranks = np.ravel([r["ranks"][name] for r in records])
        # the mean of ten uniform ranks on 0..31 is 15.5 with standard deviation 2.9
        assert abs(ranks.mean() - 15.5) < 4.0 * 2.92, name


@pytest.mark.bayes
def test_a_wrong_jacobian_would_be_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """The test above can fail: without the prior the truth ends up at one side."""
    from bayesopt.surrogate.full_bayes.layout import Layout

    right = Layout.log_prior

    def wrong(self: Layout, q: np.ndarray) -> tuple[float, np.ndarray]:
        value, gradient = right(self, q)
        return value + 4.0 * float(q.sum()), gradient + 4.0

    monkeypatch.setattr(Layout, "log_prior", wrong)
    priors, settings = simulate.PRIORS["lognormal"], SamplingSettings(40, 60)
    records = [simulate.rank_one(priors, 8, 1, settings, sample_pymc, seed) for seed in range(6)]
    ranks = np.array([r["ranks"]["outputscale"] for r in records])
    assert abs(ranks.mean() - 15.5) > 4.0 * 9.2 / np.sqrt(6)


@pytest.mark.bayes
def test_saas_names_the_parameters_that_matter() -> None:
    rng = np.random.default_rng(0)
    p, n = 12, 30
    columns = Columns(np.zeros(p, dtype=bool), np.zeros(p, dtype=bool))
    coords = rng.random((n, p))
    values = np.sin(4 * coords[:, 3]) + 2 * (coords[:, 8] - 0.4) ** 2
    data = Observations(coords, values, np.full(n, np.nan))
    surrogate = FullBayesGP(
        priors=SaasPriors(), draws=60, tune=80, sampler="pymc", transforms=("identity",)
    )
    fitted = surrogate.fit(columns, data, state=None, rng=np.random.default_rng(1))
    lengthscales = np.array(fitted.diagnostics["lengthscales"])
    assert set(np.argsort(lengthscales)[:2]) == {3, 8}
    assert lengthscales[[3, 8]].max() < 0.5 * np.median(lengthscales)


def test_simulated_data_have_the_models_spread() -> None:
    columns = Columns(np.zeros(1, dtype=bool), np.zeros(1, dtype=bool))
    coords = np.linspace(0, 1, 5)[:, None]
    empty = Evidence(bind("matern52", columns), coords, np.zeros(5), np.zeros(5))
    target: Any = make_target(SaasPriors(), empty, deterministic=False)
    assert isinstance(target, LayoutTarget)
    rng = np.random.default_rng(2)
    ratios = []
    for _ in range(200):
        q, y = simulate.simulate(target, coords, rng)
        K = simulate.covariance(target.log_theta(q), coords)
        ratios.append(y @ np.linalg.solve(K, y))
    np.testing.assert_allclose(np.mean(ratios), 5.0, atol=4 * np.sqrt(10.0 / 200))
