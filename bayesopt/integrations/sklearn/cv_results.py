"""The candidates of a search and what came of them, those included whose every fit failed."""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from bayesopt.integrations.sklearn.goals import Goals

Params = dict[str, Any]
Results = dict[str, Any]

# scikit-learn raises when all fits of one call of evaluate_candidates fail, and forgets these
# candidates. It means a whole search by that; here a call is a single candidate, whose failure
# is worth knowing.
_ALL_FAILED = "fits failed"
_NOT_FINITE = "the score is not finite"
_KEPT = ("fit_error", "test_scores", "train_scores", "fit_time", "score_time")  # of a fit


@dataclass(frozen=True)
class CandidateScore:
    """What came of one candidate.

    Attributes
    ----------
    means : of each objective, over the splits; "value" is the score that guides the search.
    seconds : spent on fits and scores, over all splits.
    failure : why it failed, or None.
    fits : of each split, as scikit-learn gives them; None when all of them failed. Of one that was
        given up, those of the first splits.
    given_up : why the other splits were not run, or None.
    """

    means: Mapping[str, float]
    seconds: float
    failure: str | None = None
    fits: Sequence[Mapping[str, Any]] | None = None
    given_up: str | None = None


class SameSplits:
    """A splitter that is asked once and repeats its answer, so that candidates can be compared."""

    def __init__(self, splitter: Any) -> None:
        self._splitter = splitter
        self._splits: list[Any] | None = None

    def split(self, X: Any, y: Any = None, **params: Any) -> list[Any]:
        """The splits, as the splitter gave them first."""
        if self._splits is None:
            self._splits = list(self._splitter.split(X, y, **params))
        return self._splits

    def get_n_splits(self, X: Any = None, y: Any = None, **params: Any) -> int:
        """How many splits there are."""
        return int(self._splitter.get_n_splits(X, y, **params))


class CVResults:
    """Evaluates candidates and keeps everything that came of them.

    Parameters
    ----------
    evaluate : what scikit-learn hands to ``_run_search``; it calls :meth:`format` in its turn.
    build : scikit-learn's own ``_format_results``.
    splits : of the cross-validation, or None for those that ``evaluate`` knows.
    estimator : the search, for its ``error_score``, ``verbose`` and ``scoring``.
    goals : of the search.
    by_fold : the number of splits, where ``splits`` has one of them at a time; else None.
    """

    def __init__(
        self,
        evaluate: Callable[..., Results],
        build: Callable[..., Results],
        splits: Any,
        estimator: Any,
        goals: Goals,
        by_fold: int | None = None,
    ) -> None:
        self._evaluate = evaluate
        self._estimator = estimator
        self._build = build
        self._splits = splits
        self._goals = goals
        self._error_score = estimator.error_score
        self._candidates: list[Params] = []
        self._fits: list[
            list[Mapping[str, Any]] | None
        ] = []  # of each candidate; None when all failed
        self._seconds: list[float] = []
        self._given_up: list[bool] = []
        self._formatted: Results | None = None  # the very dict that scikit-learn holds
        self._new_fits: list[Mapping[str, Any]] = []  # of the present split
        self._first_failure: ValueError | None = None
        self._n_splits = by_fold or 0
        self._evaluated = 0  # candidates whose fits scikit-learn keeps: not those of a file
        self._repeated = False  # the present candidate is known already
        self.by_fold = by_fold is not None

    @property
    def any_succeeded(self) -> bool:
        """Whether a candidate did, and scikit-learn holds results."""
        return self._formatted is not None and any(fits is not None for fits in self._fits)

    def evaluate(self, candidates: Sequence[Params], **context: Any) -> list[CandidateScore]:
        """Fit and score candidates; one that fails is a score, not an error."""
        known, started = len(self._candidates), time.perf_counter()
        error = self._call(candidates, context)
        if error is None:
            return self._scores(known)
        seconds = (time.perf_counter() - started) / len(candidates)
        for candidate in candidates:
            self.add(candidate, None, seconds=seconds)
        nothing = dict.fromkeys(self._goals.names, float("nan"))
        return [CandidateScore(nothing, seconds, str(error).strip())] * len(candidates)

    def evaluate_fold(
        self, fold: int, candidates: Sequence[Params], **context: Any
    ) -> list[Mapping[str, Any]]:
        """Fit and score candidates on one split; its fit of each."""
        started = time.perf_counter()
        self._splits.fold = fold
        error = self._call(candidates, context)
        if error is None:
            return self._new_fits
        seconds = (time.perf_counter() - started) / len(candidates)
        return [self._failed(self._pattern(), seconds, str(error).strip())] * len(candidates)

    def score_of(self, fits: Sequence[Mapping[str, Any]]) -> CandidateScore:
        """What the fits of a candidate's first splits come to."""
        mean = float(np.mean([self._goals.score(fit) for fit in fits]))
        seconds = sum(f["fit_time"] + f["score_time"] for f in fits)
        failure = None if np.isfinite(mean) else fits[-1].get("fit_error") or _NOT_FINITE
        if len(fits) == self._n_splits and all(fit.get("fit_error") for fit in fits):
            failure = fits[0]["fit_error"]
        return CandidateScore({"value": mean}, seconds, failure, fits)

    def format(
        self, n_splits: int, candidates: Sequence[Params], fits: Sequence[Mapping[str, Any]]
    ) -> Results:
        """Stand in for ``_format_results``: new candidates only, or its time would grow as n²."""
        known, self._evaluated = self._evaluated, len(candidates)
        new, new_fits = list(candidates[known:]), list(fits[known * n_splits :])
        if self.by_fold:
            self._new_fits = new_fits
        elif not self._repeated:
            for i, candidate in enumerate(new):
                self.add(candidate, new_fits[i * n_splits : (i + 1) * n_splits])
        built = self._build(new, n_splits, new_fits)
        if self._formatted is None:
            self._formatted = built
        elif built is not self._formatted:  # always the same dict, whenever Ctrl-C comes
            self._formatted.clear()
            self._formatted.update(built)
        return self._formatted

    def add(
        self,
        candidate: Params,
        fits: Sequence[Mapping[str, Any]] | None,
        failure: str = "",
        *,
        given_up: bool = False,
        seconds: float = 0.0,
    ) -> None:
        """Take a candidate with its fits; None when all of them failed, after some seconds."""
        self._candidates.append(candidate)
        self._given_up.append(given_up)
        self._fits.append(None if fits is None else list(fits))
        taken = sum(f["fit_time"] + f["score_time"] for f in fits or [])
        self._seconds.append(seconds if fits is None else taken)
        if fits is None:
            self._first_failure = self._first_failure or ValueError(failure)
        elif not self.by_fold:
            self._n_splits = len(fits)

    def repeat_one(self) -> None:
        """When scikit-learn holds no results, as all are from a file: let it evaluate one again.

        It ends with an error otherwise. The cheapest is taken, and what the file says stays.
        """
        known = [i for i, fit in enumerate(self._fits) if fit is not None]
        if self._formatted is not None or not known:
            return
        self._repeated = True
        try:
            self._call([self._candidates[min(known, key=self._seconds.__getitem__)]], {})
        finally:
            self._repeated = False

    @property
    def n_splits(self) -> int:
        """Fits of each candidate; 0 before the first one."""
        return self._n_splits

    def drop_unfinished(self) -> None:
        """Forget what an interrupt has left half written."""
        lists: list[list[Any]] = [self._candidates, self._fits, self._seconds, self._given_up]
        kept = min(map(len, lists))
        for of_candidates in lists:
            del of_candidates[kept:]

    def finish(self) -> Results:
        """Put the results of all candidates where scikit-learn looks for them.

        Raises
        ------
        ValueError : when not a single fit succeeded.
        """
        if self._formatted is None:
            raise self._first_failure or ValueError(
                "no candidate was evaluated: the space has no legal point"
            )
        n, pattern = self._n_splits, self._pattern()
        unrun = {"fit_time": 0.0, "score_time": 0.0, "fit_error": None}
        unrun = {**pattern, **unrun, **_scores_like(pattern, float("nan"))}
        fits: list[Mapping[str, Any]] = []
        for seconds, found in zip(self._seconds, self._fits, strict=True):
            failed = self._failed(pattern, seconds / n, str(self._first_failure))
            new = [failed] * n if found is None else found + [unrun] * (n - len(found))
            fits += [{key: fit[key] for key in _KEPT if key in pattern} for fit in new]
        with warnings.catch_warnings():
            if self.by_fold and all(np.isfinite(self._goals.score(f)) for f in self._run_fits()):
                said = "One or more of the"  # of splits that were not run
                warnings.filterwarnings("ignore", message=said, category=UserWarning)
            complete = self._build(list(self._candidates), n, fits)
        for name in [name for name in complete if name.startswith("mean_train_")]:
            complete[name.replace("mean_", "rank_", 1)] = _rank(complete[name])
        if self.by_fold:
            self._show_what_ran(complete)
        self._formatted.clear()
        self._formatted.update(complete)
        return self._formatted

    def _call(self, candidates: Sequence[Params], context: Mapping[str, Any]) -> ValueError | None:
        """Let scikit-learn evaluate candidates; its error when not a single fit succeeded."""
        verbose, self._estimator.verbose = self._estimator.verbose, 0  # "Fitting 3 folds for ..."
        try:
            with warnings.catch_warnings():
                # said once, of all candidates, in the end
                warnings.filterwarnings(
                    "ignore", message="One or more of the", category=UserWarning
                )
                extra = {} if self._splits is None else {"cv": self._splits}
                self._evaluate(candidates, **extra, **context)
        except ValueError as error:
            if self._error_score == "raise" or _ALL_FAILED not in str(error):
                raise
            self._say_failed(candidates, error)
            return error
        finally:
            self._estimator.verbose = verbose
        return None

    def _scores(self, known: int) -> list[CandidateScore]:
        means = self._goals.means(self._formatted or {})
        return [
            CandidateScore(
                found,
                seconds,
                None if all(np.isfinite(mean) for mean in found.values()) else _NOT_FINITE,
                fits,
            )
            for found, seconds, fits in zip(
                means, self._seconds[known:], self._fits[known:], strict=True
            )
        ]

    def _say_failed(self, candidates: Sequence[Params], error: ValueError) -> None:
        from sklearn.exceptions import FitFailedWarning

        self._first_failure = self._first_failure or error
        which = "every fit" if not self.by_fold else f"the fit to split {self._splits.fold}"
        warnings.warn(
            f"{which} of {'; '.join(map(repr, candidates))} failed, its score is set to "
            f"{self._error_score}:{error}",
            FitFailedWarning,
            stacklevel=2,
        )

    def _run_fits(self) -> Iterable[Mapping[str, Any]]:
        return (fit for fits in self._fits for fit in fits or ())

    def _pattern(self) -> Mapping[str, Any]:
        """A fit that has what the others have; one that succeeded, where there is one."""
        found = [*self._run_fits(), *self._new_fits]
        good = next((fit for fit in found if not fit.get("fit_error")), None)
        if good is not None or found:
            return good or found[0]
        names = self._goals.scoring
        several = isinstance(names, Iterable) and not isinstance(names, str)
        scores: Any = dict.fromkeys(names, 0.0) if several else 0.0
        pattern = {**dict.fromkeys(_KEPT, 0.0), "test_scores": scores, "train_scores": scores}
        if not self._estimator.return_train_score:
            del pattern["train_scores"]
        return pattern

    def _failed(
        self, pattern: Mapping[str, Any], seconds: float, message: str
    ) -> Mapping[str, Any]:
        """What scikit-learn would have written down for a failed fit."""
        found = {"fit_time": seconds, "score_time": 0.0, "fit_error": message}
        return {**pattern, **found, **_scores_like(pattern, self._error_score)}

    def _show_what_ran(self, complete: Results) -> None:
        """Columns that say which candidates were given up; their times are of what they ran."""
        n_run = [self._n_splits if fits is None else len(fits) for fits in self._fits]
        complete["n_splits_run"] = np.array(n_run, dtype=np.int32)
        complete["given_up"] = np.array(self._given_up, dtype=bool)
        for i, fits in enumerate(self._fits):
            if fits is not None and len(fits) < self._n_splits:
                for name in ("fit_time", "score_time"):
                    times = [fit[name] for fit in fits]
                    complete[f"mean_{name}"][i] = np.mean(times)
                    complete[f"std_{name}"][i] = np.std(times)


def _scores_like(pattern: Mapping[str, Any], value: Any) -> dict[str, Any]:
    """The scores of a fit, all with one value."""
    return {
        name: dict.fromkeys(pattern[name], value) if isinstance(pattern[name], dict) else value
        for name in ("test_scores", "train_scores")
        if name in pattern
    }


def _rank(means: Any) -> Any:
    """Ranks of scores, 1 for the best; the lowest rank of equals, NaN with the worst."""
    from scipy.stats import rankdata

    known = means[~np.isnan(means)]
    found = np.where(np.isnan(means), known.min(initial=0.0) - 1.0, means)
    return rankdata(-found, method="min").astype(np.int32)
