"""All parameters at once: one line a trial."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from bayesopt.plots.figure import FAILED, axes_of, listed_values, plain, short
from bayesopt.trial import Trial, TrialState

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from bayesopt.result import Result

_INACTIVE = -0.12  # height of "inactive", below the axes


def parallel(result: Result, *, ax: Any = None) -> Any:
    """Draw each trial as a line through its parameters to its value, the best dark and on top.

    Every axis runs over the parameter's own scale (logarithmic where declared). A parameter that
    is inactive in a trial is passed below its axis. Failed trials are dotted.

    Parameters
    ----------
    ax : the matplotlib axes to draw on; None: those of a new figure.

    Returns
    -------
    matplotlib.figure.Figure, that of the axes

    Raises
    ------
    ImportError : matplotlib is not installed.
    ValueError : nothing was evaluated.
    """
    done = sorted((t for t in result.trials if t.outcome), key=lambda t: t.value or 0.0)
    if not done:
        raise ValueError("no trial of this result has a value: there is nothing to draw")
    if result.direction == "minimize":
        done.reverse()  # the best last, on top
    failed = [t for t in result.trials if t.state is TrialState.FAILED]
    names = list(result.space.shown_columns)
    axes = axes_of(ax, 2.2 + max(0.7, min(1.35, 20 / max(len(names), 1))) * len(names), 4.2)
    x = np.arange(len(names) + 1)
    for heights in heights_of(result, failed):
        axes.plot(x[:-1], heights, color=FAILED, linewidth=0.8, linestyle=":", zorder=1)
    colours = _colours(done, result.direction)
    for heights, value in zip(heights_of(result, done), done, strict=True):
        best = result.best is not None and value.number == result.best.number
        axes.plot(
            x,
            [*heights, np.clip(colours.norm(value.value), 0.0, 1.0)],
            color=colours.to_rgba(value.value),
            linewidth=2.6 if best else 1.0,
            alpha=1.0 if best else 0.75,
            zorder=3 if best else 2,
        )
    _label(axes, result, names)
    _value_axis(axes, len(names), colours.norm, done)
    axes.set_title(_title(result, done, failed), fontsize="small", loc="left")
    return axes.figure


def _title(result: Result, done: list[Trial], failed: list[Trial]) -> str:
    """What the lines mean, of those that are there."""
    marks = {
        "each line is a trial, dark is good": True,
        "thick: the best": result.best is not None,
        "dotted: failed": bool(failed),
    }
    return "; ".join(mark for mark, drawn in marks.items() if drawn)


def _value_axis(axes: Any, at: int, norm: Any, done: list[Trial]) -> None:
    """The last axis: values, those beyond the worse quartile at its end."""
    values = [t.value for t in done if t.value is not None]
    axes.plot([at, at], [0, 1], color="black", linewidth=0.8, zorder=4)
    for height in (0.0, 0.25, 0.5, 0.75, 1.0):
        value = float(norm.vmin) * (1.0 - height) + float(norm.vmax) * height
        beyond = "≥ " if height == 1.0 and max(values) > norm.vmax else ""
        beyond = "≤ " if height == 0.0 and min(values) < norm.vmin else beyond
        _annotate(axes, f"{beyond}{value:.4g}", at, height)
    ticks = [*axes.get_xticks(), at]
    labels = [*(label.get_text() for label in axes.get_xticklabels()), "value"]
    axes.set_xticks(ticks, labels)
    axes.set_xlim(-0.3, at + 0.6)


def heights_of(result: Result, trials: list[Trial]) -> NDArray[np.float64]:
    """Height of every trial on every axis (n, p): its coordinate, inactive ones below."""
    space = result.space
    n_axes = len(space.shown_columns)
    if not trials:
        return np.empty((0, n_axes))
    rows = np.array([space.encode(t.params, outside=True) for t in trials])
    heights = np.array(space.to_coords(rows))
    labels = space.is_categorical
    heights[:, labels] /= np.maximum(space.n_levels[labels] - 1, 1)
    return np.where(np.isnan(heights), _INACTIVE, heights)[:, :n_axes]


def _colours(done: list[Trial], direction: str) -> Any:
    """Colour by value, the best dark; what lies beyond the worse quartile shares its colour."""
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import Normalize

    values = np.array([t.value for t in done], dtype=float)
    low, quarter, three, high = np.quantile(values, [0, 0.25, 0.75, 1])
    if direction == "minimize":
        return ScalarMappable(Normalize(low, three if three > low else high), "viridis")
    return ScalarMappable(Normalize(quarter if quarter < high else low, high), "viridis_r")


def _label(axes: Any, result: Result, names: list[str]) -> None:
    space = result.space
    axes.set_xticks(range(len(names)), [plain(name) for name in names])
    axes.set_xlim(-0.3, len(names) - 0.7)
    axes.set_ylim(_INACTIVE - 0.05, 1.06)
    axes.set_yticks([])
    axes.spines[["top", "right", "left", "bottom"]].set_visible(False)
    axes.tick_params(axis="x", length=0)
    for j in range(len(names)):
        ticks = _ticks(result, j) + [(_INACTIVE, "inactive")] * bool(space.is_conditional[j])
        axes.plot([j, j], [0, 1], color="black", linewidth=0.8, zorder=4)
        for height, text in ticks:
            _annotate(axes, text, j, height)


def _annotate(axes: Any, text: str, x: float, height: float) -> None:
    axes.annotate(
        text,
        (x, height),
        xytext=(3, 0),
        textcoords="offset points",
        fontsize=7,
        va="center",
        zorder=5,
        bbox={"facecolor": "white", "alpha": 0.75, "linewidth": 0, "pad": 0.8},
    )


def _ticks(result: Result, j: int) -> list[tuple[float, str]]:
    """Height and text of the labels on axis ``j``."""
    space = result.space
    parameter = space.parameters.get(space.columns[j])
    if parameter is None:  # a descriptor, whose values a point does not show
        return []
    choices = listed_values(parameter)
    if choices is None:
        ends = sorted({parameter.low, parameter.high})  # type: ignore[attr-defined]
        return [(float(i), f"{end:g}") for i, end in enumerate(ends)]
    heights = space.level_coords(j)
    if space.is_categorical[j]:
        heights = heights / max(len(choices) - 1, 1)
    step = max(1, len(choices) // 12)
    return [(float(heights[i]), short(choices[i])) for i in range(0, len(choices), step)]
