"""What the model has to say of itself: what matters, and how far to trust it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from bayesopt.plots.figure import COLOURS, FAILED, axes_of, plain, tidy
from bayesopt.sensitivity import explained_words, predictions_left_out, what_matters

if TYPE_CHECKING:
    from bayesopt.result import Result

_LIGHT = "#bcd6e8"


def importance(
    result: Result, *, output: str | None = None, most: int = 20, ax: Any = None
) -> Any:
    """Draw each parameter's share of the model's variance; see ``Result.what_matters``.

    Dark bars are what a parameter explains by itself, light ones include its interactions; the
    lines hold 90 % of the functions that the same results allow.

    Parameters
    ----------
    output : the name of an objective or an outcome constraint; None: the first objective.
    most : parameters that are drawn.
    ax : the matplotlib axes to draw on; None: those of a new figure.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ImportError : matplotlib is not installed.
    ValueError : for an unknown output, or fewer than two results.
    """
    from bayesopt.optimizer.fitted import fitted_run

    found = what_matters(fitted_run(result), output)
    shown = found.parameters[:most]
    axes = axes_of(ax, 6.4, 1.4 + 0.3 * len(shown))
    y = np.arange(len(shown))
    axes.barh(y, [e.total for e in shown], color=_LIGHT, label="with interactions")
    axes.barh(y, [e.first for e in shown], color=COLOURS[0], label="by itself")
    ranges = [e.total_range for e in shown]
    for place, ends in zip(y, ranges, strict=True):
        if ends is not None:
            first = "90 % of what may be" if place == 0 else None
            axes.plot(ends, [place, place], color="black", linewidth=1.2, label=first)
    axes.set_yticks(y, [plain(e.name) for e in shown])
    axes.invert_yaxis()
    axes.set_xlim(0, 1.02)
    said = f"the model explains {explained_words(found.explained)}"
    axes.set(xlabel=f"share of the model's variance ({said})", title="What matters")
    tidy(axes)
    axes.grid(visible=False, axis="y")
    axes.legend(frameon=False, fontsize="small", loc="lower right")
    return axes


def calibration(result: Result, *, output: str | None = None, ax: Any = None) -> Any:
    """Draw each value against the model's prediction of it from all others.

    Parameters
    ----------
    output : the name of an objective or an outcome constraint; None: the first objective.
    ax : the matplotlib axes to draw on; None: those of a new figure.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ImportError : matplotlib is not installed.
    ValueError : for an unknown output, too few results, or a surrogate that is no Gaussian
        process.
    """
    from bayesopt.optimizer.fitted import fitted_run

    run = fitted_run(result)
    chosen = run.output(output)
    found = predictions_left_out(run, chosen)
    if found is None:
        raise ValueError("predictions of what is left out need a Gaussian process and 3 results")
    transform, sign = run.model.fits[chosen].transform, getattr(chosen, "sign", 1.0)
    values, mean, low, high = (
        sign * transform.inverse(z) for z in (found.observed, found.mean, *found.interval(0.9))
    )
    axes = axes_of(ax, 5.4, 4.6)
    ends = np.array([values.min(), values.max()])
    axes.plot(ends, ends, color=FAILED, linestyle="--", linewidth=1, label="both agree")
    axes.vlines(values, low, high, color=COLOURS[0], alpha=0.35, linewidth=1.0,
                label="90 % of the prediction")  # fmt: skip
    axes.scatter(values, mean, s=16, color=COLOURS[0], label="prediction", zorder=3)
    pad = 0.15 * float(ends[1] - ends[0]) or 1.0
    axes.set_xlim(ends[0] - pad / 3, ends[1] + pad / 3)
    axes.set_ylim(ends[0] - pad, ends[1] + pad)
    name = plain(chosen.name)
    inside = f"{100 * found.coverage(0.9):.0f} % of the values lie within"
    axes.set(xlabel=f"{name}, observed", ylabel=f"{name}, predicted from all others",
             title=f"Calibration: {inside}")  # fmt: skip
    tidy(axes)
    axes.legend(frameon=False, fontsize="small", loc="upper left")
    return axes
