"""What a trial adds to the hypervolume, by a second route."""

import numpy as np
import pytest
from scipy.stats import norm

import bayesopt as bo
from bayesopt.acquisition.pareto import hypervolume
from bayesopt.report.front_gain import hypervolume_gain
from bayesopt.report.outlook import next_points, outlook
from bayesopt.report.run_facts import RunFacts
from bayesopt.strategy.belief import limit


def two(constraint=False):
    optimizer = bo.Optimizer(
        {"x": bo.Float(0, 1), "y": bo.Float(0, 1)},
        objectives={"error": "minimize", "speed": "maximize"},
        outcome_constraints={"c": "<= 0"} if constraint else None,
        seed=0,
    )
    for x, y in np.random.default_rng(0).random((12, 2)):
        told = {"error": (x - 0.2) ** 2 + y, "speed": 1 - x + 0.2 * y}
        if constraint:
            told["constraints"] = {"c": 0.005 - y}
        optimizer.add_observation({"x": x, "y": y}, told)
    return RunFacts(optimizer.result(), "a run")


def test_the_gain_is_the_mean_over_what_the_model_believes():
    facts = two()
    coords = np.array([[0.0, 0.0]])
    gain, chance = hypervolume_gain(facts, coords)
    rng = np.random.default_rng(1)
    drawn = []
    for one in facts.each():
        p = one.predict(coords)
        latent = p.latent_mean[0] + p.latent_sd[0] * rng.standard_normal(4000)
        drawn.append(p.transform.inverse(latent))
    drawn = np.stack(drawn, axis=1)
    signs = np.array([o.sign for o in facts.front.objectives])
    known = facts.result.hypervolume.reference
    reference = np.array([known[o.name] for o in facts.front.objectives]) * signs
    front = facts.front.oriented
    before = hypervolume(front, reference)
    gains = np.array([hypervolume(np.vstack([front, y]), reference) - before for y in drawn])
    assert gain > 0
    assert gain == pytest.approx(gains.mean(), rel=0.05)
    assert chance == pytest.approx((gains > 1e-12).mean(), abs=0.05)


def test_a_gain_counts_as_far_as_the_constraints_are_met():
    coords = np.array([[0.0, 0.0]])
    facts = two(constraint=True)
    (c,) = facts.run.model.constraints.values()
    mean, var = c.posterior.mean_var(coords)
    met = norm.cdf((limit(c) - mean[0]) / np.sqrt(var[0]))
    assert 0.0 < met < 0.9
    free, _ = hypervolume_gain(two(), coords)
    got, _ = hypervolume_gain(facts, coords)
    assert got == pytest.approx(met * free, rel=1e-6)


def test_the_next_points_of_a_front_have_their_gain():
    facts = two()
    found = next_points(facts)
    assert all(point.gain >= 0 and 0 <= point.chance <= 1 for point in found)
    assert "to the hypervolume" in outlook(facts)
