"""The knowledge gradient of a posterior against conditioning on what might be observed."""

import numpy as np
import pytest

from bayesopt.acquisition import AcquisitionContext, LogEI
from bayesopt.acquisition.knowledge_gradient import KnowledgeGradient, KnowledgeGradientScore
from bayesopt.surrogate import Posterior
from bayesopt.surrogate.ensemble import EnsembleComponent
from bayesopt.testing.acquisitions import AcquisitionLaws, beliefs
from bayesopt.testing.spaces import named, some_points


class TestLaws(AcquisitionLaws):
    def acquisition(self):
        return KnowledgeGradient()


class TestLawsWithToldNoise(AcquisitionLaws):
    def acquisition(self):
        return KnowledgeGradient(told_noise=0.3)


def bound(context, told_noise=0.0):
    return KnowledgeGradient(told_noise).bind(context, np.empty((0, 0)), np.random.default_rng(0))


def by_conditioning(posterior, known, point, told_noise):
    """The gain from fantasised values: the posterior is conditioned on each, and its least mean
    over the points found anew. So many values that the corners between lines are seen.
    """
    z, width = np.linspace(-9.0, 9.0, 18_001, retstep=True)
    density = width * np.exp(-0.5 * z * z) / np.sqrt(2.0 * np.pi)
    total = 0.0
    points = np.concatenate([known, point])
    for weight, c in zip(posterior.weights, posterior.components, strict=True):
        moments, noise = c.predict(point), c.noise_variance + told_noise
        y = moments.mean[:, :1] + np.sqrt(moments.var[:, None] + noise) * z
        after = c.condition(point, y, np.full(1, noise)).mean(points)
        total += weight * (c.mean(points)[:, 0].min() - after.min(axis=0) @ density)
    return total


@pytest.mark.parametrize("name", ["mixed", "conditional", "stepped"])
@pytest.mark.parametrize(("draws", "told_noise"), [(1, 0.0), (2, 0.0), (1, 0.4)])
def test_it_is_the_fall_of_the_least_mean_after_an_evaluation(name, draws, told_noise):
    context = beliefs(name, draws=draws)
    known = some_points(named(name), 10, 11)
    new = some_points(named(name), 6, 20)
    gains = np.exp(bound(context, told_noise).values(new))
    expected = [by_conditioning(context.objective, known, p[None], told_noise) for p in new]
    np.testing.assert_allclose(gains, expected, rtol=1e-5, atol=1e-8)
    assert (gains > 1e-4).any()


def test_pending_points_are_known_points_too():
    """Averaged over fantasies it is what each fantasy alone gives."""
    name = "mixed"
    context = beliefs(name, fantasies=5)
    new = some_points(named(name), 6, 20)
    alone = []
    for f in range(5):
        (c,) = context.objective.components
        part = Posterior.single(c.with_values(c.y[:, f]))
        score = KnowledgeGradientScore.of(AcquisitionContext(part, (np.zeros(1),)))
        alone.append(np.exp(score.values(new)))
    np.testing.assert_allclose(np.exp(bound(context).values(new)), np.mean(alone, axis=0))


@pytest.mark.parametrize("why", ["a limit", "nothing known", "an ensemble"])
def test_the_expected_improvement_stands_in(why):
    context = beliefs("mixed", constrained=why == "a limit", known=why != "nothing known")
    if why == "an ensemble":
        rng = np.random.default_rng(0)
        members = EnsembleComponent(lambda X: rng.random((5, len(X))), 0.1)
        context = AcquisitionContext(Posterior.single(members), (np.zeros(1),))
    assert KnowledgeGradientScore.of(context) is None
    score = bound(context)
    expected = LogEI().bind(context, np.empty((0, 0)), np.random.default_rng(0))
    assert type(score) is type(expected)
    assert score.context is context
