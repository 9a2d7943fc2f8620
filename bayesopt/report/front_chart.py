"""Several objectives: the front, the volume it dominates, and what the verdict is then."""

from __future__ import annotations

from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from bayesopt.pareto_front import ParetoFront
from bayesopt.report.markup import Markup, join, number, paragraph, several, short, table, tag
from bayesopt.report.run_facts import RunFacts
from bayesopt.report.svg import Axis, Plot
from bayesopt.show import point_text

Floats = NDArray[np.float64]
_ROWS = 30
_PICTURES = 3


def of_front(facts: RunFacts, front: ParetoFront) -> Markup:
    """The verdict: how many trials are on the front, its ends, and the compromise."""
    names = " and ".join(short(o.name) for o in front.objectives)
    parts = [
        paragraph(
            f"{several(len(front), 'trial')} of {len(facts.evaluated)} are on the front of "
            f"{names}: no other is better in all of them.",
            class_="lead",
        )
    ]
    best = []
    for one in facts.each():
        j = [o.name for o in front.objectives].index(one.objective.name)
        at = int(np.argmin(front.oriented[:, j]))
        value = number(float(front.means[at, j]))
        best.append(f"{short(one.objective.name)} {value} in trial {front.trials[at].number}")
    parts.append(paragraph(f"The best of each: {'; '.join(best)}."))
    chosen = facts.recommended
    if chosen is not None:
        parts.append(
            paragraph(
                f"Trial {chosen.number} is the compromise: the nearest to the best of all, with "
                "ranges of the front as units. Its setting:"
            )
        )
    return join(parts)


def front(facts: RunFacts) -> Markup | None:
    """The pictures and the table of the front; None with one objective."""
    found = facts.front
    if found is None:
        return None
    if not len(found):
        return paragraph("No trial has feasible values yet.")
    pairs = list(combinations(range(len(found.objectives)), 2))[:_PICTURES]
    pictures = [_picture(facts, found, i, j) for i, j in pairs]
    key = tag(
        "p",
        tag("span", tag("i", class_="key dot"), "a trial"),
        tag("span", tag("i", class_="key best"), "on the front"),
        tag("span", tag("i", class_="key ring"), "the compromise"),
        class_="legend",
    )
    shown = min(len(found), _ROWS)
    head = ["trial", *(short(o.name) for o in found.objectives), "P(on the front)", "setting"]
    rows = [
        [
            str(found.trials[i].number),
            *(_with_sd(found.means[i, j], found.sds[i, j]) for j in range(len(found.objectives))),
            "" if np.isnan(found.probability[i]) else f"{100 * found.probability[i]:.0f} %",
            short(point_text(found.trials[i].params), 120),
        ]
        for i in range(shown)
    ]
    note = f"The first {shown} of {len(found)}." if shown < len(found) else ""
    shape = "wide" if len(pictures) == 1 else "grid"
    return join([tag("div", *pictures, class_=shape), key, table(head, rows), paragraph(note)])


def _with_sd(mean: float, sd: float) -> str:
    return number(mean) if np.isnan(sd) else f"{number(mean)} ± {number(sd, 2)}"


def _picture(facts: RunFacts, found: ParetoFront, i: int, j: int) -> Markup:
    """Two objectives against each other."""
    objectives = found.objectives[i], found.objectives[j]
    each = {one.objective.name: one for one in facts.each()}
    first, second = (each[o.name] for o in objectives)
    axes = first.value_axis, second.value_axis
    plot = Plot(axes[0], axes[1], f"{objectives[0].name} and {objectives[1].name}")
    x, y = (np.clip(f.values, f.value_axis.low, f.value_axis.high) for f in (first, second))
    titles = [f"trial {t.number}" for t in facts.evaluated]
    plot.marks(x, y, titles, "dot", 2.6)
    order = np.argsort(found.means[:, i])
    fx, fy = found.means[order, i], found.means[order, j]
    if len(found.objectives) == 2:
        plot.line(fx, fy, "frontline")
    titles = [f"trial {found.trials[k].number}" for k in order]
    plot.marks(fx, fy, titles, "onfront", 3.4)
    chosen = facts.recommended
    number_of = -1 if chosen is None else chosen.number
    at = [k for k, t in enumerate(found.trials) if t.number == number_of]
    if at:
        plot.marks(found.means[at, i], found.means[at, j], ["the compromise"], "ring", 6.5)
    return tag("figure", plot.render())


def volume(facts: RunFacts) -> Markup:
    """The volume that the front dominates after each trial."""
    trace = facts.result.hypervolume
    if len(trace) < 2:
        return paragraph("There are too few feasible trials for a front.")
    numbers = np.array(trace.numbers, dtype=float)
    x = Axis.over(numbers.tolist(), "trial", pad=0.02)
    y = Axis.over(trace.values.tolist(), "hypervolume")
    plot = Plot(x, y, "the volume that the front dominates, after each trial")
    plot.steps(numbers, trace.values, "best")
    failed = [t.number for t in facts.failed]
    plot.crosses(
        np.array(failed, dtype=float),
        np.full(len(failed), y.low + 0.03 * (y.high - y.low)),
        [f"trial {n} failed" for n in failed],
        "cross",
    )
    said = f"Hypervolume {number(float(trace))}, measured from {trace.reference_text}."
    return join([tag("div", plot.render(), class_="wide"), paragraph(said, class_="small")])
