"""How a stored run evaluates its points: what ``bayesopt resume`` needs beside the run itself."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bayesopt.cli.spec import ObjectiveSpec, Spec, SpecError

if TYPE_CHECKING:
    from bayesopt.optimizer import Optimizer
    from bayesopt.storage import Storage

_LIMITS = ("n_trials", "timeout", "target", "patience")
_RUN = (*_LIMITS, "workers")


def remember(optimizer: Optimizer, spec: Spec, settings: dict[str, Any]) -> None:
    """Keep in a file how its points are evaluated, and until when."""
    if not optimizer.storage.persistent:
        return
    objective = {**asdict(spec.objective), "folder": str(spec.objective.folder.resolve())}
    run = {key: settings[key] for key in _RUN if settings.get(key) is not None}
    event = {"objective": {**objective, "command": list(objective["command"])}, "run": run}
    if _described(optimizer.storage) != event:
        optimizer.storage.append({"kind": "described", **event})


def _described(storage: Storage) -> dict[str, Any] | None:
    found = [event for _, event in storage.read(kinds=("described",))]
    return {key: found[-1][key] for key in ("objective", "run")} if found else None


def recall(file: Path, command: tuple[str, ...]) -> tuple[Spec, dict[str, Any]]:
    """What a file says of its run, as a specification; ``command`` in place of its objective.

    Raises
    ------
    SpecError : the file holds no run, or does not say enough.
    """
    from bayesopt.space import Space

    started, described = _read(file)
    if started is None:
        raise SpecError(
            f"{file} holds no run yet; begin one with bayesopt run SPEC --storage {file}"
        )
    if started["space"] is None:
        raise SpecError(f"the space of {file} has functions in it: continue the run in Python")
    if described is None and not command:
        raise SpecError(
            f"{file} does not say how to evaluate a point (it was begun in Python, or for ask and "
            "tell); give a command after --, or go on as it was begun"
        )
    run = described["run"] if described else {}
    settings = {**run, "direction": started["direction"], "storage": str(file)}
    if not any(key in settings for key in _LIMITS) and started["n_trials"] is not None:
        settings["n_trials"] = started["n_trials"]
    objective = _objective(described["objective"] if described else {}, command)
    return Spec(Space.from_json(started["space"]), objective, run), settings


def _read(file: Path) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:
    from bayesopt.optimizer import find_run
    from bayesopt.storage import SQLiteStorage, StorageError

    try:
        with SQLiteStorage(file, read_only=True) as storage:
            return find_run(storage), _described(storage)
    except StorageError as error:
        raise SpecError(str(error)) from error


def _objective(kept: dict[str, Any], command: tuple[str, ...]) -> ObjectiveSpec:
    style, timeout = kept.get("input", "arguments"), kept.get("timeout")
    if command:
        return ObjectiveSpec(None, command, style, timeout, Path.cwd())
    words, folder = tuple(kept["command"]), Path(kept["folder"])
    return ObjectiveSpec(kept["callable"], words, style, timeout, folder)
