"""``minimize`` in SciPy's style, and as a method of SciPy's own function."""

import concurrent.futures
import math

import numpy as np
import pytest
from scipy import optimize

import bayesopt as bo
from bayesopt.integrations.scipy import method, minimize

BOX = [(-1.0, 1.0), (0.0, 3.0)]
RANDOM = {"proposer": bo.RandomSearch()}  # where only the interface is looked at


def bowl(x, shift=0.3):
    return float((x[0] - shift) ** 2 + (x[1] - 1.0) ** 2)


def test_it_finds_the_minimum():
    found = minimize(bowl, BOX, maxfev=22, rng=0)
    assert found.fun < 1e-2
    assert found.fun == bowl(found.x)
    assert found.success
    assert found.status == 0
    assert (found.nfev, found.nit) == (22, 22)
    assert found.x_iters.shape == (22, 2)
    assert list(found.func_vals) == [bowl(x) for x in found.x_iters]
    assert found.fun == found.func_vals.min()
    assert found.x_recommended in found.x_iters


def test_the_result_is_one_of_scipys():
    found = minimize(bowl, BOX, maxfev=3, rng=0, **RANDOM)
    assert isinstance(found, optimize.OptimizeResult)
    assert {"x", "fun", "success", "status", "message", "nfev", "nit"} <= set(found)


def test_further_arguments_reach_the_function():
    found = minimize(bowl, BOX, (-0.5,), x0=[-0.5, 1.0], maxfev=1)
    assert found.fun == 0.0
    assert minimize(bowl, BOX, -0.5, x0=[-0.5, 1.0], maxfev=1).fun == 0.0  # as SciPy reads it


@pytest.mark.parametrize("bounds", [BOX, np.array(BOX), optimize.Bounds([-1, 0], [1, 3])])
def test_all_points_are_within_bounds(bounds):
    found = minimize(bowl, bounds, maxfev=8, rng=1)
    low, high = np.array(BOX).T
    assert ((low <= found.x_iters) & (found.x_iters <= high)).all()


def test_whole_numbers():
    found = minimize(bowl, [(-1.0, 1.0), (0.2, 2.9)], integrality=[False, True], maxfev=12, rng=0)
    assert set(found.x_iters[:, 1]) <= {1.0, 2.0}
    assert found.x[1] == 1.0
    every = minimize(bowl, BOX, integrality=1, maxfev=5, **RANDOM)
    assert (every.x_iters == every.x_iters.round()).all()


def test_starting_points_come_first_and_are_moved_into_bounds():
    found = minimize(bowl, BOX, x0=[[0.1, 0.2], [5.0, -5.0]], maxfev=3, **RANDOM)
    assert found.x_iters[:2].tolist() == [[0.1, 0.2], [1.0, 0.0]]
    whole = minimize(bowl, BOX, x0=[0.1, 1.6], integrality=[0, 1], maxfev=1)
    assert whole.x.tolist() == [0.1, 2.0]


@pytest.mark.parametrize(
    "make", [lambda: 3, lambda: np.random.default_rng(3), lambda: np.random.RandomState(3)]
)
def test_the_same_rng_makes_the_same_run(make):
    runs = [minimize(bowl, BOX, maxfev=7, rng=make()).x_iters for _ in range(2)]
    assert (runs[0] == runs[1]).all()
    assert (minimize(bowl, BOX, maxfev=7, rng=4).x_iters != runs[0]).any()


# ------------------------------------------------------------------- callback


def test_the_callback_gets_the_intermediate_result():
    seen = []

    def callback(intermediate_result):
        seen.append((intermediate_result.nfev, intermediate_result.fun))

    found = minimize(bowl, BOX, maxfev=4, callback=callback, rng=0, **RANDOM)
    running = np.minimum.accumulate(found.func_vals)
    assert seen == list(zip(range(1, 5), running, strict=True))


def test_the_older_callback_gets_the_best_point():
    seen = []
    found = minimize(bowl, BOX, maxfev=4, callback=seen.append, rng=0, **RANDOM)
    assert seen[-1].tolist() == found.x.tolist()


@pytest.mark.parametrize("by_raising", [True, False])
def test_the_callback_ends_the_run(by_raising):
    def callback(x):
        if by_raising:
            raise StopIteration
        return True

    found = minimize(bowl, BOX, maxfev=9, callback=callback)
    assert found.nfev == 1
    assert found.status == 99
    assert not found.success
    assert "callback" in found.message


@pytest.mark.parametrize("answer", [1, np.True_, "stop", [0], np.array([2.0])])
def test_any_true_value_ends_the_run_as_in_scipy(answer):
    found = minimize(bowl, BOX, maxfev=9, callback=lambda x: answer, **RANDOM)
    assert (found.nfev, found.status) == (1, 99)


@pytest.mark.parametrize("answer", [None, 0, False, np.False_, "", []])
def test_no_other_value_does(answer):
    assert minimize(bowl, BOX, maxfev=3, callback=lambda x: answer, **RANDOM).nfev == 3


def test_an_answer_that_is_neither_true_nor_false_is_refused():
    with pytest.raises(TypeError, match="neither true nor false"):
        minimize(bowl, BOX, maxfev=3, callback=lambda x: np.array([1.0, 0.0]), **RANDOM)


def test_where_the_constraints_allow_no_point_the_message_names_them():
    constraint = optimize.NonlinearConstraint(lambda x: x[0] + x[1], -np.inf, -1e9)
    found = minimize(bowl, BOX, maxfev=20, constraints=constraint, rng=0, **RANDOM)
    assert (found.success, found.status, found.nfev) == (False, 3, 0)
    assert "constraints" in found.message
    assert "-1000000000" in found.message
    assert "finite" not in found.message


# -------------------------------------------------------------------- workers


def half(x):
    return float(x[0] / 2)


def test_processes_of_its_own():
    found = minimize(half, [(0, 1)], maxfev=4, workers=2, rng=0, **RANDOM)
    assert list(found.func_vals) == [x[0] / 2 for x in found.x_iters]
    assert (found.nfev, found.nit) == (4, 2)


def test_a_function_like_map():
    sizes = []

    def several(fun, points):
        sizes.append(len(points))
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            return list(pool.map(fun, points))

    found = minimize(bowl, BOX, maxfev=7, workers=several, batch=3, rng=0)
    assert sizes == [3, 3, 1]
    assert list(found.func_vals) == [bowl(x) for x in found.x_iters]
    assert len(np.unique(found.x_iters, axis=0)) == 7


# ------------------------------------------------------------- trouble, misuse


def test_values_that_are_not_finite_are_failures():
    found = minimize(lambda x: math.nan if x[0] > 0.5 else x[0], [(0, 1)], maxfev=8, rng=0)
    assert np.isnan(found.func_vals).any()
    assert list(np.isnan(found.func_vals)) == list(found.x_iters[:, 0] > 0.5)
    assert found.fun == np.nanmin(found.func_vals)
    assert found.success


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_nothing_finite_at_all(value):
    found = minimize(lambda x: value, [(0, 1)], maxfev=6, rng=0)
    assert not found.success
    assert found.status == 2
    assert np.isnan(found.x).all()
    assert math.isnan(found.fun)
    assert "x_recommended" not in found


@pytest.mark.parametrize(
    ("bounds", "integrality"), [([(0.25, 0.25)], None), ([(0.6, 1.4)], [True])]
)
def test_a_space_of_one_point(bounds, integrality):
    found = minimize(lambda x: x[0], bounds, integrality=integrality, maxfev=5)
    assert found.nfev == 1
    assert found.status == 1
    assert found.success


def test_an_exception_of_the_function_is_let_through():
    with pytest.raises(ZeroDivisionError):
        minimize(lambda x: 1 / 0, [(0, 1)], maxfev=5)


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ({"bounds": [(0, math.inf)]}, ValueError, r"bounds of x\[0\] must be finite"),
        ({"bounds": [(0, 1), (2, 1)]}, ValueError, r"x\[1\]: the lower one is above"),
        ({"bounds": [(0, 1, 2)]}, ValueError, "bounds must be pairs"),
        ({"bounds": None}, ValueError, "bounds must be pairs"),
        ({"bounds": "ab"}, ValueError, "bounds must be pairs"),
        ({"bounds": []}, ValueError, "bounds must be pairs"),
        ({"bounds": [(0.2, 0.8)], "integrality": True}, ValueError, "no whole number"),
        ({"integrality": [1, 0, 1]}, ValueError, "integrality must be one truth value or 2"),
        ({"x0": [1.0]}, ValueError, r"x0 must have shape \(2,\)"),
        ({"x0": [1.0, math.nan]}, ValueError, "x0 must be finite"),
        ({"maxfev": 0}, ValueError, "maxfev must be a whole number >= 1; got 0"),
        ({"batch": 0}, ValueError, "batch must be"),
        ({"workers": 0}, ValueError, "workers must be"),
        ({"workers": -2}, ValueError, "workers must be"),
        ({"workers": "all"}, TypeError, "workers must be"),
        ({"rng": "seed"}, TypeError, "rng must be"),
        ({"callback": 3}, TypeError, "callback must be a function"),
        ({"fun": 3}, TypeError, "fun must be a function"),
        ({"fun": lambda x: x}, TypeError, "fun must return a number"),
        ({"fun": lambda x: "1"}, TypeError, "fun must return a number"),
        ({"fun": lambda x: (1.0, 2.0)}, TypeError, r"Several objectives are for bo\.minimize"),
        ({"fun": lambda x: None}, TypeError, "fun must return a number; got None"),
        ({"constraints": 3}, TypeError, "constraints must be"),
        ({"storge": "run.db"}, TypeError, "storge"),
    ],
)
def test_misuse_is_refused_by_name(arguments, error, words):
    with pytest.raises(error, match=words):
        minimize(**{"fun": bowl, "bounds": BOX, "maxfev": 2, **arguments})


def test_a_line_for_every_batch(capsys):
    minimize(bowl, BOX, maxfev=2, disp=True, **RANDOM)
    assert [line.split(",")[0] for line in capsys.readouterr().out.splitlines()] == [
        "bayesopt: 1 evaluations",
        "bayesopt: 2 evaluations",
    ]


# -------------------------------------------------- through SciPy's own function


def test_as_a_method_of_scipy():
    calls = []

    def callback(intermediate_result):
        calls.append(intermediate_result.nfev)

    found = optimize.minimize(
        bowl,
        [0.9, 2.5],
        args=(0.1,),
        method=method,
        bounds=optimize.Bounds([-1, 0], [1, 3]),
        constraints=optimize.LinearConstraint([[1, 1]], ub=2.0),
        callback=callback,
        tol=1e-3,
        options={"maxfev": 8, "rng": 0},
    )
    assert found.nfev == 8
    assert calls == list(range(1, 9))
    assert (found.x_iters.sum(axis=1) <= 2.0).all()
    assert found.fun == bowl(found.x, 0.1)


def test_the_starting_point_of_scipy_comes_first():
    found = optimize.minimize(
        bowl, [0.5, 0.5], method=method, bounds=BOX, options={"maxfev": 2, **RANDOM}
    )
    assert found.x_iters[0].tolist() == [0.5, 0.5]


def test_a_gradient_is_not_used():
    found = optimize.minimize(
        lambda x: (bowl(x), np.zeros(2)), [0, 1], jac=True, method=method, bounds=BOX,
        options={"maxfev": 2},
    )  # fmt: skip
    assert found.nfev == 2


def test_without_bounds_it_says_what_is_missing():
    with pytest.raises(ValueError, match="bounds are needed"):
        optimize.minimize(bowl, [0, 0], method=method)


def test_constraints_that_nothing_meets_are_no_success_and_are_named():
    def total(x):
        return x.sum()

    nowhere = optimize.NonlinearConstraint(total, -np.inf, -1)
    found = minimize(lambda x: x[0], [(0, 2), (0, 2)], constraints=nowhere, maxfev=20, rng=0)
    assert (found.success, found.status, found.nfev) == (False, 3, 0)
    assert "total(x) <= -1" in found.message


def test_constraints_met_by_the_start_only_end_the_run_with_it():
    known = optimize.NonlinearConstraint(lambda x: x[0] - 0.25, -1e-12, 1e-12)
    found = minimize(lambda x: x[0], [(0, 2)], x0=[0.25], constraints=known, maxfev=5, rng=0)
    assert (found.success, found.status, found.fun) == (True, 3, 0.25)
