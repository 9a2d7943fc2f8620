"""``bayesopt demo``: a real model-selection job, three ways."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from bayesopt.cli.exit_status import STOPPED
from bayesopt.cli.report import point_words
from bayesopt.cli.terminal import complain, say
from bayesopt.cli.warmup import warm

if TYPE_CHECKING:
    from bayesopt.demo import MethodResult
    from bayesopt.minimize.callbacks import Callback

_BAYES, _RANDOM, _GRID = "Bayesian", "random search", "grid search"


def demo(
    n_trials: Annotated[int, typer.Option(min=5, help="Evaluations for each method.")] = 40,
    seed: Annotated[int, typer.Option(min=0)] = 0,
    output: Annotated[Path, typer.Option(help="Folder for the pictures and trials.")] = Path(
        "demo-output"
    ),
) -> None:
    """Choose a model and its settings for reading digits: Bayesian, at random and by a grid.

    Five kinds of model with their own hyperparameters; cross-validated accuracy; the same number
    of evaluations for each method. Takes one to three minutes on two cores.
    """
    console = Console()
    try:
        from bayesopt.demo import DigitsAccuracy, model_space
        from bayesopt.plots import convergence, slices
        from bayesopt.plots.figure import new_figure

        new_figure(1, 1)  # say now, not in three minutes, that matplotlib is missing
        objective = DigitsAccuracy()
    except ImportError as error:
        complain(str(error))
        raise typer.Exit(2) from None
    output.mkdir(parents=True, exist_ok=True)
    say(console, f"kernels are loaded, or compiled on a first use: {warm():.1f} s")
    entries = _run(console, objective, model_space(), n_trials, seed)
    results = {label: entry.result for label, entry in entries.items()}
    best = results[_BAYES].best
    if best is not None:  # else it was interrupted at once
        figure = convergence(results, ylabel="best accuracy so far")
        figure.savefig(output / "convergence.png")
        slices(results[_BAYES]).savefig(output / "bayesian-slices.png")
    for label, result in results.items():
        (output / f"{label.replace(' ', '-').lower()}.csv").write_text(result.to_csv())
    console.print(_table(entries))
    say(console, "0.001 is one digit of 1,000; with another --seed the order may be another one")
    if best is not None:
        say(console, f"{_BAYES}, best point: {point_words(best)}")
    say(console, f"pictures and trials: {output}{'/'}")
    stop = list(results.values())[-1].stop
    if stop.by_signal:
        complain(stop.value)
        raise typer.Exit(STOPPED[stop])


def _run(console: Console, objective: Any, space: Any, n_trials: int, seed: int) -> dict[str, Any]:
    import bayesopt as bo
    from bayesopt.demo import compare

    methods = {_BAYES: None, _RANDOM: bo.RandomSearch(), _GRID: bo.GridSearch(levels=3)}
    bar = Progress(
        TextColumn("{task.description:>14}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("best {task.fields[best]}"),
        console=console,
    )

    def watch(label: str) -> Callback:
        task = bar.add_task(label, total=n_trials, best="-")

        def show(optimizer: bo.Optimizer, trial: bo.Trial) -> None:
            best = "-" if optimizer.best is None else f"{optimizer.best.value:.4f}"
            bar.update(task, advance=1, best=best)

        return show

    with bar:
        return compare(objective, space, methods, n_trials=n_trials, seed=seed, watch=watch)


def _table(entries: Mapping[str, MethodResult]) -> Table:
    table = Table(title="cross-validated accuracy on digits", title_justify="left")
    for heading in ("method", "best", "evaluations", "failures", "objective s", "optimizer s"):
        table.add_column(heading, justify="left" if heading == "method" else "right")
    for label, entry in entries.items():
        best = entry.result.best
        table.add_row(
            label,
            "-" if best is None else f"{best.value:.4f}",
            str(entry.n_evaluations),
            str(entry.n_failures),
            f"{entry.objective_seconds:.1f}",
            f"{entry.optimizer_seconds:.2f}",
        )
    return table
