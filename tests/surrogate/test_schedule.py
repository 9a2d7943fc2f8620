"""When fits are due, which observations they see, and that extending a fit changes nothing."""

import json
import logging

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bayesopt.surrogate import MapGP, schedule
from bayesopt.surrogate.schedule import FitState, active_set, first_state, subsample
from bayesopt.testing.spaces import numeric
from tests.surrogate.test_map_gp import bowl, observations, smooth_data
from tests.surrogate.test_selection import pairs, rough

NAMES = ("identity", "log", "yeo-johnson")


@given(st.integers(1, 60), st.integers(1, 40), st.integers(0, 1000))
def test_the_telling_observations_are_the_best_third_and_some_others(n, limit, seed):
    values = np.random.default_rng(seed).standard_normal(n)
    some = subsample(values, limit)
    assert len(some) == min(n, limit)
    assert (np.diff(some) > 0).all()
    if n > limit:
        best = np.argsort(values)[: limit // 3]
        assert set(best) <= set(some)


@given(st.integers(1, 60), st.integers(0, 60), st.integers(0, 1000))
def test_what_came_since_the_fit_is_always_kept(n, n_fitted, seed):
    values = np.random.default_rng(seed).standard_normal(n)
    used = active_set(values, min(n, n_fitted))
    assert (np.diff(used) > 0).all()
    assert set(range(min(n, n_fitted), n)) <= set(used)


def test_a_state_is_read_as_it_was_written():
    state = first_state(9, "log", np.array([0.1, -2.0, 0.3]), short_scale=False).extended(
        10, anew=False
    )
    state = state.opened(10, NAMES)
    read = FitState.read(json.loads(json.dumps(state.json())), 3, None)
    assert read == state
    assert FitState.read(state.json(), 4, None) is None
    assert FitState.read(None, 3, None) is None
    assert FitState.read({}, 3, None) is None
    before = {k: v for k, v in state.json().items() if k != "waiting"}  # an older version's
    assert FitState.read(before, 3, None).waiting == ()


def test_states_of_the_first_version_did_not_say_whether_there_is_a_short_scale_component():
    state = first_state(9, "log", np.zeros(6), short_scale=True)
    before = {k: v for k, v in state.json().items() if k != "short_scale"}
    assert FitState.read(before, 4, 6) == state
    assert FitState.read(before, 6, 8).short_scale is False
    assert FitState.read(before, 4, None) is None
    assert FitState.read(state.json(), 6, 8) is None


def test_when_things_are_due():
    state = first_state(100, "identity", np.zeros(3), short_scale=False)
    assert next(n for n in range(100, 112) if state.fit_is_due(n)) == 102
    assert next(n for n in range(100, 120) if state.opened(n, NAMES).waiting) == 111
    assert next(n for n in range(100, 300) if state.starts_are_due(n)) == 200
    later = state.opened(102, NAMES).fitted(102, "identity", np.ones(3), short_scale=False)
    assert (later.n, later.n_compared, later.n_starts) == (102, 100, 100)
    compared = later.opened(111, ["identity"]).compared(111, anew=True)
    assert (compared.n, compared.n_compared, compared.blocks) == (102, 111, (111,))
    assert compared.log_theta == later.log_theta
    assert compared.fit_is_due(112)
    later = later.opened(200, NAMES).fitted(200, "log", np.ones(3), short_scale=False)
    assert (later.n, later.n_compared, later.n_starts) == (200, 200, 200)


def test_transforms_have_turns_where_fits_are_dear():
    state = first_state(100, "log", np.zeros(3), short_scale=False).extended(110, anew=True)
    theta = np.zeros(3)
    opened = state.opened(111, NAMES)
    assert opened.waiting == ("log", "identity", "yeo-johnson")
    assert opened.competing(110) == ()  # an ask with nothing new
    assert opened.competing(111) == ("log",)
    assert opened.competing(113) == opened.waiting  # a batch of three
    second = opened.fitted(111, "log", theta, short_scale=False).opened(112, NAMES)
    assert (second.n_compared, second.competing(112)) == (111, ("identity",))
    assert second.fit_is_due(112)
    assert not second.fit_is_due(111)
    third = second.compared(112, anew=True)
    assert third.competing(113) == ("yeo-johnson",)
    # another won: the rest has its turn all the same, and a late contest waits for its end
    last = third.opened(130, NAMES).fitted(130, "identity", theta, short_scale=False)
    assert (last.waiting, last.n_compared) == ((), 111)
    assert last.opened(131, NAMES).waiting == NAMES
    # all at once where fits are cheap, and where several starts make one expensive anyway
    early = first_state(30, "log", theta, short_scale=False).opened(33, NAMES)
    assert early.competing(33) == ("log", "identity", "yeo-johnson")
    assert opened.competing(200) == opened.waiting


@given(st.lists(st.integers(0, 9), min_size=5, max_size=60), st.integers(2, 400))
def test_every_transform_has_its_turn_once_in_a_contest(growth, n):
    state, began, tried = (
        first_state(n, "identity", np.zeros(3), short_scale=False),
        n,
        list(NAMES),
    )
    for more in growth:
        n += more
        begins = not state.waiting and n >= 1.1 * began
        state = state.opened(n, NAMES)
        if begins:
            assert sorted(tried) == sorted(state.waiting) == sorted(NAMES)
            began, tried = n, []
        assert state.n_compared == began
        now = state.competing(n)
        tried += now
        state = (
            state.fitted(n, now[-1], np.ones(3), short_scale=False)
            if now
            else state.extended(n, anew=False)
        )
        assert sorted([*tried, *state.waiting]) == sorted(NAMES)


def run_of_fits(data, sizes, *, remember, state=None, **options):
    """Fits to growing data; ``remember`` hands on the last fit itself, else only its state."""
    previous, fits = None, []
    for n in sizes:
        part = observations(data.coords[:n], data.values[:n])
        fitted = MapGP(**options).fit(
            numeric(2), part, state=state, rng=np.random.default_rng(n), previous=previous
        )
        state = json.loads(json.dumps(dict(fitted.state)))
        previous = fitted if remember else None
        fits.append(fitted)
    return fits


@pytest.mark.parametrize("sizes", [[*range(150, 162)], [150, 151, 151, 152, 158, 159, 170]])
def test_an_extended_fit_is_the_one_made_again(sizes):
    data = smooth_data(171, noise=0.05, seed=20)
    remembering = run_of_fits(data, sizes, remember=True)
    forgetting = run_of_fits(data, sizes, remember=False)
    extended = 0
    for one, other in zip(remembering, forgetting, strict=True):
        assert one.state == other.state
        extended += len(one.state["blocks"]) > 1
        a, b = one.posterior.components[0], other.posterior.components[0]
        for name in ("root", "alpha", "y"):
            np.testing.assert_array_equal(getattr(a, name), getattr(b, name), err_msg=name)
        np.testing.assert_array_equal(a.points.z, b.points.z)
    assert extended >= 2


def test_transforms_and_hyperparameters_take_turns_where_fits_are_dear(monkeypatch):
    """A comparison that changes nothing leaves the refit to the next ask, reloaded or not."""
    for name, limit in (("COMPARED", 30), ("FITTED", 40)):
        monkeypatch.setattr(f"bayesopt.surrogate.selection.{name}", limit)
    data = smooth_data(171, noise=0.05, seed=25)
    sizes = [155, 158, 171]
    fits = run_of_fits(data, sizes, remember=True, short_scale=False)
    again = run_of_fits(data, sizes, remember=False, short_scale=False)
    first, refitted, compared = (f.state for f in fits)
    assert refitted["log_theta"] != first["log_theta"]
    assert (compared["n"], compared["n_bend"]) == (158, 171)
    assert compared["transform"] == refitted["transform"]
    assert compared["log_theta"] == refitted["log_theta"]
    assert compared["blocks"] == [158, 171]
    for one, other in zip(fits, again, strict=True):
        assert one.state == other.state
        a, b = one.posterior.components[0], other.posterior.components[0]
        np.testing.assert_array_equal(a.alpha, b.alpha)


def test_another_transform_that_wins_late_is_taken_at_once(monkeypatch):
    monkeypatch.setattr("bayesopt.surrogate.selection.COMPARED", 30)
    data = smooth_data(80, seed=26)
    decades = type(data)(data.coords, np.exp(8.0 * data.values), data.noise_sd)
    state = {
        "n": 60, "n_bend": 60, "n_starts": 60, "transform": "identity",
        "log_theta": [0.0, -8.0, 0.0, 0.0], "blocks": [60],
    }  # fmt: skip
    fitted = MapGP().fit(numeric(2), decades, state=state, rng=np.random.default_rng(0))
    assert fitted.state["transform"] != "identity"
    assert (fitted.state["n"], fitted.state["n_bend"]) == (80, 80)


def test_a_contest_of_several_asks_ends_as_one_of_one_ask(monkeypatch):
    """The same model wins of data that a warp of outputs and a short-scale component suit."""
    X = pairs(66, 5, 0.01)
    data = observations(X, np.exp(4.0 * bowl(X) + rough(X)))
    sizes = [60, 62, 63, 64, 65, 66]
    state = {
        "n": 57, "n_bend": 57, "n_starts": 57, "transform": "identity",
        "log_theta": [0.0, -2.0, 0.0, 0.0], "blocks": [60],
    }  # fmt: skip
    spread = run_of_fits(data, sizes, remember=True, state=state)
    assert [f.state["waiting"] for f in spread[2:5]] == [
        ["log", "yeo-johnson"], ["yeo-johnson"], []
    ]  # fmt: skip
    monkeypatch.setattr(schedule, "SPREAD", 1000)
    at_once = run_of_fits(data, sizes, remember=True, state=state)
    assert at_once[2].state["transform"] == spread[4].state["transform"] != "identity"
    ends = [f[-1].state["log_theta"] for f in (spread, at_once)]
    assert len(ends[0]) == 6
    np.testing.assert_allclose(*ends, atol=0.05)


def test_an_extended_fit_is_nearly_one_from_scratch():
    data = smooth_data(156, noise=0.05, seed=21)
    last = run_of_fits(data, [150, 151, 152], remember=True, transforms=("identity",))[-1]
    assert last.state["blocks"] == [150, 151, 152]
    gp = last.posterior.components[0]
    z = last.transform.forward(data.values[:152])
    scratch = type(gp).fit(gp.hyperparameters, data.coords[:152], z)
    new = data.coords[152:]
    np.testing.assert_allclose(gp.predict(new).mean, scratch.predict(new).mean, atol=1e-9)
    np.testing.assert_allclose(gp.predict(new).var, scratch.predict(new).var, atol=1e-9)


def test_very_long_runs_are_thinned_and_say_so(monkeypatch, caplog):
    """With limits lowered, so that "very long" is soon reached."""
    for name, limit in (("selection.COMPARED", 30), ("selection.FITTED", 40), ("map_gp.KEPT", 60)):
        monkeypatch.setattr(f"bayesopt.surrogate.{name}", limit)
    monkeypatch.setattr(schedule, "KEPT", 60)
    monkeypatch.setattr(schedule, "EXTENDED", 50)
    data = smooth_data(104, noise=0.02, seed=22)
    with caplog.at_level(logging.INFO, logger="bayesopt"):
        fits = run_of_fits(data, [100, 101, 102, 103, 104], remember=True)
    again = run_of_fits(data, [100, 101, 102, 103, 104], remember=False)
    sizes = [len(f.posterior.components[0].points) for f in fits]
    assert sizes == [60, 61, 60, 61, 60]  # refitted at 102 and at 104
    assert "of 100 observations the model uses 60" in caplog.text
    assert fits[0].diagnostics["observations_used"] == 60
    for one, other in zip(fits, again, strict=True):
        np.testing.assert_array_equal(
            one.posterior.components[0].alpha, other.posterior.components[0].alpha
        )
    new = np.random.default_rng(23).random((50, 2))
    predicted = fits[-1].transform.inverse(fits[-1].posterior.mean_var(new)[0])
    truth = ((new - 0.3) ** 2).sum(axis=1) + 0.3 * np.sin(7 * new[:, 0])
    assert np.abs(predicted - truth).max() < 0.15


def test_a_fit_with_other_hyperparameters_is_not_extended():
    """Its steps are those of the state, but its factor is another."""
    data = smooth_data(152, noise=0.05, seed=24)
    fits = run_of_fits(data, [150, 151], remember=True, transforms=("identity",))
    state = json.loads(json.dumps(dict(fits[1].state)))
    state["log_theta"][2] += 0.5

    def fit(previous):
        return MapGP(transforms=("identity",)).fit(
            numeric(2), data, state=state, rng=np.random.default_rng(0), previous=previous
        )

    gp, expected = (fit(p).posterior.components[0] for p in (fits[1], None))
    assert fit(None).state["blocks"] == [150, 151, 152]
    np.testing.assert_array_equal(gp.root, expected.root)
    np.testing.assert_array_equal(gp.hyperparameters.log_theta, state["log_theta"])
