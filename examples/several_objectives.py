"""Accuracy against size: a forest on handwritten digits that is good, and small.

Needs the extra: pip install 'bayesopt-engine[sklearn]'
"""

import time

from sklearn.datasets import load_digits
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import cross_val_score

import bayesopt as bo

SPACE = bo.Space(
    trees=bo.Int(2, 100, log=True),
    leaves=bo.Int(4, 400, log=True),
    features=bo.Float(0.05, 1.0, log=True),
)


def main(n_trials: int = 30, rows: int = 1797) -> None:
    """Search for the front, and print it with a trade-off to take."""
    X, y = load_digits(return_X_y=True)
    X, y = X[:rows], y[:rows]

    def measure(params: dict) -> dict:
        forest = RandomForestClassifier(
            params["trees"],
            max_leaf_nodes=params["leaves"],
            max_features=params["features"],
            random_state=0,
        )
        error = 1 - cross_val_score(forest, X, y, cv=3).mean()
        start = time.perf_counter()
        forest.fit(X, y)
        seconds = time.perf_counter() - start
        nodes = sum(tree.tree_.node_count for tree in forest.estimators_)
        return {"error": error, "nodes": nodes, "info": {"seconds": seconds}}

    result = bo.minimize(
        measure,
        SPACE,
        objectives={"error": "minimize", "nodes": "minimize"},
        n_trials=n_trials,
        seed=0,
    )
    print(result)
    trial = result.compromise()
    print(
        f"a compromise: {trial.values['error']:.1%} errors with {trial.values['nodes']:.0f} nodes"
    )
    print(f"hypervolume: {float(result.hypervolume):.4g}")


if __name__ == "__main__":
    main()
