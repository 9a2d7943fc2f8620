"""What a person sees while a run goes on: a bar on a terminal, plain lines in a log."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from bayesopt.cli.terminal import say
from bayesopt.show import point_text
from bayesopt.text import one_line
from bayesopt.trial import TrialState

if TYPE_CHECKING:
    from bayesopt.minimize.callbacks import Callback
    from bayesopt.optimizer import Optimizer
    from bayesopt.trial import Trial


@contextmanager
def watch(console: Console, total: int | None, quiet: bool) -> Iterator[Callback]:
    """A callback for ``minimize`` that shows every trial on ``console``."""
    if quiet:
        yield lambda optimizer, trial: None
    elif console.is_terminal:
        with _bar(console) as progress:
            task = progress.add_task("first points", total=total)
            yield lambda optimizer, trial: progress.update(
                task, completed=_finished(optimizer), description=_best_words(optimizer)
            )
    else:
        yield lambda optimizer, trial: say(console, _line(optimizer, trial, total))


def _bar(console: Console) -> Progress:
    return Progress(
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.description}"),
        console=console,
    )


def _finished(optimizer: Optimizer) -> int:
    return sum(
        t.state in (TrialState.COMPLETE, TrialState.FAILED, TrialState.STOPPED)
        for t in optimizer.trials
    )


def _best_words(optimizer: Optimizer) -> str:
    standing = optimizer.standing()
    best = standing.best
    return standing.words if best is None else f"{standing.words} (trial {best.number})"


def _line(optimizer: Optimizer, trial: Trial, total: int | None) -> str:
    of = "" if total is None else f"/{total}"
    said = trial.state.name.lower()
    if trial.outcome is not None:
        several = trial.outcome.objectives
        said = one_line(point_text(several)) if several else f"{trial.value:.6g}"
    why = "" if not trial.error else f": {one_line(trial.error.splitlines()[0])}"
    return (
        f"{_finished(optimizer)}{of}  trial {trial.number}  {said}{why}  {_best_words(optimizer)}"
    )
