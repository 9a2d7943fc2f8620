"""One search: its optimizer asks, scikit-learn evaluates, the optimizer is told."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from joblib import effective_n_jobs

from bayesopt.integrations.sklearn import stored
from bayesopt.integrations.sklearn.cv_results import CandidateScore, CVResults
from bayesopt.integrations.sklearn.fold_by_fold import evaluate_by_fold
from bayesopt.integrations.sklearn.progress import Progress
from bayesopt.integrations.sklearn.spaces import Search
from bayesopt.optimizer import EnoughTrials, Optimizer
from bayesopt.proposal import SpaceExhausted
from bayesopt.result import Result, Stop
from bayesopt.trial import Trial, TrialState

Callback = Callable[[Any], object]


@dataclass
class SearchRun:
    """One search through one space.

    Attributes
    ----------
    estimator : the BayesSearchCV.
    search, optimizer : what is searched, and what proposes.
    results : of all candidates, those of earlier searches among them.
    progress : what is shown.
    callbacks : of the user.
    path : of the file that it is kept in, or None.
    about : what the scores depend on, kept with each of them in a file.
    """

    estimator: Any
    search: Search
    optimizer: Optimizer
    results: CVResults
    progress: Progress
    callbacks: Iterable[Callback]
    path: Any = None
    about: stored.Description = field(default_factory=dict)
    _taken: set[int] = field(default_factory=set)

    def run(self) -> Result:
        """Evaluate the candidates; what came of them. Ctrl-C ends it with what there is."""
        if self.path is not None:
            self.about["space"] = stored.space_hash(self.search.space)
            stored.check(self.optimizer, self.about, self.path)
            self._take_stored()
        self.progress.begin(self.search, self.optimizer)
        try:
            stop = self._spend()
        except BaseException as error:
            # with what a file has pending, whoever goes on begins
            held = isinstance(error, KeyboardInterrupt) and self.results.any_succeeded
            if held or self.path is not None:
                self._let_go()
            if not held:
                raise
            stop = self._interrupted()
        if self.path is not None:
            self._take_stored()  # what other processes evaluated meanwhile
        return self.optimizer.result(stop)

    def _take_stored(self) -> None:
        """Take what a file has, and this process has not evaluated, for results."""
        for trial in stored.finished(self.optimizer):
            if trial.number not in self._taken:
                fits = stored.fits_of(trial, self.results.n_splits or None)
                self.results.add(
                    self.search.params(trial.params),
                    fits,
                    trial.error or "",
                    given_up=trial.state is TrialState.STOPPED,
                )
                self._taken.add(trial.number)

    def _let_go(self) -> None:
        """Leave no candidate pending."""
        for number in sorted(self.optimizer._pending_here()):
            again = self.path is not None
            self.optimizer.abandon(number, "the search was interrupted", retry=again)

    def _interrupted(self) -> Stop:
        """Keep what there is when Ctrl-C ended the search."""
        self.results.drop_unfinished()
        warnings.warn(
            "the search was interrupted: cv_results_ and best_params_ are those of the candidates "
            "evaluated so far",
            UserWarning,
            stacklevel=2,
        )
        return Stop.INTERRUPTED

    def _batch_size(self) -> int:
        if self.estimator.n_points is not None:
            return int(self.estimator.n_points)
        n_jobs = int(effective_n_jobs(self.estimator.n_jobs))
        if self.results.by_fold:  # one split of each candidate at a time
            return max(n_jobs, 1)
        n_splits = self.results.n_splits  # known from the first candidate on
        return max(n_jobs // n_splits, 1) if n_splits else 1

    def _spend(self) -> Stop:
        while True:
            try:
                trials = self._ask()
            except EnoughTrials:
                return Stop.N_TRIALS
            except SpaceExhausted:
                done = len(stored.finished(self.optimizer))
                warnings.warn(
                    f"all {done} candidates of the search space are evaluated, "
                    f"fewer than the {self.search.budget} asked for; the search ends here",
                    UserWarning,
                    stacklevel=2,
                )
                return Stop.EXHAUSTED
            stop = self._evaluate(trials)
            self.progress.show(self.optimizer, trials)
            if self.progress.wants_stop(self.search, self.optimizer, self.callbacks) or stop:
                return Stop.CALLBACK

    def _ask(self) -> list[Trial]:
        """The next candidates, at least one; fewer than the jobs have room for at the end."""
        trials: list[Trial] = []
        for _ in range(self._batch_size()):
            try:
                trials.append(self.optimizer.ask(limit=self.search.budget))
            except (EnoughTrials, SpaceExhausted):
                if not trials:
                    raise
                break
        return trials

    def _evaluate(self, trials: Sequence[Trial]) -> bool:
        """Evaluate candidates; whether a callback of scikit-learn's wants the search to end."""
        candidates = {trial.number: self.search.params(trial.params) for trial in trials}
        if self.results.by_fold:
            return evaluate_by_fold(
                candidates, self.results, self.optimizer, self.progress, self._tell
            )
        with self.progress.batch(len(trials)) as batch:
            scores = self.results.evaluate(list(candidates.values()), **batch.context)
            for number, score in zip(candidates, scores, strict=True):
                self._tell(number, score)
        return batch.stop

    def _tell(self, number: int, score: CandidateScore) -> None:
        """Tell what came of a candidate; in a file, with all that ``cv_results_`` needs."""
        keeps, result = self.path is not None, _result(score)
        if score.failure is not None:
            message = stored.failure_of(score.failure, score.fits) if keeps else score.failure
            self.optimizer.tell_failure(number, message)
        elif score.given_up is not None:
            why = stored.failure_of(score.given_up, score.fits) if keeps else score.given_up
            self.optimizer.tell_stopped(number, why)
        else:
            more = stored.info_of(score.fits or (), self.about) if keeps else {}
            self.optimizer.tell(number, result | more)
        self._taken.add(number)


def _result(score: CandidateScore) -> dict[str, Any]:
    means: Mapping[str, float] = score.means
    return {**means, "cost": score.seconds}
