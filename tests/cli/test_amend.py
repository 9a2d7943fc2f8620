"""correct, retract and the history, from the shell."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bayesopt.cli.app import app

SPEC = """
[space.x]
type = "float"
low = 0.0
high = 1.0
[outcome_constraints]
impurity = "<= 0.5"
[run]
direction = "maximize"
seed = 0
"""


@pytest.fixture
def file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("spec.toml").write_text(SPEC)
    bayesopt("new", "spec.toml", "run.db")
    bayesopt("ask", "run.db", "-n", 3)
    return "run.db"


def bayesopt(*words, stdin=None, code=0):
    done = CliRunner().invoke(app, [str(word) for word in words], input=stdin)
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    assert done.exit_code == code, done.output
    return done.stdout if code == 0 else done.stderr


def test_a_result_is_corrected(file):
    bayesopt("tell", file, 0, '{"value": 47.2, "impurity": 0.7}')
    bayesopt("fail", file, 1, "spilled")
    said = bayesopt(
        *("correct", file, 0, "--value", 74.2, "--constraint", "impurity=.3", "--why", "swapped")
    )
    told = json.loads(said)
    assert (told["value"], told["constraints"]) == (74.2, {"impurity": 0.3})
    assert json.loads(bayesopt("correct", file, 1, "--value", -3))["state"] == "complete"
    shown = json.loads(bayesopt("show", file, "--json", "--history"))
    assert shown["best"]["value"] == 74.2
    events = [(e["event"], e["number"], e.get("value")) for e in shown["history"][3:]]
    assert events == [
        ("told", 0, 47.2),
        ("failed", 1, None),
        ("corrected", 0, 74.2),
        ("corrected", 1, -3.0),
    ]
    text = bayesopt("show", file, "--history")
    assert "trial 0  told  value=47.2  impurity=0.7" in text
    assert "trial 0  corrected to  value=74.2  impurity=0.3  (swapped)" in text


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ((), "nothing to correct"),
        (("--value", "much"), "--value must be a number, such as 74.2; got 'much'"),
        (("--constraint", "impurity"), "must be NAME=NUMBER"),
        (("--constraint", "impurity=low"), "--constraint impurity must be a number"),
        (("--constraint", "impurtiy=1"), "did you mean 'impurity'"),
        (("--sd", -1), "'sd'"),
    ],
)
def test_what_is_no_correction(file, words, reason):
    bayesopt("tell", file, 0, 1.5)
    assert reason in bayesopt("correct", file, 0, *words, code=2)
    assert "tell" in bayesopt("correct", file, 1, "--value", 1, code=2)


def test_a_run_goes_on_in_another_space_in_its_file(file):
    bayesopt("tell", file, 0, '{"value": 1.5, "impurity": 0.2}')
    Path("wide.toml").write_text(SPEC.replace("high = 1.0", "high = 9.0").replace("0.5", "0.4"))
    before = Path(file).read_bytes()
    said = bayesopt("migrate", file, "wide.toml", "--dry-run")
    assert "becomes Float(0.0, 9.0)" in said
    assert Path(file).read_bytes() == before
    assert not Path("run.before-1.db").exists()
    said = bayesopt("migrate", file, "wide.toml")
    assert "3 kept" in said
    assert Path("run.before-1.db").exists()
    assert "impurity <= 0.4" in bayesopt("show", file)
    assert bayesopt("migrate", file, "wide.toml", "--json")  # the same space: nothing to keep
    assert not Path("run.before-2.db").exists()
    bayesopt("ask", file, "--lease", 1000)
    said = bayesopt("migrate", file, "spec.toml", code=2)
    assert "somebody works on trial 3" in said
    bayesopt("migrate", file, "spec.toml", "-o", "new.db")
    assert json.loads(bayesopt("show", "new.db", "--json"))["trials"]
