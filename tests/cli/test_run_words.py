"""Earlier runs, a budget and when it is enough, from the shell."""

import json
from pathlib import Path

import pytest

import bayesopt as bo
from bayesopt.cli.spec import SpecError, read_plan
from tests.cli.test_amend import bayesopt

SPACE = '[space.x]\ntype = "float"\nlow = 0.0\nhigh = 1.0\n\n'
COMMAND = """
[objective]
command = ["sh", "evaluate.sh", "{x}"]
[run]
seed = 0
n_trials = 20
"""
SCRIPT = 'echo "{\\"value\\": $1, \\"cost\\": 4}"\n'


@pytest.fixture
def old(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("evaluate.sh").write_text(SCRIPT)
    space = {"x": bo.Float(0, 1)}
    bo.minimize(lambda p: (p["x"] - 0.3) ** 2, space, n_trials=6, seed=1, storage="old.db")
    return "old.db"


def plan(words):
    Path("spec.toml").write_text(f"{SPACE}[run]\n{words}\n")
    return read_plan(Path("spec.toml"))[1]


def test_a_run_is_informed_by_another_file(old):
    Path("spec.toml").write_text(f'{SPACE}[run]\nearlier = ["{old}"]\n')
    bayesopt("new", "spec.toml", "one.db")
    Path("plain.toml").write_text(SPACE)
    bayesopt("new", "plain.toml", "two.db", "--earlier", old)
    for file in ("one.db", "two.db"):
        opt = bo.Optimizer.reopen(file)
        assert [run.name for run in opt.config.surrogate.runs] == [old]
        assert opt.ask().params == {"x": 0.5}
        opt.close()
    assert "holds no earlier run" in bayesopt(
        "new", "plain.toml", "three.db", "--earlier", "no.db", code=2
    )


def test_a_budget_ends_a_run(old):
    Path("spec.toml").write_text(f"{SPACE}{COMMAND}budget = {{cost = 11}}\n")
    done = json.loads(bayesopt("run", "spec.toml", "--json"))
    assert done["stop"] == "budget"
    assert len(done["trials"]) == 3


def test_a_stop_rule_is_kept_and_ends_a_run(old):
    Path("spec.toml").write_text(f"{SPACE}{COMMAND}stop = {{worth_it = 100}}\n")
    done = json.loads(bayesopt("run", "spec.toml", "--json", "--storage", "run.db"))
    assert done["stop"] == "not_worth_it"
    again = json.loads(bayesopt("resume", "run.db", "--trust", "--json", "-q", "--n-trials", 30))
    assert again["stop"] == "not_worth_it"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("budget = {euros = 3}", r"\[run\] budget must be \{cost = NUMBER\} or \{seconds"),
        ("budget = {cost = -1}", "total"),
        ('stop = "soon"', r"stop must be \{converged = NUMBER\} or \{worth_it = NUMBER\}"),
        ("earlier = [3]", "earlier must be a list of run files"),
    ],
)
def test_what_they_cannot_be_is_refused(old, words, said):
    with pytest.raises(SpecError, match=said):
        plan(words)


def test_what_they_are(old):
    assert plan("budget = {seconds = 60}")["budget"] == bo.Seconds(60)
    assert plan('stop = "converged"')["stop"] == "converged"
    assert plan('earlier = ["old.db"]')["earlier"] == [Path.cwd() / "old.db"]
