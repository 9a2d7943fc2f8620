"""The prequential log score: against SciPy's densities, and what makes it rise and fall."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from bayesopt.surrogate import MapGP, Observations
from bayesopt.surrogate.prequential import LEAST, updated
from bayesopt.surrogate.schedule import COMPARED
from bayesopt.testing.spaces import numeric

numbers = st.floats(-30.0, 30.0)


def ratio(mean, var, new, known):
    """Log density of one value as predicted, less that under a normal of unknown mean and size."""
    m = len(known)
    scale = max(np.std(known, ddof=1), 1e-3) * np.sqrt(1 + 1 / m)
    constant = stats.t.logpdf(new, m - 1, np.mean(known), scale)
    return np.clip(stats.norm.logpdf(new, mean, np.sqrt(var)) - constant, -3.0, 3.0)


@given(
    st.floats(-30.0, 30.0),
    st.lists(st.tuples(numbers, st.floats(1e-6, 9.0), numbers), min_size=1, max_size=5),
    st.lists(numbers, min_size=LEAST, max_size=9),
)
def test_it_is_a_discounted_sum_of_log_density_ratios(log_score, predicted, known):
    expected = log_score
    for mean, var, new in predicted:
        expected = 0.9 * expected + ratio(mean, var, new, np.array(known))
    mean, var, new = np.array(predicted).T
    found = updated(log_score, mean, var, new, np.array(known))
    assert found == pytest.approx(expected, abs=1e-6)
    assert abs(found) <= 30.0 + 1e-9  # 3 nats, remembered for ever


@given(st.lists(numbers, min_size=4, max_size=9), st.integers(1, 3))
def test_observations_may_come_one_by_one_or_together(values, q):
    new, known = np.array(values[:q]), np.array([0.1, -0.4, 1.0, 0.2])
    mean, var = np.full(q, 0.3), np.full(q, 0.5)
    one_by_one = 0.0
    for i in range(q):
        one_by_one = updated(one_by_one, mean[i : i + 1], var[:1], new[i : i + 1], known)
    assert updated(0.0, mean, var, new, known) == pytest.approx(one_by_one, abs=1e-12)


def test_knowing_is_better_than_a_constant_and_being_sure_of_what_is_wrong_is_worse():
    known, new = np.array([-1.0, 0.0, 1.0, 0.5, -0.5]), np.array([0.8])
    assert updated(0.0, new, np.array([1e-2]), new, known) > 1.0
    assert updated(0.0, new - 1.0, np.array([1e-2]), new, known) == -3.0
    assert abs(updated(0.0, np.array([0.0]), np.array([0.9]), new, known)) < 0.5


# ---- of the default surrogate ---------------------------------------------------------------


def observations(X, y):
    return Observations(X, np.asarray(y, dtype=float), np.full(len(y), np.nan))


def followed(X, y, first, *, remember=True, step=1):
    """The fits of a run in which the observations come ``step`` at a time."""
    fits, previous, state = [], None, None
    for n in range(first, len(y) + 1, step):
        rng = np.random.default_rng(n)
        previous = MapGP().fit(
            numeric(X.shape[1]),
            observations(X[:n], y[:n]),
            state=state,
            rng=rng,
            previous=previous if remember else None,
        )
        state = json.loads(json.dumps(previous.state))
        fits.append(previous)
    return fits


def test_a_smooth_function_is_predicted_well():
    X = np.random.default_rng(1).random((30, 2))
    fits = followed(X, ((X - 0.4) ** 2).sum(axis=1), 5)
    assert fits[0].log_score == 0.0
    assert fits[-1].log_score > 5.0
    assert fits[-1].log_score == fits[-1].diagnostics["log_score"]


def test_chasing_noise_loses_it():
    """Points where the surrogate hopes for most, and nothing but noise everywhere."""
    rng = np.random.default_rng(0)
    X, y = rng.random((6, 3)), rng.standard_normal(6)
    state, lost = None, 0.0
    for n in range(6, 22):
        fitted = MapGP().fit(
            numeric(3), observations(X, y), state=state, rng=np.random.default_rng(n)
        )
        state, lost = fitted.state, min(lost, fitted.log_score)
        some = rng.random((200, 3))
        mean, var = fitted.posterior.mean_var(some)
        X = np.vstack([X, some[np.argmin(mean - np.sqrt(var))]])
        y = np.append(y, rng.standard_normal())
    assert lost < -3.0


@pytest.mark.parametrize("step", [1, 4])
def test_without_the_previous_fit_at_hand_it_is_the_same(step):
    rng = np.random.default_rng(3)
    X = rng.random((34, 2))
    y = np.sin(9 * X[:, 0]) + 0.3 * rng.standard_normal(34)
    one, other = (followed(X, y, 6, remember=r, step=step) for r in (True, False))
    assert [f.log_score for f in one] == [f.log_score for f in other]
    assert len({f.log_score for f in one}) == len(one)


def test_looking_twice_changes_nothing():
    X = np.random.default_rng(2).random((12, 2))
    data = observations(X, X.sum(axis=1))
    *_, fitted = followed(X[:10], X[:10].sum(axis=1), 6)
    again = [
        MapGP().fit(numeric(2), data, state=fitted.state, rng=np.random.default_rng(0), previous=p)
        for p in (fitted, None)
    ]
    # a fit of other data than the state's is not taken for the fit before
    third = MapGP().fit(
        numeric(2), data, state=fitted.state, rng=np.random.default_rng(0), previous=again[0]
    )
    assert again[0].log_score == again[1].log_score == third.log_score != fitted.log_score


def test_nothing_new_and_results_taken_back():
    X = np.random.default_rng(2).random((12, 2))
    *_, fitted = followed(X, X.sum(axis=1), 8)
    for n in (12, 9):
        data = observations(X[:n], X[:n].sum(axis=1))
        again = MapGP().fit(numeric(2), data, state=fitted.state, rng=np.random.default_rng(0))
        assert again.log_score == fitted.log_score


def test_states_of_before_there_was_any_are_read():
    X = np.random.default_rng(2).random((9, 2))
    *_, fitted = followed(X, X.sum(axis=1), 8)
    old = {k: v for k, v in fitted.state.items() if k != "credit"}
    again = MapGP().fit(
        numeric(2), observations(X, X.sum(axis=1)), state=old, rng=np.random.default_rng(0)
    )
    assert again.log_score == 0.0


def test_many_observations_need_none():
    X = np.random.default_rng(2).random((COMPARED + 2, 1))
    fits = followed(X, X[:, 0] ** 2, COMPARED, step=1)
    assert [f.log_score == 0.0 for f in fits] == [True, False, True]
