"""The laws that Optuna ships for samplers."""

from collections.abc import Callable

import pytest

pytest.importorskip("optuna", reason="Optuna is not installed: pip install 'bayesopt-engine[optuna]'")
kit = pytest.importorskip("optuna.testing.pytest_samplers", reason="this Optuna ships no conformance classes")

from bayesopt.integrations.optuna import BayesOptSampler  # noqa: E402


class TestBayesOptSampler(
    kit.BasicSamplerTestCase, kit.RelativeSamplerTestCase, kit.SingleOnlySamplerTestCase
):
    @pytest.fixture
    def sampler(self) -> Callable[[], BayesOptSampler]:
        return lambda: BayesOptSampler(seed=0, n_startup_trials=2)
