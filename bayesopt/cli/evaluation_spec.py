"""How a stored run evaluates its points: what ``bayesopt resume`` needs beside the run itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bayesopt.cli.spec import ObjectiveSpec, Spec, SpecError, read_limits, read_objective
from bayesopt.cli.trust import author, is_own, sealed, what_would_run
from bayesopt.objectives import as_arguments
from bayesopt.storage import SQLiteStorage

if TYPE_CHECKING:
    from bayesopt.optimizer import Optimizer
    from bayesopt.optimizer.events import Started
    from bayesopt.storage import Storage

_LIMITS = ("n_trials", "timeout", "target", "patience")
_STAYS = ("input", "timeout", "workdir", "retry_on", "retries", "retry_wait")
_RUN = (*_LIMITS, "stop_after_failures", "workers", "stop")


def save_evaluation_spec(optimizer: Optimizer, spec: Spec, settings: dict[str, Any]) -> None:
    """Keep in a file how its points are evaluated, until when, and who said so."""
    storage = optimizer.storage
    if not isinstance(storage, SQLiteStorage):
        return
    objective = {**asdict(spec.objective), "folder": str(spec.objective.folder.resolve())}
    default = ObjectiveSpec(None, (), "arguments", None, Path())
    for key in ("command", "templates", "files", "retry_on"):
        objective[key] = list(objective[key])
    for key in ("workdir", "templates", "files", "retry_on", "retries", "retry_wait"):
        if getattr(spec.objective, key) == getattr(default, key):  # as files had it before
            del objective[key]
    run = {key: settings[key] for key in _RUN if settings.get(key) is not None}
    description = {"objective": objective, "run": run, "by": author(storage.path)}
    before = _described(storage)
    same = before is not None and all(before.get(k) == v for k, v in description.items())
    if before is None or not same or not is_own(before, storage.path):
        storage.append({"kind": "described", **sealed(description)})


def _described(storage: Storage) -> dict[str, Any] | None:
    found = storage.read(kinds=("described",))
    return found[-1][1] if found else None


def load_evaluation_spec(
    file: Path, command: tuple[str, ...], may_run: Callable[[str], bool]
) -> tuple[Spec, dict[str, Any]]:
    """What a file says of its run, as a specification; ``command`` in place of its objective.

    Parameters
    ----------
    may_run : asked, with a text that shows it, about an objective that somebody else wrote into
        the file, or that was written elsewhere.

    Raises
    ------
    SpecError : the file holds no run, does not say enough, or holds what may not run.
    """
    from bayesopt.space import Space

    started, described = _read(file)
    if started is None:
        raise SpecError(
            f"{file} holds no run yet; begin one with bayesopt run SPEC --storage {file}"
        )
    if started.space is None:
        raise SpecError(f"the space of {file} has functions in it: continue the run in Python")
    if described is None and not command:
        raise SpecError(
            f"{file} does not say how to evaluate a point (it was begun in Python, or for ask and "
            "tell); give a command after --, or go on as it was begun"
        )
    where = f"{file}: what it says of its run"
    objective, run = _checked(described or {}, command, where)
    strange = None if described is None or command or is_own(described, file) else described
    if strange is not None and not may_run(what_would_run(strange, file)):
        raise SpecError(f"{file}: nothing was run")
    settings = {**run, **as_arguments(started.objectives), "storage": str(file)}
    if not any(key in settings for key in _LIMITS) and started.n_trials is not None:
        settings["n_trials"] = started.n_trials
    return Spec(Space.from_json(started.space), objective, run), settings


def _read(file: Path) -> tuple[Started | None, dict[str, Any] | None]:
    from bayesopt.optimizer import find_run
    from bayesopt.storage import SQLiteStorage, StorageError

    try:
        with SQLiteStorage(file, read_only=True) as storage:
            return find_run(storage), _described(storage)
    except StorageError as error:
        raise SpecError(str(error)) from error


def _checked(
    described: Mapping[str, Any], command: tuple[str, ...], where: str
) -> tuple[ObjectiveSpec, dict[str, Any]]:
    """The objective and the limits of a description that anybody may have written."""
    kept, run = described.get("objective", {}), described.get("run", {})
    if not isinstance(kept, Mapping) or not isinstance(run, Mapping):
        raise SpecError(f"{where} is damaged")
    table = {k: v for k, v in kept.items() if k != "folder" and v not in (None, [])}
    if command:  # in place of what the file holds; how it gets the parameters stays
        table = {k: v for k, v in table.items() if k in _STAYS}
        folder: object = str(Path.cwd())
    else:
        folder = kept.get("folder")
    if not isinstance(folder, str):
        raise SpecError(f"{where} is damaged")
    return read_objective(table, command, where, Path(folder)), read_limits(run, where)
