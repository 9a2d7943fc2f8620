"""A run in another space: what changes, and what becomes of each trial and event."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from bayesopt.checks import listed, mapping, shown, suggestion
from bayesopt.optimizer.amending_events import Migrated, Retracted
from bayesopt.optimizer.events import Added, Enqueued, record_of, row_of, stored_row
from bayesopt.optimizer.fields import Row
from bayesopt.optimizer.queue import queued_points
from bayesopt.space import Space
from bayesopt.trial import Trial, TrialState

if TYPE_CHECKING:
    from bayesopt.optimizer.queries import RunQueries
    from bayesopt.storage.record import Record

Fate = Literal["kept", "outside", "left out"]

_OUTSIDE = "its point is outside of the space that the run was given"


@dataclass(frozen=True)
class TrialFate:
    """What becomes of a trial.

    Attributes
    ----------
    number : in the run as it was.
    fate : "kept": as it was; "outside": it informs the model, but its point is none of the new
        space; "left out": it cannot be expressed there.
    why : a reason, for the latter two.
    """

    number: int
    fate: Fate
    why: str | None = None


@dataclass(frozen=True)
class Migration:
    """How a run fits another space.

    Attributes
    ----------
    changes : how the spaces differ, a sentence each.
    trials : what becomes of each.
    rows : the rows in the new space of those that are taken along.
    """

    changes: list[str]
    trials: list[TrialFate]
    rows: dict[int, Row] = field(repr=False, default_factory=dict)

    @property
    def counts(self) -> dict[str, int]:
        """How many trials are kept, outside and left out."""
        found = Counter(trial.fate for trial in self.trials)
        return {fate: found[fate] for fate in ("kept", "outside", "left out")}

    @property
    def left_out(self) -> list[TrialFate]:
        """The trials that cannot be taken along."""
        return [trial for trial in self.trials if trial.fate == "left out"]


class Translation:
    """Points of one space as points of another.

    Parameters
    ----------
    old, new : the spaces.
    dropped : name -> the value at which a parameter of the old space is held from now on.
    added : name -> the value that all old trials had of a parameter of the new space.

    Raises
    ------
    TypeError, ValueError : for names that are not dropped or added, and for values that they
        cannot have.
    """

    def __init__(
        self, old: Space, new: Space, dropped: Mapping[str, Any], added: Mapping[str, Any]
    ) -> None:
        self.old, self.new, self.dropped = old, new, dropped
        gone = [name for name in old.names if name not in new.names]
        come = [name for name in new.names if name not in old.names]
        _check_names("dropped", dropped, gone, "of the run that the new space does not have")
        _check_names("added", added, come, "of the new space that the run does not have")
        for name, value in added.items():
            new.parameters[name].encode(value, f"added {name!r}")
        for name, value in dropped.items():
            old.parameters[name].encode(value, f"dropped {name!r}")
        self.added = dict(added)
        for name in come:
            value = getattr(new.parameters[name], "value", None)
            if name not in added and name not in new.columns:  # a constant
                self.added[name] = value
        self.gone = gone
        self.unknown = [name for name in come if name not in self.added]

    def point(self, params: Mapping[str, Any]) -> dict[str, Any]:
        """A point of the new space, its bounds and steps not regarded.

        Raises
        ------
        TypeError, ValueError : when there is none.
        """
        kept = {name: value for name, value in params.items() if name in self.new.names}
        for name in self.gone:
            wanted = self.dropped.get(name)
            if name in self.dropped and name in params and params[name] != wanted:
                raise ValueError(f"it had {name}={shown(params[name])}, not {shown(wanted)}")
        kept = _active({**self.added, **kept}, self.new)
        for name in self.unknown:
            if name not in kept and all(
                parent in kept and kept[parent] in values
                for parent, values in self.new.parameters[name].conditions.items()
            ):
                raise ValueError(f"nobody said which {name} it had")
        return self.new.decode(self.new.encode(kept, outside=True))

    def row(self, values: Row) -> Row:
        """The row in the new space of a stored row; errors as for :meth:`point`."""
        point = self.point(self.old.decode(row_of(values)))
        return stored_row(self.new.encode(point, outside=True))


def plan(
    optimizer: RunQueries,
    space: Space,
    dropped: Mapping[str, Any] | None,
    added: Mapping[str, Any] | None,
) -> tuple[Migration, Translation]:
    """What would become of a run in another space.

    Raises
    ------
    TypeError, ValueError : when it is not said which values parameters that come or go had.
    """
    what = "a mapping from names to values"
    given = mapping("dropped", {} if dropped is None else dropped, what)
    old = optimizer.space
    trials = [t for t in optimizer.trials if t.state is not TrialState.RETRACTED]
    constants = dict(given)
    for name in old.names:
        if name in space.names or name in given:
            continue
        had = [t.params[name] for t in trials if name in t.params]
        if any(value != had[0] for value in had):
            raise ValueError(
                f"the new space has no {name!r}, of which the trials have several values: say at "
                f"which it is held, dropped={{{name!r}: ...}} (--drop {name}=VALUE)"
            )
        constants |= {name: had[0]} if had else {}
    translation = Translation(
        old, space, constants, mapping("added", {} if added is None else added, what)
    )
    if trials and translation.unknown:
        missing = translation.unknown[0]
        need = not space.parameters[missing].conditions
        if need:
            raise ValueError(
                f"the run has no {missing!r}: say which value all its trials had, "
                f"added={{{missing!r}: ...}} (--added {missing}=VALUE)"
            )
    fates, rows = [], {}
    for trial in optimizer.trials:
        fate, row = _fate(trial, translation)
        fates.append(fate)
        if row is not None:
            rows[trial.number] = row
    return Migration(_changes(old, space, translation), fates, rows), translation


def records(optimizer: RunQueries, migration: Migration, translation: Translation) -> list[Record]:
    """The events of the run in the new space, with their times and writers."""
    fates = {trial.number: trial.fate for trial in migration.trials}
    numbers = [t.number for t in migration.trials if t.fate != "left out"]
    new_number = {old: new for new, old in enumerate(numbers)}
    renumbered = tuple(numbers) if numbers != list(range(len(numbers))) else None
    trials, begun = optimizer.trials, set[int]()
    found: list[Record] = []
    for _, record in optimizer.storage.read():
        kind, old = record["kind"], record.get("number")
        stamp: Record = {k: record[k] for k in ("time", "worker") if k in record}
        if kind == "started":
            found.append({**record, "space": _written(translation.new)})
            found.append({**record_of(Migrated(tuple(migration.changes), renumbered)), **stamp})
        elif kind == "enqueued":
            continue  # comes before its trial, or below
        elif not isinstance(old, int) or old not in fates:
            found.append(dict(record))
        elif fates[old] == "outside" and old not in begun:
            row = migration.rows[old]
            for event in _as_observation(trials[old], new_number[old], row):
                found.append({**record_of(event), **stamp})
        elif fates[old] == "kept":
            moved = _translated({**record, "number": new_number[old]}, translation)
            if kind == "asked" and old not in begun and record.get("origin") == "ENQUEUED":
                found.append({"kind": "enqueued", "row": moved["row"], **stamp})
            found.append(moved)
        if isinstance(old, int):
            begun.add(old)
    for queued in optimizer._history.queue:
        if queued.given is not None:
            found += _part_waiting(queued.given, translation.new)
        elif (waiting := _waiting(queued.row, translation)) is not None:
            found.append(record_of(Enqueued(waiting)))
    return found


def _part_waiting(given: Mapping[str, Any], new: Space) -> list[Record]:
    """Part of a point of the queue in the new space; nothing when it is part of none of it."""
    try:
        return [record_of(event) for event in queued_points(new, given)]
    except (TypeError, ValueError):
        return []


def _waiting(row: Any, translation: Translation) -> Row | None:
    """A point of the queue in the new space; None when it is none of it."""
    try:
        point = translation.point(translation.old.decode(row))
    except (TypeError, ValueError):
        return None
    new = translation.new
    return stored_row(new.encode(point)) if new.contains(point) else None


def _as_observation(trial: Trial, number: int, row: Row) -> Iterator[Any]:
    """A trial outside of the space as an observation, which informs the model only."""
    if trial.outcome is not None:
        yield Added(number, row, trial.outcome, None, True)
        return
    error = trial.error or trial.state.name.lower()
    yield Added(number, row, None, error, True)
    if trial.state is not TrialState.FAILED:
        yield Retracted(number, f"{_OUTSIDE}; it was {trial.state.name.lower()}")


def _translated(record: Record, translation: Translation) -> Record:
    """An event with its row in the new space, and without what only the old model knew."""
    moved = {k: v for k, v in record.items() if k != "state"}
    if "gradients" in moved:
        names = translation.new.names
        kept = {
            output: {k: v for k, v in of.items() if k in names}
            for output, of in moved["gradients"].items()
        }
        moved["gradients"] = {output: of for output, of in kept.items() if of}
    if "row" in moved:
        moved["row"] = list(translation.row(tuple(moved["row"])))
    if record["kind"] == "added":
        moved["outside"] = True
    return moved


def _fate(trial: Trial, translation: Translation) -> tuple[TrialFate, Row | None]:
    from bayesopt.optimizer.stored_values import legal

    space = translation.new
    try:
        asked = translation.point(trial.params if trial.asked is None else trial.asked)
        params = translation.point(trial.params)
        row = space.encode(params, outside=True)
    except (TypeError, ValueError) as error:
        return TrialFate(trial.number, "left out", str(error)), None
    asked_row = space.encode(asked, outside=True)
    if bool(legal(space, np.array([asked_row]))[0]) and space.contains(asked):
        return TrialFate(trial.number, "kept"), stored_row(row)
    return TrialFate(trial.number, "outside", _reason(space, asked)), stored_row(row)


def _reason(space: Space, params: Mapping[str, Any]) -> str:
    try:
        space.validate(params)
    except (TypeError, ValueError) as error:
        return str(error)
    return "it is between the steps"


def _changes(old: Space, new: Space, translation: Translation) -> list[str]:
    words = []
    for name in old.names:
        if name not in new.names:
            held = translation.dropped.get(name)
            words.append(
                f"{name}: dropped" + (f", held at {shown(held)}" if held is not None else "")
            )
        elif (before := old.parameters[name]) != (after := new.parameters[name]):
            words.append(f"{name}: {before!r} becomes {after!r}")
    for name in new.names:
        if name not in old.names:
            value = translation.added.get(name)
            had = f", {shown(value)} in all trials so far" if value is not None else ""
            words.append(f"{name}: added{had}")
    if [repr(c) for c in old.constraints] != [repr(c) for c in new.constraints]:
        words.append(f"known constraints: {listed(new.constraints) or 'none'}")
    return words


def _active(params: Mapping[str, Any], space: Space) -> dict[str, Any]:
    """The parameters that are active, given the others."""
    kept = dict(params)
    for _ in space.names:  # a parent may come after its child
        left = {
            name: value
            for name, value in kept.items()
            if all(
                parent in kept and kept[parent] in values
                for parent, values in space.parameters[name].conditions.items()
            )
        }
        if left.keys() == kept.keys():
            break
        kept = left
    return kept


def _check_names(what: str, given: Mapping[str, Any], known: list[str], whose: str) -> None:
    for name in given:
        if name not in known:
            raise ValueError(
                f"{what} has {shown(name)}, which is no parameter {whose}"
                f"{suggestion(name, known)}; there are: {listed(known) or 'none'}"
            )


def _written(space: Space) -> dict[str, Any] | None:
    try:
        return space.to_json()
    except (TypeError, ValueError):
        return None
