"""The status of a stored run, for people."""

from __future__ import annotations

import time
from collections import Counter
from typing import TYPE_CHECKING

from rich.console import Console

from bayesopt.cli.report import point_words, print_best, print_failures, print_infeasible
from bayesopt.cli.sparkline import best_line
from bayesopt.cli.terminal import say
from bayesopt.objectives import words as words_of
from bayesopt.storage.worker import Worker
from bayesopt.text import one_line
from bayesopt.trial import Origin, TrialState

if TYPE_CHECKING:
    from bayesopt.optimizer import Optimizer
    from bayesopt.result import Result

_PENDING_SHOWN = 20


def print_status(console: Console, name: str, optimizer: Optimizer, result: Result) -> None:
    """Print counts, the best trials, who has which point, and what went wrong."""
    trials = result.trials
    counts = Counter("added" if t.origin is Origin.ADDED else t.state.name.lower() for t in trials)
    words = ", ".join(f"{count} {state}" for state, count in counts.items()) or "no trials yet"
    what = words_of(optimizer.problem.objectives) if result.several else result.direction
    say(console, f"{name}: {what}, seed {optimizer.seed}; {words}")
    if result.outcome_constraints:
        limits = (f"{name} {limit}" for name, limit in result.outcome_constraints.items())
        say(console, f"feasible: {one_line(', '.join(limits))}")
    if (blocks := best_line(result)) is not None:
        say(console, f"{'hypervolume' if result.several else 'best so far'}: {blocks}")
    print_best(console, result)
    print_infeasible(console, result)
    _print_pending(console, optimizer, result)
    print_failures(console, result)


def _print_pending(console: Console, optimizer: Optimizer, result: Result) -> None:
    pending = [t for t in result.trials if t.state is TrialState.PENDING]
    if not pending:
        return
    asked = {e["number"]: e for _, e in optimizer.storage.read(kinds=("asked",))}
    say(console, "waiting for:")
    for trial in pending[:_PENDING_SHOWN]:
        event = asked[trial.number]
        say(console, f"  {trial.number}  {point_words(trial)}  ({_whereabouts(event)})")
    if len(pending) > _PENDING_SHOWN:
        say(console, f"  and {len(pending) - _PENDING_SHOWN} more")


def _whereabouts(event: dict[str, object]) -> str:
    """Who has a point, and since when."""
    minutes = (time.time() - float(str(event["time"]))) / 60
    since = f"{minutes:.0f} min" if minutes < 120 else f"{minutes / 60:.0f} h"
    worker = Worker.from_string(str(event.get("worker")))
    if event.get("held") or worker is None:
        return f"handed out {since} ago"
    return f"{worker.name} for {since}: {worker.status().value}"
