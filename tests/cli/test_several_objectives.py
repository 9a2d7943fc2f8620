"""Several objectives on the command line: [objectives], programs that print JSON, show, tell."""

import csv
import io
import json
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

import bayesopt as bo
from bayesopt.cli.app import app
from bayesopt.cli.spec import SpecError, read_plan

SPEC = """
[space.x]
type = "float"
low = 0.0
high = 1.0

[objectives]
error = "minimize"
speed = "maximize"

[thresholds]
error = 0.9

[objective]
command = [{python}, "-c", {program}, "{{x}}"]

[run]
n_trials = 5
seed = 1
"""
PROGRAM = (
    "import json, sys; x = float(sys.argv[1]); "
    "print(json.dumps(dict(error=x * x, speed=x - 1, cost=2)))"
)


def bayesopt(*words, stdin=None, code=0):
    done = CliRunner().invoke(app, [str(word) for word in words], input=stdin)
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    assert done.exit_code == code, done.output
    return done.stdout if code == 0 else done.stderr


@pytest.fixture
def spec(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "120")
    text = SPEC.format(python=json.dumps(sys.executable), program=json.dumps(PROGRAM))
    Path("spec.toml").write_text(text)
    return "spec.toml"


def test_a_run_of_a_program_and_what_there_is_to_see_of_it(spec):
    found = json.loads(bayesopt("run", spec, "--storage", "run.db", "--json", "-q"))
    assert found["objectives"] == {"error": "minimize", "speed": "maximize"}
    assert len(found["pareto"]) == 5
    assert found["hypervolume"]["reference"]["error"] == 0.9
    seen = bayesopt("show", "run.db")
    assert "minimize error, maximize speed" in seen
    assert "trials that none dominates" in seen
    assert "(compromise)" in seen
    assert "speed inferred from the front" in seen
    rows = list(csv.DictReader(io.StringIO(bayesopt("export", "run.db"))))
    assert [float(row["objective:error"]) for row in rows] == [
        t["objectives"]["error"] for t in found["trials"]
    ]
    assert float(rows[0]["cost"]) == 2.0
    more = bayesopt("resume", "run.db", "--n-trials", 6, "--json", "-q")
    assert len(json.loads(more)["trials"]) == 6
    assert "error=" in bayesopt("show", "run.db", "--history")
    bayesopt("run", spec, "-q", "--plot", "front.png", "--csv", "trials.csv")
    assert Path("front.png").read_bytes().startswith(b"\x89PNG")


def test_ask_and_tell_by_name(spec):
    bayesopt("new", spec, "run.db")
    bayesopt("ask", "run.db", "-n", 5)
    bayesopt("tell", "run.db", 0, '{"error": 0.1, "speed": -3}')
    told = '{"number": 1, "error": 0.2, "speed": 5}\n{"number": 2, "error": "it broke"}\n'
    trials = [json.loads(line) for line in bayesopt("tell", "run.db", stdin=told).splitlines()]
    assert trials[0]["objectives"] == {"error": 0.2, "speed": 5.0}
    assert (trials[1]["state"], trials[1]["error"]) == ("failed", "it broke")
    elsewhere = '{"params": {"x": 0.5}, "error": 1, "speed": 2}\n'
    elsewhere += '{"params": {"x": 0.7}, "error": "it broke there"}\n'
    added = [json.loads(line) for line in bayesopt("tell", "run.db", stdin=elsewhere).splitlines()]
    assert [t["state"] for t in added] == ["complete", "failed"]
    assert "lacks the objective 'speed'" in bayesopt("tell", "run.db", 3, '{"error": 1}', code=2)
    assert "'value' is of one objective" in bayesopt("tell", "run.db", 3, "1.5", code=2)
    bayesopt("correct", "run.db", 0, "--constraint", "speed=-2")
    with bo.SQLiteStorage(Path("run.db"), read_only=True) as storage:
        assert bo.Optimizer.reopen(storage).trials[0].values == {"error": 0.1, "speed": -2.0}


def test_a_run_without_a_success_ends_with_status_one(spec):
    text = Path(spec).read_text().replace("print(", "sys.exit(3); print(")
    Path(spec).write_text(text)
    bayesopt("run", spec, "-q", code=1)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('"maximize"', '"up"', "objectives['speed']"),
        ("error = 0.9", "eror = 0.9", "did you mean 'error'"),
        ("[run]", '[run]\ndirection = "minimize"', "leave direction out"),
        ("[run]", '[outcome_constraints]\nspeed = "<= 1"\n[run]', "choose one"),
        ("[run]", "[run]\ntarget = 1.0", "thresholds="),
    ],
)
def test_what_cannot_be_is_said_before_anything_runs(spec, old, new, said):
    Path(spec).write_text(Path(spec).read_text().replace(old, new))
    message = bayesopt("run", spec, code=2)
    assert said in " ".join(message.split())


def test_the_plan_has_the_objectives(spec):
    _, settings = read_plan(Path(spec))
    assert settings["objectives"] == {"error": "minimize", "speed": "maximize"}
    Path(spec).write_text(
        "objectives = 3\n" + Path(spec).read_text().replace("[objectives]", "[o]")
    )
    with pytest.raises(SpecError):
        read_plan(Path(spec))
