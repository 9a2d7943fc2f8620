"""Ask and tell: what is handed out, what is taken, what is refused."""

import math

import numpy as np
import pytest

import bayesopt as bo
from bayesopt.trial import Origin, TrialState
from tests.optimizer.running import (
    LINE,
    MIXED,
    PLANE,
    events,
    line_value,
    mixed_value,
    optimizer,
    run,
)

POINT = {"x": 0.5, "rate": 0.01, "k": 7, "kind": "b"}


def distinct(space, trials):
    coords = space.to_coords(np.array([space.encode(t.params) for t in trials]))
    same = space.same(coords, coords)
    return int(same.sum()) == len(trials)


# ---- asking ---------------------------------------------------------------------------------


def test_first_the_design_then_the_model():
    opt = optimizer()
    points = run(opt, mixed_value, 9)
    origins = [t.origin for t in opt.trials]
    assert origins == [Origin.INITIAL] * 7 + [Origin.MODEL] * 2
    assert points[0] == MIXED.decode(MIXED.to_rows(MIXED.default_coords()[None])[0])
    assert [t.number for t in opt.trials] == [*range(9)]


def test_the_design_is_made_once():
    # among few allowed points of many it costs thousands of calls of a user's constraint
    made = []

    class Counting(bo.InitialDesign):
        def points(self, space, n, rng):
            made.append(n)
            return super().points(space, n, rng)

    opt = optimizer(initial_design=Counting())
    run(opt, mixed_value, 8)
    assert sum(t.origin is Origin.INITIAL for t in opt.trials) == 7
    assert made == [7]


@pytest.mark.parametrize(("n_trials", "n"), [(None, 7), (20, 5), (45, 6), (1000, 7), (2, 5)])
def test_a_known_budget_limits_the_design(n_trials, n):
    opt = optimizer(n_trials=n_trials)
    run(opt, mixed_value, 8)
    assert sum(t.origin is Origin.INITIAL for t in opt.trials) == n


def test_no_point_is_ever_proposed_twice():
    opt = optimizer()
    for i in range(6):
        batch = opt.ask_batch(3)
        for trial in batch[: 1 + i % 3]:
            opt.tell(trial, mixed_value(trial.params))
    assert distinct(MIXED, opt.trials)


def test_a_finite_space_is_asked_to_its_end():
    space = bo.Space(a=bo.Int(0, 3), b=bo.Boolean())
    opt = optimizer(space)
    run(opt, lambda p: p["a"] - p["b"], 8)
    assert distinct(space, opt.trials)
    with pytest.raises(bo.SpaceExhausted):
        opt.ask()
    with pytest.raises(bo.SpaceExhausted):
        opt.ask_batch(2)
    assert opt.best.params == {"a": 0, "b": True}
    assert len(opt.trials) == 8


def test_a_batch_ends_with_the_space():
    opt = optimizer(bo.Space(a=bo.Int(0, 3)))
    assert len(opt.ask_batch(10)) == 4


def test_a_lost_point_of_an_exhausted_space_is_open_again():
    opt = optimizer(bo.Space(a=bo.Int(0, 2)))
    batch = opt.ask_batch(3)
    opt.abandon(batch[1], "node lost", retry=False)
    trial = opt.ask()
    assert trial.params == batch[1].params
    assert trial.number == 3


def test_a_failed_point_is_not_asked_again():
    opt = optimizer(bo.Space(a=bo.Int(0, 2)))
    batch = opt.ask_batch(3)
    opt.tell_failure(batch[1], "diverged")
    with pytest.raises(bo.SpaceExhausted):
        opt.ask()


def test_a_batch_is_spread_out():
    """Pending points are taken into account: no two nearly the same."""
    opt = optimizer(PLANE, seed=3)
    run(opt, lambda p: (p["x"] - 0.3) ** 2 + (p["y"] - 0.6) ** 2, 8)
    batch = opt.ask_batch(4)
    points = np.array([[t.params["x"], t.params["y"]] for t in batch])
    apart = np.linalg.norm(points[:, None] - points[None], axis=2)[np.triu_indices(4, 1)]
    assert apart.min() > 0.01


def test_only_pending_so_far():
    opt = optimizer()
    batch = opt.ask_batch(15)
    assert distinct(MIXED, batch)
    assert all(t.state is TrialState.PENDING for t in opt.trials)
    assert opt.best is None
    assert opt.recommended is None
    run(opt, mixed_value, 1)
    assert opt.best.number == 15


@pytest.mark.parametrize("k", [0, -1, 10**9, 2.0, True, "3", None])
def test_an_impossible_batch_is_refused(k):
    error = ValueError if type(k) is int else TypeError
    with pytest.raises(error, match="the number of points of ask_batch, must be a whole number"):
        optimizer().ask_batch(k)


# ---- enqueueing -----------------------------------------------------------------------------


def test_queued_points_come_first_and_in_order():
    opt = optimizer()
    run(opt, mixed_value, 1)
    opt.enqueue([POINT, POINT | {"k": 8}])
    opt.enqueue(POINT | {"k": 9})
    assert [opt.ask().params["k"] for _ in range(3)] == [7, 8, 9]
    assert [t.origin for t in opt.trials[1:]] == [Origin.ENQUEUED] * 3
    assert opt.ask().origin is Origin.INITIAL


def test_queued_points_count_in_the_design():
    opt = optimizer()
    opt.enqueue([POINT | {"k": k} for k in range(1, 7)])
    run(opt, mixed_value, 8)
    assert [t.origin for t in opt.trials[6:]] == [Origin.INITIAL, Origin.MODEL]


@pytest.mark.parametrize(
    ("point", "error", "words"),
    [
        ({}, ValueError, "x: missing"),
        (POINT | {"x": 7.0}, ValueError, "x"),
        (POINT | {"k": 2.5}, (TypeError, ValueError), "k"),
        (POINT | {"kind": "c"}, ValueError, "kind"),
        (POINT | {"extra": 0.5}, ValueError, "extra"),
        (POINT | {"unknown": 1}, ValueError, "unknown"),
        (POINT | {"x": math.nan}, ValueError, "x"),
    ],
)
def test_an_illegal_point_is_refused_by_name_and_nothing_is_queued(point, error, words):
    opt = optimizer()
    before = events(opt)
    with pytest.raises(error, match=words):
        opt.enqueue([POINT, point])
    assert events(opt) == before


def test_a_queued_point_must_meet_the_known_constraints():
    space = bo.Space(x=bo.Float(0, 1), constraints=[bo.LinearConstraint({"x": 1.0}, upper=0.5)])
    opt = optimizer(space)
    with pytest.raises(ValueError, match="constraint"):
        opt.enqueue([{"x": 0.2}, {"x": 0.9}])
    assert opt.ask().origin is Origin.INITIAL


# ---- telling --------------------------------------------------------------------------------


def test_a_trial_or_its_number():
    opt = optimizer(LINE)
    trials = opt.ask_batch(3)
    told = opt.tell(trials[0], 1.5)
    assert told.value == 1.5
    assert told.state is TrialState.COMPLETE
    assert told.params == trials[0].params
    assert opt.tell(1, 2).value == 2.0
    assert opt.tell(np.int64(2), np.float32(3)).value == 3.0
    assert opt.trials[0] == told


def test_everything_told_is_kept():
    opt = optimizer(LINE)
    result = {
        "value": 2.0, "sd": 0.1, "constraints": {"mass": -1.0, "heat": 3.0}, "cost": 12.5,
        "info": {"epochs": [1, 2]},
    }  # fmt: skip
    told = opt.tell(opt.ask(), result)
    assert told.outcome.sd == 0.1
    assert dict(told.outcome.constraints) == {"mass": -1.0, "heat": 3.0}
    assert told.outcome.cost == 12.5
    assert told.outcome.info == {"epochs": [1, 2]}
    assert not told.feasible


@pytest.mark.parametrize("trial", [5, -1, 10**9])
def test_an_unknown_trial(trial):
    opt = optimizer(LINE)
    opt.ask()
    for tell in (lambda: opt.tell(trial, 1.0), lambda: opt.tell_failure(trial, "no")):
        with pytest.raises(ValueError, match=f"no trial {trial}.* 1, numbered from 0"):
            tell()


def test_a_finished_trial():
    opt = optimizer(LINE)
    told, failed = opt.ask_batch(2)
    opt.tell(told, 1.0)
    opt.tell_failure(failed, "no")
    before = events(opt)
    for trial, state in ((told, "complete"), (failed, "failed")):
        with pytest.raises(ValueError, match=rf"already finished \({state}\).*add_observation"):
            opt.tell(trial, 2.0)
        with pytest.raises(ValueError, match="already finished"):
            opt.tell_failure(trial, "again")
        with pytest.raises(ValueError, match="already finished"):
            opt.abandon(trial, "again")
    assert events(opt) == before


@pytest.mark.parametrize("trial", ["0", 0.0, True, None])
def test_what_is_no_trial(trial):
    opt = optimizer(LINE)
    opt.ask()
    with pytest.raises(TypeError, match="trial, or its number, must be a whole number"):
        opt.tell(trial, 1.0)


@pytest.mark.parametrize(
    ("result", "error", "words"),
    [
        ("3", TypeError, "must be a number"),
        (None, TypeError, "must be a number"),
        (True, TypeError, "must be a number"),
        ([1.0, "2"], TypeError, "must be a list of numbers"),
        ({"value": "low"}, TypeError, "must be a number"),
        ({"valeus": 1.0}, TypeError, "unknown keys"),
        ({"sd": 1.0}, TypeError, "'value'"),
        ({"value": 1.0, "sd": 0.0}, ValueError, "'sd' must be a finite number > 0"),
        ({"value": 1.0, "sd": -1.0}, ValueError, "'sd'"),
        ({"value": 1.0, "cost": -1.0}, ValueError, "'cost'"),
        ({"value": 1.0, "constraints": [1.0]}, TypeError, "'constraints'"),
        ({"value": 1.0, "constraints": {"c": None}}, TypeError, "'c'"),
        ({"value": 1.0, "info": object()}, TypeError, "info"),
    ],
)
def test_what_is_no_result_leaves_the_trial_open(result, error, words):
    opt = optimizer(LINE)
    trial = opt.ask()
    before = events(opt)
    with pytest.raises(error, match=words):
        opt.tell(trial, result)
    assert events(opt) == before
    assert opt.trials[0].state is TrialState.PENDING
    opt.tell(trial, 1.0)


@pytest.mark.parametrize(
    "result",
    [
        math.nan,
        math.inf,
        -math.inf,
        {"value": math.nan},
        {"value": 1.0, "constraints": {"c": math.inf}},
    ],
)
def test_what_is_not_finite_is_a_failure(result):
    opt = optimizer(LINE)
    told = opt.tell(opt.ask(), result)
    assert told.state is TrialState.FAILED
    assert told.value is None
    assert "nan" in told.error or "inf" in told.error


# ---- bringing data along --------------------------------------------------------------------


def test_brought_data_inform_the_model_and_count_in_the_design():
    opt = optimizer()
    added = opt.add_observations(
        [(POINT | {"k": k}, mixed_value(POINT | {"k": k})) for k in range(1, 8)]
    )
    assert [t.origin for t in added] == [Origin.ADDED] * 7
    assert opt.ask().origin is Origin.MODEL
    assert opt.best.params["k"] == 4


def test_all_or_none():
    opt = optimizer()
    before = events(opt)
    bad = [
        [(POINT, 1.0), (POINT | {"x": 99.0}, 1.0)],
        [(POINT, 1.0), (POINT, "bad")],
        [(POINT, 1.0), (POINT, {"value": 1.0, "info": object()})],
    ]
    for observations in bad:
        with pytest.raises((TypeError, ValueError)):
            opt.add_observations(observations)
        assert events(opt) == before
        assert opt.trials == ()
    opt.add_observation(POINT, 2.0)
    assert len(opt.trials) == 1
    assert opt.trials[0].value == 2.0


def test_a_failure_can_be_brought_along():
    opt = optimizer()
    assert opt.add_observation(POINT, math.nan).state is TrialState.FAILED
    assert opt.add_observations([]) == []


def test_the_same_point_may_be_observed_again():
    opt = optimizer(LINE)
    trial = opt.ask()
    opt.tell(trial, 1.0)
    opt.add_observation(trial.params, 1.2)
    run(opt, line_value, 6)
    assert len(opt.trials) == 8


def test_points_outside_are_refused_unless_asked_for():
    opt = optimizer(LINE)
    with pytest.raises(ValueError, match="x"):
        opt.add_observation({"x": 5.0}, 1.0)
    opt.add_observation({"x": 5.0}, -100.0, outside=True)
    assert opt.trials[0].params == {"x": 5.0}


def test_points_outside_inform_the_model_only():
    """They are neither the best nor recommended, and no incumbent to be beaten."""
    opt = optimizer(LINE)
    opt.add_observation({"x": 5.0}, -1e6, outside=True)
    assert opt.best is None
    assert opt.recommended is None
    run(opt, lambda p: line_value(p) + 0.3 * math.sin(1e4 * p["x"]), 8)
    assert -2 <= opt.best.params["x"] <= 3
    assert -2 <= opt.recommended.params["x"] <= 3
    assert -2 <= opt.result().best.params["x"] <= 3
    assert opt.predict({"x": 2.9}).sd[0] > 0


def test_a_point_outside_does_not_stop_the_search_inside():
    opt = optimizer(LINE)
    opt.add_observation({"x": 4.0}, -50.0, outside=True)
    points = run(opt, lambda p: (p["x"] - 0.5) ** 2, 14)
    assert min(abs(p["x"] - 0.5) for p in points) < 0.1


# ---- answers --------------------------------------------------------------------------------


def test_the_best_is_the_earliest_of_equals():
    opt = optimizer(LINE)
    for trial, value in zip(opt.ask_batch(4), [3.0, 1.0, 1.0, 2.0], strict=True):
        opt.tell(trial, value)
    assert opt.best.number == 1
    opt = optimizer(LINE, direction="maximize")
    for trial, value in zip(opt.ask_batch(3), [1.0, 3.0, 3.0], strict=True):
        opt.tell(trial, value)
    assert opt.best.number == 1


def test_results_say_how_it_stands():
    opt = optimizer(LINE)
    run(opt, line_value, 8)
    result = opt.result()
    assert result.best == opt.best
    assert result.trials == opt.trials
    assert result.direction == "minimize"
    assert result.stop is bo.Stop.RUNNING
    assert result.params == dict(opt.best.params)
    assert result.diagnostics["seed"] == 1
    assert result.diagnostics["surrogate"]["transform"] in ("identity", "log", "yeo-johnson")


def test_trials_are_records_that_do_not_change():
    opt = optimizer(LINE)
    trial = opt.ask()
    opt.tell(trial, 1.0)
    assert trial.state is TrialState.PENDING
    assert opt.trials[0].state is TrialState.COMPLETE


# ---- arguments ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({"direction": "min"}, ValueError, "one of 'minimize', 'maximize'"),
        ({"seed": -1}, ValueError, "seed"),
        ({"seed": 1.5}, TypeError, "seed"),
        ({"seed": True}, TypeError, "seed"),
        ({"n_trials": 0}, ValueError, "n_trials"),
        ({"n_trials": 3.5}, TypeError, "n_trials"),
        ({"threads": 0}, ValueError, "threads"),
        ({"surrogate": "gp"}, TypeError, "surrogate must be a Surrogate"),
        ({"surrogate": bo.MapGP}, TypeError, r"write MapGP\(\)"),
        ({"acquisition": bo.MapGP()}, TypeError, "acquisition must be"),
        ({"proposer": bo.LogEI()}, TypeError, "proposer must be"),
        ({"initial_design": 5}, TypeError, "initial_design must be"),
        ({"storage": 5}, TypeError, "storage"),
    ],
)
def test_arguments_are_checked_at_the_door(options, error, words):
    with pytest.raises(error, match=words):
        bo.Optimizer(LINE, **options)


@pytest.mark.parametrize("space", [None, ["x"], bo.Float(0, 1)])
def test_what_is_no_space(space):
    with pytest.raises(TypeError, match=r"bayesopt.Space.*Float\(0, 1\)"):
        bo.Optimizer(space)


def test_a_mapping_is_a_space_too():
    parameters = {"x": bo.Float(0, 1), "a b": bo.Int(1, 5)}
    opt = bo.Optimizer(parameters, seed=3)
    assert opt.space.to_json() == bo.Space(parameters).to_json()
    assert opt.ask().params == bo.Optimizer(bo.Space(parameters), seed=3).ask().params
    result = bo.minimize(lambda p: p["x"], parameters, n_trials=2, seed=3)
    assert len(result.trials) == 2


def test_a_mapping_to_what_is_no_parameter():
    with pytest.raises(TypeError, match="x"):
        bo.Optimizer({"x": (0.0, 1.0)})


def test_options_are_keywords():
    with pytest.raises(TypeError):
        bo.Optimizer(LINE, "minimize")


def test_a_space_of_constants_has_its_one_point():
    opt = bo.Optimizer({"x": bo.Constant(3)})
    assert opt.tell(opt.ask(), 1.0).params == {"x": 3}
    with pytest.raises(bo.SpaceExhausted):
        opt.ask()
