"""What the plug-ins' tests share: databases that Optuna leaves open are closed after each test."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec
from typing import Any

import pytest


@pytest.fixture(autouse=True)
def closed_databases(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Python 3.13 charges whichever test runs when the collector does with open connections."""
    if find_spec("optuna") is None:
        yield
        return
    from optuna.storages import RDBStorage

    opened: list[Any] = []
    begin = RDBStorage.__init__

    def remembered(self: Any, *args: Any, **options: Any) -> None:
        opened.append(self)
        begin(self, *args, **options)

    monkeypatch.setattr(RDBStorage, "__init__", remembered)
    yield
    for storage in opened:
        if hasattr(storage, "engine"):  # it was opened
            storage.remove_session()
            storage.engine.dispose()
