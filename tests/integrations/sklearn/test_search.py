"""BayesSearchCV: the conventions of scikit-learn, and a search that works."""

import pickle
import threading

import numpy as np
import pytest

pytest.importorskip(
    "sklearn", reason="scikit-learn is not installed: pip install 'bayesopt-engine[sklearn]'"
)

from sklearn.base import clone
from sklearn.exceptions import FitFailedWarning, NotFittedError
from sklearn.model_selection import RandomizedSearchCV, ShuffleSplit
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, StandardScaler
from sklearn.svm import SVC

import bayesopt as bo
from bayesopt.integrations.sklearn import (
    BayesSearchCV,
    DeadlineStopper,
    DeltaYStopper,
    HollowIterationsStopper,
    ThresholdStopper,
)

from .estimators import Peak, cost

X = np.arange(40.0).reshape(20, 2)
y = np.arange(20) % 2
SPACE = {"x": (0.0, 1.0), "kind": ["bad", "good"]}
QUICK = {"proposer": bo.RandomSearch()}  # where only the conventions are looked at


def search(space=None, estimator=None, **options):
    defaults = {"n_iter": 4, "cv": 2, "random_state": 0, "optimizer_kwargs": QUICK}
    return BayesSearchCV(estimator or Peak(), space or SPACE, **{**defaults, **options})


def test_it_finds_what_is_best():
    found = search(n_iter=15, optimizer_kwargs=None).fit(X, y)
    assert found.best_score_ > 0.999
    assert found.best_params_["kind"] == "good"
    assert abs(found.best_params_["x"] - 0.3) < 0.05
    assert found.best_estimator_.x == found.best_params_["x"]
    assert found.best_index_ == np.argmax(found.cv_results_["mean_test_score"])


def test_results_have_the_columns_of_randomized_search():
    options = {"n_iter": 4, "cv": 2, "random_state": 0, "return_train_score": True}
    ours = search(**options).fit(X, y).cv_results_
    theirs = RandomizedSearchCV(Peak(), {"x": [0.1, 0.2, 0.5], "kind": ["bad", "good"]}, **options)
    theirs = theirs.fit(X, y).cv_results_
    assert set(ours) == {*theirs, "rank_train_score"}  # as in scikit-optimize
    for name, column in theirs.items():
        assert type(ours[name]) is type(column), name
        assert len(ours[name]) == 4
        if isinstance(column, np.ndarray):
            assert ours[name].shape == column.shape
            assert name == "param_x" or ours[name].dtype.kind == column.dtype.kind, name
    expected = [1 - (p["x"] - 0.3) ** 2 - 0.1 * (p["kind"] != "good") for p in ours["params"]]
    assert ours["mean_test_score"] == pytest.approx(expected)
    assert sorted(ours["rank_test_score"]) == [1, 2, 3, 4]


def test_scores_of_training_are_ranked_as_scikit_optimize_ranks_them():
    def failing(estimator, X, y):
        return np.nan if estimator.x > 0.9 else round(estimator.x, 1)

    options = {"n_iter": 12, "return_train_score": True, "scoring": failing}
    with pytest.warns(UserWarning, match="non-finite"):
        results = search(**options).fit(X, y).cv_results_
    means = results["mean_train_score"]
    assert np.isnan(means).any()
    worst_last = np.where(np.isnan(means), -np.inf, means)
    naive = [1 + sum(other > own for other in worst_last) for own in worst_last]
    assert list(results["rank_train_score"]) == naive
    assert results["rank_train_score"].dtype == results["rank_test_score"].dtype


def test_a_line_says_where_the_search_stands_and_only_when_asked(capsys):
    search(n_iter=3).fit(X, y)
    assert capsys.readouterr() == ("", "")
    found = search(n_iter=3, verbose=1).fit(X, y)
    out, err = capsys.readouterr()
    assert out == ""
    assert err.splitlines()[-1] == f"3/3 candidates, best {found.best_score_:.6g}"
    assert found.verbose == 1
    search(n_iter=3, verbose=2, cv=2).fit(X, y)  # a line for each fit besides
    out, err = capsys.readouterr()
    assert out.count("[CV]") == 6
    assert "Fitting" not in out


def test_the_same_random_state_makes_the_same_search():
    a, b = (search(n_iter=8, optimizer_kwargs=None).fit(X, y).cv_results_["params"] for _ in "ab")
    c = search(n_iter=8, optimizer_kwargs=None, random_state=1).fit(X, y).cv_results_["params"]
    assert a == b
    assert a != c


def test_a_fitted_search_is_an_estimator():
    found = search(estimator=make_pipeline(StandardScaler(), SVC()), space={"svc__C": (0.1, 10.0)})
    with pytest.raises(NotFittedError):
        found.predict(X)
    found.fit(X, y)
    assert found.predict(X).shape == (20,)
    assert list(found.classes_) == [0, 1]
    assert found.n_features_in_ == 2
    assert found.score(X, y) == found.best_estimator_.score(X, y)
    again = pickle.loads(pickle.dumps(found))
    assert (again.predict(X) == found.predict(X)).all()
    assert again.search_results_[0].value == found.search_results_[0].value
    assert not hasattr(clone(found), "best_params_")


def test_whole_steps_of_a_pipeline_may_be_searched():
    scalers = [StandardScaler(), MinMaxScaler(), "passthrough"]
    estimator = make_pipeline(StandardScaler(), SVC())
    found = search({"standardscaler": scalers, "svc__C": (0.1, 10.0)}, estimator, n_iter=8)
    found.fit(X, y)
    assert {str(p["standardscaler"]) for p in found.cv_results_["params"]} <= {
        str(s) for s in scalers
    }
    assert found.best_estimator_.steps[0][1] is not found.best_params_["standardscaler"]


def test_processes_get_what_they_need_and_no_more():
    # a callback that cannot be pickled stays where it is; the estimator is one that worker
    # processes can import, which this folder's own need not be
    found = search({"C": (0.1, 10.0)}, SVC(), n_iter=2, n_points=2, n_jobs=2)
    lock = threading.Lock()
    found.fit(X, y, callback=lambda res: lock.locked())
    assert len(found.cv_results_["params"]) == 2


@pytest.mark.parametrize("n_points", [1, 3])
def test_points_are_proposed_in_batches(n_points):
    batches = []
    found = search(n_iter=7, n_points=n_points)
    found.fit(X, y, callback=lambda res: batches.append(len(res.x_iters)))
    assert batches == ([3, 6, 7] if n_points == 3 else list(range(1, 8)))
    assert len(found.cv_results_["params"]) == 7


def test_shuffling_splitters_give_all_candidates_the_same_splits():
    seen = set()

    def remember(estimator, X, y):
        seen.add(tuple(X[:, 0]))
        return estimator.x

    search(cv=ShuffleSplit(2, test_size=0.3), n_iter=6, scoring=remember, refit=False).fit(X, y)
    assert len(seen) == 2


# ------------------------------------------------------------------- metrics


def test_the_metric_of_refit_guides_the_search():
    scoring = {"quality": lambda e, X, y: e.score(X, y), "cost": cost}
    found = search(scoring=scoring, refit="cost", n_iter=12, optimizer_kwargs=None).fit(X, y)
    assert found.best_params_["x"] > 0.95
    assert found.best_score_ == found.best_params_["x"]
    assert found.multimetric_
    assert set(found.scorer_) == {"quality", "cost"}
    means = found.cv_results_["mean_test_cost"]
    assert [t.value for t in found.search_results_[0].trials] == pytest.approx(list(means))
    with pytest.raises(ValueError, match="refit must be set to a scorer key"):
        search(scoring=scoring).fit(X, y)
    with pytest.raises(ValueError, match="refit must be set to a scorer key"):
        search(scoring=scoring, refit="speed").fit(X, y)


@pytest.mark.parametrize("refit", [False, lambda results: 1])
def test_without_a_name_the_first_metric_guides(refit):
    scoring = {"cost": cost, "quality": lambda e, X, y: e.score(X, y)}
    found = search(scoring=scoring, refit=refit).fit(X, y)
    told = [t.value for t in found.search_results_[0].trials]
    assert told == pytest.approx(list(found.cv_results_["mean_test_cost"]))
    if refit:
        assert found.best_index_ == 1
        assert found.best_estimator_.x == found.cv_results_["params"][1]["x"]
        assert not hasattr(found, "best_score_")
    else:
        assert not hasattr(found, "best_estimator_")


def test_a_scorer_may_return_several_metrics():
    found = search(scoring=lambda e, X, y: {"a": e.x, "b": -e.x}, refit="b").fit(X, y)
    told = [t.value for t in found.search_results_[0].trials]
    assert told == pytest.approx(list(found.cv_results_["mean_test_b"]))
    assert found.best_score_ == max(told)


def test_a_single_metric_with_a_function_as_refit():
    found = search(refit=lambda results: int(np.argmin(results["mean_test_score"]))).fit(X, y)
    assert found.best_index_ == np.argmin(found.cv_results_["mean_test_score"])


def test_names_of_metrics_as_everywhere():
    found = search(
        {"C": (0.1, 10.0)}, SVC(), scoring=["accuracy", "f1"], refit="f1", n_iter=2
    ).fit(X, y)
    assert {"mean_test_accuracy", "mean_test_f1"} <= set(found.cv_results_)


# ------------------------------------------------------------------ failures


def test_a_candidate_that_fails_is_one_of_the_results_and_told_as_failed():
    estimator = Peak(fail_above=0.5)
    with (
        pytest.warns(FitFailedWarning, match="no convergence at x"),
        pytest.warns(UserWarning, match="non-finite"),
    ):
        found = search(estimator=estimator, n_iter=16, optimizer_kwargs=None).fit(X, y)
    results = found.cv_results_
    failed = np.isnan(results["mean_test_score"])
    assert failed.any()
    assert [p["x"] > 0.5 for p in results["params"]] == list(failed)
    assert len(results["params"]) == 16
    assert (results["rank_test_score"][failed] == results["rank_test_score"].max()).all()
    assert all(name == "params" or len(results[name]) == 16 for name in results)
    assert abs(found.best_params_["x"] - 0.3) < 0.1
    states = [t.state.name for t in found.search_results_[0].trials]
    assert [s == "FAILED" for s in states] == list(failed)
    assert np.isinf(found.optimizer_results_[0].func_vals[failed]).all()


def test_a_failure_may_be_the_last_candidate_and_have_a_score_of_its_own():
    space = {"x": [0.25, 0.75]}
    with pytest.warns(FitFailedWarning):
        found = search(
            space, Peak(fail_above=0.5), n_iter=2, error_score=-7, return_train_score=True
        ).fit(X, y)
    by_x = dict(
        zip(
            (p["x"] for p in found.cv_results_["params"]),
            found.cv_results_["mean_test_score"],
            strict=True,
        )
    )
    assert by_x[0.75] == -7
    assert by_x[0.25] > 0.9
    assert -7 in found.cv_results_["mean_train_score"]


def test_several_metrics_fail_together():
    scoring = {"quality": lambda e, X, y: e.score(X, y), "cost": cost}
    with pytest.warns(FitFailedWarning), pytest.warns(UserWarning, match="non-finite"):
        found = search(
            {"x": [0.25, 0.75]}, Peak(fail_above=0.5), n_iter=2, scoring=scoring, refit="cost"
        ).fit(X, y)
    for name in ("mean_test_quality", "mean_test_cost", "split1_test_cost"):
        assert np.isnan(found.cv_results_[name]).sum() == 1


def test_when_everything_fails_scikit_learns_error_says_why():
    made = search(estimator=Peak(fail_above=-1))
    with pytest.warns(FitFailedWarning), pytest.raises(ValueError, match="All the 2 fits failed"):
        made.fit(X, y)


def test_error_score_raise_lets_the_error_through():
    with pytest.raises(RuntimeError, match="no convergence"):
        search(estimator=Peak(fail_above=-1), error_score="raise").fit(X, y)


@pytest.mark.filterwarnings("ignore:invalid value encountered:RuntimeWarning")  # inf - inf
@pytest.mark.parametrize("score", [np.nan, np.inf])
def test_a_score_that_is_not_finite_is_a_failure(score):
    def scoring(estimator, X, y):
        return score if estimator.x > 0.5 else estimator.x

    with pytest.warns(UserWarning, match="non-finite"):
        found = search({"x": [0.1, 0.4, 0.9]}, n_iter=3, scoring=scoring).fit(X, y)
    states = {t.params["x"]: t.state.name for t in found.search_results_[0].trials}
    assert states == {0.1: "COMPLETE", 0.4: "COMPLETE", 0.9: "FAILED"}


def test_only_nan_scores_leave_something_fitted():
    with pytest.warns(UserWarning, match="non-finite"):
        found = search(scoring=lambda e, X, y: np.nan, n_iter=3).fit(X, y)
    assert found.search_results_[0].best is None
    assert found.optimizer_results_[0].x is None
    assert (found.cv_results_["rank_test_score"] == 1).all()


# -------------------------------------------------------------- small spaces


@pytest.mark.parametrize("space", [{"x": [0.3]}, {"x": (0.3, 0.3)}, {"x": ["a"][:0] or (0.3,)}])
def test_a_space_of_one_point(space):
    with pytest.warns(UserWarning, match="all 1 candidates of the search space are evaluated"):
        found = search(space, n_iter=5).fit(X, y)
    assert found.best_params_ == {"x": 0.3}
    assert len(found.cv_results_["params"]) == 1


def test_no_candidate_is_evaluated_twice():
    with pytest.warns(UserWarning, match="all 6 candidates"):
        found = search({"x": [0.1, 0.2, 0.3], "kind": ["good", "bad"]}, n_iter=10).fit(X, y)
    assert len({tuple(p.values()) for p in found.cv_results_["params"]}) == 6


# ------------------------------------------------------------ branches, parts


def test_branches_compete_for_the_candidates():
    spaces = [{"kind": ["good"], "x": (0.0, 1.0)}, {"kind": ["bad"], "x": (0.0, 1.0)}]
    found = search(spaces, n_iter=20, optimizer_kwargs=None)
    assert found.total_iterations == 20
    found.fit(X, y)
    assert len(found.cv_results_["params"]) == 20
    good, bad = (len(r.x_iters) for r in found.optimizer_results_)
    assert good + bad == 20
    assert good > bad


def test_inactive_parameters_are_masked():
    spaces = [{"kind": ["bad"]}, {"kind": ["good"], "x": (0.0, 1.0)}]
    found = search(spaces, n_iter=3).fit(X, y)
    column = found.cv_results_["param_x"]
    for params, masked in zip(
        found.cv_results_["params"], np.ma.getmaskarray(column), strict=True
    ):
        assert ("x" not in params) == masked


def test_pairs_have_their_own_candidates():
    found = search([({"kind": ["good"], "x": (0.0, 1.0)}, 3), ({"kind": ["bad"]}, 1)]).fit(X, y)
    assert found.total_iterations == 4
    assert [p["kind"] for p in found.cv_results_["params"]] == ["good"] * 3 + ["bad"]
    assert [len(r.x_iters) for r in found.optimizer_results_] == [3, 1]
    assert len(found.search_results_) == 2


def test_the_state_is_shown_as_scikit_optimize_shows_it():
    found = search(n_iter=5).fit(X, y)
    (res,) = found.optimizer_results_
    assert res.names == ["kind", "x"]
    assert res.fun == -found.best_score_
    assert res.x == [found.best_params_["kind"], found.best_params_["x"]]
    assert res.x_iters == [[p["kind"], p["x"]] for p in found.cv_results_["params"]]
    assert list(res.func_vals) == list(-found.cv_results_["mean_test_score"])


# ------------------------------------------------------------------- stopping


@pytest.mark.parametrize(
    ("callback", "n"),
    [
        (lambda res: len(res.func_vals) >= 3, 3),
        ([lambda res: None, lambda res: len(res.x_iters) == 2], 2),
        (ThresholdStopper(10.0), 1),
        (DeltaYStopper(10.0, n_best=4), 4),
        (HollowIterationsStopper(2, threshold=10.0), 3),
        (DeadlineStopper(0.0), 1),
        (lambda res: False, 6),
    ],
)
def test_callbacks_end_a_search(callback, n):
    found = search(n_iter=6).fit(X, y, callback=callback)
    assert len(found.cv_results_["params"]) == n
    assert found.best_params_ == found.cv_results_["params"][found.best_index_]


def test_stop_iteration_ends_a_search_too():
    def stop(res):
        raise StopIteration

    assert len(search().fit(X, y, callback=stop).cv_results_["params"]) == 1


def test_stoppers_wait_for_values():
    class Res:
        func_vals = np.array([np.inf, np.inf, 1.0])

    assert not DeltaYStopper(5.0, n_best=2)(Res)
    assert not HollowIterationsStopper(1)(Res)
    assert not ThresholdStopper(0.5)(Res)
    assert not DeadlineStopper(1e6)(Res)


# ------------------------------------------------------------------- misuse


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({"n_iter": 0}, ValueError, "n_iter must be a whole number >= 1; got 0"),
        ({"n_iter": 2.5}, TypeError, "n_iter"),
        ({"n_points": 0}, ValueError, "n_points"),
        ({"space": {"x": object()}}, TypeError, "'x': expected a range"),
        ({"space": [({"x": (0, 1)}, 0)]}, ValueError, "0 iterations"),
        ({"space": {"nothing": (0, 1)}}, ValueError, "Invalid parameter 'nothing'"),
        ({"optimizer_kwargs": 3}, TypeError, "optimizer_kwargs must be a dict"),
        (
            {"optimizer_kwargs": {"n_inital_points": 3}},
            ValueError,
            "did you mean 'n_initial_points'",
        ),
        ({"optimizer_kwargs": {"acq_func": "UCB"}}, ValueError, "acq_func must be one of"),
        ({"optimizer_kwargs": {"space_constraint": 1}}, TypeError, "space_constraint"),
        ({"optimizer_kwargs": {"surrogate": 1}}, TypeError, "surrogate must be a Surrogate"),
        ({"scoring": "speed"}, ValueError, "scoring"),
        ({"cv": "five"}, ValueError, "cv"),
    ],
)
def test_misuse_is_answered_in_fit_not_before(options, error, words):
    made = search(**options)
    with pytest.raises(error, match=words):
        made.fit(X, y)


def test_a_callback_must_be_a_function():
    with pytest.raises(TypeError, match="callback must be a function"):
        search().fit(X, y, callback=3)


# ------------------------------------------------------ options of skopt


def test_scikit_optimizes_options_that_count():
    seen = []

    def constraint(values):
        seen.append(values)
        return values[1] < 0.5

    options = {
        "base_estimator": "GP", "n_initial_points": 6, "acq_func": "LCB", "acq_optimizer": "lbfgs",
        "acq_func_kwargs": {"kappa": 3.0}, "space_constraint": constraint, "random_state": 1,
    }  # fmt: skip
    found = search(n_iter=8, optimizer_kwargs=options).fit(X, y)
    origins = [t.origin.name for t in found.search_results_[0].trials]
    assert origins == ["INITIAL"] * 6 + ["MODEL"] * 2
    assert all(p["x"] < 0.5 for p in found.cv_results_["params"])
    assert {type(kind) for kind, _ in seen} == {str}


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"base_estimator": "RF"}, "base_estimator='RF' has no effect"),
        ({"acq_func": "EIps"}, "acq_func='EIps' has no counterpart"),
        ({"avoid_duplicates": False}, "avoid_duplicates=False has no effect"),
    ],
)
def test_what_cannot_be_done_is_said(options, words):
    with pytest.warns(UserWarning, match=words):
        search(n_iter=2, optimizer_kwargs=options).fit(X, y)


def test_random_search_by_scikit_optimizes_name():
    found = search(optimizer_kwargs={"base_estimator": "dummy"}).fit(X, y)
    assert {t.origin.name for t in found.search_results_[0].trials} == {"RANDOM"}


def test_positions_of_arguments_are_scikit_optimizes():
    found = BayesSearchCV(Peak(), SPACE, QUICK, 3, None, None, 1, 1, "deprecated", True, 2, 0)
    assert (found.n_iter, found.n_points, found.cv, found.verbose) == (3, 1, 2, 0)
    assert len(found.fit(X, y).cv_results_["params"]) == 3
