"""Reading and telling a run needs no parts; proposing says which is missing and how to give it."""

import csv
import json
import sqlite3
import sys
from dataclasses import dataclass

import numpy as np
import pytest
from typer.testing import CliRunner

import bayesopt as bo
from bayesopt.cli.app import app
from bayesopt.optimizer import config_codec
from bayesopt.optimizer.config_codec import MissingPart
from bayesopt.trial import TrialState

SPACE = bo.Space(x=bo.Float(0, 1))


class OwnUCB(bo.UCB):
    pass


class OwnGP(bo.MapGP):
    pass


@dataclass(frozen=True)
class OwnSearch(bo.RandomSearch):
    pass


PARTS = {"acquisition": OwnUCB(), "surrogate": OwnGP(), "proposer": OwnSearch()}


def bayesopt(*words):
    return CliRunner().invoke(app, [str(word) for word in words])


@pytest.fixture(params=PARTS)
def run(request, tmp_path):
    part = {request.param: PARTS[request.param]}
    opt = bo.Optimizer(SPACE, seed=0, storage=tmp_path / "own.db", **part)
    opt.tell(opt.ask(), 1.0)
    for _ in range(4):
        opt.ask(hold=True)
    opt.close()
    return tmp_path / "own.db", request.param, part


def test_reading_and_telling(run):
    file, _, _ = run
    before = file.read_bytes()
    shown = bayesopt("show", file)
    assert shown.exit_code == 0, shown.stderr
    assert "1 complete" in shown.stdout
    exported = bayesopt("export", file)
    assert exported.exit_code == 0
    assert len(list(csv.DictReader(exported.stdout.splitlines()))) == 5
    assert file.read_bytes() == before
    assert json.loads(bayesopt("show", file, "--json").stdout)["best"]["value"] == 1.0
    assert bayesopt("tell", file, 1, 0.5).exit_code == 0
    assert bayesopt("fail", file, 2, "broke").exit_code == 0
    assert bayesopt("abandon", file, 3, "lost", "--for-good").exit_code == 0
    assert bayesopt("retract", file, 1, "--why", "wrong").exit_code == 0


def test_asking_names_the_part_and_the_way(run):
    file, name, part = run
    for number in range(1, 5):
        bayesopt("tell", file, number, 0.5)
    asked = bayesopt("ask", file, "-n", 9)
    assert asked.exit_code == 2
    own = type(part[name])
    assert f"{name}={own.__module__}:{own.__name__}" in asked.stderr
    assert f"from {own.__module__} import {own.__name__}" in asked.stderr
    assert f"Optimizer.reopen(file, {name}={own.__name__}(...))" in asked.stderr
    opt = bo.Optimizer.reopen(file)
    with pytest.raises(MissingPart, match=name):
        opt.ask_batch(9)
    opt.close()
    with bo.Optimizer.reopen(file, **part).storage:
        pass
    opt = bo.Optimizer.reopen(file, **part)
    assert opt.ask().state is TrialState.PENDING
    opt.close()


def test_the_same_part_given_again_is_no_change(run):
    """Not even one whose ``repr`` has an address in it."""
    file, name, part = run
    for _ in range(2):
        bo.Optimizer.reopen(file, **{name: type(part[name])()}).close()
    opt = bo.Optimizer.reopen(file, **part)
    assert opt.storage.read(kinds=("changed",)) == []
    opt.close()


def test_a_module_that_a_file_names_is_not_imported(tmp_path, monkeypatch):
    (tmp_path / "trap.py").write_text("raise SystemExit('imported')")
    monkeypatch.syspath_prepend(tmp_path)
    for text in ("trap:Own(n=1)", "trap:Own", "trap.inner:Own.<locals>.Deep()", "trap:Own(((("):
        with pytest.raises(MissingPart, match="nothing is imported because a file names it"):
            config_codec.read("surrogate", text)
    assert "trap" not in sys.modules


class Unprinted(bo.CovarianceTerm):
    """Has no fields, so that its ``repr`` is its name."""

    def value(self, x, y):
        return np.exp(-((x - y) ** 2).sum(axis=-1))


def test_a_part_of_ones_own_inside_one_of_the_package(tmp_path):
    file = tmp_path / "kernel.db"
    opt = bo.Optimizer(SPACE, seed=0, storage=file, surrogate=bo.MapGP(kernel=Unprinted()))
    opt.tell(opt.ask(), 1.0)
    opt.close()
    opt = bo.Optimizer.reopen(file)
    assert opt.best.value == 1.0
    with pytest.raises(MissingPart, match=r"Unprinted.*surrogate=\.\.\.\)"):
        opt.ask_batch(9)
    opt.close()


def test_a_run_of_another_version(tmp_path):
    """Parts in other words than today's, or of a kind that is no more, are read all the same."""
    file = tmp_path / "older.db"
    opt = bo.Optimizer(SPACE, seed=0, storage=file)
    opt.tell(opt.ask(), 1.0)
    (_, started), *_ = opt.storage.read(kinds=("started",))
    for surrogate in ("MapGP()", "MapGP(kernel_of_old='matern')", "Forest(trees=9)", "1 +"):
        parts = {**started["parts"], "surrogate": surrogate}
        opt.storage.append({"kind": "changed", "parts": parts})
        for words in (("show", file), ("export", file)):
            done = bayesopt(*words)
            assert done.exit_code == 0, (surrogate, done.stderr)
    opt.close()
    with sqlite3.connect(file) as connection:
        n = connection.execute("select count(*) from events where kind = 'changed'").fetchone()[0]
    connection.close()
    assert n == 4  # looking wrote none


def test_a_report_is_written_without_what_needs_the_part(run, tmp_path):
    path, name, _ = run
    with bo.SQLiteStorage(path) as storage:
        opt = bo.Optimizer.reopen(storage)
        for x in (0.1, 0.4, 0.7, 0.9):
            opt.add_observation({"x": x}, x * x)
    said = bayesopt("report", path)
    assert said.exit_code == 0, said.stderr
    page = path.with_suffix(".html").read_text("utf-8")
    assert "Use the setting of trial" in page
    assert f"There is no model in this report: the stored run has {name}=" in page
    assert "There is no model to show yet" in page
