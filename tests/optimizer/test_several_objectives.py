"""Runs with several objectives: what is taken and refused, what is kept, and what is answered."""

import copy
import json
import pickle

import numpy as np
import pytest

import bayesopt as bo
from bayesopt.acquisition.front import nondominated

SPACE = {"x": bo.Float(0.0, 1.0), "z": bo.Float(0.0, 1.0)}
BOTH = {"error": "minimize", "speed": "maximize"}


def measure(params):
    """The front is x in [0.2, 0.8] at z = 0.5."""
    off = (params["z"] - 0.5) ** 2
    return {
        "error": (params["x"] - 0.2) ** 2 + off,
        "speed": 100.0 - 50.0 * ((params["x"] - 0.8) ** 2 + off),
    }


def run(n=12, space=None, f=measure, objectives=None, **options):
    options.setdefault("seed", 0)
    opt = bo.Optimizer(space or SPACE, objectives=objectives or BOTH, **options)
    for _ in range(n):
        trial = opt.ask()
        opt.tell(trial, f(trial.params))
    return opt


def test_results_go_by_name_or_in_order():
    opt = bo.Optimizer(SPACE, objectives=BOTH, seed=0)
    told = {"speed": 90.0, "error": 0.1}
    assert opt.tell(opt.ask(), told).values == told
    assert opt.tell(opt.ask(), (0.1, 90.0)).values == told
    assert opt.tell(opt.ask(), [0.1, 90]).values == told
    assert opt.tell(opt.ask(), np.array([0.1, 90.0])).values == told
    assert opt.tell(opt.ask(), {"objectives": told}).values == told
    assert opt.tell(opt.ask(), opt.trials[0].outcome).values == told
    assert opt.trials[0].value is None
    full = {**told, "sds": {"error": 0.01}, "cost": 2.0, "info": {"a": 1}, "constraints": {"c": 1}}
    outcome = opt.tell(opt.ask(), full).outcome
    assert outcome.sds == {"error": 0.01}
    assert (outcome.cost, outcome.info, outcome.constraints) == (2.0, {"a": 1}, {"c": 1.0})


@pytest.mark.parametrize(
    ("result", "said"),
    [
        ({"error": 0.1}, "lacks the objective 'speed'"),
        ({"error": 0.1, "sped": 3.0}, "did you mean 'sped'"),
        ({"error": 0.1, "speed": 3.0, "erorr": 1.0}, "did you mean 'error'"),
        ({"value": 0.1}, "'value' is of one objective"),
        ({"error": 0.1, "speed": 3.0, "sd": 0.1}, "'sds': {'error': ...}"),
        ({"error": 0.1, "speed": "fast"}, "the objective 'speed' must be a number"),
        ({"error": 0.1, "speed": 3.0, "objectives": {"speed": 2.0}}, "twice"),
        ((0.1,), "2 numbers"),
        ((0.1, 0.2, 0.3), "2 numbers"),
        (0.5, "a result is {'error': ..., 'speed': ...}"),
        (None, "a result is {'error': ..., 'speed': ...}"),
        (bo.Outcome(0.5), "the Outcome has a single value"),
    ],
)
def test_what_is_no_result_is_refused(result, said):
    opt = bo.Optimizer(SPACE, objectives=BOTH, seed=0)
    trial = opt.ask()
    with pytest.raises(TypeError) as caught:
        opt.tell(trial, result)
    assert said in str(caught.value)
    assert opt.trials[0].state is bo.TrialState.PENDING
    with pytest.raises(TypeError, match="several objectives"):
        bo.Optimizer(SPACE).tell(0, {"value": 1.0, "objectives": {"error": 1.0, "speed": 1.0}})


@pytest.mark.parametrize(
    "result", [float("nan"), (float("nan"), 1.0), {"error": 1, "speed": float("inf")}]
)
def test_a_value_that_is_not_finite_is_a_failure(result):
    opt = bo.Optimizer(SPACE, objectives=BOTH, seed=0)
    assert opt.tell(opt.ask(), result).state is bo.TrialState.FAILED


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"objectives": BOTH, "direction": "minimize"}, "leave direction out"),
        ({"objectives": {"error": "minimise", "speed": "maximize"}}, "did you mean 'minimize'"),
        ({"objectives": {"error": "minimize"}}, "direction='minimize'"),
        ({"objectives": ["error", "speed"]}, "names with directions"),
        ({"objectives": {"value": "minimize", "speed": "maximize"}}, "another meaning"),
        ({"objectives": BOTH, "thresholds": {"eror": 1.0}}, "did you mean 'error'"),
        ({"objectives": BOTH, "thresholds": {"error": float("nan")}}, "thresholds['error']"),
        ({"thresholds": {"error": 1.0}}, "give objectives= too"),
        ({"direction": BOTH}, "write objectives="),
        ({"objectives": BOTH, "records": ["speed"]}, "in objectives and in records"),
        ({"objectives": BOTH, "outcome_constraints": {"error": "<= 1"}}, "outcome_constraints"),
        ({"objectives": BOTH, "acquisition": bo.LogEI()}, "bo.EHVI()"),
        ({"objectives": dict.fromkeys("abcde", "minimize"), "acquisition": bo.EHVI()}, "ParEGO"),
    ],
)
def test_what_cannot_be_declared_is_refused(options, said):
    with pytest.raises((TypeError, ValueError)) as caught:
        bo.Optimizer(SPACE, **options)
    assert said in str(caught.value)


def test_the_default_acquisition_goes_by_the_number_of_objectives():
    for n, expected in ((2, bo.EHVI()), (4, bo.EHVI()), (5, bo.ParEGO())):
        names = [f"f{j}" for j in range(n)]
        opt = bo.Optimizer(SPACE, objectives=dict.fromkeys(names, "minimize"))
        assert opt.config.acquisition == expected
    assert bo.Optimizer(SPACE).config.acquisition == bo.LogEI()


def test_the_front_is_of_trials_that_none_dominates():
    result = run(20, deterministic=True).result()
    values = np.array([[t.values["error"], -t.values["speed"]] for t in result.trials])
    expected = {
        t.number for t, kept in zip(result.trials, nondominated(values), strict=True) if kept
    }
    assert {one.number for one in result.pareto} == expected
    assert [one.means["error"] for one in result.pareto] == sorted(
        one.values["error"] for one in result.pareto
    )
    assert all(one.probability == 1.0 for one in result.pareto)
    assert len(expected) >= 5
    # nearly all of it has been found: of the exact front's volume below the reference point
    trace = result.hypervolume
    assert (np.diff(trace.values) >= 0.0).all()
    x = np.linspace(0.2, 0.8, 500)
    front = np.stack([(x - 0.2) ** 2, 50.0 * (x - 0.8) ** 2 - 100.0], axis=1)
    corner = np.array([trace.reference["error"], -trace.reference["speed"]])
    whole = bo_hypervolume(front, corner)
    assert 0.9 * whole < float(trace) <= 1.001 * whole


def bo_hypervolume(points, reference):
    from bayesopt.acquisition.pareto import hypervolume

    return hypervolume(points, reference)


def test_there_is_no_single_best_and_the_message_says_what_there_is():
    opt = run(6)
    result = opt.result()
    for ask in (
        lambda: result.best,
        lambda: result.recommended,
        lambda: result.value,
        lambda: result.params,
        lambda: result.direction,
    ):
        with pytest.raises(ValueError, match=r"result\.pareto.*result\.compromise"):
            ask()
    for ask in (lambda: opt.best, lambda: opt.recommended, lambda: opt.direction):
        with pytest.raises(ValueError, match=r"several objectives.*optimizer\.pareto"):
            ask()
    assert result.objectives == BOTH
    one = bo.minimize(lambda p: p["x"], SPACE, n_trials=3, seed=0)
    for ask in (lambda: one.pareto, lambda: one.hypervolume, one.compromise):
        with pytest.raises(ValueError, match=r"result\.best"):
            ask()


def test_a_compromise_is_near_the_ideal_point():
    result = run(20).result()
    numbers = {one.number for one in result.pareto}
    assert result.compromise().number in numbers
    first = result.compromise({"error": 1.0, "speed": 0.0})
    last = result.compromise({"error": 0.0, "speed": 1.0})
    assert first.values["error"] == min(t.values["error"] for t in result.trials)
    assert last.values["speed"] == max(t.values["speed"] for t in result.trials)
    middle = result.compromise()
    assert first.params["x"] < middle.params["x"] < last.params["x"]
    with pytest.raises(ValueError, match="did you mean 'error'"):
        result.compromise({"eror": 1.0})
    with pytest.raises(ValueError, match="not all be 0"):
        result.compromise({"error": 0.0, "speed": 0.0})


def test_results_can_be_shown_copied_and_pickled():
    result = run(6).result()
    assert "minimize error, maximize speed" in repr(result)
    assert "hypervolume" in repr(result)
    assert "inferred from the front" in repr(result)
    assert "<table>" in result._repr_html_()
    for again in (pickle.loads(pickle.dumps(result)), copy.deepcopy(result)):
        assert again.pareto == result.pareto
        assert again == result
        assert float(again.hypervolume) == float(result.hypervolume)
    as_dict = result.to_dict()
    assert as_dict["objectives"] == BOTH
    assert [one["number"] for one in as_dict["pareto"]] == [one.number for one in result.pareto]
    json.dumps(as_dict)
    empty = bo.Optimizer(SPACE, objectives=BOTH).result()
    assert len(empty.pareto) == 0
    assert "no reference point" in repr(empty)
    with pytest.raises(ValueError, match="front is empty"):
        empty.compromise()
    opt = run(6)
    assert "front of" in opt._repr_html_() or "P(non-dominated)" in opt._repr_html_()


def test_a_table_has_a_column_an_objective(tmp_path):
    opt = run(5)
    opt.tell(opt.ask(), {**measure(opt.trials[-1].params), "cost": 1.0, "sds": {"error": 0.1}})
    opt.retract(5, "only to have written it")
    opt.tell_failure(opt.ask(), "broke")
    result = opt.result()
    path = tmp_path / "trials.csv"
    head = result.to_csv(path).splitlines()[0].split(",")
    assert {"objective:error", "objective:speed"} <= set(head)
    assert not {"value", "sd"} & set(head)
    again = bo.Result.from_csv(path, opt.space, objectives=BOTH)
    assert again.trials == result.trials
    assert {one.number for one in again.pareto} == {one.number for one in result.pareto}
    with pytest.raises(ValueError, match="row 2"):
        bo.Result.from_csv(path, opt.space)
    more = bo.Optimizer(SPACE, objectives=BOTH, seed=0)
    more.add_observations(again.observations())
    kept = [t for t in result.trials if t.state is not bo.TrialState.RETRACTED]
    assert [t.values for t in more.trials] == [t.values for t in kept]


def test_predictions_go_by_the_name_of_the_output():
    opt = run(
        15,
        f=lambda p: {**measure(p), "weight": 3.0 + p["x"]},
        outcome_constraints={"weight": "<= 3.7"},
        deterministic=True,
    )
    at = {"x": 0.4, "z": 0.5}
    truth = measure(at)
    for name in ("error", "speed"):
        prediction = opt.predict(at, name)
        assert abs(prediction.mean[0] - truth[name]) < 5 * prediction.sd[0] + 0.02 * abs(
            truth[name]
        )
        assert prediction.quantile(0.1)[0] < prediction.quantile(0.9)[0]
    assert abs(opt.predict(at, "weight").mean[0] - 3.4) < 0.1
    with pytest.raises(ValueError, match="which output"):
        opt.predict(at)
    with pytest.raises(ValueError, match="did you mean 'error'"):
        opt.predict(at, "eror")
    assert all(one.values["weight"] <= 3.7 for one in opt.pareto)


def test_thresholds_are_the_reference_point_and_say_when_nothing_meets_them():
    result = run(8, thresholds={"error": 0.3, "speed": 60.0}).result()
    assert result.hypervolume.reference == {"error": 0.3, "speed": 60.0}
    assert result.hypervolume.inferred == ()
    some = run(8, thresholds={"error": 0.3}).result()
    assert some.hypervolume.inferred == ("speed",)
    assert "speed inferred" in repr(some)
    vain = run(8, thresholds={"error": -1.0, "speed": 60.0}).result()
    assert float(vain.hypervolume) == 0.0
    assert "no trial is better in every objective" in repr(vain)


def units(sign, offset, factor):
    """The same problem in other units: speed times a factor, shifted, perhaps turned around."""

    def f(params):
        told = measure(params)
        return {"error": told["error"], "speed": sign * (factor * told["speed"] + offset)}

    return f


@pytest.mark.parametrize(
    ("sign", "offset", "factor"), [(1.0, 1e4, 1.0), (-1.0, 0.0, 1.0), (1.0, -7.0, 1024.0)]
)
def test_units_and_directions_change_nothing(sign, offset, factor):
    way = "maximize" if sign > 0 else "minimize"
    objectives = {"error": "minimize", "speed": way}
    one = run(9, deterministic=True)
    other = run(9, f=units(sign, offset, factor), objectives=objectives, deterministic=True)
    points = [np.array([[t.params["x"], t.params["z"]] for t in o.trials]) for o in (one, other)]
    assert np.allclose(points[0][:8], points[1][:8], atol=0.02)
    mine, theirs = (o.result().hypervolume.reference["speed"] for o in (one, other))
    if np.allclose(*points):
        assert np.isclose(theirs, sign * (factor * mine + offset), rtol=1e-6)


def test_the_order_of_the_objectives_does_not_matter_to_the_front():
    one = run(10)
    turned = {name: BOTH[name] for name in reversed(BOTH)}
    other = bo.Optimizer(SPACE, objectives=turned, seed=0)
    other.add_observations((t.params, t.values) for t in one.trials)
    mine, theirs = one.result(), other.result()
    assert {o.number for o in mine.pareto} == {o.number for o in theirs.pareto}
    assert np.isclose(float(mine.hypervolume), float(theirs.hypervolume))
    assert mine.compromise().number == theirs.compromise().number


def test_a_batch_spreads_and_what_is_pending_counts():
    opt = run(10)
    batch = opt.ask_batch(4)
    points = np.array([[t.params["x"], t.params["z"]] for t in batch])
    distances = np.linalg.norm(points[:, None] - points[None], axis=2) + np.eye(4)
    assert distances.min() > 1e-4
    for trial in batch:
        opt.tell(trial, measure(trial.params))


def test_while_nothing_is_feasible_the_search_is_for_that():
    def f(params):
        return {**measure(params), "c": params["x"] - 0.1}

    opt = run(14, f=f, outcome_constraints=["c"])
    assert any(t.feasible for t in opt.trials)
    assert all(one.values["c"] <= 0.0 for one in opt.pareto)


def test_failures_are_avoided():
    def f(params):
        return float("nan") if params["x"] > 0.6 else measure(params)

    opt = run(24, f=f)
    assert sum(t.params["x"] > 0.75 for t in opt.trials[12:]) <= 4
    assert all(one.params["x"] <= 0.6 for one in opt.pareto)


def test_under_noise_a_lucky_value_does_not_make_the_front():
    rng = np.random.default_rng(1)
    opt = bo.Optimizer({"x": bo.Float(0.0, 1.0)}, objectives=BOTH, seed=0)
    for x in np.linspace(0.0, 1.0, 24):
        noise = 0.05 * rng.standard_normal(2)
        told = {"error": (x - 0.2) ** 2 + noise[0], "speed": -((x - 0.8) ** 2) + noise[1]}
        opt.add_observation({"x": float(x)}, told)
    # far from the front, and better than anything else by its measurement
    opt.add_observation({"x": 1.0}, {"error": -0.4, "speed": -0.04})
    front = opt.pareto
    assert np.all((front.probability >= 0.0) & (front.probability <= 1.0))
    assert any(p < 1.0 for p in front.probability)
    means = {one.number: one.means["error"] for one in front}
    assert all(mean > -0.3 for mean in means.values())


def test_a_space_with_few_points_is_listed_and_can_be_used_up():
    space = {"a": bo.Categorical(["r", "s"]), "n": bo.Int(0, 2)}

    def f(params):
        return (params["n"], (params["a"] == "s") * 1.0 - params["n"])

    both = {"u": "minimize", "v": "minimize"}
    opt = bo.Optimizer(space, objectives=both, seed=0, deterministic=True)
    for _ in range(6):
        trial = opt.ask()
        opt.tell(trial, f(trial.params))
    with pytest.raises(bo.SpaceExhausted):
        opt.ask()
    assert {(t.params["a"], t.params["n"]) for t in opt.pareto.trials} == {
        ("r", 0),
        ("r", 1),
        ("r", 2),
    }


def test_values_that_are_all_equal_do_no_harm():
    opt = run(8, f=lambda p: (1.0, 2.0))
    assert len(opt.pareto) == 1
    run(7, f=lambda p: (p["x"], 2.0))
    big = run(8, f=lambda p: (1e300 * (p["x"] - 0.5), -1e300 * p["x"]))
    assert not np.isnan(big.result().hypervolume.values).any()
    assert len(big.pareto) >= 1


@pytest.mark.parametrize("m", [3, 4, 5])
def test_more_objectives(m):
    names = [f"f{j}" for j in range(m)]
    centres = np.linspace(0.1, 0.9, m)

    def f(params):
        return tuple(float((params["x"] - c) ** 2 + params["z"] ** 2) for c in centres)

    opt = run(9, f=f, objectives=dict.fromkeys(names, "minimize"))
    result = opt.result()
    assert len(result.pareto) >= 3
    assert float(result.hypervolume) > 0.0
    assert result.compromise().values.keys() == set(names)


def test_a_result_can_be_corrected_in_part_or_whole():
    opt = run(4)
    kept = opt.trials[1].values["error"]
    assert opt.correct(1, {"speed": 12.0}).values == {"error": kept, "speed": 12.0}
    assert opt.correct(1, (0.5, 13.0)).values == {"error": 0.5, "speed": 13.0}
    assert opt.correct(1, float("nan")).state is bo.TrialState.FAILED
    assert opt.correct(1, {"error": 0.5, "speed": 13.0}).values["speed"] == 13.0
    with pytest.raises(ValueError, match="cannot be taken away"):
        opt.correct(1, {"speed": None})
    with pytest.raises(TypeError, match="2 numbers"):
        opt.correct(1, (1.0,))
    opt.tell_failure(opt.ask(), "broke")
    with pytest.raises(TypeError, match="lacks the objective 'speed'"):
        opt.correct(4, {"error": 1.0})
