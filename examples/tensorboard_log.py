"""A run shown in TensorBoard: curves, HParams and the result as a text.

Needs the extra: pip install 'bayesopt-engine[tensorboard]'; then: tensorboard --logdir logs
"""

import bayesopt as bo
from bayesopt.integrations.tensorboard import TensorBoardCallback


def bake(params):
    """Stands for an experiment: too much heat burns the bread."""
    if params["heat"] > 280:
        raise ValueError("burnt")
    return {"value": abs(params["heat"] - 210) / 10, "smoke": params["heat"] / 250}


def main(log_dir: str = "logs", n_trials: int = 20) -> None:
    """Find the heat; MLflowCallback() and WandbCallback() take the callback's place."""
    result = bo.minimize(
        bake,
        {"heat": bo.Float(100, 300), "fan": bo.Boolean()},
        n_trials=n_trials,
        outcome_constraints={"smoke": "<= 0.8"},
        callbacks=TensorBoardCallback(log_dir),
        seed=0,
    )
    print(f"best {result.value:.2f} at {result.params['heat']:.1f} degrees; see {log_dir}")


if __name__ == "__main__":
    main()
