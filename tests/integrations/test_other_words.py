"""Plug-ins answer words of other libraries, and results that are none, as the main calls do."""

from functools import partial
from importlib import import_module

import numpy as np
import pytest

import bayesopt as bo
from bayesopt.integrations.bayes_opt import BayesianOptimization
from bayesopt.integrations.scipy import minimize as scipy_minimize

RANGE = {"x": (0.0, 1.0)}


def facade(f=None, **options):
    return BayesianOptimization(f, RANGE, verbose=0, random_state=0, **options)


def searched(**options):
    pytest.importorskip("sklearn")
    sklearn = import_module("bayesopt.integrations.sklearn")
    return sklearn.BayesSearchCV(None, RANGE, **options)


def sampler(*args, **options):
    pytest.importorskip("optuna")
    return import_module("bayesopt.integrations.optuna").BayesOptSampler(*args, **options)


def suggested(**options):
    pytest.importorskip("hyperopt")
    suggest = import_module("bayesopt.integrations.hyperopt").suggest
    return partial(suggest, **options)([0], None, None, 0)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: facade(seed=1), r"^BayesianOptimization\(\) .*random_state=\.\.\. here"),
        (lambda: facade().maximize(n_calls=3), r"^BayesianOptimization\.maximize\(\) .*n_iter="),
        (lambda: scipy_minimize(sum, [(0, 1)], maxiter=3), r"^minimize\(\) .*maxfev="),
        (lambda: scipy_minimize(sum, [(0, 1)], n_trials=3), r"^minimize\(\) .*maxfev="),
        (lambda: scipy_minimize(sum, [(0, 1)], seed=3), r"^minimize\(\) .*rng="),
        (lambda: searched(n_calls=3), r"^BayesSearchCV\(\) .*n_iter="),
        (lambda: searched(seed=3), r"^BayesSearchCV\(\) .*random_state="),
        (lambda: searched(n_workers=3), r"^BayesSearchCV\(\) .*n_jobs="),
        (lambda: searched(param_distributions={}), r"^BayesSearchCV\(\) .*search_spaces="),
        (lambda: searched(base_estimator="GP"), r"^BayesSearchCV\(\) .*optimizer_kwargs=.*MapGP"),
        (lambda: searched(acq_func="EI"), r"optimizer_kwargs=\{\"acq_func\": \"EI\"\}$"),
        (lambda: searched(n_initial_points=3), r"optimizer_kwargs=\{\"n_initial_points\": 10\}$"),
        (lambda: searched(callback=print), r"search\.fit\(X, y, callback=\.\.\.\)$"),
        (lambda: searched(dimensions={}), r"^BayesSearchCV\(\) .*search_spaces="),
        (lambda: sampler(random_state=3), r"^BayesOptSampler\(\) .*seed="),
        (lambda: sampler(n_initial_points=3), r"^BayesOptSampler\(\) .*n_startup_trials="),
        (lambda: sampler(n_startup=3), r"^BayesOptSampler\(\) .*'n_startup_trials'"),
        (lambda: sampler(3), r"^BayesOptSampler\(\) takes nothing by position"),
        (lambda: suggested(n_startup=3), r"^suggest\(\) .*'n_startup_jobs'"),
        (lambda: bo.UCB(kappa=2), r"^UCB\(\) .*beta="),
        (lambda: bo.EI(xi=2), r"^EI\(\) has no option 'xi'; it takes none$"),
        (lambda: bo.minimize(sum, RANGE, kappa=2), r"^minimize\(\) .*bo\.UCB\(beta=2\)"),
        (lambda: bo.InitialDesign(n_points=3), r"^InitialDesign\(\) .*n="),
        (lambda: bo.RandomSearch(seed=3), r"^RandomSearch\(\) has no option 'seed'"),
    ],
)
def test_other_words_are_answered_in_the_words_of_the_call(call, words):
    with pytest.raises(TypeError, match=words):
        call()


@pytest.mark.parametrize("answer", [None, (1.0, 2.0), "1", [1.0], np.ones(2)])
def test_what_can_never_be_a_value_is_refused_by_the_facade_and_by_scipys_call(answer):
    with pytest.raises(TypeError, match="must be a number"):
        facade(lambda x: answer).maximize(1, 0)
    with pytest.raises(TypeError, match="must be a number"):
        facade().register({"x": 0.5}, answer)
    if not isinstance(answer, list):  # SciPy's functions take a list of one number
        with pytest.raises(TypeError, match="must return a number"):
            scipy_minimize(lambda x: answer, [(0, 1)], maxfev=2)


def test_an_array_of_one_number_is_taken():
    run = facade(lambda x: np.array([x]))
    run.maximize(1, 1)
    assert run.max["target"] == run.max["params"]["x"]
