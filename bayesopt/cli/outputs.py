"""The files that a run leaves beside its own: checked before the first evaluation."""

from __future__ import annotations

import os
from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from bayesopt.cli.spec import SpecError
from bayesopt.cli.terminal import complain

if TYPE_CHECKING:
    from bayesopt.result import Result


def check_outputs(
    csv: Path | None, plot: Path | None, others: Iterable[str | Path | None] = ()
) -> None:
    """Say now what would otherwise be said after hours.

    Parameters
    ----------
    others : files of the run, which no output may overwrite.

    Raises
    ------
    SpecError : one of them could not be written.
    """
    taken = [Path(other).resolve() for other in others if other is not None]
    for option, path in (("--csv", csv), ("--plot", plot)):
        if path is not None:
            _check_place(option, path)
            if path.resolve() in taken:
                raise SpecError(f"{option} {path}: another file of this run has that name")
            taken.append(path.resolve())
    if plot is not None:
        _check_form(plot)


def write_outputs(csv: Path | None, plot: Path | None, result: Result) -> bool:
    """Write the files that were asked for; False when one could not be."""
    kept = True
    for path, write in ((csv, _write_csv), (plot, _write_plot)):
        try:
            if path is not None:
                write(path, result)
        except OSError as error:
            complain(f"cannot write {path}: {error}")
            kept = False
    return kept


def _check_place(option: str, path: Path) -> None:
    folder = path.resolve().parent
    if not folder.is_dir():
        raise SpecError(f"{option}: cannot write {path}: its folder does not exist")
    if path.is_dir():
        raise SpecError(f"{option}: {path} is a folder; give the name of a file")
    if not os.access(path if path.exists() else folder, os.W_OK):
        raise SpecError(f"{option}: cannot write {path}: the permission is missing")


def _check_form(plot: Path) -> None:
    if find_spec("matplotlib") is None:
        raise SpecError("--plot needs matplotlib: pip install 'bayesopt-engine[plot]'")
    from bayesopt.plots.figure import new_figure

    forms = new_figure(1, 1).canvas.get_supported_filetypes()
    if plot.suffix.removeprefix(".").lower() not in forms:
        given = f"no picture ends in {plot.suffix}" if plot.suffix else "its name has no ending"
        raise SpecError(f"--plot {plot}: {given}; take one of .{', .'.join(sorted(forms))}")


def _write_csv(path: Path, result: Result) -> None:
    path.write_text(result.to_csv(), encoding="utf-8")


def _write_plot(path: Path, result: Result) -> None:
    from bayesopt.plots import convergence, front

    (front(result) if result.several else convergence({"run": result})).savefig(path)
