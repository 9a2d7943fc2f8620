"""Hyperopt's ``fmin`` with this package's algorithm: the one argument to change is ``algo``.

    python examples/hyperopt_fmin.py

Needs the extra: pip install 'bayesopt-engine[hyperopt]'

``hp.choice`` is a true condition: each branch's parameters are modelled where they are active,
and only there.
"""

import math
from functools import partial
from typing import Any

import numpy as np
from hyperopt import Trials, fmin, hp, space_eval

from bayesopt.integrations import hyperopt as bayesopt_hyperopt

SPACE = hp.choice(
    "classifier",
    [
        {"type": "svm", "C": hp.lognormal("C", 0, 2), "gamma": hp.loguniform("gamma", -9, 1)},
        {
            "type": "forest",
            "trees": hp.quniform("trees", 10, 300, 10),
            "depth": hp.choice("depth", [None, hp.uniformint("levels", 1, 20)]),
        },
    ],
)


def loss(point: dict[str, Any]) -> float:
    """A made-up validation error."""
    if point["type"] == "svm":
        c, gamma = math.log10(point["C"]), math.log10(point["gamma"])
        return 0.05 + 0.03 * (c - 0.5) ** 2 + 0.02 * (gamma + 2.0) ** 2
    levels = 20 if point["depth"] is None else point["depth"]
    return 0.08 + 2.0 / point["trees"] + (levels - 12) ** 2 / 2000


def main(max_evals: int = 40) -> None:
    """Search, and show what was found."""
    trials = Trials()
    best = fmin(
        loss,
        SPACE,
        algo=partial(bayesopt_hyperopt.suggest, n_startup_jobs=10, deterministic=True),
        max_evals=max_evals,
        trials=trials,
        rstate=np.random.default_rng(0),
        show_progressbar=False,
    )
    print(f"best loss {min(trials.losses()):.4f} with {space_eval(SPACE, best)}")


if __name__ == "__main__":
    main()
