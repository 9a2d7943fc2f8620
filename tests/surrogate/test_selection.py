"""Which model is selected: a short-scale component where values repeat on a short scale, else
noise.
"""

from dataclasses import replace

import numpy as np

from bayesopt.surrogate import MapGP, Priors
from bayesopt.surrogate.covariance import ShortScale, bind
from bayesopt.testing.spaces import MIXED, numeric
from tests.laws.covariances import log_prior
from tests.surrogate.test_map_gp import bowl, fit, observations, predict


def pairs(n, seed, apart):
    """Points of which each second one lies ``apart`` from the one before."""
    rng = np.random.default_rng(seed)
    X = 0.05 + 0.9 * rng.random((n, 2))
    turn = rng.standard_normal((n // 2, 2))
    X[1::2] = X[::2] + apart * turn / np.linalg.norm(turn, axis=1, keepdims=True)
    return X


def rough(X, seed=0):
    """A draw of a rough function on a scale of 0.03, of standard deviation 0.3."""
    at = bind(ShortScale(), numeric(2)).at(np.log([0.09, 1.0, 0.03]))
    K, _ = at.cross(at.points(X), at.points(X))
    root = np.linalg.cholesky(K + 1e-10 * np.eye(len(X)))
    return root @ np.random.default_rng(seed).standard_normal(len(X))


def test_what_neighbours_share_is_structure_on_a_short_scale():
    X = pairs(40, 1, 0.01)
    data = observations(X, 6.0 * ((X - 0.4) ** 2).sum(axis=1) + rough(X))
    fitted = fit(data, transforms=("identity",))
    assert fitted.diagnostics["short_scale_sd"] > 5 * fitted.diagnostics["noise_sd"]
    assert 0.01 < fitted.diagnostics["short_lengthscale"] < 0.1
    plain = fit(data, transforms=("identity",), short_scale=False)
    assert "short_scale_sd" not in plain.diagnostics


def test_what_neighbours_do_not_share_is_noise():
    X = pairs(40, 2, 1e-4)
    noise = 0.3 * np.random.default_rng(3).standard_normal(40)
    fitted = fit(observations(X, bowl(X) + noise), transforms=("identity",))
    assert "short_scale_sd" not in fitted.diagnostics
    assert fitted.diagnostics["noise_sd"] > 0.3


def test_what_is_promised_to_be_no_noise_may_be_structure():
    X = pairs(40, 1, 0.01)
    y = 6.0 * ((X - 0.4) ** 2).sum(axis=1) + rough(X)
    for known in ({"deterministic": True}, {"sd": np.full(40, 1e-3)}):
        assert fit(observations(X, y, **known)).diagnostics["short_scale_sd"] > 0.1


def test_smooth_data_have_no_short_scale_component():
    X = pairs(40, 4, 0.05)
    assert "short_scale_sd" not in fit(observations(X, bowl(X))).diagnostics


def test_lengthscales_that_are_short_may_be_structure(monkeypatch):
    """Of rough data without noise, so that noise does not tell."""
    X = pairs(40, 4, 0.005)
    data = observations(X, 6.0 * ((X - 0.4) ** 2).sum(axis=1) + rough(X, 4))
    center = np.exp(log_prior(Priors(), 2, 0, deterministic=False).center[2])
    monkeypatch.setattr("bayesopt.surrogate.selection._NOISY", 1.0)
    plain = fit(data, transforms=("identity",), short_scale=False)
    assert min(plain.diagnostics["lengthscales"]) < center / 3
    rugged = fit(data, transforms=("identity",))
    assert rugged.diagnostics["short_scale_sd"] > 0.2
    assert min(rugged.diagnostics["lengthscales"]) > center
    monkeypatch.setattr("bayesopt.surrogate.selection._SHORT", 0.01)
    assert "short_scale_sd" not in fit(data, transforms=("identity",)).diagnostics


def test_the_component_is_kept_and_carried_on():
    X = pairs(60, 5, 0.01)
    y = bowl(X) + rough(X)
    state, previous, had = None, None, 0
    for n in (40, 41, 42, 43, 60):
        data = observations(X[:n], y[:n])
        fitted = fit(data, state=state, previous=previous, transforms=("identity",))
        again = fit(data, state=state, transforms=("identity",))  # a reloaded run
        assert again.state == fitted.state
        np.testing.assert_array_equal(
            again.posterior.components[0].alpha, fitted.posterior.components[0].alpha
        )
        state, previous = fitted.state, fitted
        had += "short_scale_sd" in fitted.diagnostics
        assert len(state["log_theta"]) == 4 + 2 * ("short_scale_sd" in fitted.diagnostics)
    assert had == 5


def test_categories_alone_may_have_a_short_scale_component():
    """Of points without numbers none is beside another: what is left over still repeats."""
    rng = np.random.default_rng(6)
    columns = type(MIXED)(np.ones(6, dtype=bool), np.zeros(6, dtype=bool))
    X = rng.integers(0, 2, (40, 6)).astype(float)
    X = np.unique(X, axis=0)
    y = X.sum(axis=1) + rng.standard_normal(len(X))
    fitted = fit(observations(X, y), columns)
    assert np.isfinite(predict(fitted, X)).all()


def test_a_constraint_may_have_a_short_scale_component():
    X = pairs(40, 7, 0.01)
    data = observations(X, 6.0 * ((X - 0.4) ** 2).sum(axis=1) - 0.5 + rough(X, 7))
    data = replace(data, constraint=True)
    fitted = MapGP().fit(numeric(2), data, state=None, rng=np.random.default_rng(0))
    assert len(fitted.state["log_theta"]) == 6


def test_the_component_has_priors_of_its_own():
    prior = log_prior(Priors(), 2, 1, deterministic=False, short_scale=True)
    plain = log_prior(Priors(), 2, 1, deterministic=False)
    np.testing.assert_array_equal(prior.center[:5], plain.center)
    np.testing.assert_allclose(np.exp(prior.center[5:]), [0.05, 0.03 * np.sqrt(3)])
