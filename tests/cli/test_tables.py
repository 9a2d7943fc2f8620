"""Tables at the command line: add, ask --csv, tell --csv, and values to be fixed."""

import csv
import io
import json
from pathlib import Path

import pytest

from tests.cli.test_amend import bayesopt, file

__all__ = ["file"]


def rows(text):
    return list(csv.DictReader(io.StringIO(text)))


def test_adding_a_table(file):
    Path("old.csv").write_text("x,value,impurity\n0.25,7,0.1\n0.5,failed,\n1.5,8,\n")
    said = bayesopt("add", file, "old.csv", "--dry-run", code=2)
    assert "line 4: x" in said
    assert "--outside" in said
    before = Path(file).read_bytes()
    bayesopt("add", file, "old.csv", "--outside", "--dry-run")
    assert Path(file).read_bytes() == before
    added = [
        json.loads(line) for line in bayesopt("add", file, "old.csv", "--outside").splitlines()
    ]
    assert [t["state"] for t in added] == ["complete", "failed", "complete"]
    assert json.loads(bayesopt("show", file, "--json"))["best"]["value"] == 7.0
    assert bayesopt("add", file, "old.csv", "--outside") == ""


def test_a_sheet_is_filled_in(file):
    sheet = rows(bayesopt("ask", file, "-n", 3, "--csv"))
    assert list(sheet[0]) == ["number", "x", "value", "impurity"]
    sheet[0] |= {"value": "5", "impurity": "0.25"}
    sheet[1] |= {"value": "failed"}
    out = io.StringIO()
    writer = csv.DictWriter(out, sheet[0], delimiter=";")
    writer.writeheader()
    writer.writerows(sheet)
    Path("batch.csv").write_text(out.getvalue())
    told = [json.loads(line) for line in bayesopt("tell", file, "--csv", "batch.csv").splitlines()]
    assert [(t["number"], t["state"]) for t in told] == [(3, "complete"), (4, "failed")]
    assert told[0]["constraints"] == {"impurity": 0.25}
    said = bayesopt("tell", file, "--csv", "batch.csv", code=2)
    assert "line 2: trial 3 is already finished" in said


def test_values_are_fixed(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("s.toml").write_text(
        '[space.t]\ntype = "int"\nlow = 20\nhigh = 120\n'
        '[space.solvent]\ntype = "categorical"\nchoices = ["DMF", "a,b", true]\n'
        '[space.z]\ntype = "float"\nlow = 0\nhigh = 1\n[run]\nseed = 0\n'
    )
    bayesopt("new", "s.toml", "run.db")
    out = bayesopt("ask", "run.db", "-n", 4, "--fix", "t=80", "--same", "solvent")
    batch = [json.loads(line)["params"] for line in out.splitlines()]
    assert {p["t"] for p in batch} == {80}
    assert len({p["solvent"] for p in batch}) == 1
    (point,) = bayesopt("ask", "run.db", "--fix", "t=80,solvent=a,b").splitlines()
    assert json.loads(point)["params"]["solvent"] == "a,b"
    for words, reason in [
        (("--fix", "t"), "--fix must be NAME=VALUE"),
        (("--fix", "solvnt=DMF"), "did you mean 'solvent'"),
        (("--fix", "solvent=water"), "--fix solvent"),
        (("--fix", "t=hot"), "--fix t"),
        (("--fix", "t=500"), "t"),
        (("--same", "solvnt"), "solvnt"),
    ]:
        assert reason in bayesopt("ask", "run.db", *words, code=2)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("number,value\nx,1\n", "line 2: number: expected a trial's number"),
        ("number,value\n0,1,2\n", "line 2: it has 3 cells"),
        ("number,valeu\n0,1\n", "did you mean 'value'"),
        ("", "is empty"),
    ],
)
def test_what_is_no_sheet(file, text, reason):
    Path("batch.csv").write_text(text)
    assert reason in bayesopt("tell", file, "--csv", "batch.csv", code=2)
