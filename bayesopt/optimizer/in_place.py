"""A run goes on in another space in its own file; a copy of it as it was stays beside it."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bayesopt.checks import listed
from bayesopt.optimizer.optimizer import Optimizer
from bayesopt.storage import SQLiteStorage

if TYPE_CHECKING:
    from bayesopt.optimizer.migration import Migration
    from bayesopt.space import Space
    from bayesopt.storage.record import Record


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
    waiting = [t.number for t in old.trials if t.state.name == "PENDING"]
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
