"""Told derivatives: their noise is sampled with the other hyperparameters."""

import json

import numpy as np
import pytest

from bayesopt.surrogate import Columns, MapGP, Observations
from bayesopt.surrogate.covariance import bind
from bayesopt.surrogate.derivatives.joint_evidence import JointEvidence
from bayesopt.surrogate.full_bayes import FullBayesGP, OwnPriors, SaasPriors
from bayesopt.surrogate.full_bayes.extra import quiet
from bayesopt.surrogate.full_bayes.target import LayoutTarget, ModelTarget, make_target
from bayesopt.surrogate.full_bayes.with_derivatives import SampledDerivatives
from bayesopt.surrogate.prior import Priors
from bayesopt.surrogate.transform import Identity, OutputTransform, RobustScaler

pytestmark = pytest.mark.bayes
FAST = {"draws": 48, "tune": 64, "begin": 0, "keep": 8}


def bowl(n=9, seed=0):
    columns = Columns(np.zeros(2, bool), np.zeros(2, bool), ("a", "b"))
    x = np.random.default_rng(seed).random((n, 2))
    return columns, Observations(x, (x**2).sum(axis=1), np.full(n, np.nan), gradients=2 * x)


def own(parameters, categories):
    import pymc as pm

    return {"lengthscale": pm.InverseGamma("lengthscale", 3.0, 1.0, dims="parameter")}


OWN = OwnPriors(own)


def target(priors, n=7):
    columns, data = bowl(n)
    transform = OutputTransform.of(data.values, RobustScaler.of(data.values), Identity())
    joint = SampledDerivatives(bind("matern52", columns), (1,))
    return make_target(priors, joint.evidence(data, transform), deterministic=False)


def test_derivatives_are_used_and_what_is_not_sampled_yet_is_the_map_fit():
    columns, data = bowl()
    surrogate, state = FullBayesGP(), None
    for n in (1, 9):
        found = surrogate.fit(
            columns, data.part(slice(n)), state=state, rng=np.random.default_rng(0)
        )
        state = json.loads(json.dumps(found.state))
    later = FullBayesGP(begin=20).fit(columns, data, state=None, rng=np.random.default_rng(0))
    assert not later.state["sampled"]
    assert later.diagnostics["gradients"]["used"] > 0
    mean, _ = later.posterior.mean_var(data.coords)
    plain = MapGP(short_scale=False).fit(columns, data, state=None, rng=np.random.default_rng(0))
    np.testing.assert_allclose(mean, plain.posterior.mean_var(data.coords)[0], atol=1e-8)


def test_the_noise_of_derivatives_is_sampled_and_predictions_are_those_of_the_function():
    columns, data = bowl(12)
    surrogate = FullBayesGP(**FAST)
    found = surrogate.fit(columns, data, state=None, rng=np.random.default_rng(0))
    assert found.state["sampled"]
    assert found.diagnostics["gradients"]["used"] == 24
    assert len(found.diagnostics["derivative_noise"]) == 2
    assert "derivative_noise" in surrogate.posterior.posterior
    # the centre of the space is known far better than from twelve values
    at = np.array([[0.5, 0.5], [0.9, 0.1]])
    mean, var = found.posterior.mean_var(at)
    truth = found.transform.forward((at**2).sum(axis=1))
    np.testing.assert_allclose(mean, truth, atol=0.05)
    assert var.max() < 0.01


def test_a_stored_state_gives_the_same_posterior():
    columns, data = bowl(30)
    first = FullBayesGP(**FAST).fit(columns, data, state=None, rng=np.random.default_rng(0))
    state = json.loads(json.dumps(first.state))
    again = FullBayesGP(**FAST).fit(columns, data, state=state, rng=np.random.default_rng(9))
    at = np.random.default_rng(1).random((5, 2))
    for a, b in zip(first.posterior.mean_var(at), again.posterior.mean_var(at), strict=True):
        np.testing.assert_array_equal(a, b)


def test_derivatives_that_are_taken_back_are_forgotten():
    columns, data = bowl(12)
    surrogate = FullBayesGP(**FAST)
    first = surrogate.fit(columns, data, state=None, rng=np.random.default_rng(0))
    plain = Observations(data.coords, data.values, data.noise_sd)
    then = surrogate.fit(columns, plain, state=first.state, rng=np.random.default_rng(0))
    assert "gradients" not in then.diagnostics
    assert "derivative_noise" not in then.diagnostics


@pytest.mark.parametrize("priors", [Priors(), SaasPriors()], ids=["log-normal", "saas"])
def test_log_density_has_its_gradient(priors):
    found = target(priors)
    assert isinstance(found, LayoutTarget)
    assert isinstance(found.evidence, JointEvidence)
    q = found.near(found.vector.prior(Priors(), deterministic=False).center) + 0.1
    _, gradient = found.log_posterior(q)
    h = 1e-5
    for i in range(found.size):
        step = h * np.eye(found.size)[i]
        slope = (found.log_posterior(q + step)[0] - found.log_posterior(q - step)[0]) / (2 * h)
        assert gradient[i] == pytest.approx(slope, rel=1e-4, abs=1e-4)


def test_own_priors_come_with_the_noise_of_derivatives():
    found = target(OWN)
    assert isinstance(found, ModelTarget)
    with quiet():  # as sampling has it
        q = found.near(np.zeros(1))
        assert "derivative_noise" in found.named(q)
        value, gradient = found.log_posterior(q)
    assert np.isfinite(value)
    assert np.isfinite(gradient).all()


@pytest.mark.slow
def test_an_additive_component_that_map_found_is_sampled_too():
    d, n = 3, 12
    columns = Columns(np.zeros(d, bool), np.zeros(d, bool), tuple("abc"))
    x = np.random.default_rng(0).random((n, d))
    t = 3 * np.pi * x
    values, slopes = np.sin(t).sum(axis=1), 3 * np.pi * np.cos(t)
    data = Observations(x, values, np.full(n, np.nan), gradients=slopes)
    surrogate = FullBayesGP(**FAST)
    found = surrogate.fit(columns, data, state=None, rng=np.random.default_rng(0))
    assert found.state["sampled"]
    assert found.state["derivatives_covariance"] == "additive"
    assert len(found.diagnostics["additive_lengthscale"]) == d
    new = np.random.default_rng(1).random((100, d))
    mean = found.transform.inverse(found.posterior.mean_var(new)[0])
    assert np.corrcoef(mean, np.sin(3 * np.pi * new).sum(axis=1))[0, 1] > 0.95
    state = json.loads(json.dumps(found.state))
    again = FullBayesGP(**FAST).fit(columns, data, state=state, rng=np.random.default_rng(9))
    np.testing.assert_array_equal(
        again.posterior.mean_var(new)[0], found.posterior.mean_var(new)[0]
    )
