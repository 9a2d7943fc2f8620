"""`bayesopt ask --context`: values from the command line."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

import bayesopt as bo
from bayesopt.cli.app import app
from bayesopt.cli.values import read_values

SPEC = """
[space.x]
type = "float"
low = 0
high = 1

[space.humidity]
type = "float"
low = 0
high = 1
role = "context"

[space.plant]
type = "categorical"
choices = ["north", "south", "1", 1]
role = "context"
"""


def call(*words):
    return CliRunner().invoke(app, [str(word) for word in words])


@pytest.fixture
def run_file(tmp_path):
    spec, path = tmp_path / "spec.toml", tmp_path / "run.db"
    spec.write_text(SPEC)
    assert call("new", spec, path, "--seed", 1).exit_code == 0
    return path


def test_ask_takes_the_context(run_file):
    words = ["--context", "humidity=.4", "--context", "plant=south"]
    done = call("ask", run_file, "-n", 2, *words)
    assert done.exit_code == 0, done.output
    asked = [json.loads(line)["params"] for line in done.output.splitlines()]
    assert [(p["humidity"], p["plant"]) for p in asked] == [(0.4, "south")] * 2


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "the context lacks 'humidity', 'plant'"),
        (["humidity=2,plant=north"], "--context humidity: expected a value in"),
        (["humidity"], "--context must be NAME=VALUE"),
        (["humidity=.1", "humidity=.2"], "humidity is given twice"),
        (["humdity=.1"], "did you mean 'humidity'"),
        (["humidity=.1,plant=west"], "--context plant: expected one of"),
    ],
)
def test_a_context_that_does_not_fit_is_refused(run_file, words, said):
    given = [part for word in words for part in ("--context", word)]
    done = call("ask", run_file, *given)
    assert done.exit_code == 2
    assert said in " ".join(done.output.split())


def test_a_run_that_is_driven_by_itself_has_no_context(tmp_path):
    spec = tmp_path / "spec.toml"
    spec.write_text(SPEC + '[objective]\ncommand = ["echo", "1"]\ninput = "json"\n')
    done = call("run", spec, "--n-trials", 3)
    assert done.exit_code == 2
    assert "context parameters" in " ".join(done.output.split())


def test_values_are_json_where_the_parameter_takes_that():
    space = bo.Space(
        c=bo.Categorical(["1", 1, True, "a,b", "true"]), k=bo.Int(-3, 3), x=bo.Float(0, 1)
    )
    read = read_values(space, "--at", ['c="1",k=-2', "x=1e-1"])
    assert read == {"c": "1", "k": -2, "x": 0.1}
    assert read_values(space, "--at", ["c=1"])["c"] == 1
    assert read_values(space, "--at", ["c=true"])["c"] is True
    assert read_values(space, "--at", ['c="true"'])["c"] == "true"
    assert read_values(space, "--at", ["c=a,b"])["c"] == "a,b"


def test_what_is_put_in_line_and_the_best_in_a_context(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    number = 'type = "float"\nlow = 0\nhigh = 1\n'
    Path("s.toml").write_text(
        f'[space.x]\n{number}[space.y]\n{number}[space.h]\n{number}role = "context"\n'
    )

    def said(*words, code=0):
        done = CliRunner().invoke(app, [str(w) for w in words])
        assert done.exit_code == code, done.output
        return done.stdout if code == 0 else done.stderr

    said("new", "s.toml", "r.db")
    said("enqueue", "r.db", "x=0.25", "x=0.5,y=0.75")
    first = json.loads(said("ask", "r.db", "--context", "h=0.4"))["params"]
    assert (first["x"], first["h"]) == (0.25, 0.4)
    second = json.loads(said("ask", "r.db", "--context", "h=0.4"))["params"]
    assert second == {"x": 0.5, "y": 0.75, "h": 0.4}
    assert "--context" in said("ask", "r.db", code=2)
    assert "unknown parameter 'z'" in said("enqueue", "r.db", "z=1", code=2)
    for n, value in enumerate((1.0, 2.0)):
        said("tell", "r.db", n, value)
    found = json.loads(said("best", "r.db", "--context", "h=0.9", "--json"))
    assert found["params"]["h"] == 0.9
    assert found["sd"] > 0
    assert "expected at" in said("best", "r.db", "--context", "h=0.9")
