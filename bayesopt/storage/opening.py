"""From what a user writes to a storage."""

from __future__ import annotations

from pathlib import Path

from bayesopt.storage.base import Storage
from bayesopt.storage.memory import MemoryStorage
from bayesopt.storage.sqlite import SQLiteStorage


def open_storage(spec: str | Path | Storage | None, /) -> Storage:
    """The storage that ``spec`` means.

    Parameters
    ----------
    spec : None (in memory), the path of an SQLite file (made if missing), or a storage.

    Raises
    ------
    TypeError, ValueError : for anything else.
    StorageError : if the file cannot be used.
    """
    if spec is None:
        return MemoryStorage()
    if isinstance(spec, Storage):
        return spec
    if not isinstance(spec, (str, Path)):
        raise TypeError(f"storage must be None, a path or a Storage; got {type(spec).__name__}")
    text = str(spec)
    if text in ("", ":memory:"):
        raise ValueError(f"storage={text!r} names no file; use None to keep a run in memory")
    if "://" in text:
        raise ValueError(
            f"storage must be the path of a file such as 'run.db'; got the URL {text!r}. "
            "Runs shared through a database server go through Optuna's storages and our sampler"
        )
    return SQLiteStorage(spec)
