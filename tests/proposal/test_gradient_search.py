"""Descents from random starts: SciPy's own path, point by point, from the results alone."""

import numpy as np
import pytest
from scipy.optimize import minimize

import bayesopt as bo
from bayesopt.proposal import MultistartGradient

SPACE = {"x": bo.Float(-2.0, 2.0), "y": bo.Float(-1.0, 3.0)}


def rosenbrock(x, y):
    value = 100 * (y - x * x) ** 2 + (1 - x) ** 2
    return value, -400 * x * (y - x * x) - 2 * (1 - x), 200 * (y - x * x)


def told(params, sign=1.0):
    value, dx, dy = rosenbrock(params["x"], params["y"])
    return {"value": sign * value, "gradient": {"x": sign * dx, "y": sign * dy}}


@pytest.mark.parametrize(("direction", "sign"), [("minimize", 1.0), ("maximize", -1.0)])
def test_the_first_descent_is_scipys(direction, sign):
    opt = bo.Optimizer(SPACE, seed=3, proposer=MultistartGradient(), direction=direction)
    seen = []
    for _ in range(40):
        trial = opt.ask()
        assert trial.origin is bo.Origin.DESCENT
        seen.append((trial.params["x"], trial.params["y"]))
        opt.tell(trial, told(trial.params, sign))
    path = []

    def unit(u):
        x, y = 4 * u[0] - 2, 4 * u[1] - 1
        path.append((x, y))
        value, dx, dy = rosenbrock(x, y)
        return value, np.array([4 * dx, 4 * dy])

    start = np.array([seen[0][0] + 2, seen[0][1] + 1]) / 4
    minimize(unit, start, jac=True, method="L-BFGS-B", bounds=[(0, 1)] * 2)
    # both go down the same way: rounding parts them at last
    np.testing.assert_allclose(seen[:6], path[:6], rtol=1e-4, atol=1e-4)
    assert min(rosenbrock(*point)[0] for point in seen) < 1.0


def test_the_same_points_again_and_after_a_reload(tmp_path):
    def run(n, storage=None):
        opt = bo.Optimizer(SPACE, seed=5, proposer=MultistartGradient(), storage=storage)
        for _ in range(n):
            trial = opt.ask()
            opt.tell(trial, told(trial.params))
        params = [t.params for t in opt.result().trials]
        opt.close()
        return params

    whole = run(12)
    run(6, tmp_path / "r.db")
    assert run(6, tmp_path / "r.db") == whole


def test_pending_and_failed_points_end_a_descent_and_others_begin():
    opt = bo.Optimizer(SPACE, seed=1, proposer=MultistartGradient())
    batch = opt.ask_batch(4)
    assert len({t.params["x"] for t in batch}) == 4
    opt.tell_failure(batch[0], "no")
    for trial in batch[1:]:
        opt.tell(trial, told(trial.params))
    trial = opt.ask()
    opt.tell(trial, told(trial.params))


def test_other_parameters_stay_what_they_are_at_the_start_of_a_descent():
    space = {
        "kind": bo.Categorical(["a", "b"]),
        "n": bo.Int(1, 9),
        "x": bo.Float(-1.0, 1.0),
        "r": bo.Float(0.1, 10.0, log=True, when={"kind": "a"}),
    }
    opt = bo.Optimizer(space, seed=0, proposer=MultistartGradient())
    last = None
    for _ in range(25):
        trial = opt.ask()
        p = trial.params
        r = p.get("r", 1.0)
        value = (p["x"] - 0.3) ** 2 + np.log(r) ** 2 + p["n"]
        gradient = {"x": 2 * (p["x"] - 0.3)} | ({"r": 2 * np.log(r) / r} if "r" in p else {})
        opt.tell(trial, {"value": value, "gradient": gradient})
        if last is not None and (p["kind"], p["n"]) == (last["kind"], last["n"]):
            assert ("r" in p) == ("r" in last)
        last = p
    best = opt.result().best
    assert abs(best.params["x"] - 0.3) < 0.01


def test_a_missing_gradient_is_asked_for():
    opt = bo.Optimizer(SPACE, seed=1, proposer=MultistartGradient())
    opt.tell(opt.ask(), 1.0)
    with pytest.raises(ValueError, match="needs the derivatives of each result"):
        opt.ask()


@pytest.mark.parametrize("steps", [0, 2.5, "many"])
def test_bad_steps_are_refused(steps):
    with pytest.raises((TypeError, ValueError), match="max_steps"):
        MultistartGradient(steps)
