"""A run goes on in another space in its own file: all of it or nothing, and a copy stays."""

import os
import subprocess
import sys
from contextlib import closing
from itertools import count
from pathlib import Path

import pytest

import bayesopt as bo
from bayesopt.storage import SQLiteStorage, StorageError
from bayesopt.trial import TrialState

SPACE = {"t": bo.Float(20.0, 100.0), "kind": bo.Categorical(["a", "b"])}
WIDE = {"t": bo.Float(0.0, 200.0), "kind": bo.Categorical(["a", "b", "c"])}
NARROW = {"t": bo.Float(50.0, 60.0), "kind": bo.Categorical(["a", "b"])}


def opened(path, space=None):
    return bo.Optimizer(
        bo.Space(SPACE if space is None else space),
        seed=0,
        proposer=bo.RandomSearch(),
        storage=path,
    )


def make(path):
    with closing(opened(path)) as opt:
        for value in (3.0, 1.0, 2.0):
            opt.tell(opt.ask(), value)
        opt.tell_failure(opt.ask(), "spilled")
        opt.correct(1, 4.0)
        opt.ask(hold=True)
        opt.enqueue({"t": 55.0, "kind": "b"})
    return events(path)


def events(path):
    with SQLiteStorage(path, read_only=True) as storage:
        return [record for _, record in storage.read()]


def what_is_known(opt):
    return [(t.state, t.outcome, t.params, t.error, t.start) for t in opt.trials]


@pytest.mark.parametrize("space", [WIDE, NARROW])
def test_it_is_what_a_new_file_would_be_and_a_copy_stays(tmp_path, space):
    before = make(tmp_path / "run.db")
    with closing(bo.migrate(tmp_path / "run.db", space, tmp_path / "new.db")) as new:
        expected = what_is_known(new)
    with closing(bo.migrate(tmp_path / "run.db", space)) as moved:
        assert what_is_known(moved) == expected
        assert moved.space == bo.Space(space)
        trial = moved.ask()
        withdrawn = moved.trials[4].state is TrialState.RETRACTED  # outside of the new space
        (moved.correct if withdrawn else moved.tell)(4, 7.0)  # handed out before
        moved.tell(trial, 8.0)
    assert events(tmp_path / "run.before-1.db") == before
    assert sorted(p.name for p in tmp_path.iterdir()) == ["new.db", "run.before-1.db", "run.db"]
    with closing(opened(tmp_path / "run.db", space)) as again:
        assert again.trials[4].value == 7.0
    bo.migrate(tmp_path / "run.db", SPACE).close()
    assert (tmp_path / "run.before-2.db").exists()
    assert events(tmp_path / "run.before-1.db") == before


@pytest.mark.slow
def test_broken_off_anywhere_it_is_the_run_it_was(tmp_path, monkeypatch):
    path = tmp_path / "run.db"
    before = make(path)
    append = SQLiteStorage.append
    for last in count():
        written = count()

        def interrupted(storage, event, written=written, last=last):
            if next(written) == last:
                raise KeyboardInterrupt
            return append(storage, event)

        monkeypatch.setattr(SQLiteStorage, "append", interrupted)
        try:
            bo.migrate(path, WIDE).close()
            break
        except KeyboardInterrupt:
            assert events(path) == before
        finally:
            monkeypatch.undo()
        assert not list(tmp_path.glob(".*")), "a half copy is left"
    assert last > 2 * len(before)  # the copy and the new events, one by one
    assert events(path) != before


@pytest.mark.skipif(not hasattr(os, "fork"), reason="a process that ends at once")
def test_a_killed_process_leaves_the_run_it_was(tmp_path):
    path = tmp_path / "run.db"
    before = make(path)
    code = f"""
import os
import bayesopt as bo
from bayesopt.storage import SQLiteStorage
append, n = SQLiteStorage.append, 0
def killed(storage, event):
    global n
    n += 1
    if n == {2 * len(before)}:
        os._exit(7)
    return append(storage, event)
SQLiteStorage.append = killed
bo.migrate({str(path)!r}, {{"t": bo.Float(0.0, 200.0), "kind": bo.Categorical(["a", "b"])}})
"""
    root = str(Path(bo.__file__).parents[1])
    paths = os.pathsep.join([root, f"{root}/kernels", os.environ.get("PYTHONPATH", "")])
    environment = {**os.environ, "PYTHONPATH": paths}
    done = subprocess.run([sys.executable, "-c", code], env=environment, check=False)
    assert done.returncode == 7
    assert events(path) == before
    assert events(tmp_path / "run.before-1.db") == before
    bo.migrate(path, WIDE).close()
    assert events(tmp_path / "run.before-2.db") == before


def test_who_has_it_open_must_open_it_again(tmp_path):
    make(tmp_path / "run.db")
    with (
        closing(opened(tmp_path / "run.db")) as stale,
        SQLiteStorage(tmp_path / "run.db") as reader,
    ):
        reader.read()
        bo.migrate(tmp_path / "run.db", WIDE).close()
        for call in (stale.ask, lambda: stale.tell(4, 1.0), reader.read):
            with pytest.raises(StorageError, match=r"into another space.*open it again"):
                call()
        known = events(tmp_path / "run.db")
    assert events(tmp_path / "run.db") == known
    with closing(opened(tmp_path / "run.db", WIDE)) as again:
        again.tell(4, 1.0)


def test_who_has_an_old_file_open_is_not_troubled_by_a_tidied_one(tmp_path):
    make(tmp_path / "run.db")
    with (
        closing(opened(tmp_path / "run.db")) as stays,
        SQLiteStorage(tmp_path / "run.db") as other,
    ):
        other._run("VACUUM")  # SQLite counts it as a change of tables
        stays.tell(4, 1.0)


def test_it_waits_for_those_who_work(tmp_path):
    make(tmp_path / "run.db")
    with closing(opened(tmp_path / "run.db")) as busy:
        trial = busy.ask()
        with pytest.raises(ValueError, match=rf"somebody works on trial {trial.number}\b"):
            bo.migrate(tmp_path / "run.db", WIDE)
        assert not (tmp_path / "run.before-1.db").exists()
        busy.tell(trial, 1.0)
    bo.migrate(tmp_path / "run.db", WIDE).close()


def test_a_trial_that_is_out_keeps_its_number(tmp_path):
    make(tmp_path / "run.db")
    other = {"t": bo.Float(20.0, 100.0)}
    with closing(opened(tmp_path / "run.db")) as opt:
        kind = opt.trials[4].params["kind"]
        assert len({t.params["kind"] for t in opt.trials}) == 2
    with pytest.raises(ValueError, match=r"trial 4, which is still out, would get another number"):
        bo.migrate(tmp_path / "run.db", other, dropped={"kind": kind}, leave_out=True)
    with closing(opened(tmp_path / "run.db")) as opt:
        opt.tell(4, 0.0)
    with closing(
        bo.migrate(tmp_path / "run.db", other, dropped={"kind": kind}, leave_out=True)
    ) as moved:
        assert 0 < len(moved.trials) < 5
