"""The trials as a table, the best first; a click on a head sorts it."""

from __future__ import annotations

from bayesopt.report.markup import Markup, join, number, paragraph, short, table, tag
from bayesopt.report.run_facts import RunFacts
from bayesopt.show import value_text
from bayesopt.trial import Trial, TrialState

_ROWS = 200
_CELLS = 4000


def trial_list(facts: RunFacts) -> Markup | None:
    """The table, folded; None without trials."""
    if not facts.trials:
        return None
    ranked = sorted(facts.trials, key=lambda t: _rank(facts, t))
    columns = facts.columns[:30]
    most = max(20, min(_ROWS, _CELLS // max(1, len(columns))))
    constraints = sorted({n for t in facts.evaluated for n in (t.excess or {})})[:10]
    names = [one.objective.name for one in facts.each()]
    head = ["trial", *map(short, [*names, *constraints]), "state", *map(short, columns)]
    rows = [_row(t, columns, [*names, *constraints]) for t in ranked[:most]]
    note = "" if len(ranked) <= most else f"The best {most} of {len(ranked)} are listed."
    body = join([paragraph(note, class_="small"), table(head, rows, class_="sortable")])
    return tag("details", tag("summary", "All trials" if not note else "The best trials"), body)


def _rank(facts: RunFacts, trial: Trial) -> tuple[bool, bool, float]:
    known = trial.outcome is not None
    return not known, not trial.feasible, facts.sign * (facts.value(trial) if known else 0.0)


def _row(trial: Trial, columns: list[str], outputs: list[str]) -> list[object]:
    told = trial.values
    state = "" if trial.state is TrialState.COMPLETE else trial.state.name.lower()
    cells: list[object] = [trial.number]
    cells += [number(told[name], 6) if name in told else "" for name in outputs]
    cells.append(f"{state}: {short(trial.error, 60)}" if trial.error else state)
    return cells + [value_text(trial.params[c]) if c in trial.params else "" for c in columns]
