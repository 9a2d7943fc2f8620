"""The contract of a storage: inherit the class, say which, and every law is checked."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bayesopt.storage import Storage, StorageError

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(), max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=8,
)
events = st.builds(
    lambda kind, rest: rest | {"kind": kind},
    st.text(min_size=1, max_size=6),
    st.dictionaries(
        st.text(max_size=5).filter(lambda k: k not in ("time", "worker")), json_values
    ),
)

# one law is run by every subclass: that is what differing executors are
law = settings(
    deadline=None, max_examples=25, suppress_health_check=[HealthCheck.differing_executors]
)


class StorageLaws:
    """Subclasses give ``fresh``: a context manager of two handles on the same, empty events."""

    @contextmanager
    def fresh(self) -> Iterator[tuple[Storage, Storage]]:
        """Two handles on the same events, of which there are none yet; closed at the end."""
        raise NotImplementedError

    @pytest.fixture
    def pair(self) -> Iterator[tuple[Storage, Storage]]:
        with self.fresh() as pair:
            yield pair

    def test_a_new_storage_is_empty(self, pair: tuple[Storage, Storage]) -> None:
        assert pair[0].read() == []

    @law
    @given(st.lists(events, max_size=6))
    def test_what_is_read_is_what_was_appended(self, written: list[dict[str, Any]]) -> None:
        with self.fresh() as (one, other):
            assert [one.append(event) for event in written] == [*range(1, len(written) + 1)]
            read = other.read()
        assert [seq for seq, _ in read] == [*range(1, len(written) + 1)]
        for event, (_, got) in zip(written, read, strict=True):
            assert isinstance(got.pop("time"), float)
            assert got == event
            assert _types(got) == _types(event)  # 1, 1.0 and True stay apart

    @law
    @given(
        st.lists(
            st.tuples(st.integers(0, 1), st.sampled_from(["append", "group", "fail", "read"])),
            max_size=14,
        )
    )
    def test_any_interleaving_of_two_handles(self, steps: list[tuple[int, str]]) -> None:
        model: list[int] = []
        with self.fresh() as handles:
            for number, (which, step) in enumerate(steps):
                handle = handles[which]
                if step == "append":
                    assert handle.append({"kind": "told", "n": number}) == len(model) + 1
                    model.append(number)
                elif step == "group":
                    with handle.exclusive():
                        handle.append({"kind": "told", "n": number})
                        assert [e["n"] for _, e in handle.read(len(model))] == [number]
                        handle.append({"kind": "told", "n": -number})
                    model += [number, -number]
                elif step == "fail":
                    with pytest.raises(KeyError):
                        _append_and_fail(handle)
                for reader in handles:
                    assert [e["n"] for _, e in reader.read()] == model

    def test_reading_since(self, pair: tuple[Storage, Storage]) -> None:
        for n in range(5):
            pair[n % 2].append({"kind": "told", "n": n})
        for since in range(7):
            got = [(seq, e["n"]) for seq, e in pair[1].read(since)]
            assert got == [(n + 1, n) for n in range(since, 5)]

    def test_reading_some_kinds(self, pair: tuple[Storage, Storage]) -> None:
        for kind in ("started", "asked", "told", "asked", 'it\'s; "odd"?'):
            pair[0].append({"kind": kind})
        for kinds in ([], ["asked"], ["told", "asked", "none"], {'it\'s; "odd"?'}):
            got = [(seq, e["kind"]) for seq, e in pair[1].read(1, kinds=kinds)]
            assert got == [(seq, e["kind"]) for seq, e in pair[1].read(1) if e["kind"] in kinds]

    def test_events_are_nobodys_objects(self, pair: tuple[Storage, Storage]) -> None:
        event = {"kind": "asked", "row": [1.0, None]}
        pair[0].append(event)
        event["row"][0] = 9.0  # type: ignore[index]
        pair[0].read()[0][1]["row"].append("x")
        assert pair[0].read()[0][1]["row"] == [1.0, None]

    def test_time_and_worker_are_kept(self, pair: tuple[Storage, Storage]) -> None:
        pair[0].append({"kind": "asked", "worker": "host:1", "time": 12.5})
        assert pair[1].read()[0][1] == {"kind": "asked", "worker": "host:1", "time": 12.5}

    def test_arrays_become_lists(self, pair: tuple[Storage, Storage]) -> None:
        pair[0].append({"kind": "asked", "row": np.array([0.1, 2.0]), "n": np.int64(3)})
        event = pair[0].read()[0][1]
        assert event["row"] == [0.1, 2.0]
        assert (event["n"], type(event["n"])) == (3, int)

    @pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf, [1.0, {"a": math.nan}]])
    def test_what_is_not_a_number_is_never_written(
        self, pair: tuple[Storage, Storage], bad: object
    ) -> None:
        with pytest.raises(ValueError, match=r"told.*'x'.*not JSON"):
            pair[0].append({"kind": "told", "x": bad})
        assert pair[0].read() == []

    @pytest.mark.parametrize(
        ("event", "error"),
        [
            ({"row": []}, "'kind'"),
            ({"kind": 3}, "'kind'"),
            ({"kind": ""}, "'kind'"),
            ({"kind": "told", "x": object()}, "JSON cannot express"),
            ({"kind": "told", "x": {1: 2}}, "keys"),
            ({"kind": "told", "time": "now"}, "'time'"),
            ({"kind": "told", "worker": 7}, "'worker'"),
            ("told", "mapping"),
        ],
    )
    def test_what_is_no_event(self, pair: tuple[Storage, Storage], event: Any, error: str) -> None:
        with pytest.raises((TypeError, ValueError), match=error):
            pair[0].append(event)
        assert pair[0].read() == []

    def test_the_outermost_transaction_decides(self, pair: tuple[Storage, Storage]) -> None:
        one, other = pair
        with one.exclusive():
            one.append({"kind": "a"})
            with one.exclusive():
                one.append({"kind": "b"})
        with pytest.raises(KeyError):
            _append_and_fail(other)
        assert [e["kind"] for _, e in one.read()] == ["a", "b"]

    def test_reading_and_appending_is_one_step(self, pair: tuple[Storage, Storage]) -> None:
        def count(handle: Storage) -> None:
            for _ in range(10):
                with handle.exclusive():
                    handle.append({"kind": "told", "n": len(handle.read())})

        _together([partial(count, handle) for handle in (*pair, *pair)])
        assert [e["n"] for _, e in pair[0].read()] == [*range(40)]

    def test_a_closed_storage_says_so(self, pair: tuple[Storage, Storage]) -> None:
        handle = pair[0]
        handle.close()
        handle.close()
        for use in (handle.read, lambda: handle.append({"kind": "told"})):
            with pytest.raises(StorageError, match="closed"):
                use()


def _append_and_fail(handle: Storage) -> None:
    with handle.exclusive():
        with handle.exclusive():
            handle.append({"kind": "lost"})
        raise KeyError


def _together(jobs: list[Callable[[], None]]) -> None:
    errors: list[BaseException] = []

    def run(job: Callable[[], None]) -> None:
        try:
            job()
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=run, args=(job,)) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors


def _types(value: object) -> object:
    if isinstance(value, dict):
        return {key: _types(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_types(inner) for inner in value]
    return type(value)
