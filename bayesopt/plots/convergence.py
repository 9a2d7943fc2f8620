"""The best value so far against the number of evaluations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from bayesopt.plots.figure import COLOURS, axes_of, plain, tidy
from bayesopt.trial import Origin, TrialState

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from bayesopt.result import Result

_FINISHED = (TrialState.COMPLETE, TrialState.FAILED, TrialState.STOPPED)


def convergence(
    runs: Result | Mapping[str, Result | Sequence[Result]],
    *,
    optimum: float | None = None,
    ylabel: str | None = None,
    title: str | None = None,
    ax: Any = None,
) -> Any:
    """Draw the best feasible value so far against the number of evaluations; of a single run also
    each value, as a dot. Values beyond the fence of a box plot are drawn at the edge.

    Parameters
    ----------
    runs : a result; or for each label a result, or several (repeated with other seeds), which
        are drawn as their median with a band from the lower to the upper quartile.
    optimum : the best value there is, where it is known; then the gap to it is drawn, on a
        logarithmic scale.
    ax : the matplotlib axes to draw on; None: those of a new figure.

    Returns
    -------
    matplotlib.figure.Figure, that of the axes

    Raises
    ------
    ImportError : matplotlib is not installed.
    ValueError : there is no run, or they have different directions.
    """
    groups = _groups(runs)
    direction = _direction(groups)
    axes = axes_of(ax, 6.4, 4.0)
    for (label, results), colour in zip(groups.items(), _colours(len(groups)), strict=True):
        curves = _stack([best_so_far(result) for result in results])
        if optimum is not None:
            curves = np.maximum(np.abs(curves - optimum), np.finfo(float).tiny)
        _draw(axes, label, curves, colour)
    if optimum is not None:
        axes.set_yscale("log")
    elif not isinstance(runs, Mapping):
        _dots(axes, runs)
    best = "lowest" if direction == "minimize" else "highest"
    what = f"{best} value so far" if optimum is None else "gap to the optimum"
    axes.set(xlabel="evaluations", ylabel=ylabel or what, title=title or "")
    axes.xaxis.get_major_locator().set_params(integer=True)
    tidy(axes)
    if len(groups) > 1:
        axes.legend(frameon=False)
    return axes.figure


def best_so_far(result: Result) -> NDArray[np.float64]:
    """The best feasible value after each finished trial of the run, NaN before the first (n,).

    Added observations count as known from the start; where there is nothing else, they are
    the run.
    """
    own = any(t.origin is not Origin.ADDED for t in result.trials)
    sign = 1.0 if result.direction == "minimize" else -1.0
    best, curve = np.inf, []
    for trial in sorted(result.trials, key=lambda t: t.origin is not Origin.ADDED):
        if trial.feasible and trial.value is not None:
            best = min(best, sign * trial.value)
        if trial.state in _FINISHED and (trial.origin is not Origin.ADDED or not own):
            curve.append(best)
    values = np.asarray(curve, dtype=float)
    return np.where(np.isfinite(values), sign * values, np.nan)


def _dots(axes: Any, result: Result) -> None:
    """The value of each trial of the run, at its place among those that ended."""
    own = [t for t in result.trials if t.origin is not Origin.ADDED] or list(result.trials)
    ended = [t for t in own if t.state in _FINISHED]
    at = [i for i, t in enumerate(ended, 1) if t.value is not None]
    values = np.array([ended[i - 1].value for i in at], dtype=float)
    if not len(values):
        return
    sign = 1.0 if result.direction == "minimize" else -1.0
    low, high = np.quantile(sign * values, [0.25, 0.75])
    shown = sign * np.minimum(sign * values, high + 3.0 * (high - low))
    axes.plot(at, shown, ".", color=COLOURS[0], alpha=0.45, label="a trial", zorder=1)
    axes.legend([*axes.lines], ["best so far", "a trial"], frameon=False, fontsize="small")


def _groups(runs: Result | Mapping[str, Result | Sequence[Result]]) -> dict[str, list[Result]]:
    if not isinstance(runs, Mapping):
        runs = {"run": runs}
    groups = {k: list(v) if isinstance(v, Sequence) else [v] for k, v in runs.items()}
    if not groups or not all(groups.values()):
        raise ValueError("'runs' is empty: give at least one result for each label")
    return groups


def _direction(groups: Mapping[str, Sequence[Result]]) -> str:
    directions = {result.direction for results in groups.values() for result in results}
    if len(directions) > 1:
        raise ValueError("'runs' holds both minimized and maximized ones: draw them apart")
    return directions.pop()


def _colours(n: int) -> list[str]:
    return [COLOURS[i % len(COLOURS)] for i in range(n)]


def _stack(curves: Sequence[NDArray[np.float64]]) -> NDArray[np.float64]:
    """Curves as rows; one that ended early keeps its last value."""
    length = max(curve.size for curve in curves)
    rows = np.full((len(curves), length), np.nan)
    for row, curve in zip(rows, curves, strict=True):
        row[: curve.size] = curve
        if curve.size:
            row[curve.size :] = curve[-1]
    return rows


def _draw(axes: Any, label: str, curves: NDArray[np.float64], colour: str) -> None:
    seen = ~np.isnan(curves).any(axis=0)  # from where on every run has a value
    x = np.arange(1, curves.shape[1] + 1)[seen]
    low, middle, high = np.quantile(curves[:, seen], [0.25, 0.5, 0.75], axis=0)
    if len(curves) > 1:
        label = f"{label} (median of {len(curves)})"
        axes.fill_between(x, low, high, step="post", color=colour, alpha=0.18, linewidth=0)
    axes.step(x, middle, where="post", color=colour, label=plain(label), linewidth=1.8)
