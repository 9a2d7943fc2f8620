"""A run ends when too little is left to gain; and what is expected is what the model says."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import bayesopt as bo
from bayesopt.acquisition.pareto import hypervolume
from bayesopt.minimize.ending import StopRule
from bayesopt.result import Stop
from bayesopt.trial import Origin, Trial, TrialState

SPACE = {"x": bo.Float(0.0, 1.0), "y": bo.Float(0.0, 1.0)}


def bowl(params):
    return 5.0 + (params["x"] - 0.3) ** 2 + (params["y"] - 0.6) ** 2


def done(number, value, cost=None, origin=Origin.INITIAL):
    outcome = bo.Outcome(value, cost=cost)
    return Trial(number, {"x": 0.1}, TrialState.COMPLETE, origin, outcome, seconds=2.0)


def test_a_run_ends_when_it_has_converged_and_says_what_was_left():
    result = bo.minimize(bowl, SPACE, n_trials=80, seed=0, stop=bo.Converged(), progress=False)
    assert result.stop is Stop.CONVERGED
    assert len(result.trials) < 60
    assert result.best.value == pytest.approx(5.0, abs=1e-3)
    assert 0.0 <= result.diagnostics["expected_gain"] < 1e-3


def test_the_expected_gain_is_in_every_result():
    result = bo.minimize(
        lambda p: (p["x"] - 0.3) ** 2, {"x": bo.Float(0, 1)}, n_trials=7, seed=0, progress=False
    )
    assert result.diagnostics["expected_gain"] >= 0.0


@pytest.mark.parametrize("rule", [None, bo.Converged(patience=100)])
def test_where_trials_were_stopped_only_a_rule_pays_for_each_gain(rule, monkeypatch):
    def train(params, trial):
        trial.report(params["x"], 1)
        trial.report(params["x"], 2)
        return trial.stopped("enough") if trial.number % 3 else params["x"]

    asked = []
    gain = bo.Optimizer.expected_gain
    monkeypatch.setattr(
        bo.Optimizer, "expected_gain", lambda opt, p: asked.append(p) or gain(opt, p)
    )
    opt = bo.Optimizer({"x": bo.Float(0, 1)}, seed=0, early_stopping="median")
    result = bo.minimize(train, optimizer=opt, n_trials=40, stop=rule, progress=False)
    models = [dict(t.params) for t in result.trials if t.origin is Origin.MODEL]
    assert len(models) > 20
    expected = models if rule else models[::10]
    assert [dict(p) for p in asked] == expected
    assert result.diagnostics["expected_gain"] >= 0.0


def test_a_run_ends_when_the_next_evaluation_costs_more_than_it_gains():
    def priced(params):
        return {"value": bowl(params), "cost": 2.0}

    found = [
        bo.minimize(priced, SPACE, n_trials=80, seed=0, stop=bo.WorthIt(price), progress=False)
        for price in (1.0, 1e-4)
    ]
    assert {r.stop for r in found} == {Stop.NOT_WORTH_IT}
    assert len(found[0].trials) < len(found[1].trials)


@given(
    st.lists(st.floats(0.0, 10.0), min_size=1, max_size=12),
    st.integers(1, 4),
    st.floats(0.01, 10.0),
)
def test_only_proposals_in_a_row_count(gains, patience, price):
    trials = [done(0, 1.0, cost=1.0)]
    ends = bo.WorthIt(price, patience).ends(gains, trials, "minimize")
    assert ends == (len(gains) >= patience and all(g < price for g in gains[-patience:]))


def test_what_is_compared_with():
    trials = [done(i, v, c) for i, (v, c) in enumerate([(4.0, 1.0), (2.0, 3.0), (9.0, None)])]
    trials.append(done(3, 1.0, 5.0, Origin.MODEL))
    assert bo.Converged(0.1).least_gain(trials, "minimize") == pytest.approx(0.1 * (4.0 - 1.0))
    assert bo.Converged(0.1).least_gain(trials, "maximize") == pytest.approx(0.1 * (9.0 - 4.0))
    assert bo.WorthIt(2.0).least_gain(trials, "minimize") == pytest.approx(2.0 * 3.0)
    assert bo.WorthIt(2.0).least_gain([done(0, 1.0)], "minimize") == pytest.approx(4.0)  # seconds
    assert bo.Converged().least_gain([], "minimize") is None
    assert bo.WorthIt(1.0).least_gain([], "minimize") is None


def test_the_expected_gain_is_that_of_draws_in_the_users_units():
    opt = bo.Optimizer(SPACE, seed=0, surrogate=bo.MapGP(transforms=("identity",)))
    rng = np.random.default_rng(0)
    for _ in range(8):
        p = {"x": rng.random(), "y": rng.random()}
        opt.add_observation(p, bowl(p) + 0.05 * rng.standard_normal())
    points = [{"x": 0.3, "y": 0.6}, {"x": 0.9, "y": 0.1}]
    known = opt.predict([t.params for t in opt.trials]).mean.min()
    for p in points:
        at = opt.predict([p])
        draws = at.mean[0] + at.sd[0] * rng.standard_normal(400_000)
        wanted = np.maximum(known - draws, 0.0).mean()
        assert opt.expected_gain(p) == pytest.approx(wanted, rel=0.05, abs=1e-4)
    assert bo.Optimizer(SPACE).expected_gain(points[0]) is None


def test_what_cannot_be_met_is_no_gain():
    opt = bo.Optimizer({"x": bo.Float(0.0, 1.0)}, outcome_constraints={"w": "<= 0"})
    for x in np.linspace(0.0, 1.0, 9):
        opt.add_observation({"x": float(x)}, {"value": -x, "w": x - 0.4})
    assert opt.expected_gain({"x": 0.95}) < 1e-3 * opt.expected_gain({"x": 0.4})


BOTH = {"a": "minimize", "b": "maximize"}


def both(params):
    x, y = params["x"], params["y"]
    return {"a": 5.0 + x**2 + y**2, "b": 20.0 - 10.0 * ((x - 1.0) ** 2 + y**2)}


@pytest.mark.parametrize("thresholds", [None, {"a": 5.8}])
def test_the_expected_volume_is_that_of_draws_in_the_users_units(thresholds):
    opt = bo.Optimizer(
        SPACE, objectives=BOTH, thresholds=thresholds, outcome_constraints={"w": "<= 9"}, seed=0
    )
    assert opt.expected_gain({"x": 0.5, "y": 0.5}) is None
    rng = np.random.default_rng(0)
    for _ in range(8):
        p = {"x": rng.random(), "y": rng.random()}
        opt.add_observation(p, {**both(p), "w": 0.0})
    trace = opt.result().hypervolume
    known = np.array([[t.values["a"], -t.values["b"]] for t in opt.trials])
    corner = np.array([trace.reference["a"], -trace.reference["b"]])
    for p in ({"x": 0.5, "y": 0.0}, {"x": 0.2, "y": 0.3}):
        a, b = (opt.predict([p], name) for name in BOTH)
        draws = np.stack(
            [
                a.mean[0] + a.sd[0] * rng.standard_normal(4000),
                -b.mean[0] + b.sd[0] * rng.standard_normal(4000),
            ],
            axis=1,
        )
        volume = [hypervolume(np.concatenate([known, d[None]]), corner) for d in draws]
        wanted = np.mean(volume) - hypervolume(known, corner)
        assert opt.expected_gain(p) == pytest.approx(wanted, rel=0.1, abs=1e-3)


def test_a_run_with_several_objectives_converges():
    result = bo.minimize(
        lambda p: {"a": p["x"] ** 2, "b": -((p["x"] - 1.0) ** 2)},
        {"x": bo.Float(0.0, 1.0)},
        objectives=BOTH,
        n_trials=60,
        seed=0,
        stop=bo.Converged(gain=0.02, patience=2),
        progress=False,
    )
    assert result.stop is Stop.CONVERGED
    assert 0.0 <= result.diagnostics["expected_gain"] < 0.02 * float(result.hypervolume)
    assert len(result.pareto) == len(result.trials)


def test_gains_of_volume_are_compared_with_the_volume_or_the_price():
    trials = [done(0, 1.0, cost=3.0)]
    assert bo.Converged(0.1).least_volume(trials, 4.0) == pytest.approx(0.4)
    assert bo.Converged(0.1).least_volume(trials, 0.0) is None
    assert bo.WorthIt(2.0).least_volume(trials, 4.0) == pytest.approx(6.0)
    assert bo.Converged(0.1, patience=2).ends_front([9.0, 0.3, 0.2], trials, 4.0)
    assert not bo.Converged(0.1, patience=2).ends_front([0.3, 0.5], trials, 4.0)


def test_more_than_four_objectives_have_no_expected_volume():
    names = list("abcde")
    opt = bo.Optimizer({"x": bo.Float(0.0, 1.0)}, objectives=dict.fromkeys(names, "minimize"))
    with pytest.raises(ValueError, match=r"at most 4 objectives; this run has 5: use patience="):
        bo.minimize(lambda p: [p["x"]] * 5, optimizer=opt, n_trials=3, stop=bo.Converged())
    for x in (0.1, 0.5, 0.9):
        opt.add_observation({"x": x}, dict.fromkeys(names, x))
    with pytest.raises(ValueError, match="at most 4 objectives; this run has 5"):
        opt.expected_gain({"x": 0.3})


@pytest.mark.parametrize("rule", ["converged", bo.Converged, 3])
def test_what_is_no_rule_is_refused(rule):
    with pytest.raises(TypeError, match=r"stop must be a rule such as bo\.Converged"):
        bo.minimize(bowl, SPACE, n_trials=3, stop=rule)


@pytest.mark.parametrize("make", [lambda: bo.Converged(0), lambda: bo.WorthIt(-1.0)])
def test_bad_numbers_are_refused(make):
    with pytest.raises(ValueError, match="must be"):
        make()


def test_a_rule_of_ones_own():
    class After(StopRule):
        stop, patience = Stop.CONVERGED, 2

        def least_gain(self, trials, direction):
            return math.inf

    result = bo.minimize(bowl, SPACE, n_trials=30, seed=0, stop=After(), progress=False)
    assert result.stop is Stop.CONVERGED
    with pytest.raises(ValueError, match=r"stop=After\(\.\.\.\) is for one objective"):
        bo.minimize(both, SPACE, objectives=BOTH, n_trials=3, stop=After())
