"""A run goes on in another space: ``Optimizer.with_space`` and ``bayesopt.migrate``."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from bayesopt.checks import shown, truth
from bayesopt.objectives import as_arguments
from bayesopt.optimizer.run_header import as_space, closed_on_error
from bayesopt.space import Parameter, Space
from bayesopt.storage import MemoryStorage, Storage, open_storage

if TYPE_CHECKING:
    from bayesopt.optimizer.migration import Migration
    from bayesopt.optimizer.optimizer import Optimizer

_SHOWN = 5


class RunSpaces:
    """The methods of :class:`~bayesopt.Optimizer` that take a run into another space."""

    def with_space(
        self,
        space: Space | Mapping[str, Parameter],
        *,
        storage: str | Path | Storage | None = None,
        dropped: Mapping[str, Any] | None = None,
        added: Mapping[str, Any] | None = None,
        leave_out: bool = False,
    ) -> Optimizer:
        """The run in another space, as a new run; this one stays as it is.

        Levels and parameters may come and go, bounds may be moved. A trial whose point is none of
        the new space still informs the model. Times, workers and corrections are kept.

        Parameters
        ----------
        space : the new space.
        storage : where to keep the new run, which must be empty; None for memory.
        dropped : name -> the value at which a parameter of the run is held from now on; needed
            where the trials have several. Those with another value cannot be taken along.
        added : name -> the value that all trials so far had of a new parameter.
        leave_out : leave out the trials that cannot be taken along; the others are then numbered
            anew, and the event "migrated" keeps their old numbers.

        Raises
        ------
        TypeError, ValueError : when a value is missing, or trials cannot be taken along.
        """
        from bayesopt.optimizer.migration import plan, records

        optimizer, space = cast("Optimizer", self), as_space(space)
        truth("leave_out", leave_out)
        with optimizer._event_log.whole(), optimizer._event_log.lock:
            migration, translation = plan(optimizer, space, dropped, added)
            if migration.left_out and not leave_out:
                raise ValueError(_not_taken(migration))
            written = records(optimizer, migration, translation)
        opened = MemoryStorage() if storage is None else open_storage(storage)
        with closed_on_error(opened, storage):
            with opened.exclusive():
                if opened.read(kinds=("started",)):
                    raise ValueError(f"{opened.name} holds a run already; give another storage")
                for record in written:
                    opened.append(record)
            config = optimizer.config
            return type(optimizer)(
                space,
                storage=opened,
                **as_arguments(optimizer.problem.objectives),
                surrogate=config.surrogate,
                acquisition=config.acquisition,
                proposer=config.proposer,
                initial_design=config.initial_design,
            )

    def migration(
        self,
        space: Space | Mapping[str, Parameter],
        *,
        dropped: Mapping[str, Any] | None = None,
        added: Mapping[str, Any] | None = None,
    ) -> Migration:
        """What :meth:`with_space` would do: how the spaces differ, and what becomes of each trial.

        Raises
        ------
        TypeError, ValueError : as there, but for trials that cannot be taken along.
        """
        from bayesopt.optimizer.migration import plan

        return plan(cast("Optimizer", self), as_space(space), dropped, added)[0]


def _not_taken(migration: Migration) -> str:
    left = migration.left_out
    words = [f"trial {t.number}: {t.why}" for t in left[:_SHOWN]]
    words += [f"and {len(left) - _SHOWN} more"] if len(left) > _SHOWN else []
    return "\n  ".join(
        [
            f"{len(left)} trials cannot be taken along; leave_out=True (--leave-out) goes on "
            "without them:",
            *words,
        ]
    )


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
    from bayesopt.optimizer.optimizer import Optimizer
    from bayesopt.storage import SQLiteStorage

    if to is not None and Path(to).exists():
        raise FileExistsError(f"{shown(str(to))} exists; give another name")
    if not Path(source).exists():
        raise FileNotFoundError(f"{shown(str(source))} does not exist")
    if to is None:
        from bayesopt.optimizer.in_place import migrate_in_place

        migrate_in_place(
            Path(source), as_space(space), dropped, added, truth("leave_out", leave_out)
        )
        return Optimizer.reopen(source)
    with SQLiteStorage(source, read_only=True) as stored:
        old = Optimizer.reopen(stored)
        return old.with_space(space, storage=to, dropped=dropped, added=added, leave_out=leave_out)
