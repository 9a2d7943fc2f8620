"""Logistic regression with l1 and l2 penalties, whose solvers differ: branches of one search.

Needs the extra: pip install 'bayesopt-engine[sklearn]', with scikit-learn 1.8 or newer, where
``l1_ratio`` alone says which penalty it is.
"""

from scipy.stats import loguniform
from sklearn.datasets import load_breast_cancer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

from bayesopt.integrations.sklearn import BayesSearchCV

# One list entry for each combination that is allowed, as for RandomizedSearchCV; candidates go
# where they are worth it. l1_ratio is 1 for the l1 penalty, 0 for l2, and lies between for both.
STRENGTH = loguniform(1e-3, 1e3)
SPACES = [
    {"model": [LogisticRegression(solver="lbfgs", max_iter=2000)], "model__C": STRENGTH},
    {
        "model": [LogisticRegression(solver="saga", max_iter=2000, tol=1e-2)],
        "model__C": STRENGTH,
        "model__l1_ratio": (0.0, 1.0),
    },
]


def main(n_iter: int = 24, cv: int = 5) -> None:
    """Two branches with ``n_iter`` candidates in all."""
    X, y = load_breast_cancer(return_X_y=True)
    X_train, X_test, y_train, y_test = train_test_split(X, y, stratify=y, random_state=0)
    pipeline = Pipeline([("scale", StandardScaler()), ("model", LogisticRegression())])
    search = BayesSearchCV(pipeline, SPACES, n_iter=n_iter, cv=cv, scoring="f1", random_state=0)
    search.fit(X_train, y_train)
    for branch in search.optimizer_results_:
        print(f"{len(branch.x_iters):3d} candidates of {branch.names}, best F1 {-branch.fun:.4f}")
    print("best parameters:", search.best_params_)
    print(f"F1 on the test set: {search.score(X_test, y_test):.4f}")


if __name__ == "__main__":
    main()
