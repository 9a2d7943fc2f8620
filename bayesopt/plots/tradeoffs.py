"""Several objectives: the front with its uncertainty, its volume over time, trials as lines."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np

from bayesopt.plots.figure import COLOURS, FAILED, listed_values, new_figure, plain, short, tidy
from bayesopt.trial import Trial

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from bayesopt.pareto_front import ParetoFront
    from bayesopt.result import Result

    Floats = NDArray[np.float64]

_SIDE = 3.4  # inches of a panel
_BARS = 2.0  # standard deviations to each side


def front(result: Result, *, title: str | None = None) -> Any:
    """Draw each pair of objectives against each other: all trials, the front, its uncertainty.

    Bars reach two posterior standard deviations to each side, of the value without its noise. The
    staircase is the border of what the front dominates, where there are two objectives. A cross
    marks the reference point, or a threshold, when it lies in the picture.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ImportError : matplotlib is not installed.
    ValueError : the result has one objective, or no feasible trial.
    """
    pareto = _front_of(result)
    m = len(pareto.objectives)
    pairs = list(combinations(range(m), 2))
    across = min(len(pairs), 3)
    down = -(-len(pairs) // across)
    figure = new_figure(max(_SIDE * across, 5.2), max(_SIDE * down, 4.0) if down > 1 else 4.0)
    panels = figure.subplots(down, across, squeeze=False).ravel()
    for axes, (i, j) in zip(panels, pairs, strict=False):
        _panel(axes, result, i, j, staircase=m == 2)
    for axes in panels[len(pairs) :]:
        axes.set_visible(False)
    panels[0].legend(frameon=False, fontsize=8)
    if title:
        figure.suptitle(plain(title))
    return figure


def hypervolume(runs: Result | Mapping[str, Result], *, title: str | None = None) -> Any:
    """Draw the dominated volume against the number of evaluated trials.

    Parameters
    ----------
    runs : a result, or several by their labels. They are compared fairly only where their
        reference points are the same: give the same ``thresholds`` to all.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ImportError : matplotlib is not installed.
    ValueError : there is no run, a result has one objective, or reference points differ.
    """
    named = dict(runs) if isinstance(runs, Mapping) else {"run": runs}
    if not named:
        raise ValueError("'runs' is empty: give at least one result")
    traces = {label: result.hypervolume for label, result in named.items()}
    points = {tuple(sorted(trace.reference.items())) for trace in traces.values()}
    if len(points) > 1:
        raise ValueError(
            "these results have different reference points, so their volumes cannot be compared; "
            "run them with the same thresholds= for all objectives"
        )
    figure = new_figure(6.4, 4.0)
    axes = figure.add_subplot()
    for i, (label, trace) in enumerate(traces.items()):
        x = np.arange(1, len(trace) + 1)
        colour = COLOURS[i % len(COLOURS)]
        axes.step(x, trace.values, where="post", color=colour, label=plain(label))
    below = next(iter(traces.values())).reference_text
    axes.set(xlabel="evaluated trials", ylabel="hypervolume", title=plain(title or ""))
    axes.annotate(
        plain(f"below {below}"),
        (0.99, 0.02),
        xycoords="axes fraction",
        ha="right",
        fontsize=7,
        wrap=True,
    )
    axes.xaxis.get_major_locator().set_params(integer=True)
    tidy(axes)
    if len(named) > 1:
        axes.legend(frameon=False)
    return figure


def parallel_front(result: Result) -> Any:
    """Draw each trial of the front as a line through its objectives and parameters.

    The axes of the objectives come first, the better end on top, and the colour is that of the
    first one. The compromise is drawn thick. An inactive parameter is passed below its axis.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ImportError : matplotlib is not installed.
    ValueError : the result has one objective, or no feasible trial.
    """
    from matplotlib import colormaps

    from bayesopt.plots.parallel import heights_of

    pareto = _front_of(result)
    good = 1.0 - _scaled(pareto.oriented)
    heights = np.concatenate([good, heights_of(result, list(pareto.trials))], axis=1)
    names = [o.name for o in pareto.objectives] + list(result.space.columns)
    figure = new_figure(1.6 + 1.35 * len(names), 4.2)
    axes = figure.add_subplot()
    middle = pareto.compromise().number
    for line, trial in zip(heights, pareto.trials, strict=True):
        thick = trial.number == middle
        axes.plot(
            np.arange(len(names)),
            line,
            color=colormaps["viridis"](float(line[0])),
            linewidth=2.6 if thick else 1.0,
            alpha=1.0 if thick else 0.7,
            zorder=3 if thick else 2,
        )
    _label(axes, result, names)
    return figure


def _scaled(oriented: Floats) -> Floats:
    """Values (k, m) from 0, the best of the front, to 1, its worst."""
    low, high = oriented.min(axis=0) / 2.0, oriented.max(axis=0) / 2.0
    return np.asarray((oriented / 2.0 - low) / np.where(high > low, high - low, 1.0))


def _front_of(result: Result) -> ParetoFront:
    """The front of a result; ValueError when it is empty, or there is one objective."""
    pareto = result.pareto
    if not len(pareto):
        raise ValueError("the front of this result is empty: there is nothing to draw")
    return pareto


def _panel(axes: Any, result: Result, i: int, j: int, *, staircase: bool) -> None:
    pareto = result.pareto
    x, y = pareto.objectives[i], pareto.objectives[j]
    on_front = {trial.number for trial in pareto.trials}
    rest = [t for t in result.trials if t.outcome is not None and t.number not in on_front]
    for trials, label, marker in (
        ([t for t in rest if t.feasible], "dominated", "o"),
        ([t for t in rest if not t.feasible], "not feasible", "x"),
    ):
        if trials:
            at = _values(trials, (x.name, y.name))
            axes.scatter(*at.T, s=14, color=FAILED, marker=marker, label=label, zorder=2)
    mean, sd = pareto.means[:, [i, j]], np.nan_to_num(_BARS * pareto.sds[:, [i, j]])
    axes.errorbar(
        *mean.T,
        xerr=sd[:, 0],
        yerr=sd[:, 1],
        fmt="o",
        markersize=4,
        color=COLOURS[0],
        elinewidth=0.8,
        label="front",
        zorder=4,
    )
    if staircase and len(mean) > 1:
        order = np.argsort(x.sign * mean[:, 0], kind="stable")
        axes.step(*mean[order].T, where="post", color=COLOURS[0], linewidth=1.0, zorder=3)
    middle = pareto.compromise()
    spot = middle.means[x.name], middle.means[y.name]
    axes.scatter(
        *spot, s=90, facecolors="none", edgecolors=COLOURS[1], label="compromise", zorder=5
    )
    _mark_reference(axes, result, x.name, y.name)
    ways = {"minimize": "less is better", "maximize": "more is better"}
    axes.set(
        xlabel=f"{plain(x.name)} ({ways[x.direction]})",
        ylabel=f"{plain(y.name)} ({ways[y.direction]})",
    )
    tidy(axes)


def _mark_reference(axes: Any, result: Result, x: str, y: str) -> None:
    reference = result.hypervolume.reference
    if x not in reference:
        return
    limits = axes.get_xlim(), axes.get_ylim()
    at = reference[x], reference[y]
    if all(low <= v <= high for v, (low, high) in zip(at, limits, strict=True)):
        axes.scatter(*at, s=40, color=COLOURS[6], marker="+", label="reference point", zorder=5)


def _values(trials: list[Trial], names: tuple[str, str]) -> Floats:
    return np.array([[t.values[name] for name in names] for t in trials], dtype=float)


def _label(axes: Any, result: Result, names: list[str]) -> None:
    """The labels of the axes, and of their ends."""
    pareto, space = result.pareto, result.space
    axes.set_xticks(range(len(names)), [plain(name) for name in names])
    axes.set_xlim(-0.3, len(names) - 0.5)
    axes.set_yticks([])
    axes.spines[["top", "right", "left", "bottom"]].set_visible(False)
    axes.tick_params(axis="x", length=0)
    m = len(pareto.objectives)
    for k in range(len(names)):
        axes.plot([k, k], [0, 1], color="black", linewidth=0.8, zorder=4)
        if k < m:
            worst, best = _ends(pareto.oriented[:, k] * pareto.objectives[k].sign, result, k)
            ends = (f"{worst:.4g}", f"{best:.4g}")
        else:
            parameter = space.parameters[space.columns[k - m]]
            listed = listed_values(parameter)
            low, high = (
                (listed[0], listed[-1]) if listed else (parameter.low, parameter.high)  # type: ignore[attr-defined]
            )
            ends = (short(low), short(high))
        for height, text in zip((0.0, 1.0), ends, strict=True):
            axes.annotate(text, (k, height), xytext=(3, 0), textcoords="offset points", fontsize=7)


def _ends(values: Floats, result: Result, k: int) -> tuple[float, float]:
    """The worst and the best of the front in one objective."""
    low, high = float(values.min()), float(values.max())
    return (high, low) if result.pareto.objectives[k].direction == "minimize" else (low, high)
