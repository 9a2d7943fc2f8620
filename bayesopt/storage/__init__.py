"""Where a run is kept: append-only events, in memory or in an SQLite file."""

from bayesopt.storage.base import Storage, StorageError
from bayesopt.storage.lease import Lease
from bayesopt.storage.memory import MemoryStorage
from bayesopt.storage.opening import open_storage
from bayesopt.storage.sqlite import SQLiteStorage

__all__ = ["Lease", "MemoryStorage", "SQLiteStorage", "Storage", "StorageError", "open_storage"]
