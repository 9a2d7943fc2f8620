"""Who evaluates: this process, several of its own, or a function like ``map``."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from bayesopt.checks import shown, whole

_MOST = 10_000  # processes
Map = Callable[[Callable[..., Any], Iterable[Any]], Iterable[Any]]


@contextmanager
def evaluator(workers: Any, batch: int | None) -> Iterator[tuple[Map, int]]:
    """What evaluates points, and how many of them at once.

    Raises
    ------
    TypeError, ValueError : for a number of processes that is none.
    """
    size = None if batch is None else whole("batch", batch, 1)
    cores = os.cpu_count() or 1
    if callable(workers):
        yield workers, size or cores
        return
    n = whole(
        "workers", workers, -1, _MOST, also=", a number of processes, or a function like map"
    )
    if n == 0:
        raise ValueError(f"workers must be >= 1, or -1 for one to each core; got {shown(workers)}")
    n = cores if n == -1 else n
    if n == 1:
        yield map, size or 1
        return
    from concurrent.futures import ProcessPoolExecutor

    with ProcessPoolExecutor(n) as pool:
        yield pool.map, size or n
