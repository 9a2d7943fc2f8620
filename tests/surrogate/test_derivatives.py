"""A Gaussian process given values and derivatives: the laws, second routes, and what is not
believed.
"""

import json
import logging
import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import multivariate_normal

from bayesopt.surrogate import (
    Additive,
    Categories,
    Columns,
    MapGP,
    Observations,
    Radial,
    ShortScale,
)
from bayesopt.surrogate.covariance import bind
from bayesopt.surrogate.derivatives import DerivativeProcess, Rows
from bayesopt.surrogate.derivatives.joint_evidence import JointEvidence
from bayesopt.surrogate.derivatives.joint_model import JointModel
from bayesopt.surrogate.derivatives.kept_rows import most_useful
from bayesopt.surrogate.derivatives.models import of_derivatives
from bayesopt.surrogate.derivatives.signs import support, wrong_signs
from bayesopt.surrogate.gp import GaussianProcess
from bayesopt.surrogate.hyperparameters import Hyperparameters
from bayesopt.surrogate.selection import Covariances
from bayesopt.testing.spaces import columns_of, named
from bayesopt.testing.surrogates import SurrogateLaws, objective

H = 1e-5


def derivatives(name, points):
    """Of the laws' objective, by central differences; NaN where there is none."""
    space = named(name)
    found = np.full(points.shape, np.nan)
    for j in np.flatnonzero(
        np.isfinite(space.value_slopes(np.full((1, points.shape[1]), 0.5))[0])
    ):
        e = H * np.eye(points.shape[1])[j]
        found[:, j] = (objective(name, points + e) - objective(name, points - e)) / (2 * H)
    return np.where(np.isnan(points), np.nan, found)


class TestMapGPWithDerivatives(SurrogateLaws):
    """Also where they have nothing to do with the values."""

    def surrogate(self):
        return MapGP()

    def fit(self, name, points, values, *, state=None, deterministic=True):
        data = Observations(
            points,
            values,
            np.full(len(values), np.nan),
            deterministic,
            gradients=derivatives(name, points),
        )
        rng = np.random.default_rng(5)
        return self.surrogate().fit(columns_of(named(name)), data, state=state, rng=rng)


def smooth(x):
    """A function of two numbers, and its derivatives."""
    a, b = x.T
    value = np.sin(3 * a) + a * b + b**2
    return value, np.column_stack([3 * np.cos(3 * a) + b, a + 2 * b])


COLUMNS = Columns(np.zeros(2, bool), np.zeros(2, bool), ("a", "b"))


KERNELS = [
    "matern52",
    "rbf",
    Radial("matern52") * Categories() + ShortScale(),
    Radial("matern52") * Categories() + Additive(),
    Additive("rbf") + ShortScale(),
]


def setting(family="matern52", noise=1e-6, seed=0, n=6):
    bound = bind(family, COLUMNS)
    theta = np.concatenate([np.full(bound.vector.size, 0.7), [1e-6, 1e-6]])
    theta[bound.vector.noise] = noise
    x = np.random.default_rng(seed).random((n, 2))
    y, g = smooth(x)
    return JointModel(bound, np.log(theta)), x, y, g


def fitted(x, y, g, **options):
    data = Observations(x, y, np.full(len(x), np.nan), gradients=g, **options)
    return MapGP().fit(COLUMNS, data, state=None, rng=np.random.default_rng(0))


@pytest.mark.parametrize("family", KERNELS)
def test_without_derivatives_it_is_the_process_of_values(family):
    model, x, y, g = setting(family)
    rows = Rows.observed(COLUMNS, x, y, np.zeros(len(x)), np.full_like(g, np.nan))
    mine = DerivativeProcess.fit(model, rows)
    hp = Hyperparameters(model.bound, model.log_theta[: model.bound.vector.size])
    other = GaussianProcess.fit(hp, x, y)
    new = np.random.default_rng(1).random((7, 2))
    a, b = mine.predict(new, slopes=True), other.predict(new, slopes=True)
    np.testing.assert_allclose(a.mean, b.mean, rtol=1e-6, atol=1e-8)
    np.testing.assert_allclose(a.var, b.var, rtol=1e-5, atol=1e-8)
    d_mean, d_var = np.ones((7, 1)), np.full(7, 0.3)
    np.testing.assert_allclose(
        a.pullback(d_mean, d_var), b.pullback(d_mean, d_var), rtol=1e-5, atol=1e-6
    )
    for mine_, theirs in zip(mine.leave_one_out(), other.leave_one_out(), strict=True):
        np.testing.assert_allclose(mine_, theirs, rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize("family", KERNELS)
def test_a_derivative_is_two_values_close_together(family):
    model, x, y, g = setting(family, noise=1e-12)
    exact = DerivativeProcess.fit(model, Rows.observed(COLUMNS, x, y, np.zeros(len(x)), g))
    step, parts, values = 1e-2, [x], [y]
    for j in range(2):
        for s in (-step, step):
            parts.append(x + s * np.eye(2)[j])
            values.append(smooth(parts[-1])[0])
    coords, y2 = np.concatenate(parts), np.concatenate(values)
    hp = Hyperparameters(model.bound, model.log_theta[: model.bound.vector.size])
    close = GaussianProcess.fit(hp, coords, y2)
    new = np.random.default_rng(3).random((9, 2))
    np.testing.assert_allclose(exact.mean(new), close.mean(new), atol=0.03)
    mean, var = exact.predict(x).mean[:, 0], exact.predict(x).var
    np.testing.assert_allclose(mean, y, atol=1e-3)
    assert (var < 1e-4).all()


def test_the_pullback_is_the_gradient_of_the_moments():
    model, x, y, g = setting()
    process = DerivativeProcess.fit(model, Rows.observed(COLUMNS, x, y, np.zeros(len(x)), g))
    new = np.random.default_rng(2).random((5, 2))
    found = process.predict(new, slopes=True).pullback(np.ones((5, 1)), np.full(5, 2.0))

    def number(points):
        moments = process.predict(points)
        return moments.mean[:, 0] + 2.0 * moments.var

    for j in range(2):
        e = H * np.eye(2)[j]
        wanted = (number(new + e) - number(new - e)) / (2 * H)
        np.testing.assert_allclose(found[:, j], wanted, rtol=1e-4, atol=1e-4)
    bound = process.predict_bound(new)
    np.testing.assert_allclose(bound.mean, process.mean(new))
    assert (bound.var >= process.predict(new).var - 1e-9).all()


@pytest.mark.parametrize("kernel", KERNELS)
@given(seed=st.integers(0, 1000))
def test_the_evidence_is_that_of_the_joint_normal_and_so_is_its_gradient(kernel, seed):
    model, x, y, g = setting(kernel, seed=seed, n=4)
    g[0, 1] = np.nan
    rows = Rows.observed(COLUMNS, x, y, np.full(4, 0.01), g)
    evidence = JointEvidence(model.bound, rows)
    start = np.random.default_rng(seed).normal(-0.5, 0.3, len(model.log_theta))
    value, gradient = evidence(start)
    at = JointModel(model.bound, start)
    place = at.place(x)
    K = at.between(place, rows.pairs, place, rows.pairs) + np.diag(at.noise_of(rows))
    assert value == pytest.approx(-multivariate_normal(np.zeros(len(K)), K).logpdf(rows.y))
    for i in range(len(start)):
        e = H * np.eye(len(start))[i]
        wanted = (evidence(start + e)[0] - evidence(start - e)[0]) / (2 * H)
        assert gradient[i] == pytest.approx(wanted, rel=1e-4, abs=1e-5)


def test_conditioning_on_further_values_is_fitting_to_all():
    model, x, y, g = setting(noise=1e-3)
    rows = Rows.observed(COLUMNS, x[:4], y[:4], np.zeros(4), g[:4])
    part = DerivativeProcess.fit(model, rows)
    extended = part.condition(x[4:], y[4:, None], np.full(2, model.noise))
    none = np.concatenate([g[:4], np.full((2, 2), np.nan)])
    whole = DerivativeProcess.fit(model, Rows.observed(COLUMNS, x, y, np.zeros(6), none))
    new = np.random.default_rng(2).random((5, 2))
    np.testing.assert_allclose(extended.mean(new), whole.mean(new), atol=1e-6)
    np.testing.assert_allclose(extended.predict(new).var, whole.predict(new).var, atol=1e-7)
    mean, cov = extended.joint(new)
    np.testing.assert_allclose(mean, whole.mean(new), atol=1e-6)
    np.testing.assert_allclose(cov.diagonal(), whole.predict(new).var, atol=1e-7)


def test_leaving_a_group_out_is_fitting_without_it():
    model, x, y, g = setting()
    rows = Rows.observed(COLUMNS, x, y, np.zeros(6), g)
    own = rows.of == 1
    mean, cov = DerivativeProcess.fit(model, rows).leave_out(own)
    wanted_mean, wanted_cov = DerivativeProcess.fit(model, rows.some(~own)).slopes(rows.some(own))
    np.testing.assert_allclose(mean, wanted_mean, atol=1e-4)
    np.testing.assert_allclose(cov, wanted_cov, atol=1e-4)


def test_right_derivatives_are_used_and_sharpen_the_prediction():
    x = np.random.default_rng(0).random((10, 2))
    new = np.random.default_rng(1).random((50, 2))
    y, g = smooth(x)
    with_them, without = fitted(x, y, g), fitted(x, y, None)
    errors = [
        np.abs(f.transform.inverse(f.posterior.mean_var(new)[0]) - smooth(new)[0]).mean()
        for f in (with_them, without)
    ]
    assert errors[0] < 0.5 * errors[1]
    assert with_them.diagnostics["gradients"]["used"] == 20
    assert with_them.diagnostics["gradients"]["contradicting"] == {}


@pytest.mark.parametrize(("factors", "wrong"), [((-1, 1), "a"), ((1, 500), "b")])
def test_a_wrong_sign_or_unit_is_found_named_and_not_used(factors, wrong, caplog):
    x = np.random.default_rng(0).random((14, 2))
    y, g = smooth(x)
    state = None
    with caplog.at_level(logging.WARNING, "bayesopt"):
        for n in range(8, 15):
            data = Observations(x[:n], y[:n], np.full(n, np.nan), gradients=(g * factors)[:n])
            found = MapGP().fit(COLUMNS, data, state=state, rng=np.random.default_rng(0))
            state = json.loads(json.dumps(found.state))
    assert list(found.diagnostics["gradients"]["contradicting"]) == [wrong]
    said = [m for m in caplog.messages if "derivatives" in m]
    assert [f"with respect to {wrong!r}" in m for m in said] == [True]  # once is enough


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 30))
def test_derivatives_of_nothing_do_no_harm(seed):
    """With any numbers for derivatives the values are predicted about as well as without."""
    rng = np.random.default_rng(seed)
    x = rng.random((12, 2))
    y, g = smooth(x)
    noise = rng.normal(size=g.shape) * 10.0 ** rng.integers(-3, 6)
    found, without = fitted(x, y, noise), fitted(x, y, None)
    new = np.random.default_rng(1).random((50, 2))
    errors = [
        np.abs(f.transform.inverse(f.posterior.mean_var(new)[0]) - smooth(new)[0]).mean()
        for f in (found, without)
    ]
    assert errors[0] < 2.0 * errors[1] + 0.1


def wavy(x):
    """A sum of functions of one number, and its derivatives."""
    t = 2 * np.pi * x
    return np.sin(t).sum(axis=1), 2 * np.pi * np.cos(t)


def test_of_a_sum_of_functions_of_one_parameter_each_few_points_are_enough():
    d, n = 6, 16
    columns = Columns(np.zeros(d, bool), np.zeros(d, bool), tuple("abcdef"))
    x, new = np.random.default_rng(0).random((n, d)), np.random.default_rng(1).random((200, d))
    y, g = wavy(x)
    data = Observations(x, y, np.full(n, np.nan), gradients=g)
    found = MapGP().fit(columns, data, state=None, rng=np.random.default_rng(0))
    assert found.state["derivatives"]["model"].startswith("additive")
    mean = found.transform.inverse(found.posterior.mean_var(new)[0])
    assert np.corrcoef(mean, wavy(new)[0])[0, 1] > 0.95
    state = json.loads(json.dumps(found.state))
    again = MapGP().fit(columns, data, state=state, rng=np.random.default_rng(5))
    np.testing.assert_allclose(
        again.posterior.mean_var(new)[0], found.posterior.mean_var(new)[0], atol=1e-9
    )


def test_the_additive_component_is_not_added_twice():
    own = Radial("matern52") * Categories() + Additive()
    covariances = Covariances.over(COLUMNS, own, short_scale=True)
    assert list(of_derivatives(covariances)) == ["plain", "short scale"]


@given(st.integers(0, 1000), st.integers(0, 7))
def test_signs_are_those_of_most_evidence(seed, pattern):
    """As if each pattern of signs were tried: a clearly wrong one is found, and no right one."""
    rng = np.random.default_rng(seed)
    d = 3
    columns = Columns(np.zeros(d, bool), np.zeros(d, bool))
    signs = np.array([-1.0 if pattern >> j & 1 else 1.0 for j in range(d)])
    x = rng.random((12, d))
    y, g = wavy(x * 0.5)
    bound = bind("matern52", columns)
    theta = np.concatenate([np.full(bound.vector.size, 1.0), np.full(d, 1e-4)])
    theta[bound.vector.noise] = 1e-4
    rows = Rows.observed(columns, x, y, np.zeros(12), 0.5 * g * signs)
    process = DerivativeProcess.fit(JointModel(bound, np.log(theta)), rows)
    found = wrong_signs(process)
    assert found == [j for j in range(d) if signs[j] < 0]

    def evidence(turned):
        turn = np.where(np.isin(rows.of, turned), -1.0, 1.0)
        return JointEvidence(bound, replace(rows, y=rows.y * turn))(np.log(theta))[0]

    told, opposite = evidence([]), evidence(list(range(d)))
    assert support(process) == pytest.approx(opposite - told, rel=1e-6, abs=1e-6)
    assert min(evidence([j for j in range(d) if k >> j & 1]) for k in range(8)) == (
        pytest.approx(evidence(found))
    )


@pytest.mark.parametrize("n", [3, 6, 9, 12])
def test_derivatives_that_all_have_the_wrong_sign_are_never_used(n):
    for seed in range(3):
        x = np.random.default_rng(seed).random((n, 2))
        y, g = smooth(x)
        found, without = fitted(x, y, -g), fitted(x, y, None)
        new = np.random.default_rng(1).random((5, 2))
        assert found.diagnostics["gradients"]["used"] == 0
        np.testing.assert_array_equal(
            found.posterior.mean_var(new)[0], without.posterior.mean_var(new)[0]
        )


def test_signs_of_noise_are_left_alone():
    """No sign of what says nothing is clearly wrong."""
    for seed in range(10):
        model, x, y, _ = setting(seed=seed, n=10)
        theta = model.log_theta.copy()
        theta[-2:] = np.log(100.0)
        noise = np.random.default_rng(seed).normal(scale=10.0, size=(10, 2))
        rows = Rows.observed(COLUMNS, x, y, np.zeros(10), noise)
        assert not wrong_signs(DerivativeProcess.fit(JointModel(model.bound, theta), rows))


def test_a_kernel_without_derivatives_says_so(caplog):
    x = np.random.default_rng(0).random((6, 2))
    y, g = smooth(x)
    data = Observations(x, y, np.full(6, np.nan), gradients=g)
    with caplog.at_level(logging.WARNING, "bayesopt"):
        found = MapGP(kernel="matern12").fit(
            COLUMNS, data, state=None, rng=np.random.default_rng(0)
        )
    assert found.diagnostics["gradients"] == {"used": 0}


def test_of_many_rows_the_values_and_the_best_points_derivatives_are_kept():
    x = np.random.default_rng(0).random((20, 2))
    y, g = smooth(x)
    rows = Rows.observed(COLUMNS, x, y, np.zeros(20), g)
    kept = rows.at_most(26, np.argsort(y))
    assert kept.values.sum() == 20
    assert set(kept.at[~kept.values]) == set(np.argsort(y)[:3])
    assert math.isclose(kept.y[kept.values].sum(), y.sum())


@given(st.integers(0, 1000), st.integers(4, 25))
def test_of_too_many_rows_the_derivatives_of_the_best_points_are_kept(seed, limit):
    """Also where the rows are of a part of the points, numbered anew."""
    rng = np.random.default_rng(seed)
    n = 12
    z = rng.permutation(n).astype(float)
    rows = Rows.observed(
        Columns(np.zeros(2, bool), np.zeros(2, bool)),
        rng.random((n, 2)),
        z,
        np.zeros(n),
        rng.normal(size=(n, 2)),
    )
    kept = most_useful(rows, limit)
    assert len(kept) == min(limit, len(rows))
    assert kept.values.sum() == min(limit, n)
    best_third = np.argsort(z)[: n // 3]
    whole = (limit - n) // 2  # points whose derivatives are all kept
    with_derivatives = set(kept.at[~kept.values])
    for point in best_third[: max(whole, 0)]:
        assert point in with_derivatives
