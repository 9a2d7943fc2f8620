"""When each trial ran, a row for each that ran side by side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from bayesopt.plots.figure import COLOURS, FAILED, axes_of, tidy
from bayesopt.trial import Trial, TrialState

if TYPE_CHECKING:
    from bayesopt.result import Result

_UNITS = ((3600.0, "h"), (60.0, "min"), (0.0, "s"))
_KINDS = {
    TrialState.COMPLETE: ("evaluated", COLOURS[0]),
    TrialState.STOPPED: ("stopped early", COLOURS[4]),
    TrialState.FAILED: ("failed", FAILED),
}


def timeline(result: Result, *, ax: Any = None) -> Any:
    """Draw when each trial ran; trials side by side are in rows of their own.

    Parameters
    ----------
    ax : the matplotlib axes to draw on; None: those of a new figure.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ImportError : matplotlib is not installed.
    ValueError : no trial has a time.
    """
    timed = [t for t in result.trials if t.start is not None and t.seconds is not None]
    if not timed:
        raise ValueError("no trial of this result has a time: there is nothing to draw")
    rows = side_by_side(timed)
    begin = min(started(t) for t in timed)
    whole = max(started(t) + (t.seconds or 0.0) for t in timed) - begin
    size, unit = next((size or 1.0, unit) for size, unit in _UNITS if whole >= 2 * size)
    axes = axes_of(ax, 6.4, 1.6 + 0.22 * min(len(rows), 30))
    labelled: set[str] = set()
    for k, row in enumerate(rows):
        for trial in row:
            kind, colour = _KINDS.get(trial.state, ("other", FAILED))
            axes.barh(
                k,
                max((trial.seconds or 0.0) / size, whole / size / 500),
                left=(started(trial) - begin) / size,
                height=0.8,
                color=colour,
                edgecolor="white",
                linewidth=0.4,
                label=kind if kind not in labelled else None,
            )
            labelled.add(kind)
    axes.set_yticks([])
    axes.invert_yaxis()
    axes.set(xlabel=f"time since the first start, {unit}", title="Timeline")
    tidy(axes)
    axes.grid(visible=False, axis="y")
    axes.legend(frameon=False, fontsize="small", loc="upper left", bbox_to_anchor=(1.0, 1.0))
    return axes


def started(trial: Trial) -> float:
    """When a trial was handed out, in seconds since the epoch."""
    assert trial.start is not None
    return trial.start.timestamp()


def side_by_side(timed: Sequence[Trial]) -> list[list[Trial]]:
    """Trials in as few rows as hold them without overlap, in the order of their starts."""
    rows: list[list[Trial]] = []
    for trial in sorted(timed, key=started):
        for row in rows:
            last = row[-1]
            if started(last) + (last.seconds or 0.0) <= started(trial) + 1e-6:
                row.append(trial)
                break
        else:
            rows.append([trial])
    return rows
