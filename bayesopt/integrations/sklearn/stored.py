"""A search kept in a file: its fits, and what they were made of, for the process that goes on."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import joblib

from bayesopt.checks import shown
from bayesopt.optimizer import Optimizer
from bayesopt.space import Space
from bayesopt.trial import Origin, Trial, TrialState

Fit = dict[str, Any]
Description = dict[str, str]

_SCORES = ("test_scores", "train_scores")
_TIMES = ("fit_time", "score_time")
_DONE = (TrialState.COMPLETE, TrialState.FAILED, TrialState.STOPPED)
_PER_SPLIT = "; per split: "  # in a failed candidate's message, before its fits

_WHAT = {
    "data": "other data (X, y or parameters of fit)",
    "estimator": "another estimator",
    "scoring": "another scoring",
    "space": "another search space",
    "splits": "other splits: give a shuffling cv an integer random_state",
}


def path_of(storage: Any, place: int) -> Any:
    """Where the search at ``place`` is kept: ``run.db``, then ``run-2.db``, ``run-3.db``, ...

    Raises
    ------
    TypeError : when ``storage`` is no path.
    """
    if storage is None:
        return None
    if not isinstance(storage, str | Path) or not str(storage):
        raise TypeError(
            f'storage must be None or the path of a file, such as "run.db"; got {shown(storage)}'
        )
    path = Path(storage)
    return path if place == 0 else path.with_name(f"{path.stem}-{place + 1}{path.suffix}")


def describe(search: Any, X: Any, y: Any, params: Mapping[str, Any]) -> Description:
    """What the scores of a search depend on, as short hashes; the splits are not known yet."""
    estimator = {
        name: value if isinstance(value, str | int | float | None) else type(value).__qualname__
        for name, value in search.estimator.get_params(deep=True).items()
    }
    scoring = search.scoring
    if callable(scoring):
        scoring = getattr(scoring, "__qualname__", None) or type(scoring).__qualname__
    elif isinstance(scoring, Mapping):
        scoring = sorted(scoring)
    if search.objectives is not None:
        scoring = (scoring, [*search.objectives])
    return {
        "data": _hash((X, y, sorted(params.items()))),
        "estimator": _hash((type(search.estimator).__qualname__, sorted(estimator.items()))),
        "scoring": _hash((scoring, search.return_train_score)),
    }


def splits_hash(splits: Any) -> str:
    """The splits, as a short hash."""
    return _hash([(list(train), list(test)) for train, test in splits])


def space_hash(space: Space) -> str:
    """The space as it is shown: choices that are no JSON are not compared otherwise."""
    return _hash(re.sub(r" at 0x[0-9a-fA-F]+", "", repr(space)))


def _hash(thing: Any) -> str:
    try:
        return str(joblib.hash(thing))[:16]
    except Exception:  # data of any kind may refuse to be pickled: then they are not compared
        return ""


def check(optimizer: Optimizer, description: Description, path: Any) -> None:
    """Refuse to go on with a search of something else.

    Raises
    ------
    ValueError : saying what differs.
    """
    for trial in optimizer.trials:
        info = None if trial.outcome is None else trial.outcome.info
        if not isinstance(info, Mapping) or not isinstance(info.get("search"), Mapping):
            continue
        for key, words in _WHAT.items():
            old, new = info["search"].get(key), description.get(key)
            if old and new and old != new:
                raise ValueError(
                    f"storage: {path} holds a search with {words}. Go on with what it was made "
                    "of, or give another file to begin a new search"
                )
        return


def info_of(fits: Sequence[Mapping[str, Any]], about: Description) -> dict[str, Any]:
    """What is told with a candidate's result: all that ``cv_results_`` needs."""
    return {"info": {"splits": [_written(fit) for fit in fits], "search": dict(about)}}


def failure_of(message: str, fits: Sequence[Mapping[str, Any]] | None) -> str:
    """The message of a candidate that failed or was given up; with its fits, if there are any."""
    if fits is None:
        return message
    return f"{message}{_PER_SPLIT}{json.dumps([_written(fit) for fit in fits])}"


def finished(optimizer: Optimizer) -> list[Trial]:
    """The candidates that are evaluated, by whichever process, in their order."""
    return done(optimizer.trials)


def done(trials: Iterable[Trial]) -> list[Trial]:
    """Those of the trials that are candidates of the search, and evaluated or given up."""
    return [t for t in trials if t.state in _DONE and t.origin is not Origin.ADDED]


def fits_of(trial: Trial, n_splits: int | None = None) -> list[Fit] | None:
    """A candidate's fits as they were told, of one that was given up or failed perhaps fewer than
    the splits; None when all of them failed.

    Raises
    ------
    ValueError : when the file holds something else.
    """
    written: Any = None
    if trial.outcome is not None:
        info = trial.outcome.info
        written = info.get("splits") if isinstance(info, Mapping) else None
    elif trial.error is not None and _PER_SPLIT in trial.error:
        try:
            written = json.loads(trial.error.rpartition(_PER_SPLIT)[2])
        except ValueError:
            written = None
    elif trial.state is TrialState.FAILED:
        return None
    try:
        fits = [_read(fit) for fit in written]
    except (TypeError, ValueError, KeyError, AttributeError) as error:
        raise ValueError(
            f"storage: trial {trial.number} holds no scores of single splits: the file was not "
            "written by BayesSearchCV"
        ) from error
    ended = trial.state is not TrialState.COMPLETE
    if not fits or (n_splits and len(fits) != n_splits and not (ended and len(fits) < n_splits)):
        raise ValueError(
            f"storage: trial {trial.number} has {len(fits)} splits; this search has {n_splits}. "
            "Give the same cv, or another file to begin a new search"
        )
    return fits


def _written(fit: Mapping[str, Any]) -> Fit:
    """The numbers of a fit as JSON values; JSON has none for NaN and infinity."""

    def number(value: Any) -> Any:
        return float(value) if math.isfinite(value) else str(float(value))

    def scores(value: Any) -> Any:
        if isinstance(value, Mapping):
            return {str(name): number(v) for name, v in value.items()}
        return number(value)

    found = {key: number(fit[key]) for key in _TIMES}
    found |= {key: scores(fit[key]) for key in _SCORES if key in fit}
    return found | {"fit_error": None if fit.get("fit_error") is None else str(fit["fit_error"])}


def _read(written: Mapping[str, Any]) -> Fit:
    def scores(value: Any) -> Any:
        if isinstance(value, Mapping):
            return {str(name): float(v) for name, v in value.items()}
        return float(value)

    fit: Fit = {key: float(written[key]) for key in _TIMES}
    fit |= {key: scores(written[key]) for key in _SCORES if key in written}
    return fit | {"test_scores": fit["test_scores"], "fit_error": written.get("fit_error")}
