"""Outputs by name: limits in the user's own units, records, results by the same names."""

import json
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import bayesopt as bo
from bayesopt.optimizer.history_data import run_data
from bayesopt.outcome import RESERVED, outcome_to_json
from bayesopt.output import OutcomeConstraint
from bayesopt.storage import MemoryStorage
from tests.optimizer.running import PLANE, QUICK, events, optimizer, replayed

SPACE = bo.Space(x=bo.Ordinal([0, 1, 2]))
LIMITS = {"impurity": "<= 0.5", "yield": ">= 90"}

relations = st.sampled_from(["<=", ">="])
dyadic = st.integers(-(2**20), 2**20).map(lambda k: k / 64)  # sums of them are exact


def random_run(**options):
    return bo.Optimizer(SPACE, seed=0, proposer=bo.RandomSearch(), **options)


# ---- limits -------------------------------------------------------------------------------------


@given(st.floats(allow_nan=False, allow_infinity=False), relations)
def test_a_limit_is_written_and_read(limit, relation):
    constraint = OutcomeConstraint("c", relation, limit)
    assert OutcomeConstraint.parse("c", constraint.written) == constraint


@given(
    st.floats(allow_nan=False, allow_infinity=False),
    st.floats(allow_nan=False, allow_infinity=False),
    relations,
)
def test_feasible_is_what_the_relation_says(value, limit, relation):
    constraint = OutcomeConstraint("c", relation, limit)
    excess = constraint.excess(value)
    assert math.isfinite(excess)
    assert (excess <= 0) == (value <= limit if relation == "<=" else value >= limit)


def shifted(excess, relation, limit):
    """A value that exceeds a limit by so much."""
    return limit + excess if relation == "<=" else limit - excess


@settings(max_examples=6, deadline=None)
@given(st.lists(st.tuples(relations, dyadic), min_size=2, max_size=2), st.integers(0, 9))
def test_a_limit_in_any_units_gives_the_trials_of_the_same_limit_shifted_to_0(limits, seed):
    """To the bit, as the sums are exact here."""
    names = ("a", "b")
    given_limits = {
        n: OutcomeConstraint(n, *pair).written for n, pair in zip(names, limits, strict=True)
    }

    def run(declared, of):
        opt = bo.Optimizer(PLANE, seed=seed, proposer=QUICK, outcome_constraints=declared)
        for _ in range(11):
            t = opt.ask()
            x, y = t.params["x"], t.params["y"]
            excess = round(64 * (x + y - 0.9)) / 64, round(64 * (0.2 - x * y)) / 64
            held = {n: of(e, *p) for n, e, p in zip(names, excess, limits, strict=True)}
            if t.number % 4 == 1:
                del held["b"]
            opt.tell(t, {"value": (x - 0.3) ** 2 + y, **held})
        return opt

    own = run(given_limits, shifted)
    by_hand = run(list(names), lambda excess, *_: excess)
    assert [t.params for t in own.trials] == [t.params for t in by_hand.trials]
    assert [t.feasible for t in own.trials] == [t.feasible for t in by_hand.trials]
    assert [t.excess for t in own.trials] == [t.excess for t in by_hand.trials]
    for answer in ("best", "recommended"):
        a, b = getattr(own, answer), getattr(by_hand, answer)
        assert (a and a.number) == (b and b.number)


replicates = st.lists(
    st.tuples(
        st.sampled_from([0, 1, 2]),
        st.fixed_dictionaries({}, optional={"impurity": dyadic, "yield": dyadic}),
    ),
    min_size=1,
    max_size=8,
)


@settings(max_examples=60, deadline=None)
@given(replicates, st.tuples(relations, dyadic), st.tuples(relations, dyadic), st.data())
def test_a_run_continued_with_other_limits_is_judged_by_these(found, first, then, data):
    def limits(pair):
        return {
            "impurity": OutcomeConstraint("impurity", *pair).written,
            "yield": ">= 90",
        }

    storage = MemoryStorage()
    opt = random_run(storage=storage, outcome_constraints=limits(first))
    other = random_run(storage=storage)
    for x, named in found:
        opt.add_observation({"x": x}, {"value": 1.0, **named})
    if data.draw(st.booleans()):
        opt.retract(data.draw(st.integers(0, len(found) - 1)), "wrong")
    again = random_run(storage=storage, outcome_constraints=limits(then))
    fresh = random_run(outcome_constraints=limits(then))
    for x, named in found:
        fresh.add_observation({"x": x}, {"value": 1.0, **named})
    for trial in opt.trials:
        if trial.outcome is None:
            fresh.retract(trial.number, "wrong")
    wanted = [t.feasible for t in fresh.trials]
    for one in (again, other, opt, random_run(storage=storage)):
        assert [t.feasible for t in one.trials] == wanted
        assert one.outcome_constraints == limits(then)
        done = [t.feasible for t in one.trials if t.outcome is not None]
        assert list(run_data(one._history, one.problem).feasible) == done
    assert again.best == other.best


def test_limits_are_kept_with_the_run_and_shown_in_the_users_units(tmp_path):
    path = tmp_path / "run.db"
    opt = random_run(storage=path, outcome_constraints=LIMITS)
    opt.add_observation({"x": 0}, {"value": 1.0, "impurity": 0.7, "yield": 95})
    opt.add_observation({"x": 1}, {"value": 2.0, "constraints": {"impurity": 0.5, "yield": 90}})
    opt.close()
    again = bo.Optimizer.reopen(path)
    assert again.outcome_constraints == LIMITS
    assert [t.feasible for t in again.trials] == [False, True]
    assert again.trials[0].excess == {"impurity": pytest.approx(0.2), "yield": -5.0}
    assert again.best.number == again.recommended.number == 1
    result = again.result()
    assert result.to_dict()["outcome_constraints"] == LIMITS
    csv = tmp_path / "run.csv"
    assert "constraint:impurity,constraint:yield" in result.to_csv(csv)
    assert ",0.7,95.0," in result.to_csv().splitlines()[1]
    read = bo.Result.from_csv(csv, SPACE, outcome_constraints=LIMITS)
    assert read.trials == result.trials
    assert read.best == result.best
    again.close()
    names = random_run(storage=path, outcome_constraints=["impurity", "yield"])
    assert names.outcome_constraints == LIMITS  # names alone change no limit
    names.close()


def test_events_without_other_limits_are_as_they_always_were():
    written = events(random_run(outcome_constraints={"a": "<= 0", "b": "<=0.0"}))
    assert written[0]["outcome_constraints"] == ["a", "b"]
    assert "records" not in written[0]
    assert "outcome_constraints" not in events(random_run())[0]
    with_limits = events(random_run(outcome_constraints=LIMITS))
    assert with_limits[0]["outcome_constraints"] == {"impurity": "<= 0.5", "yield": ">= 90"}
    old = random_run(storage=replayed(written))
    assert old.outcome_constraints == {"a": "<= 0", "b": "<= 0"}


@pytest.mark.parametrize(
    ("limits", "error", "words"),
    [
        ({"a": 0.5}, TypeError, r"'a' must be written like '<= 0.5' or '>= 90'; got 0.5"),
        ({"a": "< 0.5"}, ValueError, r"'a' must be written like '<= 0.5' or '>= 90'; got '< 0.5'"),
        ({"a": "<= 1.2.3"}, ValueError, "'<= 1.2.3'"),
        ({"a": "<= 1e999"}, ValueError, "'<= 1e999'"),
        ({"a": "<= nan"}, ValueError, "'<= nan'"),
        ({"a": ""}, ValueError, "written like"),
        ({3: "<= 1"}, TypeError, "got 3 among them"),
        ({"": "<= 1"}, ValueError, "not empty"),
        ({"cost": "<= 1"}, ValueError, "'cost' has another meaning in results"),
    ],
)
def test_what_is_no_limit(limits, error, words, tmp_path):
    with pytest.raises(error, match=words):
        random_run(outcome_constraints=limits, storage=tmp_path / "run.db")
    assert not (tmp_path / "run.db").exists()


# ---- results by name ----------------------------------------------------------------------------

names = st.sampled_from(["impurity", "yield", "time_ms", "energy"])


@settings(deadline=None)
@given(st.dictionaries(names, st.floats(-1e9, 1e9)), st.dictionaries(names, st.floats(1e-9, 1e9)))
def test_a_result_by_name_is_the_same_as_one_by_role(named, sds):
    opt = random_run(outcome_constraints=LIMITS, records=["time_ms", "energy"])
    sds = {name: sd for name, sd in sds.items() if name in named}
    by_role = {
        "constraints": {k: v for k, v in named.items() if k in LIMITS},
        "records": {k: v for k, v in named.items() if k not in LIMITS},
    }
    flat = opt.add_observation({"x": 0}, {"value": 1.0, "sds": sds, **named})
    nested = opt.add_observation({"x": 0}, {"value": 1.0, "sds": sds, **by_role})
    assert flat.outcome == nested.outcome
    assert flat.outcome.values == {"value": 1.0, **named}
    again = opt.add_observation({"x": 0}, flat.outcome)
    also = opt.add_observation({"x": 0}, json.loads(json.dumps(outcome_to_json(flat.outcome))))
    assert again.outcome == also.outcome == flat.outcome


def test_an_unknown_name_is_refused_with_a_suggestion():
    opt = random_run(outcome_constraints=LIMITS, records=["time_ms"])
    trial = opt.ask()
    with pytest.raises(TypeError, match=r"'impurtiy'.*did you mean 'impurity'"):
        opt.tell(trial, {"value": 1.0, "impurtiy": 0.2})
    with pytest.raises(TypeError, match="did you mean 'time_ms'"):
        opt.tell(trial, {"value": 1.0, "records": {"time_mss": 3}})
    with pytest.raises(ValueError, match="did you mean 'impurity'"):
        opt.tell(trial, {"value": 1.0, "constraints": {"impurtiy": 0.2}})
    with pytest.raises((TypeError, ValueError), match="'impurity' twice"):
        opt.tell(trial, {"value": 1.0, "impurity": 0.1, "constraints": {"impurity": 0.2}})
    with pytest.raises(TypeError, match=r"declare outcome_constraints=.*records="):
        random_run().add_observation({"x": 0}, {"value": 1.0, "speed": 3.0})
    told = opt.tell(trial, {"value": 1.0, "impurity": 0.2, "time_ms": 12})
    assert told.outcome.constraints == {"impurity": 0.2}
    assert told.outcome.records == {"time_ms": 12.0}


def test_names_that_a_first_result_fixed_may_be_used_alone():
    opt = random_run()
    opt.add_observation({"x": 0}, {"value": 1.0, "constraints": {"c": 1.0}})
    assert opt.add_observation({"x": 1}, {"value": 1.0, "c": -1.0}).feasible


@pytest.mark.parametrize("word", RESERVED)
def test_words_that_mean_something_are_no_outputs(word):
    with pytest.raises(ValueError, match="another meaning"):
        random_run(records=[word])


def test_records_may_be_added_to_a_stored_run_but_not_lost():
    storage = MemoryStorage()
    random_run(storage=storage, records=["time_ms"])
    with pytest.raises(ValueError, match="'time_ms'"):
        random_run(storage=storage, records=["energy"])
    with pytest.raises(ValueError, match="in records"):
        random_run(storage=storage, outcome_constraints=["time_ms"])
    random_run(storage=storage, records=["time_ms", "energy"])
    opt = random_run(storage=storage)
    trial = opt.add_observation({"x": 0}, {"value": 1.0, "energy": 2.0})
    assert trial.outcome.records == {"energy": 2.0}
    assert "record:energy" in opt.result().to_csv().splitlines()[0]


def test_what_is_recorded_changes_no_trial():
    def run(**options):
        opt = optimizer(PLANE, **options)
        for _ in range(10):
            t = opt.ask()
            more = {"time_ms": 100.0 * t.number} if options else {}
            opt.tell(t, {"value": t.params["x"] - t.params["y"], **more})
        return [t.params for t in opt.trials]

    assert run() == run(records=["time_ms"])


def test_the_measured_deviation_of_a_constraint_reaches_its_surrogate():
    opt = random_run(outcome_constraints=LIMITS)
    opt.add_observation({"x": 0}, {"value": 1.0, "impurity": 0.2, "sds": {"impurity": 0.1}})
    opt.add_observation({"x": 1}, {"value": 1.0, "impurity": 0.3})
    held = {m.output.name: m for m in run_data(opt._history, opt.problem).measured}
    assert held["impurity"].noise_sd[0] == 0.1
    assert math.isnan(held["impurity"].noise_sd[1])
    assert opt.ask().number == 2


@pytest.mark.parametrize(
    "wrong",
    [
        {"value": math.nan},
        {"value": 1.0, "sd": 0.0},
        {"value": 1.0, "cost": -1.0},
        {"value": 1.0, "constraints": {"a": math.inf}},
        {"value": 1.0, "records": {"a": "x"}},
        {"value": 1.0, "sds": {"a": 1.0}},
        {"value": 1.0, "records": {"a": 1.0}, "sds": {"a": -1.0}},
    ],
)
def test_there_is_no_outcome_of_what_cannot_be(wrong):
    with pytest.raises(ValueError, match="'"):
        bo.Outcome(**wrong)


def test_minimize_takes_limits_and_results_by_name():
    def objective(p):
        return {"value": p["x"], "purity": 100 * p["x"], "seconds": 0.1}

    result = bo.minimize(
        objective,
        {"x": bo.Float(0, 1)},
        n_trials=8,
        seed=0,
        outcome_constraints={"purity": ">= 40"},
        records=["seconds"],
    )
    assert result.best.params["x"] >= 0.4
    assert result.best.outcome.records == {"seconds": 0.1}
    with pytest.raises(bo.ObjectiveError, match="did you mean 'purity'"):
        bo.minimize(
            lambda p: {"value": 1.0, "puriti": 1.0},
            {"x": bo.Float(0, 1)},
            n_trials=3,
            outcome_constraints={"purity": ">= 40"},
        )
