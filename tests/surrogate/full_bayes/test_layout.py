"""From named variables to the evidence's vector."""

import json

import numpy as np
import pytest

from bayesopt.surrogate import Columns, NormalInLog, Priors
from bayesopt.surrogate.evidence import Evidence
from bayesopt.surrogate.full_bayes import SaasPriors
from bayesopt.surrogate.full_bayes.layout import Layout, bounded_evidence, log_normal_layout
from tests.laws.covariances import default, log_prior

MIXED = Columns(np.array([False, True, False, True]), np.array([False, False, True, True]))
G, H = 2, 2


def layouts(deterministic: bool) -> dict[str, Layout]:
    return {
        "lognormal": log_normal_layout(Priors(), default(MIXED), deterministic=deterministic),
        "saas": SaasPriors().layout(default(MIXED), deterministic=deterministic),
    }


def evidence(n: int = 12) -> Evidence:
    rng = np.random.default_rng(0)
    coords = rng.random((n, 4))
    coords[:, 1] = rng.integers(0, 3, n)
    coords[:, 3] = rng.integers(0, 2, n)
    coords[::4, 2:] = np.nan
    y = np.sin(5 * coords[:, 0]) + 0.3 * coords[:, 1]
    return Evidence(default(MIXED), coords, (y - y.mean()) / y.std(), np.zeros(n))


@pytest.mark.parametrize("deterministic", [False, True])
@pytest.mark.parametrize("name", ["lognormal", "saas"])
def test_gradient_of_the_log_posterior(name: str, deterministic: bool) -> None:
    layout, data = layouts(deterministic)[name], evidence()
    rng = np.random.default_rng(1)
    for _ in range(5):
        q = 0.7 * rng.standard_normal(layout.size) - 0.5
        _, gradient = layout.log_posterior(q, data)
        for j in range(layout.size):
            e = 1e-5 * (np.arange(layout.size) == j)
            rise = layout.log_posterior(q + e, data)[0] - layout.log_posterior(q - e, data)[0]
            np.testing.assert_allclose(gradient[j], rise / 2e-5, rtol=1e-5, atol=1e-5)


def test_saas_is_the_formula_of_the_paper() -> None:
    layout = SaasPriors().layout(default(MIXED), deterministic=False)
    q = np.random.default_rng(2).standard_normal(layout.size)
    value = layout.named(q)
    theta = np.exp(layout.log_theta(q))
    np.testing.assert_allclose(1.0 / theta[2 : 2 + G] ** 2, value["tau"] * value["lam"])
    np.testing.assert_allclose(theta[2 + G :], value["tau"] * value["lam_category"])
    np.testing.assert_allclose(theta[0], value["outputscale"])
    np.testing.assert_allclose(theta[1], value["noise"] + 1e-6)
    np.testing.assert_allclose(value["lengthscale"], theta[2 : 2 + G])


def test_log_normal_is_the_prior_of_the_map_fit() -> None:
    """The same log density as MapGP's penalty, up to a constant, where the floor plays no part."""
    layout = log_normal_layout(Priors(), default(MIXED), deterministic=False)
    prior = log_prior(Priors(), G, H, deterministic=False)
    rng = np.random.default_rng(3)
    a, b = rng.standard_normal((2, layout.size))
    difference = layout.log_prior(a)[0] - layout.log_prior(b)[0]
    np.testing.assert_allclose(difference, prior.cost(b)[0] - prior.cost(a)[0])


@pytest.mark.parametrize("name", ["lognormal", "saas"])
def test_a_known_noise_is_no_variable(name: str) -> None:
    layout = layouts(True)[name]
    assert not layout.has_noise
    assert "noise" not in layout.named(np.zeros(layout.size))
    np.testing.assert_allclose(np.exp(layout.log_theta(np.ones(layout.size))[1]), 1e-6)


@pytest.mark.parametrize("name", ["lognormal", "saas"])
def test_values_by_name_and_back(name: str) -> None:
    layout = layouts(False)[name]
    q = np.random.default_rng(4).standard_normal(layout.size)
    stored = json.loads(json.dumps({k: v.tolist() for k, v in layout.named(q).items()}))
    np.testing.assert_allclose(layout.unnamed(stored), q, atol=1e-12)
    many = layout.named(np.stack([q, q + 1.0])[None])
    np.testing.assert_allclose(many["lengthscale"][0, 0], stored["lengthscale"])
    assert many["outputscale"].shape == (1, 2)


def test_no_evidence_is_minus_infinity_not_an_error() -> None:
    data = evidence()
    for log_theta in (np.full(2 + G + H, 200.0), np.full(2 + G + H, np.nan)):
        value, gradient = bounded_evidence(data, log_theta)
        assert value == np.inf
        assert (gradient == 0.0).all()


def test_wrong_numbers_are_refused_by_name() -> None:
    with pytest.raises(ValueError, match="tau of SaasPriors"):
        SaasPriors(tau=0.0)
    with pytest.raises(ValueError, match="outputscale of SaasPriors"):
        SaasPriors(outputscale=(1.0, -1.0))


def test_a_changed_prior_arrives() -> None:
    narrow = Priors(outputscale=NormalInLog(3.0, 0.01, 1e-3, 1e3))
    drawn = log_normal_layout(narrow, default(MIXED), deterministic=False)
    values = [np.exp(drawn.draw(np.random.default_rng(s))[0]) for s in range(20)]
    np.testing.assert_allclose(values, 3.0, rtol=0.1)
