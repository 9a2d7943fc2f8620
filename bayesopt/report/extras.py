"""What only some runs have: learning curves, the timeline of workers."""

from __future__ import annotations

import numpy as np

from bayesopt.plots.timeline import side_by_side, started
from bayesopt.report.markup import Markup, duration, join, paragraph, several, tag
from bayesopt.report.run_facts import RunFacts, value_axis
from bayesopt.report.svg import Axis, Plot
from bayesopt.trial import TrialState

_LINES = 300  # curves that are drawn
_WORKERS = 16
_DONE = {
    TrialState.COMPLETE: "complete",
    TrialState.FAILED: "failed",
    TrialState.STOPPED: "stopped",
}


def learning_curves(facts: RunFacts) -> Markup | None:
    """The curves that trials reported, and what stopping early saved; None without any."""
    reporting = [t for t in facts.trials if t.curve]
    if not reporting:
        return None
    values = np.array([v for t in reporting for _, v in t.curve if np.isfinite(v)])
    steps = [step for t in reporting for step, _ in t.curve]
    y = value_axis(values, facts.sign, f"{facts.objective.name}, reported")
    x = Axis.over([float(s) for s in steps], "step", pad=0.02)
    plot = Plot(x, y, "what trials reported while they ran")
    best = facts.best
    last = [t for t in reporting if best is not None and t.number == best.number]
    for trial in [*reporting[-_LINES:], *last]:
        curve = np.array(trial.curve, dtype=float)
        kind = "stopped" if trial.state is TrialState.STOPPED else "complete"
        if trial in last:
            kind = "chosen"
        plot.line(curve[:, 0], np.clip(curve[:, 1], y.low, y.high), f"curve {kind}")
    stopped = [t for t in reporting if t.state is TrialState.STOPPED]
    said = f"{several(len(reporting), 'trial')} reported while they ran."
    if stopped:
        most = max(steps)
        saved = sum(most - t.curve[-1][0] for t in stopped)
        share = saved / max(1, most * len(reporting))
        said += (
            f" {several(len(stopped), 'trial')} stopped early, which saved about "
            f"{100 * share:.0f} % of the steps."
        )
    key = tag(
        "p",
        tag("span", tag("i", class_="key complete"), "ran to its end"),
        tag("span", tag("i", class_="key stopped"), "stopped early"),
        tag("span", tag("i", class_="key chosen"), "best"),
        class_="legend",
    )
    return join([paragraph(said, class_="lead"), tag("div", plot.render(), class_="wide"), key])


def timeline(facts: RunFacts) -> Markup | None:
    """When each trial ran, a row a worker; None where times are not known."""
    timed = [t for t in facts.trials if t.start is not None and t.seconds is not None]
    if len(timed) < 2:
        return None
    begin = min(started(t) for t in timed)
    whole = max(started(t) + (t.seconds or 0.0) for t in timed) - begin
    if not whole > 0:
        return None
    rows = side_by_side(timed)
    scale, unit = next(
        ((size, name) for size, name in ((3600.0, "h"), (60.0, "min")) if whole >= 2 * size),
        (1.0, "s"),
    )
    x = Axis(0.0, whole / scale, f"time since the first start, {unit}")
    height = 60 + 16 * min(len(rows), _WORKERS)
    plot = Plot(x, Axis(0.0, 1.0), "when each trial ran", height=height, left=20)
    for k, row in enumerate(rows[:_WORKERS]):
        for trial in row:
            start = (started(trial) - begin) / scale
            ends = plot.px(np.array([start, start + (trial.seconds or 0.0) / scale]))
            width = max(float(ends[1] - ends[0]), 0.8)
            words = f"trial {trial.number}: {duration(trial.seconds or 0.0)}"
            plot.parts.append(
                tag("rect", tag("title", words), x=f"{ends[0]:.1f}", y=12 + 16 * k,
                    width=f"{width:.1f}", height=11,
                    class_=f"run {_DONE.get(trial.state, 'other')}")
            )  # fmt: skip
    plot.y = Axis(0.0, 0.0)  # no ticks: a row has no number
    busy = sum(t.seconds or 0.0 for t in timed) / (whole * len(rows))
    together = "One trial at a time" if len(rows) == 1 else f"Up to {len(rows)} trials at a time"
    share = f"{100 * min(busy, 1.0):.0f} %"
    said = f"{together} over {duration(whole)}: evaluating {share} of the time."
    if len(rows) > _WORKERS:
        said += f" {_WORKERS} rows of {len(rows)} are shown."
    return join([paragraph(said, class_="lead"), tag("div", plot.render(), class_="wide")])
