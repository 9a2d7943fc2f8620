"""Files of earlier versions: opened, shown as their version saw them, continued."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

import bayesopt as bo
from bayesopt.storage import SQLiteStorage

from .files.record import described

FILES = sorted(Path(__file__).with_name("files").glob("*.db"))


def said(file: Path) -> object:
    return json.loads(file.with_suffix(".json").read_text())


def test_there_are_files() -> None:
    assert len(FILES) >= 6


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_shows_the_same_and_goes_on(tmp_path: Path, file: Path) -> None:
    path = tmp_path / "run.db"
    shutil.copy(file, path)
    opt = bo.Optimizer.reopen(path)
    assert described(opt) == said(file)
    told = [opt.tell(opt.ask(), 0.5) for _ in range(3)]
    after = described(opt)
    opt.close()
    again = bo.Optimizer.reopen(path)
    assert described(again) == after
    assert [again.trials[t.number] for t in told] == told
    again.close()


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_is_only_looked_at(tmp_path: Path, file: Path) -> None:
    path = tmp_path / "run.db"
    shutil.copy(file, path)
    path.chmod(0o444)
    before = path.read_bytes()
    with SQLiteStorage(path, read_only=True) as storage:
        opt = bo.Optimizer.reopen(storage)
        assert described(opt) == said(file)
    assert path.read_bytes() == before
