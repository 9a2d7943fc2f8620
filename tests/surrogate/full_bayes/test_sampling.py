"""The samplers on a density that is known, and how they behave when interrupted."""

import os
import signal
import threading
import time
import warnings
from typing import Any

import numpy as np
import pytest

from bayesopt.surrogate.full_bayes.sampled_posterior import thinned, warmth
from bayesopt.surrogate.full_bayes.sampling import (
    SamplingSettings,
    first_starts,
    sample_nutpie,
    sample_pymc,
)
from bayesopt.surrogate.full_bayes.target import Target

pytestmark = pytest.mark.bayes
SD = np.array([0.1, 1.0, 5.0])
MEAN = np.array([1.0, -2.0, 3.0])
SAMPLERS = [
    pytest.param(sample_pymc, id="pymc"),
    pytest.param(sample_nutpie, id="nutpie", marks=pytest.mark.nutpie),
]


class Normal(Target):
    """Independent normals; no density beyond ``wall``, Ctrl-C at evaluation ``stop``."""

    def __init__(self, *, wall: float = np.inf, stop: int = 10**9, slow: float = 0.0) -> None:
        self.wall, self.stop, self.slow, self.calls = wall, stop, slow, 0

    @property
    def size(self) -> int:
        return 3

    @property
    def vector(self) -> Any:
        raise NotImplementedError  # no sampler asks

    @property
    def dims(self) -> dict[str, str]:
        return {}

    def log_posterior(self, q: np.ndarray) -> tuple[float, np.ndarray]:
        self.calls += 1
        if self.calls == self.stop:
            raise KeyboardInterrupt
        time.sleep(self.slow)
        z = (q - MEAN) / SD
        if z[0] > self.wall:
            return -np.inf, np.zeros(3)
        return -0.5 * float(z @ z), -z / SD

    def named(self, q: np.ndarray) -> dict[str, np.ndarray]:
        return {"lengthscale": np.exp(q)}

    def log_theta(self, q: np.ndarray) -> np.ndarray:
        return q

    def near(self, log_theta: np.ndarray) -> np.ndarray:
        return log_theta


def run(sampler: Any, target: Normal, *, draws: int = 300, tune: int = 300, seed: int = 0) -> Any:
    rng = np.random.default_rng(seed)
    starts = first_starts(target, MEAN, 2, rng)
    return sampler(target, starts, np.ones(3), SamplingSettings(draws, tune), rng)


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_moments_of_a_normal(sampler: Any) -> None:
    chains = run(sampler, Normal())
    assert chains.q.shape == (2, 300, 3)
    flat = chains.q.reshape(-1, 3)
    # 600 draws with an effective size of 200 at the least: five standard errors
    np.testing.assert_allclose((flat.mean(axis=0) - MEAN) / SD, 0.0, atol=5 / np.sqrt(200))
    np.testing.assert_allclose(flat.std(axis=0) / SD, 1.0, atol=5 / np.sqrt(2 * 200))
    assert chains.diverging.mean() < 0.02
    assert (chains.n_steps >= 1).all()
    assert np.isfinite(chains.energy).all()


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_same_seed_same_chains(sampler: Any) -> None:
    one, same, other = (run(sampler, Normal(), draws=20, tune=20, seed=s) for s in (3, 3, 4))
    np.testing.assert_array_equal(one.q, same.q)
    assert (one.q != other.q).any()
    assert (one.q[0] != one.q[1]).any()


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_no_density_beyond_a_wall_means_divergences_not_errors(sampler: Any) -> None:
    chains = run(sampler, Normal(wall=0.5), draws=100, tune=100)
    assert chains.diverging.any()
    assert ((chains.q[..., 0] - MEAN[0]) / SD[0] <= 0.5).all()


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_what_the_density_raises_comes_out(sampler: Any) -> None:
    """Neither sampler may hand back the draws so far as if they were all."""
    with pytest.raises(KeyboardInterrupt):
        run(sampler, Normal(stop=60))


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_a_signal_interrupts(sampler: Any) -> None:
    run(sampler, Normal(), draws=10, tune=10)  # everything is imported
    target = Normal(slow=0.01)
    timer = threading.Timer(0.3, lambda: os.kill(os.getpid(), signal.SIGINT))
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        run(sampler, target, draws=5000, tune=5000)
    timer.join()
    assert target.calls < 5000


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_depth_limit_is_seen(sampler: Any) -> None:
    target = Normal()
    rng = np.random.default_rng(0)
    starts = first_starts(target, MEAN, 2, rng)
    chains = sampler(target, starts, np.ones(3), SamplingSettings(40, 100, max_depth=1), rng)
    assert chains.saturated.mean() > 0.1
    assert chains.n_steps.max() <= 3


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_nothing_is_printed_or_warned(sampler: Any, capfd: Any, caplog: Any) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        run(sampler, Normal(), draws=10, tune=10)
    out = capfd.readouterr()
    assert out.out == ""
    assert out.err == ""
    assert not caplog.records


def test_starts_are_where_the_density_is() -> None:
    target = Normal(wall=0.2)
    for seed in range(20):
        starts = first_starts(target, MEAN, 3, np.random.default_rng(seed))
        assert starts.shape == (3, 3)
        assert np.isfinite([target.log_posterior(q)[0] for q in starts]).all()
        assert len(np.unique(starts, axis=0)) == 3


def test_thinning_takes_from_all_chains() -> None:
    chains = run(sample_pymc, Normal(), draws=50, tune=20)
    some = thinned(chains.q, 10)
    assert some.shape == (10, 3)
    np.testing.assert_array_equal(some[0], chains.q[0, 0])
    np.testing.assert_array_equal(some[-1], chains.q[1, -1])
    assert thinned(chains.q, 1000).shape == (100, 3)
    warm = warmth(chains)
    np.testing.assert_array_equal(warm["starts"], chains.q[:, -1])
    assert np.shape(warm["scale"]) == (3,)
