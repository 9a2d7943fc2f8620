"""Events: written and read back, each one checked; results taken back."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import fields
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import bayesopt as bo
from bayesopt.optimizer.event_log import EventLog
from bayesopt.optimizer.events import KINDS, Asked, Enqueued, read_event, record_of, stored_row
from bayesopt.optimizer.fields import EventError
from bayesopt.optimizer.fold import apply
from bayesopt.optimizer.history import History
from bayesopt.optimizer.history_data import run_data
from bayesopt.optimizer.stored_values import legal
from bayesopt.outcome import Outcome, outcome_from_json, outcome_to_json
from bayesopt.returned import read_outcome
from bayesopt.storage import MemoryStorage, StorageError
from bayesopt.trial import Origin, Trial, TrialState

from .running import LINE, MIXED, PLANE, events, line_value, mixed_value, optimizer, replayed, run


def eventful() -> bo.Optimizer:
    """A run with an event of every kind in it."""
    opt = optimizer(proposer=bo.RandomSearch())
    opt.enqueue({"x": 0.0, "rate": 0.5, "k": 2, "kind": "b"})
    opt.add_observation({"x": 9.0, "rate": 0.5, "k": 2, "kind": "b"}, 3.0, outside=True)
    opt.add_observation({"x": 1.0, "rate": 0.5, "k": 2, "kind": "b"}, float("nan"))
    first, *rest = opt.ask_batch(4)
    opt.tell(first, {"value": 1.0, "sd": 0.1, "constraints": {"c": -1}, "cost": 2, "info": [{}]})
    opt.tell_failure(rest[0], "no")
    opt.abandon(rest[1], "lost")
    opt.abandon(rest[2], "gone", retry=False)
    opt.tell(opt.ask(), 2.0)
    running = opt.ask()
    opt.report(running, 3.0, 1)
    opt.report(running, float("nan"), 2)
    opt.tell_stopped(running, "it diverged")
    opt.retract(first, "the scale was off")
    opt.correct(first, 1.5, why="weighed anew")
    opt.storage.append({"kind": "described", "anything": [1]})
    again = bo.Optimizer(MIXED, storage=opt.storage, proposer=bo.GridSearch(levels=2))
    return again.with_space(MIXED)


EVENTFUL = events(eventful())


def test_every_kind_is_among_them() -> None:
    assert {e["kind"] for e in EVENTFUL} == set(KINDS)


@pytest.mark.parametrize("record", EVENTFUL, ids=lambda record: record["kind"])
def test_what_is_written_is_what_is_read(record: dict[str, Any]) -> None:
    event = read_event(record)
    assert event is not None
    again = json.loads(json.dumps(record_of(event)))
    assert again == record
    assert read_event(again) == event


def test_kinds_of_others_are_left_alone() -> None:
    assert read_event({"kind": "note of somebody", "anything": 1}) is None
    storage = replayed([EVENTFUL[0], {"kind": "note of somebody", "x": 1}, *EVENTFUL[1:]])
    opt = bo.Optimizer(MIXED, storage=storage)
    assert opt.trials == bo.Optimizer(MIXED, storage=replayed(EVENTFUL)).trials


numbers = st.dictionaries(st.text(max_size=4), st.floats(-1e300, 1e300), max_size=3)


@st.composite
def outcomes(draw: st.DrawFn) -> Outcome:
    constraints, records = draw(numbers), draw(numbers)
    return Outcome(
        draw(st.floats(allow_nan=False, allow_infinity=False)),
        draw(st.none() | st.floats(1e-300, 1e300)),
        constraints,
        draw(st.none() | st.floats(0, 1e300)),
        draw(st.none() | st.recursive(st.text(max_size=3), lambda x: st.lists(x, min_size=1))),
        records,
        {name: draw(st.floats(1e-300, 1e300)) for name in [*constraints, *records]},
    )


@given(outcomes())
def test_outcomes_are_written_and_read(outcome: Outcome) -> None:
    data = json.loads(json.dumps(outcome_to_json(outcome)))
    assert outcome_from_json(data) == outcome
    assert read_outcome(data) == outcome
    assert set(data) <= {f.name for f in fields(Outcome)}


# -- damage --------------------------------------------------------------------------------------

ODD: list[Any] = [
    *(None, True, -1, 0, 1, 10**9, 10**400, 0.5, 1e300, -1e300, float("nan"), float("inf")),
    *("", "told", [], [None] * 5, [0.5] * 4, {}, {"value": 1.0}, {"a": {"b": float("nan")}}),
]


class Damaged(MemoryStorage):
    """Gives back other events than were written."""

    def __init__(self, records: list[dict[str, Any]]) -> None:
        super().__init__()
        self.records = records

    def read(self, since: int = 0, *, kinds: Any = None) -> list[tuple[int, Any]]:
        numbered = enumerate(self.records, 1)
        chosen = [(n, e) for n, e in numbered if kinds is None or e["kind"] in kinds]
        return [(n, dict(e)) for n, e in chosen if n > since]

    def append(self, event: Any, /) -> int:
        self.records.append(dict(event))
        return len(self.records)


class NoRun(Exception):
    """There is no event that begins a run, or one that names a part that does not exist."""


def used(records: list[dict[str, Any]]) -> bo.Optimizer:
    try:
        opt = bo.Optimizer.reopen(Damaged(records))
    except ValueError as error:
        if "holds no run" in str(error) or "the stored run has" in str(error):
            raise NoRun from error
        raise
    assert all(isinstance(t, Trial) for t in opt.trials)
    opt.result().to_dict()
    return opt


@settings(deadline=None, max_examples=300)
@given(st.data())
def test_damaged_bodies_are_refused_or_harmless(data: st.DataObject) -> None:
    records = [dict(e) for e in EVENTFUL]
    number = data.draw(st.integers(0, len(records) - 1))
    record = records[number]
    how = data.draw(st.sampled_from(["replace", "remove", "add", "swap", "drop", "double"]))
    if how in ("replace", "remove"):
        field = data.draw(st.sampled_from(sorted(set(record) - {"kind"})))
        if how == "remove":
            del record[field]
        else:
            record[field] = data.draw(st.sampled_from(ODD))
    elif how == "add":
        name = data.draw(st.sampled_from(["value", "error", "number", "row", "sd", "x"]))
        record[name] = data.draw(st.sampled_from(ODD))
    elif how == "swap":
        other = data.draw(st.integers(0, len(records) - 1))
        records[number], records[other] = records[other], records[number]
    elif how == "drop":
        del records[number]
    else:
        records.insert(number, dict(record))
    opt = None
    with suppress(StorageError, NoRun):
        opt = used(records)
    if opt is not None:
        assert [t.number for t in opt.trials] == [*range(len(opt.trials))]
        for t in opt.trials:
            assert t.value is None or np.isfinite(t.value)


@pytest.mark.parametrize(
    ("kind", "change", "reason"),
    [
        ("told", {"value": float("nan")}, "'value' must be a finite number"),
        ("told", {"value": 10**400}, "'value' must be a finite number"),
        ("told", {"number": -1}, "'number' must be a whole number"),
        ("told", {"number": 10**9}, "there is no trial 1000000000"),
        ("told", {"number": None}, "it has no 'number'"),
        ("told", {"sd": -1.0}, "'sd' must be > 0"),
        ("told", {"constraints": {"c": "x"}}, r"\"constraints\['c'\]\" must be a finite number"),
        ("told", {"values": 1}, "unknown key|a field 'values'"),
        ("asked", {"row": [None] * 5}, "is no point of the space"),
        ("asked", {"row": [1e300] * 5}, "is no point of the space"),
        ("asked", {"row": [0.5] * 4}, "4 numbers; the space has 5 columns"),
        ("asked", {"row": ["a"] * 5}, "'row' must be a finite number"),
        ("asked", {"origin": "X"}, "'origin' must be one of"),
        ("asked", {"number": 7}, "it has the number 7; the next is 2"),
        ("started", {"space": 3}, "'space' must be a mapping"),
        ("started", {"direction": "up"}, "'direction' must be one of"),
        ("started", {"parts": {"surrogate": "-" * 20001 + "1"}}, "short texts"),
    ],
)
def test_what_is_wrong_is_said(kind: str, change: dict[str, Any], reason: str) -> None:
    records = [dict(e) for e in EVENTFUL]
    number, record = next((n, e) for n, e in enumerate(records, 1) if e["kind"] == kind)
    record.update(change)
    with pytest.raises(StorageError, match=reason) as caught:
        used(records)
    assert f"event {number} ({kind!r})" in str(caught.value)


@pytest.mark.parametrize("space", [MIXED, LINE, PLANE])
def test_what_the_space_makes_is_legal(space: bo.Space) -> None:
    rng = np.random.default_rng(0)
    rows = space.to_rows(space.from_cube(rng.random((200, space.n_columns))))
    assert legal(space, rows).all()
    for j in range(space.n_columns):
        for odd in (np.nan, 1e300, -1e300, 77.5):
            other = rows.copy()
            other[:, j] = odd
            changed = ~np.isnan(rows[:, j]) | ~np.isnan(odd)
            assert not legal(space, other)[changed].any(), (space.columns[j], odd)


def test_a_proposer_that_leaves_the_space_is_refused() -> None:
    class Astray(bo.RandomSearch):
        def propose(self, situation: Any) -> Any:
            return np.array([np.nan])

    opt = bo.Optimizer(LINE, seed=0, proposer=Astray())
    with pytest.raises(ValueError, match=r"Astray\(.*no point of the space"):
        opt.ask()
    assert opt.trials == ()


# -- retracted -----------------------------------------------------------------------------------


def test_a_retracted_result_informs_nothing() -> None:
    """The next proposals are those of a run that never had it, streams apart."""
    opt = optimizer(LINE, initial_design=bo.InitialDesign(n=4))
    run(opt, line_value, 7)
    wrong = opt.add_observation({"x": 500.0}, -1e6, outside=True)
    assert opt.retract(wrong, "a slip of the pen").state is TrialState.RETRACTED
    assert opt.trials[7].error == "a slip of the pen"
    assert opt.trials[7].value is None
    clean = bo.Optimizer(
        LINE, storage=replayed([e for e in events(opt) if e.get("number") != 7]), seed=1
    )
    points = [{"x": x} for x in (-1.0, 0.3, 0.7, 2.0)]
    assert np.allclose(opt.predict(points).mean, clean.predict(points).mean, rtol=1e-3, atol=1e-3)
    assert (opt.best, opt.recommended) == (clean.best, clean.recommended)


@pytest.mark.parametrize("what", ["complete", "failed", "added"])
def test_a_reloaded_run_goes_on_alike_after_a_retraction(what: str) -> None:
    def past(opt: bo.Optimizer) -> None:
        run(opt, mixed_value, 8)
        bad = {
            "complete": lambda: opt.tell(opt.ask(), -50.0),
            "failed": lambda: opt.tell_failure(opt.ask(), "no"),
            "added": lambda: opt.add_observation(dict(opt.trials[0].params), 1e9),
        }[what]()
        run(opt, mixed_value, 1)
        opt.retract(bad.number, "why")

    opt = optimizer()
    past(opt)
    again = bo.Optimizer(MIXED, storage=replayed(events(opt)))
    assert again.trials == opt.trials
    assert run(again, mixed_value, 3) == run(opt, mixed_value, 3)
    assert all(t.state is not TrialState.RETRACTED for t in opt.trials[-3:])


def test_the_point_of_a_retracted_trial_may_be_asked_again() -> None:
    space = bo.Space(k=bo.Categorical(["a", "b"]))
    opt = bo.Optimizer(space, seed=0, proposer=bo.GridSearch())
    first, second = opt.ask_batch(2)
    opt.tell(first, 1.0)
    opt.tell(second, 2.0)
    opt.retract(first, "miswritten")
    assert opt.best == opt.trials[1]
    assert opt.ask().params == first.params


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda opt: opt.ask(), "no result to retract: pending; abandon"),
        (lambda opt: opt.abandon(opt.ask(), "x"), "no result to retract: abandoned"),
        (lambda opt: opt.retract(opt.tell(opt.ask(), 1.0), "x"), "retract: retracted"),
        (lambda opt: 99, "there is no trial 99"),
    ],
)
def test_what_cannot_be_retracted(make: Callable[[bo.Optimizer], Any], reason: str) -> None:
    opt = optimizer(LINE, proposer=bo.RandomSearch())
    trial = make(opt)
    before = events(opt)
    with pytest.raises(ValueError, match=reason):
        opt.retract(trial, "why")
    assert events(opt) == before


def test_the_result_of_a_retracted_trial_is_not_told_again() -> None:
    opt = optimizer(LINE, proposer=bo.RandomSearch())
    trial = opt.retract(opt.tell(opt.ask(), 1.0), "x")
    with pytest.raises(ValueError, match=r"already finished \(retracted\)"):
        opt.tell(trial, 2.0)


def test_a_run_that_takes_from_the_queue_what_is_not_in_it() -> None:
    row = stored_row(LINE.encode({"x": 0.0}))
    history = History(LINE)
    apply(history, Enqueued(row))
    with pytest.raises(EventError, match="not first in it"):
        apply(history, Asked(0, stored_row(LINE.encode({"x": 1.0})), Origin.ENQUEUED))
    apply(history, Asked(0, row, Origin.ENQUEUED))
    assert (len(history.queue), len(history.trials)) == (0, 1)


def test_what_is_kept_between_asks_is_what_a_fresh_reading_gives():
    """Columns and coordinates grow with the events; the same events read at once say the same."""
    space = bo.Space(x=bo.Float(1e-3, 1.0, log=True), k=bo.Int(0, 5))
    kept = bo.Optimizer(space, seed=0, proposer=bo.RandomSearch(), storage=MemoryStorage())
    for n in range(40):
        trial = kept.ask()
        if n % 5 == 1:
            kept.tell_failure(trial, "it diverged")
        elif n % 5 == 2:
            kept.abandon(trial, "lost", retry=n % 2 == 0)
        elif n % 5 == 3:
            kept.tell(trial, float(n), as_run={"x": 2.0, "k": 1})
        elif n % 10 == 5:
            kept.report(trial, float(n), 1)
            kept.tell_stopped(trial, "enough", as_run={"x": 0.5, "k": n % 4})
        elif n % 5 == 4:
            result = {"value": float(n), "sd": 0.1} if n % 2 else {"value": 1.0}
            told = kept.tell(trial, result | ({"constraints": {"c": -1.0}} if n % 3 else {}))
        if n == 25:
            kept.retract(told, "a wrong unit")
        fresh = EventLog(kept.storage, space, lease=None, retries=2).history
        one, two = (run_data(h, kept.problem) for h in (kept._history, fresh))
        assert one.problem == two.problem
        for name in ("coords", "evaluated", "failed", "pending", "outside"):
            np.testing.assert_array_equal(getattr(one, name), getattr(two, name))
        for a, b in zip(one.measured, two.measured, strict=True):
            assert a.same(b, len(one.evaluated))
    assert one.outside.any()
    assert len(one.failed)


def test_a_result_changes_nothing_else_of_a_trial(tmp_path):
    """Whatever a trial says of itself is said after it was told as well."""
    limit = {"c": "<= 3"}
    opt = bo.Optimizer(LINE, seed=0, storage=tmp_path / "run.db", outcome_constraints=limit)
    trial = opt.ask()
    told = opt.tell(trial, {"value": 1.0, "constraints": {"c": 2.0}})
    same = {f.name for f in fields(Trial) if getattr(told, f.name) == getattr(trial, f.name)}
    assert {f.name for f in fields(Trial)} - same == {"state", "outcome", "seconds"}
    assert told.feasible
    assert told.limits
    opt.close()
