"""A run kept by Weights & Biases without an account; `wandb sync` sends it later.

Needs the extra: pip install 'bayesopt-engine[wandb]'
"""

import bayesopt as bo
from bayesopt.integrations.wandb import WandbCallback


def bake(params):
    """Stands for an experiment."""
    return abs(params["heat"] - 210) / 10


def main(folder: str = ".", n_trials: int = 20) -> None:
    """Find the heat; each trial is a step."""
    tracker = WandbCallback(project="oven", mode="offline", dir=folder)
    result = bo.minimize(
        bake, {"heat": bo.Float(100, 300)}, n_trials=n_trials, callbacks=tracker, seed=0
    )
    print(f"best {result.value:.2f} at {result.params['heat']:.1f} degrees; see {folder}/wandb")


if __name__ == "__main__":
    main()
