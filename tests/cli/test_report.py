"""``bayesopt report``, ``watch``, and the line of blocks in ``show``."""

import pytest
from typer.testing import CliRunner

import bayesopt as bo
from bayesopt.cli.app import app
from bayesopt.cli.sparkline import best_line
from bayesopt.result import Result, Stop
from bayesopt.trial import Trial, TrialState


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "my run.db"
    with bo.SQLiteStorage(path) as storage:
        optimizer = bo.Optimizer({"x": bo.Float(0, 1)}, storage=storage, seed=0)
        optimizer.add_observations([({"x": i / 9}, (i / 9 - 0.3) ** 2) for i in range(9)])
    return path


def bayesopt(*words):
    return CliRunner().invoke(app, [str(word) for word in words])


def test_a_page_beside_the_run_which_does_not_change(file, tmp_path):
    before = file.read_bytes()
    said = bayesopt("report", file)
    assert said.exit_code == 0
    assert "<title>my run</title>" in (tmp_path / "my run.html").read_text("utf-8")
    other = tmp_path / "other.html"
    assert bayesopt("report", file, "-o", other, "--title", "<i>").exit_code == 0
    assert "<title>&lt;i&gt;</title>" in other.read_text("utf-8")
    assert file.read_bytes() == before


def test_the_run_is_not_written_over(file):
    before = file.read_bytes()
    said = bayesopt("report", file, "-o", file)
    assert said.exit_code == 2
    assert "give another name" in said.stderr
    assert file.read_bytes() == before


def test_watch_looks_as_often_as_told(file):
    said = bayesopt("watch", file, "--times", 2, "--every", 0.1)
    assert said.exit_code == 0
    assert said.stdout.count("9 added") == 1  # printed when something has changed
    assert "best so far: " in said.stdout
    assert bayesopt("watch", file.with_name("none.db"), "--serve").exit_code == 2


def result(values, direction="minimize"):
    trials = tuple(
        Trial(i, {"x": 0.5}, TrialState.COMPLETE, outcome=bo.Outcome(v))
        for i, v in enumerate(values)
    )
    return Result(None, None, trials, Stop.RUNNING, direction, bo.Space(x=bo.Float(0, 1)))


def test_the_line_of_blocks():
    assert best_line(result([3.0, 5.0, 1.0, 2.0])) == "██▁▁"
    assert best_line(result([3.0, 5.0, 1.0], "maximize")) == "▁██"
    assert best_line(result([1.0, 1.0, 1.0])) == "▁▁▁"
    assert best_line(result([1.0, 2.0])) is None
    assert best_line(result([1.7e308] * 90 + [-1.7e308] * 90)) == "█" * 30 + "▁" * 30


def test_several_objectives_are_shown_with_the_volume_of_the_front(tmp_path):
    path = tmp_path / "two.db"
    with bo.SQLiteStorage(path) as storage:
        optimizer = bo.Optimizer(
            {"x": bo.Float(0, 1)}, objectives={"a": "minimize", "b": "minimize"}, storage=storage,
            seed=0,
        )  # fmt: skip
        optimizer.add_observations(
            [({"x": i / 5}, {"a": i / 5, "b": (1 - i / 5) ** 2}) for i in range(6)]
        )
    assert "hypervolume: " in bayesopt("show", path).stdout
    assert bayesopt("report", path).exit_code == 0
    assert "hypervolume" in path.with_suffix(".html").read_text("utf-8").lower()
