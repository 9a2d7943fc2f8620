"""Which proposals are by the knowledge gradient or by a bound: only those under noise."""

from dataclasses import dataclass, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import bayesopt as bo
from bayesopt.acquisition import AcquisitionContext
from bayesopt.acquisition.knowledge_gradient import KnowledgeGradient, KnowledgeGradientScore
from bayesopt.proposal import ProposalContext
from bayesopt.strategy import Measured, Objective, ProposalConfig, RunData, fit
from bayesopt.strategy.belief import told_noise
from bayesopt.strategy.noisy import under_noise
from bayesopt.surrogate import Fitted, Posterior, Surrogate
from bayesopt.surrogate.ensemble import EnsembleComponent
from bayesopt.surrogate.transform import Identity, OutputTransform, RobustScaler, make_warp

SPACE = bo.Space(x=bo.Float(0, 1), y=bo.Float(0, 1))


@dataclass(frozen=True)
class Bag(Surrogate):
    """Five copies of one prediction, spread evenly: no Gaussian process."""

    def fit(self, columns, data, *, state, rng, previous=None):
        scaler = RobustScaler.of(data.values)
        transform = OutputTransform.of(data.values, scaler, Identity())
        spread = np.arange(-2.0, 3.0)[:, None]
        members = EnsembleComponent(lambda X: spread + X.sum(axis=1), 0.1)
        return Fitted(Posterior.single(members), transform, {})


def results(noise):
    """Points (30, 2) and values (30,)."""
    rng = np.random.default_rng(0)
    X = rng.random((30, 2))
    return X, ((X - 0.4) ** 2).sum(axis=1) + noise * rng.standard_normal(30)


def chosen(
    noise,
    *,
    number=4,
    acquisition=None,
    failed=False,
    deterministic=False,
    second=False,
    fixed=False,
    surrogate=None,
    outside=None,
    sds=None,
    n=30,
):
    """The acquisition of the next proposal of a run of 30 trials."""
    rng = np.random.default_rng(1)
    X, y = (part[:n] for part in results(noise))
    extra = {"failed": rng.random((1, 2))} if failed else {}
    measured = [Measured(Objective(), y, sds)]
    if outside is not None:  # so many of the trials
        extra["outside"] = np.arange(30) < outside
    data = RunData.of(SPACE, X, measured, deterministic=deterministic, **extra)
    model = fit(data, ProposalConfig(0, surrogate=surrogate or bo.MapGP()))
    posterior = model.acquisition_context(data.pending_coords, rng)
    context = ProposalContext(
        SPACE.fix({"x": 0.5}) if fixed else SPACE,
        data.coords,
        data.coords,
        rng=rng,
        number=number,
        seed=0,
        acquisition=acquisition or bo.LogEI(),
        posterior=posterior,
        second_region=second,
    )
    found = under_noise(context, model)
    assert found.posterior is context.posterior
    return found.acquisition


def test_every_proposal_under_noise_is_by_the_knowledge_gradient():
    assert {chosen(0.1, number=n) for n in range(4)} == {KnowledgeGradient()}
    assert chosen(0.1, outside=0) == KnowledgeGradient()


def test_noise_that_is_told_counts_as_noise_that_is_found_does():
    """Values without noise, of which their sds say that they have some."""
    assert chosen(0.0, sds=np.full(30, 1e-4)) == bo.LogEI()
    by = chosen(0.0, sds=np.full(30, 0.1))
    assert isinstance(by, KnowledgeGradient)
    some = np.where(np.arange(30) < 20, 0.1, np.nan)
    assert chosen(0.0, sds=some) == by
    few = np.where(np.arange(30) < 10, 0.1, np.nan)
    assert chosen(0.0, sds=few) == bo.LogEI()


def test_of_few_results_told_noise_does_not_decide():
    """From 3 (d + 2) of them on."""
    found = [chosen(0.0, n=n, sds=np.full(n, 0.1)) for n in (11, 12)]
    assert found[0] == bo.LogEI()
    assert isinstance(found[1], KnowledgeGradient)


@pytest.mark.parametrize("acquisition", [bo.EI(), bo.LogEI()])
@pytest.mark.parametrize("deterministic", [True, False])
def test_told_noise_changes_the_default_only(acquisition, deterministic):
    found = chosen(0.0, sds=np.full(30, 0.1), acquisition=acquisition, deterministic=deterministic)
    if deterministic or acquisition == bo.EI():
        assert found == acquisition
    else:
        assert found != acquisition


@given(st.integers(0, 1000), st.sampled_from(["identity", "log"]))
def test_told_noise_is_the_median_of_what_was_told_in_units_of_the_fit(seed, warp):
    """By the slope of the transform, in differences; what was predicted and what was not reported
    do not count.
    """
    rng = np.random.default_rng(seed)
    y, sds = rng.permutation(np.linspace(0.0, 1.0, 9)), rng.uniform(0.1, 1.0, 9)
    y[0] = np.nan
    predicted = np.arange(9) == 1
    measured = Measured(Objective(), y, sds, predicted=predicted)
    scaler = RobustScaler.of(y[1:])
    transform = OutputTransform.of(y[1:], scaler, make_warp(warp, scaler.scaled(y[1:])))
    fitted = Fitted(Posterior((), np.empty(0)), transform, {})
    step = 1e-5
    slopes = (transform.forward(y[2:] + step) - transform.forward(y[2:] - step)) / (2 * step)
    expected = np.median((sds[2:] * slopes) ** 2)
    assert told_noise(measured, fitted) == pytest.approx(expected, rel=1e-4)
    assert told_noise(replace(measured, sds=None), fitted) == 0.0
    assert told_noise(replace(measured, predicted=np.ones(9, dtype=bool)), fitted) == 0.0


def test_a_run_asks_by_it(monkeypatch):
    """The ask of a noisy run does, of another not; told the same, it asks the same again."""
    calls = []
    score = KnowledgeGradientScore.values
    monkeypatch.setattr(
        KnowledgeGradientScore, "values", lambda self, X: calls.append(len(X)) or score(self, X)
    )
    for noise in (0.0, 0.1):
        assert not calls
        optimizer = bo.Optimizer(SPACE, seed=0)
        for (x, y), value in zip(*results(noise), strict=True):
            optimizer.add_observation({"x": x, "y": y}, value)
        trial = optimizer.ask()
    assert calls
    again = bo.Optimizer(SPACE, seed=0)
    for known in optimizer.trials[:-1]:
        again.add_observation(known.params, known.value)
    assert again.ask().params == trial.params


@pytest.mark.parametrize(
    "but", [{"fixed": True}, {"outside": 1}, {}, {"surrogate": Bag()}], ids=str
)
def test_where_it_cannot_be_had_every_second_one_is_by_a_bound(but, monkeypatch):
    if not but:  # as if 30 results were very many
        monkeypatch.setattr("bayesopt.strategy.noisy._MOST", 29)
    found = [chosen(0.1, number=n, **but) for n in range(4)]
    assert found == [bo.UCB(), bo.LogEI(), bo.UCB(), bo.LogEI()]


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
    assert chosen(0.1, **but) == but.get("acquisition", bo.LogEI())


def test_never_without_noise():
    assert {chosen(0.0, number=n) for n in range(4)} == {bo.LogEI()}


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
    assert under_noise(context, None) is context
