"""Several objectives in one search."""

import numpy as np
import pytest

pytest.importorskip("sklearn")

from sklearn.svm import SVC

import bayesopt as bo
from bayesopt.integrations.sklearn import BayesSearchCV, DeltaYStopper
from bayesopt.trial import TrialState

from .estimators import Peak, cost

X = np.arange(40.0).reshape(20, 2)
y = np.arange(20) % 2
SPACE = {"x": (0.0, 1.0), "kind": ["bad", "good"]}
QUICK = {"proposer": bo.RandomSearch()}


def peak(estimator, X, y=None):
    return estimator.score(X, y)


SCORING = {"peak": peak, "price": cost}
GOALS = {"peak": "maximize", "price": "minimize"}


def search(**options):
    defaults = {"n_iter": 8, "cv": 2, "random_state": 0, "optimizer_kwargs": QUICK}
    defaults |= {"scoring": SCORING, "objectives": GOALS, "refit": False}
    estimator = options.pop("estimator", Peak())
    return BayesSearchCV(estimator, SPACE, **{**defaults, **options})


def naive_front(values):
    return [
        i
        for i, v in enumerate(values)
        if np.isfinite(v).all()
        and not any((w <= v).all() and (w < v).any() for w in values if np.isfinite(w).all())
    ]


def test_the_front_is_of_the_candidates_that_none_dominates():
    found = search(n_iter=12).fit(X, y)
    results = found.cv_results_
    values = np.column_stack([-results["mean_test_peak"], results["mean_test_price"]])
    assert sorted(found.pareto_index_) == naive_front(values)
    table = found.pareto_
    assert list(table) == ["index", "peak", "price", "params"]
    np.testing.assert_array_equal(table["index"], found.pareto_index_)
    np.testing.assert_array_equal(table["peak"], results["mean_test_peak"][found.pareto_index_])
    assert (np.diff(table["peak"]) <= 0).all()
    assert table["params"] == [results["params"][i] for i in found.pareto_index_]
    (result,) = found.search_results_
    assert {o.name for o in result.pareto.objectives} == {"peak", "price"}
    assert found.optimizer_results_[0].func_vals.shape == (12, 2)
    assert found.optimizer_results_[0].x is None


def test_results_have_the_columns_of_several_scores():
    plain = BayesSearchCV(
        Peak(), SPACE, n_iter=3, cv=2, scoring=SCORING, refit=False, optimizer_kwargs=QUICK
    ).fit(X, y)
    found = search(n_iter=3).fit(X, y)
    assert set(found.cv_results_) == set(plain.cv_results_)
    assert found.multimetric_


def test_there_is_a_best_candidate_with_refit_only():
    assert not hasattr(search().fit(X, y), "best_index_")
    named = search(refit="peak").fit(X, y)
    assert named.best_index_ == named.cv_results_["rank_test_peak"].argmin()
    assert named.best_score_ == named.cv_results_["mean_test_peak"].max()
    chosen = search(refit=lambda results: int(results["mean_test_price"].argmin())).fit(X, y)
    assert chosen.best_params_["x"] == min(p["x"] for p in chosen.cv_results_["params"])
    assert not hasattr(chosen, "best_score_")
    assert chosen.best_estimator_.x == chosen.best_params_["x"]


def test_names_of_scorers_and_times_are_enough():
    found = BayesSearchCV(
        SVC(), {"C": (0.1, 10.0)}, n_iter=3, cv=2, refit="accuracy", optimizer_kwargs=QUICK,
        objectives=["accuracy", "neg_fit_time"],
    ).fit(X, y)  # fmt: skip
    seconds = found.cv_results_["mean_fit_time"][found.pareto_index_]
    np.testing.assert_array_equal(found.pareto_["neg_fit_time"], -seconds)
    assert found.search_results_[0].trials[0].values["neg_fit_time"] < 0
    assert found.score(X, y) == found.best_estimator_.score(X, y)
    timed = BayesSearchCV(
        SVC(), {"C": (0.1, 10.0)}, n_iter=2, cv=2, refit=False, optimizer_kwargs=QUICK,
        objectives={"accuracy": "maximize", "score_time": "minimize"}, scoring="accuracy",
    ).fit(X, y)  # fmt: skip
    assert (timed.pareto_["score_time"] > 0).all()


@pytest.mark.filterwarnings("ignore:One or more")
def test_what_failed_is_on_no_front():
    with pytest.warns(Warning, match="failed"):
        found = search(estimator=Peak(fail_above=0.5), n_iter=10).fit(X, y)
    failed = np.isnan(found.cv_results_["mean_test_peak"])
    assert failed.any()
    assert not failed[found.pareto_index_].any()
    states = [t.state is TrialState.FAILED for t in found.search_results_[0].trials]
    assert states == failed.tolist()


def test_a_stored_search_goes_on_to_the_same_front(tmp_path):
    path = tmp_path / "run.db"
    search(storage=path).fit(X, y, callback=lambda res: len(res.func_vals) == 3)
    resumed, whole = search(storage=path).fit(X, y), search().fit(X, y)
    np.testing.assert_array_equal(resumed.pareto_index_, whole.pareto_index_)
    np.testing.assert_array_equal(resumed.pareto_["peak"], whole.pareto_["peak"])
    with pytest.raises(ValueError, match="objective"):
        search(storage=path, objectives={"peak": "maximize", "price": "maximize"}).fit(X, y)
    with pytest.raises(ValueError, match="objective"):
        search(storage=path, objectives=None).fit(X, y)


def test_a_function_of_scores():
    def scores(estimator, X, y):
        return {"peak": peak(estimator, X, y), "price": cost(estimator, X, y)}

    found = search(scoring=scores).fit(X, y)
    assert len(found.pareto_index_)
    with pytest.raises(ValueError, match="'weight' is none of the scores"):
        search(scoring=scores, objectives=["peak", "weight"]).fit(X, y)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"refit": True}, "refit=True"),
        ({"refit": "peaks"}, "refit='peaks'"),
        ({"objectives": ["peak"]}, "at least two"),
        ({"objectives": ["peak", "peak"]}, "twice"),
        ({"objectives": ["peak", "fit_time"]}, "neg_fit_time"),
        ({"objectives": ["fit_time", "neg_fit_time"]}, "neg_fit_time"),
        ({"objectives": ["neg_fit_time", "neg_score_time"]}, "at least one score"),
        ({"objectives": ["peek", "price"]}, "did you mean 'peak'"),
        ({"objectives": ["acuracy", "recall"], "scoring": None}, "did you mean 'accuracy'"),
        ({"objectives": {"peak": "max", "price": "minimize"}}, "must be one of"),
        ({"early_stopping": "folds"}, "one score"),
    ],
)
def test_what_cannot_be_is_refused(options, words):
    with pytest.raises(ValueError, match=words):
        search(**options).fit(X, y)


def test_a_text_is_no_list_and_stoppers_are_for_one_score():
    with pytest.raises(TypeError, match="objectives must be"):
        search(objectives="peak").fit(X, y)
    with pytest.raises(ValueError, match="DeltaYStopper"):
        search().fit(X, y, callback=DeltaYStopper(0.1))


def test_thresholds_reach_the_model():
    found = search(optimizer_kwargs=QUICK | {"thresholds": {"peak": 0.5}}).fit(X, y)
    assert found.search_results_[0].hypervolume.reference["peak"] == 0.5
