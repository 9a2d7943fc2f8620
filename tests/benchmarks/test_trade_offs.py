"""Problems with several objectives: values by another implementation, fronts by closed form."""

import numpy as np
import pytest

from benchmarks.trade_offs import PROBLEMS, penicillin


def test_penicillin_has_the_values_of_botorch():
    """Penicillin().evaluate_true of BoTorch 0.18 at the same points."""
    points = np.random.default_rng(0).random((3, 7))
    found = penicillin(points)
    assert found[0] == pytest.approx([-13.0286711, 77.3131702, 357.0])
    assert found[1] == pytest.approx([-8.03122840e-03, 1.03225826, 6.0])
    assert found[2] == pytest.approx([-9.04998839, 30.1238915, 297.0])


@pytest.mark.parametrize("name", sorted(PROBLEMS))
def test_each_point_has_its_values_alone(name):
    problem = PROBLEMS[name]
    points = np.random.default_rng(1).random((5, problem.dimension))
    found = problem.evaluate(points)
    assert found.shape == (5, len(problem.reference))
    assert np.isfinite(found).all()
    alone = np.concatenate([problem.evaluate(p[None]) for p in points])
    np.testing.assert_allclose(found, alone, rtol=1e-12)
