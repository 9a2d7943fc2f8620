"""``bayesopt warmup``: the kernels are compiled by using them, each in the way runs use them."""

from __future__ import annotations

import time
from typing import Any


def warmup() -> None:
    """Compile the numerical kernels now, so that the first run on this machine need not wait."""
    print(f"the kernels are compiled and kept on disk ({warm():.1f} s)")


def warm() -> float:
    """Play small runs that need every kernel; the seconds it took."""
    import bayesopt as bo

    started = time.perf_counter()
    numeric = bo.Space(x=bo.Float(0, 1), y=bo.Float(0, 1))
    mixed = bo.Space(
        x=bo.Float(0, 1),
        n=bo.Int(1, 9),
        kind=bo.Categorical(["a", "b", "c"]),
        depth=bo.Int(1, 9, when={"kind": "a"}),
    )
    for space in (numeric, mixed):
        _play(bo.Optimizer(space, seed=0, n_trials=5))
    _score_as_under_noise(numeric)
    return time.perf_counter() - started


def _play(optimizer: Any) -> None:
    """A few trials, with a failure, a constraint and pending points among them."""
    for number in range(8):
        trial = optimizer.ask()
        if number == 3:
            optimizer.tell_failure(trial, "as it happens")
            continue
        value = float(trial.params["x"])
        optimizer.tell(trial, {"value": value, "constraints": {"c": value - 0.6}})
    optimizer.ask_batch(2)


def _score_as_under_noise(space: Any) -> None:
    """The acquisition of noisy runs, at the posterior of a few results."""
    import numpy as np

    from bayesopt.acquisition.knowledge_gradient import KnowledgeGradient
    from bayesopt.output import Objective
    from bayesopt.strategy import Measured, ProposalConfig, RunData, fit

    rng = np.random.default_rng(0)
    coords = rng.random((6, space.n_columns))
    data = RunData.of(space, coords, [Measured(Objective(), rng.random(6))])
    context = fit(data, ProposalConfig(0)).acquisition_context(data.pending_coords, rng)
    KnowledgeGradient().bind(context, coords, rng).values(coords)
