"""``bayesopt demo``: a real model-selection job, three ways."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from statistics import median
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
    from bayesopt.trial import Trial

_BAYES, _RANDOM, _GRID = "Bayesian", "random search", "grid search"


def demo(
    n_trials: Annotated[int, typer.Option(min=5, help="Evaluations for each method.")] = 40,
    seeds: Annotated[int, typer.Option(min=1, help="Runs of each method.")] = 3,
    seed: Annotated[int, typer.Option(min=0, help="Of the first run.")] = 0,
    output: Annotated[Path, typer.Option(help="Folder for the pictures and trials.")] = Path(
        "demo-output"
    ),
) -> None:
    """Choose a model and its settings for reading digits: Bayesian, at random and by a grid.

    Five kinds of model with their own hyperparameters; cross-validated log loss; the same number
    of evaluations for each method, and each several times. Takes some minutes on two cores.
    """
    console = Console()
    try:
        from bayesopt.demo import DigitsLogLoss, model_space
        from bayesopt.plots import convergence, slices
        from bayesopt.plots.figure import new_figure

        new_figure(1, 1)  # say now, not in three minutes, that matplotlib is missing
        objective = DigitsLogLoss()
    except ImportError as error:
        complain(str(error))
        raise typer.Exit(2) from None
    output.mkdir(parents=True, exist_ok=True)
    say(console, f"kernels are loaded, or compiled on a first use: {warm():.1f} s")
    entries = _run(console, objective, model_space(), n_trials, range(seed, seed + seeds))
    results = {label: [run.result for run in runs] for label, runs in entries.items()}
    ours = [result for result in results[_BAYES] if result.best is not None]
    whole = {label: [r for r in runs if r.best is not None] for label, runs in results.items()}
    if ours:  # else it was interrupted at once
        figure = convergence(
            {label: runs for label, runs in whole.items() if runs}, ylabel="best log loss so far"
        )
        figure.savefig(output / "convergence.png")
        slices(ours[0]).savefig(output / "bayesian-slices.png")
    for label, runs in results.items():
        for k, result in enumerate(runs, seed):
            name = f"{label.replace(' ', '-').lower()}-{k}.csv"
            (output / name).write_text(result.to_csv())
    console.print(_table(entries))
    say(console, "less is better; with few seeds and another --seed the order may be another one")
    if ours:
        best = min((r.best for r in ours if r.best is not None), key=_value)
        say(console, f"{_BAYES}, best point: {point_words(best)}")
    say(console, f"pictures and trials: {output}{'/'}")
    stops = [r.stop for runs in results.values() for r in runs if r.stop.by_signal]
    if stops:
        complain(stops[0].value)
        raise typer.Exit(STOPPED[stops[0]])


def _value(trial: Trial) -> float:
    assert trial.value is not None  # of a trial that is the best of its run
    return trial.value


def _run(
    console: Console, objective: Any, space: Any, n_trials: int, seeds: range
) -> dict[str, list[MethodResult]]:
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
    tasks = {m: bar.add_task(m, total=n_trials * len(seeds), best="-") for m in methods}

    def watch(label: str) -> Callback:
        def show(optimizer: bo.Optimizer, trial: bo.Trial) -> None:
            best = "-" if optimizer.best is None else f"{optimizer.best.value:.4f}"
            bar.update(tasks[label], advance=1, best=best)

        return show

    with bar:
        return compare(objective, space, methods, n_trials=n_trials, seeds=seeds, watch=watch)


def _table(entries: Mapping[str, list[MethodResult]]) -> Table:
    table = Table(title="cross-validated log loss on digits", title_justify="left")
    headings = ("median", "best to worst", "trials", "failed", "train s")
    for heading in ("method", *headings, "propose s"):
        table.add_column(heading, justify="left" if heading == "method" else "right")
    for label, runs in entries.items():
        best = [_value(run.result.best) for run in runs if run.result.best is not None]
        table.add_row(
            label,
            f"{median(best):.4f}" if best else "-",
            f"{min(best):.4f} to {max(best):.4f}" if best else "-",
            str(sum(run.n_evaluations for run in runs)),
            str(sum(run.n_failures for run in runs)),
            f"{sum(run.objective_seconds for run in runs):.1f}",
            f"{sum(run.optimizer_seconds for run in runs):.2f}",
        )
    return table
