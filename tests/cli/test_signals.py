"""An interrupt at any moment: the result is printed, the exit status says which signal it was."""

import json
import signal
import subprocess
import sys
import textwrap

import pytest

STATUS = {"SIGINT": 130, "SIGTERM": 143, "SIGHUP": 129}
WORDS = {"SIGINT": "interrupted from the keyboard", "SIGTERM": "stopped by SIGTERM"}

# The command line, with signals sent to itself when a module begins to be imported.
PROGRAM = """
import os, signal, sys
where, number, times = sys.argv[1], getattr(signal, sys.argv[2]), int(sys.argv[3])
del sys.argv[1:4]

class Strikes:
    def find_spec(self, name, path=None, target=None):
        global times
        if name == where:
            for _ in range(times):
                os.kill(os.getpid(), number)
            times = 0
        return None

from bayesopt.cli import main
sys.meta_path.insert(0, Strikes())
main()
"""

SPEC = """
[space.x]
type = "float"
low = 0.0
high = 1.0
[objective]
command = COMMAND
[run]
n_trials = 30
seed = 1
"""


def spec(folder, *command):
    (folder / "spec.toml").write_text(SPEC.replace("COMMAND", json.dumps(command)))


def run(folder, *words, code="from bayesopt.cli import main; main()"):
    return subprocess.run(
        [sys.executable, "-c", code, *words],
        cwd=folder, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip


@pytest.fixture(autouse=True)
def heard():
    """Under nohup SIGHUP is ignored, and a program that is started keeps that."""
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGHUP, before)


@pytest.mark.parametrize(("number", "times"), [("SIGTERM", 1), ("SIGINT", 2)])
@pytest.mark.parametrize("module", ["typer", "numpy", "scipy.linalg", "numba"])
def test_during_an_import(tmp_path, module, number, times):
    spec(tmp_path, "echo", "{x}")
    done = run(
        tmp_path, module, number, str(times), "run", "spec.toml", "--workers", "2", "-q",
        code=PROGRAM,
    )  # fmt: skip
    assert done.returncode == STATUS[number], done.stdout + done.stderr
    assert WORDS[number] in done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    assert "ignored" not in done.stderr
    assert len(done.stderr.splitlines()) <= 1


@pytest.mark.parametrize(
    ("number", "workers", "times"),
    [("SIGINT", "1", 1), ("SIGTERM", "2", 1), ("SIGHUP", "1", 2), ("SIGINT", "2", 2)],
)
def test_during_an_evaluation(tmp_path, number, workers, times):
    """The third command of the run strikes the process that started it.

    Of two workers the other may be in the second command still, or only then look at the calls.
    """
    (tmp_path / "strikes.sh").write_text(
        textwrap.dedent(
            f"""
            echo x >> calls
            if [ $(wc -l < calls) -ge 3 ]; then
                if mkdir struck; then
                    for i in $(seq {times}); do kill -{number.removeprefix("SIG")} $PPID; done
                fi
                exec sleep 600
            fi
            echo $1
            """
        )
    )
    spec(tmp_path, "sh", "strikes.sh", "{x}")
    done = run(tmp_path, "run", "spec.toml", "-q", "--json", "--workers", workers)
    assert done.returncode == STATUS[number], done.stderr
    report = json.loads(done.stdout)
    assert report["stop"] == {"SIGINT": "interrupted", "SIGTERM": "terminated"}.get(
        number, "hangup"
    )
    states = [t["state"] for t in report["trials"]]
    assert states.count("complete") >= 3 - int(workers)
    assert set(states) == {"complete", "abandoned"}
    assert done.stderr == ""


def test_nohup_is_heeded(tmp_path):
    """What the process was told to ignore stays ignored."""
    (tmp_path / "strikes.sh").write_text("kill -HUP $PPID; echo $1\n")
    spec(tmp_path, "sh", "strikes.sh", "{x}")
    code = (
        "import signal; signal.signal(signal.SIGHUP, signal.SIG_IGN);"
        "from bayesopt.cli import main; main()"
    )
    done = run(tmp_path, "run", "spec.toml", "-q", "--n-trials", "2", code=code)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("words", [("ask", "run.db"), ("show", "run.db"), ("tell", "run.db")])
def test_other_commands_end_with_a_sentence(tmp_path, words):
    (tmp_path / "s.toml").write_text('[space.x]\ntype = "float"\nlow = 0.0\nhigh = 1.0\n')
    assert run(tmp_path, "new", "s.toml", "run.db").returncode == 0
    done = run(tmp_path, "bayesopt.cli.runs", "SIGTERM", "1", *words, code=PROGRAM)
    assert done.returncode == STATUS["SIGTERM"]
    assert done.stderr == "bayesopt: stopped by SIGTERM\n"


def test_the_signals_have_these_numbers():
    assert all(
        STATUS[name] == 128 + getattr(signal, name) for name in STATUS if hasattr(signal, name)
    )


def test_workers_leave_ctrl_c_to_the_command():
    from bayesopt.cli.run import _pool

    with _pool(1)() as pool:
        assert pool.submit(signal.getsignal, signal.SIGINT).result() is signal.SIG_IGN
