"""Specifications: what is read, and what is said about mistakes."""

from pathlib import Path

import pytest

import bayesopt as bo
from bayesopt.cli.spec import SpecError, read_spec

GOOD = """
[space.x]
type = "float"
low = 0.0
high = 1.0

[space.n]
type = "int"
low = 1
high = 8

[[constraints]]
coefficients = {x = 1.0, n = 0.1}
upper = 1.0

[objective]
callable = "train.py:score"
timeout = 5

[run]
n_trials = 12
seed = 3
direction = "maximize"
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "spec.toml"
    path.write_text(text)
    return path


def test_a_specification_is_read(tmp_path):
    spec = read_spec(written(tmp_path, GOOD))
    assert spec.space.parameters["x"] == bo.Float(0, 1)
    assert spec.space.parameters["n"] == bo.Int(1, 8)
    assert not spec.space.contains({"x": 1.0, "n": 8})
    assert spec.objective.callable == "train.py:score"
    assert spec.objective.timeout == 5
    assert spec.objective.folder == tmp_path
    assert spec.run == {"n_trials": 12, "seed": 3, "direction": "maximize"}


def test_a_command_on_the_command_line_stands_in_for_the_table(tmp_path):
    space_only = GOOD[: GOOD.index("[[constraints]]")]
    spec = read_spec(written(tmp_path, space_only), ["./simulate", "--x", "{x}"])
    assert spec.objective.command == ("./simulate", "--x", "{x}")
    assert spec.objective.folder == Path.cwd()


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("n_trials", "n_trial", "did you mean 'n_trials'"),
        ("[run]", "[runs]", "did you mean 'run'"),
        ("[space.x]", "direction = 'maximize'\n[space.x]", r"a key of \[run\]"),
        ("callable", "calable", "did you mean 'callable'"),
        ("high = 8", "hihg = 8", "high"),
        ('type = "int"', 'type = "itn"', "int"),
        ("seed = 3", 'seed = "3"', "seed must be int; got '3'"),
        ("seed = 3", "seed = true", "seed must be int; got True"),
        ("timeout = 5", "timeout = -5", "timeout must be seconds > 0"),
        ('"maximize"', '"max"', "direction must be one of"),
        ("high = 1.0", "high = -1.0", "x"),
        ("[space.x]", "[space.x", "not valid TOML"),
        ('callable = "train.py:score"', "", "needs either callable"),
        ('callable = "train.py:score"', "command = [1, 2]", "list of strings"),
        ('callable = "train.py:score"', 'command = ["a"]\ninput = "xml"', "input must be one of"),
        ("{x = 1.0, n = 0.1}", "{y = 1.0}", "y"),
    ],
)
def test_mistakes_are_named(tmp_path, old, new, words):
    assert old in GOOD
    with pytest.raises(SpecError, match=words):
        read_spec(written(tmp_path, GOOD.replace(old, new)))


def test_missing_tables_and_files(tmp_path):
    with pytest.raises(SpecError, match=r"\[objective\] is missing"):
        read_spec(written(tmp_path, '[space.x]\ntype = "float"\nlow = 0\nhigh = 1\n'))
    with pytest.raises(SpecError, match=r"\[space\] is missing"):
        read_spec(written(tmp_path, '[objective]\ncallable = "a:b"\n'))
    with pytest.raises(SpecError, match="cannot read"):
        read_spec(tmp_path / "nowhere.toml")
    with pytest.raises(SpecError, match="cannot read"):
        read_spec(tmp_path)


def test_a_callable_and_a_command_exclude_one_another(tmp_path):
    with pytest.raises(SpecError, match="give one of them"):
        read_spec(written(tmp_path, GOOD), ["./simulate"])


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('[outcome_constraints]\na = "< 1"\n', "must be written like '<= 0.5'"),
        ("[outcome_constraints]\na = 1\n", "must be written like '<= 0.5'"),
        ('[outcome_constraint]\na = "<= 1"\n', "did you mean 'outcome_constraints'"),
        ('[outcome_constraints]\nvalue = "<= 1"\n', "another meaning"),
    ],
)
def test_limits_that_cannot_be(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(SpecError, match=words):
        read_spec(written(tmp_path, GOOD + text))


def test_limits_and_records_are_read(tmp_path: Path) -> None:
    text = 'records = ["ms"]\n' + GOOD + '[outcome_constraints]\na = "<= 1"\n'
    run = read_spec(written(tmp_path, text)).run
    assert run["outcome_constraints"] == {"a": "<= 1"}
    assert run["records"] == ["ms"]
