"""How well few of many parameters are told from the others."""

import numpy as np
import pytest
from scipy.stats import norm

import bayesopt as bo
from benchmarks.calibration.few_of_many import ACTIVE
from benchmarks.calibration.few_predicted import judged, table


def test_measures_are_those_of_the_prediction() -> None:
    rng = np.random.default_rng(0)
    coords, asked = rng.random((60, 30)), rng.random((40, 30))

    def f(x: np.ndarray) -> np.ndarray:
        return np.asarray(3.0 * np.sum((x[:, list(ACTIVE)] - 0.3) ** 2, axis=1))

    found = judged(bo.MapGP(), coords, f(coords), asked, f(asked), noise=0.1)
    opt = bo.Optimizer(
        bo.Space({f"x{i}": bo.Float(0, 1) for i in range(30)}), seed=0, deterministic=False
    )

    def points(rows: np.ndarray) -> list[dict[str, float]]:
        return [{f"x{i}": float(v) for i, v in enumerate(row)} for row in rows]

    opt.add_observations(list(zip(points(coords), f(coords).tolist(), strict=True)))
    said = opt.predict(points(asked))
    assert found["rmse"] == pytest.approx(np.sqrt(np.mean((said.mean - f(asked)) ** 2)))
    assert found["rmse"] < 0.5 * np.std(f(asked))
    assert found["score"] == pytest.approx(norm.logpdf(f(asked), said.mean, said.sd).mean())
    assert found["active"] == 3


def test_table_counts_who_is_better() -> None:
    bad, good = (
        {"rmse": r, "score": s, "active": a} for r, s, a in ((1.0, -2.0, 1), (0.5, -1.0, 2))
    )
    rows = [
        {"function": "levy", "seed": i, "n": 20, "noise": 0.2, "map": bad, "saas": good}
        for i in range(9)
    ]
    rows.append({**rows[0], "map": good, "saas": bad})
    for line, mean in zip(table(rows), ("-0.40", "+0.80", "+0.80"), strict=True):
        assert f"| {mean} (" in line
        assert "| 9 : 1 of 10 |" in line
