"""The PyMC model against its twin without PyTensor, and against plain PyMC models."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from bayesopt.surrogate import Columns, Priors
from bayesopt.surrogate.evidence import MEAN_VARIANCE, Evidence
from bayesopt.surrogate.full_bayes import SaasPriors
from bayesopt.surrogate.full_bayes.extra import quiet
from bayesopt.surrogate.full_bayes.pymc_model import OwnPriors, layout_of, names_of, pymc_model
from bayesopt.surrogate.full_bayes.target import LayoutTarget, ModelTarget, make_target
from tests.laws.covariances import default, log_prior

pytestmark = pytest.mark.bayes
NUMERIC = Columns(np.zeros(3, dtype=bool), np.zeros(3, dtype=bool), ("a", "b", "c"))
MIXED = Columns(np.array([False, True, False]), np.array([False, False, True]), ("a", "k", "c"))


def data(columns: Columns, n: int = 15) -> Evidence:
    rng = np.random.default_rng(0)
    coords = rng.random((n, 3))
    coords[:, columns.categorical] = rng.integers(0, 3, (n, int(columns.categorical.sum())))
    y = np.sin(4 * coords[:, 0]) + coords[:, 1] ** 2
    coords[::5, columns.conditional] = np.nan
    return Evidence(default(columns), coords, (y - y.mean()) / y.std(), np.zeros(n))


def density(model: Any) -> Any:
    """From q to the log density and its gradient, interpreted: compiling would take longer."""
    from pytensor.compile.mode import Mode

    with quiet():
        function = model.logp_dlogp_function(
            ravel_inputs=True, mode=Mode(linker="py", optimizer="fast_compile")
        )
        function.set_extra_values({})
    return lambda q: function([q])


def our_model(priors: Any, columns: Columns, evidence: Evidence, *, known: bool = False) -> Any:
    from bayesopt.surrogate.full_bayes.op import Slot

    with quiet():
        return pymc_model(priors, default(columns), Slot(evidence), deterministic=known)


@pytest.mark.parametrize("known", [False, True])
@pytest.mark.parametrize("priors", [Priors(), SaasPriors()], ids=["lognormal", "saas"])
@pytest.mark.parametrize("columns", [NUMERIC, MIXED], ids=["numeric", "mixed"])
def test_both_descriptions_are_one_density(priors: Any, columns: Columns, known: bool) -> None:
    evidence = data(columns)
    model = our_model(priors, columns, evidence, known=known)
    layout = layout_of(priors, default(columns), deterministic=known)
    assert [v.name for v in model.free_RVs] == [v.name for v in layout.variables]
    compiled = density(model)
    rng = np.random.default_rng(1)
    for _ in range(4):
        q = rng.standard_normal(layout.size) - 0.3
        value, gradient = layout.log_posterior(q, evidence)
        with quiet():
            other, slope = compiled(q)
        np.testing.assert_allclose(value, other, rtol=1e-10, atol=1e-7)
        np.testing.assert_allclose(gradient, slope, rtol=1e-6, atol=1e-6)


def plain_mvnormal(evidence: Evidence, coords: np.ndarray) -> Any:
    """The log-normal model written out with PyMC's own covariance and likelihood."""
    import pymc as pm
    import pytensor.tensor as pt

    prior = log_prior(Priors(), 3, 0, deterministic=False)
    with quiet(), pm.Model() as model:
        s2 = pm.LogNormal("outputscale", prior.center[0], prior.sd[0])
        noise = pm.LogNormal("noise", prior.center[1], prior.sd[1])
        ls = pm.LogNormal("lengthscale", prior.center[2:], prior.sd[2:])
        z = pt.as_tensor(coords)[:, :] / ls
        r2 = ((z[:, None, :] - z[None, :, :]) ** 2).sum(axis=2)
        r = pt.sqrt(5.0 * r2 + 1e-30)
        K = s2 * (1.0 + r + r**2 / 3.0) * pt.exp(-r) + MEAN_VARIANCE
        K = K + (noise + 1e-6) * pt.eye(len(coords))
        pm.MvNormal("y", mu=np.zeros(len(coords)), cov=K, observed=evidence.y)
    return model


def plain_marginal(evidence: Evidence, coords: np.ndarray) -> Any:
    """The same with ``pm.gp.Marginal``; its jitter must be 0, or it is another model."""
    import pymc as pm
    import pytensor.tensor as pt

    prior = log_prior(Priors(), 3, 0, deterministic=False)
    with quiet(), pm.Model() as model:
        s2 = pm.LogNormal("outputscale", prior.center[0], prior.sd[0])
        noise = pm.LogNormal("noise", prior.center[1], prior.sd[1])
        ls = pm.LogNormal("lengthscale", prior.center[2:], prior.sd[2:])
        cov = s2 * pm.gp.cov.Matern52(3, ls=ls) + pm.gp.cov.Constant(MEAN_VARIANCE)
        gp = pm.gp.Marginal(cov_func=cov)
        gp.marginal_likelihood(
            "y", X=coords, y=evidence.y, sigma=pt.sqrt(noise + 1e-6), jitter=0.0
        )
    return model


@pytest.mark.parametrize("plain", [plain_mvnormal, plain_marginal])
def test_evidence_is_that_of_plain_pymc(plain: Any) -> None:
    rng = np.random.default_rng(5)
    coords = rng.random((14, 3))
    y = np.cos(3 * coords).sum(axis=1)
    evidence = Evidence(default(NUMERIC), coords, (y - y.mean()) / y.std(), np.zeros(14))
    ours, theirs = (
        density(our_model(Priors(), NUMERIC, evidence)),
        density(plain(evidence, coords)),
    )
    for _ in range(3):
        q = np.r_[0.3, -4.0, -0.5, 0.2, 0.0] + 0.5 * rng.standard_normal(5)
        with quiet():
            value, gradient = ours(q)
            other, slope = theirs(q)
        np.testing.assert_allclose(value, other, rtol=0, atol=1e-7)
        np.testing.assert_allclose(gradient, slope, rtol=1e-6, atol=1e-6)


def test_new_data_need_no_new_model() -> None:
    first, second = data(NUMERIC, 10), data(NUMERIC, 17)
    from bayesopt.surrogate.full_bayes.op import Slot

    slot = Slot(first)
    with quiet():
        compiled = density(pymc_model(Priors(), default(NUMERIC), slot, deterministic=False))
        q = np.full(5, -0.5)
        before = float(compiled(q)[0])
        slot.evidence = second
        after = float(compiled(q)[0])
    layout = layout_of(Priors(), default(NUMERIC), deterministic=False)
    np.testing.assert_allclose(before, layout.log_posterior(q, first)[0], atol=1e-7)
    np.testing.assert_allclose(after, layout.log_posterior(q, second)[0], atol=1e-7)


def own(parameters: tuple[str, ...], categories: tuple[str, ...]) -> Mapping[str, Any]:
    import pymc as pm

    assert parameters == ("a", "c")
    assert categories == ("k",)
    log_ls = pm.Normal("log_ls", 0.0, 1.0, dims="parameter")
    return {"lengthscale": pm.math.exp(log_ls), "outputscale": pm.Gamma("outputscale", 2.0, 1.0)}


def test_a_users_own_priors_in_part() -> None:
    """What the function leaves out has the default prior; expressions get a name."""
    evidence = data(MIXED)
    with quiet():
        target = make_target(OwnPriors(own), evidence, deterministic=False)
        assert isinstance(target, ModelTarget)
        value, gradient = target.log_posterior(target.near(np.zeros(5)))
        assert np.isfinite(value)
        assert gradient.shape == (target.size,) == (5,)
        q = np.random.default_rng(0).standard_normal((2, 3, 5)) * 0.3
        named = target.named(q)
        log_theta = target.log_theta(q)
    assert set(named) == {"log_ls", "outputscale", "lengthscale", "noise", "category_weight"}
    assert named["lengthscale"].shape == (2, 3, 2)
    np.testing.assert_allclose(named["lengthscale"], np.exp(named["log_ls"]))
    np.testing.assert_allclose(np.exp(log_theta[..., 2:4]), named["lengthscale"])
    np.testing.assert_allclose(np.exp(log_theta[..., 1]), named["noise"] + 1e-6)


def test_own_priors_of_the_wrong_kind_are_refused() -> None:
    with pytest.raises(TypeError, match="build must be a function"):
        OwnPriors(3)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="must return a mapping"):
        our_model(OwnPriors(lambda *_: 1), NUMERIC, data(NUMERIC))  # type: ignore[arg-type,return-value]
    with pytest.raises(ValueError, match="length_scale"):
        our_model(OwnPriors(lambda *_: {"length_scale": 1.0}), NUMERIC, data(NUMERIC))


def test_names_of_the_parameters() -> None:
    assert names_of(MIXED) == (("a", "c"), ("k",))
    unnamed = Columns(MIXED.categorical, MIXED.conditional)
    assert names_of(unnamed) == (("x0", "x2"), ("x1",))
    model = our_model(Priors(), MIXED, data(MIXED))
    assert tuple(model.coords["parameter"]) == ("a", "c")
    assert tuple(model.coords["category"]) == ("k",)


def test_built_in_priors_need_no_compiler() -> None:
    assert isinstance(make_target(SaasPriors(), data(MIXED), deterministic=False), LayoutTarget)
