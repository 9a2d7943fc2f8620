"""What the trials may cost: counted, minded while much is left, and the end of a run."""

import numpy as np
import pytest

import bayesopt as bo
from bayesopt.optimizer.history_data import run_data
from bayesopt.result import Stop
from bayesopt.strategy import ProposalConfig
from bayesopt.strategy.cooling import Cooling, cooled
from bayesopt.surrogate import MapGP, Observations
from bayesopt.testing.spaces import columns_of, named, some_points

SPACE = {"x": bo.Float(0.0, 1.0), "y": bo.Float(0.0, 1.0)}


def priced(params):
    """The best is at x = .8; a high y costs a hundred times as much and gains nothing."""
    return {"value": (params["x"] - 0.8) ** 2, "cost": 10.0 ** (2.0 * params["y"])}


def test_a_run_ends_when_its_budget_is_spent(tmp_path):
    found = bo.minimize(
        priced, SPACE, budget=bo.Cost(300), n_trials=200, seed=0, progress=False,
        storage=tmp_path / "r.db",
    )  # fmt: skip
    assert found.stop is Stop.BUDGET
    costs = [t.outcome.cost for t in found.trials]
    assert sum(costs) >= 300 > sum(costs[:-1])
    again = bo.Optimizer(SPACE, storage=tmp_path / "r.db")  # it is kept with the run
    assert again.config.budget == bo.Cost(300)
    assert again.spent == pytest.approx(sum(costs))
    again.close()


def test_cheap_points_come_first():
    def mean_log_cost(budget, seed):
        found = bo.minimize(priced, SPACE, budget=budget, n_trials=22, seed=seed, progress=False)
        chosen = [t for t in found.trials if t.origin is not bo.Origin.INITIAL]
        return np.mean([np.log(t.outcome.cost) for t in chosen])

    seeds = range(3)
    minding = np.mean([mean_log_cost(bo.Cost(5_000), seed) for seed in seeds])
    blind = np.mean([mean_log_cost(None, seed) for seed in seeds])
    assert minding < blind - 0.5


def test_the_weight_is_the_share_that_is_left_times_the_log_cost():
    opt = bo.Optimizer(SPACE, seed=0, budget=bo.Cost(100))
    rng = np.random.default_rng(0)
    for _ in range(12):
        p = {"x": rng.random(), "y": rng.random()}
        opt.add_observation(p, priced(p))
    opt.enqueue({"x": 0.1, "y": 0.8})
    opt.tell(opt.ask(), {"value": 1.0, "cost": 40.0})
    assert opt.spent == 40.0  # what was added cost the run nothing
    data = run_data(opt._event_log.history, opt.problem, opt.config.budget)
    from bayesopt.acquisition import AcquisitionContext

    context = cooled(AcquisitionContext(None, ()), data, opt.config)
    (weight,) = context.probabilities
    ends = weight.log_probability(np.array([[0.5, 0.1], [0.5, 0.9]]))
    assert ends[0] - ends[1] == pytest.approx(0.6 * 2.0 * 0.8 * np.log(10.0), rel=0.25)
    for config in (ProposalConfig(0), ProposalConfig(0, budget=bo.Cost(40.0))):
        assert not cooled(AcquisitionContext(None, ()), data, config).probabilities


def test_the_gradient_by_finite_differences():
    points = some_points(named("mixed"), 15, 1)
    values = np.nan_to_num(points).sum(axis=1)
    data = Observations(points, values, np.full(len(values), np.nan))
    fitted = MapGP().fit(
        columns_of(named("mixed")), data, state=None, rng=np.random.default_rng(0)
    )
    weight = Cooling(fitted.posterior, 0.7)
    new = some_points(named("mixed"), 6, 2)
    value, gradient = weight.log_probability_with_gradient(new)
    np.testing.assert_allclose(value, weight.log_probability(new))
    free = np.flatnonzero(~named("mixed").is_categorical)
    for j in free:
        e = np.zeros_like(new)
        e[:, j] = 1e-6
        wanted = (weight.log_probability(new + e) - weight.log_probability(new - e)) / 2e-6
        active = ~np.isnan(new[:, j])
        np.testing.assert_allclose(gradient[active, j], wanted[active], rtol=1e-4, atol=1e-6)


def test_seconds_are_those_of_the_trials():
    opt = bo.Optimizer(SPACE, budget=bo.Seconds(60.0), seed=0)
    for _ in range(3):
        trial = opt.ask()
        opt.tell(trial, 1.0)
    assert opt.spent == pytest.approx(sum(t.seconds for t in opt.trials))
    assert bo.Optimizer(SPACE).spent == 0.0


@pytest.mark.parametrize("budget", [100, "100", bo.Cost])
def test_what_is_no_budget_is_refused(budget):
    with pytest.raises(TypeError, match="budget must be"):
        bo.Optimizer(SPACE, budget=budget)


@pytest.mark.parametrize("total", [0, -1.0, float("nan")])
def test_a_bad_total_is_refused(total):
    with pytest.raises(ValueError, match="total"):
        bo.Cost(total)
