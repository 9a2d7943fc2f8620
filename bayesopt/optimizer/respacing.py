"""A run goes on in another space, as a new run: ``Optimizer.with_space``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, cast

from bayesopt.checks import truth
from bayesopt.objectives import as_arguments
from bayesopt.optimizer.queries import RunQueries
from bayesopt.optimizer.run_header import as_space, closed_on_error
from bayesopt.space import Parameter, Space
from bayesopt.storage import MemoryStorage, Storage, open_storage

if TYPE_CHECKING:
    from bayesopt.optimizer.migration import Migration

_SHOWN = 5


class RunSpaces(RunQueries):
    """The methods of :class:`~bayesopt.Optimizer` that take a run into another space."""

    def with_space(
        self,
        space: Space | Mapping[str, Parameter],
        *,
        storage: str | Path | Storage | None = None,
        dropped: Mapping[str, Any] | None = None,
        added: Mapping[str, Any] | None = None,
        leave_out: bool = False,
    ) -> Self:
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

        space = as_space(space)
        truth("leave_out", leave_out)
        with self._event_log.whole(), self._event_log.lock:
            migration, translation = plan(self, space, dropped, added)
            if migration.left_out and not leave_out:
                raise ValueError(_not_taken(migration))
            written = records(self, migration, translation)
        opened = MemoryStorage() if storage is None else open_storage(storage)
        with closed_on_error(opened, storage):
            with opened.exclusive():
                if opened.read(kinds=("started",)):
                    raise ValueError(f"{opened.name} holds a run already; give another storage")
                for record in written:
                    opened.append(record)
            config, make = self.config, cast("Callable[..., Self]", type(self))
            return make(
                space,
                storage=opened,
                **as_arguments(self.problem.objectives),
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

        return plan(self, as_space(space), dropped, added)[0]


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
