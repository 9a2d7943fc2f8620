"""Large events, such as a run's first one with a table of 100,000 candidates."""

import json
import sqlite3

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bayesopt.storage import SQLiteStorage, StorageError, record

ROWS = [[i, f"solvent [{i}", 0.5 * i] for i in range(9_000)]


def nesting(value):
    """How deep lists and mappings are nested, from what was parsed."""
    if isinstance(value, dict):
        value = list(value.values())
    return 1 + max(map(nesting, value), default=0) if isinstance(value, list) else 0


values = st.recursive(
    st.text('ab"\\[]{}é\n', max_size=6) | st.integers(),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text("[{\\", max_size=3), inner)
    ),
)


@given(values, st.booleans())
def test_depth_is_that_of_what_is_parsed(value, escaped):
    assert record._depth(json.dumps(value, ensure_ascii=escaped)) == nesting(value)


def test_a_large_event_read_again_is_as_it_was_written(tmp_path):
    with SQLiteStorage(tmp_path / "run.db") as storage:
        storage.append({"kind": "started", "table": ROWS})
        storage.append({"kind": "told", "number": 0})
        for _ in range(3):
            (_, first), (_, second) = storage.read()
            assert (first["table"], second["number"]) == (ROWS, 0)
            first.clear()  # a reader's copy is its own
    with SQLiteStorage(tmp_path / "run.db") as storage:
        for kinds in (("started",), ("started",), None):
            assert storage.read(kinds=kinds)[0][1]["table"] == ROWS


def test_a_large_event_that_changes_after_it_was_read_is_refused(tmp_path):
    path = tmp_path / "run.db"
    with SQLiteStorage(path) as storage:
        storage.append({"kind": "started", "table": ROWS})
        storage.read()
        other = sqlite3.connect(path)
        with other:
            (trigger,) = other.execute(
                "SELECT name FROM sqlite_master WHERE type = 'trigger' AND sql LIKE '%UPDATE%'"
            ).fetchone()
            other.execute(f"DROP TRIGGER {trigger}")
            other.execute("UPDATE events SET body = replace(body, 'solvent [7\"', 'solvent [8\"')")
        other.close()
        with pytest.raises(StorageError, match="event 1 "):
            storage.read()
