"""What ``bayesopt tell`` is given agrees with what was asked, or is refused with the ways out."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

import bayesopt as bo
from bayesopt.cli.app import app
from bayesopt.trial import TrialState

SPEC = """
[space.temperature]
type = "float"
low = 20.0
high = 100.0
[space.kind]
type = "categorical"
choices = ["a", true, 1]
[space.n]
type = "int"
low = 1
high = 9
when = {kind = "a"}
[run]
seed = 0
"""


@pytest.fixture
def file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("spec.toml").write_text(SPEC)
    bayesopt("new", "spec.toml", "run.db")
    return "run.db"


def bayesopt(*words, stdin=None, code=0):
    done = CliRunner().invoke(app, [str(word) for word in words], input=stdin)
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    assert done.exit_code == code, done.output
    return done.stdout if code == 0 else done.stderr


def trials(file):
    opt = bo.Optimizer.reopen(file)
    try:
        return opt.trials
    finally:
        opt.close()


def lines(text):
    return [json.loads(line) for line in text.splitlines()]


def edited(asked, **params):
    return json.dumps({**asked, "params": {**asked["params"], **params}, "value": 50})


@pytest.mark.parametrize(
    "change",
    [{"temperature": 95.0}, {"temperature": 60.001}, {"temperature": 250.0}, {"n": 7}],
)
def test_edited_params_are_refused_with_the_ways_out(file, change):
    (asked,) = lines(bayesopt("ask", file))
    said = bayesopt("tell", file, stdin=edited(asked, **change), code=2)
    assert "line 1" in said
    assert json.dumps(change) in said
    assert "--as-run" in said
    assert "leave 'number' out" in said
    assert trials(file)[0].state is TrialState.PENDING


@pytest.mark.parametrize("error", [False, True])
def test_as_run_keeps_both_points_and_the_model_uses_the_one_that_was_run(file, error):
    (asked,) = lines(bayesopt("ask", file))
    answer = json.loads(edited(asked, temperature=95.0))
    if error:
        answer.pop("value")
        answer["error"] = "boiled over"
    (told,) = lines(bayesopt("tell", file, "--as-run", stdin=json.dumps(answer)))
    assert told["params"]["temperature"] == 95.0
    assert told["asked"] == asked["params"]
    assert told["state"] == ("failed" if error else "complete")
    for _ in range(2):  # as told, and as read back
        opt = bo.Optimizer.reopen(file)
        trial = opt.trials[0]
        assert trial.params == answer["params"]
        assert trial.asked == asked["params"]
        at = opt._history.coords([0])[0]
        assert at[list(opt.space.columns).index("temperature")] == pytest.approx(75 / 80)
        assert (opt.best is None) is error
        opt.close()


def test_as_run_beyond_the_bounds_informs_the_model_only(file):
    (asked,) = lines(bayesopt("ask", file))
    bayesopt("tell", file, "--as-run", stdin=edited(asked, temperature=250.0))
    opt = bo.Optimizer.reopen(file)
    assert opt.trials[0].params["temperature"] == 250.0
    assert opt.best is None
    opt.close()
    (again,) = lines(bayesopt("ask", file))
    assert again["number"] == 1


def test_as_run_where_it_was_asked_changes_nothing(file):
    (asked,) = lines(bayesopt("ask", file))
    (told,) = lines(bayesopt("tell", file, "--as-run", stdin=json.dumps({**asked, "value": 1})))
    assert "asked" not in told


def test_without_its_number_it_is_an_observation(file):
    (asked,) = lines(bayesopt("ask", file))
    answer = json.loads(edited(asked, temperature=95.0))
    answer.pop("number")
    (told,) = lines(bayesopt("tell", file, stdin=json.dumps(answer)))
    assert (told["number"], told["origin"]) == (1, "added")
    assert trials(file)[0].state is TrialState.PENDING
    answer.pop("value")
    (told,) = lines(bayesopt("tell", file, stdin=json.dumps({**answer, "error": "spilled"})))
    assert (told["number"], told["state"]) == (2, "failed")


@pytest.mark.parametrize("digits", [12, 15, 17])
def test_digits_that_a_spreadsheet_drops_do_not_matter(file, digits):
    asked = lines(bayesopt("ask", file, "-n", 4))
    for one in asked:
        one["params"]["temperature"] = float(f"{one['params']['temperature']:.{digits}g}")
    text = "\n".join(json.dumps({**one, "value": 1}) for one in asked)
    assert len(lines(bayesopt("tell", file, stdin=text))) == 4


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('{"number": 0, "params": {"temprature": 60}, "value": 1}', "did you mean 'temperature'"),
        ('{"number": 0, "params": [60], "value": 1}', "'params' must be a JSON object"),
        ('{"number": 0, "params": {"temperature": "hot", "kind": 1}, "value": 1}', "temperature"),
        ('{"number": 0, "value": 1, "opeator": "MK"}', "opeator"),
        ('{"number": 0, "value": null}', "no value yet"),
        ('{"number": 7, "value": 1}', "there is no trial 7"),
        ('{"number": -1, "value": 1}', "trial"),
        ('{"number": "0", "value": 1}', "trial"),
        ('{"value": 1}', "needs 'number'"),
        ("[" * 100_000, "line 2"),
    ],
)
def test_a_bad_line_is_named_and_none_is_taken(file, line, message):
    bayesopt("ask", file, "-n", 2)
    said = bayesopt("tell", file, stdin=f'{{"number": 1, "value": 1.0}}\n{line}\n', code=2)
    assert message in said
    assert "line 2" in said
    assert {t.state for t in trials(file)} == {TrialState.PENDING}


def test_lines_of_a_windows_editor(file):
    bayesopt("ask", file, "-n", 2)
    text = '\ufeff{"number": 0, "value": 1.0}\r\n\r\n{"number": 1, "value": 2.0}\r\n'
    assert [t["value"] for t in lines(bayesopt("tell", file, stdin=text))] == [1.0, 2.0]


def test_telling_twice_names_the_ways_out(file):
    bayesopt("ask", file)
    bayesopt("tell", file, 0, 1.5)
    said = bayesopt("tell", file, 0, 1.4, code=2)
    assert "already finished" in said
    assert "retract" in said


def test_a_result_is_taken_back(file):
    bayesopt("ask", file)
    bayesopt("tell", file, 0, 1.5)
    (taken,) = lines(bayesopt("retract", file, 0, "--why", "wrong bottle"))
    assert (taken["state"], taken["error"]) == ("retracted", "wrong bottle")
    assert "value" not in taken
    assert "1 retracted" in bayesopt("show", file)
    assert "no result to retract" in bayesopt("retract", file, 0, "--why", "again", code=2)
    bayesopt("retract", file, 0, code=2)  # it must be said why


def test_none_feasible_is_said(file):
    bayesopt("ask", file, "-n", 2)
    for i in range(2):
        bayesopt(
            "tell", file, i, json.dumps({"value": 1, "constraints": {"impurity": 0.2 - i / 10}})
        )
    shown = bayesopt("show", file)
    assert "none of 2 evaluated trials is known to be feasible" in shown
    assert "closest: trial 1  impurity=0.1" in shown


points = st.fixed_dictionaries({"x": st.floats(-5, 5), "n": st.integers(1, 4)})


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(points, st.booleans()), min_size=1, max_size=6))
def test_as_run_is_as_if_the_point_had_been_asked(runs):
    """The model's data are those of a run whose trials were queued at the points that were run."""
    space = bo.Space(x=bo.Float(-1, 1), n=bo.Int(1, 4))
    moved, brought = bo.Optimizer(space, seed=1), bo.Optimizer(space, seed=1)
    for point, failed in runs:
        trial = moved.ask()
        if failed:
            moved.tell_failure(trial, "why", as_run=point)
            brought.add_observations([(point, float("nan"))], outside=True)
        else:
            moved.tell(trial, point["x"], as_run=point)
            brought.add_observation(point, point["x"], outside=True)
    numbers = range(len(runs))
    assert (moved._history.coords(numbers) == brought._history.coords(numbers)).all()
    assert [t.state for t in moved.trials] == [t.state for t in brought.trials]
    assert [t.params for t in moved.trials] == [t.params for t in brought.trials]
    assert moved._history.outside == brought._history.outside
    assert (moved.best and moved.best.number) == (brought.best and brought.best.number)


@pytest.mark.parametrize("how", ["told", "failed", "stopped"])
def test_the_initial_design_goes_on_when_another_point_was_run(how):
    """It asked for its first point, as open as ever, until the design was done."""
    space = bo.Space(x=bo.Float(0, 1), y=bo.Float(0, 1, when={"k": [1, 2]}), k=bo.Int(0, 2))
    opt, plain = (bo.Optimizer(space, seed=2, n_trials=30) for _ in range(2))
    for k in range(4):
        trial, wanted = opt.ask(), plain.ask()
        assert trial.params == wanted.params
        assert trial.origin is bo.Origin.INITIAL
        plain.tell(wanted, float(k))
        run = {"x": 0.25, "k": 0} if k % 2 else {"x": 0.25, "y": 0.75, "k": 1}
        if how == "told":
            opt.tell(trial, float(k), as_run=run)
        elif how == "failed":
            opt.tell_failure(trial, "it broke", as_run=run)
        else:
            opt.tell_stopped(trial, as_run=run)
