"""Judging chains, real ones being made up."""

import json
import math

import numpy as np
import pytest

from bayesopt.surrogate.full_bayes.chains import Chains, to_arviz
from bayesopt.surrogate.full_bayes.diagnostics import (
    ConvergenceDiagnostics,
    ConvergenceStatus,
    ConvergenceThresholds,
    diagnose,
    failure,
)

N = 200
DIMS = {"lengthscale": "parameter"}


def chains(q: np.ndarray, *, divergent: float = 0.0, saturated: float = 0.0) -> Chains:
    c, n, _ = q.shape
    flags = np.arange(c * n).reshape(c, n) / (c * n)
    return Chains(q, flags < divergent, flags < saturated, np.full((c, n), 7), np.zeros((c, n)))


def noise(c: int = 2, k: int = 3) -> np.ndarray:
    return np.random.default_rng(0).standard_normal((c, N, k))


def judged(made: Chains) -> ConvergenceDiagnostics:
    named = {"lengthscale": np.exp(made.q[..., :2]), "outputscale": np.exp(made.q[..., 2])}
    return diagnose(
        to_arviz(made, named, {"parameter": ["a", "b"]}, DIMS), ConvergenceThresholds(), named
    )


@pytest.mark.bayes
class TestJudge:
    def test_independent_draws_are_good(self) -> None:
        found = judged(chains(noise()))
        assert found.status is ConvergenceStatus.GOOD
        assert 0.98 < found.r_hat < 1.05
        assert found.ess > 200
        assert found.divergent == found.saturated == 0.0

    def test_chains_that_disagree_somewhat(self) -> None:
        q = noise()
        q[1, :, 1] += 1.0  # one lengthscale of one chain
        found = judged(chains(q))
        assert found.status is ConvergenceStatus.DOUBTFUL
        assert 1.1 < found.r_hat < 2.0

    def test_chains_in_different_places_are_hopeless(self) -> None:
        q = noise()
        q[1] += 50.0
        assert judged(chains(q)).status is ConvergenceStatus.FAILED

    def test_a_chain_that_never_moved_is_hopeless(self) -> None:
        found = judged(chains(np.ones((2, N, 3))))
        assert found.status is ConvergenceStatus.FAILED
        json.dumps(found.numbers, allow_nan=False)

    def test_slow_mixing_is_seen_in_the_effective_size(self) -> None:
        walk = np.cumsum(0.05 * noise(), axis=1)
        found = judged(chains(walk))
        assert found.status is not ConvergenceStatus.GOOD
        assert found.ess < 32

    def test_divergences(self) -> None:
        assert judged(chains(noise(), divergent=0.01)).status is ConvergenceStatus.GOOD
        found = judged(chains(noise(), divergent=0.1))
        assert found.status is ConvergenceStatus.DOUBTFUL
        assert math.isclose(found.divergent, 0.1)
        assert judged(chains(noise(), divergent=0.6)).status is ConvergenceStatus.FAILED

    def test_depth_saturation(self) -> None:
        found = judged(chains(noise(), saturated=0.5))
        assert found.status is ConvergenceStatus.DOUBTFUL
        assert math.isclose(found.saturated, 0.5)

    def test_what_arviz_gets_has_names(self) -> None:
        named = {"lengthscale": np.ones((2, N, 2)), "tau": np.ones((2, N))}
        data = to_arviz(chains(noise()), named, {"parameter": ["lr", "depth"]}, DIMS)
        assert list(data.posterior["lengthscale"].coords["parameter"].values) == ["lr", "depth"]
        assert data.posterior["tau"].dims == ("chain", "draw")
        assert set(data.sample_stats.data_vars) >= {"diverging", "n_steps", "energy"}


def test_numbers_are_json_even_without_chains() -> None:
    assert json.loads(json.dumps(failure().numbers, allow_nan=False))["verdict"] == "failed"


def test_every_verdict_is_a_sentence() -> None:
    assert all(len(v.value.split()) >= 3 for v in ConvergenceStatus)


def test_wrong_gates_are_refused_by_name() -> None:
    with pytest.raises(ValueError, match="r_hat"):
        ConvergenceThresholds(r_hat=1.0)
    with pytest.raises(ValueError, match="ess"):
        ConvergenceThresholds(ess=-1.0)
    with pytest.raises(ValueError, match="saturated"):
        ConvergenceThresholds(saturated=math.nan)
