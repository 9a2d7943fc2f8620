"""Beginning a run, or finding one in its storage."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from bayesopt.checks import MOST_WHOLE, listed, optional, seconds, truth, whole
from bayesopt.objectives import as_arguments, with_thresholds
from bayesopt.optimizer import config_codec
from bayesopt.optimizer.declaring import OutputArguments
from bayesopt.optimizer.events import Changed, Started, read_event, record_of
from bayesopt.optimizer.fields import EventError
from bayesopt.output import Objective
from bayesopt.space import Space, UnknownParameterType
from bayesopt.storage import Storage, StorageError, open_storage

_LARGEST_SEED = 2**128 - 1  # as NumPy draws them
_MOST_THREADS = 1_024


@dataclass(frozen=True)
class RunHeader:
    """What the run's first event says, with its present parts made."""

    objectives: tuple[Objective, ...]
    seed: int
    deterministic: bool
    n_trials: int | None
    parts: Mapping[str, Any]
    declares: OutputArguments | None = None  # outputs that are still to be written


def as_space(space: object) -> Space:
    """A space, or the one of a mapping from names to parameters."""
    if isinstance(space, Space):
        return space
    if isinstance(space, Mapping):
        return Space(space)
    raise TypeError(
        "space must be a bayesopt.Space, or a dict of names and parameters; got "
        f"{type(space).__name__}: write Space(name=Float(0, 1), ...)"
    )


def check_settings(seed: object, deterministic: object, n_trials: object, threads: object) -> None:
    """Refuse arguments of the wrong kind, naming the argument."""
    optional(whole, "seed", seed, 0, _LARGEST_SEED)
    optional(truth, "deterministic", deterministic)
    optional(whole, "n_trials", n_trials, 1, MOST_WHOLE)
    whole("threads", threads, 1, _MOST_THREADS)


def check_retrying(lease: object, retries: object) -> None:
    """Refuse what cannot say when and how often a lost trial is handed out again."""
    optional(seconds, "lease", lease)
    whole("retries", retries, 0, MOST_WHOLE)


def open_run(
    storage: str | Path | Storage | None,
    space: Space,
    objectives: tuple[Objective, ...],
    seed: int | None,
    deterministic: bool | None,
    n_trials: int | None,
    given: Mapping[str, object],
    outputs: OutputArguments,
) -> tuple[Storage, RunHeader]:
    """Open a storage and begin a run in it, or continue the one that is there.

    ``given`` are the parts of the algorithm; None stands for the stored one, or the default.
    ``outputs`` are those beside the objective, as far as they are declared.

    Raises
    ------
    TypeError : for a part of the wrong kind.
    ValueError : when the stored run has another space, other objectives or another seed.
    """
    opened = open_storage(storage)
    with closed_on_error(opened, storage):
        found = find_run(opened)
        if found is None:
            with opened.exclusive():
                found = find_run(opened)  # another process may just have begun it
                if found is None:
                    return opened, _begin(
                        opened, space, objectives, seed, deterministic, n_trials, given, outputs
                    )
        header = _continued(opened, found, space, objectives, seed, deterministic, given)
        return opened, replace(header, declares=outputs)


def find_run(storage: Storage) -> Started | None:
    """What a storage says of its run, with its present parts; None when none was begun.

    Raises
    ------
    StorageError : when what it says cannot be.
    """
    found: Started | None = None
    for number, record in storage.read(kinds=(Started.kind, Changed.kind)):
        try:
            event = read_event(record)
        except EventError as error:
            raise StorageError(
                f"{storage.name}: event {number} ({record['kind']!r}) is damaged: {error}"
            ) from None
        if isinstance(event, Started) and found is None:
            found = event
        elif isinstance(event, Changed) and found is not None:
            found = replace(found, parts=event.parts)
            if event.thresholds is not None:
                changed = with_thresholds(found.objectives, event.thresholds)
                found = replace(found, objectives=changed)
    return found


@contextmanager
def closed_on_error(opened: Storage, given: object) -> Iterator[None]:
    """Close a storage again when what follows fails, unless it was given as one."""
    try:
        yield
    except BaseException:
        if opened is not given:
            opened.close()
        raise


def open_stored(storage: str | Path | Storage) -> Storage:
    """A storage that exists, opened; nothing is made where there is none.

    Raises
    ------
    FileNotFoundError, ValueError : when there is no file, or an empty one.
    """
    if not isinstance(storage, Storage):
        begin = "begin a run with Optimizer(space, storage=...)"
        exists, empty = _found(Path(storage))
        if not exists:
            raise FileNotFoundError(f"{storage} does not exist; {begin}")
        if empty:
            raise ValueError(f"{storage} is empty: it holds no run yet; {begin}")
    return open_storage(storage)


def _found(path: Path) -> tuple[bool, bool]:
    """Whether there is something at a path, and whether that is an empty file."""
    try:
        return path.exists(), path.is_file() and path.stat().st_size == 0
    except OSError:  # a name too long, a folder one may not look into: open_storage says which
        return True, False


def stored_problem(
    storage: Storage, name: str
) -> tuple[Space, dict[str, Any], Mapping[str, config_codec.Absent]]:
    """The space of the run in a storage that messages call ``name``, the arguments that its
    objectives are made of, and those of its parts that cannot be made.

    Raises
    ------
    ValueError : when there is no run, or its space cannot be kept in a file.
    """
    found = find_run(storage)
    if found is None:
        raise ValueError(f"{name} holds no run yet; begin one with Optimizer(space, storage=...)")
    if found.space is None:
        raise ValueError(
            f"the space of the run in {name} has functions as constraints (or choices that are no "
            "JSON), which a file cannot hold; continue it in Python with "
            "Optimizer(space, storage=...)"
        )
    try:
        space, objectives = Space.from_json(found.space), as_arguments(found.objectives)
        return space, objectives, config_codec.absent(found.parts)
    except UnknownParameterType as error:
        raise ValueError(f"{name}: {error}, or give Optimizer(space, storage=...)") from None
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        raise StorageError(
            f"{name}: its first event is damaged: it holds no search space ({error})"
        ) from error


def _begin(
    storage: Storage,
    space: Space,
    objectives: tuple[Objective, ...],
    seed: int | None,
    deterministic: bool | None,
    n_trials: int | None,
    given: Mapping[str, object],
    outputs: OutputArguments,
) -> RunHeader:
    chosen = secrets.randbits(32) if seed is None else int(seed)
    budget = None if n_trials is None else int(n_trials)
    parts = config_codec.complete(given, {}, len(objectives))
    started = RunHeader(objectives, chosen, bool(deterministic), budget, parts)
    event = Started(
        _written(space),
        objectives,
        started.seed,
        started.deterministic,
        started.n_trials,
        config_codec.write(started.parts),
        outputs.beginning(),
    )
    storage.append(record_of(event))
    return started


def _difference(stored: Mapping[str, Any], given: Mapping[str, Any]) -> str:
    """How two spaces differ, as they are written, for an error message."""
    try:
        old, new = ({p["name"]: p for p in space["parameters"]} for space in (stored, given))
    except (KeyError, TypeError):  # the file was written by something else
        return f"{stored}, not {given}"
    words = []
    if gone := [name for name in old if name not in new]:
        words.append(f"only the stored one has {listed(gone)}")
    if added := [name for name in new if name not in old]:
        words.append(f"only the given one has {listed(added)}")
    changed = [name for name in old if name in new and old[name] != new[name]]
    words += [f"{name!r} is stored as {old[name]}, given as {new[name]}" for name in changed[:3]]
    if len(changed) > 3:
        words.append(f"{len(changed) - 3} more parameters differ")
    if stored.get("constraints") != given.get("constraints"):
        words.append("their constraints differ")
    return "; ".join(words) or "the order of its parameters"


def _continued(
    storage: Storage,
    event: Started,
    space: Space,
    objectives: tuple[Objective, ...],
    seed: int | None,
    deterministic: bool | None,
    given: Mapping[str, object],
) -> RunHeader:
    written = _written(space)
    if event.space is not None and written is not None and event.space != written:
        raise ValueError(
            f"the stored run has another search space: {_difference(event.space, written)}. "
            "Give the same space to continue it, or another storage to begin a new run"
        )
    limits = _new_thresholds(event.objectives, objectives)
    if seed is not None and int(seed) != event.seed:
        raise ValueError(
            f"the stored run has seed={event.seed}; got {seed}. "
            "Leave seed out to continue it as it began"
        )
    if deterministic is not None and bool(deterministic) != event.deterministic:
        raise ValueError(
            f"the stored run has deterministic={event.deterministic}; got {deterministic}"
        )
    chosen = config_codec.complete(given, event.parts, len(objectives))
    # what nobody gave is as it was stored, if another version would put it in other words
    told = config_codec.write({name: part for name, part in given.items() if part is not None})
    if limits is not None or any(event.parts.get(name) != text for name, text in told.items()):
        storage.append(record_of(Changed(config_codec.write(chosen), thresholds=limits)))
    now = event.objectives if limits is None else with_thresholds(event.objectives, limits)
    # the budget only shaped the initial design: a run may be continued beyond it
    return RunHeader(now, event.seed, event.deterministic, event.n_trials, chosen)


def _new_thresholds(
    stored: tuple[Objective, ...], given: tuple[Objective, ...]
) -> dict[str, float] | None:
    """The thresholds given for a stored run; None when they are not given, or are as they were.

    Raises
    ------
    ValueError : when the stored run has other objectives.
    """
    if with_thresholds(stored, {}) != with_thresholds(given, {}):
        old, new = (_told(objectives) for objectives in (stored, given))
        raise ValueError(f"the stored run has {old}; got {new}")
    limits = {o.name: o.threshold for o in given if o.threshold is not None}
    before = {o.name: o.threshold for o in stored if o.threshold is not None}
    return None if not limits or limits == before else limits


def _told(objectives: tuple[Objective, ...]) -> str:
    """The objectives as they are given."""
    written = as_arguments(with_thresholds(objectives, {}))
    if len(objectives) == 1:
        return f"direction={written['direction']!r}"
    return f"objectives={written['objectives']}"


def _written(space: Space) -> dict[str, Any] | None:
    """The space as JSON; None when it has parts that cannot be written (callables, arbitrary
    objects).
    """
    try:
        return space.to_json()
    except (TypeError, ValueError):
        return None
