"""A folder for each trial: ``workdir``, with files copied in, templates filled, output kept."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from bayesopt.cli.spec import ObjectiveSpec, SpecError

NUMBER = "number"  # in braces: the trial's, where no parameter has that name
OUT, ERR = "stdout.txt", "stderr.txt"

_FIELD = re.compile(r"\{([^{}\s]+)\}")


def trial_folder(
    spec: ObjectiveSpec,
    number: int,
    params: Mapping[str, Any],
    names: Iterable[str],
    text: Callable[[object], str],
) -> Path:
    """Make the folder in which the command of a trial runs.

    Parameters
    ----------
    spec : its ``workdir``, ``files`` and ``templates``.
    params : what templates are filled with; ``names`` of the space that are absent leave nothing.
    text : how a value is written.
    """
    assert spec.workdir is not None
    path = spec.folder / spec.workdir.replace(f"{{{NUMBER}}}", str(number))
    path.mkdir(parents=True, exist_ok=True)
    for name in spec.files:
        source = spec.folder / name
        if source.is_dir():
            shutil.copytree(source, path / source.name, dirs_exist_ok=True)
        else:
            shutil.copy(source, path / source.name)
    known = {NUMBER: number, **{name: params.get(name, "") for name in names}}

    def filled(match: re.Match[str]) -> str:
        return text(known[match[1]]) if match[1] in known else match[0]

    for name in spec.templates:
        source = spec.folder / name
        target = path / source.name
        target.write_text(_FIELD.sub(filled, source.read_text("utf-8")), encoding="utf-8")
        shutil.copymode(source, target)
    return path


def check_folder(spec: ObjectiveSpec) -> None:
    """Refuse what cannot be a trial's folder.

    Raises
    ------
    SpecError : saying what is wrong.
    """
    if spec.workdir is None:
        if spec.templates or spec.files:
            what = "templates" if spec.templates else "files"
            raise SpecError(f'{what} need a folder of the trial: add workdir = "runs/{{number}}"')
        return
    fields = set(_FIELD.findall(spec.workdir))
    if fields != {NUMBER}:
        raise SpecError(
            "workdir must hold {number}, so that no two trials share a folder, and no other "
            f'field: workdir = "runs/{{number}}"; got {spec.workdir!r}'
        )
    seen = {OUT: "what the command prints", ERR: "what the command prints"}
    for what, names in (("files", spec.files), ("templates", spec.templates)):
        for name in names:
            source = spec.folder / name
            if not source.exists():
                raise SpecError(f"{what}: there is no {name!r} in {spec.folder}")
            if what == "templates" and not source.is_file():
                raise SpecError(f"templates: {name!r} is no file; list it under files")
            if source.name in seen:
                raise SpecError(f"{what}: {name!r} would be overwritten by {seen[source.name]}")
            seen[source.name] = f"{what} {name!r}"
