"""Every storage keeps the contract."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bayesopt.storage import MemoryStorage, SQLiteStorage, Storage
from bayesopt.testing.storages import StorageLaws

from .conftest import IN_MEMORY


class TestMemory(StorageLaws):
    @contextmanager
    def fresh(self) -> Iterator[tuple[Storage, Storage]]:
        with MemoryStorage() as storage:
            yield storage, storage


class TestSQLite(StorageLaws):
    wal = True

    @contextmanager
    def fresh(self) -> Iterator[tuple[Storage, Storage]]:
        with tempfile.TemporaryDirectory(dir=IN_MEMORY) as folder:
            path = Path(folder, "a run.db")
            with SQLiteStorage(path, wal=self.wal) as a, SQLiteStorage(path, wal=self.wal) as b:
                yield a, b


class TestSQLiteWithoutLog(TestSQLite):
    wal = False
