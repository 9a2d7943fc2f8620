"""A command that fails: what is a mistake ends the run, what may be the point's does not."""

import json
import logging
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bayesopt.cli.app import app

SPEC = """
[space.x]
type = "float"
low = 0.0
high = 1.0
[run]
n_trials = 8
seed = 0
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("spec.toml").write_text(SPEC)
    return tmp_path


def bayesopt(*words):
    return CliRunner().invoke(app, ["run", "spec.toml", *words])


def trials(done):
    return json.loads(done.stdout)["trials"]


def not_there(folder):
    return ["./gone", "{x}"], "cannot be started"


def no_interpreter(folder):
    Path("program").write_text("#!/no/such/interpreter\n")
    Path("program").chmod(0o755)
    return ["./program", "{x}"], "cannot be started"


def no_shell_command(folder):
    return ["sh", "-c", "no-such-program {x}"], "exit status 127"


@pytest.mark.parametrize("make", [no_interpreter, no_shell_command])
def test_a_command_that_cannot_be_started_ends_the_run(folder, make):
    words, said = make(folder)
    done = bayesopt("-q", "--json", "--storage", "run.db", "--", *words)
    assert done.exit_code == 4, done.output
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert len(trials(done)) <= 3
    assert json.loads(done.stdout)["stop"] == "error"


def test_one_that_vanishes_ends_the_run_and_its_point_is_asked_again(folder):
    Path("program").write_text("#!/bin/sh\nrm -f program\necho $1\n")
    Path("program").chmod(0o755)
    done = bayesopt("-q", "--json", "--storage", "run.db", "--", "./program", "{x}")
    assert done.exit_code == 4
    assert [t["state"] for t in trials(done)] == ["complete", "abandoned"]
    done = bayesopt("-q", "--json", "--storage", "run.db", "--", "echo", "{x}")
    assert done.exit_code == 0, done.output
    assert [t["state"] for t in trials(done)] == ["complete"] * 8


def test_a_simulator_that_diverges_goes_on_and_says_so_once(folder):
    text = "import sys; print('cannot [converge]', file=sys.stderr); sys.exit(3)"
    done = bayesopt("--json", "-q", "--", sys.executable, "-c", text, "{x}")
    assert done.exit_code == 1
    assert [t["state"] for t in trials(done)] == ["failed"] * 8
    assert done.stderr.count("cannot [converge]") == 1  # the first failure, with the end of stderr
    assert "trial 0 failed" in done.stderr
    assert "Traceback" not in done.stderr


def test_127_among_results_is_a_failure_like_others(folder):
    Path("program").write_text("#!/bin/sh\n[ -e ran ] && exit 127\ntouch ran\necho $1\n")
    Path("program").chmod(0o755)
    done = bayesopt("--json", "-q", "--", "./program", "{x}")
    assert done.exit_code == 0
    assert [t["state"] for t in trials(done)] == ["complete"] + ["failed"] * 7


def test_the_log_is_as_it_was_afterwards(folder):
    before = list(logging.getLogger("bayesopt").handlers)
    bayesopt("-q", "--n-trials", "1", "--", "sh", "-c", "exit 3 {x}")
    assert logging.getLogger("bayesopt").handlers == before


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--csv", "."], "is a folder"),
        (["--plot", "."], "is a folder"),
        (["--plot", "p.xyz"], "no picture ends in .xyz"),
        (["--plot", "p"], "no ending"),
        (["--csv", "none/t.csv"], "folder does not exist"),
        (["--csv", "same.png", "--plot", "same.png"], "has that name"),
        (["--csv", "run.db"], "has that name"),
        (["--csv", "spec.toml"], "has that name"),
    ],
)
def test_outputs_are_checked_before_the_first_evaluation(folder, options, words):
    done = bayesopt("-q", "--storage", "run.db", *options, "--", "sh", "-c", "touch ran; echo {x}")
    assert done.exit_code == 2
    assert words in done.stderr
    assert not Path("ran").exists()
    assert not Path("run.db").exists()
    assert Path("spec.toml").read_text() == SPEC
