"""The objective against one parameter at a time."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from bayesopt.plots.figure import COLOURS, FAILED, listed_values, new_figure, short, tidy
from bayesopt.trial import Trial, TrialState

if TYPE_CHECKING:
    from bayesopt.result import Result

_COLUMNS = 3


def slices(result: Result, *, parameters: Iterable[str] | None = None) -> Any:
    """Draw every evaluated value against each parameter; later trials are darker.

    Trials where a parameter is inactive are left out of its panel. Failed trials are marked on
    the lower edge, the best trial by a ring.

    Parameters
    ----------
    parameters : names to draw, in this order; None: all but constants.

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
    figure = new_figure(0.6 + 2.6 * columns, 0.7 + 2.2 * rows)
    grid = figure.subplots(rows, columns, squeeze=False, sharey=True)
    for axes, name in zip(grid.flat, names, strict=False):
        shown = _panel(axes, result, name)
    for axes in grid.flat[len(names) :]:
        axes.set_visible(False)
    for axes in grid[:, 0]:
        axes.set_ylabel("value")
    bar = figure.colorbar(shown, ax=grid, aspect=40, pad=0.01)
    bar.set_label("trial")
    bar.outline.set_visible(False)
    return figure


def _names(result: Result, wanted: Iterable[str] | None) -> list[str]:
    known = list(result.space.columns)
    names = known if wanted is None else list(wanted)
    for name in names:
        if name not in known:
            raise ValueError(f"'parameters': {name!r} is not one of {known}")
    if not names:
        raise ValueError("'parameters' is empty: there is nothing to draw")
    return names


def _panel(axes: Any, result: Result, name: str) -> Any:
    done = [t for t in result.trials if t.outcome and name in t.params]
    x = _positions(axes, result, name, done)
    shown = axes.scatter(
        x,
        [t.value for t in done],
        c=[t.number for t in done],
        cmap="viridis_r",
        vmin=0,
        vmax=max(t.number for t in result.trials) or 1,
        s=18,
        linewidths=0,
        alpha=0.9,
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
    for position, trial in zip(x, done, strict=True):
        if result.best is not None and trial.number == result.best.number:
            axes.scatter(
                [position], [trial.value], s=80, facecolors="none", edgecolors=COLOURS[1], zorder=3
            )
    axes.set_xlabel(name)
    tidy(axes)
    return shown


def _positions(axes: Any, result: Result, name: str, trials: Sequence[Trial]) -> list[float]:
    """Where the trials stand on the axis, which is made fit for the parameter on the way."""
    from bayesopt.space import Int

    parameter = result.space.parameters[name]
    choices = listed_values(parameter)
    if choices is None:
        if getattr(parameter, "log", False):
            axes.set_xscale("log")
        elif isinstance(parameter, Int):
            axes.xaxis.get_major_locator().set_params(integer=True)
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
