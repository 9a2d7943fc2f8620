"""A disk that takes nothing more: one line, an exit status of its own, no evaluation lost."""

import json
import subprocess
import sys

import pytest

import bayesopt as bo
from bayesopt.trial import TrialState

resource = pytest.importorskip("resource")

SPEC = """
[space.x]
type = "float"
low = 0.0
high = 1.0
[objective]
command = ["sh", "-c", "echo x >> calls; echo {x}"]
[run]
n_trials = 400
seed = 0
"""


def bayesopt(folder, *words, most=None, stdin=None):
    def limit():
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))

    return subprocess.run(
        [sys.executable, "-c", "from bayesopt.cli import main; main()", *words],
        cwd=folder, capture_output=True, text=True, timeout=300, check=False, input=stdin,
        preexec_fn=limit if most else None,
    )  # fmt: skip


@pytest.mark.parametrize("form", [(), ("--json",)])
@pytest.mark.parametrize("kib", [64, 80])
def test_what_was_evaluated_is_stored_or_printed(tmp_path, kib, form):
    (tmp_path / "q.toml").write_text(SPEC)
    done = bayesopt(tmp_path, "run", "q.toml", "--storage", "run.db", "-q", *form, most=kib * 1024)
    assert done.returncode == 3, done.stderr
    said = done.stderr.splitlines()
    assert "the disk" in said[0]
    lines = said[1:] if form else done.stdout.splitlines()
    assert len(said) == 1 + (len(lines) if form else 0)
    told = bayesopt(tmp_path, "tell", "run.db", stdin="\n".join(lines))
    assert told.returncode == 0, told.stderr
    n_calls = len((tmp_path / "calls").read_text().split())
    opt = bo.Optimizer.reopen(tmp_path / "run.db")
    complete = [t for t in opt.trials if t.state is TrialState.COMPLETE]
    opt.close()
    assert len(complete) == n_calls > 0
    assert all(t.value == t.params["x"] for t in complete)
    assert all(json.loads(line)["params"] for line in lines)


def test_an_output_that_cannot_be_written_in_the_end(tmp_path):
    (tmp_path / "q.toml").write_text(SPEC)
    done = bayesopt(tmp_path, "run", "q.toml", "-q", "--csv", "t.csv", "--n-trials", "8", most=100)
    assert done.returncode == 3
    assert "8 trials" in done.stdout
    assert "cannot write t.csv" in done.stderr
    assert "Traceback" not in done.stderr
