"""What must work although nobody would have thought of it."""

import math

import numpy as np
import pytest

import bayesopt as bo
from tests.optimizer.running import LINE, PLANE, line_value, optimizer, run


def finite(opt):
    for trial in (opt.best, opt.recommended):
        assert trial is not None
    p = opt.predict([t.params for t in opt.trials])
    for numbers in (p.mean, p.sd, p.quantile(0.1), p.quantile(0.9)):
        assert np.isfinite(numbers).all()
    assert (p.quantile(0.9) >= p.quantile(0.1)).all()


@pytest.mark.parametrize("unit", [1e300, 1e-300, -1e300])
def test_huge_and_tiny_values(unit):
    opt = optimizer(LINE)
    run(opt, lambda p: unit * line_value(p), 10)
    finite(opt)


def test_huge_and_tiny_values_together():
    values = [1e300, 1e-300, 0.0, -1e-300, -1e300, 1.0, -1.0, 1e150]
    opt = optimizer(LINE)
    run(opt, lambda p: values[len(opt.trials) % 8], 12)
    finite(opt)
    assert opt.best.value == -1e300


def test_the_largest_numbers_there_are():
    opt = optimizer(LINE)
    run(opt, lambda p: math.copysign(1.7e308, p["x"]), 8)
    finite(opt)


def test_values_over_six_hundred_decades():
    opt = optimizer(LINE)
    run(opt, lambda p: 10.0 ** (100 * p["x"]), 12)
    finite(opt)
    assert opt.best.params["x"] < -1.0


@pytest.mark.parametrize("value", [0.0, 1.0, 1e300, -1e-300])
@pytest.mark.parametrize("deterministic", [True, False])
def test_constant_objectives(value, deterministic):
    opt = optimizer(PLANE, deterministic=deterministic)
    points = run(opt, lambda p: value, 9)
    finite(opt)
    np.testing.assert_allclose(opt.predict(points).mean, value, rtol=1e-6, atol=1e-305)
    assert len({(p["x"], p["y"]) for p in points}) == 9


def test_one_value_differs():
    opt = optimizer(PLANE)
    run(opt, lambda p: float(len(opt.trials) != 5), 9)
    finite(opt)
    assert opt.best.number == 4


def test_values_that_are_equal_but_for_rounding():
    opt = optimizer(PLANE)
    run(opt, lambda p: 1e9 + 1e-7 * p["x"], 9)
    finite(opt)


def test_a_step():
    opt = optimizer(LINE)
    run(opt, lambda p: float(p["x"] > 0), 12)
    finite(opt)


def test_a_space_of_one_point():
    opt = optimizer(bo.Space(a=bo.Constant(3), b=bo.Constant("x")))
    trial = opt.ask()
    assert trial.params == {"a": 3, "b": "x"}
    opt.tell(trial, 1.0)
    with pytest.raises(bo.SpaceExhausted):
        opt.ask()
    assert opt.best.value == 1.0
    assert opt.recommended.value == 1.0
    assert opt.predict({"a": 3, "b": "x"}).mean[0] == pytest.approx(1.0)


def test_a_single_parameter():
    opt = optimizer(LINE)
    run(opt, line_value, 15)
    grid = min(line_value({"x": x}) for x in np.linspace(-2, 3, 5001))
    assert opt.best.value < grid + 1e-3


@pytest.mark.parametrize(
    "parameter",
    [
        bo.Boolean(),
        bo.Int(0, 1),
        bo.Ordinal(["s", "m", "l"]),
        bo.Categorical([None, 1, True, "1"]),
        bo.Float(1.0, 2.0, step=0.25),
        bo.Int(1, 1000, log=True),
    ],
    ids=repr,
)
def test_a_single_parameter_of_every_kind(parameter):
    opt = optimizer(bo.Space(p=parameter))
    n = 0
    try:
        for n in range(10):
            trial = opt.ask()
            opt.tell(trial, float(n))
    except bo.SpaceExhausted:
        n -= 1
    assert len({(type(t.params["p"]), t.params["p"]) for t in opt.trials}) == n + 1
    assert opt.best.number == 0


def test_fifty_parameters():
    space = bo.Space({f"x{i}": bo.Float(0, 1) for i in range(50)})
    opt = optimizer(space)
    run(opt, lambda p: sum((v - 0.4) ** 2 for v in p.values()), 26)
    finite(opt)
    late = np.mean([t.value for t in opt.trials[22:]])
    first = np.mean([t.value for t in opt.trials[:20]])
    assert late < first


def test_an_integer_of_a_million_million_values():
    opt = optimizer(bo.Space(n=bo.Int(0, 10**12)))
    run(opt, lambda p: abs(p["n"] - 123_456_789_012) / 1e12, 16)
    assert all(isinstance(t.params["n"], int) for t in opt.trials)
    assert opt.best.value < 1e-2


def test_two_hundred_categories():
    space = bo.Space(c=bo.Categorical([f"c{i}" for i in range(200)]), x=bo.Float(0, 1))
    opt = optimizer(space)
    run(opt, lambda p: int(p["c"][1:]) % 10 + p["x"], 14)
    finite(opt)


def test_many_conditional_branches():
    kinds = [f"k{i}" for i in range(6)]
    space = bo.Space(
        {"kind": bo.Categorical(kinds)}
        | {f"p{i}": bo.Float(0, 1, when={"kind": k}) for i, k in enumerate(kinds)}
    )
    opt = optimizer(space)

    def value(p):
        i = int(p["kind"][1:])
        return abs(i - 4) + p[f"p{i}"]

    run(opt, value, 22)
    assert opt.best.params["kind"] == "k4"
    assert opt.best.value < 0.1


def test_narrow_bounds():
    opt = optimizer(bo.Space(x=bo.Float(1.0, 1.0 + 1e-12), y=bo.Float(0, 1)))
    run(opt, lambda p: p["y"], 9)
    assert all(1.0 <= t.params["x"] <= 1.0 + 1e-12 for t in opt.trials)


def test_wide_bounds():
    opt = optimizer(bo.Space(x=bo.Float(-1e300, 1e300), r=bo.Float(1e-300, 1e300, log=True)))
    run(opt, lambda p: p["x"] / 1e300 + abs(math.log10(p["r"])) / 300, 10)
    finite(opt)


def test_the_same_point_brought_along_fifty_times():
    opt = optimizer(LINE)
    opt.add_observations([({"x": 0.5}, float(v)) for v in range(50)])
    run(opt, line_value, 5)
    finite(opt)


def test_data_that_contradict_themselves_declared_deterministic():
    opt = optimizer(LINE, deterministic=True)
    opt.add_observations([({"x": 0.5}, float(v)) for v in range(12)])
    run(opt, line_value, 6)
    finite(opt)


FAR = [1e3, 1e9, 1e30, 1e100, 1e155, 1e300, -1.7e308]


@pytest.mark.parametrize("far", FAR)
@pytest.mark.parametrize("parameter", [bo.Float(0, 1), bo.Float(0, 1, step=0.25)])
def test_what_lies_far_outside_breaks_nothing(far, parameter):
    opt = bo.Optimizer(bo.Space(x=parameter, y=bo.Float(0, 1)), seed=0)
    for i in range(6):
        opt.tell(opt.ask(), float(i % 3))
    alone = opt.predict({"x": 0.5, "y": 0.5})
    opt.add_observation({"x": far, "y": 0.5}, 1.0, outside=True)
    opt.tell(opt.ask(), 0.5)
    assert opt.space.contains(opt.ask().params)
    near = opt.predict({"x": 0.5, "y": 0.5})
    assert np.isfinite([near.mean, near.sd, alone.sd]).all()
    assert (near.sd > 0).all()


def test_what_is_far_on_a_scale_of_any_kind_has_finite_coordinates():
    space = bo.Space(
        a=bo.Float(0, 1e-300),
        b=bo.Float(1, 10, log=True),
        c=bo.Int(0, 1),
        d=bo.Int(1, 100, log=True),
        e=bo.Float(0, 1, step=0.1),
        f=bo.Categorical(["x", "y"]),
    )
    point = {"a": -1.7e308, "b": 1.7e308, "c": 2**53, "d": 2**53, "e": 1.7e308, "f": "y"}
    coords = space.to_coords(space.encode(point, outside=True)[None])
    assert np.isfinite(coords).all()
    assert np.abs(coords).max() <= 1e6
    inside = space.to_coords(
        space.encode({**point, "a": 1e-300, "b": 10, "c": 1, "d": 9, "e": 1})[None]
    )
    np.testing.assert_allclose(inside[0, [0, 1, 2, 4, 5]], 1.0)
