"""What scikit-learn passes around: metadata, and the contexts of its callbacks."""

from importlib.util import find_spec

import numpy as np
import pytest

pytest.importorskip(
    "sklearn", reason="scikit-learn is not installed: pip install 'bayesopt-engine[sklearn]'"
)

import sklearn
from sklearn.model_selection import GroupKFold, cross_validate

import bayesopt as bo
from bayesopt.integrations.sklearn import BayesSearchCV

from .estimators import Peak

X = np.arange(40.0).reshape(20, 2)
y = np.arange(20) % 2
QUICK = {"proposer": bo.RandomSearch()}


def search(estimator=None, **options):
    defaults = {"n_iter": 3, "cv": 2, "random_state": 0, "optimizer_kwargs": QUICK}
    return BayesSearchCV(estimator or Peak(), {"x": (0.0, 1.0)}, **{**defaults, **options})


def test_fit_parameters_and_groups_arrive():
    found = search(cv=GroupKFold(2)).fit(
        X, y, groups=np.arange(20) // 10, sample_weight=np.full(20, 2.0)
    )
    assert found.best_estimator_.total_ == 40.0
    by_constructor = search(fit_params={"sample_weight": np.full(20, 3.0)}).fit(X, y)
    assert by_constructor.best_estimator_.total_ == 60.0


def test_metadata_routing():
    with sklearn.config_context(enable_metadata_routing=True):
        estimator = Peak().set_fit_request(sample_weight=True)
        estimator.set_score_request(sample_weight=False)
        inner = search(estimator, cv=GroupKFold(2))
        inner.fit(X, y, groups=np.arange(20) // 10, sample_weight=np.full(20, 2.0))
        assert inner.best_estimator_.total_ == 40.0
        assert not hasattr(inner, "set_fit_request")  # `callback` is no metadata
        found = cross_validate(
            search(estimator),
            X,
            y,
            cv=2,
            params={"sample_weight": np.ones(20)},
            return_estimator=True,
        )
        assert [e.best_estimator_.total_ for e in found["estimator"]] == [10.0, 10.0]


with_callbacks = pytest.mark.skipif(
    find_spec("sklearn.callback") is None,
    reason="this scikit-learn has no callbacks (they came with 1.9)",
)


class Listener:
    """Notes the tasks it hears of; asks to stop after so many batches."""

    def __init__(self, batches=None):
        self.tasks = []
        self.batches = batches

    def setup(self, estimator, context):
        self.tasks.append("setup")

    def teardown(self, estimator, context):
        self.tasks.append("teardown")

    def on_fit_task_begin(self, estimator, context):
        self.tasks.append(f"begin {context.task_name}")

    def on_fit_task_end(self, estimator, context):
        self.tasks.append(f"end {context.task_name}")
        return self.batches is not None and self.tasks.count("end batch") >= self.batches


@with_callbacks
def test_callbacks_see_search_batches_and_evaluations():
    listener = Listener()
    search(n_iter=3, n_points=2).set_callbacks(listener).fit(X, y)
    assert listener.tasks.count("begin batch") == listener.tasks.count("end batch") == 2
    assert listener.tasks.count("begin candidate-split-evaluation") == 6
    assert listener.tasks.count("end candidate-split-evaluation") == 6
    assert listener.tasks.index("begin search") < listener.tasks.index("begin batch")
    assert listener.tasks.count("end search") == 1


@with_callbacks
def test_a_callback_may_end_the_search():
    found = search(n_iter=9).set_callbacks(Listener(batches=2)).fit(X, y)
    assert len(found.cv_results_["params"]) == 2
