"""Where a run is kept: append-only events, in memory or in an SQLite file."""

from bayesopt.storage.base import Storage, StorageError, open_storage
from bayesopt.storage.memory import MemoryStorage
from bayesopt.storage.sqlite import SQLiteStorage

__all__ = ["MemoryStorage", "SQLiteStorage", "Storage", "StorageError", "open_storage"]
