"""Our Sobol points are SciPy's."""

import os
import subprocess
import sys

import numpy as np
import pytest
from scipy.stats import qmc

from bayesopt.space.sobol import sobol_points


@pytest.mark.parametrize("p", [1, 2, 3, 7, 20, 51, 52, 53])
def test_points_and_the_use_of_the_generator_are_those_of_scipy(p):
    rng, theirs = np.random.default_rng(p), np.random.default_rng(p)
    for log2_n in (0, 1, 5, 11):
        expected = qmc.Sobol(p, scramble=True, rng=theirs).random_base2(log2_n)
        np.testing.assert_array_equal(sobol_points(p, log2_n, rng), expected)
    assert rng.spawn(1)[0].random() == theirs.spawn(1)[0].random()
    assert rng.random() == theirs.random()


def test_each_dimension_has_one_point_in_each_cell():
    cells = np.floor(64 * sobol_points(9, 6, np.random.default_rng(1)))
    np.testing.assert_array_equal(np.sort(cells, axis=0), np.arange(64)[:, None] * np.ones(9))


def test_the_time_of_loading_scipy_stats_is_saved():
    code = (
        "import sys, numpy as np, bayesopt as bo\n"
        "opt = bo.Optimizer(bo.Space(x=bo.Float(0, 1), y=bo.Float(0, 1)), seed=0)\n"
        "for _ in range(3): opt.tell(opt.ask(), 1.0)\n"
        "assert 'scipy.stats' not in sys.modules\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
