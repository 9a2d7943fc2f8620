"""The end of a run, for people and for machines."""

from __future__ import annotations

import json
import math
from collections import Counter
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table

from bayesopt.cli.terminal import cell, say
from bayesopt.text import one_line
from bayesopt.trial import Trial, TrialState

if TYPE_CHECKING:
    from bayesopt.result import Result

_ROWS = 5
_FRONT = 12  # trials of a front that are printed
_REASONS = 3


def print_result(console: Console, result: Result, seconds: float) -> None:
    """Print the best trials, the recommended one where it differs, and what went wrong."""
    say(console, f"{len(result.trials)} trials in {seconds:.1f} s; {result.stop.value}.")
    print_best(console, result)
    print_failures(console, result)


def print_best(console: Console, result: Result) -> None:
    """Print the best trials, or the front; when none is feasible, the one that comes closest."""
    if result.several and len(result.pareto):
        console.print(_front(result))
        say(console, one_line(repr(result.hypervolume)))
    elif not result.several and result.best is not None:
        console.print(_table(result))
    else:
        _print_closest(console, result)
    if "missing" in result.diagnostics:
        say(console, f"no recommendation: {result.diagnostics['missing']}")


def print_json(result: Result, seconds: float) -> None:
    """Print the result as one JSON object on standard output."""
    print(json.dumps({**result.to_dict(), "seconds": round(seconds, 3)}, default=str))


def _print_closest(console: Console, result: Result) -> None:
    evaluated = [t for t in result.trials if t.outcome is not None]
    if not evaluated:
        return
    say(console, f"none of {len(evaluated)} evaluated trials is known to be feasible")
    violated = [t for t in evaluated if _violation(t) > 0]
    if violated:
        closest = min(violated, key=_violation)
        words = one_line(f"{_broken(closest)}  {point_words(closest)}")
        say(console, f"  closest: trial {closest.number}  {words}")


def print_infeasible(console: Console, result: Result) -> None:
    """Print the evaluated trials that break outcome constraints, the closest first, and which."""
    found = [t for t in result.trials if t.outcome is not None and not t.feasible]
    if not found:
        return
    evaluated = sum(t.outcome is not None for t in result.trials)
    table = Table(title=f"not feasible: {len(found)} of {evaluated}", title_justify="left")
    for heading in ("trial", "value", "because", "point"):
        right = heading in ("trial", "value")
        table.add_column(heading, justify="right" if right else "left", overflow="fold")
    for trial in sorted(found, key=lambda t: (bool(t.violated), _violation(t)))[:_ROWS]:
        value = "" if trial.value is None else f"{trial.value:.6g}"
        reasons = [_broken(trial)] if _broken(trial) else []
        reasons += [f"{name}: by other evaluations of the point" for name in trial.violated]
        table.add_row(str(trial.number), value, cell("  ".join(reasons)), cell(point_words(trial)))
    console.print(table)
    if len(found) > _ROWS:
        say(console, f"and {len(found) - _ROWS} more")


def _violation(trial: Trial) -> float:
    return sum(max(over, 0.0) for over in trial.excess.values())


def _broken(trial: Trial) -> str:
    """The constraints that a trial breaks: "a=0.7 (<= 0.5 is feasible)"."""
    values = trial.outcome.constraints if trial.outcome else {}
    broken = [name for name, over in trial.excess.items() if over > 0]
    limits = {n: trial.limits[n].written if n in trial.limits else "<= 0" for n in broken}
    return "  ".join(f"{n}={values[n]:.6g} ({limits[n]} is feasible)" for n in broken)


def _table(result: Result) -> Table:
    sign = 1.0 if result.direction == "minimize" else -1.0
    ranked = sorted(
        (t for t in result.trials if t.feasible and t.value is not None),
        key=lambda t: sign * (t.value or 0.0),
    )[:_ROWS]
    recommended = result.recommended
    if recommended is not None and recommended.number not in {t.number for t in ranked}:
        ranked.append(recommended)
    table = Table(title="best trials", title_justify="left")
    for heading in ("trial", "value", "point"):
        table.add_column(
            heading, justify="left" if heading == "point" else "right", overflow="fold"
        )
    for trial in ranked:
        mark = " (recommended)" if recommended and trial.number == recommended.number else ""
        table.add_row(f"{trial.number}{mark}", f"{trial.value:.6g}", cell(point_words(trial)))
    return table


def _front(result: Result) -> Table:
    """The trials that none dominates; of many an even selection, the compromise among them."""
    front, middle = result.pareto, result.compromise().number
    step = max(len(front) / _FRONT, 1.0)
    shown = {int(i * step) for i in range(min(len(front), _FRONT))} | {len(front) - 1}
    shown |= {i for i, one in enumerate(front) if one.number == middle}
    names = [o.name for o in front.objectives]
    of = f" ({len(shown)} of {len(front)})" if len(shown) < len(front) else ""
    table = Table(title=f"trials that none dominates{of}", title_justify="left")
    table.add_column("trial", justify="right", overflow="fold")
    for name in names:
        table.add_column(cell(one_line(name)), justify="right", overflow="fold")
    table.add_column("sure", justify="right")
    table.add_column("point", overflow="fold")
    for one in (front[i] for i in sorted(shown)):
        mark = " (compromise)" if one.number == middle else ""
        values = [f"{one.means[name]:.6g}" for name in names]
        sure = "" if math.isnan(one.probability) else f"{one.probability:.0%}"
        point = cell(point_words(one.trial))
        table.add_row(f"{one.number}{mark}", *values, sure, point)
    return table


def point_words(trial: Trial) -> str:
    """A point on one line."""
    return one_line("  ".join(f"{name}={short(value)}" for name, value in trial.params.items()))


def short(value: Any) -> str:
    """A value in few words."""
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def print_failures(console: Console, result: Result) -> None:
    """Print how many trials failed or were lost, and the most frequent reasons."""
    bad = [t for t in result.trials if t.state in (TrialState.FAILED, TrialState.ABANDONED)]
    if not bad:
        return
    kinds = Counter(t.state.name.lower() for t in bad)
    say(console, ", ".join(f"{count} {kind}" for kind, count in kinds.items()) + ":")
    for reason, count in Counter(t.error or "" for t in bad).most_common(_REASONS):
        say(console, f"  {count} x {reason}")
