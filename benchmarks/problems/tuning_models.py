"""The models that are tuned: spaces and how to build an estimator of a point.

Ranges are those of Bayesmark where it has the parameter.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from benchmarks.space import Parameter, Space

Params = dict[str, Any]


@dataclass(frozen=True)
class Model:
    """A space and the builder of an estimator: ``build(params, regression)``."""

    space: Space
    build: Callable[[Params, bool], Any]


def _f(name: str, low: float, high: float, *, log: bool = False, **when: Any) -> Parameter:
    return Parameter(name, "float", low, high, log, when=_when(when))


def _i(name: str, low: int, high: int, *, log: bool = False, **when: Any) -> Parameter:
    return Parameter(name, "int", low, high, log, when=_when(when))


def _c(name: str, *choices: Any, **when: Any) -> Parameter:
    return Parameter(name, "categorical", choices=choices, when=_when(when))


def _when(when: Params) -> dict[str, tuple[Any, ...]]:
    return {k: v if isinstance(v, tuple) else (v,) for k, v in when.items()}


def _svm(p: Params, regression: bool) -> Any:
    from sklearn import svm

    p = dict(p, tol=1e-3, max_iter=20_000)
    return svm.SVR(**p) if regression else svm.SVC(**p, probability=True, random_state=0)


_SVM = Space(
    (
        _f("C", 1e-3, 1e3, log=True),
        _c("kernel", "linear", "rbf", "poly", "sigmoid"),
        _f("gamma", 1e-4, 1e1, log=True, kernel=("rbf", "poly", "sigmoid")),
        _i("degree", 2, 5, kernel="poly"),
        _f("coef0", -1.0, 1.0, kernel=("poly", "sigmoid")),
    )
)


def _logistic(p: Params, regression: bool) -> Any:
    from sklearn import linear_model

    penalty, c, solver = p["penalty"], p.get("C", 1.0), p["solver"]
    share = {"l1": 1.0, "l2": 0.0, "none": 0.0}.get(penalty, p.get("l1_ratio", 0.5))
    if penalty == "none":
        c = 1e12
    if regression:
        weight = 1.0 / (c * 100.0)
        kind = linear_model.ElasticNet(
            alpha=weight,
            l1_ratio=max(share, 1e-2),
            fit_intercept=p["fit_intercept"],
            random_state=0,
        )
        return kind
    solver = "saga" if share > 0.0 else solver
    return linear_model.LogisticRegression(
        C=c,
        l1_ratio=share,
        solver=solver,
        max_iter=p["max_iter"],
        tol=1e-3,
        fit_intercept=p["fit_intercept"],
        random_state=0,
    )


_LOGISTIC = Space(
    (
        _c("penalty", "l1", "l2", "elasticnet", "none"),
        _f("C", 1e-4, 1e3, log=True, penalty=("l1", "l2", "elasticnet")),
        _f("l1_ratio", 0.0, 1.0, penalty="elasticnet"),
        _c("solver", "lbfgs", "newton-cg", "saga"),
        _i("max_iter", 10, 300, log=True),
        _c("fit_intercept", False, True),
    )
)


def _forest(p: Params, regression: bool) -> Any:
    from sklearn import ensemble

    if p.pop("depth_limited"):
        p["max_depth"] = p.pop("depth")
    bootstrap = p["bootstrap"]
    share = p.pop("max_samples", None)
    p |= {"max_samples": share if bootstrap else None, "n_estimators": 20, "random_state": 0}
    return (ensemble.RandomForestRegressor if regression else ensemble.RandomForestClassifier)(**p)


_FOREST = Space(
    (
        _c("depth_limited", False, True),
        _i("depth", 1, 15, depth_limited=True),
        _f("max_features", 0.01, 0.99),
        _f("min_samples_split", 0.01, 0.99),
        _f("min_samples_leaf", 0.01, 0.49),
        _c("bootstrap", False, True),
        _f("max_samples", 0.1, 1.0, bootstrap=True),
    )
)


def _boosting(p: Params, regression: bool) -> Any:
    from sklearn import ensemble

    kind = (
        ensemble.HistGradientBoostingRegressor
        if regression
        else ensemble.HistGradientBoostingClassifier
    )
    if p.pop("growth") == "depth":
        p["max_leaf_nodes"] = None
    return kind(**p, max_iter=30, early_stopping=False, random_state=0)


_BOOSTING = Space(
    (
        _f("learning_rate", 1e-3, 1.0, log=True),
        _c("growth", "leaves", "depth"),
        _i("max_leaf_nodes", 4, 64, log=True, growth="leaves"),
        _i("max_depth", 1, 10, growth="depth"),
        _i("min_samples_leaf", 2, 60, log=True),
        _f("l2_regularization", 1e-8, 1e2, log=True),
        _f("max_features", 0.1, 1.0),
    )
)


def _knn(p: Params, regression: bool) -> Any:
    from sklearn import neighbors

    kind = neighbors.KNeighborsRegressor if regression else neighbors.KNeighborsClassifier
    return kind(**p)


_KNN = Space(
    (
        _i("n_neighbors", 1, 40),
        _c("metric", "minkowski", "cosine", "chebyshev"),
        _f("p", 1.0, 4.0, metric="minkowski"),
        _c("weights", "uniform", "distance"),
    )
)


def _tree(p: Params, regression: bool) -> Any:
    from sklearn import tree

    return (tree.DecisionTreeRegressor if regression else tree.DecisionTreeClassifier)(
        **p, random_state=0
    )


_TREE = Space(
    (
        _i("max_depth", 1, 15),
        _f("min_samples_split", 0.01, 0.99),
        _f("min_samples_leaf", 0.01, 0.49),
        _f("min_weight_fraction_leaf", 0.01, 0.49),
        _f("max_features", 0.01, 0.99),
        _f("min_impurity_decrease", 0.0, 0.5),
    )
)


def _mlp(p: Params, regression: bool) -> Any:
    from sklearn import neural_network

    p["hidden_layer_sizes"] = (p.pop("width"),) * p.pop("layers")
    p |= {"max_iter": 25, "random_state": 0}
    return (neural_network.MLPRegressor if regression else neural_network.MLPClassifier)(**p)


_MLP = Space(
    (
        _i("width", 10, 100, log=True),
        _i("layers", 1, 3),
        _c("activation", "relu", "tanh", "logistic"),
        _c("solver", "adam", "sgd"),
        _f("alpha", 1e-5, 1e1, log=True),
        _i("batch_size", 10, 150, log=True),
        _f("learning_rate_init", 1e-5, 1e-1, log=True),
        _f("beta_1", 0.5, 0.99, solver="adam"),
        _f("momentum", 0.0, 0.98, solver="sgd"),
        _c("nesterovs_momentum", False, True, solver="sgd"),
    )
)


def _pipeline(p: Params, regression: bool) -> Any:
    from sklearn import decomposition, feature_selection, pipeline

    steps = []
    if p["reduce"] == "pca":
        steps.append(decomposition.PCA(p["components"], whiten=p["whiten"], random_state=0))
    elif p["reduce"] == "select":
        score = feature_selection.f_regression if regression else feature_selection.f_classif
        steps.append(feature_selection.SelectPercentile(score, percentile=p["percentile"]))
    model = {k.removeprefix("svm_"): v for k, v in p.items() if k.startswith("svm_")}
    if p["model"] == "svm":
        steps.append(_svm(model | {"kernel": "rbf"}, regression))
    else:
        steps.append(_knn({"n_neighbors": p["neighbors"], "weights": p["weights"]}, regression))
    return pipeline.make_pipeline(*steps)


_PIPELINE = Space(
    (
        _c("reduce", "none", "pca", "select"),
        _f("components", 0.5, 0.99, reduce="pca"),
        _c("whiten", False, True, reduce="pca"),
        _i("percentile", 10, 100, reduce="select"),
        _c("model", "svm", "knn"),
        _f("svm_C", 1e-3, 1e3, log=True, model="svm"),
        _f("svm_gamma", 1e-5, 1e1, log=True, model="svm"),
        _i("neighbors", 1, 40, log=True, model="knn"),
        _c("weights", "uniform", "distance", model="knn"),
    )
)


def _algorithm(p: Params, regression: bool) -> Any:
    name = p["algorithm"]
    own = {k.partition("_")[2]: v for k, v in p.items() if k.startswith(f"{name}_")}
    if name == "knn":
        return _knn(own, regression)
    if name == "svm":
        return _svm(own | {"kernel": "rbf"}, regression)
    if name == "tree":
        return _tree(own, regression)
    return _mlp(own | {"layers": 1, "solver": "adam", "activation": "relu"}, regression)


_ALGORITHM = Space(
    (
        _c("algorithm", "svm", "knn", "tree", "mlp"),
        _f("svm_C", 1e-3, 1e3, log=True, algorithm="svm"),
        _f("svm_gamma", 1e-5, 1e1, log=True, algorithm="svm"),
        _i("knn_n_neighbors", 1, 40, log=True, algorithm="knn"),
        _c("knn_weights", "uniform", "distance", algorithm="knn"),
        _i("tree_max_depth", 1, 15, algorithm="tree"),
        _f("tree_min_samples_leaf", 0.001, 0.3, log=True, algorithm="tree"),
        _i("mlp_width", 10, 100, log=True, algorithm="mlp"),
        _f("mlp_alpha", 1e-5, 1e1, log=True, algorithm="mlp"),
        _f("mlp_learning_rate_init", 1e-5, 1e-1, log=True, algorithm="mlp"),
    )
)


def _ada(p: Params, regression: bool) -> Any:
    from sklearn import ensemble

    return (ensemble.AdaBoostRegressor if regression else ensemble.AdaBoostClassifier)(
        **p, random_state=0
    )


def _ridge(p: Params, regression: bool) -> Any:
    from sklearn import kernel_approximation, linear_model, pipeline

    c, mapped = p.pop("C"), p.pop("map")
    features = kernel_approximation.Nystroem(**p, random_state=0) if mapped else None
    last = (
        linear_model.Ridge(alpha=1.0 / c)
        if regression
        else linear_model.LogisticRegression(C=c, max_iter=200)
    )
    return pipeline.make_pipeline(features or "passthrough", last)


_RIDGE = Space(
    (
        _f("C", 1e-4, 1e4, log=True),
        _c("map", False, True),
        _i("n_components", 5, 100, log=True, map=True),
        _f("gamma", 1e-5, 1e1, log=True, map=True),
    )
)

MODELS: dict[str, Model] = {
    "svm": Model(_SVM, _svm),
    "logistic": Model(_LOGISTIC, _logistic),
    "forest": Model(_FOREST, _forest),
    "boosting": Model(_BOOSTING, _boosting),
    "knn": Model(_KNN, _knn),
    "tree": Model(_TREE, _tree),
    "mlp": Model(_MLP, _mlp),
    "pipeline": Model(_PIPELINE, _pipeline),
    "algorithm": Model(_ALGORITHM, _algorithm),
    "ada": Model(
        Space((_i("n_estimators", 10, 60), _f("learning_rate", 1e-4, 1e1, log=True))), _ada
    ),
    "nystroem": Model(_RIDGE, _ridge),
}
