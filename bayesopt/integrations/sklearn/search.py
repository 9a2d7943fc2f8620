"""BayesSearchCV: GridSearchCV's interface, with candidates chosen by Bayesian optimization."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
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
from bayesopt.integrations.sklearn.fold_by_fold import FoldByFold, read_rule
from bayesopt.integrations.sklearn.goals import Goals
from bayesopt.integrations.sklearn.options import constraint_of, read_options
from bayesopt.integrations.sklearn.progress import Progress, results_of
from bayesopt.integrations.sklearn.run import Callback, SearchRun
from bayesopt.integrations.sklearn.spaces import Search, count, read_searches
from bayesopt.integrations.sklearn.stopping import for_one_score
from bayesopt.optimizer import Optimizer
from bayesopt.result import Result, Stop
from bayesopt.stopping import StoppingRule

# attributes that there are during a search only
_RUNNING = (
    "_cv_results", "_callbacks", "_splitter", "_n_splits", "_description", "_goals", "_rule",
)  # fmt: skip


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
    optimizer_kwargs : dict of options of the optimizer. Of scikit-optimize's, these are used:
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
    objectives : several objectives in place of one score: a list of scores to be maximised,
        ``["accuracy", "neg_fit_time"]``, or a dict of names and directions, ``{"accuracy":
        "maximize", "fit_time": "minimize"}``. Names are those of ``scoring``, or of scikit-learn's
        scorers when ``scoring`` is None, and ``fit_time``, ``score_time`` (seconds, mean over the
        splits), ``neg_fit_time``, ``neg_score_time``. ``refit`` is then False, a score, or a
        function; only with one of the latter two is there a ``best_index_``.
    early_stopping : None, or "folds": a candidate whose first splits are clearly worse than those
        of the best one is given up. With jobs, as many candidates are evaluated at once as there
        are jobs, each on one split. :class:`bayesopt.FoldRace` says what is clear.

    Attributes
    ----------
    cv_results_, best_estimator_, best_params_, best_score_, best_index_, scorer_, n_splits_,
    refit_time_, multimetric_,
    classes_, n_features_in_, feature_names_in_ : as in ``RandomizedSearchCV``. Candidates are in
        the order of evaluation. A candidate whose every fit failed has ``error_score`` and is
        avoided from then on. With ``early_stopping`` two further columns: ``n_splits_run`` and
        ``given_up``; the scores of splits that were not run, and their mean, are NaN.
    pareto_index_ : with ``objectives``: the candidates whose mean scores no other dominates, as
        indices into ``cv_results_``, the best in the first objective first.
    pareto_ : with ``objectives``: a dict of columns (``pandas.DataFrame(search.pareto_)``) for
        these: ``index``, each objective, ``params``. What the model believes, noise and all, is in
        ``search_results_[0].pareto``.
    optimizer_results_ : one ``OptimizeResult`` for each dict: ``x``, ``fun``, ``x_iters``,
        ``func_vals`` (negated scores, inf for a failure and for one that was given up); the values
        of a point in the order of ``names``.
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

    scoring: Any
    cv: Any
    n_splits_: int

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
        objectives: Iterable[str] | Mapping[str, str] | None = None,
        early_stopping: StoppingRule | str | None = None,
    ) -> None:
        self.search_spaces = search_spaces
        self.optimizer_kwargs = optimizer_kwargs
        self.n_iter = n_iter
        self.fit_params = fit_params
        self.n_points = n_points
        self.iid = iid
        self.random_state = random_state
        self.storage = storage
        self.objectives = objectives
        self.early_stopping = early_stopping
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
        self._goals = Goals.read(self.objectives, self.scoring, self.refit)
        self._rule = read_rule(self.early_stopping, self._goals.several)
        self._callbacks = _read_callbacks(callback)
        if self._goals.several:
            for_one_score(self._callbacks)
        self._splitter: Any = None
        if self._rule is not None or not isinstance(self.cv, Iterator):  # which is read once only
            splitter = check_cv(self.cv, y, classifier=is_classifier(self.estimator))
            self._splitter = SameSplits(splitter)
        given = {**(self.fit_params or {}), **params}
        self._description: stored.Description = {}
        if self.storage is not None:
            self._description = self._described(X, y, given)
        cv, self._n_splits = self.cv, None
        try:
            if self._rule is not None:
                self._n_splits = len(self._splits(X, y, given))
                self.cv = self._splitter = FoldByFold(self._splitter)
            super().fit(X, y, **given)
            self.n_splits_ = self._n_splits or self.n_splits_
        finally:
            self.cv = cv
            for name in _RUNNING:
                self.__dict__.pop(name, None)
        return self

    def _described(self, X: Any, y: Any, params: Mapping[str, Any]) -> stored.Description:
        """What a stored search must have been made of, to be continued with these data."""
        description = stored.describe(self, X, y, params)
        if self._splitter is not None:
            description["splits"] = stored.splits_hash(self._splits(X, y, params))
        return description

    def _splits(self, X: Any, y: Any, params: Mapping[str, Any]) -> Any:
        routed = self._get_routed_params_for_fit(_check_method_params(X, params=params))
        return self._splitter.split(*indexable(X, y), **routed.splitter.split)

    def _get_scorers(self) -> Any:
        scoring = self.scoring
        if self.objectives is None:
            return super()._get_scorers()
        try:  # the objectives are the scores where no others are asked for
            self.scoring = Goals.read(self.objectives, scoring, self.refit).scoring
            return super()._get_scorers()
        finally:
            self.scoring = scoring

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
        options |= self._goals.arguments() | {"early_stopping": self._rule or "auto"}
        random_state = check_random_state(self.random_state)
        self._cv_results = CVResults(
            evaluate_candidates,
            super()._format_results,
            self._splitter,
            self,
            self._goals,
            self._n_splits,
        )
        n_batches = sum(-(-search.budget // int(self.n_points or 1)) for search in searches)
        n_batches *= self._n_splits or 1
        progress = Progress(self, callback_ctx, n_batches, self._goals)
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
            results = self._cv_results.finish()
        finally:
            progress.close()
            del self._cv_results
        if self._goals.several:
            self.pareto_index_, self.pareto_ = self._goals.front(results)
        begun = searches[: len(self.search_results_)]
        self.optimizer_results_ = results_of(begun, self.search_results_, self._goals)
        progress.end()

    def _search(self, search: Search, options: Mapping[str, Any], progress: Progress) -> Result:
        with closing(Optimizer(search.space, n_trials=search.budget, **options)) as optimizer:
            return SearchRun(
                self,
                search,
                optimizer,
                self._cv_results,
                progress,
                self._callbacks,
                options["storage"],
                self._description,
            ).run()

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
