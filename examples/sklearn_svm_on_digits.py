"""A support vector machine on digits: logarithmic ranges, a kernel, and an early end.

Needs the extra: pip install 'bayesopt-engine[sklearn]'
"""

from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from sklearn.svm import SVC

from bayesopt.integrations.sklearn import BayesSearchCV, HollowIterationsStopper


def main(n_iter: int = 30, cv: int = 3) -> None:
    """Search until 15 candidates in a row brought nothing."""
    X, y = load_digits(return_X_y=True)
    X_train, X_test, y_train, y_test = train_test_split(X, y, train_size=0.75, random_state=0)
    search = BayesSearchCV(
        SVC(),
        {
            "C": (1e-3, 1e3, "log-uniform"),
            "gamma": (1e-5, 1e0, "log-uniform"),
            "kernel": ["linear", "poly", "rbf", "sigmoid"],
        },
        n_iter=n_iter,
        cv=cv,
        random_state=0,
    )
    search.fit(X_train, y_train, callback=HollowIterationsStopper(15))
    print(f"{len(search.cv_results_['params'])} candidates; the best: {search.best_params_}")
    print(f"accuracy in cross-validation: {search.best_score_:.4f}")
    print(f"accuracy on the test set: {search.score(X_test, y_test):.4f}")


if __name__ == "__main__":
    main()
