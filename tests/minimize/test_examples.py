"""The examples of the loop and the command do what they say."""

import contextlib
import io
import json
import runpy
import shutil
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bayesopt.cli.app import app

EXAMPLES = Path(__file__).parents[2] / "examples"


def output(name):
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        runpy.run_path(str(EXAMPLES / name), run_name="__main__")
    return printed.getvalue()


def test_quickstart():
    printed = output("quickstart.py")
    assert "'depth': 7, 'booster': 'tree'" in printed


def test_ask_tell(monkeypatch):
    monkeypatch.setattr(sys, "argv", ["ask_tell.py"])
    printed = output("ask_tell.py")
    assert "'catalyst': 'B'" in printed
    assert float(printed.split()[-4]) == pytest.approx(90, abs=2)


def test_simulator(tmp_path):
    shutil.copytree(EXAMPLES / "simulator", tmp_path / "simulator")
    spec = tmp_path / "simulator" / "spec.toml"
    spec.write_text(spec.read_text().replace('"python3"', json.dumps(sys.executable)))
    done = CliRunner().invoke(app, ["run", str(spec), "-q", "--json", "--n-trials", "15"])
    assert done.exit_code == 0, done.output
    best = json.loads(done.stdout)["best"]
    assert best["constraints"]["energy"] <= 0
    assert best["value"] > 70
