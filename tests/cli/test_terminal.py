"""Nothing from a file, an objective or a specification reaches the terminal as a code."""

import csv
import io
import math
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

import bayesopt as bo
from bayesopt.cli.app import app
from bayesopt.text import csv_cell, csv_text, one_line, printable

CODES = "\x1b]52;c;cHduZWQ=\x1b\\\x1b[2J\x9b2J\x07\x00\x7f\u202e\u2066"
OBEYED = {chr(i) for i in (*range(9), *range(11, 32), *range(127, 160))} | set("\u202e\u2066")


def bayesopt(*words):
    return CliRunner().invoke(app, [str(word) for word in words])


@given(st.text(st.characters(exclude_categories=())))
def test_printable_text_holds_no_code_and_can_be_encoded(text):
    shown = printable(text)
    assert not OBEYED & set(shown)
    shown.encode("utf-8")
    assert "\n" not in one_line(text)
    assert "\t" not in one_line(text)
    assert printable(shown) == shown


@given(st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cf", "Zl", "Zp"))))
def test_ordinary_text_is_left_as_it_is(text):
    assert printable(text) == one_line(text) == text


def test_scripts_and_emoji_stay():
    text = "Größe µm ä 温度 नम‍ 👩‍🔬\n\tline two"
    assert printable(text) == text


@given(st.text() | st.sampled_from("=+-@'\"\t\n\r").flatmap(lambda c: st.text().map(c.__add__)))
def test_a_csv_cell_is_no_formula_and_reads_back(text):
    cell = csv_cell(text)
    assert csv_text(cell) == text
    assert not OBEYED & set(cell)
    try:
        float(cell)
    except ValueError:
        assert not cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n"))


def test_numbers_stay_numbers_in_csv():
    space = bo.Space(x=bo.Float(-2, -1), kind=bo.Categorical(["-1e3", "=1+1", "+inf", -5]))
    opt = bo.Optimizer(space, seed=0)
    for x, kind, value in ((-1.5, "-1e3", -0.5), (-1.25, "=1+1", 1.0), (-1.0, -5, -math.pi)):
        opt.add_observation({"x": x, "kind": kind}, value)
    rows = list(csv.DictReader(io.StringIO(opt.result().to_csv())))
    assert [float(row["x"]) for row in rows] == [-1.5, -1.25, -1.0]
    assert [float(row["value"]) for row in rows] == [-0.5, 1.0, -math.pi]
    assert [row["kind"] for row in rows] == ["-1e3", "'=1+1", "-5"]


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "run.db"
    space = bo.Space({f"x{CODES}": bo.Float(0, 1), "k": bo.Categorical([f"a{CODES}", "b"])})
    opt = bo.Optimizer(space, seed=0, storage=path)
    opt.add_observation({f"x{CODES}": 0.5, "k": f"a{CODES}"}, {"value": 1, "info": CODES})
    opt.tell_failure(opt.ask(), f"no licence{CODES}\nsecond line{CODES}")
    opt.abandon(opt.ask(), f"lost{CODES}", retry=False)
    opt.ask(hold=True)
    opt.close()
    return path


@pytest.mark.parametrize(
    "words",
    [("show",), ("show", "--json"), ("export",), ("export", "--format", "json"), ("ask",),
     ("tell", 3, "1.0"), ("fail", 3, CODES), ("tell", 99, 1), ("resume",), ("tell", 3, CODES)],
)  # fmt: skip
def test_what_a_file_holds(file, words):
    done = bayesopt(words[0], file, *words[1:])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    assert not OBEYED & set(done.stdout + done.stderr)


def test_what_an_objective_and_a_specification_say(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    escaped = CODES.encode("unicode_escape").decode().replace("\\x", "\\u00")
    program = Path("says.py")
    program.write_text(f"import sys\nsys.stderr.write({CODES!r})\nprint({CODES!r})\nsys.exit(3)\n")
    spec = (
        f'[space."x{escaped}"]\ntype = "float"\nlow = 0.0\nhigh = 1.0\n'
        f'[objective]\ncommand = ["{sys.executable}", "says.py"]\ninput = "json"\n'
    )
    Path("spec.toml").write_text(spec)
    done = bayesopt("run", "spec.toml", "--n-trials", 2)
    assert done.exit_code == 1, done.output
    assert "exit status 3" in done.stdout
    assert not OBEYED & set(done.stdout + done.stderr)
    Path("bad.toml").write_text(spec.replace('type = "float"', f'type = "float{escaped}"'))
    done = bayesopt("run", "bad.toml", "--n-trials", 2)
    assert done.exit_code == 2
    assert not OBEYED & set(done.stdout + done.stderr)
