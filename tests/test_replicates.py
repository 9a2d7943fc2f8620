"""Replicates told at once: the mean, and an estimate of its standard deviation."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import bayesopt as bo
from bayesopt.optimizer.history_data import run_data
from bayesopt.replicates import mean, sd_of_mean
from bayesopt.trial import TrialState

finite = st.floats(allow_nan=False, allow_infinity=False)


def begun():
    return bo.Optimizer({"x": bo.Float(0, 1)}, seed=0, proposer=bo.RandomSearch())


@pytest.mark.parametrize(("k", "c4"), [(2, math.sqrt(2 / math.pi)), (3, math.sqrt(math.pi) / 2)])
def test_the_estimate_has_its_closed_form(k, c4):
    values = [1.0, 4.0, 2.5][:k]
    wanted = float(np.std(values, ddof=1)) / c4 / math.sqrt(k)
    assert sd_of_mean(values) == pytest.approx(wanted, rel=1e-12)


@pytest.mark.parametrize("k", [2, 3, 5])
def test_the_estimate_is_right_in_the_mean(k):
    draws = np.random.default_rng(0).normal(3.0, 2.0, (4000, k))
    found = [sd_of_mean(values) for values in draws.tolist()]
    error = np.std(found) / math.sqrt(len(found))
    assert abs(np.mean(found) - 2.0 / math.sqrt(k)) < 5 * error


@given(st.lists(finite, min_size=1, max_size=6))
def test_any_finite_values_have_a_finite_mean_between_them(values):
    m, sd = mean(values), sd_of_mean(values)
    slack = 1e-12 * max(map(abs, values)) + 1e-300
    assert min(values) - slack <= m <= max(values) + slack
    assert sd is None or (math.isfinite(sd) and sd > 0)
    opt = begun()
    told = opt.tell(opt.ask(), values)
    assert (told.value, told.outcome.sd) == (m, sd)
    if len(values) > 1:
        assert told.outcome.info["replicates"] == values


def test_what_is_told_with_replicates():
    opt = begun()
    result = {"values": np.array([60, 62]), "constraints": {"c": 0.1}, "info": {"by": "MK"}}
    told = opt.tell(opt.ask(), result).outcome
    assert dict(told.info) == {"replicates": [60.0, 62.0], "by": "MK"}
    assert told.constraints == {"c": 0.1}
    assert opt.tell(opt.ask(), {"values": [3, 4], "sd": 0.25, "info": "x"}).outcome == bo.Outcome(
        3.5, 0.25, info={"replicates": [3.0, 4.0], "info": "x"}
    )
    assert opt.tell(opt.ask(), [7]).outcome == bo.Outcome(7.0)
    assert opt.tell(opt.ask(), [7, math.nan]).state is TrialState.FAILED
    assert opt.correct(0, [1.0, 1.0]).value == 1.0


@pytest.mark.parametrize(
    ("result", "reason"),
    [
        ([], "at least one"),
        (["a"], "'a' among them"),
        ([True], "True among them"),
        ({"values": 3}, "must be a list of numbers"),
        ({"values": [1], "value": 1}, "give one of them"),
        ((1.0, 2.0), "several evaluations of the point are"),
    ],
)
def test_what_are_no_replicates(result, reason):
    opt = begun()
    trial = opt.ask()
    with pytest.raises((TypeError, ValueError), match=reason):
        opt.tell(trial, result)
    assert opt.trials[0].state is TrialState.PENDING


def test_an_objective_may_return_replicates():
    result = bo.minimize(
        lambda p: {"values": [p["x"], p["x"] + 0.5]}, {"x": bo.Float(0, 1)}, n_trials=3, seed=0
    )
    assert result.best.value == pytest.approx(result.best.params["x"] + 0.25)


def test_a_replicate_without_its_constraint_makes_no_point_feasible():
    opt = begun()
    point = {"x": 0.5}
    for results in ([{"value": 1.0, "constraints": {"c": 0.5}}, [0.5, 0.6]], [[0.4, 0.4]]):
        for result in results:
            opt.add_observation(point, result)
    assert [t.feasible for t in opt.trials] == [False] * 3
    assert opt.best is None
    opt.correct(0, {"constraints": {"c": -0.5}})
    assert [t.feasible for t in opt.trials] == [True] * 3


def sds_of(opt):
    return run_data(opt._history, opt.problem).measured[0].noise_sd


def pooled_plainly(groups):
    """The same by NumPy, group after group."""
    free = [len(g) - 1 for g in groups]
    pooled = sum(f * np.var(g, ddof=1) for f, g in zip(free, groups, strict=True)) / sum(free)
    total = sum(free) + 1
    c4 = math.sqrt(2 / (total - 1)) * math.gamma(total / 2) / math.gamma((total - 1) / 2)
    variances = [
        (10 * pooled + f * np.var(g, ddof=1)) / (10 + f) for f, g in zip(free, groups, strict=True)
    ]
    return [math.sqrt(v / len(g)) / c4 for v, g in zip(variances, groups, strict=True)]


def test_the_model_takes_the_noise_of_all_replicates_together():
    opt = begun()
    groups = [[60.0, 62.0, 61.0], [40.0, 40.5], [50.0, 50.0], [10.0, 14.0, 12.0, 15.0]]
    opt.tell(opt.ask(), groups[0])
    assert sds_of(opt)[0] == sd_of_mean(groups[0])  # alone it is what it was
    for values in groups[1:]:
        opt.tell(opt.ask(), values)
    opt.tell(opt.ask(), 7.0)
    opt.tell(opt.ask(), {"values": [3.0, 4.0], "sd": 0.25})
    opt.tell(opt.ask(), {"value": 3.0, "info": {"replicates": ["by", "hand"]}})
    found = sds_of(opt)
    np.testing.assert_allclose(found[:4], pooled_plainly(groups), rtol=1e-12)
    np.testing.assert_array_equal(found[4:], [math.nan, 0.25, math.nan])
    opt.retract(3, "wrong vial")
    np.testing.assert_allclose(sds_of(opt)[:3], pooled_plainly(groups[:3]), rtol=1e-12)
    opt.correct(1, [40.0, 44.0])
    groups[1] = [40.0, 44.0]
    np.testing.assert_allclose(sds_of(opt)[:3], pooled_plainly(groups[:3]), rtol=1e-12)


def test_together_it_is_right_in_the_mean_and_surer_than_alone():
    rng, found, alone = np.random.default_rng(1), [], []
    for _ in range(100):
        opt = begun()
        for values in rng.normal(3.0, 2.0, (6, 2)).tolist():
            opt.add_observation({"x": rng.random()}, {"values": values})
            alone.append(sd_of_mean(values))
        found.extend(sds_of(opt))
    error = np.std(found) / 10.0  # those of a run go together
    assert abs(np.mean(found) - 2.0 / math.sqrt(2)) < 5 * error
    assert np.std(found) < 0.6 * np.std(alone)


@given(st.lists(st.lists(finite, min_size=2, max_size=3), min_size=2, max_size=4))
def test_any_replicates_have_finite_noise(groups):
    opt = begun()
    for values in groups:
        opt.tell(opt.ask(), values)
    known = sds_of(opt)
    assert np.all(np.isnan(known) | ((known >= 0) & np.isfinite(known)))
