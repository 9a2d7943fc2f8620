"""Who evaluates: this process, several of its own, or a function like ``map``."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from numbers import Integral
from typing import Any

from bayesopt.integrations.scipy.reading import read_count

Map = Callable[[Callable[..., Any], Iterable[Any]], Iterable[Any]]


@contextmanager
def crew(workers: Any, batch: int | None) -> Iterator[tuple[Map, int]]:
    """What evaluates points, and how many of them at once.

    Raises
    ------
    ValueError : for a number of processes that is none.
    """
    size = None if batch is None else read_count("batch", batch)
    cores = os.cpu_count() or 1
    if callable(workers):
        yield workers, size or cores
        return
    if isinstance(workers, bool) or not isinstance(workers, Integral):
        raise ValueError(f"workers must be a number of processes or like map; got {workers!r}")
    if workers < -1 or workers == 0:
        raise ValueError(f"workers must be >= 1, or -1 for one to each core; got {workers!r}")
    n = cores if workers == -1 else int(workers)
    if n == 1:
        yield map, size or 1
        return
    from concurrent.futures import ProcessPoolExecutor

    with ProcessPoolExecutor(n) as pool:
        yield pool.map, size or n
