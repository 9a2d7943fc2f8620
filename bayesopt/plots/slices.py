"""The objective against one parameter at a time."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from bayesopt.plots.figure import COLOURS, FAILED, listed_values, new_figure, plain, short, tidy
from bayesopt.plots.model_lines import draw_line, model_along
from bayesopt.trial import Trial, TrialState

if TYPE_CHECKING:
    from bayesopt.result import Result

_COLUMNS = 3


def slices(result: Result, *, parameters: Iterable[str] | None = None, model: bool = True) -> Any:
    """Draw every evaluated value against each parameter; later trials are darker.

    Trials where a parameter is inactive are left out of its panel. Failed trials are crosses on
    the lower edge, the recommended trial has a ring. Values far worse than the others would
    squeeze the rest into a line: they are triangles at the edge beyond which they lie.

    Parameters
    ----------
    parameters : names to draw, in this order; None: all but constants.
    model : draw the model's mean and its 90 % credible band, too, along each parameter
        through the recommended trial.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ImportError : matplotlib is not installed.
    ValueError : an unknown name, or nothing was evaluated.
    """
    names = _names(result, parameters)
    if not any(t.outcome for t in result.trials):
        raise ValueError("no trial of this result has a value: there is nothing to draw")
    columns = min(_COLUMNS, len(names))
    rows = math.ceil(len(names) / columns)
    height = 0.7 + 2.2 * rows
    figure = new_figure(0.9 + 2.6 * columns, height)
    grid = figure.subplots(rows, columns, squeeze=False, sharey=True)
    limits = _value_limits(result)
    lines = model_along(result, names) if model else {}
    for axes, name in zip(grid.flat, names, strict=False):
        shown = _panel(axes, result, name, limits)
        if name in lines:
            listed = listed_values(result.space.parameters[name]) is not None
            draw_line(axes, lines[name], listed=listed)
    for axes in grid.flat[len(names) :]:
        axes.set_visible(False)
    figure.suptitle(_key(result, limits, model=bool(lines)), fontsize="small", x=0.01, ha="left")
    for axes in grid[:, 0]:
        axes.set_ylabel("value")
    bar = figure.colorbar(shown, ax=grid, pad=0.02, shrink=min(1.0, 3.0 / height), aspect=25)
    bar.set_label("trial")
    bar.outline.set_visible(False)
    return figure


def _names(result: Result, wanted: Iterable[str] | None) -> list[str]:
    known = [name for name in result.space.columns if name in result.space.parameters]
    names = known if wanted is None else list(wanted)
    for name in names:
        if name not in known:
            raise ValueError(f"'parameters': {name!r} is not one of {known}")
    if not names:
        raise ValueError("'parameters' is empty: there is nothing to draw")
    return names


def _value_limits(result: Result) -> tuple[float, float]:
    """Lowest and highest value to show; on the bad side at most a box plot's outer fence."""
    sign = 1.0 if result.direction == "minimize" else -1.0
    values = sign * np.array([t.outcome.value for t in result.trials if t.outcome])
    low, quarter, three, high = np.quantile(values, [0, 0.25, 0.75, 1])
    high = min(high, three + 3 * (three - quarter))  # Tukey 1977
    if not high > low:
        high = low + (abs(low) or 1.0)
    pad = 0.06 * (high - low)
    first, last = sorted((sign * (low - pad), sign * (high + pad)))
    return first, last


def _key(result: Result, limits: tuple[float, float], *, model: bool) -> str:
    """What the marks mean, of those that are in the picture."""
    values = [t.value for t in result.trials if t.value is not None]
    marks = {
        "line and band: the model": model,
        "ring: recommended trial": result.best is not None,
        "triangle: value beyond the axis": any(
            not limits[0] <= value <= limits[1] for value in values
        ),
        "cross: failed": any(t.state is TrialState.FAILED for t in result.trials),
    }
    return "; ".join(mark for mark, drawn in marks.items() if drawn)


def _panel(axes: Any, result: Result, name: str, limits: tuple[float, float]) -> Any:
    """Fill one panel; the points, for the colour bar."""
    done = [t for t in result.trials if t.outcome and name in t.params]
    x = np.array(_positions(axes, result, name, done))
    y = np.array([t.value for t in done], dtype=float)
    number = np.array([t.number for t in done], dtype=float)
    colours = {"cmap": "viridis_r", "vmin": 0, "vmax": max(len(result.trials) - 1, 1)}
    inside = (y >= limits[0]) & (y <= limits[1])
    shown = axes.scatter(
        x[inside], y[inside], c=number[inside], s=18, linewidths=0, alpha=0.9, **colours
    )
    edge = 0.03 * (limits[1] - limits[0])
    for out, marker in ((y < limits[0], "v"), (y > limits[1], "^")):
        at = np.clip(y[out], limits[0] + edge, limits[1] - edge)
        axes.scatter(x[out], at, c=number[out], s=18, linewidths=0, marker=marker, **colours)
    _mark(axes, result, name, done, x)
    axes.set_xlabel(plain(name))
    axes.set_ylim(*limits)
    tidy(axes)
    return shown


def _mark(axes: Any, result: Result, name: str, done: Sequence[Trial], x: Any) -> None:
    """Mark the recommended trial, and the failed ones on the lower edge."""
    chosen = result.recommended or result.best
    for position, trial in zip(x, done, strict=True):
        if chosen is not None and trial.number == chosen.number:
            axes.scatter(
                [position], [trial.value], s=80, facecolors="none", edgecolors=COLOURS[1], zorder=3
            )
    failed = [t for t in result.trials if t.state is TrialState.FAILED and name in t.params]
    axes.scatter(
        _positions(axes, result, name, failed),
        [0.02] * len(failed),
        marker="x",
        color=FAILED,
        s=16,
        linewidths=1,
        transform=axes.get_xaxis_transform(),
    )


def _positions(axes: Any, result: Result, name: str, trials: Sequence[Trial]) -> list[float]:
    """Where the trials stand on the axis, which is made fit for the parameter on the way."""
    parameter = result.space.parameters[name]
    choices = listed_values(parameter)
    if choices is None:
        _scale(axes, parameter)
        return [float(t.params[name]) for t in trials]
    labels = [short(choice) for choice in choices]
    turned = sum(map(len, labels)) > 24
    axes.set_xticks(
        range(len(labels)),
        labels,
        rotation=40 if turned else 0,
        ha="right" if turned else "center",
    )
    axes.set_xlim(-0.5, len(labels) - 0.5)
    place = [parameter.encode(t.params[name], name) for t in trials]
    # points of one choice are spread by a fixed pattern, so that they do not hide one another
    spread = 0.3 * (np.modf(np.arange(len(place)) * 0.618)[0] - 0.5)
    return [float(p + s) for p, s in zip(place, spread, strict=True)]


def _scale(axes: Any, parameter: Any) -> None:
    """Let the axis run over the whole range of a numeric parameter, on its own scale."""
    from bayesopt.space import Int

    low, high = parameter.low, parameter.high
    if not high > low:
        return
    if getattr(parameter, "log", False):
        pad = (high / low) ** 0.04
        axes.set_xscale("log")
        axes.set_xlim(low / pad, high * pad)
        _log_ticks(axes, math.log10(high / low))
        return
    pad = 0.04 * (high - low)
    axes.set_xlim(low - pad, high + pad)
    if isinstance(parameter, Int):
        axes.xaxis.get_major_locator().set_params(integer=True)


def _log_ticks(axes: Any, decades: float) -> None:
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

    axes.xaxis.set_minor_formatter(NullFormatter())
    if decades < 2.5:  # powers of ten alone would be one or two labels
        axes.xaxis.set_major_locator(
            LogLocator(subs=(1, 2, 5) if decades > 1.2 else (1, 2, 3, 5, 7))
        )
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
