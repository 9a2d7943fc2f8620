"""The Gittins index as an acquisition: its laws, its costs, and what a run does with it."""

import math

import numpy as np
import pytest

import bayesopt as bo
from bayesopt.acquisition import Acquisition, Gittins
from bayesopt.acquisition.gittins import LogCost, PricedGittins
from bayesopt.surrogate import Posterior
from bayesopt.testing.acquisitions import AcquisitionLaws, beliefs, process
from bayesopt.testing.numbers import slopes_in_points
from bayesopt.testing.spaces import named, some_points
from tests.optimizer.running import QUICK


class TestGittins(AcquisitionLaws):
    def acquisition(self) -> Acquisition:
        return Gittins(0.01)


class TestPricedGittins(AcquisitionLaws):
    def acquisition(self) -> Acquisition:
        return PricedGittins(0.01, LogCost(None, 0.5))


def test_the_gradient_knows_of_the_cost_and_of_constraints():
    cost = LogCost(Posterior.single(process("mixed", 1.4)), 0.3, 0.8)
    context = beliefs("mixed", constrained=True)
    points = some_points(named("mixed"), 12, 3)
    inside = np.where(named("mixed").is_categorical, points, np.clip(points, 0.02, 0.98))
    score = PricedGittins(0.05, cost).bind(context, points, np.random.default_rng(0))
    values, gradient = score.values_with_gradient(inside)
    np.testing.assert_allclose(values, score.values(inside), rtol=1e-9)
    free = ~np.isnan(inside) & ~named("mixed").is_categorical
    expected = slopes_in_points(score.values, inside)
    np.testing.assert_allclose(gradient[free], expected[free], rtol=1e-3, atol=1e-4)


def test_a_cost_is_that_of_a_lognormal_variable():
    points = some_points(named("mixed"), 4, 3)
    one = process("mixed")
    moments = one.predict(points)
    mean, var = moments.mean[:, 0], moments.var
    cost = LogCost(Posterior.single(one), 0.3, 0.8).values(points)
    np.testing.assert_allclose(cost, np.log(np.exp(0.3 + 0.8 * mean + 0.32 * var)))


def dear_to_the_right(p):
    return {"value": math.sin(9 * p["x"]) + 0.2 * p["x"], "cost": math.exp(4 * p["x"])}


def test_dear_points_are_asked_less_often_the_dearer_a_unit_is():
    spent = []
    for price in (1e-6, 0.03):
        total = 0.0
        for seed in range(3):
            opt = bo.Optimizer(
                {"x": bo.Float(0, 1)},
                seed=seed,
                acquisition=bo.Gittins(price),
                proposer=QUICK,
                initial_design=bo.InitialDesign(n=6),
            )
            for i in range(12):
                trial = opt.ask()
                told = dear_to_the_right(trial.params)
                opt.tell(trial, told)
                total += told["cost"] if i >= 6 else 0.0
        spent.append(total)
    assert spent[1] < 0.8 * spent[0]


def test_it_is_kept_with_a_run(tmp_path):
    path = tmp_path / "run.db"
    bo.Optimizer({"x": bo.Float(0, 1)}, acquisition=bo.Gittins(0.5), storage=path).close()
    opt = bo.Optimizer.reopen(path)
    assert opt.config.acquisition == bo.Gittins(0.5)
    for i in range(7):  # without costs told it counts the seconds
        trial = opt.ask()
        opt.tell(trial, (trial.params["x"] - 0.3) ** 2 + 0.01 * i)
    opt.close()


def test_it_is_for_one_objective_and_has_a_price():
    with pytest.raises(ValueError, match="price"):
        bo.Gittins(0.0)
    two = {"a": "minimize", "b": "minimize"}
    with pytest.raises(TypeError, match="acquisition of one objective"):
        bo.Optimizer({"x": bo.Float(0, 1)}, objectives=two, acquisition=bo.Gittins(1.0))


class _Haggling(bo.EI):
    """A user's own acquisition, which happens to have a price."""

    price = 3.0


def test_an_acquisition_of_ones_own_with_a_price_stays_what_it_is():
    asked = []
    for acquisition in (bo.EI(), _Haggling()):
        opt = bo.Optimizer({"x": bo.Float(0, 1)}, acquisition=acquisition, seed=0, proposer=QUICK)
        for x in np.linspace(0.0, 1.0, 12):
            value = math.sin(5 * x) + x
            opt.add_observation({"x": x}, {"value": value, "cost": math.exp(9 * x)})
        trial = opt.ask()
        assert trial.origin is bo.Origin.MODEL
        asked.append(dict(trial.params))
    assert asked[0] == asked[1]
