"""A covariance of one's own in the sampled surrogate: each hyperparameter is a variable."""

import numpy as np
import pytest

import bayesopt as bo
from bayesopt.surrogate import Columns, Observations
from bayesopt.surrogate.covariance import bind
from bayesopt.surrogate.evidence import Evidence
from bayesopt.surrogate.full_bayes.layout import SaasPriors, log_normal_layout
from bayesopt.testing.numbers import finite_differences

COLUMNS = Columns(np.array([False, False, True]), np.zeros(3, dtype=bool), ("day", "dose", "kind"))


class Periodic(bo.CovarianceTerm):
    hyperparameters = (
        bo.Hyperparameter("period", bo.NormalInLog(0.4, 0.3, 0.1, 2.0)),
        bo.Hyperparameter("smoothness", bo.NormalInLog(1.0, 0.5, 0.1, 10.0)),
    )

    def value(self, x, y, period, smoothness):
        s = np.sin(np.pi * (x - y) / period) / smoothness
        return np.exp(-2.0 * (s * s).sum(axis=-1))


KERNEL = Periodic().on("day") * bo.Radial().without("day", "kind") * bo.Categories()


def data(n=14):
    rng = np.random.default_rng(0)
    X = np.column_stack([rng.random((n, 2)), rng.integers(0, 2, n)])
    y = np.cos(6 * np.pi * X[:, 0]) + X[:, 1] ** 2 + 0.3 * X[:, 2]
    return Observations(X, (y - y.mean()) / y.std(), np.full(n, np.nan))


@pytest.mark.parametrize("deterministic", [False, True])
@pytest.mark.parametrize("saas", [False, True])
def test_log_posterior_has_the_gradient_of_its_values(deterministic, saas):
    covariance, seen = bind(KERNEL, COLUMNS), data()
    if saas:
        layout = SaasPriors().layout(covariance, deterministic=deterministic)
    else:
        layout = log_normal_layout(bo.Priors(), covariance, deterministic=deterministic)
    evidence = Evidence(covariance, seen.coords, seen.values, np.zeros(14))
    q = 0.3 * np.random.default_rng(1).standard_normal(layout.size)
    q[layout.slices["period"]] += np.log(0.4)
    gradient = layout.log_posterior(q, evidence)[1]
    slopes = finite_differences(lambda q: layout.log_posterior(q, evidence)[0], q, 1e-4)
    np.testing.assert_allclose(gradient, slopes, rtol=1e-5, atol=1e-5)
    named = layout.named(q)
    assert named["period"] == pytest.approx(
        np.exp(layout.log_theta(q))[covariance.vector.where["period"]][0]
    )
    assert named["lengthscale"].shape == (1,)
    assert {"period", "smoothness", "category_weight"} <= set(named)


@pytest.mark.bayes
def test_hyperparameters_of_ones_own_are_sampled():
    gp = bo.FullBayesGP(
        kernel=KERNEL, draws=40, tune=60, chains=2, keep=4, sampler="pymc", begin=0
    )
    fitted = gp.fit(COLUMNS, data(), state=None, rng=np.random.default_rng(0))
    assert {"period", "smoothness"} <= set(fitted.diagnostics)
    assert gp.posterior.posterior["period"].shape == (2, 40)
    assert gp.posterior.posterior["lengthscale"].shape == (2, 40, 1)
    moments = fitted.posterior.predict_each(data().coords[:3], slopes=True)
    assert np.isfinite(moments.pullback(np.ones((4, 3, 1)), np.ones((4, 3)))).all()


@pytest.mark.bayes
def test_the_model_in_pymc_is_the_same(tmp_path):
    import pymc
    from pytensor.compile.mode import Mode

    from bayesopt.surrogate.full_bayes.op import Slot
    from bayesopt.surrogate.full_bayes.pymc_model import OwnPriors, pymc_model

    covariance, seen = bind(KERNEL, COLUMNS), data()
    evidence = Evidence(covariance, seen.coords, seen.values, np.zeros(14))
    layout = log_normal_layout(bo.Priors(), covariance, deterministic=False)

    def own(parameters, categories):
        return {"period": pymc.LogNormal("period", np.log(0.4), 0.3)}

    q = 0.2 * np.random.default_rng(1).standard_normal(layout.size)
    for priors in (bo.Priors(), OwnPriors(own)):
        model = pymc_model(priors, covariance, Slot(evidence), deterministic=False)
        point = {
            v.name: q[layout.slices[v.name.removesuffix("_log__")]].reshape(np.shape(start))
            for v, start in ((v, model.initial_point()[v.name]) for v in model.value_vars)
        }
        plain = Mode(linker="py", optimizer="fast_compile")
        found = float(model.compile_logp(mode=plain)(point))
        assert found == pytest.approx(layout.log_posterior(q, evidence)[0], rel=1e-9)
