"""Copies and pickles of an optimizer: a run in memory is its events; a file stays where it is."""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from typing import Any

from bayesopt.objectives import as_arguments
from bayesopt.optimizer.queries import RunQueries
from bayesopt.storage import MemoryStorage, Storage


def reduced(optimizer: RunQueries) -> tuple[Callable[..., Any], tuple[Any, ...]]:
    """What ``pickle`` and ``copy`` need to make the optimizer again, from a copy of its events.

    Raises
    ------
    TypeError : when the run is kept in a file.
    """
    storage, event_log, config = optimizer.storage, optimizer._event_log, optimizer.config
    if storage.persistent:
        raise TypeError(
            f"this run is kept in {storage.name}: it cannot be copied or pickled. Send the path, "
            f"and open the file where it is needed with Optimizer.reopen({storage.name!r}); "
            "several processes of one host may have it open"
        )
    with event_log.lock:
        events = _copied(storage)
    options = {
        **as_arguments(optimizer.problem.objectives),
        "threads": optimizer._threads,
        "lease": event_log.lease,
        "retries": event_log.retries,
        "surrogate": config.surrogate,
        "acquisition": config.acquisition,
        "proposer": config.proposer,
        "initial_design": config.initial_design,
    }
    return _made, (type(optimizer), optimizer.space, events, options)


def _copied(storage: Storage) -> MemoryStorage:
    if isinstance(storage, MemoryStorage):
        return copy(storage)
    events = MemoryStorage()
    for _, event in storage.read():
        events.append(event)
    return events


def _made(
    kind: Callable[..., Any], space: Any, events: MemoryStorage, options: dict[str, Any]
) -> Any:
    return kind(space, storage=events, **options)
