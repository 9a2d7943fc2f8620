"""A process whose best settings depend on the weather: context parameters and batches.

Each morning the humidity is read. Four vials share one oven, so they share a temperature.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import bayesopt as bo

SPACE = bo.Space(
    temperature=bo.Float(20, 120, prior=bo.Normal(80, 20)),
    solvent=bo.Categorical(["water", "DMF", "toluene"]),
    humidity=bo.Float(0, 1, role="context"),
)
LOSS = {"water": 6.0, "DMF": 0.0, "toluene": 2.0}


def measured(params: Mapping[str, Any]) -> float:
    """The yield in per cent: the drier the air, the hotter the oven should be."""
    best = 95 - 30 * params["humidity"]
    return 92 - ((params["temperature"] - best) / 8) ** 2 - LOSS[params["solvent"]]


def main(days: int = 8) -> None:
    """Four vials a day."""
    opt = bo.Optimizer(SPACE, direction="maximize", seed=1, n_trials=4 * days)
    for day in range(days):
        humidity = (0.3 + 0.37 * day) % 1.0
        batch = opt.ask_batch(4, context={"humidity": humidity}, same=["temperature"])
        for trial in batch:
            opt.tell(trial, measured(trial.params))
        heat = batch[0].params["temperature"]
        print(f"day {day}: humidity {humidity:.2f}, oven at {heat:.0f} degrees")
    for humidity in (0.2, 0.8):
        best = opt.best_for({"humidity": humidity})
        print(f"at humidity {humidity}: {best}, truly {measured(best.params):.1f}")


if __name__ == "__main__":
    main()
