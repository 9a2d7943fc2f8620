"""The verdict: what was found, how sure it is, what changed, what it cost."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from typing import Any

import numpy as np

from bayesopt.report.front_chart import of_front
from bayesopt.report.markup import (
    Markup,
    duration,
    join,
    number,
    paragraph,
    several,
    short,
    table,
    tag,
)
from bayesopt.report.run_facts import RunFacts
from bayesopt.show import value_text
from bayesopt.trial import Origin, Trial, TrialState

_ROWS = 14  # parameters that are shown at once


def verdict(facts: RunFacts) -> Markup:
    """The first section: a sentence, the settings, what changed, the cost."""
    missing = facts.result.diagnostics.get("missing")
    if missing:
        said = paragraph(f"There is no model in this report: {missing}", class_="warn")
        return join([said, _found(facts)])
    return _found(facts)


def _found(facts: RunFacts) -> Markup:
    recommended, best = facts.recommended, facts.best
    if recommended is None or best is None:
        return join([_nothing(facts), _cost(facts)])
    if facts.front is not None:
        return join([of_front(facts, facts.front), _settings(facts, recommended), _cost(facts)])
    parts = [paragraph(_sentence(facts, recommended), class_="lead")]
    gain = _gain(facts, recommended)
    if gain:
        parts.append(paragraph(gain))
    if recommended.number != best.number:
        parts.append(
            paragraph(
                f"The best value seen is {number(facts.value(best))}, in trial "
                f"{best.number}. The model takes part of it for luck."
            )
        )
    parts.append(_settings(facts, recommended))
    return join([*parts, _cost(facts)])


def _nothing(facts: RunFacts) -> Markup:
    if not facts.trials:
        return paragraph("The run has no trials yet.", class_="lead")
    said = f"No trial has a feasible value yet: {several(len(facts.trials), 'trial')}, "
    return paragraph(f"{said}{len(facts.failed)} of them failed.", class_="lead")


def _sentence(facts: RunFacts, trial: Trial) -> Markup:
    lowest = "lowest" if facts.sign > 0 else "highest"
    about = ""
    if facts.fitted is not None:
        predicted = facts.predict(facts.coords([trial]))
        about = f" (the model says {number(predicted.mean[0])} ± {number(predicted.sd[0], 2)})"
    return join(
        [
            "Use the setting of trial ",
            tag("b", trial.number),
            f": {short(facts.objective.name)} ",
            tag("b", number(facts.value(trial))),
            f"{about}, the {lowest} expected of {several(len(facts.evaluated), 'trial')}.",
        ]
    )


def default_params(facts: RunFacts) -> dict[str, Any] | None:
    """The point of the defaults, where a parameter declares one."""
    parameters = facts.space.parameters.values()
    if all(parameter.default_number() is None for parameter in parameters):
        return None
    row = facts.space.to_rows(facts.space.default_coords()[None])[0]
    return facts.space.decode(row)


def _gain(facts: RunFacts, trial: Trial) -> str:
    """What was gained over the defaults, or over a typical first trial; by the model where there
    is noise, else the luck of one evaluation would look like a gain.
    """
    noisy = facts.noisy
    default = default_params(facts)
    if default is not None:
        same = [t for t in facts.evaluated if dict(t.params) == default]
        if facts.fitted is not None and (noisy or not same):
            row = facts.space.encode(default)
            before, where = facts.mean(facts.space.to_coords(row[None])), "the defaults"
        elif same:
            before, where = facts.value(same[0]), "the defaults"
        else:
            return ""
    else:
        first = [facts.value(t) for t in facts.evaluated if t.origin is Origin.INITIAL]
        if len(first) < 3:
            return ""
        before, where = float(np.median(first)), "a typical trial of the initial design"
    after = facts.mean(facts.coords([trial])) if noisy else facts.value(trial)
    by = ", by the model" if noisy else ""
    gained = facts.sign * (before - after)
    if not gained > 0:
        return f"It is no better than {where} ({number(before)}{by})."
    share = f" ({100 * gained / before:.3g} %)" if before > 0 and after > 0 else ""
    return f"It gains {number(gained)}{share} over {where}, {number(before)}{by}."


def _settings(facts: RunFacts, trial: Trial) -> Markup:
    """The setting, beside the default where there is one; to be copied."""
    default = default_params(facts)
    head = ["parameter", "recommended"] + (["default"] if default is not None else [])
    rows = []
    for name in facts.space.names:
        cells = [short(name, 40), _value(trial.params, name)]
        if default is not None:
            cells.append(_value(default, name))
        rows.append(cells)
    written = json.dumps(dict(trial.params), default=str, indent=1)
    copy = tag("button", "Copy as JSON", type="button", data_copy="setting")
    shown = table(head, rows[:_ROWS])
    if len(rows) > _ROWS:
        summary = tag("summary", f"{len(rows) - _ROWS} more parameters")
        shown = join([shown, tag("details", summary, table(head, rows[_ROWS:]))])
    return join([shown, tag("pre", written, id="setting", hidden="hidden"), copy])


def _value(params: Mapping[str, Any], name: str) -> str:
    return value_text(params[name]) if name in params else "inactive"


def _cost(facts: RunFacts) -> Markup:
    """What it cost: trials by what became of them, time, costs that were told."""
    states = Counter(t.state for t in facts.trials if t.origin is not Origin.ADDED)
    names = {
        TrialState.COMPLETE: "evaluated",
        TrialState.FAILED: "failed",
        TrialState.PENDING: "pending",
        TrialState.ABANDONED: "lost",
        TrialState.RETRACTED: "withdrawn",
        TrialState.STOPPED: "stopped early",
    }
    said = [f"{states[state]} {name}" for state, name in names.items() if states[state]]
    added = sum(t.origin is Origin.ADDED for t in facts.trials)
    said += [f"{added} observed elsewhere"] if added else []
    sentences = [f"{several(len(facts.trials), 'trial')}: {', '.join(said)}."] if said else []
    seconds = [t.seconds for t in facts.trials if t.seconds is not None]
    if seconds:
        sentences.append(f"Evaluations took {duration(sum(seconds))} in all.")
    starts = [t.start for t in facts.trials if t.start is not None]
    if len(starts) > 1:
        whole = (max(starts) - min(starts)).total_seconds()
        sentences.append(f"From the first to the last start: {duration(whole)}.")
    costs = [t.outcome.cost for t in facts.evaluated if t.outcome and t.outcome.cost is not None]
    if costs:
        sentences.append(f"Costs that were told: {number(sum(costs))}.")
    return paragraph(" ".join(sentences)) if sentences else Markup("")
