"""A function of mixed, conditional parameters, and what comes back."""

import math

import bayesopt as bo

space = bo.Space(
    lr=bo.Float(1e-5, 1e-1, log=True),
    depth=bo.Int(1, 12),
    booster=bo.Categorical(["tree", "linear"]),
    leaves=bo.Int(4, 256, log=True, when={"booster": "tree"}),
)


def train(params: dict) -> float:
    """Stands in for a training that takes hours: best at lr = 3e-4, depth 9, 64 leaves."""
    if params["lr"] > 0.05:
        raise ValueError("diverged")  # recorded as a failure, and avoided from then on
    loss = math.log10(params["lr"] / 3e-4) ** 2 + 0.05 * (params["depth"] - 9) ** 2
    if params["booster"] == "linear":
        return loss + 1.0
    return loss + 0.2 * math.log2(params["leaves"] / 64) ** 2


if __name__ == "__main__":
    result = bo.minimize(train, space, n_trials=40, seed=0)
    print(result.params, round(result.value, 4), result.stop.value)
