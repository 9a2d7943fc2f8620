"""The shell transcripts of the documents are what happens.

``$ cat NAME`` of a file that is not there yet shows what it is to hold. ``...`` stands for
anything.
"""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

import bayesopt as bo
from bayesopt.cli.app import app

DOCS = Path(__file__).parents[1] / "docs"
NAMES = ("bench.md", "simulator.md", "two_days.md")
_PLAIN = re.compile(r"[\w\s.,:=+\-/\"'{}\[\]<>]*")


def commands(path):
    """(command, expected output) of all blocks, in order."""
    found = []
    for block in re.findall(r"^```console\n(.*?)^```$", path.read_text("utf-8"), re.M | re.S):
        for part in re.split(r"^\$ ", block, flags=re.M)[1:]:
            line, _, output = part.partition("\n")
            while line.endswith("\\"):
                more, _, output = output.partition("\n")
                line = f"{line[:-1]}{more.removeprefix('>').strip()}"
            found.append((re.sub(r"\s+#\s.*", "", line), output.strip("\n")))
    return found


def carry_out(command):
    """What a command prints; one of bayesopt alone is run here, which is quicker."""
    words = shlex.split(command)
    if words[0] == "bayesopt" and not set(command) & set("|&;`$*") and "--" not in words:
        return in_process(words[1:])
    done = subprocess.run(
        ["sh", "-c", command], capture_output=True, text=True, check=False, timeout=60
    )
    return done.stdout + done.stderr


def in_process(words):
    given, target = None, None
    if "<" in words:
        at = words.index("<")
        given = Path(words[at + 1]).read_bytes()
        del words[at : at + 2]
    if ">" in words:
        at = words.index(">")
        target = Path(words[at + 1])
        del words[at : at + 2]
    done = CliRunner().invoke(app, words, input=given)
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    if target is not None:
        target.write_bytes(done.stdout_bytes)
        return done.stderr
    return done.stdout + done.stderr


def matches(expected, output):
    lines = (line.rstrip() for line in expected.splitlines())
    pattern = "\n".join(".*".join(map(re.escape, line.split("..."))) for line in lines)
    pattern = re.sub(r"(?m)^\.\*$", "(?s:.*)", pattern)  # a line of its own: any lines
    got = "\n".join(line.rstrip() for line in output.strip("\n").splitlines())
    return re.fullmatch(pattern, got) is not None


@pytest.fixture
def shell(tmp_path, monkeypatch):
    """A folder to work in, and ``bayesopt`` and ``python`` on the path."""
    programs = tmp_path / "bin"
    programs.mkdir()
    for name, words in (
        ("bayesopt", " -c 'from bayesopt.cli import main; main()'"),
        ("python", ""),
    ):
        shim = programs / name
        shim.write_text(f'#!/bin/sh\nexec "{sys.executable}"{words} "$@"\n')
        shim.chmod(0o755)
    root = str(Path(bo.__file__).parents[1])
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("PYTHONPATH", f"{root}{os.pathsep}{root}/kernels")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_a_transcript_is_what_happens(name, shell):
    found = commands(DOCS / name)
    assert found
    for command, expected in found:
        words = shlex.split(command)
        if words[0] == "cat" and len(words) == 2 and not Path(words[1]).exists():
            Path(words[1]).parent.mkdir(parents=True, exist_ok=True)
            Path(words[1]).write_text(expected + "\n")
            continue
        output = carry_out(command)
        assert matches(expected, output), f"{name}: $ {command}\n{output}"
