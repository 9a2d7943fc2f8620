"""Which proposals are by an optimistic bound: every second one, and only under noise."""

import numpy as np
import pytest

import bayesopt as bo
from bayesopt.acquisition import AcquisitionContext
from bayesopt.proposal import ProposalContext
from bayesopt.strategy import Measured, Objective, ProposalConfig, RunData, fit
from bayesopt.strategy.noisy import optimistic

SPACE = bo.Space(x=bo.Float(0, 1), y=bo.Float(0, 1))


def due(noise, *, number=4, acquisition=None, failed=False, deterministic=False, second=False):
    """Whether the next proposal of a run of 30 trials is by the bound."""
    rng = np.random.default_rng(0)
    X = rng.random((30, 2))
    y = ((X - 0.4) ** 2).sum(axis=1) + noise * rng.standard_normal(30)
    extra = {"failed": rng.random((1, 2))} if failed else {}
    measured = [Measured(Objective(), y)]
    data = RunData.of(SPACE, X, measured, deterministic=deterministic, **extra)
    model = fit(data, ProposalConfig(0))
    posterior = model.acquisition_context(data.pending_coords, rng)
    context = ProposalContext(
        SPACE,
        data.coords,
        data.coords,
        rng=rng,
        number=number,
        seed=0,
        acquisition=acquisition or bo.LogEI(),
        posterior=posterior,
        second_region=second,
    )
    chosen = optimistic(context, model)
    assert chosen.posterior is context.posterior
    return chosen.acquisition == bo.UCB()


def test_every_second_proposal_under_noise():
    assert [due(0.1, number=n) for n in range(4)] == [True, False, True, False]


@pytest.mark.parametrize(
    "but",
    [
        {"acquisition": bo.EI()},
        {"acquisition": bo.Thompson()},
        {"failed": True},
        {"deterministic": True},
        {"second": True},
    ],
    ids=str,
)
def test_it_is_left_alone_where(but):
    assert not due(0.1, **but)


def test_never_without_noise():
    assert not any(due(0.0, number=n) for n in range(4))


def test_nothing_known_is_left_alone():
    context = ProposalContext(
        SPACE,
        np.empty((0, 2)),
        np.empty((0, 2)),
        rng=np.random.default_rng(0),
        number=0,
        seed=0,
        acquisition=bo.LogEI(),
        posterior=AcquisitionContext(None, ()),
    )
    assert optimistic(context, None) is context
