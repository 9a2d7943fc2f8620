"""What is done with a budget that is larger than the space: is the objective noisy?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bayesopt.trial import TrialState

if TYPE_CHECKING:
    from bayesopt.optimizer import Optimizer


def repeat_best(optimizer: Optimizer) -> bool:
    """Enqueue the best point once more when every point was evaluated, to see whether the values
    differ; returns whether that was done.

    If they do, the objective is noisy and asks repeat points from then on. Nothing is enqueued
    where it is known: the run is declared deterministic, or some point was evaluated twice. Nor
    where no model would make use of it.
    """
    if optimizer.problem.deterministic or not optimizer.config.proposer.needs_model:
        return False
    done = [t for t in optimizer.trials if t.state is TrialState.COMPLETE]
    rows = {tuple(sorted((name, repr(value)) for name, value in t.params.items())) for t in done}
    if not done or len(rows) < len(done):
        return False
    best = optimizer.best if len(optimizer.problem.objectives) == 1 else done[0]
    if best is None:
        return False
    optimizer.enqueue(best.params)
    return True
