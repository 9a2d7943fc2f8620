"""Evaluations in a file, and seeds."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from bayesopt.checks import shown
from bayesopt.integrations.bayes_opt.observed import Observed
from bayesopt.storage import MemoryStorage, Storage, StorageError


@dataclass(frozen=True)
class Saved:
    """What a file holds.

    Attributes
    ----------
    evaluations : values in the order of the names, target, value of the constraint or None.
    seed : of the run; None in files of bayes_opt.
    failed : points whose evaluation raised an exception, as values in the order of the names.
    events : of the run that goes on, None where the file has none.
    suggestions : how many of the model's there were.
    """

    evaluations: tuple[tuple[list[Any], float, Any], ...]
    seed: int | None
    failed: tuple[list[Any], ...] = ()
    events: tuple[Mapping[str, Any], ...] | None = None
    suggestions: int = 0


def read_seed(random_state: Any) -> int:
    """A seed from an int, a RandomState or None.

    Raises
    ------
    TypeError : for anything else.
    """
    if random_state is None:
        return int(np.random.default_rng().integers(2**32))
    if isinstance(random_state, np.random.RandomState):
        return int(random_state.randint(2**31 - 1))
    if isinstance(random_state, int | np.integer) and random_state >= 0:
        return int(random_state)
    raise TypeError(
        "random_state must be a whole number >= 0, a RandomState or None; got "
        f"{shown(random_state)}"
    )


def save(
    path: str | Path, observed: Observed, seed: int, storage: Storage, suggestions: int
) -> None:
    """Write evaluations as JSON, in the form of bayes_opt as far as it goes, and the events."""
    points = observed.points
    constraints = [None if r.constraint is None else r.constraint.tolist() for r in points]
    data = {
        "keys": observed.names,
        "params": [[r.params[name] for name in observed.names] for r in points],
        "target": [r.target if math.isfinite(r.target) else None for r in points],
        "constraint_values": None if observed.limits is None else constraints,
        "seed": seed,
        "failed": [[point[name] for name in observed.names] for point in observed.failed],
        "suggestions": suggestions,
        "events": [event for _, event in storage.read()],
    }
    Path(path).write_text(json.dumps(data, indent=2, allow_nan=False), encoding="utf-8")


def load(path: str | Path, names: list[str]) -> Saved:
    """Read what :func:`save` or bayes_opt wrote.

    Raises
    ------
    ValueError : when it is no such file, or one of other parameters.
    """
    try:
        data = json.loads(Path(path).read_text(encoding="utf-8"))
        keys, params, targets = data["keys"], data["params"], data["target"]
        constraints = data.get("constraint_values") or [None] * len(targets)
        rows = list(zip(params, targets, constraints, strict=True))
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"{path} holds no saved run: {error!r}") from error
    if list(keys) != names:
        raise ValueError(f"{path} is of a run with the parameters {keys}; this one has {names}")
    if any(len(values) != len(names) for values, _, _ in rows):
        raise ValueError(
            f"{path} has categorical parameters in bayes_opt's coding, which is not read"
        )
    evaluations = tuple((v, math.nan if t is None else float(t), c) for v, t, c in rows)
    seed, events = data.get("seed"), data.get("events")
    failed = data.get("failed") or ()
    suggestions = data.get("suggestions", 0)
    if not (
        isinstance(failed, list | tuple)
        and all(isinstance(point, list) and len(point) == len(names) for point in failed)
        and (events is None or isinstance(events, list))
        and isinstance(suggestions, int)
    ):
        raise ValueError(f"{path} holds no saved run: 'failed', 'suggestions' or 'events'")
    return Saved(
        evaluations,
        seed if isinstance(seed, int) else None,
        tuple(failed),
        None if events is None else tuple(events),
        suggestions,
    )


def storage_of(path: str | Path, events: Sequence[Mapping[str, Any]]) -> Storage:
    """The events of a file, for an optimizer to go on with.

    Raises
    ------
    ValueError : when they are no events.
    """
    storage = MemoryStorage()
    try:
        for event in events:
            storage.append(event)
    except (TypeError, ValueError, StorageError) as error:
        raise ValueError(f"{path} holds no saved run: its events are damaged ({error})") from None
    return storage
