"""Parameters at their defaults where that costs little of the acquisition."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import bayesopt as bo
from bayesopt.acquisition import AcquisitionContext
from bayesopt.proposal import ProposalContext
from bayesopt.proposal.prefer_default import toward_defaults
from tests.optimizer.running import QUICK

SPACE = bo.Space(
    a=bo.Float(0, 1, default=0.25),
    b=bo.Float(0, 1, default=0.5),
    c=bo.Categorical(["x", "y", "z"], default="y"),
    free=bo.Float(0, 1),
    deep=bo.Float(0, 1, default=0.125, when={"c": "z"}),
)


class Bump:
    """A log acquisition: a quadratic with a weight for each column."""

    def __init__(self, weights):
        self.weights = np.array(weights)

    def values(self, coords):
        at = np.array([0.9, 0.9, 2.0, 0.9, 0.9])
        return -((self.weights * np.nan_to_num(coords - at) ** 2).sum(axis=1))


def context(acquisition, taken=()):
    taken = np.array(taken).reshape(-1, 5)
    return ProposalContext(
        SPACE,
        taken,
        taken,
        rng=np.random.default_rng(0),
        number=0,
        seed=0,
        acquisition=acquisition,
        posterior=AcquisitionContext(None, ()),
    )


BEST = np.array([0.9, 0.9, 2.0, 0.9, 0.9])


@settings(max_examples=40, deadline=None)
@given(st.lists(st.floats(0, 3), min_size=5, max_size=5), st.floats(0.01, 0.99))
def test_no_more_than_the_share_is_lost_and_nothing_could_be_set_back_further(weights, share):
    score = Bump(weights)
    point = toward_defaults(context(bo.LogEI()), score, BEST, share, 0.0)
    lost = 1.0 - np.exp(score.values(point[None]) - score.values(BEST[None]))[0]
    assert lost <= share + 1e-12
    np.testing.assert_array_equal(SPACE.snap(point[None])[0], point)
    assert point[3] == 0.9, "a parameter without a default stays"
    for j in (0, 1, 2):
        if point[j] != SPACE.defaults[j]:
            further = point.copy()
            further[j] = SPACE.defaults[j]
            further = SPACE.snap(further[None])
            assert 1.0 - np.exp(score.values(further) - score.values(BEST[None]))[0] > share


def test_points_that_are_taken_are_passed_over():
    score, at_default = Bump([0, 9, 9, 9, 9]), BEST.copy()
    at_default[0] = 0.25
    free = toward_defaults(context(bo.LogEI()), score, BEST, 0.2, 0.0)
    np.testing.assert_array_equal(free, at_default)
    other = toward_defaults(context(bo.LogEI(), [at_default]), score, BEST, 0.2, 0.0)
    np.testing.assert_array_equal(other, BEST)


def test_where_scores_are_no_logarithms_the_loss_is_of_what_is_above_the_typical():
    score = Bump([1.0, 9, 9, 9, 9])
    lost = -score.values(np.array([[0.25, 0.9, 2.0, 0.9, 0.9]]))[0]
    for typical, moves in ((-lost * 10, True), (-lost * 2, False)):
        point = toward_defaults(context(bo.UCB()), score, BEST, 0.2, typical)
        assert bool(point[0] == 0.25) == moves


@pytest.mark.parametrize("acquisition", [bo.LogEI(), bo.EI(), bo.UCB(), bo.Thompson()])
def test_what_does_not_matter_stays_at_its_default(acquisition):
    space = bo.Space({f"x{i}": bo.Float(0, 1, default=0.5) for i in range(4)})
    proposer = bo.AcquisitionSearch(
        n_candidates=64, n_sprays=32, n_starts=3, max_rounds=2, prefer_default=0.2
    )
    kept = []
    for chosen in (proposer, QUICK):
        opt = bo.Optimizer(space, seed=0, proposer=chosen, acquisition=acquisition)
        for _ in range(16):
            trial = opt.ask()
            opt.tell(trial, (trial.params["x0"] - 0.8) ** 2)
        asked = [t.params for t in opt.trials if t.origin is bo.Origin.MODEL]
        kept.append(np.mean([[p[f"x{i}"] == 0.5 for i in (1, 2, 3)] for p in asked]))
    assert kept[0] > kept[1] + 0.15


def test_it_is_kept_with_the_run_and_checked():
    assert "prefer_default=0.2" in repr(bo.AcquisitionSearch(prefer_default=0.2))
    with pytest.raises(ValueError, match=r"prefer_default must be .* 0 to 1"):
        bo.AcquisitionSearch(prefer_default=1.5)
