"""The acquisition weighted by a belief."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import spearmanr

import bayesopt as bo
from bayesopt.acquisition import AcquisitionContext
from bayesopt.strategy import Measured, Objective, ProposalConfig, RunData, propose
from bayesopt.strategy.believed import BeliefWeight, believed, trust
from tests.optimizer.running import QUICK

SPACE = bo.Space(x=bo.Float(0, 1, prior=bo.Normal(0.8, 0.05)), y=bo.Float(0, 1))


def data_of(n, space=SPACE):
    points = np.random.default_rng(0).random((n, 2))
    return RunData.of(space, points, [Measured(Objective(), np.zeros(n))])


def test_its_power_falls_with_the_number_of_results():
    def power(n, n_trials):
        context = AcquisitionContext(None, ())
        config = ProposalConfig(0, n_trials=n_trials)
        (weight,) = believed(context, data_of(n), config).probabilities
        return weight.power

    assert power(5, 50) == pytest.approx(50 / 10 / 5)
    assert power(20, 50) == pytest.approx(50 / 10 / 20)
    assert power(0, 50) == pytest.approx(50 / 10)
    assert power(5, None) == pytest.approx((2 + 1) / 5)


def test_without_a_belief_nothing_is_added():
    space = bo.Space(x=bo.Float(0, 1), y=bo.Float(0, 1))
    context = AcquisitionContext(None, ())
    assert believed(context, data_of(3, space), ProposalConfig(0)) is context


@given(st.floats(0.001, 0.999), st.floats(0.01, 9))
def test_the_weight_has_a_floor_and_its_gradient_is_true(x, power):
    weight, at, h = BeliefWeight(SPACE.beliefs, power), np.array([[x, 0.5]]), 1e-6
    value, slope = weight.log_probability_with_gradient(at)
    assert value == weight.log_probability(at)
    assert -12.0 * power <= value[0] <= 0.0
    if abs(SPACE.beliefs.log_weight(at)[0] + 12.0) > 1e-2:
        ends = [weight.log_probability(at + np.array([[s * h, 0]]))[0] for s in (1, -1)]
        np.testing.assert_allclose(
            slope[0, 0], (ends[0] - ends[1]) / (2 * h), rtol=1e-4, atol=1e-3
        )
    assert slope[0, 1] == 0.0


def test_what_is_believed_is_proposed_first_and_left_when_it_is_wrong():
    opt = bo.Optimizer(SPACE, seed=0, n_trials=30, proposer=QUICK, deterministic=True)
    for _ in range(25):
        trial = opt.ask()
        opt.tell(trial, (trial.params["x"] - 0.2) ** 2 + (trial.params["y"] - 0.5) ** 2)
    asked = [t.params["x"] for t in opt.trials]
    assert asked[0] == 0.8
    assert np.mean(np.abs(np.array(asked[:5]) - 0.8) < 0.15) >= 0.5
    assert abs(opt.best.params["x"] - 0.2) < 0.1


def test_the_belief_decides_where_nothing_else_does():
    """Equal points but for the belief: the proposal is where it is strong."""
    space = bo.Space(k=bo.Categorical(["a", "b", "c", "d"], prior={"c": 50}), y=bo.Int(0, 30))
    points = space.to_coords([[float(k), y] for k in range(4) for y in (0, 10, 20, 30)])
    values = np.tile([1.0, 0.2, 0.4, 1.0], 4)
    data = RunData.of(space, points, [Measured(Objective(), values)])
    config = ProposalConfig(0, initial_design=None, n_trials=200, proposer=QUICK)
    assert space.decode(propose(data, config, number=16).row)["k"] == "c"


def test_a_run_with_a_belief_is_kept(tmp_path):
    path = tmp_path / "run.db"
    opt = bo.Optimizer(SPACE, seed=1, storage=path, proposer=QUICK)
    for _ in range(7):
        trial = opt.ask()
        opt.tell(trial, trial.params["x"])
    asked = opt.ask().params
    opt.close()
    opt = bo.Optimizer.reopen(path)
    assert opt.space == SPACE
    opt.abandon(7, "again", retry=False)
    opt.close()
    again = bo.Optimizer(SPACE, seed=1, proposer=QUICK)
    for _ in range(7):
        trial = again.ask()
        again.tell(trial, trial.params["x"])
    assert again.ask().params == asked


def test_several_objectives_are_weighted_too():
    opt = bo.Optimizer(
        SPACE, objectives={"a": "minimize", "b": "minimize"}, seed=0, n_trials=200, proposer=QUICK
    )
    for _ in range(8):
        trial = opt.ask()
        opt.tell(trial, {"a": trial.params["y"], "b": 1 - trial.params["y"]})
    assert abs(opt.ask().params["x"] - 0.8) < 0.2


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_results_against_the_belief_take_its_weight_away(sign):
    points = np.random.default_rng(1).random((12, 2))
    values = sign * np.round(np.abs(points[:, 0] - 0.8), 1)  # some are equal
    data = RunData.of(SPACE, points, [Measured(Objective(), values)])
    weights = SPACE.beliefs.log_weight(points)
    agreement = spearmanr(weights, -values).statistic * 12 / 14
    found = trust(SPACE.beliefs, data)
    assert found == pytest.approx(np.clip(1 + 4 * agreement, 0, 1), abs=1e-12)
    assert found == (1.0 if sign > 0 else 0.0)
    context, config = AcquisitionContext(None, ()), ProposalConfig(0, n_trials=60)
    (weight,) = believed(context, data, config).probabilities
    assert weight.power == pytest.approx(found * 60 / 10 / 12)


def test_a_little_against_it_takes_a_little_away():
    points = np.random.default_rng(3).random((12, 2))
    weights = SPACE.beliefs.log_weight(points)
    doubts = []
    for mixed in np.linspace(0.0, 1.0, 33):
        values = mixed * weights + (1 - mixed) * 30 * points[:, 1]
        data = RunData.of(SPACE, points, [Measured(Objective(), values)])
        doubts.append(trust(SPACE.beliefs, data))
        agreement = spearmanr(weights, -values).statistic * 12 / 14
        assert doubts[-1] == pytest.approx(np.clip(1 + 4 * agreement, 0, 1), abs=1e-12)
    assert any(0.05 < d < 0.95 for d in doubts)
