"""BayesSearchCV: GridSearchCV's interface, with candidates chosen by Bayesian optimization."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
from joblib import effective_n_jobs
from sklearn.base import is_classifier
from sklearn.model_selection import check_cv
from sklearn.model_selection._search import BaseSearchCV
from sklearn.utils import check_random_state, indexable
from sklearn.utils.metadata_routing import UNUSED
from sklearn.utils.validation import _check_method_params

from bayesopt.calls import explained
from bayesopt.checks import optional, whole
from bayesopt.integrations.sklearn import stored
from bayesopt.integrations.sklearn.cv_results import CVResults, SameSplits
from bayesopt.integrations.sklearn.options import constraint_of, read_options
from bayesopt.integrations.sklearn.progress import Progress, results_of
from bayesopt.integrations.sklearn.spaces import Search, count, read_searches
from bayesopt.optimizer import EnoughTrials, Optimizer
from bayesopt.proposal import SpaceExhausted
from bayesopt.result import Result, Stop
from bayesopt.trial import Trial

Callback = Callable[[Any], object]

# attributes that there are during a search only
_RUNNING = ("_cv_results", "_callbacks", "_splitter", "_description", "_taken")


class BayesSearchCV(BaseSearchCV):  # type: ignore[misc]
    """Search for an estimator's parameters by cross-validation and Bayesian optimization.

    It is used like ``RandomizedSearchCV``, and takes what scikit-optimize's class of this name
    takes.

    Parameters
    ----------
    estimator : the estimator; it scores itself unless ``scoring`` is given.
    search_spaces : dict, list or Space. A dict maps names of parameters to what they may be: a
        range ``(1e-3, 10.0)`` or ``(1e-3, 10.0, "log-uniform")``, whole numbers if both ends are;
        a list of values; a distribution of ``scipy.stats``; :class:`Real`, :class:`Integer`,
        :class:`Categorical`; any parameter of ``bayesopt``, with conditions too. A list of dicts
        is one search over all of them as branches: its ``n_iter`` candidates go to the branches as
        they deserve. (scikit-optimize searches each dict for ``n_iter`` candidates.) A pair
        ``(dict, n_iter)`` in the list is a search of its own, as is a ``bayesopt.Space``.
    optimizer_kwargs : dict of options of the optimizer. Of scikit-optimize's, these count:
        ``n_initial_points``, ``acq_func`` ("gp_hedge", which stands for the log of EI here, "EI",
        "PI", "LCB"), ``kappa`` in ``acq_func_kwargs``, ``space_constraint``,
        ``base_estimator="dummy"`` (random search). What asks for another model
        (``base_estimator="RF"``) or acquisition ("EIps", "MES", ...) has no effect and is answered
        by a warning; how computations are done (``acq_optimizer``, ``n_jobs``, ...) has none. Our
        own: ``surrogate``, ``acquisition``, ``proposer``, ``initial_design``, ``deterministic``,
        ``threads``; see :class:`bayesopt.Optimizer`.
    n_iter : candidates to evaluate, in all, as in ``RandomizedSearchCV``.
    verbose : 0: nothing; 1: a line with the candidates so far, the best score and the time left;
        more: also a line for each fit, as in ``RandomizedSearchCV``.
    scoring, refit, cv, pre_dispatch, error_score, return_train_score, n_jobs : as in
        ``RandomizedSearchCV``. The search follows the metric that ``refit`` names; where it names
        none (False or a function) and there are several, the first. All candidates see the same
        splits, also with a splitter that shuffles anew each time.
    fit_params : dict of parameters for ``fit``; better given there.
    n_points : candidates that are evaluated at once, each chosen with the ones before it pending.
        None: as many as ``n_jobs`` has room for beside the splits (6 jobs, 3 splits: 2), from the
        second candidate on.
    iid : has no effect; accepted as scikit-optimize does.
    random_state : int, RandomState or None; the same int makes the same search.
    storage : None, or the path of a file (SQLite) in which the search is kept. A search that finds
        itself there goes on where it ended, whatever ended it, to the same candidates as without
        an end: also with a larger ``n_iter``, and with several processes at once. Data, estimator,
        scoring and splits have to be the same; a file of others is refused. Searches after the
        first of several are in ``run-2.db``, ``run-3.db``, ...

    Attributes
    ----------
    cv_results_, best_estimator_, best_params_, best_score_, best_index_, scorer_, n_splits_,
    refit_time_, multimetric_,
    classes_, n_features_in_, feature_names_in_ : as in ``RandomizedSearchCV``. Candidates are in
        the order of evaluation. A candidate whose every fit failed has ``error_score`` and is
        avoided from then on.
    optimizer_results_ : one ``OptimizeResult`` for each dict: ``x``, ``fun``, ``x_iters``,
        ``func_vals`` (negated scores, inf for a failure); the values of a point in the order of
        ``names``.
    search_results_ : one :class:`bayesopt.Result` for each search, with trials, costs and
        pictures.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.svm import SVC
    >>> X, y = load_iris(return_X_y=True)
    >>> space = {"C": (1e-2, 1e3, "log-uniform"), "kernel": ["linear", "rbf"]}
    >>> search = BayesSearchCV(SVC(), space, n_iter=8, random_state=0).fit(X, y)
    >>> bool(search.best_score_ > 0.95)
    True
    """

    __metadata_request__fit = {"callback": UNUSED}  # noqa: RUF012

    @explained
    def __init__(
        self,
        estimator: Any,
        search_spaces: Any,
        optimizer_kwargs: Mapping[str, Any] | None = None,
        n_iter: int = 50,
        scoring: Any = None,
        fit_params: Mapping[str, Any] | None = None,
        n_jobs: int | None = None,
        n_points: int | None = None,
        iid: Any = "deprecated",
        refit: Any = True,
        cv: Any = None,
        verbose: int = 0,
        pre_dispatch: Any = "2*n_jobs",
        random_state: Any = None,
        error_score: Any = np.nan,
        return_train_score: bool = False,
        storage: str | Path | None = None,
    ) -> None:
        self.search_spaces = search_spaces
        self.optimizer_kwargs = optimizer_kwargs
        self.n_iter = n_iter
        self.fit_params = fit_params
        self.n_points = n_points
        self.iid = iid
        self.random_state = random_state
        self.storage = storage
        super().__init__(
            estimator=estimator,
            scoring=scoring,
            n_jobs=n_jobs,
            refit=refit,
            cv=cv,
            verbose=verbose,
            pre_dispatch=pre_dispatch,
            error_score=error_score,
            return_train_score=return_train_score,
        )

    def fit(
        self,
        X: Any,
        y: Any = None,
        *,
        callback: Callback | Iterable[Callback] | None = None,
        **params: Any,
    ) -> BayesSearchCV:
        """Search, then fit the best candidate to all data.

        Parameters
        ----------
        X, y : training data, as the estimator takes them.
        callback : function or list of functions, called with the state of the search after every
            batch of candidates; returning True, or raising StopIteration, ends the search. See
            :class:`DeltaYStopper` and its neighbours.
        **params : passed to the estimator, the scorer and the splitter as in
            ``RandomizedSearchCV``.
        """
        self._callbacks = _read_callbacks(callback)
        self._splitter = None
        if not isinstance(self.cv, Iterator):  # which can be read once only, and is the same then
            splitter = check_cv(self.cv, y, classifier=is_classifier(self.estimator))
            self._splitter = SameSplits(splitter)
        given = {**(self.fit_params or {}), **params}
        self._description: stored.Description = {}
        if self.storage is not None:
            self._description = self._described(X, y, given)
        try:
            super().fit(X, y, **given)
        finally:
            for name in _RUNNING:
                self.__dict__.pop(name, None)
        return self

    def _described(self, X: Any, y: Any, params: Mapping[str, Any]) -> stored.Description:
        """What a stored search must have been made of, to be continued with these data."""
        description = stored.describe(self, X, y, params)
        if self._splitter is not None:
            routed = self._get_routed_params_for_fit(_check_method_params(X, params=params))
            splits = self._splitter.split(*indexable(X, y), **routed.splitter.split)
            description["splits"] = stored.splits_hash(splits)
        return description

    @property
    def total_iterations(self) -> int:
        """Candidates of all searches together."""
        return count(self._searches())

    def _searches(self) -> list[Search]:
        whole("n_iter", self.n_iter, 1)
        optional(whole, "n_points", self.n_points, 1)
        searches = read_searches(self.search_spaces, int(self.n_iter))
        if not searches:
            raise ValueError(
                "search_spaces gives every part 0 iterations; give at least one of them 1"
            )
        constraint = constraint_of(self.optimizer_kwargs)
        return (
            searches
            if constraint is None
            else [search.constrained(constraint) for search in searches]
        )

    def _run_search(
        self, evaluate_candidates: Callable[..., Any], callback_ctx: Any = None
    ) -> None:
        searches, options = self._searches(), read_options(self.optimizer_kwargs)
        random_state = check_random_state(self.random_state)
        self._cv_results = CVResults(
            evaluate_candidates, super()._format_results, self._splitter, self
        )
        n_batches = sum(-(-search.budget // int(self.n_points or 1)) for search in searches)
        progress = Progress(self, callback_ctx, n_batches)
        self.search_results_: list[Result] = []
        try:
            for place, search in enumerate(searches):
                seed = int(random_state.randint(np.iinfo(np.int32).max))
                # without a random_state a stored search has drawn one itself
                kept = self.storage is not None and self.random_state is None
                options["seed"] = None if kept else seed
                options["storage"] = stored.path_of(self.storage, place)
                self.search_results_.append(self._search(search, options, progress))
                if self.search_results_[-1].stop is Stop.INTERRUPTED:
                    break
            self._cv_results.repeat_one()
            self._cv_results.finish()
        finally:
            progress.close()
            del self._cv_results
        begun = searches[: len(self.search_results_)]
        self.optimizer_results_ = results_of(begun, self.search_results_)
        progress.end()

    def _search(self, search: Search, options: Mapping[str, Any], progress: Progress) -> Result:
        optimizer = Optimizer(
            search.space, direction="maximize", n_trials=search.budget, **options
        )
        with closing(optimizer):
            self._taken: set[int] = set()
            if self.storage is not None:
                self._description["space"] = stored.space_hash(search.space)
                stored.check(optimizer, self._description, options["storage"])
                self._take_stored(search, optimizer)
            progress.begin(search, optimizer)
            try:
                stop = self._spend(search, optimizer, progress)
            except BaseException as error:
                # with what a file has pending, whoever goes on begins
                held = isinstance(error, KeyboardInterrupt) and self._cv_results.any_succeeded
                if held or self.storage is not None:
                    self._let_go(optimizer)
                if not held:
                    raise
                stop = self._interrupted()
            if self.storage is not None:
                self._take_stored(search, optimizer)  # what other processes evaluated meanwhile
            return optimizer.result(stop)

    def _take_stored(self, search: Search, optimizer: Optimizer) -> None:
        """Take what a file has, and this process has not evaluated, for results."""
        for trial in stored.finished(optimizer):
            if trial.number not in self._taken:
                fits = stored.fits_of(trial, self._cv_results.n_splits or None)
                self._cv_results.add(search.params(trial.params), fits, trial.error or "")
                self._taken.add(trial.number)

    def _let_go(self, optimizer: Optimizer) -> None:
        """Leave no candidate pending."""
        for number in sorted(optimizer._pending_here()):
            again = self.storage is not None
            optimizer.abandon(number, "the search was interrupted", retry=again)

    def _interrupted(self) -> Stop:
        """Keep what there is when Ctrl-C ended the search."""
        self._cv_results.drop_unfinished()
        warnings.warn(
            "the search was interrupted: cv_results_ and best_params_ are those of the candidates "
            "evaluated so far",
            UserWarning,
            stacklevel=2,
        )
        return Stop.INTERRUPTED

    def _batch_size(self) -> int:
        if self.n_points is not None:
            return int(self.n_points)
        n_splits = self._cv_results.n_splits  # known from the first candidate on
        return max(effective_n_jobs(self.n_jobs) // n_splits, 1) if n_splits else 1

    def _spend(self, search: Search, optimizer: Optimizer, progress: Progress) -> Stop:
        """Evaluate the candidates of one search; why it ended."""
        while True:
            try:
                trials = self._ask(search, optimizer)
            except EnoughTrials:
                return Stop.N_TRIALS
            except SpaceExhausted:
                done = len(stored.finished(optimizer))
                warnings.warn(
                    f"all {done} candidates of the search space are evaluated, "
                    f"fewer than the {search.budget} asked for; the search ends here",
                    UserWarning,
                    stacklevel=2,
                )
                return Stop.EXHAUSTED
            with progress.batch(len(trials)) as batch:
                self._evaluate(search, optimizer, trials, batch.context)
            progress.show(optimizer, trials)
            if progress.wants_stop(search, optimizer, self._callbacks) or batch.stop:
                return Stop.CALLBACK

    def _ask(self, search: Search, optimizer: Optimizer) -> list[Trial]:
        """The next candidates, at least one; fewer than the jobs have room for at the end."""
        trials: list[Trial] = []
        for _ in range(self._batch_size()):
            try:
                trials.append(optimizer.ask(limit=search.budget))
            except (EnoughTrials, SpaceExhausted):
                if not trials:
                    raise
                break
        return trials

    def _evaluate(
        self,
        search: Search,
        optimizer: Optimizer,
        trials: Sequence[Trial],
        context: Mapping[str, Any],
    ) -> None:
        candidates = [search.params(trial.params) for trial in trials]
        scores = self._cv_results.evaluate(candidates, **context)
        keeps = self.storage is not None
        for trial, score in zip(trials, scores, strict=True):
            if score.failure is not None:
                message = stored.failure_of(score.failure, score.fits) if keeps else score.failure
                optimizer.tell_failure(trial, message)
            elif keeps:
                told = stored.result_of(
                    score.mean, score.seconds, score.fits or (), self._description
                )
                optimizer.tell(trial, told)
            else:
                optimizer.tell(trial, {"value": score.mean, "cost": score.seconds})
            self._taken.add(trial.number)

    def _format_results(
        self, candidate_params: Any, n_splits: int, out: Any, more_results: Any = None
    ) -> Any:
        if not hasattr(self, "_cv_results"):
            return super()._format_results(candidate_params, n_splits, out, more_results)
        return self._cv_results.format(n_splits, candidate_params, out)

    def __getstate__(self) -> Any:
        # workers get this object along with every fit; what belongs to the running search stays
        # here
        state = super().__getstate__()
        return {name: value for name, value in state.items() if name not in _RUNNING}


def _read_callbacks(callback: Any) -> list[Callback]:
    several = [] if callback is None else [callback] if callable(callback) else callback
    if not isinstance(several, Iterable) or not all(callable(c) for c in several):
        raise TypeError(
            "callback must be a function of the search's state, or a list of such; "
            f"got {callback!r}"
        )
    return list(several)
