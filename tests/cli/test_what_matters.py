"""``bayesopt what-matters``."""

import json
import math

import pytest
from typer.testing import CliRunner

import bayesopt as bo
from bayesopt.cli.app import app


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "run.db"
    space = {"x[red]": bo.Float(0, 1), "y": bo.Float(0, 1)}
    with bo.SQLiteStorage(path) as storage:
        optimizer = bo.Optimizer(space, storage=storage, seed=0)
        optimizer.add_observations(
            [({"x[red]": i / 12, "y": (i * 5 % 13) / 12}, math.sin(3 * i / 12)) for i in range(13)]
        )
    return path


def bayesopt(*words):
    return CliRunner().invoke(app, [str(word) for word in words])


def test_a_table_and_json_without_changing_the_file(file):
    before = file.read_bytes()
    said = bayesopt("what-matters", file)
    assert said.exit_code == 0
    assert "x[red]" in said.stdout
    assert "The model explains" in said.stdout
    found = json.loads(bayesopt("what-matters", file, "--json").stdout)
    assert [e["name"] for e in found["parameters"]] == ["x[red]", "y"]
    assert found["n"] == 13
    assert file.read_bytes() == before


def test_what_cannot_be_told(tmp_path, file):
    missing = bayesopt("what-matters", tmp_path / "none.db")
    assert missing.exit_code == 2
    assert "does not exist" in missing.stderr
    unknown = bayesopt("what-matters", file, "--output", "cost")
    assert unknown.exit_code == 2
    assert "output" in unknown.stderr
