"""A report of a run with failures: one page, what matters, and pictures of one's own.

Run it with ``python examples/report.py run.html``, then open the page.
"""

import math
import sys

import bayesopt as bo

SPACE = {
    "rate": bo.Float(1e-4, 1.0, log=True, default=0.01),
    "depth": bo.Int(1, 9, default=3),
    "model": bo.Categorical(["tree", "linear"]),
}


def error(p: dict) -> float:
    """A validation error: high rates diverge, which is no result."""
    if p["rate"] > 0.5:
        return math.nan
    best = (math.log10(p["rate"]) + 2) ** 2 + 0.02 * (p["depth"] - 6) ** 2
    return 0.1 + 0.05 * best + 0.1 * (p["model"] == "linear")


def main(n_trials: int = 40, path: str = "run.html") -> None:
    """Run, write the page, say what matters."""
    result = bo.minimize(error, SPACE, n_trials=n_trials, seed=0)
    print(f"{result.report(path, title='Tuning a model')}: open it in a browser")
    importance = result.what_matters()
    for effect in importance.parameters:
        print(f"{effect.name}: {100 * effect.total:.0f} % of the model's variance")
    print(f"explained when left out: {100 * importance.explained:.0f} %")


if __name__ == "__main__":
    main(path=sys.argv[1] if len(sys.argv) > 1 else "run.html")
