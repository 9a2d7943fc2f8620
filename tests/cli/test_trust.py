"""``bayesopt resume`` runs nothing that somebody else wrote into the file, unless told to."""

import json
import os
import pty
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

import bayesopt as bo
from bayesopt.cli.app import app
from bayesopt.cli.trust import author, sealed

SPEC = """
[space.x]
type = "float"
low = 0.0
high = 1.0
[objective]
command = ["sh", "-c", "touch ran; echo {x}"]
[run]
n_trials = 2
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("spec.toml").write_text(SPEC)
    return tmp_path


def bayesopt(*words):
    return CliRunner().invoke(app, list(words))


def begin(file="run.db"):
    done = bayesopt("run", "spec.toml", "--storage", file, "-q")
    assert done.exit_code == 0, done.output
    Path("ran").unlink()


def resume(*words, file="run.db"):
    """The command in a process without a terminal; what it printed, and whether it ran."""
    code = "from bayesopt.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", code, "resume", file, "-q", "--n-trials", "3", *words],
        capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=300, check=False,
    )  # fmt: skip
    return done.returncode, done.stderr, Path("ran").exists()


def describe(file, command, **by):
    """A file as an attacker writes it: any command, any claim about who described it."""
    path = Path(file)
    opt = bo.Optimizer(bo.Space(x=bo.Float(0, 1)), seed=0, storage=path)
    objective = {
        "callable": None, "command": command, "input": "json", "timeout": None, "folder": "/",
    }  # fmt: skip
    opt.storage.append({"kind": "described", "objective": objective, "run": {"n_trials": 2}, **by})
    opt.close()


def test_ones_own_file_is_resumed_unasked(folder):
    begin()
    code, said, ran = resume()
    assert (code, ran) == (0, True), said


@pytest.mark.parametrize("change", ["moved", "other user", "other host", "key lost"])
def test_a_file_described_elsewhere_is_shown_and_refused(folder, monkeypatch, state_home, change):
    if change == "moved":
        begin("first.db")
        shutil.move("first.db", "run.db")
    elif change == "key lost":
        begin()
        (state_home / "bayesopt" / "seal.key").unlink()
    else:
        where = "getpass.getuser" if change == "other user" else "platform.node"
        with monkeypatch.context() as elsewhere:
            elsewhere.setattr(where, lambda: "elsewhere")
            begin()
    code, said, ran = resume()
    assert (code, ran) == (2, False)
    assert "touch ran; echo {x}" in said
    assert "--trust" in said
    code, said, ran = resume("--trust")
    assert (code, ran) == (0, True), said
    Path("ran").unlink()
    assert resume("--n-trials", "4")[::2] == (0, True)  # it is one's own from now on


def test_a_command_of_ones_own_needs_no_trust(folder):
    describe("run.db", ["sh", "-c", "touch ran; echo 1"])
    code, said, ran = resume("--", "echo", "{x}")
    assert (code, ran) == (0, False), said


def test_what_a_file_claims_of_its_author_is_not_believed(folder, monkeypatch, tmp_path):
    """User, host and path can be guessed; a seal made with another key is none."""
    claim = author(Path("run.db"))
    command = ["sh", "-c", f"touch {tmp_path}/ran; echo 1"]
    describe("run.db", command, by=claim)
    code, said, ran = resume()
    assert (code, ran) == (2, False)
    assert "does not carry your seal" in said
    begin("own.db")  # now there is a key
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "of-the-attacker"))
    objective = {"callable": None, "command": command, "input": "json", "folder": "/"}
    forged = sealed({"objective": objective, "run": {"n_trials": 2}, "by": claim})
    monkeypatch.undo()
    monkeypatch.chdir(tmp_path)
    describe("run.db", command, by=claim, seal=forged["seal"])
    assert resume()[::2] == (2, False)


def test_a_seal_covers_the_command(folder):
    begin()
    storage = bo.SQLiteStorage("run.db")
    ((_, kept),) = storage.read(kinds=("described",))
    kept["objective"]["command"] = ["sh", "-c", "touch ran; echo 2"]
    storage.append(kept)
    storage.close()
    assert resume()[::2] == (2, False)


def test_codes_in_a_command_are_shown_not_obeyed(folder):
    describe("run.db", ["sh", "-c", "\x1b[2K\x1b]52;c;cHduZWQ=\x07harmless\x9b2J"])
    code, said, _ = resume()
    assert code == 2
    assert r"\x1b[2K" in said
    assert not set(said) & {"\x1b", "\x07", "\x9b"}


@pytest.mark.parametrize(
    "objective",
    [
        [],
        {"command": "rm -rf"},
        {"command": [1, 2], "folder": "/"},
        {"command": ["echo"], "folder": 3},
        {"command": ["echo", "{x}"], "folder": "/", "timeout": "long"},
        {"command": ["echo", "{x}"], "folder": "/", "input": "telepathy"},
        {"callable": 7, "folder": "/"},
    ],
)
def test_a_damaged_description_is_refused(folder, objective):
    opt = bo.Optimizer(bo.Space(x=bo.Float(0, 1)), seed=0, storage="run.db")
    try:
        opt.storage.append({"kind": "described", "objective": objective, "run": {}})
    except (TypeError, ValueError):  # a storage that looks at its events refuses it at the door
        pytest.skip("refused when written")
    finally:
        opt.close()
    done = bayesopt("resume", "run.db", "--trust")
    assert done.exit_code == 2
    assert "run.db" in done.stderr
    assert isinstance(done.exception, SystemExit)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="pseudo-terminals are POSIX")
@pytest.mark.parametrize(("answer", "ran"), [("y\n", True), ("n\n", False), ("\n", False)])
def test_on_a_terminal_it_asks(folder, answer, ran):
    describe("run.db", ["sh", "-c", f"touch {folder}/ran; echo 1"])
    primary, secondary = pty.openpty()
    code = "from bayesopt.cli import main; main()"
    process = subprocess.Popen(
        [sys.executable, "-c", code, "resume", "run.db", "-q"],
        stdin=secondary, stdout=subprocess.PIPE, stderr=secondary,
    )  # fmt: skip
    os.close(secondary)
    said = b""
    while b"[y/N]" not in said:
        said += os.read(primary, 4096)
    os.write(primary, answer.encode())
    process.communicate(timeout=300)
    os.close(primary)
    assert b"touch" in said
    assert Path("ran").exists() is ran
    assert process.returncode == (0 if ran else 2)


def test_the_key_is_ones_own(folder, state_home):
    begin()
    key = state_home / "bayesopt" / "seal.key"
    assert key.stat().st_mode & 0o077 == 0
    key.chmod(0o644)  # others could have read it
    assert resume()[::2] == (2, False)
    assert json.dumps(sealed({"by": author(Path("run.db"))})).count("seal") == 0
