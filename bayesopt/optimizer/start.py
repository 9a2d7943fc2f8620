"""Beginning a run, or finding one in its storage."""

from __future__ import annotations

import math
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from bayesopt.space import Space
from bayesopt.storage import Storage, open_storage


@dataclass(frozen=True)
class Started:
    """What the run's first event says."""

    seed: int
    deterministic: bool
    n_trials: int | None


def check_parts(
    space: object,
    direction: str,
    seed: object,
    n_trials: object,
    threads: object,
    parts: Mapping[str, tuple[object, type]],
) -> None:
    """Refuse arguments of the wrong kind, naming the argument."""
    if not isinstance(space, Space):
        raise TypeError(f"space must be a bayesopt.Space; got {type(space).__name__}: write Space(name=Float(0, 1), ...)")
    if direction not in ("minimize", "maximize"):
        raise ValueError(f"direction must be 'minimize' or 'maximize'; got {direction!r}")
    if seed is not None and (not _is_whole(seed) or seed < 0):  # type: ignore[operator]
        raise ValueError(f"seed must be a whole number >= 0 or None; got {seed!r}")
    if n_trials is not None and (not _is_whole(n_trials) or n_trials < 1):  # type: ignore[operator]
        raise ValueError(f"n_trials must be a whole number >= 1 or None; got {n_trials!r}")
    if not _is_whole(threads) or threads < 1:  # type: ignore[operator]
        raise ValueError(f"threads must be a whole number >= 1; got {threads!r}")
    for name, (part, kind) in parts.items():
        if not isinstance(part, kind):
            hint = f"; write {part.__name__}(), an instance" if isinstance(part, type) else ""
            raise TypeError(f"{name} must be a {kind.__name__}; got {part!r}{hint}")


def check_retrying(lease: object, retries: object) -> None:
    """Refuse what cannot say when and how often a lost trial is handed out again."""
    if lease is not None:
        check_seconds("lease", lease)
    if not _is_whole(retries) or retries < 0:  # type: ignore[operator]
        raise ValueError(f"retries must be a whole number >= 0; got {retries!r}")


def check_seconds(name: str, value: object) -> None:
    """Refuse anything but a finite number of seconds above 0."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 < value < math.inf:
        raise ValueError(f"{name} must be a finite number of seconds > 0; got {value!r}")


def open_run(
    storage: str | Path | Storage | None,
    space: Space,
    direction: str,
    seed: int | None,
    deterministic: bool | None,
    n_trials: int | None,
    parts: Mapping[str, str],
) -> tuple[Storage, Started]:
    """Open a storage and begin a run in it, or continue the one that is there.

    Raises
    ------
    ValueError : when the stored run has another space, direction or seed.
    """
    opened = open_storage(storage)
    try:
        return opened, _started(opened, space, direction, seed, deterministic, n_trials, parts)
    except BaseException:
        if opened is not storage:
            opened.close()
        raise


def _started(
    opened: Storage,
    space: Space,
    direction: str,
    seed: int | None,
    deterministic: bool | None,
    n_trials: int | None,
    parts: Mapping[str, str],
) -> Started:
    with opened.exclusive():
        for _, event in opened.read():
            if event["kind"] == "started":
                return _continued(event, space, direction, seed, deterministic, n_trials)
        chosen = secrets.randbits(32) if seed is None else int(seed)
        started = Started(chosen, bool(deterministic), n_trials)
        opened.append(
            {
                "kind": "started",
                "space": _written(space),
                "direction": direction,
                "seed": chosen,
                "deterministic": started.deterministic,
                "n_trials": None if n_trials is None else int(n_trials),
                "parts": dict(parts),
            }
        )
    return started


def _continued(
    event: Mapping[str, Any],
    space: Space,
    direction: str,
    seed: int | None,
    deterministic: bool | None,
    n_trials: int | None,
) -> Started:
    written = _written(space)
    if event.get("space") is not None and written is not None and event["space"] != written:
        raise ValueError(
            "the stored run has another search space; give the same space to continue it, or another storage to "
            f"begin a new run. Stored: {event['space']}; given: {written}"
        )
    if event["direction"] != direction:
        raise ValueError(f"the stored run has direction={event['direction']!r}; got {direction!r}")
    if seed is not None and int(seed) != int(event["seed"]):
        raise ValueError(
            f"the stored run has seed={event['seed']}; got {seed}. Leave seed out to continue it as it began"
        )
    if deterministic is not None and bool(deterministic) != bool(event["deterministic"]):
        raise ValueError(f"the stored run has deterministic={event['deterministic']}; got {deterministic}")
    # the budget only shaped the initial design: a run may be continued beyond it
    return Started(int(event["seed"]), bool(event["deterministic"]), event.get("n_trials"))


def _written(space: Space) -> dict[str, Any] | None:
    """The space as JSON; None when it has parts that cannot be written (callables, arbitrary objects)."""
    try:
        return space.to_json()
    except (TypeError, ValueError):
        return None


def _is_whole(value: object) -> bool:
    return isinstance(value, (int, np.integer)) and not isinstance(value, bool)
