"""What trials reported while they ran."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from bayesopt.plots.figure import COLOURS, axes_of, tidy
from bayesopt.trial import TrialState

if TYPE_CHECKING:
    from bayesopt.result import Result

_STOPPED = "#c08a4f"


def curves(result: Result, *, ax: Any = None) -> Any:
    """Draw the values that trials reported against their steps.

    Trials that were stopped early end where they were stopped; the best trial is on top.

    Parameters
    ----------
    ax : the matplotlib axes to draw on; None: those of a new figure.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ImportError : matplotlib is not installed.
    ValueError : no trial reported anything, or there are several objectives.
    """
    best = result.best
    reporting = [t for t in result.trials if t.curve]
    if not reporting:
        raise ValueError("no trial of this result reported while it ran: there is nothing to draw")
    axes = axes_of(ax, 6.4, 4.0)
    labelled: set[str] = set()
    for trial in reporting:
        stopped = trial.state is TrialState.STOPPED
        chosen = best is not None and trial.number == best.number
        kind = "best" if chosen else "stopped early" if stopped else "ran to its end"
        colour = COLOURS[1] if chosen else _STOPPED if stopped else COLOURS[0]
        steps, values = np.array(trial.curve, dtype=float).T
        axes.plot(
            steps,
            values,
            color=colour,
            alpha=1.0 if chosen else 0.5,
            linewidth=2.2 if chosen else 1.0,
            marker="|" if stopped else None,
            markevery=[-1] if stopped else None,
            label=kind if kind not in labelled else None,
            zorder=3 if chosen else 2,
        )
        labelled.add(kind)
    axes.set(xlabel="step", ylabel="value reported", title="Learning curves")
    tidy(axes)
    axes.legend(frameon=False, fontsize="small")
    return axes
