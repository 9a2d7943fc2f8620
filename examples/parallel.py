"""Four evaluations at once, in processes; a trial that hangs is given up after a while."""

import time
from concurrent.futures import ProcessPoolExecutor

import bayesopt as bo

space = bo.Space(x=bo.Float(-5.0, 10.0), y=bo.Float(0.0, 15.0))


def simulate(params: dict) -> float:
    """Stands in for a simulation: Branin's function (Dixon and Szego 1978), lowest 0.3979."""
    from math import cos, pi

    time.sleep(0.05)
    x, y = params["x"], params["y"]
    ridge = y - 5.1 / (4 * pi**2) * x**2 + 5 / pi * x - 6
    return ridge**2 + 10 * (1 - 1 / (8 * pi)) * cos(x) + 10


if __name__ == "__main__":  # worker processes import this file
    with ProcessPoolExecutor(4) as pool:
        result = bo.minimize(simulate, space, n_trials=40, seed=0, executor=pool, trial_timeout=60)
    print(result.params, round(result.value, 4), result.stop.value)
