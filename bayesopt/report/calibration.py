"""How far to trust the model: predictions of what was left out, and the noise it found."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from bayesopt.report.markup import Markup, join, number, paragraph, table, tag
from bayesopt.report.run_facts import RunFacts, value_axis
from bayesopt.report.svg import Plot
from bayesopt.sensitivity import explained_words


def calibration(facts: RunFacts) -> Markup:
    """The section of trust."""
    found = facts.left_out
    if found is None or facts.fitted is None:
        return paragraph("There are too few values to check the model against.")
    values = facts.sign * facts.fitted.transform.inverse(found.observed)
    axis = value_axis(values, facts.sign, f"{facts.objective.name}, predicted")
    across = value_axis(values, facts.sign, f"{facts.objective.name}, observed")
    plot = Plot(across, axis, "each value against its prediction from all others", height=300)
    ends = [facts.sign * facts.fitted.transform.inverse(end) for end in found.interval(0.9)]
    low, high = (np.clip(f(*ends), axis.low, axis.high) for f in (np.minimum, np.maximum))
    mean = facts.sign * facts.fitted.transform.inverse(found.mean)
    plot.line(np.array([across.low, across.high]), np.array([across.low, across.high]), "diagonal")
    shown = np.clip(values, across.low, across.high)
    plot.bars(shown, low, high, "interval")
    both = zip(values, mean, strict=True)
    titles = [f"observed {number(v)}, predicted {number(m)}" for v, m in both]
    plot.marks(shown, np.clip(mean, axis.low, axis.high), titles, "dot", 2.4)
    half, most = found.coverage(0.5), found.coverage(0.9)
    rows = [
        ("explained, left out", explained_words(found.explained), "more is better"),
        ("within the 50 % interval", f"{100 * half:.0f} %", "50 %"),
        ("within the 90 % interval", f"{100 * most:.0f} %", "90 %"),
        *_noise(facts),
        *_sampling(facts),
        *_earlier(facts),
    ]
    return join(
        [
            paragraph(_judgement(most, len(values)), class_="lead"),
            tag("div", plot.render(), class_="wide"),
            paragraph(
                "Each dot is a value and what the model predicts of it from all others; the line "
                "holds 90 % of the prediction. On the diagonal, both agree. The hyperparameters "
                "have seen all values, so intervals at new points hold somewhat less.",
                class_="small",
            ),
            table(["", "here", "good"], rows),
        ]
    )


def _judgement(most: float, n: int) -> str:
    """What the share within the 90 % intervals says; three standard errors of it is chance."""
    off = 3.0 * np.sqrt(0.9 * 0.1 / n)
    if most < 0.9 - off:
        return "The model is surer than it should be: take its intervals for too narrow."
    if most > 0.9 + off:
        return "The model is more cautious than it needs to be: its intervals are too wide."
    return "The model's intervals hold what they say, as far as the run can tell."


def _noise(facts: RunFacts) -> list[tuple[str, str, str]]:
    if facts.noise_sd is None:
        return []
    told = [t.outcome.sd for t in facts.evaluated if t.outcome and t.outcome.sd is not None]
    rows = [("noise near the best (sd)", number(facts.noise_sd, 2), "")]
    if told:
        median = float(np.median(told))
        rows.append(("noise reported (sd)", number(median, 2), ""))
    best, recommended = facts.best, facts.recommended
    if facts.front is not None or best is None or recommended is None:
        return rows
    if best.number != recommended.number:
        luck = facts.sign * (facts.mean(facts.coords([best])) - facts.value(best))
        rows.append(("luck in the best value", number(luck, 2), ""))
    return rows


def _earlier(facts: RunFacts) -> list[tuple[str, str, str]]:
    """How much the model listens to each earlier run."""
    assert facts.fitted is not None
    about = facts.fitted.diagnostics.get("earlier_runs", {})
    return [
        (f"weight of {name}", f"{100 * weight:.0f} %", "")
        for name, weight in about.get("weights", {}).items()
    ]


def _sampling(facts: RunFacts) -> list[tuple[str, str, str]]:
    """Diagnostics of the chains of full Bayes."""
    assert facts.fitted is not None
    refits = facts.fitted.diagnostics.get("refits")
    if not refits or not isinstance(refits[-1], Mapping):
        return []
    last: Mapping[str, Any] = refits[-1]
    known = {
        "r_hat": ("R-hat of the chains, the worst", "near 1"),
        "ess": ("effective draws, the fewest", "many"),
        "divergent": ("share of divergent draws", "0"),
    }
    rows = [
        (words, number(float(last[key])), good)
        for key, (words, good) in known.items()
        if key in last
    ]
    return [*rows, ("chains", str(facts.fitted.diagnostics.get("verdict", "")), "good")]
