"""Ctrl-C keeps what was evaluated; several candidates at once where the jobs have room."""

import numpy as np
import pytest

pytest.importorskip("sklearn")

import joblib
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.datasets import load_iris

from bayesopt.integrations.sklearn import BayesSearchCV
from bayesopt.integrations.sklearn.cv_results import CVResults
from bayesopt.result import Stop
from bayesopt.trial import TrialState

X, y = load_iris(return_X_y=True)
FITS = []


class Interrupted(ClassifierMixin, BaseEstimator):
    """Somebody presses Ctrl-C in the fit of number ``at``."""

    def __init__(self, a=1.0, at=10**9):
        self.a = a
        self.at = at

    def fit(self, X, y):
        FITS.append(self.a)
        if len(FITS) == self.at:
            raise KeyboardInterrupt
        self.classes_ = np.unique(y)
        return self

    def predict(self, X):
        return np.zeros(len(X), int)

    def score(self, X, y):
        return -abs(self.a - 0.3)


@pytest.fixture(autouse=True)
def none_yet():
    FITS.clear()


def searched(at=10**9, spaces=None, **options):
    space = spaces or {"a": (0.0, 1.0)}
    return BayesSearchCV(Interrupted(at=at), space, cv=3, random_state=0, **options)


@pytest.mark.parametrize("at", [4, 5, 11, 12])
def test_ctrl_c_leaves_the_results_so_far(at):
    search = searched(at, n_iter=20)
    with pytest.warns(UserWarning, match="interrupted"):
        search.fit(X, y)
    done = (at - 1) // 3
    assert len(search.cv_results_["params"]) == done
    whole = searched(n_iter=done).fit(X, y)
    assert search.best_params_ == whole.best_params_
    np.testing.assert_array_equal(
        search.cv_results_["mean_test_score"], whole.cv_results_["mean_test_score"]
    )
    (result,) = search.search_results_
    assert result.stop is Stop.INTERRUPTED
    assert [t.state for t in result.trials].count(TrialState.COMPLETE) == done
    assert not [t for t in result.trials if t.state is TrialState.PENDING]
    assert len(search.optimizer_results_[0].x_iters) == done


def test_ctrl_c_before_the_first_candidate_is_ctrl_c():
    with pytest.raises(KeyboardInterrupt):
        searched(2, n_iter=5).fit(X, y)


def test_ctrl_c_in_a_callback_and_in_the_first_of_two_searches():
    def press(res):
        if len(res.x_iters) == 2:
            raise KeyboardInterrupt

    search = searched(spaces=[({"a": (0.0, 1.0)}, 4), ({"a": (1.0, 2.0)}, 4)])
    with pytest.warns(UserWarning, match="interrupted"):
        search.fit(X, y, callback=press)
    assert len(search.cv_results_["params"]) == 2
    assert len(search.optimizer_results_) == 1
    assert 0.0 <= search.best_params_["a"] <= 1.0


def test_a_search_says_how_it_ended():
    assert searched(n_iter=3).fit(X, y).search_results_[0].stop is Stop.N_TRIALS
    ended = searched(n_iter=9).fit(X, y, callback=lambda res: True)
    assert ended.search_results_[0].stop is Stop.CALLBACK
    with pytest.warns(UserWarning, match="fewer than"):
        few = searched(spaces={"a": [0.1, 0.2]}, n_iter=5).fit(X, y)
    assert few.search_results_[0].stop is Stop.EXHAUSTED


@pytest.mark.parametrize(
    ("n_jobs", "n_points", "batches"),
    [(None, None, [1] * 7), (6, None, [1, 2, 2, 2]), (4, None, [1] * 7), (6, 3, [3, 3, 1])],
)
def test_jobs_beyond_the_splits_take_further_candidates(n_jobs, n_points, batches, monkeypatch):
    seen = []
    real = CVResults.evaluate

    def evaluate(self, candidates, **context):
        seen.append(len(candidates))
        return real(self, candidates, **context)

    monkeypatch.setattr(CVResults, "evaluate", evaluate)
    # Threads, because worker processes would have to import this file.
    with joblib.parallel_config(backend="threading"):
        searched(n_iter=7, n_jobs=n_jobs, n_points=n_points, refit=False).fit(X, y)
    assert seen == batches
