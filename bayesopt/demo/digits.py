"""Model selection on the digits that scikit-learn ships: the space and the objective."""

from __future__ import annotations

import warnings
from functools import cached_property
from typing import Any

from bayesopt.space import Boolean, Categorical, Float, Int, Space

_IMAGES = 600  # of 1797, so that an evaluation takes about a third of a second on average
_FOLDS = 3
_FEATURES = 100  # of the kernel
_TREES = 50
_ROUNDS = 20


def model_space() -> Space:
    """Five kinds of model, each with the hyperparameters that only it has."""
    kernel, forest, boosting = {"model": "kernel"}, {"model": "forest"}, {"model": "boosting"}
    neighbours = {"model": "neighbours"}
    return Space(
        model=Categorical(["kernel", "forest", "boosting", "logistic", "neighbours"]),
        standardize=Boolean(when={"model": ["kernel", "logistic", "neighbours"]}),
        kernel=Categorical(["rbf", "poly"], when=kernel),
        C=Float(1e-3, 1e3, log=True, when={"model": ["kernel", "logistic"]}),
        gamma=Float(1e-5, 1.0, log=True, when=kernel),
        degree=Int(2, 5, when={"kernel": "poly"}),
        depth=Int(2, 20, when=forest),
        features=Float(0.02, 0.6, log=True, when=forest),
        smallest_leaf=Int(1, 20, log=True, when=forest),
        rate=Float(0.02, 1.0, log=True, when=boosting),
        leaves=Int(4, 31, log=True, when=boosting),
        shrinkage=Float(1e-3, 10.0, log=True, when=boosting),
        k=Int(1, 30, log=True, when=neighbours),
        weights=Categorical(["uniform", "distance"], when=neighbours),
    )


class DigitsLogLoss:
    """Cross-validated log loss of the model that a point describes, on 600 digits: less is better.

    It judges the probabilities, so that no two settings are as good as each other, as they often
    are by the number of digits that are read right.

    The images and the folds are fixed, so that the same point always has the same value.

    Raises
    ------
    ImportError : scikit-learn is not installed.
    """

    def __init__(self) -> None:
        try:
            import sklearn  # noqa: F401
        except ImportError as error:
            raise ImportError(
                "the demo needs scikit-learn: pip install 'bayesopt-engine[sklearn,plot]'"
            ) from error

    def __call__(self, params: dict[str, Any]) -> float:
        """Mean log loss over the folds, >= 0; ln 10 = 2.3 is chance."""
        from sklearn.model_selection import StratifiedKFold, cross_val_score
        from threadpoolctl import threadpool_limits

        images, digits = self._data
        folds = StratifiedKFold(_FOLDS, shuffle=True, random_state=0)
        # one thread: more of them spin for one another on a busy machine, and take minutes
        with threadpool_limits(1), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a model that does not converge is just a bad one
            scores = cross_val_score(
                make_model(params), images, digits, cv=folds, scoring="neg_log_loss"
            )
        return -float(scores.mean())

    @cached_property
    def _data(self) -> tuple[Any, Any]:
        from sklearn.datasets import load_digits
        from sklearn.model_selection import train_test_split

        images, digits = load_digits(return_X_y=True)
        kept = train_test_split(
            images / 16, digits, train_size=_IMAGES, stratify=digits, random_state=0
        )
        return kept[0], kept[2]


def make_model(params: dict[str, Any]) -> Any:
    """The scikit-learn estimator that a point of :func:`model_space` describes."""
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    model = _MAKERS[params["model"]](params)
    return make_pipeline(StandardScaler(), model) if params.get("standardize") else model


def _kernel(p: dict[str, Any]) -> Any:
    from sklearn.kernel_approximation import Nystroem
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    features = Nystroem(
        kernel=p["kernel"],
        gamma=p["gamma"],
        degree=p.get("degree"),
        coef0=1.0 if p["kernel"] == "poly" else None,
        n_components=_FEATURES,
        random_state=0,
    )
    return make_pipeline(features, LogisticRegression(C=p["C"], max_iter=200))


def _forest(p: dict[str, Any]) -> Any:
    from sklearn.ensemble import RandomForestClassifier

    return RandomForestClassifier(
        _TREES,
        max_depth=p["depth"],
        max_features=p["features"],
        min_samples_leaf=p["smallest_leaf"],
        random_state=0,
    )


def _boosting(p: dict[str, Any]) -> Any:
    from sklearn.ensemble import HistGradientBoostingClassifier

    return HistGradientBoostingClassifier(
        learning_rate=p["rate"],
        max_leaf_nodes=p["leaves"],
        l2_regularization=p["shrinkage"],
        max_iter=_ROUNDS,
        early_stopping=False,
        random_state=0,
    )


def _logistic(p: dict[str, Any]) -> Any:
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(C=p["C"], max_iter=200)


def _neighbours(p: dict[str, Any]) -> Any:
    from sklearn.neighbors import KNeighborsClassifier

    return KNeighborsClassifier(p["k"], weights=p["weights"])


_MAKERS = {
    "kernel": _kernel,
    "forest": _forest,
    "boosting": _boosting,
    "logistic": _logistic,
    "neighbours": _neighbours,
}
