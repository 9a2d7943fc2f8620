"""Predictions of what was left out."""

import numpy as np
import pytest
from known import ISHIGAMI, ishigami, seen

import bayesopt as bo
from bayesopt.sensitivity import leave_one_out
from bayesopt.surrogate import GaussianProcess


def test_each_is_predicted_by_the_process_of_all_others():
    run = seen(ISHIGAMI, ishigami, 24).fitted_run()
    fitted = run.model.objective
    gp, coords = fitted.posterior.components[0], run.data.evaluated_coords
    found = leave_one_out(fitted, coords)
    z = fitted.transform.forward(run.data.objective.oriented)
    for i in (0, 7, 23):
        others = np.arange(24) != i
        without = GaussianProcess.fit(gp.hyperparameters, coords[others], z[others])
        moments = without.predict(coords[i : i + 1])
        assert found.mean[i] == pytest.approx(moments.mean[0, 0], rel=1e-6, abs=1e-8)
        expected = np.sqrt(moments.var[0] + gp.noise_variance)
        assert found.sd[i] == pytest.approx(expected, rel=1e-5)


def test_noise_alone_is_not_explained_and_a_line_is():
    rng = np.random.default_rng(0)
    space = bo.Space(x=bo.Float(0, 1))
    noise = seen(space, lambda p: float(rng.normal()), 40).fitted_run()
    line = seen(space, lambda p: p["x"], 40).fitted_run()
    assert leave_one_out(noise.model.objective, noise.data.evaluated_coords).r2 < 0.3
    assert leave_one_out(line.model.objective, line.data.evaluated_coords).r2 > 0.99


def test_equal_values_have_no_share_and_two_are_too_few():
    space = bo.Space(x=bo.Float(0, 1))
    equal = seen(space, lambda p: 1.0, 8).fitted_run()
    assert np.isnan(leave_one_out(equal.model.objective, equal.data.evaluated_coords).r2)
    few = seen(space, lambda p: p["x"], 2).fitted_run()
    assert leave_one_out(few.model.objective, few.data.evaluated_coords) is None


@pytest.mark.slow
def test_intervals_hold_what_they_say_against_the_truth():
    """On three kinds of data, the share of new points within the 90 % interval, noise included,
    and what the left-out predictions had promised.
    """
    rng = np.random.default_rng(1)
    cases = {
        "smooth": (ISHIGAMI, ishigami, 0.0),
        "noisy": (ISHIGAMI, ishigami, 1.0),
        "kinks": (
            bo.Space(x=bo.Float(0, 1), y=bo.Float(0, 1)),
            lambda p: abs(p["x"] - 0.3) + abs(p["y"] - 0.6),
            0.05,
        ),
    }
    for space, objective, noise in cases.values():

        def noisy(p, objective=objective, noise=noise):
            return objective(p) + noise * float(rng.normal())

        run = seen(space, noisy, 100).fitted_run()
        fitted = run.model.objective
        left_out = leave_one_out(fitted, run.data.evaluated_coords)
        coords = space.from_cube(rng.random((300, space.n_columns)))
        truth = np.array([noisy(space.decode(r)) for r in space.to_rows(coords)])
        mean, var = fitted.posterior.mean_var(coords)
        sd = np.sqrt(var + fitted.posterior.noise_variance)
        inside = np.abs(fitted.transform.forward(truth) - mean) < 1.645 * sd
        assert inside.mean() > 0.6
        assert abs(inside.mean() - left_out.coverage(0.9)) < 0.2
