"""Health: each check speaks when it has to, and not otherwise."""

import math

import numpy as np
import pytest

import bayesopt as bo
from bayesopt.report.checkup import findings
from bayesopt.report.failing_region import failing_region
from bayesopt.report.outlook import next_points
from bayesopt.report.run_facts import RunFacts
from bayesopt.result import Result, Stop
from bayesopt.trial import Origin, Trial, TrialState

SPACE = bo.Space(x=bo.Float(0, 1), k=bo.Categorical(["a", "b", "c"]))


def facts(objective, n=24, space=SPACE, seed=0, origin=Origin.INITIAL, xs=None, noisy=True):
    """A run of n trials at random points; a failing objective gives NaN."""
    rng = np.random.default_rng(seed)
    rows = space.to_rows(space.from_cube(rng.random((n, space.n_columns))))
    trials = []
    for i, row in enumerate(rows):
        params = space.decode(row)
        if xs is not None:
            params["x"] = float(xs[i])
        outcome = objective(params)
        if isinstance(outcome, float) and math.isnan(outcome):
            trials.append(Trial(i, params, TrialState.FAILED, origin, error="it broke"))
        else:
            told = outcome if isinstance(outcome, bo.Outcome) else bo.Outcome(outcome)
            trials.append(Trial(i, params, TrialState.COMPLETE, origin, told))
    feasible = [t for t in trials if t.feasible]
    best = min(feasible, key=lambda t: t.value, default=None)
    return RunFacts(Result(best, best, tuple(trials), Stop.RUNNING, "minimize", space), "a run")


def said(facts, well):
    return " ".join(f.sentence for f in findings(facts) if f.well is well)


def test_a_good_run_has_nothing_wrong():
    found = facts(lambda p: (p["x"] - 0.4) ** 2 + (p["k"] != "a"))
    assert said(found, False) == ""
    assert "No trial failed." in said(found, True)


def test_a_best_value_at_a_bound_says_so():
    found = facts(lambda p: p["x"], xs=[i / 24 for i in range(24)])
    assert "x is at its lower bound (0)" in said(found, False)
    assert "widen it" in said(found, False)


def test_bounds_of_parameters_that_hardly_matter_are_one_line():
    optimizer = bo.Optimizer({f"x{i}": bo.Float(0, 1) for i in range(4)}, seed=0)
    points = np.random.default_rng(0).random((30, 4))
    points[0] = [0.0, 1.0, 0.0, 0.5]  # the best: at bounds that matter and at others
    names = optimizer.space.names
    optimizer.add_observations([(dict(zip(names, p, strict=True)), 5 * p[0]) for p in points])
    found = RunFacts(optimizer.result(), "a run")
    assert "x0 is at its lower bound" in said(found, False)
    assert "x1" not in said(found, False)
    assert "x1, x2 are at a bound in the recommended setting, and hardly matter" in said(
        found, True
    )


def test_proposals_at_a_bound():
    many = facts(lambda p: p["x"], origin=Origin.MODEL, xs=[0.0, 1.0, 0.5] * 8)
    assert "67 % of 24 proposals have a number at a bound" in said(many, False)
    few = facts(lambda p: p["x"], origin=Origin.MODEL, xs=[0.2, 1.0, 0.5] * 8)
    assert "33 % of 24 proposals have a number at a bound" in said(few, True)


def test_noise_is_not_explained():
    rng = np.random.default_rng(5)
    wrong = [said(facts(lambda p: float(rng.normal()), 30), False) for _ in range(3)]
    assert any("explains next to nothing" in words or "is noise" in words for words in wrong)


def test_failures_cluster_in_a_choice_or_beyond_a_number():
    choice = facts(lambda p: math.nan if p["k"] == "b" else p["x"], 40)
    assert "failures have k = b" in failing_region(choice)
    number = facts(lambda p: math.nan if p["x"] > 0.7 else p["x"], 40)
    assert "failures have x at least 0." in failing_region(number)
    assert "They cluster" in said(number, False)
    assert "it broke" in said(number, False)


def test_failures_by_chance_do_not_cluster():
    wrong = 0
    for seed in range(20):
        rng = np.random.default_rng(seed)
        found = facts(lambda p, r=rng: math.nan if r.random() < 0.2 else p["x"], 40, seed=seed)
        wrong += failing_region(found) is not None
    assert wrong <= 2


def test_a_constraint_that_is_never_met():
    never = facts(lambda p: bo.Outcome(p["x"], constraints={"c": 1.0}))
    assert "c <= 0 is met in 0 of 24 trials: never" in said(never, False)
    often = facts(lambda p: bo.Outcome(p["x"], constraints={"c": p["x"] - 0.5}))
    assert "c <= 0 is met in" in said(often, True)


def test_repeated_points():
    space = bo.Space(k=bo.Categorical(["a", "b", "c"]))
    found = facts(lambda p: float("abc".index(p["k"])), 12, space)
    assert "repeated an earlier point (more than 10 %)" in said(found, False)


def test_nothing_better_for_long():
    found = facts(lambda p: p["x"], xs=[0.3, *np.linspace(0.4, 0.9, 23)])
    assert "more than half of the run brought nothing better" in said(found, False)


def test_next_points_are_what_the_run_asks_and_change_nothing():
    optimizer = bo.Optimizer(SPACE, seed=0, n_trials=20)
    for _ in range(12):
        trial = optimizer.ask()
        optimizer.tell(trial, (trial.params["x"] - 0.4) ** 2 + (trial.params["k"] != "a"))
    result = optimizer.result()
    found = next_points(RunFacts(result, ""))
    assert len(found) == 3
    assert len(optimizer.trials) == 12
    assert optimizer.ask().params == found[0].params
    for point in found:
        assert point.gain >= 0
        assert 0 <= point.chance <= 1


@pytest.mark.parametrize("direction", ["minimize", "maximize"])
def test_the_expected_gain_is_that_of_a_normal_belief(direction):
    """Expected improvement in closed form (Jones et al. 1998), where nothing is warped."""
    sign = 1 if direction == "minimize" else -1
    surrogate = bo.MapGP(transforms=["identity"])
    optimizer = bo.Optimizer(
        {"x": bo.Float(0, 1)}, seed=0, direction=direction, surrogate=surrogate, deterministic=True
    )
    optimizer.add_observations(
        [({"x": x}, sign * math.sin(9 * x)) for x in np.linspace(0.02, 0.97, 7)]
    )
    result = optimizer.result()
    point = next_points(RunFacts(result, ""), 1)[0]
    mean, sd = point.moments["value"]
    improvement = sign * (result.value - mean)
    z = improvement / sd
    density = math.exp(-z * z / 2) / math.sqrt(2 * math.pi)
    expected = improvement * 0.5 * math.erfc(-z / math.sqrt(2)) + sd * density
    assert point.gain == pytest.approx(expected, rel=0.05, abs=1e-6)
