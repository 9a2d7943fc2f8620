"""Where the files of these tests lie."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

# a sync costs 10 ms on a shared disk and nothing in memory; that it happens is tested elsewhere
IN_MEMORY = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None


@pytest.fixture
def quick_path() -> Iterator[Path]:
    """A path for a file, in memory where there is such a file system."""
    with tempfile.TemporaryDirectory(dir=IN_MEMORY) as folder:
        yield Path(folder, "run.db")
