"""Derivatives that come with a result: refused where there can be none, else kept without loss."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import bayesopt as bo
from bayesopt.optimizer.derivatives import gradient_rows
from bayesopt.returned import read_outcome
from bayesopt.space import Space

SPACE = {
    "x": bo.Float(-1.0, 3.0),
    "lr": bo.Float(1e-4, 1.0, log=True),
    "kind": bo.Categorical(["a", "b"]),
    "layers": bo.Int(1, 5),
    "rate": bo.Float(0.0, 2.0, when={"kind": "a"}),
    "stepped": bo.Float(0.0, 1.0, step=0.25),
}
POINT = {"x": 0.5, "lr": 0.01, "kind": "b", "layers": 2, "stepped": 0.5}


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("kind", "a choice"),
        ("layers", "a whole number"),
        ("stepped", "steps"),
        ("rate", "inactive"),
        ("xx", "no parameter; did you mean 'x'"),
    ],
)
def test_a_derivative_that_there_cannot_be_is_refused_and_nothing_is_stored(name, reason):
    opt = bo.Optimizer(SPACE, seed=0)
    with pytest.raises(ValueError, match=reason):
        opt.add_observation(POINT, {"value": 1.0, "gradient": {"x": 1.0, name: 2.0}})
    assert not opt.result().trials
    opt.enqueue(POINT)
    trial = opt.ask()
    with pytest.raises(ValueError, match=reason):
        opt.tell(trial, {"value": 1.0, "gradient": {name: 2.0}})
    opt.tell(trial, {"value": 1.0, "gradient": {"x": 2.0}})


def test_a_derivative_that_is_missing_or_not_finite_is_not_known():
    outcome = read_outcome({"value": 1.0, "gradient": {"a": math.nan, "b": None, "c": 2}})
    assert outcome.gradients == {"value": {"c": 2.0}}
    assert read_outcome({"value": 1.0, "gradient": {"a": math.inf}}).gradients == {}
    for wrong in (3.0, [1.0, 2.0], "x"):
        with pytest.raises(TypeError, match="must map names of parameters"):
            read_outcome({"value": 1.0, "gradient": wrong})
    with pytest.raises(TypeError, match="twice"):
        read_outcome({"value": 1.0, "gradient": {"a": 1}, "gradients": {"value": {"a": 1}}})
    with pytest.raises(ValueError, match="no value of"):
        read_outcome({"value": 1.0, "gradients": {"w": {"a": 1}}})


def test_they_come_back_from_a_file_and_from_a_table(tmp_path):
    told = {"value": 1.0, "gradient": {"x": 0.1, "lr": -3e5}, "w": 2.0}
    told["gradients"] = {"w": {"x": 1 / 3}}
    opt = bo.Optimizer(SPACE, storage=tmp_path / "r.db", seed=0, outcome_constraints=["w"])
    opt.add_observation(POINT, told)
    opt.tell(opt.ask(), 3.0)
    result = opt.result()
    assert result.trials[0].outcome.gradients == {
        "value": {"x": 0.1, "lr": -3e5},
        "w": {"x": 1 / 3},
    }
    again = bo.Optimizer(SPACE, storage=tmp_path / "r.db")
    assert again.result().trials == result.trials
    again.close()
    result.to_csv(tmp_path / "r.csv")
    back = bo.Result.from_csv(tmp_path / "r.csv", opt.space)
    assert [t.outcome for t in back.trials] == [t.outcome for t in result.trials]
    opt.close()


@given(st.floats(0.02, 0.98), st.floats(0.02, 0.98))
def test_the_chain_rule_by_finite_differences(u, v):
    class Square(bo.ContinuousParameter):
        def forward(self, values):
            return values**2

        def inverse(self, warped):
            return np.sqrt(warped)

    space = Space(
        {"a": bo.Float(-3.0, 5.0), "b": bo.Float(1e-6, 10.0, log=True), "c": Square(1, 4)}
    )

    def f(coords):
        a, b, c = space.to_rows(coords[None])[0]
        return a * a + np.log(b) * a + c**3

    coords = np.array([u, v, u])
    a, b, c = space.to_rows(coords[None])[0]
    told = {"a": 2 * a + np.log(b), "b": a / b, "c": 3 * c * c}
    (found,) = gradient_rows([told], space, coords[None])
    h = 1e-5
    wanted = [(f(coords + h * e) - f(coords - h * e)) / (2 * h) for e in np.eye(3)]
    np.testing.assert_allclose(found, wanted, rtol=1e-5, atol=1e-5)
    assert gradient_rows([{}], space, coords[None]) is None


def test_a_maximised_value_and_a_lower_limit_turn_the_derivatives():
    from bayesopt.optimizer.history_data import run_data

    opt = bo.Optimizer(
        {"x": bo.Float(0.0, 2.0)}, direction="maximize", outcome_constraints={"w": ">= 1"}
    )
    opt.add_observation(
        {"x": 0.5},
        {"value": 1.0, "gradient": {"x": 3.0}, "w": 2.0, "gradients": {"w": {"x": 5.0}}},
    )
    opt.add_observation({"x": 0.7}, {"value": 1.0, "w": 2.0})
    data = run_data(opt._event_log.history, opt.problem)
    value, w = (m.observations(data.evaluated_coords, deterministic=False) for m in data.measured)
    np.testing.assert_array_equal(value.gradients, [[-6.0], [np.nan]])
    np.testing.assert_array_equal(w.gradients, [[-10.0], [np.nan]])
