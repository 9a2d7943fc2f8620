"""The function that ``fmin`` calls for new points."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from hyperopt.base import (
    JOB_STATE_DONE,
    STATUS_FAIL,
    STATUS_OK,
    Domain,
    Trials,
    miscs_update_idxs_vals,
)
from numpy.typing import NDArray

from bayesopt.acquisition import Acquisition
from bayesopt.checks import whole
from bayesopt.design import InitialDesign
from bayesopt.integrations.hyperopt.space import Labels
from bayesopt.optimizer.advisor import Advisor, Known, Proposal
from bayesopt.optimizer.model import Results
from bayesopt.surrogate import Surrogate
from bayesopt.trial import Origin, Outcome, Trial, TrialState

Floats = NDArray[np.float64]

_KEY = "bayesopt"  # in a trial's misc: the run's seed, and what the next fit starts from


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
    labels = Labels.of(domain.expr)
    documents = list(trials.trials)
    notes = [doc["misc"].get(_KEY) or {} for doc in documents]
    run_seed = next((int(note["seed"]) for note in notes if "seed" in note), int(seed))
    advisor = Advisor.of(
        run_seed,
        surrogate=surrogate,
        acquisition=acquisition,
        initial_design=_design(n_startup_jobs),
    )
    made: list[dict[str, Any]] = []
    for new_id in new_ids:
        note: dict[str, Any] = {"seed": run_seed}
        values: dict[str, list[Any]] = {}
        if labels.space is not None and labels.space.n_columns:
            known = _known(labels, documents + made, int(new_id), deterministic=deterministic)
            proposal = advisor.propose(known)
            values = labels.values(labels.space.to_rows(proposal.coords[None, :])[0])
            note |= _new_state(proposal, known)
        elif labels.space is not None:
            values = labels.values(np.empty(0))
        made.append(_document(new_id, domain, trials, values, note))
    return made


def _design(n_startup_jobs: int | None) -> InitialDesign | None:
    if n_startup_jobs is None:
        return InitialDesign()
    n = whole("n_startup_jobs", n_startup_jobs, 0, also=" or None")
    return InitialDesign(n=n) if n else None


def _known(
    labels: Labels, documents: Sequence[Mapping[str, Any]], number: int, *, deterministic: bool
) -> Known:
    assert labels.space is not None
    rows = np.empty((len(documents), labels.space.n_columns))
    for i, doc in enumerate(documents):
        rows[i] = labels.numbers(doc["misc"]["vals"])
    coords = labels.space.to_coords(rows)
    outcomes = [_outcome(doc) for doc in documents]
    done = [i for i, found in enumerate(outcomes) if isinstance(found, Outcome)]
    failed = [i for i, found in enumerate(outcomes) if found == STATUS_FAIL]
    pending = [i for i, found in enumerate(outcomes) if found is None]
    complete = [
        Trial(i, {}, TrialState.COMPLETE, Origin.ADDED, found)
        for i, found in enumerate(outcomes)
        if isinstance(found, Outcome)
    ]
    results = Results(complete, coords[done], coords[failed], 1.0, deterministic)
    states = [
        doc["misc"][_KEY]["state"]
        for doc in documents
        if (doc["misc"].get(_KEY) or {}).get("state")
    ]
    state = states[-1] if states else {}
    return Known(labels.space, results, coords[pending], coords[:0], number, state)


def _outcome(document: Mapping[str, Any]) -> Outcome | str | None:
    """What a document says: an outcome, STATUS_FAIL, or None while nothing is known."""
    if document["state"] != JOB_STATE_DONE:
        return None
    result = document["result"]
    loss = result.get("loss")
    if result.get("status") != STATUS_OK or loss is None or not math.isfinite(loss):
        return str(STATUS_FAIL)
    variance = result.get("loss_variance")
    measured = variance is not None and math.isfinite(variance) and variance > 0
    return Outcome(float(loss), sd=math.sqrt(variance) if measured else None)


def _new_state(proposal: Proposal, known: Known) -> dict[str, Any]:
    changed = proposal.from_model and proposal.state != known.state
    return {"state": dict(proposal.state)} if changed else {}


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
