"""A stored run goes on in another space: ``bayesopt.migrate``. In its own file, a copy of it as it
was stays beside it.
"""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bayesopt.checks import listed, shown, truth
from bayesopt.optimizer.optimizer import Optimizer
from bayesopt.optimizer.run_header import as_space
from bayesopt.space import Parameter, Space
from bayesopt.storage import SQLiteStorage
from bayesopt.trial import TrialState

if TYPE_CHECKING:
    from bayesopt.optimizer.migration import Migration
    from bayesopt.storage.record import Record


def migrate(
    source: str | Path,
    space: Space | Mapping[str, Parameter],
    to: str | Path | None = None,
    *,
    dropped: Mapping[str, Any] | None = None,
    added: Mapping[str, Any] | None = None,
    leave_out: bool = False,
) -> Optimizer:
    """A stored run in another space: in a new file, or in its own.

    In its own file it is changed in one step, so that a killed process leaves it as it was, and a
    copy of it as it was is left beside it: ``run.before-1.db`` of ``run.db``, then
    ``run.before-2.db``. Other processes that have the file open are refused from then on, until
    they open it again.

    Parameters
    ----------
    source : the file of the run.
    space : the new space.
    to : the new file, which must not exist; ``source`` then stays as it is. None: its own file.
    dropped, added, leave_out : as for ``Optimizer.with_space``.

    Raises
    ------
    FileNotFoundError, FileExistsError, TypeError, ValueError : naming what is wrong; in its own
        file also while somebody works on a trial.
    """
    if to is not None and Path(to).exists():
        raise FileExistsError(f"{shown(str(to))} exists; give another name")
    if not Path(source).exists():
        raise FileNotFoundError(f"{shown(str(source))} does not exist")
    if to is None:
        leave_out = truth("leave_out", leave_out)
        migrate_in_place(Path(source), as_space(space), dropped, added, leave_out)
        return Optimizer.reopen(source)
    with SQLiteStorage(source, read_only=True) as stored:
        old = Optimizer.reopen(stored)
        return old.with_space(space, storage=to, dropped=dropped, added=added, leave_out=leave_out)


def migrate_in_place(
    path: Path,
    space: Space,
    dropped: Mapping[str, Any] | None,
    added: Mapping[str, Any] | None,
    leave_out: bool,
) -> Path:
    """Take the run in a file into another space; the path of the copy of it as it was.

    All is done under the file's lock and in one transaction: a process that is killed leaves the
    run as it was. Who else has the file open has to open it again.

    Raises
    ------
    TypeError, ValueError : as for ``Optimizer.with_space``; and while somebody works on a trial,
        or has one whose number would change.
    """
    with SQLiteStorage(path) as storage:
        old = Optimizer.reopen(storage)
        log = old._event_log
        with log.whole(), log.transaction():
            migration = old.migration(space, dropped=dropped, added=added)
            _check_nobody_works(old, migration)
            new = old.with_space(space, dropped=dropped, added=added, leave_out=leave_out)
            copy = _copy_beside(path, [record for _, record in storage.read()])
            storage.rewrite(record for _, record in new.storage.read())
    return copy


def _check_nobody_works(old: Optimizer, migration: Migration) -> None:
    history = old._event_log.history
    lost = history.expired(time.time())
    out = [number for number in history.leases if number not in lost]
    if out:
        raise ValueError(
            f"somebody works on trial {listed(out)}: wait for the results, or abandon them, or "
            "write the run to a new file (-o NEW.db, to=)"
        )
    waiting = [t.number for t in old.trials if t.state is TrialState.PENDING]
    first = min((t.number for t in migration.left_out), default=len(old.trials))
    moved = [number for number in waiting if number > first]
    if moved:
        raise ValueError(
            f"trials are left out, so that trial {listed(moved)}, which is still out, would get "
            "another number: tell or abandon it first, or write the run to a new file "
            "(-o NEW.db, to=)"
        )


def _copy_beside(path: Path, records: list[Record]) -> Path:
    """The run as it was, whole under its name or not there at all."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    part.unlink(missing_ok=True)
    try:
        with SQLiteStorage(part) as copy, copy.exclusive():
            for record in records:
                copy.append(record)
        return _named(part, path)
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)


def _named(part: Path, path: Path) -> Path:
    """Give a finished file the first free name; it overwrites nothing."""
    number = 1
    while True:
        copy = path.with_name(f"{path.stem}.before-{number}{path.suffix}")
        try:
            copy.touch(exist_ok=False)
        except FileExistsError:
            number += 1
            continue
        part.replace(copy)
        return copy
