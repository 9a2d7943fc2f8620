"""A search in a file goes on where it ended, to the same end, whatever ended it."""

import os
import signal
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("sklearn")

from sklearn.datasets import load_iris
from sklearn.model_selection import KFold, ShuffleSplit
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import MinMaxScaler, StandardScaler
from sklearn.svm import SVC

import bayesopt as bo
import bayesopt_kernels
from bayesopt.integrations.sklearn import BayesSearchCV
from bayesopt.result import Stop

from .estimators import Peak

X = np.arange(40.0).reshape(20, 2)
y = np.arange(20) % 2
SPACE = {"x": (0.0, 1.0), "kind": ["bad", "good"]}
QUICK = {"proposer": bo.RandomSearch()}

# choices that are estimators, the model's proposals, scores of training: what is hardest to keep
KILLED = """
import os, signal, sys
from sklearn.datasets import load_iris
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import MinMaxScaler, StandardScaler
from sklearn.svm import SVC
from bayesopt.integrations.sklearn import BayesSearchCV

class Dies(SVC):
    __qualname__ = "SVC"
    def fit(self, X, y):
        n = len(open(sys.argv[2]).read())
        if n == 10:  # the second split of the fourth candidate
            os.kill(os.getpid(), signal.SIGKILL)
        open(sys.argv[2], "a").write("x")
        return super().fit(X, y)

pipeline = Pipeline([("scale", StandardScaler()), ("svc", Dies())])
space = {"scale": [StandardScaler(), MinMaxScaler()], "svc__C": (1e-2, 1e2, "log-uniform")}
X, y = load_iris(return_X_y=True)
BayesSearchCV(pipeline, space, n_iter=6, cv=3, random_state=0, return_train_score=True,
              storage=sys.argv[1]).fit(X, y)
"""


def search(storage=None, space=None, estimator=None, **options):
    defaults = {"n_iter": 6, "cv": 2, "random_state": 0, "optimizer_kwargs": QUICK}
    return BayesSearchCV(
        estimator or Peak(), space or SPACE, storage=storage, **{**defaults, **options}
    )


def stop_at(n):
    return lambda res: len(res.x_iters) == n


def columns(found):
    """Everything but the times."""
    return {k: v for k, v in found.cv_results_.items() if not k.endswith("_time")}


def assert_same(one, other):
    ours, theirs = columns(one), columns(other)
    assert ours.keys() == theirs.keys()
    for name, column in ours.items():
        if name.startswith("param_") or name == "params":
            assert list(map(repr, column)) == list(map(repr, theirs[name])), name
        else:
            np.testing.assert_array_equal(column, theirs[name], err_msg=name)
    assert repr(one.best_params_) == repr(other.best_params_)
    assert one.n_splits_ == other.n_splits_
    assert one.multimetric_ == other.multimetric_


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="there is no SIGKILL here")
def test_a_killed_search_goes_on_to_the_same_end(tmp_path):
    fits = tmp_path / "fits"
    fits.touch()
    roots = [Path(bo.__file__).parents[1], Path(bayesopt_kernels.__file__).parents[1]]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(map(str, roots))}
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, tmp_path / "run.db", fits], env=environment, check=False
    )
    assert killed.returncode == -signal.SIGKILL
    data = load_iris(return_X_y=True)

    def again(storage):
        pipeline = Pipeline([("scale", StandardScaler()), ("svc", SVC())])
        space = {"scale": [StandardScaler(), MinMaxScaler()], "svc__C": (1e-2, 1e2, "log-uniform")}
        return BayesSearchCV(
            pipeline, space, n_iter=6, cv=3, random_state=0, return_train_score=True,
            storage=storage,
        ).fit(*data)  # fmt: skip

    resumed = again(tmp_path / "run.db")
    assert_same(resumed, again(None))
    # the candidate that was lost is evaluated again, and none twice
    assert len(resumed.search_results_[0].trials) == 6


@pytest.mark.parametrize("n", [1, 3, 6])
def test_a_search_that_ended_goes_on(tmp_path, n):
    options = {"return_train_score": True, "scoring": ["accuracy", "balanced_accuracy"],
               "refit": "accuracy"}  # fmt: skip
    begun = search(tmp_path / "run.db", **options).fit(X, y, callback=stop_at(n))
    assert len(begun.cv_results_["params"]) == n
    resumed = search(str(tmp_path / "run.db"), **options).fit(X, y)
    assert_same(resumed, search(**options).fit(X, y))
    assert (
        resumed.best_estimator_.get_params()
        == resumed.estimator.set_params(**resumed.best_params_).get_params()
    )
    assert len(resumed.optimizer_results_[0].x_iters) == 6


def test_more_candidates_go_on_with_a_complete_search(tmp_path):
    search(tmp_path / "run.db", n_iter=3).fit(X, y)
    assert len(search(tmp_path / "run.db", n_iter=5).fit(X, y).cv_results_["params"]) == 5
    fewer = search(tmp_path / "run.db", n_iter=2).fit(X, y)
    assert len(fewer.cv_results_["params"]) == 5
    assert fewer.search_results_[0].stop is Stop.N_TRIALS


def test_without_a_random_state_the_file_knows_it(tmp_path):
    first = search(tmp_path / "run.db", random_state=None).fit(X, y, callback=stop_at(2))
    second = search(tmp_path / "run.db", random_state=None).fit(X, y)
    assert second.cv_results_["params"][:2] == first.cv_results_["params"]
    assert (
        second.search_results_[0].diagnostics["seed"]
        == (first.search_results_[0].diagnostics["seed"])
    )


def test_searches_after_the_first_have_files_of_their_own(tmp_path):
    spaces = [({"x": (0.0, 0.5)}, 3), ({"x": (0.5, 1.0)}, 3)]
    search(tmp_path / "run.db", spaces).fit(X, y, callback=stop_at(2))
    assert sorted(p.name for p in tmp_path.glob("*.db")) == ["run-2.db", "run.db"]
    assert_same(search(tmp_path / "run.db", spaces).fit(X, y), search(None, spaces).fit(X, y))


class SometimesFails(Peak):
    """Fails in one of two splits beyond 0.5, in both beyond 0.8."""

    def fit(self, X, y, sample_weight=None):
        if self.x > 0.8 or (self.x > 0.5 and X[0, 0] == 0):
            raise RuntimeError("no convergence")
        return super().fit(X, y)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.FitFailedWarning", "ignore:One or more")
@pytest.mark.parametrize("n", [2, 10])
def test_failures_are_kept_with_what_succeeded(tmp_path, n):
    options = {"estimator": SometimesFails(), "n_iter": 10, "cv": KFold(2)}
    search(tmp_path / "run.db", **options).fit(X, y, callback=stop_at(n))
    resumed = search(tmp_path / "run.db", **options).fit(X, y)
    scores = resumed.cv_results_["split0_test_score"], resumed.cv_results_["split1_test_score"]
    kinds = set(zip(*np.isnan(scores), strict=True))
    assert len(kinds) == 3, "the case needs all three kinds of candidates"
    assert_same(resumed, search(**options).fit(X, y))


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.FitFailedWarning")
def test_where_everything_failed_the_error_is_scikit_learns(tmp_path):
    for _ in range(2):
        with pytest.raises(ValueError, match="fits failed"):
            search(tmp_path / "run.db", estimator=Peak(fail_above=-1), n_iter=2).fit(X, y)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda o: o | {"y": 1 - y}, "other data"),
        (lambda o: o | {"estimator": Peak(weight=2.0)}, "another estimator"),
        (lambda o: o | {"scoring": "recall"}, "another scoring"),
        (lambda o: o | {"cv": KFold(2, shuffle=True, random_state=1)}, "other splits"),
        (lambda o: o | {"cv": 3}, "splits"),
        (lambda o: o | {"space": {"x": (0.0, 2.0), "kind": ["bad", "good"]}}, "another search"),
    ],
)
def test_a_file_of_another_search_is_refused(tmp_path, change, words):
    search(tmp_path / "run.db").fit(X, y, callback=stop_at(2))
    options = change({})
    target = options.pop("y", y)
    with pytest.raises(ValueError, match=words):
        search(tmp_path / "run.db", **options).fit(X, target)
    assert len(search(tmp_path / "run.db").fit(X, y).cv_results_["params"]) == 6


def test_choices_that_no_file_holds_are_compared_as_they_are_shown(tmp_path):
    def spaced(*scalers):
        pipeline = Pipeline([("scale", StandardScaler()), ("peak", Peak())])
        space = {"scale": list(scalers), "peak__x": (0.0, 1.0)}
        return search(tmp_path / "run.db", space, pipeline)

    spaced(StandardScaler(), MinMaxScaler()).fit(X, y, callback=stop_at(2))
    with pytest.raises(ValueError, match="another search space"):
        spaced(MinMaxScaler(), StandardScaler()).fit(X, y)
    spaced(StandardScaler(), MinMaxScaler()).fit(X, y)


def test_splits_that_change_each_time_are_refused_before_they_are_mixed(tmp_path):
    shuffling = ShuffleSplit(2, random_state=None)
    search(tmp_path / "run.db", cv=shuffling).fit(X, y, callback=stop_at(2))
    with pytest.raises(ValueError, match="integer random_state"):
        search(tmp_path / "run.db", cv=shuffling).fit(X, y)


def test_ctrl_c_then_on_to_the_same_end(tmp_path):
    def press(res):
        if len(res.x_iters) == 3:
            raise KeyboardInterrupt

    with pytest.warns(UserWarning, match="interrupted"):
        search(tmp_path / "run.db").fit(X, y, callback=press)
    assert_same(search(tmp_path / "run.db").fit(X, y), search().fit(X, y))


def test_an_error_that_ends_a_search_leaves_its_candidate_to_the_next(tmp_path):
    def press(res):
        raise OSError("the disk is full")

    with pytest.raises(OSError, match="full"):
        search(tmp_path / "run.db").fit(X, y, callback=press)
    options = {"estimator": Peak(fail_above=0.8), "error_score": "raise"}
    with pytest.raises(RuntimeError, match="convergence"):
        search(tmp_path / "other.db", **options).fit(X, y)
    for name in ("run.db", "other.db"):
        estimator = Peak(fail_above=0.8) if name == "other.db" else Peak()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            resumed = search(tmp_path / name, estimator=estimator).fit(X, y)
            assert_same(resumed, search(estimator=estimator).fit(X, y))


def test_a_run_of_something_else_is_no_search(tmp_path):
    space = bo.Space(x=bo.Float(0.0, 1.0), kind=bo.Categorical(["bad", "good"]))
    run = bo.Optimizer(space, direction="maximize", storage=tmp_path / "run.db")
    run.tell(run.ask(), 1.0)
    run.close()
    with pytest.raises(ValueError, match="not written by BayesSearchCV"):
        search(tmp_path / "run.db", random_state=None).fit(X, y)
    with pytest.raises(TypeError, match="path of a file"):
        search(run).fit(X, y)
