"""The specification's reference: current, complete, and what messages say of lines and parts."""

import json
from dataclasses import fields
from pathlib import Path

import pytest

import bayesopt as bo
from bayesopt.cli import toml_schema
from bayesopt.cli.spec import read_plan, read_spec
from bayesopt.cli.toml_lines import line_of
from bayesopt.cli.toml_parts import read_part
from bayesopt.strategy.config import PARTS
from tests.cli.test_amend import bayesopt

DOCS = Path(__file__).parents[2] / "docs"
SPACE = '[space.x]\ntype = "float"\nlow = 0.0\nhigh = 1.0\n\n'
SUM = '[[constraints]]\nsum = ["x"]\n'


def test_the_page_and_the_schema_are_current():
    """If this fails: python -m bayesopt.cli.toml_schema docs."""
    assert (DOCS / "toml.md").read_text("utf-8") == toml_schema.reference()
    assert json.loads((DOCS / "spec.schema.json").read_text("utf-8")) == toml_schema.json_schema()
    assert json.loads(bayesopt("check", "--schema")) == toml_schema.json_schema()


def test_the_example_of_the_page_is_read(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("react").write_text("#!/bin/sh\n")
    Path("react").chmod(0o755)
    Path("spec.toml").write_text(toml_schema._WHOLE)
    spec = read_spec(Path("spec.toml"))
    assert spec.run["acquisition"] == bo.UCB(beta=2.0)
    assert "in order" in bayesopt("check", "spec.toml")


def test_every_key_has_an_example_that_is_read(tmp_path):
    path = tmp_path / "spec.toml"
    several = '[space.y]\ntype = "float"\nlow = 0\nhigh = 1\n'
    for name, key in toml_schema.RUN.items():
        path.write_text(f"{SPACE}[run]\n{name} = {key.example}\n")
        assert name in read_plan(path)[1]
    for name, key in toml_schema.OPTIMIZER.items():
        path.write_text(f"{SPACE}[optimizer]\n{name} = {key.example}\n")
        assert isinstance(read_plan(path)[1][name], PARTS[name])
    for form in (
        'sum = ["x", "y"]\nequals = 1',
        "coefficients = {x = 1, y = 2}\nupper = 3",
        'at_most = 1\nof = ["x", "y"]',
    ):
        path.write_text(f"{SPACE}{several}[[constraints]]\n{form}\n")
        assert len(read_plan(path)[0].constraints) == 1
        assert {line.split(" =")[0] for line in form.splitlines()} <= set(toml_schema.CONSTRAINT)
    for kind, cls in toml_schema._kinds().items():
        for field in fields(cls):
            assert toml_schema._PARAMETER[field.name], (kind, field.name)


@pytest.mark.parametrize(
    ("name", "value", "wanted"),
    [
        ("acquisition", "ucb", bo.UCB()),
        ("acquisition", {"ucb": {"beta": 3}}, bo.UCB(beta=3)),
        ("acquisition", "log_ei", bo.LogEI()),
        ("proposer", "RandomSearch", bo.RandomSearch()),
        ("initial_design", {"InitialDesign": {"n": 10}}, bo.InitialDesign(n=10)),
        ("surrogate", {"MapGP": {"priors": {"Priors": {}}}}, bo.MapGP(priors=bo.Priors())),
    ],
)
def test_parts_by_name(name, value, wanted):
    assert repr(read_part(name, value)) == repr(wanted)


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("acquisition", "UBC", "did you mean 'UCB'"),
        ("acquisition", "RandomSearch", "RandomSearch is no acquisition; expected one of"),
        ("acquisition", {"UCB": {"betta": 1}}, "did you mean 'beta'"),
        ("acquisition", {"UCB": {"beta": -1}}, "UCB"),
        ("acquisition", {"UCB": 3}, "must be a table"),
        ("acquisition", {"UCB": {}, "EI": {}}, "a table of one name"),
        ("acquisition", 3, "must be a name"),
    ],
)
def test_what_is_no_part(name, value, reason):
    with pytest.raises((TypeError, ValueError), match=reason):
        read_part(name, value)


def test_parts_of_a_file_are_those_of_the_run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    text = (
        f"{SPACE}[optimizer]\nacquisition = {{ucb = {{beta = 2.5}}}}\nproposer = 'random_search'\n"
    )
    Path("spec.toml").write_text(text)
    bayesopt("new", "spec.toml", "run.db")
    opt = bo.Optimizer.reopen("run.db")
    assert opt.config.acquisition == bo.UCB(beta=2.5)
    assert opt.config.proposer == bo.RandomSearch()
    opt.close()


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        (SPACE.replace("low = 0.0", "lwo = 0.0"), 3, "did you mean 'low'"),
        (SPACE.replace("low = 0.0", "low = 7.0"), 3, "low"),
        (SPACE.replace("high", "log = true\nhigh"), 4, "log = true"),
        (SPACE + "[run]\nseed = 0\nn_trails = 3\n", 8, "did you mean 'n_trials'"),
        (SPACE + '[run]\nseed = "a"\n', 7, "seed must be int"),
        (SPACE + "[runs]\n", 6, "did you mean 'run'"),
        (SPACE + '[optimizer]\n# the score\nacquisition = "UBC"\n', 8, "did you mean 'UCB'"),
        (SPACE + '[objective]\ninput = "json"\n', 6, "needs either callable"),
        (SPACE + '[objective]\ncommand = ["a"]\ncallable = "m:f"\n', 8, "both a callable and"),
        (
            f'{SPACE}{SUM}upper = 1\n[[constraints]]\nsmu = ["x"]\n',
            9,
            "sum",
        ),
        (SPACE + "[run]\nseed = = 3\n", 7, "not valid TOML"),
    ],
)
def test_messages_name_the_line(tmp_path, monkeypatch, text, line, words):
    monkeypatch.chdir(tmp_path)
    for mark in ("", "\ufeff"):
        Path("spec.toml").write_text(mark + text, encoding="utf-8")
        said = bayesopt("check", "spec.toml", code=2)
        assert f"line {line}" in said
        assert words in said
        assert "=True" not in said


def test_lines_of_keys():
    text = 'a = 1\n[t]\n\nb = 2\n["q.r"]\n[space."x y"]\nlow = 3\n'
    assert line_of(text, "t", ["b"]) == 4
    assert line_of(text, "t", ["c"]) == 2
    assert line_of(text, "space.x y", ["low"]) == 7
    assert line_of(text, "nothing") is None


def test_a_bound_may_be_another_parameter(tmp_path):
    text = '[space.n]\ntype = "int"\nlow = 2\nhigh = 9\n'
    text += '[space.k]\ntype = "int"\nlow = 1\nhigh = "n"\n'
    space = bo.Space.from_toml(text)
    assert space.parameters["k"] == bo.Int(1, 9)
    assert space.contains({"n": 5, "k": 5})
    assert not space.contains({"n": 5, "k": 6})
    assert bo.Space.from_json(space.to_json()) == space
    opt = bo.Optimizer(space, seed=0)
    for _ in range(12):
        trial = opt.ask()
        assert trial.params["k"] <= trial.params["n"]
        opt.tell(trial, float(trial.params["k"]))
    low = bo.Space.from_toml(
        text.replace("low = 1", 'low = "n"').replace('high = "n"', "high = 9")
    )
    assert not low.contains({"n": 5, "k": 4})
    with pytest.raises(ValueError, match=r"k: high must be a number or another .*; got 'm'"):
        bo.Space.from_toml(text.replace('high = "n"', 'high = "m"'))
