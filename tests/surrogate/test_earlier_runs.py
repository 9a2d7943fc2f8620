"""The surrogate that knows earlier runs: its weights, its trend, and what it leaves alone."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bayesopt.surrogate import EarlierRun, EarlierRunsGP, MapGP, Observations
from bayesopt.surrogate.earlier_runs import with_trend
from bayesopt.surrogate.evidence import MEAN_VARIANCE
from bayesopt.surrogate.rank_weights import Ranked, rank_weights
from bayesopt.surrogate.trend import Earlier, Trended
from bayesopt.testing.spaces import columns_of, named, numeric, some_points
from bayesopt.testing.surrogates import SurrogateLaws, objective

seeds = st.integers(0, 10**6)


def earlier_run(points, values, columns=None, name="old"):
    columns = range(points.shape[1]) if columns is None else columns
    some = points[:, list(columns)]
    return EarlierRun(
        name, tuple(columns), tuple(map(tuple, some.tolist())), tuple(map(float, values))
    )


def observed(points, values, **about):
    return Observations(points, np.asarray(values), np.full(len(values), np.nan), **about)


def fit(surrogate, points, values, columns=None, **about):
    columns = numeric(points.shape[1]) if columns is None else columns
    data = observed(points, values, **about)
    return surrogate.fit(columns, data, state=None, rng=np.random.default_rng(0))


def bowl(points):
    return ((points - 0.3) ** 2).sum(axis=1)


class TestEarlierRunsGP(SurrogateLaws):
    """A run of the same function, and one of half of its columns."""

    def fit(self, name, points, values, *, state=None, deterministic=True):
        known = some_points(named(name), 9, 11)
        told = objective(name, known)
        runs = (earlier_run(known, told), earlier_run(known, told, [0], "half"))
        data = observed(points, values, deterministic=deterministic)
        surrogate = EarlierRunsGP(runs, MapGP())
        rng = np.random.default_rng(5)
        return surrogate.fit(columns_of(named(name)), data, state=state, rng=rng)

    def surrogate(self):
        return EarlierRunsGP(())


# ---- weights ----------------------------------------------------------------------------------


def losses_of_pairs(ranked, indices):
    """Misranked pairs, counted one by one."""
    y = ranked.values
    found = []
    for mean in (*ranked.earlier, None):
        count = 0
        for j in indices:
            for k in indices:
                if mean is None:
                    said = ranked.left_out[j] < y[k]
                    count += j != k and said != (y[j] < y[k])
                else:
                    count += (mean[j] < mean[k]) != (y[j] < y[k])
        found.append(count)
    return np.array(found, dtype=float)


@given(seeds, st.integers(3, 9), st.integers(1, 3))
def test_losses_are_counts_of_misranked_pairs(seed, n, k):
    rng = np.random.default_rng(seed)
    ranked = Ranked(rng.normal(size=n), rng.normal(size=n), [rng.normal(size=n) for _ in range(k)])
    indices = rng.integers(n, size=n)
    counts = np.bincount(indices, minlength=n).astype(float)
    found = np.einsum("j,mjk,k->m", counts, ranked.misranked(), counts)
    np.testing.assert_array_equal(found, losses_of_pairs(ranked, indices))


@given(seeds, st.integers(3, 30), st.integers(1, 4), st.integers(1, 200))
def test_weights_are_shares_and_the_dropped_have_none(seed, n, k, horizon):
    rng = np.random.default_rng(seed)
    y = rng.normal(size=n)
    ranked = Ranked(y, y + rng.normal(size=n), [y + rng.normal(size=n) for _ in range(k)])
    weights, dropped = rank_weights(ranked, n, horizon)
    assert weights.shape == (k + 1,)
    assert dropped.shape == (k,)
    assert (weights >= 0.0).all()
    assert weights.sum() == pytest.approx(1.0)
    assert (weights[:-1][dropped] == 0.0).all()
    losses = np.array([losses_of_pairs(ranked, range(n))]).ravel()
    assert not dropped[losses[:-1] == 0.0].any()


def test_who_ranks_well_counts_and_who_ranks_badly_does_not():
    rng = np.random.default_rng(0)
    y = rng.normal(size=12)
    noisy = y + 2.0 * rng.normal(size=12)
    weights, dropped = rank_weights(Ranked(y, noisy, [3.0 * y + 7.0, -y]), 12, 10**6)
    assert weights[0] > 0.9
    assert list(dropped) == [False, True]
    weights, _ = rank_weights(Ranked(y, y, [3.0 * y]), 12, 10**6)
    assert list(weights) == [0.5, 0.5]


# ---- the trend --------------------------------------------------------------------------------


def test_the_process_around_the_trend_is_that_of_dense_algebra():
    rng = np.random.default_rng(3)
    X, new = rng.random((8, 2)), rng.random((5, 2))
    z = np.sin(4 * X[:, 0]) + X[:, 1]
    own = fit(MapGP(transforms=("identity",)), X, z)
    old = fit(MapGP(transforms=("identity",)), rng.random((9, 1)), rng.normal(size=9))
    gp, source = own.posterior.components[0], old.posterior.components[0]
    earlier = [Earlier(np.array([0]), source)]
    trended = with_trend(gp, z, X, earlier, np.array([0.6, 0.4]))
    assert isinstance(trended, Trended)

    K = np.linalg.inv(gp.root.T @ gp.root)
    m = source.predict(X[:, :1]).mean[:, 0]
    beta = 0.6 * max((m @ np.linalg.solve(K, z)) / (m @ np.linalg.solve(K, m)), 0.0)
    left = z - beta * m
    share = (left @ np.linalg.solve(K, left) + 2.0) / (z @ np.linalg.solve(K, z) + 2.0)
    assert beta > 0.0
    weights = np.linalg.solve(K, left)
    cross = gp._at.cross(gp._at.points(new), gp.points, MEAN_VARIANCE)[0]
    mean = cross @ weights + beta * source.predict(new[:, :1]).mean[:, 0]
    moments = trended.predict(new)
    np.testing.assert_allclose(moments.mean[:, 0], mean, atol=1e-8)
    np.testing.assert_allclose(moments.var, min(share, 1.0) * gp.predict(new).var, rtol=1e-9)


def test_an_earlier_run_of_the_same_function_helps_to_predict():
    errors = {"with": 0.0, "without": 0.0}
    weight = 0.0
    for seed in range(4):
        rng = np.random.default_rng(seed)
        old, X, new = rng.random((40, 3)), rng.random((7, 3)), rng.random((200, 3))
        runs = (earlier_run(old, 5.0 + 2.0 * bowl(old)),)
        helped = fit(EarlierRunsGP(runs), X, bowl(X))
        weight += helped.diagnostics["earlier_runs"]["weights"]["old"] / 4
        for name, fitted in (("with", helped), ("without", fit(MapGP(), X, bowl(X)))):
            said = fitted.transform.inverse(fitted.posterior.mean_var(new)[0])
            errors[name] += np.mean((said - bowl(new)) ** 2)
    assert weight > 0.5
    assert errors["with"] < 0.8 * errors["without"]


def test_a_misleading_run_is_dropped_and_the_fit_is_the_default_one():
    rng = np.random.default_rng(1)
    old, X, new = rng.random((40, 2)), rng.random((25, 2)), rng.random((50, 2))
    informed = fit(EarlierRunsGP((earlier_run(old, -bowl(old)),)), X, bowl(X))
    alone = fit(MapGP(), X, bowl(X))
    assert informed.diagnostics["earlier_runs"]["dropped"] == ["old"]
    assert informed.diagnostics["earlier_runs"]["weights"] == {"this run": 1.0, "old": 0.0}
    for a, b in zip(informed.posterior.mean_var(new), alone.posterior.mean_var(new), strict=True):
        np.testing.assert_array_equal(a, b)


def test_with_too_few_observations_and_for_constraints_it_is_the_default_one():
    rng = np.random.default_rng(2)
    old, X = rng.random((10, 2)), rng.random((12, 2))
    surrogate = EarlierRunsGP((earlier_run(old, bowl(old)),))
    assert "earlier_runs" not in fit(surrogate, X[:2], bowl(X[:2])).diagnostics
    assert "earlier_runs" not in fit(surrogate, X, bowl(X), constraint=True).diagnostics
    assert surrogate.of_several() == MapGP().of_several()
    assert surrogate.quick() == MapGP().quick()


def test_what_is_no_run_is_refused():
    with pytest.raises(ValueError, match="a number for each of its 2 columns"):
        EarlierRun("old", (0, 1), ((0.5,),), (1.0,))
    with pytest.raises(ValueError, match="values must be finite"):
        EarlierRun("old", (0,), ((0.5,),), (float("nan"),))
    with pytest.raises(TypeError, match="EarlierRun"):
        EarlierRunsGP((3,))
