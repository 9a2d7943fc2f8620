"""Every trial as an MLflow run inside the run of the search.

Needs the extra: pip install 'bayesopt-engine[mlflow]'; then: mlflow ui --backend-store-uri sqlite:///mlflow.db
"""

import bayesopt as bo
from bayesopt.integrations.mlflow import MLflowCallback


def bake(params):
    """Stands for an experiment: too much heat burns the bread."""
    if params["heat"] > 280:
        raise ValueError("burnt")
    return abs(params["heat"] - 210) / 10


def main(tracking_uri: str = "sqlite:///mlflow.db", n_trials: int = 20) -> None:
    """Find the heat, and read the best run back."""
    import mlflow

    tracker = MLflowCallback("oven", tracking_uri=tracking_uri)
    result = bo.minimize(
        bake, {"heat": bo.Float(100, 300)}, n_trials=n_trials, callbacks=tracker, seed=0
    )
    mlflow.set_tracking_uri(tracking_uri)
    runs = mlflow.search_runs(experiment_names=["oven"], output_format="list")
    print(f"best {result.value:.2f}; {len(runs)} runs in {tracking_uri}")


if __name__ == "__main__":
    main()
