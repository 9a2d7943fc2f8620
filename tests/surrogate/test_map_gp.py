"""The fit: is it the maximum, does it repeat, when is it made, and what it does with odd data."""

import json
import math
from dataclasses import replace

import numpy as np
import pytest
from scipy import optimize

from bayesopt.surrogate import (
    Columns,
    GaussianProcess,
    MapGP,
    NormalInLog,
    Observations,
    Priors,
)
from bayesopt.surrogate.evidence import Evidence
from bayesopt.surrogate.schedule import active_set, refit_interval, subsample
from bayesopt.testing.spaces import MIXED, mixed_points, numeric
from tests.laws.covariances import default, log_prior


def observations(X, y, *, sd=None, deterministic=False):
    noise = np.full(len(y), np.nan) if sd is None else np.asarray(sd, dtype=float)
    return Observations(X, np.asarray(y, dtype=float), noise, deterministic)


def fit(data, columns=None, *, state=None, seed=0, previous=None, **options):
    columns = columns if columns is not None else numeric(data.coords.shape[1])
    rng = np.random.default_rng(seed)
    return MapGP(**options).fit(columns, data, state=state, rng=rng, previous=previous)


def bowl(X):
    return ((X - 0.3) ** 2).sum(axis=1) + 0.3 * np.sin(7 * X[:, 0])


def smooth_data(n, p=2, seed=1, noise=0.0):
    rng = np.random.default_rng(seed)
    X = rng.random((n, p))
    return observations(X, bowl(X) + noise * rng.standard_normal(n))


def predict(fitted, X):
    return fitted.transform.inverse(fitted.posterior.mean_var(X)[0])


# ---- the maximum ----------------------------------------------------------------------------


@pytest.mark.parametrize("noise", [0.0, 0.2])
def test_it_is_the_maximum(noise):
    """Another optimiser finds no higher posterior density from elsewhere."""
    data = smooth_data(25, noise=noise)
    fitted = fit(data, transforms=("identity",))
    z = fitted.transform.forward(data.values)
    evidence = Evidence(default(numeric(2)), data.coords, z, np.zeros(25))
    prior = log_prior(Priors(), 2, 0, deterministic=False)

    def cost(t):
        return evidence(t)[0] + prior.cost(t)[0]

    rng = np.random.default_rng(2)
    bounds = list(zip(prior.low, prior.high, strict=True))
    others = [
        optimize.minimize(cost, prior.draw(rng), method="Nelder-Mead", bounds=bounds).fun
        for _ in range(2)
    ]
    assert cost(np.array(fitted.state["log_theta"])) < min(others) + 0.05


def test_hyperparameters_say_what_matters():
    rng = np.random.default_rng(3)
    X = rng.random((40, 3))
    y = np.sin(6 * X[:, 0]) + 0.01 * X[:, 1]
    lengthscales = fit(observations(X, y)).diagnostics["lengthscales"]
    assert lengthscales[0] < 0.2 * lengthscales[1]
    assert lengthscales[0] < 0.2 * lengthscales[2]


def test_noise_is_found():
    fitted = fit(smooth_data(150, noise=0.1, seed=4), transforms=("identity",))
    sd = fitted.diagnostics["noise_sd"] * fitted.transform.sd * fitted.transform.scaler.spread
    assert sd == pytest.approx(0.1, rel=0.25)


def test_it_predicts():
    data = smooth_data(40)
    new = np.random.default_rng(5).random((50, 2))
    assert np.abs(predict(fit(data), new) - bowl(new)).max() < 0.05 * np.ptp(bowl(new))


# ---- the output transform -------------------------------------------------------------------


def test_values_over_many_decades_are_taken_in_log():
    data = smooth_data(30)
    wide = observations(data.coords, np.exp(8.0 * data.values))
    assert fit(wide).diagnostics["transform"] == "log"
    waves = observations(data.coords, np.sin(5 * data.coords).sum(axis=1))
    assert fit(waves).diagnostics["transform"] == "identity"


def test_a_penalty_keeps_the_first_transform():
    wide = observations(smooth_data(30).coords, np.exp(8.0 * smooth_data(30).values))
    assert fit(wide, warp_penalty=1e6).diagnostics["transform"] == "identity"
    only = fit(wide, transforms=("yeo-johnson",))
    assert only.diagnostics["transform"] == "yeo-johnson"


def test_few_values_are_not_bent():
    X = np.random.default_rng(6).random((5, 2))
    data = observations(X, 10.0 ** np.arange(5))
    assert fit(data).diagnostics["transform"] == "identity"


def test_the_order_of_competitors_does_not_decide():
    wide = observations(smooth_data(30).coords, np.exp(8.0 * smooth_data(30).values))
    one = fit(wide, transforms=("identity", "log"), warp_penalty=0.0)
    other = fit(wide, transforms=("log", "identity"), warp_penalty=0.0)
    assert one.diagnostics["transform"] == other.diagnostics["transform"] == "log"


def wide_data(share, told=30):
    """Values over many decades, of which so many come with a share of the spread as their sd."""
    data = smooth_data(30)
    y = np.exp(8.0 * data.values)
    sd = share * y.std()
    return observations(data.coords, y, sd=np.where(np.arange(30) < told, sd, np.nan))


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (wide_data(1.0), "identity"),
        (wide_data(1.0, told=16), "identity"),
        (wide_data(1e-6), "log"),
        (wide_data(1.0, told=14), "log"),
        (replace(wide_data(1.0), predicted=np.arange(30) < 29), "identity"),
        (replace(wide_data(1.0), predicted=np.arange(30) < 30), "log"),
    ],
    ids=["noisy", "most are", "hardly", "fewer than half", "one was seen", "none was seen"],
)
def test_what_is_told_to_be_noisy_is_not_bent(data, kind):
    if kind == "log":  # told noise of a few only leaves it to the evidence
        names = ("log", "yeo-johnson", "identity")
        assert set(MapGP()._transforms_for(numeric(2), data, None)) == set(names)
    else:
        assert fit(data).diagnostics["transform"] == "identity"
    assert fit(data, transforms=("log",)).diagnostics["transform"] == "log"


def test_told_noise_is_a_median():
    data = wide_data(1.0)
    assert data.told_noise == data.noise_sd[0]
    assert data.part(slice(0, 0)).told_noise == 0.0
    assert wide_data(1.0, told=14).told_noise == 0.0
    rng = np.random.default_rng(0)
    sd, predicted = rng.random(30), rng.random(30) < 0.5
    some = replace(data, noise_sd=sd, predicted=predicted)
    assert some.told_noise == np.median(sd[~predicted])
    kept = some.part(slice(5, None))
    assert kept.told_noise == np.median(sd[5:][~predicted[5:]])


def test_once_noise_is_told_the_bend_of_the_last_fit_is_given_up():
    data, told = wide_data(1e-6), wide_data(1.0)
    first = fit(replace(data, noise_sd=np.full(30, np.nan)))
    assert first.diagnostics["transform"] == "log"
    then = fit(told, state=first.state)
    assert then.diagnostics["transform"] == "identity"
    same(then, fit(told, state=json.loads(json.dumps(first.state)), previous=first))


def test_an_outlier_is_no_disaster():
    data = smooth_data(30)
    spoilt = observations(
        np.concatenate([data.coords, [[0.9, 0.9]]]), np.concatenate([data.values, [1e12]])
    )
    new = np.random.default_rng(7).random((40, 2))
    new = new[np.abs(new - 0.9).max(axis=1) > 0.3]
    error = np.abs(predict(fit(spoilt), new) - bowl(new)).max()
    assert error < 0.3 * np.ptp(data.values)


# ---- repeating ------------------------------------------------------------------------------


def same(one, other):
    assert one.state == other.state
    X = mixed_points(9, 6)[:, : one.posterior.components[0].points.z.shape[1]]
    gp, gp2 = one.posterior.components[0], other.posterior.components[0]
    for name in ("root", "alpha", "y"):
        np.testing.assert_array_equal(getattr(gp, name), getattr(gp2, name))
    np.testing.assert_array_equal(gp.points.z, gp2.points.z)
    assert one.transform == other.transform
    return X


@pytest.mark.parametrize("n", [1, 4, 12, 30])
def test_the_same_arguments_give_the_same_fit(n):
    same(fit(smooth_data(n)), fit(smooth_data(n)))


def test_a_state_that_went_through_json_gives_the_same_fits():
    data, state, written = smooth_data(40, noise=0.05), None, None
    for n in (3, 5, 6, 9, 15, 16, 33, 40):
        part = observations(data.coords[:n], data.values[:n])
        one, other = fit(part, state=state), fit(part, state=written)
        same(one, other)
        state = one.state
        written = json.loads(json.dumps(dict(other.state)))


def test_a_fit_made_again_from_its_own_state_is_the_same():
    """What a reloaded run does in the middle of a batch."""
    for n in (1, 5, 6, 20, 40):
        first = fit(smooth_data(n))
        again = fit(smooth_data(n), state=first.state, seed=99)
        same(first, again)


def test_data_are_left_alone():
    data = smooth_data(10)
    copies = data.coords.copy(), data.values.copy(), data.noise_sd.copy()
    fit(data)
    for array, copy in zip((data.coords, data.values, data.noise_sd), copies, strict=True):
        np.testing.assert_array_equal(array, copy)


# ---- when it is made ------------------------------------------------------------------------


def test_refits_become_rarer():
    assert [refit_interval(n) for n in (1, 50, 99, 100, 149, 150, 1000)] == [1, 1, 1, 2, 2, 3, 20]


def test_between_refits_the_hyperparameters_stay():
    data = smooth_data(131, noise=0.1, seed=10)
    first = fit(observations(data.coords[:125], data.values[:125]), transforms=("identity",))
    state, refitted = first.state, []
    for n in range(126, 132):
        part = observations(data.coords[:n], data.values[:n])
        fitted = fit(part, state=state, transforms=("identity",))
        if fitted.state["log_theta"] != state["log_theta"]:
            refitted.append(n)
        assert len(fitted.posterior.components[0].points) == n  # the data are all there
        state = fitted.state
    assert refitted == [127, 129, 131]


@pytest.mark.parametrize("remember", [True, False])
def test_data_that_surprise_are_fitted_at_once(remember):
    data = smooth_data(202, noise=0.05, seed=12)
    calm = fit(observations(data.coords[:200], data.values[:200]), transforms=("identity",))
    sizes, values = (201, 202), data.values.copy()
    for jump in (0.0, 1.0):
        values[200] = data.values[200] + jump * np.ptp(data.values)
        last, fits = calm, []
        for n in sizes:
            part = observations(data.coords[:n], values[:n])
            last = fit(
                part,
                state=last.state,
                transforms=("identity",),
                previous=last if remember else None,
            )
            fits.append(last.state["n"])
        assert fits == ([201, 201] if jump else [200, 200])


def test_new_starts_get_out_of_a_bad_optimum():
    data = smooth_data(30, seed=11)
    good = fit(data, transforms=("identity",))
    prior = log_prior(Priors(), 2, 0, deterministic=False)
    noise_only = [math.log(1e-3), 0.0, *prior.high[2:]]
    state = {
        "n": 14,
        "n_starts": 14,
        "n_bend": 14,
        "transform": "identity",
        "log_theta": noise_only,
        "blocks": [14],
    }
    found = fit(data, state=state, transforms=("identity",))
    np.testing.assert_allclose(found.state["log_theta"], good.state["log_theta"], atol=0.3)
    assert found.state["n_starts"] == 30


def test_a_state_of_another_model_is_not_used():
    """Such as one that was stored before a parameter was added."""
    data = smooth_data(12, p=3)
    other = fit(smooth_data(12, p=2))
    assert len(fit(data, state=other.state).state["log_theta"]) == 5


# ---- noise ----------------------------------------------------------------------------------


def test_a_deterministic_objective_is_interpolated():
    data = smooth_data(20)
    fitted = fit(observations(data.coords, data.values, deterministic=True))
    assert fitted.diagnostics["noise_sd"] == pytest.approx(1e-3)
    error = predict(fitted, data.coords) - data.values
    assert np.abs(error).max() < 1e-3 * np.ptp(data.values)


def test_measured_noise_is_used_as_it_is():
    rng = np.random.default_rng(12)
    X = rng.random((30, 2))
    sd = np.where(np.arange(30) < 15, 1e-3, 0.5)
    y = bowl(X) + sd * rng.standard_normal(30)
    data = observations(X, y, sd=sd)
    fitted = fit(data, transforms=("identity",))
    gp = fitted.posterior.components[0]
    scale = fitted.transform.sd * fitted.transform.scaler.spread
    np.testing.assert_allclose(
        fitted.transform.known_noise(data.values, data.noise_sd), (sd / scale) ** 2, rtol=1e-12
    )
    z = fitted.transform.forward(y)
    naive = GaussianProcess.fit(gp.hyperparameters, X, z, (sd / scale) ** 2)
    np.testing.assert_allclose(gp.alpha, naive.alpha, rtol=1e-9)
    assert fitted.diagnostics["noise_sd"] == pytest.approx(1e-3)  # nothing is left to be explained
    exact = np.abs(predict(fitted, X) - y)
    assert exact[:15].max() < 0.02
    assert exact[15:].max() > 0.1


def test_noise_that_is_known_in_places_only():
    data = smooth_data(20, noise=0.05)
    sd = np.where(np.arange(20) % 2, np.nan, 0.05)
    fitted = fit(observations(data.coords, data.values, sd=sd))
    noise = fitted.transform.known_noise(data.values, sd)
    assert (noise[::2] > 0).all()
    assert (noise[1::2] == 0).all()


def test_an_enormous_measured_noise():
    data = smooth_data(10)
    fitted = fit(observations(data.coords, data.values, sd=np.full(10, 1e300)))
    mean, var = fitted.posterior.mean_var(data.coords)
    assert np.abs(mean).max() < 1e-6
    assert np.isfinite(var).all()


# ---- odd data -------------------------------------------------------------------------------


def finite(fitted, X):
    mean, var = fitted.posterior.mean_var(X)
    assert np.isfinite(mean).all()
    assert np.isfinite(var).all()
    assert (var > 0).all()
    assert np.isfinite(predict(fitted, X)).all()
    json.dumps([dict(fitted.state), dict(fitted.diagnostics)], allow_nan=False)


@pytest.mark.parametrize("value", [0.0, 3.7, 1e300, -1e-300])
@pytest.mark.parametrize("n", [1, 2, 9])
def test_constant_values(value, n):
    X = np.random.default_rng(13).random((n, 2))
    fitted = fit(observations(X, np.full(n, value)))
    finite(fitted, X)
    np.testing.assert_allclose(predict(fitted, X), value, rtol=1e-6)


def test_constant_values_where_only_a_log_was_allowed():
    X = np.random.default_rng(13).random((8, 2))
    fitted = fit(observations(X, np.ones(8)), transforms=("log",))
    finite(fitted, X)
    finite(fit(observations(X, np.ones(8)), transforms=("log",), state=fitted.state), X)


def test_categories_alone():
    columns = Columns(np.ones(2, dtype=bool), np.zeros(2, dtype=bool))
    X = np.array([[i, j] for i in range(4) for j in range(3)], dtype=float)
    y = 1.0 * (X[:, 0] == 2) + 0.3 * X[:, 1]
    fitted = fit(observations(X, y, deterministic=True), columns)
    finite(fitted, X)
    assert np.corrcoef(predict(fitted, X), y)[0, 1] > 0.99


def test_mixed_and_conditional_columns():
    X = mixed_points(14, 40)
    y = np.nan_to_num(X[:, 2]) + (X[:, 1] == 1) + 0.5 * np.isnan(X[:, 3]) + X[:, 0]
    fitted = fit(observations(X, y), MIXED)
    finite(fitted, X)
    assert np.abs(predict(fitted, X) - y).max() < 0.2


def test_no_columns():
    columns = Columns(np.zeros(0, dtype=bool), np.zeros(0, dtype=bool))
    fitted = fit(observations(np.empty((3, 0)), [1.0, 2.0, 4.0]), columns)
    finite(fitted, np.empty((2, 0)))
    assert 1.0 < predict(fitted, np.empty((1, 0)))[0] < 4.0


def test_fifty_columns():
    data = smooth_data(25, p=50)
    finite(fit(data), data.coords)


def test_the_same_point_many_times():
    X = np.repeat(np.random.default_rng(15).random((3, 2)), 10, axis=0)
    y = np.repeat([1.0, 2.0, 4.0], 10)
    for deterministic in (True, False):
        fitted = fit(observations(X, y, deterministic=deterministic))
        finite(fitted, X)
        np.testing.assert_allclose(predict(fitted, X), y, atol=0.05)


def test_one_point_with_different_values_told_deterministic():
    X = np.full((12, 2), 0.5)
    fitted = fit(observations(X, np.arange(12.0), deterministic=True))
    finite(fitted, X)


def test_points_all_but_coincident():
    X = 0.5 + 1e-9 * np.random.default_rng(16).random((20, 2))
    finite(fit(observations(X, np.sin(np.arange(20.0)), deterministic=True)), X)


# ---- constraints ----------------------------------------------------------------------------


def limit_of(fitted):
    return float(fitted.transform.forward(np.zeros(1))[0])


def test_a_constraint_is_resolved_around_its_limit():
    rng = np.random.default_rng(17)
    X = rng.random((40, 2))
    values = 1e3 * (X[:, 0] - 0.5) ** 3  # flat at the limit, steep elsewhere
    data = replace(observations(X, values), constraint=True)
    fitted = MapGP().fit(numeric(2), data, state=None, rng=rng)
    new = rng.random((200, 2))
    mean, _ = fitted.posterior.mean_var(new)
    right = (mean <= limit_of(fitted)) == (new[:, 0] <= 0.5)
    assert right.mean() > 0.97


@pytest.mark.parametrize(
    "values",
    [np.full(6, 2.0), np.full(6, -2.0), np.zeros(6), [1e300, -1e300, 1, 2, 3, 4], [1e-300] * 6],
)
def test_odd_constraint_values(values):
    X = np.random.default_rng(18).random((6, 2))
    data = replace(observations(X, values), constraint=True)
    fitted = MapGP().fit(numeric(2), data, state=None, rng=np.random.default_rng(0))
    assert math.isfinite(limit_of(fitted))
    finite(fitted, X)
    z = fitted.transform.forward(data.values)
    feasible, limit = data.values <= 0, limit_of(fitted)
    assert (z[feasible] <= limit + 1e-12).all()
    assert (z[~feasible] >= limit - 1e-12).all()


# ---- options --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"kernel": "gauss"}, "kernel must be one of"),
        ({"transforms": ()}, "at least one"),
        ({"transforms": ("identity", "square")}, "each of transforms must be one of"),
        ({"n_starts": 0}, "n_starts must be a whole number from 1"),
    ],
)
def test_impossible_options_are_refused(options, error):
    with pytest.raises(ValueError, match=error):
        MapGP(**options)


@pytest.mark.parametrize("kernel", ["matern12", "matern32", "matern52", "rbf"])
def test_every_kernel_fits(kernel):
    data = smooth_data(20)
    finite(fit(data, kernel=kernel), data.coords)


def test_of_many_observations_the_best_and_an_even_part_are_used():
    values = np.random.default_rng(0).permutation(9000).astype(float)
    some = subsample(values, 300)
    assert len(some) == 300
    assert (np.diff(some) > 0).all()
    assert set(np.argsort(values)[:100]) <= set(some)
    assert len(active_set(values, 8000)) == 3000 + 1000
    assert active_set(values, 8000)[-1] == 8999
    assert (subsample(values[:300], 300) == np.arange(300)).all()


def test_extending_between_fits_is_the_fit_from_scratch_up_to_rounding():
    data = smooth_data(160, p=3)

    def first(n):
        return observations(data.coords[:n], data.values[:n])

    fitted = fit(first(152))
    extended = fit(first(153), state=fitted.state, previous=fitted)
    again = fit(first(153), state=fitted.state)
    assert extended.state["blocks"] == [152, 153]
    assert extended.state["log_theta"] == fitted.state["log_theta"]
    points = np.random.default_rng(5).random((20, 3))
    mean, var = extended.posterior.mean_var(points)
    mean_again, var_again = again.posterior.mean_var(points)
    assert (mean == mean_again).all()
    assert (var == var_again).all()
    gp = extended.posterior.components[0]
    z = extended.transform.forward(data.values[:153])
    scratch = GaussianProcess.fit(gp.hyperparameters, data.coords[:153], z)
    np.testing.assert_allclose(mean, scratch.predict(points).mean[:, 0], atol=1e-6)


def test_each_of_several_objectives_has_no_warp_and_a_narrower_prior():
    chosen = MapGP().of_several()
    assert tuple(chosen.transforms) == ("identity",)
    assert chosen.priors.lengthscale.sd < Priors().lengthscale.sd
    assert chosen.priors.noise == Priors().noise
    assert chosen.of_several() == chosen
    own = MapGP(transforms=("log",), priors=Priors(noise=NormalInLog(0.1, 1.0, 1e-6, 1.0)))
    assert own.of_several() == replace(own, short_scale=False)


def test_a_quick_fit_has_one_start_and_no_warp_that_was_not_asked_for():
    assert MapGP().quick() == MapGP(transforms=("identity",), n_starts=1)
    own = MapGP(transforms=("log", "identity"), kernel="rbf")
    assert own.quick() == replace(own, n_starts=1)
    assert own.quick().quick() == own.quick()


def test_noise_of_one_of_several_objectives_is_not_taken_for_structure():
    rng = np.random.default_rng(1)
    points = rng.random((80, 2))
    data = observations(points, (points**2).sum(axis=1) + 0.2 * rng.standard_normal(80))
    fitted = MapGP().of_several().fit(numeric(2), data, state=None, rng=rng)
    assert not fitted.state["short_scale"]
    share = 0.04 / np.var(data.values)
    assert 0.3 * share < fitted.posterior.noise_variance < 3.0 * share


def test_a_parameter_that_few_values_say_nothing_of_is_not_believed_to_be_without_effect():
    rng = np.random.default_rng(3)
    points = rng.random((10, 3))
    data = observations(points, np.sin(3.0 * points[:, 0]))
    alone, one_of_several = (
        surrogate.fit(numeric(3), data, state=None, rng=np.random.default_rng(0))
        for surrogate in (MapGP(transforms=("identity",)), MapGP().of_several())
    )
    shortest = np.sort(one_of_several.diagnostics["lengthscales"])
    assert shortest[2] < 0.7 * max(alone.diagnostics["lengthscales"])
    assert shortest[0] < 0.5 * shortest[1]  # the one that matters is told all the same
