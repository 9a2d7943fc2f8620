"""A forest that is accurate and quick to fit: the front of both, by BayesSearchCV.

Needs the extra: pip install 'bayesopt-engine[sklearn]'
"""

from sklearn.datasets import load_breast_cancer
from sklearn.ensemble import RandomForestClassifier

from bayesopt.integrations.sklearn import BayesSearchCV


def main(n_iter: int = 20) -> None:
    """Print the front, and the setting that ``refit`` names."""
    X, y = load_breast_cancer(return_X_y=True)
    search = BayesSearchCV(
        RandomForestClassifier(random_state=0),
        {"n_estimators": (5, 100, "log-uniform"), "max_depth": (1, 12)},
        n_iter=n_iter,
        cv=3,
        objectives=["accuracy", "neg_fit_time"],
        refit="accuracy",
        random_state=0,
    )
    search.fit(X, y)
    front = search.pareto_
    for accuracy, negative in zip(front["accuracy"], front["neg_fit_time"], strict=True):
        print(f"accuracy {accuracy:.3f} in {-negative:.3f} s")
    print(f"refitted: {search.best_params_}")


if __name__ == "__main__":
    main()
