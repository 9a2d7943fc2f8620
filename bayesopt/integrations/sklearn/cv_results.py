"""The candidates of a search and what came of them, those included whose every fit failed."""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

Params = dict[str, Any]
Results = dict[str, Any]

# scikit-learn raises when all fits of one call of evaluate_candidates fail, and forgets these
# candidates. It means a whole search by that; here a call is a single candidate, whose failure
# is worth knowing.
_ALL_FAILED = "fits failed"


@dataclass(frozen=True)
class CandidateScore:
    """What came of one candidate.

    Attributes
    ----------
    mean : the score that guides the search, averaged over the splits; NaN when it failed.
    seconds : spent on fits and scores, over all splits.
    failure : why it failed, or None.
    fits : of each split, as scikit-learn gives them; None when all of them failed.
    """

    mean: float
    seconds: float
    failure: str | None = None
    fits: Sequence[Mapping[str, Any]] | None = None


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
    estimator : the search, for its ``refit``, ``error_score`` and ``verbose``.
    """

    def __init__(
        self,
        evaluate: Callable[..., Results],
        build: Callable[..., Results],
        splits: SameSplits | None,
        estimator: Any,
    ) -> None:
        self._evaluate = evaluate
        self._estimator = estimator
        self._build = build
        self._extra: dict[str, Any] = {} if splits is None else {"cv": splits}
        self._refit = estimator.refit
        self._error_score = estimator.error_score
        self._candidates: list[Params] = []
        self._fits: list[
            list[Mapping[str, Any]] | None
        ] = []  # of each candidate; None when all failed
        self._seconds: list[float] = []
        self._formatted: Results | None = None  # the very dict that scikit-learn holds
        self._first_failure: ValueError | None = None
        self._n_splits = 0
        self._evaluated = 0  # candidates whose fits scikit-learn keeps: not those of a file
        self._repeated = False  # the present candidate is known already
        self.any_succeeded = False  # and scikit-learn holds its results

    def evaluate(self, candidates: Sequence[Params], **context: Any) -> list[CandidateScore]:
        """Fit and score candidates; one that fails is a score, not an error."""
        known, started = len(self._candidates), time.perf_counter()
        verbose, self._estimator.verbose = self._estimator.verbose, 0  # "Fitting 3 folds for ..."
        try:
            with warnings.catch_warnings():
                # said once, of all candidates, in the end
                warnings.filterwarnings(
                    "ignore", message="One or more of the", category=UserWarning
                )
                self._evaluate(candidates, **self._extra, **context)
                self.any_succeeded = True
        except ValueError as error:
            if self._error_score == "raise" or _ALL_FAILED not in str(error):
                raise
            self._take_failures(candidates, error, time.perf_counter() - started)
            return [
                CandidateScore(float("nan"), seconds, str(error).strip())
                for seconds in self._seconds[known:]
            ]
        finally:
            self._estimator.verbose = verbose
        return self._scores(known)

    def format(
        self, n_splits: int, candidates: Sequence[Params], fits: Sequence[Mapping[str, Any]]
    ) -> Results:
        """Stand in for ``_format_results``: new candidates only, or its time would grow as n²."""
        self._n_splits = n_splits
        known, self._evaluated = self._evaluated, len(candidates)
        new, new_fits = list(candidates[known:]), list(fits[known * n_splits :])
        if not self._repeated:
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
        self, candidate: Params, fits: Sequence[Mapping[str, Any]] | None, failure: str = ""
    ) -> None:
        """Take a candidate with its fits; None when all of them failed."""
        self._candidates.append(candidate)
        self._fits.append(None if fits is None else list(fits))
        self._seconds.append(sum(f["fit_time"] + f["score_time"] for f in fits or []))
        if fits is None:
            self._first_failure = self._first_failure or ValueError(failure)
        else:
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
            self.evaluate([self._candidates[min(known, key=self._seconds.__getitem__)]])
        finally:
            self._repeated = False

    @property
    def n_splits(self) -> int:
        """Fits of each candidate; 0 before the first one."""
        return self._n_splits

    def drop_unfinished(self) -> None:
        """Forget what an interrupt has left half written."""
        kept = min(len(self._candidates), len(self._fits), len(self._seconds))
        for of_candidates in (self._candidates, self._fits, self._seconds):
            del of_candidates[kept:]

    def finish(self) -> None:
        """Put the results of all candidates where scikit-learn looks for them.

        Raises
        ------
        ValueError : when not a single fit succeeded.
        """
        if self._formatted is None:
            raise self._first_failure or ValueError(
                "no candidate was evaluated: the space has no legal point"
            )
        pattern = next(fit for fit in self._fits if fit is not None)[0]
        fits = [
            f
            for i, fit in enumerate(self._fits)
            for f in fit or self._failed(pattern, self._seconds[i])
        ]
        complete = self._build(list(self._candidates), self._n_splits, fits)
        for name in [name for name in complete if name.startswith("mean_train_")]:
            complete[name.replace("mean_", "rank_", 1)] = _rank(complete[name])
        self._formatted.clear()
        self._formatted.update(complete)

    def _scores(self, known: int) -> list[CandidateScore]:
        results = self._formatted or {}
        means = np.asarray(results[self._metric(results)], dtype=float)
        failure = "the score is not finite"
        new = zip(means, self._seconds[known:], self._fits[known:], strict=not self._repeated)
        return [
            CandidateScore(float(mean), seconds, None if np.isfinite(mean) else failure, fits)
            for mean, seconds, fits in new
        ]

    def _metric(self, results: Results) -> str:
        """The column that guides the search: the metric of ``refit``, or else the first one."""
        if isinstance(self._refit, str) and f"mean_test_{self._refit}" in results:
            return f"mean_test_{self._refit}"
        return next(name for name in results if name.startswith("mean_test_"))

    def _take_failures(
        self, candidates: Sequence[Params], error: ValueError, seconds: float
    ) -> None:
        from sklearn.exceptions import FitFailedWarning

        self._first_failure = self._first_failure or error
        self._candidates += candidates
        self._fits += [None] * len(candidates)
        self._seconds += [seconds / len(candidates)] * len(candidates)
        warnings.warn(
            f"every fit of {'; '.join(map(repr, candidates))} failed, its score is set to "
            f"{self._error_score}:{error}",
            FitFailedWarning,
            stacklevel=2,
        )

    def _failed(self, pattern: Mapping[str, Any], seconds: float) -> list[Mapping[str, Any]]:
        """What scikit-learn would have written down for a candidate whose every fit failed."""
        scores = {
            name: dict.fromkeys(pattern[name], self._error_score)
            if isinstance(pattern[name], dict)
            else self._error_score
            for name in ("test_scores", "train_scores")
            if name in pattern
        }
        times = {
            "fit_time": seconds / self._n_splits,
            "score_time": 0.0,
            "fit_error": str(self._first_failure),
        }
        return [{**pattern, **times, **scores}] * self._n_splits


def _rank(means: Any) -> Any:
    """Ranks of scores, 1 for the best; the lowest rank of equals, NaN with the worst."""
    from scipy.stats import rankdata

    known = means[~np.isnan(means)]
    found = np.where(np.isnan(means), known.min(initial=0.0) - 1.0, means)
    return rankdata(-found, method="min").astype(np.int32)
