"""A folder a trial, its number, what it prints, and tries after chosen exit statuses."""

import json
import sys
from pathlib import Path

import pytest

from bayesopt.cli.command import CommandFailed, CommandObjective
from bayesopt.cli.spec import ObjectiveSpec, SpecError, read_objective
from bayesopt.minimize.running import RunningTrial


def objective(tmp_path, *words, names=("x", "k"), **options):
    spec = ObjectiveSpec(
        None, (sys.executable, "-I", *words), "arguments", None, tmp_path, **options
    )
    return CommandObjective(spec, names, ())


def call(command, number=7, **params):
    return command(dict(params), RunningTrial(None, number, params))


def test_each_trial_has_its_folder(tmp_path):
    (tmp_path / "case.in").write_text('x = {x}; k = {k}; trial {number}; json {"a": {b}}\n')
    (tmp_path / "mesh").mkdir()
    (tmp_path / "mesh" / "m.dat").write_text("{x}")
    code = (
        "import os, sys; print(open('case.in').read(), file=sys.stderr); print('hello');"
        "print(len(open('mesh/m.dat').read()) + int(os.environ['BAYESOPT_TRIAL']) + {number})"
    )
    command = objective(
        tmp_path, "-c", code, workdir="runs/{number}", templates=("case.in",), files=("mesh",)
    )
    assert call(command, 7, x=0.5) == 3 + 7 + 7
    assert call(command, 8, x=0.25, k=2) == 3 + 8 + 8
    folder = tmp_path / "runs" / "7"
    filled = 'x = 0.5; k = ; trial 7; json {"a": {b}}\n'
    assert (folder / "case.in").read_text() == filled
    assert (folder / "stdout.txt").read_text() == "hello\n17\n"
    assert filled in (folder / "stderr.txt").read_text()
    assert (tmp_path / "runs" / "8" / "case.in").read_text().startswith("x = 0.25; k = 2")


def test_a_program_beside_the_specification_is_found(tmp_path):
    program = tmp_path / "sim.sh"
    program.write_text("#!/bin/sh\npwd\necho $1\n")
    program.chmod(0o755)
    spec = ObjectiveSpec(None, ("./sim.sh", "{x}"), "arguments", None, tmp_path, "r/{number}")
    assert call(CommandObjective(spec, ("x",), ("x",)), 3, x=1.5) == 1.5
    assert (tmp_path / "r" / "3" / "stdout.txt").read_text().split()[0].endswith("3")


@pytest.mark.parametrize(("fails", "answers"), [(0, True), (2, True), (3, False)])
def test_chosen_exit_statuses_are_tried_again(tmp_path, fails, answers):
    """A licence server that is busy ``fails`` times, with two further tries."""
    code = (
        "import pathlib, sys; f = pathlib.Path('count'); n = int(f.read_text()) if f.exists() "
        f"else 0; f.write_text(str(n + 1)); sys.exit(75) if n < {fails} else print(n)"
    )
    command = objective(tmp_path, "-c", code, retry_on=(75,), retries=2, retry_wait=0.0)
    if answers:
        assert call(command) == fails
    else:
        with pytest.raises(CommandFailed, match="exit status 75"):
            call(command)
    assert int((tmp_path / "count").read_text()) == min(fails, 2) + 1


def test_other_exit_statuses_are_not(tmp_path):
    code = "import pathlib, sys; pathlib.Path('count').open('a').write('x'); sys.exit(3)"
    command = objective(tmp_path, "-c", code, retry_on=(75,), retry_wait=0.0)
    with pytest.raises(CommandFailed, match="exit status 3"):
        call(command)
    assert (tmp_path / "count").read_text() == "x"


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"workdir": "runs"}, "must hold {number}"),
        ({"workdir": "runs/{number}/{x}"}, "no other field"),
        ({"templates": ("case.in",)}, "add workdir"),
        ({"workdir": "r/{number}", "files": ("none.dat",)}, "there is no 'none.dat'"),
        ({"workdir": "r/{number}", "templates": ("mesh",)}, "list it under files"),
        ({"workdir": "r/{number}", "files": ("case.in", "sub/case.in")}, "overwritten"),
    ],
)
def test_what_is_no_folder_of_a_trial(tmp_path, options, reason):
    (tmp_path / "case.in").write_text("")
    for name in ("mesh", "sub"):
        (tmp_path / name).mkdir()
    (tmp_path / "sub" / "case.in").write_text("")
    with pytest.raises(SpecError, match=reason):
        objective(tmp_path, "-c", "print(1)", **options)


@pytest.mark.parametrize(
    ("table", "reason"),
    [
        ({"command": ["a"], "callable": "m:f"}, "both a callable and a command"),
        ({"callable": "m:f", "workdir": "r/{number}"}, "workdir belongs to a command"),
        ({"command": ["a"], "retry_on": [0]}, "1 to 255"),
        ({"command": ["a"], "retry_on": ["a"]}, "1 to 255"),
        ({"command": ["a"], "retries": -1}, "retries must be >= 0"),
        ({"command": ["a"], "files": [1]}, "list of file names"),
    ],
)
def test_what_a_table_cannot_say(tmp_path, table, reason):
    with pytest.raises(SpecError, match=reason):
        read_objective(table, (), "[objective]", tmp_path)


@pytest.mark.slow
def test_a_run_that_is_resumed_keeps_its_folders(tmp_path, monkeypatch):
    from tests.cli.test_amend import bayesopt

    monkeypatch.chdir(tmp_path)
    (tmp_path / "case.in").write_text("{x}\n")
    words = json.dumps([sys.executable, "-I", "-c", "print(open('case.in').read())"])
    Path("spec.toml").write_text(
        '[space.x]\ntype = "float"\nlow = 0\nhigh = 1\n[run]\nn_trials = 2\nseed = 0\n'
        f'[objective]\ncommand = {words}\ninput = "environment"\nworkdir = "runs/{{number}}"\n'
        'templates = ["case.in"]\nretry_on = [75]\n'
    )
    bayesopt("run", "spec.toml", "--storage", "run.db", "-q")
    bayesopt("resume", "run.db", "--n-trials", 3, "-q")
    assert sorted(p.name for p in (tmp_path / "runs").iterdir()) == ["0", "1", "2"]
    shown = json.loads(bayesopt("show", "run.db", "--json"))
    for trial in shown["trials"]:
        assert trial["value"] == trial["params"]["x"]
