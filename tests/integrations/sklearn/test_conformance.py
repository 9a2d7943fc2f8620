"""scikit-learn's own checks of estimators: nothing fails that RandomizedSearchCV passes."""

import warnings
from inspect import signature

import pytest

pytest.importorskip(
    "sklearn", reason="scikit-learn is not installed: pip install 'bayesopt-engine[sklearn]'"
)

import numpy as np
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import RandomizedSearchCV
from sklearn.utils import estimator_checks

from bayesopt.integrations.sklearn import BayesSearchCV


def failed(search):
    """Names of the checks that ``search`` fails, and how many there were."""
    if "on_fail" not in signature(estimator_checks.check_estimator).parameters:
        pytest.skip("before scikit-learn 1.6 the checks stop at the first failure")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = estimator_checks.check_estimator(search, on_fail=None, on_skip=None)
    return {check["check_name"] for check in found if check["status"] == "failed"}, len(found)


@pytest.mark.parametrize(
    ("estimator", "space"),
    [(LogisticRegression(), {"C": [0.1, 1.0]}), (Ridge(), {"alpha": [0.1, 1.0]})],
)
def test_no_check_fails_that_randomized_search_passes(estimator, space):
    ours, n = failed(BayesSearchCV(estimator, space, n_iter=2, cv=2))
    assert n > 40
    if ours:  # the other's checks take as long: only when there is something to compare
        theirs, _ = failed(RandomizedSearchCV(estimator, space, n_iter=2, cv=2))
        assert ours <= theirs


def test_the_parameters_have_the_defaults_of_randomized_search():
    theirs = RandomizedSearchCV(Ridge(), {}).get_params(deep=False)
    ours = BayesSearchCV(Ridge(), {}).get_params(deep=False)
    same = set(theirs) - {"estimator", "param_distributions", "n_iter"}
    for name in same:
        assert ours[name] == theirs[name] or (np.isnan(ours[name]) and np.isnan(theirs[name]))
