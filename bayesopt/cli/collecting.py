"""``bayesopt collect``: the results that jobs have left in a folder, a file each."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bayesopt.cli.answers import Answer, read_result, tell_all
from bayesopt.cli.exit_status import USAGE
from bayesopt.cli.run_file import File, print_trials, problems, reopened
from bayesopt.cli.terminal import complain
from bayesopt.trial import TrialState

if TYPE_CHECKING:
    from bayesopt.optimizer import Optimizer
    from bayesopt.trial import Trial

_SUFFIXES = (".json", ".txt")


def collect(
    file: File,
    folder: Annotated[Path, typer.Argument(help="With a file N.json for each finished trial N.")],
) -> None:
    """Tell the results that jobs have written into FOLDER: 7.json holds that of trial 7.

    A file holds a number, or a JSON object with "value" (and the run's other outputs by name), or
    with "error" for a failure; its last line counts. What was collected before is left alone, so
    the command can be given again at any time. Files that cannot be taken are named, and the
    others are taken; then the exit status is 2.
    """
    with problems(), reopened(file) as optimizer:
        if not folder.is_dir():
            raise ValueError(
                f"{folder} is no folder; it is to hold a file N.json for each trial N"
            )
        told: list[Trial] = []
        wrong: list[str] = []
        before = 0
        for path in sorted(folder.iterdir(), key=lambda p: (len(p.stem), p.stem)):
            if path.suffix not in _SUFFIXES or not (path.stem.isascii() and path.stem.isdigit()):
                continue
            try:
                found = _told(optimizer, path)
            except (OSError, ValueError, TypeError) as error:
                wrong.append(f"{path}: {error}")
                continue
            told += [] if found is None else [found]
            before += found is None
        print_trials(told)
        pending = sum(t.state is TrialState.PENDING for t in optimizer.trials)
        complain(f"{len(told)} told, {before} known before, {pending} still waiting")
        for reason in wrong:
            complain(reason)
        if wrong:
            raise typer.Exit(USAGE)


def _told(optimizer: Optimizer, path: Path) -> Trial | None:
    """The trial of a file, told; None when the run has its result."""
    number = int(path.stem)
    lines = [line for line in path.read_text("utf-8-sig").splitlines() if line.strip()]
    if not lines:
        raise ValueError("it is empty: is it still being written?")
    (answer,) = read_result(number, lines[-1])
    trials = optimizer.trials
    if number >= len(trials):
        raise ValueError(f"there is no trial {number}: the run has {len(trials)}")
    trial = trials[number]
    if trial.state in (TrialState.PENDING, TrialState.ABANDONED):
        (told,) = tell_all(optimizer, [answer], False)
        return told
    if _same(optimizer, trial, answer):
        return None
    raise ValueError(
        f"trial {number} has another result ({trial.state.name.lower()}); to put it right, "
        f"bayesopt correct FILE {number} --value ..."
    )


def _same(optimizer: Optimizer, trial: Trial, answer: Answer) -> bool:
    from bayesopt.returned import read_outcome

    said = {k: v for k, v in answer[1].items() if k not in ("number", "params")}
    if said.get("error") is not None:
        return trial.state is TrialState.FAILED
    told = read_outcome(said, optimizer.objective_names)
    if isinstance(told, str):
        return trial.state is TrialState.FAILED
    return trial.outcome is not None and trial.outcome.values == told.values
