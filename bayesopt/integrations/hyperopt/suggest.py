"""The function that ``fmin`` calls for new points."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from hyperopt.base import JOB_STATE_DONE, STATUS_OK, Domain, Trials, miscs_update_idxs_vals
from numpy.typing import NDArray

from bayesopt.acquisition import Acquisition
from bayesopt.calls import explained
from bayesopt.checks import whole
from bayesopt.design import InitialDesign
from bayesopt.integrations.hyperopt.space import ExpressionLabels
from bayesopt.strategy import Measured, Objective, ProposalConfig, RunData, propose
from bayesopt.surrogate import Surrogate

Floats = NDArray[np.float64]

_KEY = "bayesopt"  # in a trial's misc: the run's seed, and what the next fit starts from


@explained
def suggest(
    new_ids: Sequence[int],
    domain: Domain,
    trials: Trials,
    seed: int,
    *,
    n_startup_jobs: int | None = None,
    deterministic: bool = False,
    surrogate: Surrogate | None = None,
    acquisition: Acquisition | None = None,
) -> list[dict[str, Any]]:
    """Propose points by Bayesian optimization: ``fmin(f, space, algo=suggest, max_evals=50)``.

    Options are given by ``functools.partial(suggest, deterministic=True)``. Branches of
    ``hp.choice`` are conditions; unbounded distributions are searched over their quantiles;
    ``hp.randint`` is taken as ordered. Trials under way are taken into account, those with
    ``STATUS_FAIL`` or a loss that is not finite say where not to go, and a ``loss_variance`` is
    used.

    Parameters
    ----------
    new_ids, domain, trials, seed : what ``fmin`` passes.
    n_startup_jobs : points before the model takes over; None: labels + 2, within 5 to 20.
    deterministic : True when evaluating a point twice gives the same loss.
    surrogate, acquisition : parts of the algorithm; None: :class:`~bayesopt.MapGP`,
        :class:`~bayesopt.LogEI`.

    Returns
    -------
    New trial documents, one for each of ``new_ids``.

    Raises
    ------
    TypeError, ValueError : for options of the wrong kind, or labels that cannot be searched.
    NotImplementedError : for distributions that are not known here.
    """
    labels = ExpressionLabels.of(domain.expr)
    documents = list(trials.trials)
    notes = [doc["misc"].get(_KEY) or {} for doc in documents]
    run_seed = next((int(note["seed"]) for note in notes if "seed" in note), int(seed))
    config = ProposalConfig.of(
        run_seed,
        surrogate=surrogate,
        acquisition=acquisition,
        initial_design=_design(n_startup_jobs),
        repeat=True,
    )
    made: list[dict[str, Any]] = []
    for new_id in new_ids:
        note: dict[str, Any] = {"seed": run_seed}
        values: dict[str, list[Any]] = {}
        if labels.space is not None and labels.space.n_columns:
            data = _data(labels, documents + made, deterministic=deterministic)
            state = _last_state(documents + made)
            proposal = propose(data, config, number=int(new_id), state=state)
            values = labels.values(proposal.row)
            if proposal.from_model and proposal.state != state:
                note["state"] = dict(proposal.state)
        elif labels.space is not None:
            values = labels.values(np.empty(0))
        made.append(_document(new_id, domain, trials, values, note))
    return made


def _design(n_startup_jobs: int | None) -> InitialDesign | None:
    if n_startup_jobs is None:
        return InitialDesign()
    n = whole("n_startup_jobs", n_startup_jobs, 0, also=" or None")
    return InitialDesign(n=n) if n else None


def _data(
    labels: ExpressionLabels, documents: Sequence[Mapping[str, Any]], *, deterministic: bool
) -> RunData:
    assert labels.space is not None
    rows = np.empty((len(documents), labels.space.n_columns))
    for i, doc in enumerate(documents):
        rows[i] = labels.numbers(doc["misc"]["vals"])
    coords = labels.space.to_coords(rows)
    done = np.array([doc["state"] == JOB_STATE_DONE for doc in documents], dtype=bool)
    losses = np.array([_loss(doc["result"]) for doc in documents], dtype=float)
    good = done & np.isfinite(losses)
    sds = np.array([_sd(doc["result"]) for doc in documents], dtype=float)
    return RunData.of(
        labels.space,
        coords[good],
        [Measured(Objective("loss"), losses[good], sds[good])],
        failed=coords[done & ~good],
        pending=coords[~done],
        deterministic=deterministic,
    )


def _loss(result: Mapping[str, Any]) -> float:
    """The loss; NaN where there is none."""
    loss = result.get("loss")
    return math.nan if result.get("status") != STATUS_OK or loss is None else float(loss)


def _sd(result: Mapping[str, Any]) -> float:
    """The loss's standard deviation; NaN where it was not measured."""
    variance = result.get("loss_variance")
    if variance is None or not math.isfinite(variance) or variance <= 0:
        return math.nan
    return math.sqrt(variance)


def _last_state(documents: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    """What the next proposal starts from."""
    notes = [doc["misc"].get(_KEY) or {} for doc in documents]
    return next((note["state"] for note in reversed(notes) if note.get("state")), {})


def _document(
    new_id: int,
    domain: Domain,
    trials: Trials,
    values: Mapping[str, list[Any]],
    note: Mapping[str, Any],
) -> dict[str, Any]:
    misc = {"tid": new_id, "cmd": domain.cmd, "workdir": domain.workdir, _KEY: dict(note)}
    idxs = {label: [new_id] if value else [] for label, value in values.items()}
    miscs_update_idxs_vals([misc], idxs, dict(values))
    documents: list[dict[str, Any]] = trials.new_trial_docs(
        [new_id], [None], [domain.new_result()], [misc]
    )
    return documents[0]
