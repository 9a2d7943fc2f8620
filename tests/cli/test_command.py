"""External commands: what they are told, how their answer is read, how they end."""

import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bayesopt.cli.command import CommandFailed, CommandObjective, arguments, fields, read_answer
from bayesopt.cli.spec import ObjectiveSpec, SpecError


def command(*words, style="arguments", timeout=None, folder=Path("/"), names=("x",)):
    spec = ObjectiveSpec(None, (sys.executable, "-I", *words), style, timeout, folder)
    return CommandObjective(spec, names, names)


def script(text, *words, **settings):
    return command("-c", text.replace("{", "{{").replace("}", "}}"), *words, **settings)


@pytest.mark.parametrize(
    ("words", "params", "told"),
    [
        (["s", "--x", "{x}"], {"x": 0.1}, ["s", "--x", "0.1"]),
        (["s", "-x{x}", "y={y}"], {"x": 1, "y": "a b;c"}, ["s", "-x1", "y=a b;c"]),
        (["s", "{x}"], {"x": True}, ["s", "true"]),
        (["s", "{x}"], {"x": None}, ["s", "null"]),
        (["s", "{{{x}}}", "{", "}}"], {"x": 2}, ["s", "{2}", "{", "}"]),
        (["s", "{my name}"], {"my name": 3}, ["s", "3"]),
        (["s", "--a", "{a}", "--b", "{b}"], {"b": 1}, ["s", "--b", "1"]),
        (["s", "--a={a}", "{b}"], {"b": 1}, ["s", "1"]),
        (["s", "file", "{a}", "-v"], {}, ["s", "file", "-v"]),
    ],
)
def test_arguments(words, params, told):
    assert arguments(words, params) == told


@given(st.text(st.characters(exclude_categories=["Cs"])), st.floats(allow_nan=False))
def test_values_reach_an_argument_unchanged(text, number):
    told = arguments(["s", "{text}", "{number}"], {"text": text, "number": number})
    assert told[1] == text
    assert json.loads(told[2]) == number


def test_format_tricks_are_no_fields():
    assert fields("{x.__class__}") == ["x.__class__"]  # a name like any other, and unknown
    with pytest.raises(SpecError, match="not a parameter"):
        command("{x.__class__}")


@pytest.mark.parametrize(
    ("printed", "answer"),
    [
        ("1.5", 1.5),
        ("log\n\n  -2e-3 \n\n", -2e-3),
        ("inf", float("inf")),
        (
            'noise\n{"value": 1, "constraints": {"c": -1}}\n',
            {"value": 1, "constraints": {"c": -1}},
        ),
    ],
)
def test_answers(printed, answer):
    assert read_answer(printed) == answer


@pytest.mark.parametrize("printed", ["", "\n \n", "done", "1.5 s", "[1]", "true", "null"])
def test_answers_that_are_none(printed):
    with pytest.raises(CommandFailed):
        read_answer(printed)


def test_parameters_as_arguments():
    assert script("import sys; print(float(sys.argv[1]) * 2)", "{x}")({"x": 0.25}) == 0.5


def test_parameters_as_json():
    objective = script("import json, sys; print(json.load(sys.stdin)['x'])", style="json")
    assert objective({"x": 0.1, "k": None}) == 0.1


def test_parameters_in_the_environment():
    text = (
        "import json, os; e = os.environ;"
        "print(float(e['BAYESOPT_PARAM_my_x']) + json.loads(e['BAYESOPT_PARAMS'])['my x'])"
    )
    assert script(text, style="environment", names=("my x",))({"my x": 0.1}) == 0.2


def test_nothing_goes_through_a_shell():
    objective = script("import sys; print(len(sys.argv[1]))", "{x}")
    assert objective({"x": "$(touch /tmp/x); `id` | cat"}) == 27


def test_more_output_than_any_pipe_holds():
    assert script("print('x' * 10**6); print(3)", "{x}")({"x": 0}) == 3


def test_an_exit_status_comes_with_the_end_of_standard_error():
    text = (
        "import sys; print(1)\nfor i in range(99): print('line', i, file=sys.stderr)\nsys.exit(3)"
    )
    with pytest.raises(
        CommandFailed, match="exit status 3; standard error ends: line 79\n"
    ) as info:
        script(text, "{x}")({"x": 0})
    assert str(info.value).endswith("line 98")


def test_a_signal_has_its_name():
    with pytest.raises(CommandFailed, match="killed by SIGABRT"):
        script("import os; os.abort()", "{x}")({"x": 0})


def test_a_timeout_kills_the_whole_group(tmp_path):
    # a shell, and not Python: that is not begun within 2 s on every machine
    words = ("sh", "-c", "sleep 600 & echo $! > pid; wait", "sh", "{x}")
    child = ObjectiveSpec(None, words, "arguments", 2, tmp_path)
    with pytest.raises(CommandFailed, match="timeout: no result after 2 s"):
        CommandObjective(child, ("x",), ("x",))({"x": 0})
    assert gone(int((tmp_path / "pid").read_text()))


def test_a_command_that_starts_as_the_run_ends_is_not_left_behind(monkeypatch):
    from bayesopt.cli import command as module

    starts, errors = threading.Event(), []
    start = subprocess.Popen

    def slow_start(*words, **settings):
        starts.set()
        time.sleep(0.2)  # a close that does not wait comes now
        return start(*words, **settings)

    def evaluate():
        try:
            objective({"x": 0})
        except CommandFailed as error:
            errors.append(str(error))

    objective = script("import time; time.sleep(600)", "{x}")
    monkeypatch.setattr(module.subprocess, "Popen", slow_start)
    thread = threading.Thread(target=evaluate, daemon=True)
    thread.start()
    assert starts.wait(300)
    objective.close()
    thread.join(30)
    assert errors == ["killed by SIGTERM"]
    evaluate()  # and the next is not even started
    assert errors[1:] == ["the run has ended"]


def gone(pid):
    for _ in range(3000):
        try:
            os.kill(pid, 0)
            if "Z" in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]:
                return True  # dead, and only not yet collected by whoever inherited it
        except (ProcessLookupError, FileNotFoundError):
            return True
        time.sleep(0.02)
    return False


def test_mistakes_are_found_before_the_run(tmp_path):
    def make(words, style="arguments", names=("x", "y")):
        spec = ObjectiveSpec(None, words, style, None, tmp_path)
        return CommandObjective(spec, names, [n for n in names if n != "constant"])

    (tmp_path / "plain").write_text("not a program")
    with pytest.raises(SpecError, match=r"no program '\./nowhere'"):
        make(("./nowhere", "{x}", "{y}"))
    with pytest.raises(SpecError, match="no program"):
        make(("surely-not-installed-anywhere", "{x}", "{y}"))
    with pytest.raises(SpecError, match="not executable"):
        make(("./plain", "{x}", "{y}"))
    with pytest.raises(SpecError, match=r"\{z\} is not a parameter"):
        make((sys.executable, "{x}", "{y}", "{z}"))
    with pytest.raises(SpecError, match=r"never told \['y'\]"):
        make((sys.executable, "{x}"))
    with pytest.raises(SpecError, match="not distinct"):
        make((sys.executable,), "environment", ("a b", "a_b"))
    make((sys.executable, "{x}"), names=("x", "constant"))
