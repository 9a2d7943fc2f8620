"""The loop is yours: ask, evaluate however you like, tell. The run is kept in a file."""

import sys
import tempfile
from pathlib import Path

import bayesopt as bo

space = bo.Space(temperature=bo.Float(20.0, 90.0), catalyst=bo.Categorical(["A", "B", "C"]))


def laboratory(params: dict) -> dict:
    """Stands in for a bench: a yield in percent, measured with a known error, within a budget."""
    best = {"A": 50.0, "B": 65.0, "C": 80.0}[params["catalyst"]]
    height = {"A": 70.0, "B": 90.0, "C": 75.0}[params["catalyst"]]
    amount = height - 0.03 * (params["temperature"] - best) ** 2
    return {"value": amount, "sd": 0.5, "constraints": {"pressure": params["temperature"] - 75.0}}


def main(path: Path) -> None:
    """Twelve experiments: six, then six more from the file."""
    for _ in range(2):
        bench = bo.Optimizer(space, direction="maximize", seed=0, storage=path)
        for _ in range(6):
            trial = bench.ask()
            bench.tell(trial, laboratory(dict(trial.params)))
    best = bench.recommended
    assert best is not None
    prediction = bench.predict([best.params])
    print(dict(best.params), f"{prediction.mean[0]:.1f} ± {prediction.sd[0]:.1f} %")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        main(Path(sys.argv[1] if len(sys.argv) > 1 else folder) / "bench.db")
