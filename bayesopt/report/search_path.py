"""Convergence: every trial in its order, the best so far, failures, what ran side by side."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bayesopt.report.front_chart import volume
from bayesopt.report.markup import Markup, join, number, paragraph, tag
from bayesopt.report.run_facts import RunFacts
from bayesopt.report.svg import Axis, Plot
from bayesopt.show import point_text
from bayesopt.trial import Origin, Trial

Mask = NDArray[np.bool_]


def search_path(facts: RunFacts) -> Markup:
    """The picture of convergence with its key; of several objectives that of the volume."""
    if facts.front is not None:
        return volume(facts)
    if not facts.evaluated:
        return paragraph("Nothing was evaluated yet.")
    last = max(t.number for t in facts.trials)
    x_axis = Axis(-0.5 - 0.01 * last, last + 0.5 + 0.01 * last, "trial")
    axis = facts.value_axis
    plot = Plot(x_axis, axis, "values of all trials in their order, and the best so far", top=14)
    _batches(plot, facts)
    numbers = np.array([t.number for t in facts.evaluated], dtype=float)
    _best_line(plot, facts)
    inside = (facts.values >= axis.low) & (facts.values <= axis.high)
    feasible = np.array([t.feasible for t in facts.evaluated])
    titles = [_words(facts, t) for t in facts.evaluated]
    for which, class_ in (
        (inside & feasible, "dot"),
        (inside & ~feasible, "dot infeasible"),
        (~inside, "dot beyond"),
    ):
        at = np.flatnonzero(which)
        shown = np.clip(facts.values[at], axis.low, axis.high)
        plot.marks(numbers[at], shown, [titles[i] for i in at], class_, 2.6)
    bottom = _edge(axis, facts.sign)
    plot.crosses(
        np.array([t.number for t in facts.failed], dtype=float),
        np.full(len(facts.failed), bottom),
        [f"trial {t.number} failed: {t.error or ''}" for t in facts.failed],
        "cross",
    )
    _ring(plot, facts)
    return join([tag("div", plot.render(), class_="wide"), _key(facts, inside, feasible)])


def _edge(axis: Axis, sign: float) -> float:
    """A value near the bad edge, where failures are drawn."""
    share = 0.97 if sign > 0 else 0.03
    if axis.log:
        return float(axis.low * (axis.high / axis.low) ** share)
    return float(axis.low * (1 - share) + axis.high * share)


def _words(facts: RunFacts, trial: Trial) -> str:
    return f"trial {trial.number}: {number(facts.value(trial))}; {point_text(trial.params)}"[:300]


def best_so_far(facts: RunFacts) -> tuple[list[int], list[float]]:
    """Numbers of the trials with a feasible value, and the best until then."""
    numbers, best, curve = [], np.inf, []
    for trial in facts.evaluated:
        if trial.feasible:
            best = min(best, facts.sign * facts.value(trial))
            numbers.append(trial.number)
            curve.append(facts.sign * best)
    return numbers, curve


def _best_line(plot: Plot, facts: RunFacts) -> None:
    numbers, curve = best_so_far(facts)
    if numbers:
        x = np.array([*numbers, max(t.number for t in facts.trials)], dtype=float)
        plot.steps(x, np.array([*curve, curve[-1]]), "best")


def _ring(plot: Plot, facts: RunFacts) -> None:
    chosen = facts.recommended
    if chosen is not None:
        plot.marks(
            np.array([float(chosen.number)]),
            np.array([facts.value(chosen)]),
            [f"recommended: trial {chosen.number}"],
            "ring",
            6,
        )


def batches(trials: tuple[Trial, ...]) -> list[tuple[int, int]]:
    """First and last number of the trials that were handed out before any of them was told."""
    found: list[tuple[int, int]] = []
    first: Trial | None = None
    end = None
    previous: Trial | None = None
    for trial in trials:
        if trial.origin is Origin.ADDED or trial.start is None or trial.seconds is None:
            continue
        stop = trial.start.timestamp() + trial.seconds
        if first is not None and end is not None and trial.start.timestamp() < end:
            end = min(end, stop)
        else:
            if first is not None and previous is not None:
                found.append((first.number, previous.number))
            first, end = trial, stop
        previous = trial
    if first is not None and previous is not None:
        found.append((first.number, previous.number))
    return [(a, b) for a, b in found if b > a]


def _batches(plot: Plot, facts: RunFacts) -> None:
    for first, last in batches(facts.trials):
        ends = np.array([first - 0.45, last + 0.45])
        low, high = np.full(2, plot.y.low), np.full(2, plot.y.high)
        plot.band(ends, low, high, "batch")


def _key(facts: RunFacts, inside: Mask, feasible: Mask) -> Markup:
    """What the marks mean, of those that are there."""
    marks = [
        ("dot", "a trial", True),
        ("best", "best so far", True),
        ("ring", "recommended", facts.best is not None),
        ("infeasible", "breaks a constraint", bool((inside & ~feasible).any())),
        ("beyond", "worse than the axis", bool((~inside).any())),
        ("cross", "failed", bool(facts.failed)),
        ("batch", "ran side by side", bool(batches(facts.trials))),
    ]
    said = [tag("span", tag("i", class_=f"key {kind}"), words) for kind, words, on in marks if on]
    if facts.value_axis.log:
        said.append(tag("span", "logarithmic axis"))
    return tag("p", *said, class_="legend")
