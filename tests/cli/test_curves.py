"""Learning curves from the outside: a command that prints lines, and scripts that report."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

import bayesopt as bo
from bayesopt.cli.app import app
from bayesopt.cli.command import CommandObjective
from bayesopt.cli.progress_lines import read_report, without_step
from bayesopt.cli.spec import ObjectiveSpec

PROGRAM = """
import json, sys, time
for step in range(1, 4):
    print(json.dumps({"step": step, "value": float(sys.argv[1]) + 1 / step}), flush=True)
print("epochs done")
if float(sys.argv[1]) > 50:
    time.sleep(60)
print(json.dumps({"step": 4, "value": float(sys.argv[1])}))
"""
SPACE = {"x": bo.Float(0.0, 100.0)}


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        (b'{"step": 3, "value": 0.4}', (0.4, 3)),
        (b'  {"value": 2, "step": 0, "lr": 0.1}\r', (2.0, 0)),
        (b'{"step": 3}', None),
        (b'{"step": -1, "value": 0.4}', None),
        (b'{"step": 1.5, "value": 0.4}', None),
        (b'{"step": true, "value": 0.4}', None),
        (b'{"step": 1, "value": "0.4"}', None),
        (b'["step", "value"]', None),
        (b'step 3 value 0.4 "step"', None),
        (b"", None),
    ],
)
def test_which_lines_are_reports(line: bytes, wanted: tuple[float, int] | None) -> None:
    assert read_report(line) == wanted


@given(st.binary(max_size=40).map(lambda b: b'"step"' + b) | st.binary(max_size=40))
def test_no_line_is_too_strange(line: bytes) -> None:
    read_report(line)


def test_the_last_report_may_be_the_answer() -> None:
    assert without_step({"step": 9, "value": 0.5}) == {"value": 0.5}
    assert without_step({"value": 0.5, "info": 1}) == {"value": 0.5, "info": 1}
    assert without_step(0.5) == 0.5


def test_a_command_is_reported_and_ended_when_it_should_stop(tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text(PROGRAM)
    words = (sys.executable, "-I", str(tmp_path / "train.py"), "{x}")
    objective = CommandObjective(ObjectiveSpec(None, words, "arguments", 50.0, tmp_path), "x", "x")
    opt = bo.Optimizer(SPACE, seed=1, early_stopping=bo.MedianRule(n_startup=2))
    opt.enqueue([{"x": 1.0}, {"x": 2.0}, {"x": 90.0}])
    result = bo.minimize(objective, optimizer=opt, n_trials=3, progress=False)
    assert [t.state.name for t in result.trials] == ["COMPLETE", "COMPLETE", "STOPPED"]
    assert result.trials[0].value == 1.0
    assert result.trials[0].curve == ((1, 2.0), (2, 1.5), (3, 1.0 + 1 / 3), (4, 1.0))
    assert len(result.trials[2].curve) == 3
    assert "median" in str(result.trials[2].error)


def test_scripts_report_ask_and_stop(tmp_path: Path) -> None:
    spec, file = tmp_path / "spec.toml", str(tmp_path / "run.db")
    spec.write_text(
        '[space.x]\ntype = "float"\nlow = 0\nhigh = 1\n'
        '[run]\nseed = 1\nearly_stopping = "median"\n'
    )

    def call(*words: str, status: int = 0) -> str:
        done = CliRunner().invoke(app, list(words))
        assert done.exit_code == status, done.output
        return done.output

    call("new", str(spec), file)
    for k in range(5):
        call("ask", file)
        call("progress", file, str(k), "1", f"{-k}.5")
        call("tell", file, str(k), f"{-k}")
    call("ask", file)
    assert call("should-stop", file, "5", status=1) == "go on\n"
    call("progress", file, "5", "1", "nan")
    assert call("should-stop", file, "5").startswith("stop: what it reported at step 1")
    told = json.loads(call("stopped", file, "5", "--as-run", "x=1.25"))
    assert (told["state"], told["curve"]) == ("stopped", [[1, None]])
    assert told["params"] == {"x": 1.25}
    assert 0.0 <= told["asked"]["x"] <= 1.0
    assert "unknown parameter 'y'" in call("stopped", file, "5", "--as-run", "y=1", status=2)
    assert "no trial 9" in call("stopped", file, "9", "--as-run", "x=1", status=2)
    assert "already finished" in call("progress", file, "5", "2", "1.0", status=2)
