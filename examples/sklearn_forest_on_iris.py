"""A random forest on iris: whole numbers, and None among the values of a parameter.

Needs the extra: pip install 'bayesopt-engine[sklearn]'
"""

from sklearn.datasets import load_iris
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import accuracy_score
from sklearn.model_selection import train_test_split

from bayesopt.integrations.sklearn import BayesSearchCV, Categorical, Integer


def main(n_iter: int = 20, cv: int = 5) -> None:
    """Search, then score on data that the search has not seen."""
    X, y = load_iris(return_X_y=True)
    X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.2, random_state=42)
    search = BayesSearchCV(
        RandomForestClassifier(random_state=42),
        {
            "n_estimators": Integer(10, 200),
            "max_depth": Categorical([None, 5, 10, 20]),
            "min_samples_split": Integer(2, 20),
        },
        n_iter=n_iter,
        cv=cv,
        random_state=42,
    )
    search.fit(X_train, y_train)
    print("best parameters:", search.best_params_)
    print(f"accuracy in cross-validation: {search.best_score_:.3f}")
    print(f"accuracy on the test set: {accuracy_score(y_test, search.predict(X_test)):.3f}")


if __name__ == "__main__":
    main()
