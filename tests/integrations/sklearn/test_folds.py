"""Candidates that are given up after some of the splits."""

import warnings

import joblib
import numpy as np
import pytest

pytest.importorskip("sklearn")

from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.model_selection import GroupKFold, KFold, ShuffleSplit

import bayesopt as bo
from bayesopt.integrations.sklearn import BayesSearchCV
from bayesopt.result import Stop
from bayesopt.trial import TrialState

X = np.arange(40.0).reshape(20, 2)
y = np.arange(20) % 2
QUICK = {"proposer": bo.RandomSearch()}


class Hill(ClassifierMixin, BaseEstimator):
    """Scores ``-|x - 0.3|``, and a little that depends on the split; fails where told to."""

    def __init__(self, x=0.0, fail_above=np.inf, fail_on=None, hook=None):
        self.x = x
        self.fail_above = fail_above
        self.fail_on = fail_on
        self.hook = hook

    def fit(self, X, y):
        if self.hook is not None:
            self.hook(self)
        first = int(X[0, 0])
        if self.x > self.fail_above and (self.fail_on is None or first == self.fail_on):
            raise RuntimeError("no convergence")
        self.classes_, self.part_ = np.unique(y), float(X.sum())
        return self

    def predict(self, X):
        return np.full(len(X), self.classes_[0])

    def score(self, X, y=None):
        noise = np.sin(7.0 * X[0, 0] + 40.0 * self.x)
        return -abs(self.x - 0.3) + 0.002 * noise + 0.1 * np.cos(X[0, 0])


def search(estimator=None, **options):
    defaults = {"n_iter": 12, "cv": KFold(4), "random_state": 0, "optimizer_kwargs": QUICK}
    defaults |= {"early_stopping": "folds"}
    return BayesSearchCV(estimator or Hill(), {"x": (0.0, 1.0)}, **{**defaults, **options})


def test_what_is_given_up_is_told_as_stopped_and_nan_where_nothing_was_run():
    fits = []
    found = search(Hill(hook=fits.append), refit=False).fit(X, y)
    results, (result,) = found.cv_results_, found.search_results_
    n_run, given_up = results["n_splits_run"], results["given_up"]
    assert given_up.any()
    assert not given_up.all()
    assert found.n_splits_ == 4
    assert len(fits) == n_run.sum() < 4 * 12
    assert ((n_run < 4) == given_up).all()
    for k in range(4):
        np.testing.assert_array_equal(np.isnan(results[f"split{k}_test_score"]), n_run <= k)
    np.testing.assert_array_equal(np.isnan(results["mean_test_score"]), given_up)
    assert np.isfinite(results["mean_fit_time"]).all()
    for trial, up, k in zip(result.trials, given_up, n_run, strict=True):
        assert trial.state is (TrialState.STOPPED if up else TrialState.COMPLETE)
        assert [step for step, _ in trial.curve] == list(range(1, k + 1))
        scores = [results[f"split{i}_test_score"][trial.number] for i in range(k)]
        np.testing.assert_allclose(trial.curve[-1][1], np.mean(scores))
    assert not given_up[found.best_index_ if found.refit else result.best.number]


def test_the_scores_are_those_of_a_search_that_runs_every_split():
    found, whole = search().fit(X, y), search(early_stopping=None).fit(X, y)
    for k in range(4):
        ours, theirs = (s.cv_results_[f"split{k}_test_score"] for s in (found, whole))
        ran = found.cv_results_["n_splits_run"] > k
        np.testing.assert_array_equal(ours[ran], theirs[ran])
    # random points are the same ones, and the noise of the splits is far below the differences
    assert found.best_params_ == whole.best_params_
    assert found.best_score_ == whole.best_score_
    assert whole.get_params()["cv"].n_splits == found.get_params()["cv"].n_splits == 4
    assert set(found.cv_results_) - set(whole.cv_results_) == {"n_splits_run", "given_up"}


def test_a_stored_search_goes_on_to_the_same_end(tmp_path):
    path = tmp_path / "run.db"
    search(storage=path).fit(X, y, callback=lambda res: len(res.x_iters) == 7)
    resumed, whole = search(storage=path).fit(X, y), search().fit(X, y)
    for name in ("mean_test_score", "n_splits_run", "given_up", "rank_test_score"):
        np.testing.assert_array_equal(resumed.cv_results_[name], whole.cv_results_[name])
    again = search(storage=path).fit(X, y)  # nothing is left to do
    assert again.best_params_ == whole.best_params_
    assert again.n_splits_ == 4


def test_an_interrupt_between_the_splits_leaves_whole_candidates(tmp_path):
    fits = []

    def press(estimator):
        fits.append(estimator)
        if len(fits) == 11:  # the third split of the third candidate
            raise KeyboardInterrupt

    path = tmp_path / "run.db"
    with pytest.warns(UserWarning, match="interrupted"):
        found = search(Hill(hook=press), storage=path, refit=False).fit(X, y)
    assert len(found.cv_results_["params"]) == 2
    assert found.search_results_[0].stop is Stop.INTERRUPTED
    resumed = search(Hill(hook=lambda estimator: None), storage=path).fit(X, y)
    whole = search().fit(X, y)
    np.testing.assert_array_equal(
        resumed.cv_results_["mean_test_score"], whole.cv_results_["mean_test_score"]
    )


def test_an_interrupt_before_the_first_candidate_is_one():
    def press(estimator):
        if len(seen) == 2:
            raise KeyboardInterrupt
        seen.append(estimator)

    seen = []
    with pytest.raises(KeyboardInterrupt):
        search(Hill(hook=press)).fit(X, y)


@pytest.mark.parametrize("error_score", [np.nan, -3.0])
@pytest.mark.parametrize("fail_on", [None, 10])
def test_splits_that_fail(error_score, fail_on):
    hill = Hill(fail_above=0.5, fail_on=fail_on)
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        found = search(hill, error_score=error_score).fit(X, y)
    assert any("failed" in str(w.message) for w in said)
    results = found.cv_results_
    bad = np.array([p["x"] > 0.5 for p in results["params"]])
    trials = found.search_results_[0].trials
    assert found.best_params_["x"] <= 0.5
    assert bad.any()
    if np.isnan(error_score):
        assert np.isnan(results["mean_test_score"][bad]).all()
        failed = np.array([t.state is TrialState.FAILED for t in trials])
        np.testing.assert_array_equal(failed & bad, bad & ~results["given_up"])
        if fail_on is None:  # at the first split
            assert (results["n_splits_run"][bad] == 1).all()
    elif fail_on is None:
        assert (results["split0_test_score"][bad] == -3.0).all()


def test_where_everything_fails_the_error_is_scikit_learns():
    with pytest.warns(Warning, match="failed"), pytest.raises(ValueError, match="fits failed"):
        search(Hill(fail_above=-1.0), n_iter=2).fit(X, y)
    with pytest.raises(RuntimeError, match="no convergence"):
        search(Hill(fail_above=-1.0), n_iter=2, error_score="raise").fit(X, y)


@pytest.mark.parametrize("cv", [3, ShuffleSplit(3), list(KFold(3).split(X)), GroupKFold(3)])
def test_splitters_of_every_kind(cv):
    groups = {"groups": np.arange(20) // 4} if isinstance(cv, GroupKFold) else {}
    found = search(cv=cv, n_iter=5).fit(X, y, **groups)
    assert found.n_splits_ == 3
    assert found.get_params()["cv"] is cv
    assert "split2_test_score" in found.cv_results_


def test_an_iterator_of_splits():
    found = search(cv=iter(list(KFold(3).split(X))), n_iter=4).fit(X, y)
    assert found.n_splits_ == 3


def test_jobs_take_a_candidate_each():
    with joblib.parallel_config(backend="threading"):
        found = search(n_jobs=3, n_iter=9).fit(X, y)
    assert len(found.cv_results_["params"]) == 9
    assert found.best_score_ == np.nanmax(found.cv_results_["mean_test_score"])


def test_several_scores_and_those_of_training():
    found = search(
        scoring=["accuracy", "balanced_accuracy"],
        refit="balanced_accuracy",
        return_train_score=True,
        n_iter=4,
    ).fit(X, y)
    assert np.isfinite(found.cv_results_["mean_train_accuracy"]).all()
    assert found.search_results_[0].best.value == found.best_score_


@pytest.mark.parametrize(
    ("rule", "error", "words"),
    [
        ("auto", ValueError, "partial_fit"),
        (bo.Hyperband(), ValueError, "partial_fit"),
        ("fold", TypeError, "'folds'"),
        (3, TypeError, "'folds'"),
    ],
)
def test_rules_for_training_curves_are_refused(rule, error, words):
    with pytest.raises(error, match=words):
        search(early_stopping=rule).fit(X, y)
    assert search(early_stopping=bo.FoldRace(sds=2.0), n_iter=3).fit(X, y).best_score_ <= 0.2
