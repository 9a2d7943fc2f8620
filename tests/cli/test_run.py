"""``bayesopt run`` from the outside: output, files, exit status."""

import csv
import json
import os
import signal
import subprocess
import sys
import textwrap
import time

import pytest
from typer.testing import CliRunner

from bayesopt.cli.app import app

SPACE = """
[space.x]
type = "float"
low = -1.0
high = 1.0

[space.n]
type = "int"
low = 1
high = 3
"""

TRAIN = """
import time

def score(params):
    print("chatter of the objective")
    return (params["x"] - 0.5) ** 2 + params["n"]

def broken(params):
    raise ValueError("diverged [badly]")

def sleeps(params):
    time.sleep(600)

not_a_function = 3
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    (tmp_path / "train_for_a_test.py").write_text(TRAIN)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    return tmp_path


def spec(folder, objective='callable = "train_for_a_test.py:score"', run="n_trials = 6\nseed = 1"):
    path = folder / "spec.toml"
    path.write_text(f"{SPACE}\n[objective]\n{objective}\n[run]\n{run}\n")
    return str(path)


def bayesopt(*words):
    return CliRunner().invoke(app, list(words))


def test_a_run_prints_progress_and_a_table(folder):
    done = bayesopt("run", spec(folder))
    assert done.exit_code == 0, done.output
    assert "6 trials" in done.stdout
    assert "best trials" in done.stdout
    assert "n=1" in done.stdout
    assert "6/6" in done.stderr
    assert "best" in done.stderr


def test_options_win_over_the_file_and_a_seed_repeats_the_run(folder):
    path = spec(folder)
    first, second, other = (
        json.loads(bayesopt("run", path, "--json", "-q", "--n-trials", "3", "--seed", s).stdout)
        for s in "778"
    )
    points = [[t["params"] for t in run["trials"]] for run in (first, second, other)]
    assert len(points[0]) == 3
    assert points[0] == points[1]
    assert points[0] != points[2]


def test_files_are_written(folder):
    done = bayesopt("run", spec(folder), "-q", "--csv", "trials.csv", "--plot", "run.png")
    assert done.exit_code == 0, done.output
    rows = list(csv.DictReader((folder / "trials.csv").read_text().splitlines()))
    assert len(rows) == 6
    assert float(rows[0]["value"]) == (float(rows[0]["x"]) - 0.5) ** 2 + int(rows[0]["n"])
    assert (folder / "run.png").read_bytes().startswith(b"\x89PNG")


def test_a_module_on_the_path_is_found(folder):
    done = bayesopt("run", spec(folder, 'callable = "train_for_a_test:score"'), "-q")
    assert done.exit_code == 0, done.output


def test_a_command_after_the_dashes(folder):
    text = "import sys; print(float(sys.argv[1]) ** 2 + int(sys.argv[2]))"
    (folder / "space.toml").write_text(SPACE)
    done = bayesopt(
        "run", "space.toml", "-q", "--json", "--n-trials", "4", "--workers", "2",
        "--", sys.executable, "-c", text, "{x}", "{n}",
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    trials = json.loads(done.stdout)["trials"]
    assert [t["state"] for t in trials] == ["complete"] * 4
    assert all(t["value"] == t["params"]["x"] ** 2 + t["params"]["n"] for t in trials)


def test_maximize_target_and_patience_from_the_file(folder):
    run = 'n_trials = 50\ndirection = "maximize"\ntarget = 3.0'
    report = json.loads(bayesopt("run", spec(folder, run=run), "-q", "--json").stdout)
    assert report["stop"] == "target"
    assert report["best"]["value"] >= 3.0


def test_storage_is_resumed(folder):
    path = spec(folder)
    bayesopt("run", path, "-q", "--n-trials", "3", "--storage", "run.db")
    done = bayesopt("run", path, "-q", "--n-trials", "5", "--storage", "run.db", "--json")
    resumed = json.loads(done.stdout)["trials"]
    whole = json.loads(bayesopt("run", path, "-q", "--n-trials", "5", "--json").stdout)["trials"]
    assert [t["value"] for t in resumed] == [t["value"] for t in whole]


def test_no_success_is_exit_status_1_and_says_why(folder):
    done = bayesopt("run", spec(folder, 'callable = "train_for_a_test.py:broken"'), "-q")
    assert done.exit_code == 1
    assert "6 failed" in done.stdout
    assert "6 x ValueError: diverged [badly]" in done.stdout


def test_failures_in_a_row_end_a_run_that_asks_for_it(folder):
    broken = 'callable = "train_for_a_test.py:broken"'
    path = spec(folder, broken, "n_trials = 50\nstop_after_failures = 3")
    for words, n in (((), 3), (("--stop-after-failures", "2"), 2)):
        done = bayesopt("run", path, "-q", "--json", *words)
        report = json.loads(done.stdout)
        assert (done.exit_code, report["stop"], len(report["trials"])) == (1, "failures", n)
    bayesopt("run", path, "-q", "--storage", "run.db")
    kept = json.loads(bayesopt("resume", "run.db", "-q", "--json").stdout)
    assert (kept["stop"], len(kept["trials"])) == ("failures", 6)


def test_constraints_that_leave_no_point_are_named_and_nothing_succeeded(folder):
    path = folder / "none.toml"
    constraints = "".join(
        f"[[constraints]]\ncoefficients = {{x = {a}, n = 1}}\nupper = {upper}\n"
        for a, upper in ((1, 1.5), (-1, 0.25))  # n is at least 1: x at most 0.5, at least 0.75
    )
    objective = '[objective]\ncallable = "train_for_a_test.py:score"\n[run]\nn_trials = 5\n'
    path.write_text(f"{SPACE}{constraints}{objective}")
    done = bayesopt("run", str(path), "--json")
    assert (done.exit_code, json.loads(done.stdout)["stop"]) == (1, "no_feasible_point")
    assert "1*x + 1*n <= 1.5" in "".join(done.stderr.split("\n"))


def test_several_workers_and_a_timeout_use_processes(folder):
    objective = 'callable = "train_for_a_test.py:sleeps"\ntimeout = 1'
    done = bayesopt("run", spec(folder, objective, "n_trials = 2\nworkers = 2"), "-q")
    assert done.exit_code == 1, done.output
    assert "2 x timeout: no result after 1 s" in done.stdout


@pytest.mark.parametrize(
    ("objective", "run", "words"),
    [
        ('callable = "train_for_a_test.py:scor"', "n_trials = 2", "did you mean 'score'"),
        ('callable = "nowhere.py:score"', "n_trials = 2", "does not exist"),
        ('callable = "no_such_module_at_all:f"', "n_trials = 2", "cannot import"),
        ('callable = "train_for_a_test.py:not_a_function"', "n_trials = 2", "not a function"),
        ('callable = "score"', "n_trials = 2", "module:function"),
        ('callable = "train_for_a_test.py:score"', "", "how long"),
        ('callable = "train_for_a_test.py:score"', "n_trials = -2", "n_trials"),
        ('callable = "train_for_a_test.py:score"', "n_trials = 2\npatience = 0", "patience"),
        ('command = ["./nowhere", "{x}", "{n}"]', "n_trials = 2", "no program"),
    ],
)
def test_mistakes_end_with_status_2(folder, objective, run, words):
    done = bayesopt("run", spec(folder, objective, run))
    assert done.exit_code == 2
    assert words in done.stderr
    assert done.stdout == ""


def test_outputs_that_cannot_be_written_are_refused_before_the_run(folder):
    done = bayesopt("run", spec(folder), "--csv", "no/such/folder/trials.csv")
    assert done.exit_code == 2
    assert "folder does not exist" in done.stderr


def test_a_wrong_option_is_status_2(folder):
    assert bayesopt("run", spec(folder), "--n-trials", "0").exit_code == 2
    assert bayesopt("run", spec(folder), "--n-trails", "3").exit_code == 2
    assert bayesopt("run").exit_code == 2


def test_the_version():
    import bayesopt as bo

    done = bayesopt("--version")
    assert done.exit_code == 0
    assert done.stdout == f"bayesopt {bo.__version__}\n"


def process(folder, *words):
    return subprocess.Popen(
        [sys.executable, "-c", "from bayesopt.cli import main; main()", *words],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_json_mode_leaves_standard_output_to_the_json(folder):
    running = process(folder, "run", spec(folder), "--json")
    out, err = running.communicate(timeout=300)
    assert len(json.loads(out)["trials"]) == 6
    assert "chatter of the objective" in err
    assert running.returncode == 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_prints_its_results_and_kills_its_commands(folder, number):
    simulate = folder / "simulate.py"
    simulate.write_text(
        textwrap.dedent(
            """
            import os, pathlib, sys, time
            calls = len(list(pathlib.Path(".").glob("call-*")))
            pathlib.Path(f"call-{calls}").write_text(str(os.getpid()))
            if calls == 2:
                time.sleep(600)
            print(sys.argv[1])
            """
        )
    )
    objective = f'command = ["{sys.executable}", "simulate.py", "{{x}}", "{{n}}"]'
    running = process(folder, "run", spec(folder, objective), "--json", "-q")
    hanging = folder / "call-2"
    for _ in range(3600):  # on a busy machine kernels are a minute in compiling
        if hanging.exists() and hanging.read_text():
            break
        time.sleep(0.05)
    assert hanging.exists()
    running.send_signal(number)
    out, _ = running.communicate(timeout=300)
    report = json.loads(out)
    assert running.returncode == 128 + number
    assert report["stop"] == ("interrupted" if number == signal.SIGINT else "terminated")
    assert [t["state"] for t in report["trials"]] == ["complete", "complete", "abandoned"]
    with pytest.raises(ProcessLookupError):
        os.kill(int(hanging.read_text()), 0)
