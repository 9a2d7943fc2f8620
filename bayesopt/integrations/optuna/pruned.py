"""What pruned trials tell: where they would have ended, from all trials' intermediate values."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from optuna.trial import FrozenTrial, TrialState

from bayesopt.stopping import LearningCurve, predicted_ends
from bayesopt.strategy import RunData, with_partial
from bayesopt.trial import TrialState as Ours

_STATES = {
    TrialState.COMPLETE: Ours.COMPLETE,
    TrialState.PRUNED: Ours.STOPPED,
    TrialState.FAIL: Ours.FAILED,
    TrialState.RUNNING: Ours.PENDING,
}


def curves(trials: Sequence[FrozenTrial], sign: float) -> list[LearningCurve]:
    """The curves of the trials that reported; less is better.

    Parameters
    ----------
    sign : 1 where the study minimises, -1 where it maximises.
    """
    found = []
    for trial in trials:
        told = {step: v for step, v in trial.intermediate_values.items() if step >= 0}
        if not told or trial.state not in _STATES:
            continue
        steps = sorted(told)
        values = sign * np.array([told[step] for step in steps], dtype=float)
        values[~np.isfinite(values)] = np.nan
        complete = trial.state is TrialState.COMPLETE
        found.append(
            LearningCurve(
                trial.number,
                np.array(steps, dtype=np.int64),
                values,
                _STATES[trial.state],
                sign * float(trial.values[0]) if complete else np.nan,
                sign,
            )
        )
    return found


def learned(
    data: RunData,
    trials: Sequence[FrozenTrial],
    complete: Sequence[int],
    pruned: Sequence[int],
    sign: float,
) -> RunData:
    """The run with its pruned trials where they are predicted to end.

    Parameters
    ----------
    data : with the trials ``complete`` evaluated, and ``pruned`` the first of those only avoided.
    trials : of the study, by number.
    complete, pruned : indices of trials.
    """
    ended = [t for t in trials if t.state is not TrialState.RUNNING]
    known = {c.number: c for c in curves(ended, sign)}
    wanted = [i for i in pruned if trials[i].number in known]
    if not wanted or not any(c.complete for c in known.values()):
        return data
    mean, sd = predicted_ends(list(known.values()), [known[trials[i].number] for i in wanted])
    first = len(data.coords) - len(_avoided(data))
    place_of = {i: k for k, i in enumerate(pruned)}
    rows = first + np.array([place_of[i] for i in wanted])
    places = np.searchsorted(np.array(complete), np.array(wanted))
    use = np.isfinite(mean) & np.isfinite(sd) & (sd > 0.0)
    return with_partial(data, places[use], rows[use], sign * mean[use], sd[use])


def _avoided(data: RunData) -> NDArray[np.int64]:
    """Rows of the points that are only avoided: the last ones."""
    used = np.concatenate([data.evaluated, data.failed, data.pending])
    return np.setdiff1d(np.arange(len(data.coords)), used)
